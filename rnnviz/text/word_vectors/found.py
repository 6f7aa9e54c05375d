"""The vectors that a vocabulary found in a file, and how much of the text they cover."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.text.errors import DamagedVectors
from rnnviz.text.vocabulary import Vocabulary

NONE, EXACT, LOWER = 0, 1, 2
"""How a token found its vector: not at all, as it is written, or by its lower-case form."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the known words have a vector; the unknown token is none of them."""

    known: int
    covered: int
    lowered: int  # of the covered ones, those that only their lower-case form has led to one
    share_met: float  # of all tokens of the training part, the unknown ones not covered; NaN without counts

    @property
    def in_short(self) -> str:
        """In a line, without what came of upper and lower case."""
        if math.isnan(self.share_met):  # a checkpoint without its text
            return f"{self.covered:,} of {self.known:,} known words have a vector"
        return (
            f"{share_in_words(self.share_met)} of the words met have a vector, {self.covered:,} of "
            f"{self.known:,} known words"
        )

    def __str__(self) -> str:
        by_case = f", {self.lowered:,} of them as written in lower case" if self.lowered else ""
        return self.in_short + by_case


def share_in_words(share: float) -> str:
    """A share in whole per cent, never rounded to none or to all where it is neither."""
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


@dataclass(frozen=True, eq=False)
class WordVectors:
    """The vectors of a vocabulary's tokens, by id. Read-only; rows without a vector are 0."""

    name: str  # of the file, without its folder
    rows: NDArray[np.float32]  # (V, E)
    found: NDArray[np.uint8]  # (V,): NONE, EXACT or LOWER

    def __post_init__(self) -> None:
        if self.rows.ndim != 2 or self.found.shape != self.rows.shape[:1]:
            raise ValueError(f"vectors of shape {self.rows.shape} for {self.found.shape} tokens")
        self.rows.setflags(write=False)
        self.found.setflags(write=False)

    def __repr__(self) -> str:
        return f"WordVectors({self.name!r}, {np.count_nonzero(self.found):,} words, width {self.width})"

    @property
    def width(self) -> int:
        """E, numbers a vector."""
        return int(self.rows.shape[1])

    def coverage(self, vocabulary: Vocabulary) -> Coverage:
        """How much of the text that the vocabulary (V tokens) comes from these vectors cover."""
        has = self.found[1:] != NONE  # (V-1,)
        total = int(vocabulary.counts.sum())
        met = int(vocabulary.counts[1:][has].sum())
        return Coverage(
            known=len(has),
            covered=int(np.count_nonzero(has)),
            lowered=int(np.count_nonzero(self.found[1:] == LOWER)),
            share_met=met / total if total else math.nan,
        )


class Finder:
    """Collects the vectors of a vocabulary's tokens while a file goes by.

    A token takes the vector of the word that is written just like it, else that of its lower-case form; of
    words that stand in the file twice the first one counts. Words are bytes, as the file has them: one that
    is no UTF-8 matches nothing and harms nothing.
    """

    def __init__(self, name: str, vocabulary: Vocabulary, width: int) -> None:
        self.name = name
        # Zeros that the system hands out unwritten: memory is taken up only by the rows that are found.
        self._rows = np.zeros((len(vocabulary), width), np.float32)
        self._found = np.zeros(len(vocabulary), np.uint8)
        self._wanted: dict[bytes, list[tuple[int, int]]] = {}
        for token_id, token in enumerate(vocabulary.tokens):
            self._want(token, token_id, EXACT)
            if token.lower() != token:
                self._want(token.lower(), token_id, LOWER)

    def _want(self, word: str, token_id: int, how: int) -> None:
        # A checkpoint's vocabulary may hold what no text file can: lone surrogates.
        self._wanted.setdefault(word.encode(errors="surrogatepass"), []).append((token_id, how))

    def wants(self, word: bytes) -> bool:
        """Whether the vector of a word would serve a token that has none, or none as good."""
        places = self._wanted.get(word)
        return places is not None and any(self._is_better(token_id, how) for token_id, how in places)

    def _is_better(self, token_id: int, how: int) -> bool:
        held = self._found[token_id]
        return bool(held == NONE or how < held)

    def take(self, word: bytes, vector: Sequence[float] | NDArray[np.float32], where: str) -> None:
        """Keep the vector (E,) of a wanted word. Raises DamagedVectors where it is not finite."""
        with np.errstate(over="ignore", invalid="ignore"):
            row = np.asarray(vector, dtype=np.float64).astype(np.float32)
        if not np.isfinite(row).all():
            raise DamagedVectors(
                f"{self.name} gives a word a number that is NaN, infinite or beyond all bounds, in {where}. "
                "Download the file again, or choose another one."
            )
        for token_id, how in self._wanted[word]:
            if self._is_better(token_id, how):
                self._rows[token_id] = row
                self._found[token_id] = how

    def finish(self) -> WordVectors:
        """What was found; nothing may be taken after that."""
        return WordVectors(self.name, self._rows, self._found)
