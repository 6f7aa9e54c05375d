"""What the panels of the training plot show, and how the ends of their axes are chosen."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Strip:
    """What one panel shows: a field of the Series, its name and unit, and how it is drawn."""

    field: str
    step_field: str
    name: str
    stretch: int
    from_zero: bool
    backward: bool = False  # in the colour of the error


STRIPS = (
    Strip("loss", "step", "loss", 9, False),
    Strip("valid_accuracy", "valid_step", "right answers", 5, True),  # of a memory task
    Strip("grad_norm", "step", "gradient norm", 3, True, backward=True),
    Strip("radius", "radius_step", "spectral radius of W_hh", 2, False),
    Strip("tokens_per_s", "step", "a second", 2, True),
)


def short(value: float) -> str:
    """A number beside an axis: 7.6, 0.05, 81k."""
    if not math.isfinite(value):
        return ""
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{sign}"
    return f"{value:.3g}"


def wide_enough(last: float) -> float:
    """A round number of updates at or above `last`: the x axis seldom changes while training goes on."""
    power = 10.0 ** max(math.floor(math.log10(max(last, 10.0) / 10)), 0)
    steps = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)
    return next(step * power for step in steps if step * power >= last)
