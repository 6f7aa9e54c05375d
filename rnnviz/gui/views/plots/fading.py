"""Why a word's error fades or grows on its way back: the exact product of its factors, in numbers and words.

In a plain RNN each step back multiplies the error g twice: `slope_factor = ||f' * g|| / ||g||`, then
`weight_factor = ||W_hh^T (f' * g)|| / ||f' * g||`. Over the n steps from t back to k their product is
`M[t, k] / M[t, t]`, so their geometric means multiply to the mean factor of a step. In a layer below the top
one the layer above adds to the error on the way, and the product is no longer all.

In an LSTM or a GRU each step back goes two ways, `straight_factor` along the state itself through the forget
or update gate and `round_factor` through all gates and weights, each as a norm over what arrives. They
meet again as vectors: their norms neither multiply nor add up, and what they make together is
M[t, k-1] / M[t, k] itself.
"""

from dataclasses import dataclass

import numpy as np

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.views.gate_names import gate_name
from rnnviz.gui.views.plots.wording import count, share
from rnnviz.gui.views.wording import learned, multiple, percent, quoted
from rnnviz.probes.trace import NO_TARGET, Floats, Trace

NO_PATH = "A feedforward network has no path back through time: the error of a word stays in its step."
_STEADY = 0.05  # a total within 5 % of 1 neither faded nor grew


@dataclass(frozen=True, slots=True)
class Fading:
    """The way of one word's error from step t back to step k, in one layer."""

    error_step: int  # t
    reached_step: int  # k
    slope: float  # geometric mean of the slope factors, or of the straight ones
    weight: float  # geometric mean of the weight factors, or of the round ones
    together: float  # geometric mean of what each step makes of the error
    left: float  # M[t, k] / M[t, t]
    counterfactual: float | None  # the same with f' = 1 throughout; None when it was not asked for
    added_from_above: bool  # a layer above adds to the error on the way
    two_ways: bool = False  # straight and round, not a product of f' and W_hh
    gate_open: float | None = None  # mean of the gate on the straight way, over units and steps

    @property
    def steps(self) -> int:
        """How many steps back."""
        return self.error_step - self.reached_step


def geometric_mean(factors: Floats) -> float:
    """exp(mean(log x)); 0 as soon as one factor is 0, after which nothing arrives and the rest is NaN."""
    values = np.asarray(factors, dtype=np.float64)
    if (values == 0).any():
        return 0.0
    known = values[np.isfinite(values)]
    return float(np.exp(np.log(known).mean())) if known.size else float("nan")


def reached_step(cursor: CursorState, error_step: int) -> int:
    """How far back the question goes: to the word under the cursor if it lies before, else to the first."""
    return cursor.time_step if cursor.time_step < error_step else 0


def why_no_fading(trace: Trace, cursor: CursorState, layer: int = 0) -> str:
    """Why the question has no answer here, as a sentence; empty when it has one."""
    t = min(cursor.error_step, trace.length - 1)
    if trace.targets[t] == NO_TARGET:
        return (
            f"No right answer is known after {quoted(trace, str(trace.words[t]))}, so no error leaves there."
        )
    if not trace.recurrent:
        return NO_PATH
    if t == 0:
        return "This is the first step: its error has no earlier step to reach. Choose a later one."
    if not trace.state_gradient_matrix[t, t, layer] > 0:
        word = quoted(trace, str(trace.target_words[t]))
        return f"Nothing sets out: the error of {word} is exactly zero here."
    if _pair(trace) is None:
        return "This cell does not multiply the error by two factors a step."
    return ""


def _pair(trace: Trace) -> tuple[Floats, Floats] | None:
    """The two numbers of each step back that this cell has."""
    if trace.slope_factor is not None and trace.weight_factor is not None:
        return trace.slope_factor, trace.weight_factor
    if trace.straight_factor is not None and trace.round_factor is not None:
        return trace.straight_factor, trace.round_factor
    return None


