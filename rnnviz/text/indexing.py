"""Pieces of a text -> numbers of tokens, in the order in which the tokens are first seen.

This is where a text of any size goes through, so nothing here runs once a token in Python, and there is
never a list of all tokens.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.text.tokenizers import Tokenizer, WordTokenizer

Numbers = NDArray[np.unsignedinteger[Any]]

MOST_PARTS = 1_000_000
"""So many different parts from blank to blank are remembered (some 200 MB); then remembering begins anew."""


def smallest_dtype(n: int) -> type[np.uint8] | type[np.uint16] | type[np.uint32]:
    """The smallest type that holds 0 ... n - 1."""
    return np.uint8 if n <= 1 << 8 else np.uint16 if n <= 1 << 16 else np.uint32


def _smallest(numbers: NDArray[np.integer[Any]], n: int) -> Numbers:
    smallest: Numbers = numbers.astype(smallest_dtype(n))
    return smallest


class Indexer(ABC):
    """Numbers tokens by the order in which they are first seen."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        """The tokens seen so far, by number."""

    @abstractmethod
    def index(self, utf8: bytes) -> Numbers:
        """The numbers of the tokens of a piece of text, in the smallest type that holds them."""


class CharacterIndexer(Indexer):
    """Characters through a table with an entry for every code point."""

    def __init__(self, lowercase: bool) -> None:
        super().__init__()
        self._lowercase = lowercase
        self._numbers = np.full(0x110000, -1, np.int32)  # code point -> number

    def index(self, utf8: bytes) -> Numbers:
        """See Indexer."""
        if utf8.isascii():
            codes: NDArray[Any] = np.frombuffer(utf8.lower() if self._lowercase else utf8, np.uint8)
        else:
            text = utf8.decode()
            codes = np.frombuffer((text.lower() if self._lowercase else text).encode("utf-32-le"), np.uint32)
        numbers = self._numbers[codes]
        unseen = codes[numbers < 0]
        if len(unseen):
            new, first = np.unique(unseen, return_index=True)
            new = new[np.argsort(first)]
            self._numbers[new] = np.arange(len(self.tokens), len(self.tokens) + len(new))
            self.tokens.extend(map(chr, new.tolist()))
            numbers = self._numbers[codes]
        return _smallest(numbers, len(self.tokens))


class _Parts(dict[str, int]):
    """What stands between two blanks -> a number; tokenised once, however often it comes."""

    def __init__(self, tokenizer: WordTokenizer) -> None:
        super().__init__()
        self._tokenizer = tokenizer
        self.fresh: list[list[str]] = []  # the tokens of the parts numbered since the last look

    def __missing__(self, part: str) -> int:
        number = self[part] = len(self)
        self.fresh.append(self._tokenizer.split_part(part))
        return number


class WordIndexer(Indexer):
    """Words by way of the parts between blanks.

    Few parts are new ("Emperor," comes again and again), so the tokenizer's pattern runs on those alone.
    """

    def __init__(self, tokenizer: WordTokenizer) -> None:
        super().__init__()
        self._tokenizer = tokenizer
        self._numbers: dict[str, int] = {}
        self._forget()

    def _forget(self) -> None:
        self._parts = _Parts(self._tokenizer)
        self._n_parts = 0
        self._starts = np.zeros(1024, np.int64)  # part -> where its tokens begin in _flat
        self._lengths = np.zeros(1024, np.int64)  # part -> how many tokens it has
        self._flat = np.zeros(1024, np.int64)
        self._n_flat = 0

    def index(self, utf8: bytes) -> Numbers:
        """See Indexer."""
        if len(self._parts) > MOST_PARTS:
            self._forget()
        parts = utf8.decode().split()
        part_numbers = np.fromiter(map(self._parts.__getitem__, parts), np.int64, len(parts))
        self._take_in_fresh()
        lengths = self._lengths[part_numbers]  # (parts,)
        # Token j of a part that begins at place p of the result stands at start + (j - p) of _flat.
        starts = self._starts[part_numbers] - (np.cumsum(lengths) - lengths)
        places = np.repeat(starts, lengths)
        places += np.arange(len(places))
        return _smallest(self._flat[places], len(self.tokens))

    def _take_in_fresh(self) -> None:
        """Number the tokens of the parts that came for the first time."""
        fresh = self._parts.fresh
        flat = [self._number(token) for tokens in fresh for token in tokens]
        lengths = np.fromiter(map(len, fresh), np.int64, len(fresh))
        begin, end = self._n_parts, self._n_parts + len(fresh)
        self._starts = _with_room(self._starts, end)
        self._lengths = _with_room(self._lengths, end)
        self._flat = _with_room(self._flat, self._n_flat + len(flat))
        self._starts[begin:end] = self._n_flat + np.cumsum(lengths) - lengths
        self._lengths[begin:end] = lengths
        self._flat[self._n_flat : self._n_flat + len(flat)] = flat
        self._n_parts, self._n_flat = end, self._n_flat + len(flat)
        fresh.clear()

    def _number(self, token: str) -> int:
        number = self._numbers.setdefault(token, len(self.tokens))
        if number == len(self.tokens):
            self.tokens.append(token)
        return number


def _with_room(array: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """`array`, or a longer copy of it that has room for `n` entries."""
    if n <= len(array):
        return array
    longer = np.zeros(max(n, 2 * len(array)), np.int64)
    longer[: len(array)] = array
    return longer


def indexer_for(tokenizer: Tokenizer) -> Indexer:
    """The indexer that gives what `tokenizer.split` gives."""
    if isinstance(tokenizer, WordTokenizer):
        return WordIndexer(tokenizer)
    return CharacterIndexer(tokenizer.lowercase)
