"""What all workers know of a lane: who does which part of it, and the arrays that they share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import DTypeLike

from rnnviz.engine import OPTIMIZERS, ModelSpec
from rnnviz.engine.arrays import CACHE_LINE_BYTES, Floats
from rnnviz.engine.optimizers import CHUNK
from rnnviz.training.workers.memory import SharedArrays
from rnnviz.training.workers.sharing import Part

COUNT, LOSS, ASKED, RIGHT, NORM = range(5)
"""What is reported of a part: targets, the sum of their losses, answers of a task, right ones, the norm."""
LR, FACTOR = range(2)
TARGETS, STEP, REWRITTEN = range(3)
"""Targets of the whole window, the number of the update, and how often the lane was written to otherwise."""
BEGUN, CHANGED = range(2)
"""Chunks of its stretch that a process has begun to change, and has changed: see `UpdateOfStretch`."""
MASK_WORDS: Final = 4


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
    is_made_whole: bool  # each member makes the whole update, on numbers of its own: see `WholeUpdate`

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
            if not self.is_made_whole:
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
        "reports": ((lanes, workers, CACHE_LINE_BYTES // 8), np.float64),
        "rates": ((lanes, 2), np.float64),
        "counts": ((lanes, 3), np.int64),
        "masks": ((lanes, MASK_WORDS), np.uint64),
        "chunks": ((lanes, workers, 2), np.int64),
    }


def slots_of(arrays: SharedArrays, plan: LanePlan) -> dict[str, Floats]:
    """The optimizer's vectors."""
    return {name: arrays[f"{plan.lane}/slot/{name}"] for name in OPTIMIZERS[plan.optimizer].slot_names}
