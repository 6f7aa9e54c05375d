"""How the gradients of all parts of a lane become an update: made whole by each, or a stretch by each."""

from typing import Any, Final

import numpy as np

from rnnviz.engine import OPTIMIZERS, Parameters, gradient_norm
from rnnviz.engine.arrays import aligned_zeros
from rnnviz.training.workers.lane_plan import (
    BEGUN,
    CHANGED,
    FACTOR,
    LR,
    NORM,
    REWRITTEN,
    STEP,
    LanePlan,
    slots_of,
)
from rnnviz.training.workers.memory import SharedArrays
from rnnviz.training.workers.sharing import stretch

MOST_MADE_WHOLE: Final = 256 * 1024
"""Numbers of a network up to which each member makes the whole update: see `WholeUpdate`."""
_STEP_FLOATS: Final = 16  # a cache line of float32: two processes never write to the same one


class WholeUpdate:
    """The whole update, made by each member of a lane on numbers of its own, to the same bits.

    For a small network: numbers that one process writes and another reads go from cache to cache, and each
    round is waited for. An update of a plain RNN at 16 32 128 80 by two took 1.30 ms in stretches (1.44 by
    one alone) and takes 1.09 so. The process in charge has its numbers in the memory that is shared, for
    whoever wants to see them; no other writes there, so a helper can end at any moment.
    """

    def __init__(self, arrays: SharedArrays, plan: LanePlan, worker: int) -> None:
        lane, is_helper = plan.lane, worker > 0
        values, slots = arrays[f"{lane}/values"], slots_of(arrays, plan)
        self._sources = (values, *slots.values()) if is_helper else ()
        if is_helper:
            values = aligned_zeros(values.shape, values.dtype)
            slots = {name: aligned_zeros(slot.shape, slot.dtype) for name, slot in slots.items()}
        self.values = values
        self._copies = (values, *slots.values()) if is_helper else ()
        total = aligned_zeros(values.shape, values.dtype)
        self._parameters = Parameters(plan.spec.layouts(), plan.spec.dtype, plan.spec.frozen, (values, total))
        self._optimizer = OPTIMIZERS[plan.optimizer](self._parameters, slots)
        learned = self._parameters.learned
        self._chunks = self._optimizer.chunks(learned)
        self._total = total[learned]
        self._parts = [arrays[f"{lane}/gradients/{member}"][learned] for member in plan.members]
        self._report = arrays["reports"][lane, worker]
        self._rates, self._counts = arrays["rates"][lane], arrays["counts"][lane]
        self._seen = -1  # how often the lane had been written to when it was copied last
        self._is_summed = False

    def begin(self) -> None:
        """Before gradients are looked for: a helper takes over what was written other than by an update."""
        self._is_summed = False
        rewritten = int(self._counts[REWRITTEN])
        if self._seen != rewritten:
            for copy, source in zip(self._copies, self._sources, strict=True):
                np.copyto(copy, source)
            self._seen = rewritten

    def add_up(self) -> None:
        """Sum the gradients of all parts, always in the same order, and write down the norm of the sum."""
        self._sum()
        with np.errstate(all="ignore"):
            self._report[NORM] = gradient_norm(self._total, self._parameters.scratch)

    def change(self) -> None:
        """Clip, and make the update."""
        if not self._is_summed:
            self._sum()
        self._optimizer.step_count = int(self._counts[STEP])
        lr, factor = float(self._rates[LR]), float(self._rates[FACTOR])
        self._optimizer.change(self._chunks, lr, factor)

    def _sum(self) -> None:
        first, second, *others = self._parts
        with np.errstate(all="ignore"):
            np.add(first, second, out=self._total)
            for other in others:
                np.add(self._total, other, out=self._total)
        self._is_summed = True


class UpdateOfStretch:
    """A stretch of a lane's flat vectors: the gradients of all parts summed there, and the update.

    A chunk is copied to a journal before it is changed: a process may be ended at any moment, and then
    another one takes its changes of that chunk back and goes on where it was.
    """

    def __init__(self, arrays: SharedArrays, plan: LanePlan, worker: int) -> None:
        lane = plan.lane
        self.values = arrays[f"{lane}/values"]
        memory = self.values, arrays[f"{lane}/gradients/{worker}"]
        self._parameters = Parameters(plan.spec.layouts(), plan.spec.dtype, plan.spec.frozen, memory)
        self._optimizer = OPTIMIZERS[plan.optimizer](self._parameters, slots_of(arrays, plan))
        members = plan.members
        place = members.index(worker)
        here = stretch(self._parameters.learned, place, len(members), _STEP_FLOATS)
        self._chunks = self._optimizer.chunks(here)
        self._gradients = memory[1][here]
        self._others = [arrays[f"{lane}/gradients/{other}"][here] for other in members if other != worker]
        self._journal = arrays[f"{lane}/journal/{worker}"]
        self._report = arrays["reports"][lane, worker]
        self._rates, self._counts = arrays["rates"][lane], arrays["counts"][lane]
        self._done: Any = arrays["chunks"][lane, worker]

    def begin(self) -> None:
        """Before gradients are looked for: nothing, since all look at the same numbers."""

    def add_up(self) -> None:
        """Sum the gradients of all parts, always in the same order, and write down the norm of the sum."""
        with np.errstate(all="ignore"):
            for other in self._others:
                np.add(self._gradients, other, out=self._gradients)
            self._report[NORM] = gradient_norm(self._gradients, self._parameters.scratch)

    def change(self) -> None:
        """Clip, and make the update of this stretch."""
        self._change_from(0)

    def finish(self) -> None:
        """Another process: make what is left to do of a stretch whose process is gone."""
        begun, changed = (int(number) for number in self._done)
        if begun > changed:
            chunk = self._chunks[changed][:-1]
            for kept, array in zip(self._journal, chunk, strict=True):
                np.copyto(array, kept[: len(array)])
        self._change_from(changed)

    def _change_from(self, first: int) -> None:
        self._optimizer.step_count = int(self._counts[STEP])
        lr, factor = float(self._rates[LR]), float(self._rates[FACTOR])
        for number, chunk in enumerate(self._chunks[first:], first + 1):
            for kept, array in zip(self._journal, chunk[:-1], strict=True):
                np.copyto(kept[: len(array)], array)
            self._done[BEGUN] = number
            self._optimizer.change([chunk], lr, factor)
            self._done[CHANGED] = number
