"""How much of one word's error is left at each step, and why it may be that nothing is drawn there."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.views.wording import percent, quoted
from rnnviz.probes import NO_TARGET, Trace

Fate = Literal["left", "later", "no target", "nothing sets out", "no path", "blocked", "underflow", "broken"]

CROSSINGS = (0.5, 0.1, 0.01)
CUT_AT_ONCE = 1e-30
"""An error that was stronger than this one step later did not underflow: it was cut by f' = 0."""


def shares_left(trace: Trace, error_step: int, layer: int) -> NDArray[np.float64]:
    """`M[t, k] / M[t, t]` for k = 0 ... t: (t+1,); NaN throughout where nothing sets out."""
    return np.asarray(trace.share_left(error_step, layer), dtype=np.float64)


def initial_share(trace: Trace, error_step: int, layer: int) -> float:
    """What is left at the initial state (h_0, and c_0 where there is one), as a share of what set out."""
    out = float(trace.state_gradient_matrix[error_step, error_step, layer])
    if not out > 0:
        return math.nan
    hidden = float(trace.initial_gradient[error_step, layer]) / out
    carried = _carried_to_start(trace, error_step, layer) / out
    return math.hypot(hidden, carried)


def _carried_to_start(trace: Trace, error_step: int, layer: int) -> float:
    """norm(f_1 * dL_t/dc_1), what runs along c into the initial c_0: 0 for a cell without c."""
    if trace.cell_carry_matrix is None or trace.straight_factor is None:
        return 0.0
    straight = float(trace.straight_factor[error_step, 0, layer])
    arrived = float(trace.state_gradient_matrix[error_step, 0, layer])
    return straight * arrived if arrived > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Way:
    """One way back through the gaps between the states, in shares of what set out."""

    arriving: NDArray[np.float64]  # (t+1,) at step k, on the right of the gap between k and k - 1
    leaving: NDArray[np.float64]  # (t+1,) into step k - 1, on the left of it; k = 0: into the initial state


def state_way(trace: Trace, error_step: int, layer: int) -> Way:
    """The way of the whole state: for the LSTM of h and c together."""
    arriving = shares_left(trace, error_step, layer)
    return Way(arriving, np.append(initial_share(trace, error_step, layer), arriving[:-1]))


def hidden_way(trace: Trace, error_step: int, layer: int) -> Way:
    """The way along h alone: dL_t/dh_k."""
    out = _sets_out(trace, error_step, layer)
    arriving = trace.gradient_matrix[error_step, : error_step + 1, layer].astype(np.float64) / out
    return Way(arriving, np.append(float(trace.initial_gradient[error_step, layer]) / out, arriving[:-1]))


def carry_way(trace: Trace, error_step: int, layer: int) -> Way | None:
    """The way along c alone: dL_t/dc_k before the forget gate, f_k * dL_t/dc_k behind it. None without c."""
    if trace.cell_gradient_matrix is None or trace.cell_carry_matrix is None:
        return None
    out = _sets_out(trace, error_step, layer)
    arriving = trace.cell_gradient_matrix[error_step, : error_step + 1, layer].astype(np.float64) / out
    carried = trace.cell_carry_matrix[error_step, :error_step, layer].astype(np.float64) / out
    return Way(arriving, np.append(_carried_to_start(trace, error_step, layer) / out, carried))


def _sets_out(trace: Trace, error_step: int, layer: int) -> float:
    """The norm that is 100 %; NaN where nothing sets out."""
    out = float(trace.state_gradient_matrix[error_step, error_step, layer])
    return out if out > 0 else math.nan


def hands_on(trace: Trace) -> bool:
    """Whether the state is fed back at all, so that there is a way back through time."""
    return trace.recurrent


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
    if not hands_on(trace):
        return "no path"
    arrived = row[step + 1 : error_step + 1]
    last = float(arrived[arrived > 0][0])
    return "blocked" if last / float(row[error_step]) > CUT_AT_ONCE else "underflow"


def all_shut(trace: Trace) -> str:
    """Why exactly nothing gets through."""
    return "every gate on its way is shut" if trace.gates else "every unit on its way has f' = 0"


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
        return f"{error} stops before {here}: {all_shut(trace)}"
    return f"{error} at {here}: smaller than the computer's numbers can hold"


def telling_steps(shares: NDArray[np.float64], cursor: CursorState) -> list[int]:
    """The steps whose numbers matter most: the cursor, the ends, where 50, 10 and 1 % are crossed."""
    last = len(shares) - 1
    steps = [last, 0]
    if cursor.time_step <= last:
        steps.insert(0, cursor.time_step)
    for level in CROSSINGS:
        below = np.flatnonzero(shares < level)
        if below.size:
            steps.append(int(below[-1]))
    most = int(np.nanargmax(shares)) if np.isfinite(shares).any() else last
    if shares[most] > 1:
        steps.insert(1, most)
    return list(dict.fromkeys(steps))
