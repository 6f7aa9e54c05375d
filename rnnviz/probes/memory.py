"""Numbers for "how far back": the mean decay of an error with its distance, and its half-life."""

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


def half_life(mean_decay: Floats) -> Doubles:
    """Steps until one half is left, per layer, from `decay` (T, L): (L,), inf where it never is.

    The first crossing, interpolated in the logarithm between the two lags around it. Where nothing at all is
    left at the next lag the interpolation's limit is the lag before.
    """
    return np.array([_crossing(column) for column in np.asarray(mean_decay, dtype=np.float64).T])


def _crossing(column: Doubles) -> float:
    for d in range(1, len(column)):
        before, here = float(column[d - 1]), float(column[d])
        if here <= 0.5 < before:
            if here <= 0:
                return float(d - 1)
            return d - 1 + math.log(before / 0.5) / math.log(before / here)
    return math.inf
