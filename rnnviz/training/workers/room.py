"""How much memory helpers take, asked before any of it is allocated."""

import math
from collections.abc import Sequence

import numpy as np

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
    """What a lane takes beside what it has alone: what is shared, and a workspace each; within a fifth.

    What it has alone is there twice while it is moved into memory that is shared. Small networks, which each
    helper also has copies of, are reckoned too low, by a megabyte or two.
    """
    spec = plan.spec
    shapes = plan.shapes(spec.stored_count()).values()
    shared = sum(math.prod(shape) * np.dtype(kind).itemsize for shape, kind in shapes)
    shares = (part.end - part.first for part in plan.parts.values())
    return shared + sum(spec.memory_estimate(plan.T, B, NO_PARAMETERS, plan.dropout > 0) for B in shares)
