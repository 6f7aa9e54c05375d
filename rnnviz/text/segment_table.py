"""Segments of a text -> numbers: a hash table that is asked thousands of questions at once.

A Python dict takes 100 ns a question and holds the GIL; this takes a fifth of it. Keys are compared byte for
byte, so two segments never share a number by accident.
"""

import numpy as np
from numpy.typing import NDArray

Words = list[NDArray[np.uint64]]
"""Keys, eight bytes in each array: word j of key i is `words[j][i]`, zeros after the end."""

_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd: Knuth, TAOCP vol. 3, section 6.4
_FIRST_BITS = 14
_LEAST_SPARE = 4  # slots a key

_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)  # the first n bytes of eight


def words_of(padded: bytes, starts: NDArray[np.intp], lengths: NDArray[np.intp], width: int) -> Words:
    """The keys of up to 8 `width` bytes that begin at `starts`. `padded` has as many bytes after the last."""
    n = len(padded) - 7
    every_word = np.ndarray((n,), "<u8", padded, strides=(1,))  # one begins at every byte
    words = []
    for j in range(width):
        inside = np.clip(lengths - 8 * j, 0, 8)
        words.append(every_word[np.minimum(starts + 8 * j, n - 1)] & _MASKS[inside])
    return words


class SegmentTable:
    """Keys of up to 8 `width` bytes and their numbers; open addressing with linear probing."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._n = 0
        self._clear(_FIRST_BITS)

    def _clear(self, bits: int) -> None:
        self._shift = np.uint64(64 - bits)
        self._mask = (1 << bits) - 1
        self._keys = [np.zeros(1 << bits, np.uint64) for _ in range(self.width)]
        self._numbers = np.full(1 << bits, -1, np.int64)

    def find(self, words: Words) -> NDArray[np.int64]:
        """The number of each key, -1 for keys that are not there."""
        slots = self._slots(words)
        found = self._numbers[slots]
        others = np.flatnonzero(~self._equal(slots, words) & (found >= 0))  # another key is in their slot
        while len(others):
            slots[others] = next_slots = slots[others] + 1 & self._mask
            found[others] = there = self._numbers[next_slots]
            others = others[~self._equal(next_slots, [word[others] for word in words]) & (there >= 0)]
        return found

    def add(self, words: Words, numbers: NDArray[np.int64]) -> None:
        """Remember keys, all different and none of them there yet, under different numbers."""
        self._n += len(numbers)
        if self._n * _LEAST_SPARE > self._mask:
            used = self._numbers >= 0
            words = [np.append(keys[used], word) for keys, word in zip(self._keys, words, strict=True)]
            numbers = np.append(self._numbers[used], numbers)
            self._clear((self._n * _LEAST_SPARE).bit_length() + 1)
        slots = self._slots(words)
        left = np.arange(len(numbers))
        while len(left):
            tried = left[self._numbers[slots[left]] < 0]
            self._numbers[slots[tried]] = numbers[
                tried
            ]  # where several want the same slot, one of them gets it
            is_placed = self._numbers[slots[left]] == numbers[left]
            placed = left[is_placed]
            for keys, word in zip(self._keys, words, strict=True):
                keys[slots[placed]] = word[placed]
            left = left[~is_placed]
            slots[left] = slots[left] + 1 & self._mask

    def _slots(self, words: Words) -> NDArray[np.int64]:
        mixed = words[0] * _MIX
        for word in words[1:]:
            mixed ^= mixed >> np.uint64(29)
            mixed += word
            mixed *= _MIX
        return (mixed >> self._shift).astype(np.int64)

    def _equal(self, slots: NDArray[np.int64], words: Words) -> NDArray[np.bool_]:
        equal: NDArray[np.bool_] = self._keys[0][slots] == words[0]
        for keys, word in zip(self._keys[1:], words[1:], strict=True):
            equal &= keys[slots] == word
        return equal


def distinct(words: Words) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The place of the first of every different key (k,), and which of those each key is (n,)."""
    order = np.lexsort(words[::-1])  # stable, so the first of equal keys comes first
    is_first = np.zeros(len(order), bool)
    is_first[:1] = True
    for word in words:
        in_order = word[order]
        is_first[1:] |= in_order[1:] != in_order[:-1]
    which = np.empty(len(order), np.intp)
    which[order] = np.cumsum(is_first) - 1
    return order[is_first], which
