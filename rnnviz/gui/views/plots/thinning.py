"""A long series as a few blocks: a curve of a million updates costs no more than the pixels it is drawn on.

Each block keeps the least, the greatest and the sum of what fell into it; when there are too many blocks,
neighbours are merged in pairs. Only what was appended since the last time is ever looked at.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating[Any]] | NDArray[np.integer[Any]]
Array = NDArray[np.float64]

MOST_BLOCKS = 512  # merged to half as many when they are full


class ThinnedSeries:
    """Values (N,) of an append-only series as at most `MOST_BLOCKS` blocks of equal length."""

    def __init__(self) -> None:
        self.seen = 0
        self.block = 1  # updates in a block
        self._low = np.zeros(0)
        self._high = np.zeros(0)
        self._sum = np.zeros(0)
        self._known = np.zeros(0)  # how many finite values fell into the block
        self._first = np.zeros(0)  # x of the block's first value

    def clear(self) -> None:
        """Forget everything: another run."""
        self.__init__()  # type: ignore[misc]

    def take(self, x: Values, y: Values) -> int:
        """Look at what was appended to `x` and `y` (N,); returns how many values were new."""
        if len(y) < self.seen:
            self.clear()
        new = len(y) - self.seen
        if new == 0:
            return 0
        start = self.seen - self.seen % self.block  # the last block may have been part full
        if start < self.seen:
            self._drop_last()
        while -(-len(y) // self.block) > MOST_BLOCKS:
            if start % (2 * self.block):  # an odd block would be halved by merging: look at it again
                start -= self.block
                self._drop_last()
            self._merge()
        self._append(np.asarray(x[start:], dtype=np.float64), np.asarray(y[start:], dtype=np.float64))
        self.seen = len(y)
        return new

    def _drop_last(self) -> None:
        for name in ("_low", "_high", "_sum", "_known", "_first"):
            setattr(self, name, getattr(self, name)[:-1])

    def _append(self, x: Array, y: Array) -> None:
        edges = np.arange(0, len(y), self.block)
        known = np.isfinite(y)
        parts = {
            "_low": np.minimum.reduceat(np.where(known, y, np.inf), edges),
            "_high": np.maximum.reduceat(np.where(known, y, -np.inf), edges),
            "_sum": np.add.reduceat(np.where(known, y, 0.0), edges),
            "_known": np.add.reduceat(known.astype(np.float64), edges),
            "_first": x[edges],
        }
        for name, part in parts.items():
            setattr(self, name, np.concatenate([getattr(self, name), part]))

    def _merge(self) -> None:
        self._low = np.minimum(self._low[0::2], self._low[1::2])
        self._high = np.maximum(self._high[0::2], self._high[1::2])
        self._sum = self._sum[0::2] + self._sum[1::2]
        self._known = self._known[0::2] + self._known[1::2]
        self._first = self._first[0::2]
        self.block *= 2

    def __len__(self) -> int:
        return len(self._first)

    def x(self) -> Array:
        """x of each block, (blocks,)."""
        return self._first

    def envelope(self) -> tuple[Array, Array]:
        """A line through least and greatest of each block: x and y, (2 * blocks,) or (blocks,)."""
        if self.block == 1:
            return self._first, np.where(self._known > 0, self._sum, np.nan)
        low = np.where(self._known > 0, self._low, np.nan)
        high = np.where(self._known > 0, self._high, np.nan)
        return np.repeat(self._first, 2), np.column_stack([low, high]).ravel()

    def smoothed(self, share: float = 0.03) -> tuple[Array, Array]:
        """Means over a sliding window of `share` of all blocks, (blocks,); NaN where nothing is known."""
        half = int(len(self) * share / 2)
        sums, known = np.append(0.0, np.cumsum(self._sum)), np.append(0.0, np.cumsum(self._known))
        at = np.arange(len(self))
        reach = np.minimum(np.minimum(at, len(self) - 1 - at), half)  # narrower towards the ends
        n = known[at + reach + 1] - known[at - reach]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = (sums[at + reach + 1] - sums[at - reach]) / n
        return self._first, np.where(n > 0, mean, np.nan)

    def bounds(self) -> tuple[float, float]:
        """Least and greatest of all; NaN where nothing is known."""
        known = self._known > 0
        if not known.any():
            return float("nan"), float("nan")
        return float(self._low[known].min()), float(self._high[known].max())
