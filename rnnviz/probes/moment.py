"""A moment: the few numbers of a trace that are followed over training.

A whole trace weighs a hundred times as much; these are kept of many moments, so that the course of memory and
of the eigenvalues over all updates stays in sight when most traces have been dropped.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.probes.trace import Complexes, Floats, Integers, Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum:
    """What the recurrent weights of one moment do to any error. Arrays are read-only."""

    step: int  # updates done
    passage: int  # that was watched, as in a Moment: the singular values are its own
    eigenvalues: Complexes  # (L, H) of the named recurrent block
    sigma_max: Floats  # (L,)
    spectral_radius: Floats  # (L,)
    lags: Integers | None = None  # (n,) lags d, 0 first; None where nobody asked for the Jacobian
    singular_values: Floats | None = None  # (n, L, H) of dh_t/dh_{t-d}, t the last step


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How far back an error reached at one moment. Arrays are read-only."""

    step: int  # updates done
    passage: int  # the same number for the same passage: numbers of two passages are never joined by a line
    half_life: Floats  # (L,) in time steps; inf where one half is never crossed
    one_percent_lag: Floats  # (L,) in time steps; inf where 1 % is never crossed
    lost_per_step: Floats  # (L,) share lost a step past the first few; NaN: too few steps to tell
    last_lag: NDArray[np.int64]  # (L,) the furthest lag that was measured, T - 1 at most; -1: none
    last_left: Floats  # (L,) mean share left there; NaN: none


def passage_of(trace: Trace) -> int:
    """A number that is the same for traces of the same tokens and targets, within this process."""
    return hash((trace.tokens.tobytes(), trace.targets.tobytes()))


def moment_of(trace: Trace) -> Moment:
    """The numbers of a trace that are followed."""
    known = np.isfinite(trace.decay)  # (T, L)
    T, layers = trace.length, np.arange(trace.layers)
    last = np.where(known.any(axis=0), T - 1 - np.argmax(known[::-1], axis=0), -1)
    unknown = np.full(trace.layers, np.nan)
    return Moment(
        step=trace.step,
        passage=passage_of(trace),
        half_life=trace.half_life,
        one_percent_lag=unknown if trace.one_percent_lag is None else trace.one_percent_lag,
        lost_per_step=unknown if trace.lost_per_step is None else trace.lost_per_step,
        last_lag=_locked(last.astype(np.int64)),
        last_left=_locked(np.where(last >= 0, trace.decay[last, layers], np.nan)),
    )


def spectrum_of(trace: Trace) -> Spectrum | None:
    """The spectrum that came with a trace; None where nobody asked for it, or the cell has none."""
    if trace.eigenvalues is None or trace.sigma_max is None or trace.spectral_radius is None:
        return None
    if not trace.recurrent:
        return None
    return Spectrum(
        step=trace.step,
        passage=passage_of(trace),
        eigenvalues=trace.eigenvalues,
        sigma_max=trace.sigma_max,
        spectral_radius=trace.spectral_radius,
        lags=trace.jacobian_lags,
        singular_values=trace.jacobian_singular_values,
    )


def _locked(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array
