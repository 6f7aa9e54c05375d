"""What is held in a lane, as the engine's overrides for each kind of pass.

A gate held at one time step is held at that step of the watched passage, and of each example of a memory
task in validation. A window of a running text has no such step, so training does not know it.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine import HeldGate, Overrides
from rnnviz.training.interventions import Held, HoldGate, HoldSlope, SilenceUnit

_NOWHERE = -(2**40)
"""The place of a sequence in an example whose beginning it has not read: no step that anyone holds."""


def with_held(before: tuple[Held, ...], new: Held) -> tuple[Held, ...]:
    """Also hold `new`, in place of holds of which nothing is left then. Of two that meet the later acts."""
    kept = (
        old
        for old in before
        if old != new and not (isinstance(new, HoldGate) and isinstance(old, HoldGate) and new.covers(old))
    )
    return (*kept, new)


def in_training(held: tuple[Held, ...]) -> Overrides | None:
    """What acts on training: all but gates held at one step. None where nothing does."""
    return _overrides(one for one in held if not _at_one_step(one))


def in_passage(held: tuple[Held, ...]) -> Overrides | None:
    """What acts on a passage that is read from its beginning. None where nothing does."""
    return _overrides(held)


def _at_one_step(one: Held) -> bool:
    return isinstance(one, HoldGate) and one.step is not None


def _overrides(held: Iterable[Held]) -> Overrides | None:
    gates: list[HeldGate] = []
    silenced: dict[int, tuple[int, ...]] = {}
    slope_one = False
    for one in held:
        match one:
            case HoldGate():
                steps = None if one.step is None else (one.step,)
                gates.append(HeldGate(one.gate, one.value, one.layer, steps=steps))
            case SilenceUnit():
                silenced[one.layer] = (*silenced.get(one.layer, ()), one.unit)
            case HoldSlope():
                slope_one = True
    if not gates and not silenced and not slope_one:
        return None
    return Overrides(tuple(gates), silenced, slope_one)


class HeldInValidation:
    """Follows B streams of a validation from window to window, and knows where each is in its example."""

    def __init__(self, held: tuple[Held, ...], batch: int, has_examples: bool) -> None:
        self._always = in_training(held)
        self._held = held if has_examples and any(map(_at_one_step, held)) else ()
        self._place = np.full(batch, _NOWHERE)  # (B,) of the next window's first token in its example
        self._next = self._place

    def in_window(self, starts: NDArray[np.bool_] | None, length: int) -> Overrides | None:
        """The overrides of the next window, in which examples begin where `starts` (T, B) is true.

        May be asked again for the same window, until it is told as `read`.
        """
        if not self._held or starts is None:
            return self._always
        steps = np.arange(length)[:, None]
        begun = np.maximum.accumulate(np.where(starts[:length], steps, -1), axis=0)  # (T, B)
        places = np.where(begun >= 0, steps - begun, self._place + steps)
        self._next = places[-1] + 1
        overrides = _overrides(self._held)
        assert overrides is not None
        held = tuple(one if one.steps is None else _where(one, places) for one in overrides.held)
        return Overrides(held, overrides.silenced, overrides.slope_one)

    def read(self) -> None:
        """The window has been read; on to the one after it."""
        self._place = self._next


def _where(held: HeldGate, places: NDArray[np.int64]) -> HeldGate:
    """A gate held at one step of each example: at which steps of a window, and in which sequences."""
    assert held.steps is not None
    found: dict[int, tuple[int, ...]] = {}
    for step, row in enumerate(np.isin(places, held.steps)):
        if row.any():
            found[step] = tuple(np.flatnonzero(row).tolist())
    return HeldGate(held.gate, held.value, held.layer, held.units, places=found)
