"""Interventions that change parameters: the recurrent block scaled, the forget bias set."""

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine import LanguageModel
from rnnviz.training.interventions import InterventionError, ScaleRecurrent, SetForgetBias, WeightChange

_SMALLEST_SHARE = 1e-6
"""Of a block's norm: a spectral radius below it is rounding error, and no factor changes that."""


def change_weights(model: LanguageModel, change: WeightChange) -> None:
    """Change a network's parameters, or none of them. Raises InterventionError."""
    change.check(model.spec)
    layers = range(model.spec.layers) if change.layer is None else (change.layer,)
    match change:
        case ScaleRecurrent():
            scaled = [_scaled(model, layer, change.radius) for layer in layers]
            for layer, block in zip(layers, scaled, strict=True):
                model.weights[layer].weight_hh[model.cells[layer].named_block] = block
        case SetForgetBias():
            forget = model.spec.cell_class.forget_block
            assert forget is not None
            for layer in layers:  # held in b_ih, as at the start
                model.weights[layer].bias_ih[forget] = change.value
                model.weights[layer].bias_hh[forget] = 0


def _scaled(model: LanguageModel, layer: int, radius: float) -> NDArray[np.float64]:
    """The named block (H, H) of a layer times the factor that gives it this spectral radius."""
    named = model.weights[layer].weight_hh[model.cells[layer].named_block]
    block: NDArray[np.float64] = named.astype(np.float64)
    if not np.isfinite(block).all():
        raise InterventionError("The recurrent weights hold infinite numbers.", "Start over, or undo.")
    if radius == 0:
        return np.zeros_like(block)
    present = float(np.abs(np.linalg.eigvals(block)).max())
    if not present > _SMALLEST_SHARE * np.linalg.norm(block):
        raise InterventionError(
            f"The spectral radius of W_hh is 0 in layer {layer + 1}, and no factor makes {radius:g} of it.",
            "Undo what made it 0, or start over.",
        )
    scaled: NDArray[np.float64] = block * (radius / present)
    return scaled
