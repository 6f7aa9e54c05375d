"""Numbers that views show and that follow from a Trace: so that each stands in the `.npz` by its name.

M is `state_gradient_matrix`. In a (T, T, L) array [t, k] is the error of step t at step k, or on its way from
t back to k; NaN where k > t and where nothing sets out. What a cell has not is left out.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.probes.moment import moment_of
from rnnviz.probes.trace import NO_TARGET, Floats, Trace

Doubles = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]

LARGEST_SLOPE = {"tanh": 1.0, "relu": 1.0, "sigmoid": 0.25}
"""gamma of the bound: the largest slope of an activation."""


def derived_numbers(trace: Trace) -> Arrays:
    """All of them by name; shapes stand beside the names below."""
    with np.errstate(all="ignore"):
        return {
            **_shares(trace),
            **_steps_back(trace),
            **_units(trace),
            **_spectra(trace),
            **_numbers(trace),
        }


def _shares(trace: Trace) -> Arrays:
    """What is left of each error, as a share of what set out."""
    out: Arrays = {
        "share_left": _over_what_set_out(trace, trace.state_gradient_matrix),  # (T, T, L) M[t, k] / M[t, t]
        "hidden_share_left": _over_what_set_out(trace, trace.gradient_matrix),  # (T, T, L) along h alone
    }
    sets_out = _sets_out(trace)  # (T, L)
    to_start = trace.initial_gradient.astype(np.float64)  # (T, L)
    if trace.cell_gradient_matrix is not None and trace.cell_carry_matrix is not None:
        out["cell_share_left"] = _over_what_set_out(trace, trace.cell_gradient_matrix)  # (T, T, L) along c
        out["carried_share_left"] = _over_what_set_out(trace, trace.cell_carry_matrix)  # (T, T, L) behind f
        if trace.straight_factor is not None:
            arrived = trace.state_gradient_matrix[:, 0].astype(np.float64)
            carried = np.where(arrived > 0, trace.straight_factor[:, 0] * arrived, 0.0)
            to_start = np.hypot(to_start, carried)
    out["initial_share_left"] = to_start / sets_out  # (T, L) at the initial state
    if trace.counterfactual_matrix is not None:
        matrix = trace.counterfactual_matrix.astype(np.float64)
        own = np.diagonal(matrix).T[:, None, :]
        shares = matrix / np.where(own > 0, own, np.nan)
        out["counterfactual_share_left"] = _lower(shares)  # (T, T, L) with f' = 1
    return out


def _sets_out(trace: Trace) -> Doubles:
    """M[t, t], NaN where nothing sets out: (T, L)."""
    own = np.diagonal(trace.state_gradient_matrix).T.astype(np.float64)
    started: Doubles = np.where((own > 0) & (trace.targets != NO_TARGET)[:, None], own, np.nan)
    return started


def _over_what_set_out(trace: Trace, matrix: Floats) -> Doubles:
    return _lower(matrix.astype(np.float64) / _sets_out(trace)[:, None, :])


def _lower(matrix: Doubles) -> Doubles:
    """NaN above the diagonal, where nothing can be."""
    T = len(matrix)
    return np.where((np.arange(T)[:, None] >= np.arange(T))[:, :, None], matrix, np.nan)


def _steps_back(trace: Trace) -> Arrays:
    """Each step back, and the geometric means over the steps from t back to k (NaN at k = t)."""
    out: Arrays = {}
    for name in ("slope_factor", "weight_factor", "straight_factor", "round_factor"):
        factors = getattr(trace, name)
        if factors is not None:
            out[f"mean_{name}"] = geometric_means(factors)  # (T, T, L)
    M = trace.state_gradient_matrix.astype(np.float64)
    if trace.slope_factor is not None and trace.weight_factor is not None:
        slope, weight = trace.slope_factor.astype(np.float64), trace.weight_factor.astype(np.float64)
        step = np.where(slope > 0, slope * weight, slope)  # after a slope of 0 the product is 0
        out["step_factor"] = step  # (T, T, L) from k to k - 1
        out["mean_step_factor"] = geometric_means(step)  # (T, T, L)
    elif trace.straight_factor is not None:
        step = np.full_like(M, np.nan)
        step[:, 1:] = M[:, :-1] / np.where(M[:, 1:] > 0, M[:, 1:], np.nan)
        out["step_factor"] = _lower(step)
        lags = np.subtract.outer(np.arange(len(M)), np.arange(len(M)))[:, :, None]
        shares = _over_what_set_out(trace, trace.state_gradient_matrix)
        out["mean_step_factor"] = np.where(lags > 0, shares ** (1 / np.maximum(lags, 1)), np.nan)
    if trace.straight_gate in trace.gates:
        open_at = trace.gates[trace.straight_gate].mean(axis=2, dtype=np.float64)  # (T, L)
        out["mean_gate_open"] = _means_back(np.broadcast_to(open_at, M.shape))  # (T, T, L) on the way
    return out


def geometric_means(factors: Floats) -> Doubles:
    """Over the steps from t back to k, [t, k+1] to [t, t]: (T, T, L), 0 as soon as one of them is 0."""
    values = factors.astype(np.float64)
    logs = np.where(values > 0, np.log(np.where(values > 0, values, 1.0)), np.nan)
    means = np.exp(_means_back(logs))
    return np.where(_sums_back((_lower(values) == 0).astype(np.float64)) > 0, 0.0, means)


def _means_back(values: Doubles) -> Doubles:
    """Mean of what is known of [t, k+1] to [t, t]: (T, T, L); NaN where nothing is."""
    known = _lower(np.where(np.isfinite(values), 1.0, 0.0))
    sums = _sums_back(np.where(known == 1, np.nan_to_num(values), 0.0))
    counts = _sums_back(np.nan_to_num(known))
    return _lower(sums / np.where(counts > 0, counts, np.nan))


def _sums_back(values: Doubles) -> Doubles:
    """Sum of [t, k+1] to the end of row t: (T, T, L)."""
    inclusive = np.cumsum(values[:, ::-1], axis=1)[:, ::-1]
    sums = np.zeros_like(inclusive)
    sums[:, :-1] = inclusive[:, 1:]
    return sums


def _units(trace: Trace) -> Arrays:
    """Over the units: means of gates and of saturation, and which units are dead."""
    out: Arrays = {}
    for name, gate in trace.gates.items():
        out[f"gate_mean/{name}"] = gate.mean(axis=2, dtype=np.float64)  # (T, L)
    for field in ("saturation_high", "saturation_low"):
        for name, share in (getattr(trace, field) or {}).items():
            out[f"{field}_mean/{name}"] = share.mean(axis=1, dtype=np.float64)  # (L,)
    if trace.slope is not None:
        out["dead_units"] = (trace.slope == 0).all(axis=0)  # (L, H) f' is 0 at every step
    return out


def _spectra(trace: Trace) -> Arrays:
    """Of eigenvalues, singular values and the bound."""
    out: Arrays = {}
    if trace.eigenvalues is not None:
        out["eigenvalue_modulus"] = np.abs(trace.eigenvalues)  # (L, H)
    if trace.jacobian_singular_values is not None:
        out["jacobian_median"] = np.median(trace.jacobian_singular_values, axis=2)  # (n, L)
    per_step = bound_per_step(trace, trace.layers - 1)
    if per_step is not None:
        out["bound_per_step"] = np.array(per_step)  # () gamma sigma_max, top layer of a plain RNN
    return out


def bound_per_step(trace: Trace, layer: int) -> float | None:
    """gamma sigma_max, which no step's factor exceeds: top layer of a plain RNN only, else None."""
    gamma = LARGEST_SLOPE.get(trace.activation)
    if trace.sigma_max is None or gamma is None or trace.cell_name != "rnn" or layer != trace.layers - 1:
        return None
    return gamma * float(trace.sigma_max[layer])


def _numbers(trace: Trace) -> Arrays:
    """Single numbers beside a loss, a probability or a decay."""
    moment = moment_of(trace)
    return {
        "missing_prob": 1 - trace.target_prob.astype(np.float64),  # (T,) of the right word, what sets out
        "guessing_loss": np.array(np.log(max(trace.vocabulary_size, 1))),  # () nats, ln V
        "last_lag": moment.last_lag,  # (L,) the furthest lag at which the decay is known
        "last_left": moment.last_left,  # (L,) the decay there
    }
