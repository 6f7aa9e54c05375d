"""The headline beside a ghost: what was changed, how much of the error arrives now, and how much did."""

import math

import numpy as np

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.views.ghost import Ghost
from rnnviz.gui.views.headline import Runs, headline, named
from rnnviz.gui.views.tracks.shares import hands_on, shares_left
from rnnviz.gui.views.wording import answer, percent
from rnnviz.probes import NO_TARGET, Trace


def compared_headline(trace: Trace, ghost: Ghost, cursor: CursorState) -> Runs:
    """ "With the forget gate shut at x the error of b reaches b with 0 % of its strength; before: 36 %."

    The ordinary headline where there is nothing to compare.
    """
    t = min(cursor.error_step, trace.length - 1)
    pair = shares_left(trace, t, cursor.layer), shares_left(ghost.trace, t, cursor.layer)
    broken = not np.isfinite(trace.hidden).all()
    if broken or trace.targets[t] == NO_TARGET or not t or not hands_on(trace) or cursor.time_step > t:
        return headline(trace, cursor)
    if not any(np.isfinite(shares).any() for shares in pair):
        return headline(trace, cursor)
    far = cursor.time_step if 0 < cursor.time_step < t else 0
    assumed = trace.assumed_answer and t == trace.last_target_step
    reaches = " would reach " if assumed else " reaches "
    now, before = (float(shares[far]) for shares in pair)
    return [
        *ghost.cause, (" the error of ", "plain"), *named(trace, answer(trace, t), "answer"),
        (reaches, "plain"), *named(trace, str(trace.words[far]), "word"), (" with ", "plain"),
        (in_percent(now), "number"), (" of its strength; before: ", "plain"), (in_percent(before), "number"),
        (".", "plain"),
    ]  # fmt: skip


def in_percent(share: float) -> str:
    """A share with its sign; where no error set out there is none."""
    return "nothing" if math.isnan(share) else f"{percent(share)} %"