def fading_of(trace: Trace, cursor: CursorState, layer: int = 0) -> Fading:
    """The numbers of the error that the cursor has chosen; only where `why_no_fading` is empty."""
    pair = _pair(trace)
    assert pair is not None
    two_ways = trace.slope_factor is None
    t = min(cursor.error_step, trace.length - 1)
    k = reached_step(cursor, t)
    way = slice(k + 1, t + 1)  # column j holds the step from j to j-1
    first, second = pair[0][t, way, layer], pair[1][t, way, layer]
    counterfactual = None
    if trace.counterfactual_matrix is not None and trace.counterfactual_matrix[t, t, layer] > 0:
        row = trace.counterfactual_matrix[t, :, layer].astype(np.float64)
        counterfactual = float(row[k] / row[t])
    left = float(trace.share_left(t, layer)[k])
    together = first.astype(np.float64) * second.astype(np.float64)
    together[first == 0] = 0.0  # after a slope of 0 the other factor is unknown, the product is not
    gate = trace.gates.get(trace.straight_gate)
    return Fading(
        error_step=t,
        reached_step=k,
        slope=geometric_mean(first),
        weight=geometric_mean(second),
        together=left ** (1 / (t - k)) if two_ways else geometric_mean(together),
        left=left,
        counterfactual=counterfactual,
        added_from_above=layer < trace.layers - 1,
        two_ways=two_ways,
        gate_open=None if gate is None else float(gate[way, layer].mean(dtype=float)),
    )


def verb(fading: Fading) -> str:
    """What became of the error."""
    if fading.left > 1 + _STEADY:
        return "grow"
    return "last" if fading.left >= 1 - _STEADY else "fade"


def opening(trace: Trace, fading: Fading) -> str:
    """How far back, and what each step does."""
    steps = count(fading.steps, "step")
    to = "" if fading.reached_step == 0 else f" to {quoted(trace, str(trace.words[fading.reached_step]))}"
    if learned(trace, fading.error_step):
        return f"Learned, so little sets out. {steps} back{to}:"
    if fading.added_from_above:
        return f"{steps} back{to}; the layer above adds to it:"
    if fading.two_ways:
        return f"{steps} back{to}, {'each goes' if fading.steps != 1 else 'which goes'} two ways:"
    return f"{steps} back{to}, {'each multiplies' if fading.steps != 1 else 'which multiplies'} it twice:"


def names(trace: Trace, fading: Fading) -> tuple[str, str]:
    """What the two numbers of a step are."""
    if fading.two_ways:
        return f"straight along {'c' if trace.cell is not None else 'h'}", "round through gates and weights"
    return slope_name(trace.activation), "W_hh: weights turn and stretch it"


def slope_name(activation: str) -> str:
    """What f' does, for an activation."""
    reasons = {
        "tanh": "f′: units near ±1 let little pass",
        "sigmoid": "f′: at most a quarter passes",
        "relu": "f′: units at 0 let nothing pass",
    }
    return reasons.get(activation, "f′: the slope of the activation")


def closing(trace: Trace, fading: Fading) -> str:
    """What would have been without f', or how far the gate is open; empty when nobody asked."""
    if fading.two_ways:
        said = "Lengths, which do not add up."
        if fading.gate_open is not None:
            gate = gate_name(trace, trace.straight_gate)
            said += f" The {gate} is {percent(fading.gate_open)} % open on average."
        return said
    if fading.counterfactual is None:
        return ""
    would = fading.counterfactual
    if would > 1 + _STEADY:
        told = f", it would have grown {multiple(would)} times."
    elif would >= 1 - _STEADY:
        told = ", it would have kept its strength."
    elif abs(would - fading.left) <= _STEADY * fading.left:
        told = f": {share(would)} left, much the same."
    else:
        told = f": {share(would)} left, not {share(fading.left)}."
    return f"If {trace.activation or 'f'} let everything through{told}"
