"""How fast errors fade, in words, and the bound that no step of a plain RNN exceeds."""

import math

import numpy as np

from rnnviz.gui.views.plots.wording import share
from rnnviz.gui.views.wording import multiple, percent
from rnnviz.probes import Trace, one_percent_lag
from rnnviz.probes.memory import SETTLED

STEADY = 0.005
"""A curve that loses less than this a step counts as flat."""


def half_life_text(trace: Trace, layer: int, noun: str) -> str:
    """ "half-life 1.2 words · 1 % left after 8", from the decay of one layer."""
    decay = trace.decay[:, layer]
    known = np.flatnonzero(np.isfinite(decay))
    if not known.size:
        return "no error sets out anywhere"
    last = int(known[-1])
    half = float(trace.half_life[layer])
    if math.isinf(half):
        first = f"half-life more than {last} {noun}{'' if last == 1 else 's'}"
    else:
        first = f"half-life {half:.1f} {noun}s" if half < 9.95 else f"half-life {half:.0f} {noun}s"
    found = one_percent_lag(trace.decay) if trace.one_percent_lag is None else trace.one_percent_lag
    hundredth = float(found[layer])
    if math.isfinite(hundredth):
        return f"{first} · 1 % left after {hundredth:.1f}"
    if decay[last] > 1.05 and math.isinf(half):
        return f"no half-life: grown {multiple(float(decay[last]))} times after {last} {noun}s"
    return f"{first} · {share(float(decay[last]))} left after {last}"


def settled_text(trace: Trace, layer: int, noun: str) -> str:
    """How fast an error fades once the first few steps are past; "" where too few were measured to tell.

    An LSTM that has learned loses much at once and then carries the rest: what tells cells apart is whether
    the curve goes on falling, not its height alone.
    """
    lost = math.nan if trace.lost_per_step is None else float(trace.lost_per_step[layer])
    if not math.isfinite(lost):
        return ""
    if abs(lost) < STEADY:
        return f"past the first {SETTLED}: flat"
    if lost < 0:
        return f"past the first {SETTLED}: grows {percent(-lost)} % a {noun}"
    return f"past the first {SETTLED}: falls {percent(lost)} % a {noun}"
