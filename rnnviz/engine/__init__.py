"""Token ids become states, probabilities, losses and gradients. NumPy only."""

from rnnviz.engine.activations import ACTIVATIONS, Activation
from rnnviz.engine.arrays import norms
from rnnviz.engine.cells import CELLS, Cell, Equation, LayerErrors, LayerRun, LayerWeights
from rnnviz.engine.errors import Interrupted, ParameterMismatch
from rnnviz.engine.initializers import INITIALIZERS
from rnnviz.engine.model import LanguageModel, Workspace, send_below
from rnnviz.engine.optimizers import OPTIMIZERS, Optimizer, clip_factor, clip_gradients, gradient_norm
from rnnviz.engine.overrides import HeldGate, Overrides
from rnnviz.engine.parameters import Parameters
from rnnviz.engine.readout import NO_TARGET
from rnnviz.engine.sampling import continuation, next_token_probabilities, sample_continuation
from rnnviz.engine.spec import ModelSpec

__all__ = [
    "ACTIVATIONS",
    "CELLS",
    "INITIALIZERS",
    "NO_TARGET",
    "OPTIMIZERS",
    "Activation",
    "Cell",
    "Equation",
    "HeldGate",
    "Interrupted",
    "LanguageModel",
    "LayerErrors",
    "LayerRun",
    "LayerWeights",
    "ModelSpec",
    "Optimizer",
    "Overrides",
    "ParameterMismatch",
    "Parameters",
    "Workspace",
    "clip_factor",
    "clip_gradients",
    "continuation",
    "gradient_norm",
    "next_token_probabilities",
    "norms",
    "sample_continuation",
    "send_below",
]
