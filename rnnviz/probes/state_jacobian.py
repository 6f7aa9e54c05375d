"""The Jacobian dh_t/dh_k of one layer and its singular values, the further back the more lags.

It is what every error must pass on its way from step t to step k, whatever the error is: its largest singular
value is the most that can be left of one. For the LSTM it is the derivative by h_k at a given c_k, as
`gradient_matrix` is; what runs along c stands in `cell_carry_matrix`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine import LanguageModel, LayerErrors, LayerWeights, Overrides, Workspace

Doubles = NDArray[np.float64]

MOST_LAGS = 24
"""More would cost more than they show: at H = 512 the singular values of one lag take 28 ms."""
BLOCK_NUMBERS = 2**20
"""Of one array of errors, (T, N, H): wide layers send their H unit errors back in blocks of N < H."""


def chosen_lags(length: int) -> NDArray[np.int64]:
    """All lags of a short passage; of a longer one some, closer together the nearer: (n,), 0 first."""
    if length <= MOST_LAGS:
        return np.arange(length)
    return np.unique(np.geomspace(1, length, MOST_LAGS).round().astype(np.int64)) - 1


def jacobian_singular_values(
    model: LanguageModel, ws: Workspace, weights: Sequence[LayerWeights], overrides: Overrides | None = None
) -> tuple[NDArray[np.int64], Doubles]:
    """Lags d (n,) and singular values (n, L, H), largest first, of dh_t/dh_{t-d}, t the last step.

    `ws` (B = 1) has read the passage; `weights` are the layers' in float64, `weight_hh_back` up to date. NaN
    where the network has broken.
    """
    T, H = ws.length, model.spec.hidden
    lags = chosen_lags(T)
    values = np.full((len(lags), model.spec.layers, H), np.nan)
    N = max(1, min(H, BLOCK_NUMBERS // (T * H)))
    jacobians = np.zeros((len(lags), H, H))
    with np.errstate(all="ignore"):
        for layer, (cell, run) in enumerate(zip(model.cells, ws.runs, strict=True)):
            errors = LayerErrors(cell, T, N, np.float64)
            per_layer = overrides.for_layer(layer) if overrides is not None else None
            for start in range(0, H, N):
                units = np.arange(start, min(start + N, H))
                errors.dstate.fill(0)
                errors.dstate[0, T, units - start, units] = 1
                cell.backward(weights[layer], run, errors, T, None, per_layer)
                jacobians[:, units] = errors.dstate[0, T - lags, : len(units)]
            whole = np.isfinite(jacobians).all(axis=(1, 2))
            values[whole, layer] = np.linalg.svd(jacobians[whole], compute_uv=False)
    return lags, values
