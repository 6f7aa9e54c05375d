"""Numbers for "how far back": the mean decay of an error with its distance, and what is read off it.

A learned LSTM loses much of an error in its first steps back and then carries the rest almost flat, which is
no vanishing: so beside the half-life stand the lag at which 1 % is left and the loss per step once the first
few are past. All are read off what was measured; nothing is drawn out past it.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]


def decay(matrix: Floats) -> Doubles:
    """Mean over t >= d of M[t, t-d] / M[t, t], for M (T, T, L): (T, L).

    Rows with nothing setting out are left out; NaN where none is left.
    """
    T = len(matrix)
    steps = np.arange(T)
    t, d = steps[:, None], steps[None, :]
    lagged = np.asarray(matrix, dtype=np.float64)[t, np.maximum(t - d, 0)]  # [t, d, l]
    with np.errstate(all="ignore"):
        share = lagged / lagged[:, :1]
        counts = ((t >= d)[:, :, None] & (lagged[:, :1] > 0)).astype(np.float64)
        share[counts == 0] = 0
        result: Doubles = share.sum(axis=0) / counts.sum(axis=0)
    return result


SETTLED = 4
"""The first lag that counts as past the first few: what is lost between 0 and here is the entrance fee."""
FEWEST_LAGS = 4
"""A slope is fitted through at least so many lags."""


def half_life(mean_decay: Floats) -> Doubles:
    """Steps until one half is left, per layer, from `decay` (T, L): (L,), inf where it never is.

    The first crossing, interpolated in the logarithm between the two lags around it. Where nothing at all is
    left at the next lag the interpolation's limit is the lag before.
    """
    return np.array([_crossing(column, 0.5) for column in np.asarray(mean_decay, dtype=np.float64).T])


def one_percent_lag(mean_decay: Floats) -> Doubles:
    """Steps until 1 % is left, per layer, from `decay` (T, L): (L,), inf where it never is."""
    return np.array([_crossing(column, 0.01) for column in np.asarray(mean_decay, dtype=np.float64).T])


def lost_per_step(mean_decay: Floats) -> Doubles:
    """Share of the error lost at each further step once the first few are past, from `decay` (T, L): (L,).

    1 - exp(slope) of the straight line through ln decay at the lags from SETTLED on (least squares), negative
    where the error grows. NaN where fewer than FEWEST_LAGS of them were measured; where nothing is left any
    more the measurement ends.
    """
    return np.array([_lost(column) for column in np.asarray(mean_decay, dtype=np.float64).T])


def _lost(column: Doubles) -> float:
    settled = column[SETTLED:]
    ends = np.flatnonzero(~(np.isfinite(settled) & (settled > 0)))
    settled = settled[: int(ends[0]) if ends.size else len(settled)]
    if len(settled) < FEWEST_LAGS:
        return math.nan
    lags = np.arange(len(settled)) - (len(settled) - 1) / 2
    slope = float(lags @ np.log(settled)) / float(lags @ lags)
    return -math.expm1(slope)


def _crossing(column: Doubles, level: float) -> float:
    for d in range(1, len(column)):
        before, here = float(column[d - 1]), float(column[d])
        if here <= level < before:
            if here <= 0:
                return float(d - 1)
            return d - 1 + math.log(before / level) / math.log(before / here)
    return math.inf
