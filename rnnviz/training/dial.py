"""The newest numbers of a run, where another process reads them at any moment and nobody has to be told.

A message for each would wake two threads in the process that trains, sixty times a second; setting numbers in
shared memory takes a microsecond or two.
"""

import math
from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass

from rnnviz.training.frame import Update
from rnnviz.training.settings import MOST_LANES

_COUNT, _STEP, _LOSSES = 0, 1, 2
N_NUMBERS = _LOSSES + MOST_LANES
_TRIES = 3
"""At a moment when nothing is being written; a write takes far less than the time between two."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the dial says."""

    count: int  # how often it has been set; another one: there is something new
    step: int  # updates done
    losses: tuple[float, ...]  # of each lane's last window, nats per token; NaN where none is known

    def loss_of(self, lane: int) -> float:
        """A lane's loss."""
        return self.losses[lane]


class Dial:
    """Set by whoever trains, read by anybody. Nothing is ever waited for."""

    def __init__(self, memory: MutableSequence[float] | None = None) -> None:
        """`memory`: `N_NUMBERS` numbers that processes may share, zero until it is set for the first time."""
        self._memory = [0.0] * N_NUMBERS if memory is None else memory

    def set(self, step: int, updates: Sequence[Update]) -> None:
        """So many updates are done, and these were the last."""
        memory = self._memory
        memory[_COUNT] += 1  # odd: being set
        memory[_STEP] = step
        for update in updates:
            memory[_LOSSES + update.lane] = update.loss
        memory[_COUNT] += 1

    def forget(self, step: int) -> None:
        """So many updates are done, and of none a loss is known."""
        memory = self._memory
        memory[_COUNT] += 1
        memory[_STEP] = step
        for lane in range(MOST_LANES):
            memory[_LOSSES + lane] = math.nan
        memory[_COUNT] += 1

    def set_loss(self, lane: int, loss: float) -> None:
        """What a lane makes of the window that the next update is made of: others may still be at it."""
        memory = self._memory
        memory[_COUNT] += 1
        memory[_LOSSES + lane] = loss
        memory[_COUNT] += 1

    def read(self) -> Reading | None:
        """What it says; None while it is being set, and before it ever was."""
        memory = self._memory
        for _ in range(_TRIES):
            count, *numbers = memory[:N_NUMBERS]
            if count and not count % 2 and memory[_COUNT] == count:
                return Reading(int(count), int(numbers[0]), tuple(numbers[_LOSSES - 1 :]))
        return None
