"""How the named recurrent block can stretch an error: its eigenvalues and its largest singular value."""

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine import LanguageModel

Complexes = NDArray[np.complex128]
Doubles = NDArray[np.float64]


def eigenvalues(model: LanguageModel) -> Complexes:
    """Of each layer's named recurrent block, largest modulus first: (L, H). At H = 512 they take 0.15 s.

    NaN where a block is not finite or the cell has none.
    """
    values = np.full((model.spec.layers, model.spec.hidden), np.nan, dtype=np.complex128)
    for layer in range(model.spec.layers):
        block = _named_block(model, layer)
        if block is not None:
            found = np.linalg.eigvals(block)
            values[layer] = found[np.argsort(-np.abs(found), kind="stable")]
    return values


def spectrum_bounds(model: LanguageModel, eigen: Complexes | None = None) -> tuple[Doubles, Doubles]:
    """sigma_max and spectral radius of each layer's named recurrent block: (L,) twice.

    sigma_max bounds one step (norm(W^T g) <= sigma_max norm(g)), the spectral radius tells what many steps
    of W alone would do. `eigen` are its eigenvalues, if they are known. NaN as they are.
    """
    sigma_max = np.full(model.spec.layers, np.nan)
    for layer in range(model.spec.layers):
        block = _named_block(model, layer)
        if block is not None:
            sigma_max[layer] = np.linalg.norm(block, 2)
    radius: Doubles = np.abs(eigenvalues(model) if eigen is None else eigen)[:, 0]
    return sigma_max, radius


def _named_block(model: LanguageModel, layer: int) -> Doubles | None:
    """One layer's named block (H, H) in float64; None where it is not finite or there is none."""
    cell = model.cells[layer]
    if not cell.recurrent:
        return None
    block = model.weights[layer].weight_hh[cell.named_block].astype(np.float64)
    return block if np.isfinite(block).all() else None


def bound(sigma_max: float, largest_slope: float, lags: int) -> Doubles:
    """(gamma sigma_max)^d for d = 0 ... lags-1: M[t, t-d] <= M[t, t] times this, top layer of a plain RNN."""
    with np.errstate(over="ignore"):
        result: Doubles = np.power(largest_slope * sigma_max, np.arange(lags, dtype=np.float64))
    return result
