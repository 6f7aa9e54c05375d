"""Numbers for memory over the updates: what is drawn of them, and in which words, for one network or a race.

Every number is read off what was measured. Where half of an error is still left at the far end of the passage
the half-life is "more than T - 1": it has a mark of its own at T - 1, and no line leads there as to a number.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnnviz.gui.views.wording import multiple, percent
from rnnviz.probes import Moment
from rnnviz.probes.memory import SETTLED

Doubles = NDArray[np.float64]
Name = Literal["half_life", "one_percent_lag", "lost_per_step"]

GROWN = 1.05
"""An error whose mean share at the last lag is above this has grown, and has no half-life at all."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One of the numbers for memory."""

    name: Name  # the field of a Moment and of a Trace
    title: str
    in_steps: bool  # a distance in time steps, with an end beyond which nothing was measured


QUANTITIES = (
    Quantity("half_life", "half-life", True),
    Quantity("one_percent_lag", "1 % left after", True),
    Quantity("lost_per_step", "lost per step", False),
)


@dataclass(frozen=True, slots=True)
class MemoryLine:
    """The course of one network: its moments, and the layer that is looked at."""

    moments: tuple[Moment, ...]
    layer: int
    number: int = 0  # of the lane, from 0


@dataclass(frozen=True, slots=True)
class Points:
    """What is drawn of one quantity of one network, N moments."""

    step: Doubles  # (N,) updates
    value: Doubles  # (N,) NaN where there is no number
    beyond: NDArray[np.bool_]  # (N,) more than was measured: a mark at `end`
    grown: NDArray[np.bool_]  # (N,) the error grows, so the number does not exist: a mark at `end`
    end: Doubles  # (N,) the furthest lag that was measured
    begins: NDArray[np.bool_]  # (N,) another passage than before: no line leads here


def points_of(line: MemoryLine, quantity: Quantity) -> Points:
    """The points of one quantity over the updates."""
    moments = [moment for moment in line.moments if line.layer < len(moment.half_life)]
    raw = _column([float(getattr(moment, quantity.name)[line.layer]) for moment in moments])
    end = _column([float(moment.last_lag[line.layer]) for moment in moments])
    left = _column([float(moment.last_left[line.layer]) for moment in moments])
    passages = np.array([moment.passage for moment in moments], dtype=object)
    never = np.isinf(raw) & (end >= 1) if quantity.in_steps else np.zeros(len(raw), dtype=bool)
    grown = never & (left > GROWN)
    begins = np.ones(len(raw), dtype=bool)
    begins[1:] = passages[1:] != passages[:-1]
    return Points(
        step=_column([float(moment.step) for moment in moments]),
        value=np.where(np.isfinite(raw), raw, np.nan),
        beyond=never & ~grown,
        grown=grown,
        end=end,
        begins=begins,
    )


def _column(values: list[float]) -> Doubles:
    return np.array(values, dtype=np.float64)


def pieces(points: Points) -> list[tuple[Doubles, Doubles]]:
    """The lines through what has a number: updates and values of each, broken where the passage changed."""
    found = []
    known = np.isfinite(points.value)
    starts = np.flatnonzero(known & (points.begins | ~np.append(False, known[:-1])))
    for start in starts.tolist():
        after = np.flatnonzero(~known[start + 1 :] | points.begins[start + 1 :])
        stop = start + 1 + (int(after[0]) if after.size else len(known) - start - 1)
        found.append((points.step[start:stop], points.value[start:stop]))
    return found


def spans(drawn: Sequence[Points], quantity: Quantity) -> tuple[float, float] | None:
    """What the y axis shows: from 0, or below where an error grows, to a little above the highest.

    None where there is no number at all.
    """
    values = np.concatenate([np.append(p.value, p.end[p.beyond | p.grown]) for p in drawn] or [np.zeros(0)])
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    least = 0.05 if quantity.name == "lost_per_step" else 1.0
    high, low = max(float(known.max()), least), min(float(known.min()), 0.0)
    return low * 1.1, high * 1.2


def nearest(points: Points, step: float) -> int | None:
    """Index of the moment nearest to an update; None where there is none."""
    return int(np.abs(points.step - step).argmin()) if len(points.step) else None


def in_words(moment: Moment, layer: int, quantity: Quantity, noun: str) -> str:
    """ "3.2 words", "more than 11 words", "none, it grows 2.1 times", "4.1 % a word"."""
    value, last = float(getattr(moment, quantity.name)[layer]), int(moment.last_lag[layer])
    if not quantity.in_steps:
        if not math.isfinite(value):
            return f"too few {noun}s to tell past the first {SETTLED}"
        return f"{percent(value)} % of what is left" if value >= 0 else f"none, {percent(-value)} % gained"
    if last < 1:
        return "no error has a way back"
    plural = f"{noun}s"
    if math.isfinite(value):
        return f"{value:.1f} {plural}" if value < 9.95 else f"{value:.0f} {plural}"
    left = float(moment.last_left[layer])
    if left > GROWN:
        return f"none: grown {multiple(left)} times after {last} {noun if last == 1 else plural}"
    return f"more than {last} {noun if last == 1 else plural}"
