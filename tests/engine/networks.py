"""Small networks and windows for the tests of the engine and the probes."""

import numpy as np

from rnnviz.engine import LanguageModel, ModelSpec, Workspace


def network(seed=0, spread=None, **choices):
    """A network in float64 unless said otherwise, with biases that are not 0."""
    spec = ModelSpec(**({"vocabulary_size": 11, "hidden": 7, "dtype": "float64"} | choices))
    rng = np.random.default_rng(seed)
    model = LanguageModel(spec, rng)
    for name in model.parameters.names:
        if name.startswith("bias"):
            model.parameters.view(name)[...] = rng.uniform(-0.3, 0.3, model.parameters.view(name).shape)
        elif spread is not None:
            model.parameters.view(name)[...] *= spread
    return model


def window(model, T, B, seed=1):
    """Tokens and targets (T, B) and a state that is not zero."""
    rng = np.random.default_rng(seed)
    V = model.spec.vocabulary_size
    state = model.zero_state(B)
    state[...] = rng.uniform(-0.5, 0.5, state.shape)
    return rng.integers(0, V, (T, B)), rng.integers(0, V, (T, B)), state


def worked(model, T=6, B=3, seed=1) -> Workspace:
    """A window read and taken back."""
    ws = model.workspace(T, B)
    model.forward(ws, *window(model, T, B, seed))
    model.backward(ws)
    return ws


def gradients(model):
    """Copies of all gradients by name."""
    return model.parameters.export("gradients")
