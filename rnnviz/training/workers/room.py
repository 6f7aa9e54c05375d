"""How much memory helpers take, asked before any of it is allocated."""

import math
from collections.abc import Sequence

import numpy as np

from rnnviz.engine import OPTIMIZERS
from rnnviz.engine.parameters import SCRATCH
from rnnviz.training import machine_memory
from rnnviz.training.errors import DoesNotFit
from rnnviz.training.machine_memory import GB
from rnnviz.training.workers.lane_plan import LanePlan

NO_PARAMETERS = -2
"""Slots of an optimizer of a workspace whose values and gradients lie elsewhere."""


def check_room(plans: Sequence[LanePlan], workers: int) -> None:
    """Refuse helpers that do not fit beside the lanes, which are there already.

    Raises DoesNotFit, with the numbers.
    """
    needed, free = sum(bytes_of(plan) for plan in plans), machine_memory.free_memory()
    if free is not None and needed > free:
        raise DoesNotFit(
            f"Training with {workers} processes needs about {needed / GB:,.1f} GB of memory more, for "
            f"gradients and states of their own, and {free / GB:,.1f} GB are free. Take fewer processes "
            "(--workers; in the window the processor cores), or lower --hidden, --batch or --window."
        )


def bytes_of(plan: LanePlan) -> int:
    """What a lane takes beside what it has alone, within a fifth: what is shared, and what each member has.

    What it has alone is there twice while it is moved into memory that is shared.
    """
    spec = plan.spec
    shapes = plan.shapes(spec.stored_count()).values()
    shared = sum(math.prod(shape) * np.dtype(kind).itemsize for shape, kind in shapes)
    shares = (part.end - part.first for part in plan.parts.values())
    workspaces = sum(spec.memory_estimate(plan.T, B, NO_PARAMETERS, plan.dropout > 0) for B in shares)
    return shared + workspaces + sum(_bytes_of_update(plan, worker > 0) for worker in plan.members)


def _bytes_of_update(plan: LanePlan, is_helper: bool) -> int:
    """What a member has to make updates: scratch, and for the whole of them the sum and copies of its own."""
    size, itemsize = plan.spec.stored_count(), np.dtype(plan.spec.dtype).itemsize
    scratch = min(size, SCRATCH) * (np.dtype(np.float64).itemsize * (1 + is_helper) + itemsize)
    slots = len(OPTIMIZERS[plan.optimizer].slot_names)
    vectors = 1 + (1 + slots) * is_helper if plan.is_made_whole else 0
    return scratch + vectors * size * itemsize
