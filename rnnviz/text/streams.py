"""Token ids -> windows (T, B): B places of the text read side by side."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Streams:
    """B streams of S = floor((N - 1) / B) tokens: stream b reads tokens bS ... bS + S - 1 of the N.

    The target of each token is the next token of the text. An epoch is the windows of T steps in order. With
    `keep_remainder` (validation) what is left of S after the last whole window is a shorter window of its
    own; without (training) it is dropped.
    """

    def __init__(self, ids: NDArray[np.unsignedinteger[Any]], batch: int, keep_remainder: bool) -> None:
        if batch < 1:
            raise ValueError(f"a batch of {batch} sequences")
        self.batch = batch
        """B"""
        self.length = max(0, len(ids) - 1) // batch
        """S, the tokens of each stream."""
        self.keep_remainder = keep_remainder
        used = self.length * batch
        self._tokens = ids[:used].reshape(batch, self.length).T  # (S, B), a view
        self._targets = ids[1 : used + 1].reshape(batch, self.length).T  # (S, B), a view

    def n_windows(self, T: int) -> int:
        """How many windows of `T` steps an epoch has."""
        return -(-self.length // T) if self.keep_remainder else self.length // T

    def window_length(self, index: int, T: int) -> int:
        """How many steps window `index` has: `T`, or fewer in the last one of a validation part."""
        if not 0 <= index < self.n_windows(T):
            raise IndexError(f"window {index} of {self.n_windows(T)}")
        return min(T, self.length - index * T)

    def window(self, index: int, T: int, out_tokens: NDArray[np.intp], out_targets: NDArray[np.intp]) -> None:
        """Write tokens and targets of window `index` into two arrays (T, B), time-major.

        A shorter window fills their first `window_length(index, T)` rows and leaves the rest alone, so arrays
        of that many rows will do too. Allocates nothing.
        """
        length = self.window_length(index, T)
        begin = index * T
        out_tokens[:length] = self._tokens[begin : begin + length]
        out_targets[:length] = self._targets[begin : begin + length]
