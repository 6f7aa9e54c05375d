"""The newest numbers of a run, where another process reads them at any moment and nobody has to be told.

A message for each would wake two threads in the process that trains, sixty times a second; setting numbers in
shared memory takes a microsecond or two.
"""

import math
from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass

from rnnviz.training.fence import settle
from rnnviz.training.frame import Update
from rnnviz.training.settings import MOST_LANES

_COUNT, _STEP, _LOSSES = 0, 1, 2
N_NUMBERS = _LOSSES + MOST_LANES
_TRIES = 3
"""To read it at a moment when nothing is being written: a write takes far less than the time between two."""


@dataclass(frozen=True, slots=True)
class NewestNumbers:
    """What the dial says."""

    count: int  # how often it has been set; another one: there is something new
    step: int  # updates done
    losses: tuple[float, ...]  # of each lane's last window, nats per token; NaN where none is known

    def loss_of(self, lane: int) -> float:
        """A lane's loss."""
        return self.losses[lane]


class Dial:
    """Set by whoever trains, one thread; read by anybody. Nothing is ever waited for.

    The count is raised before the numbers are written and after: odd while they are, and another one for who
    has read some of them before and some after.
    """

    def __init__(self, memory: MutableSequence[float] | None = None) -> None:
        """`memory`: `N_NUMBERS` numbers that processes may share, zero until it is set for the first time."""
        self._memory = [0.0] * N_NUMBERS if memory is None else memory

    def set(self, step: int, updates: Sequence[Update]) -> None:
        """So many updates are done, and these were the last."""
        memory = self._memory
        self._begin()
        memory[_STEP] = step
        for update in updates:
            memory[_LOSSES + update.lane] = update.loss
        self._end()

    def forget(self, step: int) -> None:
        """So many updates are done, and of none a loss is known."""
        memory = self._memory
        self._begin()
        memory[_STEP] = step
        for lane in range(MOST_LANES):
            memory[_LOSSES + lane] = math.nan
        self._end()

    def set_loss(self, lane: int, loss: float) -> None:
        """What a lane makes of the window that the next update is made of: others may still be at it."""
        self._begin()
        self._memory[_LOSSES + lane] = loss
        self._end()

    def _begin(self) -> None:
        self._memory[_COUNT] += 1 - self._memory[_COUNT] % 2  # odd, also where an error left it half set
        settle()

    def _end(self) -> None:
        settle()
        self._memory[_COUNT] += 1

    def read(self) -> NewestNumbers | None:
        """What it says; None while it is being set, and before it ever was."""
        memory = self._memory
        for _ in range(_TRIES):
            count = memory[_COUNT]
            settle()
            step, *losses = memory[_STEP:N_NUMBERS]
            settle()
            if count and not count % 2 and memory[_COUNT] == count:
                return NewestNumbers(int(count), int(step), tuple(losses))
        return None
