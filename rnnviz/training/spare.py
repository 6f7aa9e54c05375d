"""A copy of parameters and optimizer from before the last update, for cells whose states have no upper end.

With relu an update can leave finite parameters under which the next window's states grow beyond all numbers:
the last network that can be computed with is then the one before. Squashed states stay within bounds, so for
tanh and sigmoid, LSTM and GRU no copy is needed.
"""

import numpy as np

from rnnviz.engine import LanguageModel, ModelSpec, Optimizer

_UNBOUNDED = frozenset({"relu"})


def may_overflow(spec: ModelSpec) -> bool:
    """Whether finite parameters can give states that are not."""
    return spec.cell_class.has_activation and spec.activation in _UNBOUNDED


class Spare:
    """Arrays allocated once, in which a network and its optimizer are kept before each update."""

    def __init__(self, model: LanguageModel, optimizer: Optimizer) -> None:
        self._live = (model.parameters.values, *optimizer.slots.values())
        self._kept = tuple(np.zeros_like(array) for array in self._live)
        self._optimizer = optimizer
        self._step_count: int | None = None  # None: nothing is kept

    def keep(self) -> None:
        """Copy them as they are."""
        for kept, live in zip(self._kept, self._live, strict=True):
            np.copyto(kept, live)
        self._step_count = self._optimizer.step_count

    def bring_back(self) -> bool:
        """Make them what they were when last kept, once; False where nothing is kept."""
        if self._step_count is None:
            return False
        for kept, live in zip(self._kept, self._live, strict=True):
            np.copyto(live, kept)
        self._optimizer.step_count, self._step_count = self._step_count, None
        return True
