"""The numbers under the mouse beside a race: of every lane at one place of a plot, with their unit."""

from collections.abc import Callable, Sequence

import numpy as np

from rnnviz.gui.views.plots.memory_course import MemoryLine, Quantity, in_words, nearest, points_of
from rnnviz.gui.views.race_curves import Curve
from rnnviz.gui.views.series import Numbers
from rnnviz.gui.views.wording import percent

Reader = Callable[[float], str]
"""What stands at a place from left to right."""


def distances_in_words(curves: Sequence[Curve], distance: float, noun: str) -> str:
    """ "3 words back: lane 1 12 %, lane 2 0.4 % left"; "" where no lane has a number."""
    at = round(max(distance, 0.0))
    told = [
        f"lane {number} {percent(float(y[at]))} %"
        for number, (_, y) in enumerate(curves, 1)
        if at < len(y) and np.isfinite(y[at])
    ]
    return f"{at} {noun}{'' if at == 1 else 's'} back: {', '.join(told)} left" if told else ""


def updates_in_words(
    curves: Sequence[tuple[Numbers, Numbers]], update: float, worded: Callable[[float], str], what: str
) -> str:
    """ "update 120: loss (nats per word), lane 1 2.31, lane 2 2.05", at the nearest update with a number.

    A lane that has none there, as one that has dropped out before, is left out.
    """
    told, updates = [], []
    for number, (x, y) in enumerate(curves, 1):
        known = np.flatnonzero(np.isfinite(y))
        if known.size:
            at = known[int(np.abs(np.asarray(x)[known] - update).argmin())]
            told.append((number, float(x[at]), worded(float(y[at]))))
            updates.append(float(x[at]))
    if not told:
        return ""
    here = min(updates, key=lambda one: abs(one - update))
    lanes = [f"lane {number} {text}" for number, x, text in told if x == here]
    return f"update {here:,.0f}: {what}, {', '.join(lanes)}"


def course_in_words(lines: Sequence[MemoryLine], quantity: Quantity, update: float, noun: str) -> str:
    """ "update 240: half-life, lane 1 3.2 words, lane 2 more than 11 words", at the nearest kept moment."""
    told = []
    for line in lines:
        moments = [moment for moment in line.moments if line.layer < len(moment.half_life)]
        at = nearest(points_of(line, quantity), update)
        if at is not None:
            text = in_words(moments[at], line.layer, quantity, noun)
            told.append((moments[at].step, f"lane {line.number + 1} {text}"))
    if not told:
        return ""
    here = min((step for step, _ in told), key=lambda step: abs(step - update))
    return f"update {here:,}: {quantity.title}, " + ", ".join(text for step, text in told if step == here)
