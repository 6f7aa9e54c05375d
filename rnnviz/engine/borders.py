"""Sequences that begin anew in mid-window: the state there starts from zero, and no error crosses.

A row of the state is both what one step gives, which readout and next layer read, and what the next step
starts from. At a border the two differ. So a layer is taken from border to border: before each span the row
is zero where a sequence begins, after it what it was. The cells know nothing of it, and a window without
borders is taken in one go.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine.arrays import Indices
from rnnviz.engine.cells import Cell, LayerErrors, LayerRun, LayerWeights
from rnnviz.engine.errors import Stop
from rnnviz.engine.overrides import LayerOverrides


class Borders:
    """Where in one window which of its sequences begin anew."""

    def __init__(self, starts: NDArray[np.bool_]) -> None:
        """`starts` (T, B): the state before step t of sequence b is zero."""
        self._at_once: Indices = np.flatnonzero(starts[0])  # sequences that begin with the window
        steps = (np.flatnonzero(starts[1:].any(axis=1)) + 1).tolist()
        self._later: list[tuple[int, Indices]] = [(t, np.flatnonzero(starts[t])) for t in steps]

    def forward(
        self,
        cell: Cell,
        weights: LayerWeights,
        run: LayerRun,
        length: int,
        stop: Stop | None,
        overrides: LayerOverrides | None,
    ) -> None:
        """`cell.forward` through all steps, span by span."""
        run.state[:, 0, self._at_once] = 0
        begin, given = 0, []
        for t, sequences in self._later:
            cell.forward(weights, run, t, stop, overrides, begin)
            given.append(run.state[:, t, sequences])  # (S, n, H), a copy
            run.state[:, t, sequences] = 0
            begin = t
        cell.forward(weights, run, length, stop, overrides, begin)
        for (t, sequences), state in zip(self._later, given, strict=True):
            run.state[:, t, sequences] = state

    def backward(
        self,
        cell: Cell,
        weights: LayerWeights,
        run: LayerRun,
        errors: LayerErrors,
        length: int,
        stop: Stop | None,
        overrides: LayerOverrides | None,
    ) -> None:
        """`cell.backward` through all steps; what a span would hand to the one before it is dropped."""
        end = length
        for t, sequences in reversed(self._later):
            given, own_error = run.state[:, t, sequences], errors.dstate[:, t, sequences]
            run.state[:, t, sequences] = 0
            cell.backward(weights, run, errors, end, stop, overrides, t)
            run.state[:, t, sequences] = given
            errors.dstate[:, t, sequences] = own_error
            end = t
        cell.backward(weights, run, errors, end, stop, overrides)

    @contextmanager
    def entering(self, run: LayerRun) -> Iterator[None]:
        """Within it the rows of the state are what each step started from."""
        given = [run.state[:, t, sequences] for t, sequences in self._later]
        for t, sequences in self._later:
            run.state[:, t, sequences] = 0
        yield
        for (t, sequences), state in zip(self._later, given, strict=True):
            run.state[:, t, sequences] = state
