"""Token ids -> windows (T, B): B places of the text read side by side."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.text.examples import Examples, Flags

NO_TARGET = -1
"""The target of a token that does not count."""


class Streams:
    """B streams of S = floor((N - 1) / B) tokens: stream b reads tokens bS ... bS + S - 1 of the N.

    The target of each token is the next token of the text. An epoch is the windows of T steps in order. With
    `keep_remainder` (validation) what is left of S after the last whole window is a shorter window of its
    own; without (training) it is dropped.

    With `examples`, of a memory task, it is known where one begins and which targets count. The first example
    of a stream may lack its beginning: nobody could answer it, so its answers do not count.
    """

    def __init__(
        self,
        ids: NDArray[np.unsignedinteger[Any]],
        batch: int,
        keep_remainder: bool,
        examples: Examples | None = None,
    ) -> None:
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
        self._starts: Flags | None = None  # (S, B)
        self._counts: Flags | None = None  # (S, B) the target counts
        if examples is not None:
            self._starts = examples.starts[:used].reshape(batch, self.length).T
            whole = np.logical_or.accumulate(self._starts, axis=0)
            self._counts = examples.marked[1 : used + 1].reshape(batch, self.length).T & whole

    @property
    def has_examples(self) -> bool:
        """Whether it is known where examples begin and which targets count."""
        return self._starts is not None

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

    def starts(self, index: int, T: int, out: Flags) -> None:
        """Write where examples begin in window `index` into an array (T, B); nowhere in an ordinary text."""
        length, begin = self.window_length(index, T), index * T
        out[:length] = False if self._starts is None else self._starts[begin : begin + length]

    def drop_unmarked(self, index: int, T: int, targets: NDArray[np.intp]) -> None:
        """Put -1 where a target (T, B) of window `index` does not count; in an ordinary text all do."""
        if self._counts is None:
            return
        length, begin = self.window_length(index, T), index * T
        np.copyto(targets[:length], NO_TARGET, where=~self._counts[begin : begin + length])

    def n_marked(self, T: int) -> NDArray[np.int64]:
        """How many targets count in each window of `T` steps, (windows,): all in an ordinary text."""
        starts = np.arange(self.n_windows(T)) * T
        lengths = np.minimum(T, self.length - starts)
        if self._counts is None or not len(starts):
            return (lengths * self.batch).astype(np.int64)
        by_step = np.concatenate(([0], np.cumsum(self._counts.sum(axis=1))))  # (S+1,)
        found: NDArray[np.int64] = by_step[starts + lengths] - by_step[starts]
        return found
