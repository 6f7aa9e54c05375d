"""Sums of rows by token: what each token's row of a table is owed by all the places where it stood."""

from bisect import bisect_left

import numpy as np
from numpy.typing import DTypeLike

from rnnviz.engine.arrays import Floats, Indices, aligned_ones, aligned_zeros

ONE_HOT_NUMBERS = 8192
"""Up to this many numbers of a one-hot matrix a product with it is quicker than sorting: 6 microseconds
against 22 for 25 rows and 80 tokens, but 114 against 63 for 512 rows."""
SORTED_NUMBERS = 1 << 17
"""Rows are brought into order in pieces of so many numbers, which stay in the cache: 2.6 ms against 8.5 for
10,000 rows of 512, and a fifth of an update's memory in a network with one gate."""

_Piece = tuple[Indices, list[tuple[int, int, int]], bool]
"""Positions in the order of their tokens; token, start, end of each run of equal ones; not the first."""


class TokenSums:
    """The arrays and passes for windows of at most `rows` tokens out of V, and rows of one `width`."""

    def __init__(self, V: int, rows: int, width: int, dtype: DTypeLike) -> None:
        self._V = V
        small = rows * V <= ONE_HOT_NUMBERS
        self._one_hot = aligned_zeros((rows, V), dtype) if small else None
        self._keys = np.zeros(rows, dtype=np.intp)
        self._positions = np.arange(rows, dtype=np.intp)
        self._order = np.zeros(0 if small else rows, dtype=np.intp)
        self._ids = np.zeros(0 if small else rows, dtype=np.intp)
        self._piece = 0 if small else max(1, min(rows, SORTED_NUMBERS // width))
        self._sorted = aligned_zeros((self._piece, width), dtype)
        self._ones = aligned_ones(self._piece, dtype)
        self._part = aligned_zeros((width,), dtype)  # of a token's rows, to be added
        self._pieces: list[_Piece] = []

    def sort(self, tokens: Indices) -> None:
        """Take the ids of a window, (n,), by which the next rows will be summed."""
        rows = len(tokens)
        keys, positions = self._keys[:rows], self._positions[:rows]
        if self._one_hot is not None:
            self._one_hot.fill(0)
            np.multiply(positions, self._V, out=keys)
            np.add(keys, tokens, out=keys)
            self._one_hot.reshape(-1)[keys] = 1
            return
        order, ids = self._order[:rows], self._ids[:rows]
        # Token and position in one number: sorted in place, where argsort would allocate its answer.
        bits = rows.bit_length()
        np.left_shift(tokens, bits, out=keys)
        np.bitwise_or(keys, positions, out=keys)
        keys.sort()
        np.right_shift(keys, bits, out=ids)
        np.bitwise_and(keys, (1 << bits) - 1, out=order)
        new = [0, *(np.flatnonzero(ids[1:] != ids[:-1]) + 1).tolist()]
        self._pieces = []
        for first in range(0, rows, self._piece):
            last = min(first + self._piece, rows)
            begin, end = bisect_left(new, first), bisect_left(new, last)
            starts = new[begin:end]
            if not starts or starts[0] > first:
                starts.insert(0, first)
            some = zip(ids[starts].tolist(), starts, [*starts[1:], last], strict=True)
            runs = [(token, a - first, b - first) for token, a, b in some]
            self._pieces.append((order[first:last], runs, first > 0))

    def add_up(self, rows: Floats, out: Floats) -> None:
        """Sum the rows (n, width) of each token into its row of `out` (V, width); others are 0."""
        if self._one_hot is not None:
            np.matmul(self._one_hot[: len(rows)].T, rows, out=out)
            return
        out.fill(0)
        ones, part = self._ones, self._part
        for order, runs, is_later in self._pieces:
            ordered = self._sorted[: len(order)]
            rows.take(order, 0, ordered, "clip")
            if is_later:  # its first token may have rows in the piece before
                token, _, end = runs[0]
                ones[:end].dot(ordered[:end], out=part)
                np.add(out[token], part, out=out[token])
            for token, start, end in runs[1:] if is_later else runs:
                if end - start == 1:  # most words of a large vocabulary: half as long as a product
                    out[token] = ordered[start]
                else:  # half as long as add.reduce
                    ones[: end - start].dot(ordered[start:end], out=out[token])
