"""What one process does for one lane: some sequences of its batch, and a stretch of its parameters."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike

from rnnviz.engine import (
    OPTIMIZERS,
    LanguageModel,
    ModelSpec,
    Overrides,
    Parameters,
    gradient_norm,
)
from rnnviz.engine.arrays import Floats
from rnnviz.engine.errors import Stop
from rnnviz.engine.optimizers import CHUNK
from rnnviz.training.answers import right_answers
from rnnviz.training.random_streams import at_words
from rnnviz.training.workers.memory import SharedArrays
from rnnviz.training.workers.sharing import Part, stretch

COUNT, LOSS, ASKED, RIGHT, NORM = range(5)
"""What is reported of a part: targets, the sum of their losses, answers of a task, right ones, the norm."""
LR, FACTOR = range(2)
TARGETS, STEP = range(2)
BEGUN, CHANGED = range(2)
"""Chunks of its stretch that a process has begun to change, and has changed: see `Stretch`."""
MASK_WORDS: Final = 4
_STEP_FLOATS = 16  # a cache line of float32: two processes never write to the same one


@dataclass(frozen=True, slots=True)
class LanePlan:
    """One lane as a helper has to know it."""

    lane: int
    spec: ModelSpec
    optimizer: str
    T: int
    B: int
    dropout: float
    parts: Mapping[int, Part]  # by worker

    @property
    def members(self) -> tuple[int, ...]:
        """The workers that have a part of it."""
        return tuple(self.parts)

    def shapes(self, size: int) -> dict[str, tuple[tuple[int, ...], DTypeLike]]:
        """The arrays to be shared for a lane of `size` stored numbers."""
        kind, slots = self.spec.dtype, OPTIMIZERS[self.optimizer].slot_names
        state = (self.spec.layers, len(self.spec.cell_class.state_parts), self.B, self.spec.hidden)
        wanted: dict[str, tuple[tuple[int, ...], DTypeLike]] = {"values": ((size,), kind)}
        wanted |= {f"slot/{name}": ((size,), kind) for name in slots}
        wanted |= dict.fromkeys(("state", "entered", "left"), (state, kind))
        for worker in self.members:
            wanted[f"gradients/{worker}"] = ((size,), kind)
            wanted[f"journal/{worker}"] = ((2 + len(slots), CHUNK), kind)
        wanted.setdefault("gradients/0", ((size,), kind))  # the lane's own, though it may have no part
        return {f"{self.lane}/{name}": shape for name, shape in wanted.items()}


def shared_shapes(lanes: int, workers: int, T: int, B: int) -> dict[str, tuple[tuple[int, ...], DTypeLike]]:
    """The arrays that are shared beside those of the lanes."""
    return {
        "tokens": ((T, B), np.intp),
        "targets": ((T, B), np.intp),
        "answers": ((T, B), np.intp),
        "starts": ((T, B), np.bool_),
        "reports": ((lanes, workers, 5), np.float64),
        "rates": ((lanes, 2), np.float64),
        "counts": ((lanes, 2), np.int64),
        "masks": ((lanes, MASK_WORDS), np.uint64),
        "chunks": ((lanes, workers, 2), np.int64),
    }


def slots_of(arrays: SharedArrays, plan: LanePlan) -> dict[str, Floats]:
    """The optimizer's vectors."""
    return {name: arrays[f"{plan.lane}/slot/{name}"] for name in OPTIMIZERS[plan.optimizer].slot_names}


class LanePart:
    """Some sequences of a lane's batch: their way forward and back."""

    def __init__(
        self, arrays: SharedArrays, plan: LanePlan, worker: int, is_task: bool, model: LanguageModel | None
    ) -> None:
        """`model` is the lane's own where it is in this process."""
        lane = plan.lane
        self.overrides: Overrides | None = None
        self._plan, self._part = plan, plan.parts[worker]
        memory = arrays[f"{lane}/values"], arrays[f"{lane}/gradients/{worker}"]
        self._model = LanguageModel(plan.spec, None, memory) if model is None else model
        columns = slice(self._part.first, self._part.end)
        n = self._part.end - self._part.first
        self._workspace = self._model.workspace(plan.T, n, dropout=plan.dropout)
        self._tokens, self._targets = arrays["tokens"][:, columns], arrays["targets"][:, columns]
        self._starts = arrays["starts"][:, columns] if is_task else None
        self._answers = arrays["answers"][:, columns] if is_task else None
        self._entered = arrays[f"{lane}/entered"][:, :, columns]
        self._left = arrays[f"{lane}/left"][:, :, columns]
        self._masks = arrays["masks"][lane]
        self._counts = arrays["counts"][lane]
        self._report = arrays["reports"][lane, worker]

    def find_gradients(self, stop: Stop) -> None:
        """Forward and back; loss, answers and the state that is left are written down.

        Raises Interrupted once `stop()` is true.
        """
        window, report = self._workspace, self._report
        if window.masks is not None:  # each time from the place written down, however often it is tried
            rng = at_words(self._masks)
            window.masks.draw(rng, self._part.first, self._plan.B - self._part.end)
        with np.errstate(all="ignore"):
            self._model.forward(
                window,
                self._tokens,
                self._targets,
                self._entered,
                stop,
                overrides=self.overrides,
                dropping=True,
                starts=self._starts,
            )
            report[COUNT] = window.count
            report[LOSS] = window.mean_loss * window.count if window.count else 0.0
            report[RIGHT], report[ASKED] = right_answers(window, self._answers)
            if math.isfinite(report[LOSS]):
                self._model.backward(window, stop, int(self._counts[TARGETS]))
        np.copyto(self._left, window.final_state)


class Stretch:
    """A stretch of a lane's flat vectors: the gradients of all parts summed there, and the update.

    A chunk is copied to a journal before it is changed: a process may be ended at any moment, and then
    another one takes its changes of that chunk back and goes on where it was.
    """

    def __init__(self, arrays: SharedArrays, plan: LanePlan, worker: int) -> None:
        lane = plan.lane
        memory = arrays[f"{lane}/values"], arrays[f"{lane}/gradients/{worker}"]
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
            chunk = self._chunks[changed][:-2]
            for kept, array in zip(self._journal, chunk, strict=True):
                np.copyto(array, kept[: len(array)])
        self._change_from(changed)

    def _change_from(self, first: int) -> None:
        self._optimizer.step_count = int(self._counts[STEP])
        lr, factor = float(self._rates[LR]), self._parameters.scalar(float(self._rates[FACTOR]))
        for number, chunk in enumerate(self._chunks[first:], first + 1):
            for kept, array in zip(self._journal, chunk[:-2], strict=True):
                np.copyto(kept[: len(array)], array)
            self._done[BEGUN] = number
            if factor < 1:
                np.multiply(chunk[1], factor, out=chunk[1])
            self._optimizer.change([chunk], lr)
            self._done[CHANGED] = number
