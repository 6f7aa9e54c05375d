"""Sums of rows by token: what each token's row of a table is owed by all the places where it stood."""

import numpy as np
from numpy.typing import DTypeLike

from rnnviz.engine.arrays import Floats, Indices, aligned_ones, aligned_zeros

ONE_HOT_NUMBERS = 8192
"""Up to this many numbers of a one-hot matrix a product with it is quicker than sorting: 6 microseconds
against 22 for 25 rows and 80 tokens, but 114 against 63 for 512 rows."""


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
        self._sorted = aligned_zeros((0 if small else rows, width), dtype)
        self._ones = aligned_ones(0 if small else rows, dtype)
        self._runs: list[tuple[int, int, int]] = []  # token, start and end of each run of equal ones

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
        starts = [0, *(np.flatnonzero(ids[1:] != ids[:-1]) + 1).tolist()]
        self._runs = list(zip(ids[starts].tolist(), starts, [*starts[1:], rows], strict=True))

    def add_up(self, rows: Floats, out: Floats) -> None:
        """Sum the rows (n, width) of each token into its row of `out` (V, width); others are 0."""
        if self._one_hot is not None:
            np.matmul(self._one_hot[: len(rows)].T, rows, out=out)
            return
        ordered = self._sorted[: len(rows)]
        np.take(rows, self._order[: len(rows)], axis=0, out=ordered, mode="clip")
        out.fill(0)
        # A product with ones takes half as long as add.reduce over as many rows, a copy less than either.
        ones = self._ones
        for token, start, end in self._runs:
            if end - start == 1:
                out[token] = ordered[start]
            else:
                ones[: end - start].dot(ordered[start:end], out=out[token])
