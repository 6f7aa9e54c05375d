"""Pieces of a text -> numbers of tokens, in the order in which the tokens are first seen.

This is where a text of any size goes through, so nothing here runs once a token in Python, and there is
never a list of all tokens.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from itertools import count
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnviz.text.segment_table import SegmentTable, Words, distinct, words_of
from rnnviz.text.segments import segments
from rnnviz.text.tokenizers import Tokenizer, WordTokenizer

Numbers = NDArray[np.unsignedinteger[Any]]
Whole = TypeVar("Whole", np.int32, np.int64)

MOST_SEGMENTS = 2_000_000
"""So many different segments are remembered (some 200 MB); then remembering begins anew."""

_FEW_SEGMENTS = 4096
_WIDTHS = (1, 4)  # of the hash tables, in words of 8 bytes


def smallest_dtype(n: int) -> type[np.uint8] | type[np.uint16] | type[np.uint32]:
    """The smallest type that holds 0 ... n - 1."""
    return np.uint8 if n <= 1 << 8 else np.uint16 if n <= 1 << 16 else np.uint32


def _smallest(numbers: NDArray[np.integer[Any]], n: int) -> Numbers:
    smallest: Numbers = numbers.astype(smallest_dtype(n))
    return smallest


class Indexer(ABC):
    """Numbers tokens by the order in which they are first seen."""

    @property
    @abstractmethod
    def tokens(self) -> list[str]:
        """The tokens seen so far, by number."""

    @abstractmethod
    def index(self, utf8: bytes) -> Numbers:
        """The numbers of the tokens of a piece of text, in the smallest type that holds them."""


class CharacterIndexer(Indexer):
    """Characters through a table with an entry for every code point."""

    def __init__(self, lowercase: bool) -> None:
        self._lowercase = lowercase
        self._seen: list[str] = []
        self._numbers = np.full(0x110000, -1, np.int32)  # code point -> number

    @property
    def tokens(self) -> list[str]:
        """See Indexer."""
        return self._seen

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
            self._numbers[new] = np.arange(len(self._seen), len(self._seen) + len(new))
            self._seen.extend(map(chr, new.tolist()))
            numbers = self._numbers[codes]
        return _smallest(numbers, len(self._seen))


class WordIndexer(Indexer):
    """Words by way of segments (see `segments`).

    Few segments are new ("Emperor" comes again and again), so the tokenizer's pattern runs on those alone.
    The others are found in hash tables, one for segments of up to 8 bytes, one for those of up to 32; what
    is longer is rare in most scripts and goes through a dict.
    """

    def __init__(self, tokenizer: WordTokenizer) -> None:
        self._tokenizer = tokenizer
        # Numbers a new token by itself, without a call into Python; a dict keeps the order of arrival.
        self._number_of_token: defaultdict[str, int] = defaultdict(count().__next__)
        self._forget()

    @property
    def tokens(self) -> list[str]:
        """See Indexer."""
        return list(self._number_of_token)

    def _forget(self) -> None:
        self._tables = [SegmentTable(width) for width in _WIDTHS]
        self._long: dict[bytes, int] = {}
        self._n_segments = 0
        self._starts = np.zeros(1024, np.int64)  # segment -> where its tokens begin in _flat
        self._lengths = np.zeros(1024, np.int64)  # segment -> how many tokens it has
        self._flat = np.zeros(1024, np.int32)
        self._alone = np.zeros(1024, np.int32)  # segment -> its token, if it has just one, else -1
        self._n_flat = 0

    def index(self, utf8: bytes) -> Numbers:
        """See Indexer."""
        if self._n_segments > MOST_SEGMENTS:
            self._forget()
        if self._tokenizer.lowercase:  # before it is cut: the form of a sigma depends on what follows
            utf8 = utf8.lower() if utf8.isascii() else utf8.decode().lower().encode()
        starts, ends = segments(utf8)
        found = np.empty(len(starts), np.int64)
        # At first every segment is new, and sorting out equal ones is dear: a few teach most of the words.
        done = 0
        while done < len(starts):
            upto = len(starts) if self._n_segments > _FEW_SEGMENTS else min(len(starts), done + _FEW_SEGMENTS)
            found[done:upto] = self._find(utf8, starts[done:upto], ends[done:upto])
            done = upto
        numbers = self._alone[found]
        several = np.flatnonzero(numbers < 0)
        if len(several):
            numbers = self._with_several(numbers, found[several], several)
        return _smallest(numbers, len(self._number_of_token))

    def _with_several(
        self, numbers: NDArray[np.int32], segments_there: NDArray[np.int64], places: NDArray[np.intp]
    ) -> NDArray[np.int32]:
        """`numbers`, one a segment, with all tokens of the segments at `places`, which have not just one."""
        lengths = self._lengths[segments_there]
        repeats = np.ones(len(numbers), np.intp)
        repeats[places] = lengths
        numbers = np.repeat(numbers, repeats)
        # Token j of a segment whose tokens begin at place p of the result stands at start + j of _flat.
        before = np.cumsum(lengths) - lengths
        begins = places + before - np.arange(len(places))
        nth = np.arange(int(lengths.sum())) - np.repeat(before, lengths)
        numbers[np.repeat(begins, lengths) + nth] = self._flat[
            np.repeat(self._starts[segments_there], lengths) + nth
        ]
        return numbers

    def _find(self, utf8: bytes, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.int64]:
        """The numbers of the segments between `starts` and `ends`; new ones get theirs."""
        lengths = ends - starts
        padded = utf8 + bytes(8 * _WIDTHS[-1])
        numbers = np.empty(len(starts), np.int64)
        asked: list[tuple[NDArray[np.intp], Words]] = []
        shortest = 0
        for table in self._tables:
            among = np.flatnonzero((lengths > shortest) & (lengths <= 8 * table.width))
            shortest = 8 * table.width
            words = words_of(padded, starts[among], lengths[among], table.width)
            numbers[among] = found = table.find(words)
            is_new = np.flatnonzero(found < 0)
            asked.append((among[is_new], [word[is_new] for word in words]))
        longer = np.flatnonzero(lengths > shortest)
        keys = [utf8[a:b] for a, b in zip(starts[longer].tolist(), ends[longer].tolist(), strict=True)]
        self._learn(
            utf8, starts, ends, numbers, asked, dict(zip(reversed(keys), longer[::-1].tolist(), strict=True))
        )
        numbers[longer] = [self._long[key] for key in keys]
        return numbers

    def _learn(
        self,
        utf8: bytes,
        starts: NDArray[np.intp],
        ends: NDArray[np.intp],
        numbers: NDArray[np.int64],
        asked: list[tuple[NDArray[np.intp], Words]],
        longer: dict[bytes, int],
    ) -> None:
        """Number the segments that no table knows, in the order of the text."""
        groups = [(*distinct(words), among, words) for among, words in asked]
        new_longer = {key: place for key, place in longer.items() if key not in self._long}
        places = np.concatenate([among[first] for first, _, among, _ in groups] + [list(new_longer.values())])
        places = np.sort(places.astype(np.intp))
        number_at = np.empty(len(starts), np.int64)  # of a segment by its place; only the places are filled
        number_at[places] = np.arange(self._n_segments, self._n_segments + len(places))
        for table, (first, which, among, words) in zip(self._tables, groups, strict=True):
            new = number_at[among[first]]
            table.add([word[first] for word in words], new)
            numbers[among] = new[which]
        self._long.update((key, int(number_at[place])) for key, place in new_longer.items())
        fresh = [utf8[a:b] for a, b in zip(starts[places].tolist(), ends[places].tolist(), strict=True)]
        if fresh:  # no segment holds a line feed, and one decoding is faster than thousands
            self._tokenize(b"\n".join(fresh).decode().split("\n"))

    def _tokenize(self, fresh: list[str]) -> None:
        """Cut new segments into tokens, and remember the tokens of each."""
        cuts = {i: self._tokenizer.cut(segment) for i, segment in enumerate(fresh) if not segment.isascii()}
        lengths = np.ones(len(fresh), np.int64)  # ASCII: always one token
        lengths[list(cuts)] = [len(tokens) for tokens in cuts.values()]
        tokens: list[str] = []
        done = 0
        for i, of_segment in cuts.items():
            tokens += fresh[done:i]
            tokens += of_segment
            done = i + 1
        tokens += fresh[done:]
        flat = np.fromiter(map(self._number_of_token.__getitem__, tokens), np.int32, len(tokens))
        begin, end = self._n_segments, self._n_segments + len(fresh)
        self._starts = _with_room(self._starts, end)
        self._lengths = _with_room(self._lengths, end)
        self._flat = _with_room(self._flat, self._n_flat + len(flat))
        self._alone = _with_room(self._alone, end)
        starts = self._n_flat + np.cumsum(lengths) - lengths
        self._starts[begin:end] = starts
        self._lengths[begin:end] = lengths
        self._flat[self._n_flat : self._n_flat + len(flat)] = flat
        alone = np.flatnonzero(lengths == 1)
        self._alone[begin:end] = -1
        self._alone[begin + alone] = self._flat[starts[alone]]
        self._n_segments, self._n_flat = end, self._n_flat + len(flat)


def _with_room(array: NDArray[Whole], n: int) -> NDArray[Whole]:
    """`array`, or a longer copy of it that has room for `n` entries."""
    if n <= len(array):
        return array
    longer = np.zeros(max(n, 2 * len(array)), array.dtype)
    longer[: len(array)] = array
    return longer


def indexer_for(tokenizer: Tokenizer) -> Indexer:
    """The indexer that gives what `tokenizer.split` gives."""
    if isinstance(tokenizer, WordTokenizer):
        return WordIndexer(tokenizer)
    return CharacterIndexer(tokenizer.lowercase)
