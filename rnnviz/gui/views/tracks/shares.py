"""How much of one word's error is left at each step, and why it may be that nothing is drawn there."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnnviz.gui.views.wording import percent, quoted
from rnnviz.probes.trace import NO_TARGET, Trace

Fate = Literal["left", "later", "no target", "nothing sets out", "no path", "blocked", "underflow", "broken"]

NO_RECURRENCE = frozenset({"feedforward"})
"""Cells whose state is never fed back: there is no way back through time."""
CUT_AT_ONCE = 1e-30
"""An error that was stronger than this one step later did not underflow: it was cut by f' = 0."""


def shares_left(trace: Trace, error_step: int, layer: int) -> NDArray[np.float64]:
    """`M[t, k] / M[t, t]` for k = 0 ... t: (t+1,); NaN throughout where nothing sets out."""
    return np.asarray(trace.share_left(error_step, layer), dtype=np.float64)


def initial_share(trace: Trace, error_step: int, layer: int) -> float:
    """What is left at the initial state h_0, as a share of what set out."""
    out = float(trace.state_gradient_matrix[error_step, error_step, layer])
    return float(trace.initial_gradient[error_step, layer]) / out if out > 0 else float("nan")


def fate(trace: Trace, error_step: int, step: int, layer: int) -> Fate:
    """What became of the error of step t at step k: left over, or one of the reasons for none."""
    if step > error_step:
        return "later"
    if trace.targets[error_step] == NO_TARGET:
        return "no target"
    row = trace.state_gradient_matrix[error_step, :, layer]
    if not np.isfinite(row[step]):
        return "broken"
    if not row[error_step] > 0:
        return "nothing sets out"
    if row[step] > 0:
        return "left"
    if trace.cell_name in NO_RECURRENCE:
        return "no path"
    arrived = row[step + 1 : error_step + 1]
    last = float(arrived[arrived > 0][0])
    return "blocked" if last / float(row[error_step]) > CUT_AT_ONCE else "underflow"


def spoken_fate(trace: Trace, error_step: int, step: int, layer: int) -> str:
    """The reading of one pair as a sentence."""
    here = quoted(trace, str(trace.words[step]))
    target = str(trace.target_words[error_step])
    error = f"error of {quoted(trace, target)}"
    what = fate(trace, error_step, step, layer)
    if what == "left":
        norm = float(trace.state_gradient_matrix[error_step, step, layer])
        out = float(trace.state_gradient_matrix[error_step, error_step, layer])
        return f"{error} left at {here}: {percent(norm / out)} % ({norm:.3g} of {out:.3g})"
    if what == "later":
        return f"{here} comes later: the {error} only travels back"
    if what == "no target":
        return (
            f"no right answer is known after {quoted(trace, str(trace.words[error_step]))}: no error sets out"
        )
    if what == "broken":
        return f"{error} at {here}: not a number, the training has broken"
    if what == "nothing sets out":
        return f"{error} at {here}: none, since none sets out"
    if what == "no path":
        return f"{error} has no path to {here}: this network hands no state on"
    if what == "blocked":
        return f"{error} stops before {here}: every unit on its way has f' = 0"
    return f"{error} at {here}: smaller than the computer's numbers can hold"
