"""Every gradient of small networks against (L(w + eps) - L(w - eps)) / (2 eps), in float64.

The witness that needs no reference: it asks the forward pass alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from rnnviz.engine import ACTIVATIONS, CELLS, NO_TARGET, LanguageModel, ModelSpec

EPSILON = 1e-5  # the error of a central difference is some eps^2 + 1e-16 / eps
ALLOWED = 1e-6  # of the largest number of the gradient
T, B, V, H, E = 6, 3, 7, 4, 3


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """One parameter of one small network."""

    network: str  # "rnn tanh, 2 layers, embedding 3"
    parameter: str
    worst: float  # largest difference
    ratio: float  # over what is allowed; passed means at most 1
    passed: bool


def small_specs() -> list[ModelSpec]:
    """Every cell and activation, with one to three layers, one-hot and embedded."""
    return [
        ModelSpec(V, cell, activation, H, layers, embedding, "uniform", "float64")
        for cell, layers, embedding in product(CELLS, (1, 2, 3), (0, E))
        for activation in (ACTIVATIONS if CELLS[cell].has_activation else ("tanh",))
    ]


def finite_difference_check(spec: ModelSpec, seed: int = 0) -> list[GradientCheck]:
    """Every number of every parameter of one network (in float64), on a window that begins in mid-text."""
    layers = "1 layer" if spec.layers == 1 else f"{spec.layers} layers"
    source = f"embedding {spec.embedding}" if spec.embedding else "one-hot"
    activation = f" {spec.activation}" if spec.cell_class.has_activation else ""
    network = f"{spec.cell}{activation}, {layers}, {source}"
    return [
        GradientCheck(network, name, worst, ratio, ratio <= 1)
        for name, worst, ratio in _differences(spec, np.random.default_rng(seed))
    ]


def _differences(spec: ModelSpec, rng: np.random.Generator) -> Iterator[tuple[str, float, float]]:
    model = LanguageModel(spec, rng)
    # Biases start at 0, where a relu unit may stand exactly at its corner; anything else will do.
    model.parameters.load(
        {n: a + rng.uniform(-0.3, 0.3, a.shape) for n, a in model.parameters.export().items()}
    )
    tokens = rng.integers(0, spec.vocabulary_size, (T, B))
    targets = rng.integers(0, spec.vocabulary_size, (T, B))
    targets[T // 2, 0] = NO_TARGET
    state = model.zero_state(B)
    state[...] = rng.uniform(-0.5, 0.5, state.shape)
    ws = model.workspace(T, B)
    model.forward(ws, tokens, targets, state)
    model.backward(ws)
    gradients = {name: model.parameters.view(name, "gradients").copy() for name in model.parameters.names}
    for name, gradient in gradients.items():
        values = model.parameters.view(name).reshape(-1)
        measured = np.zeros(values.size)
        for i, value in enumerate(values.copy()):
            losses = []
            for shifted in (value + EPSILON, value - EPSILON):
                values[i] = shifted
                model.forward(ws, tokens, targets, state)
                losses.append(ws.mean_loss)
            values[i] = value
            measured[i] = (losses[0] - losses[1]) / (2 * EPSILON)
        worst = float(np.abs(measured - gradient.reshape(-1)).max())
        allowed = ALLOWED * float(np.abs(gradient).max())
        yield name, worst, worst / allowed if allowed > 0 else float(np.inf if worst > 0 else 0)
