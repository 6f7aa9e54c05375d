"""The functions f in h_t = f(...) of the plain RNN, and their slopes as functions of the output.

All three slopes can be read off h itself, so nothing but h has to be kept for the way back:
tanh' = 1 - h^2, sigmoid' = h (1 - h), relu' = 1 where h > 0 else 0 (0 at the corner, as PyTorch has it).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rnnviz.engine.arrays import Floats

Apply = Callable[[Floats, Floats], Any]  # to the first, into the second, which may be the same
SlopeOf = Callable[[Floats, Floats], Any]


def _tanh(dtype: DTypeLike) -> tuple[Apply, SlopeOf]:
    one = np.ones((), dtype=dtype)  # a 0-d array costs less per call than a Python float

    def slope(h: Floats, out: Floats) -> None:
        np.multiply(h, h, out=out)
        np.subtract(one, out, out=out)

    return np.tanh, slope


def _sigmoid(dtype: DTypeLike) -> tuple[Apply, SlopeOf]:
    one = np.ones((), dtype=dtype)

    def apply(x: Floats, out: Floats) -> None:
        # 1/(1 + exp(-x)) keeps small values exact, where (1 + tanh(x/2))/2 rounds them to zero and would
        # make a false zero of the slope; exp overflows to inf below -88 and 1/inf is the right 0.
        np.negative(x, out=out)
        np.exp(out, out=out)
        np.add(out, one, out=out)
        np.reciprocal(out, out=out)

    def slope(h: Floats, out: Floats) -> None:
        np.subtract(one, h, out=out)
        np.multiply(out, h, out=out)

    return apply, slope


def _relu(dtype: DTypeLike) -> tuple[Apply, SlopeOf]:
    zero = np.zeros((), dtype=dtype)
    return lambda x, out: np.maximum(x, zero, out=out), lambda h, out: np.sign(h, out=out)


@dataclass(frozen=True, slots=True)
class Activation:
    """One activation function: its words, its largest slope, and its code."""

    name: str
    symbol: str  # in a formula, where there is no room for the whole one
    formula: str
    slope_formula: str
    largest_slope: float  # gamma in the bound M[t,k] <= M[t,t] (gamma sigma_max)^(t-k)
    functions: Callable[[DTypeLike], tuple[Apply, SlopeOf]]  # dtype -> (apply, slope of h into out)

    def slope(self, hidden: Floats) -> Floats:
        """f' at each unit, from its output: an array of the same shape."""
        out: NDArray[Any] = np.empty_like(hidden)
        self.functions(hidden.dtype)[1](hidden, out)
        return out


ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation("tanh", "tanh", "tanh(a)", "f′ = 1 − h²", 1.0, _tanh),
    "sigmoid": Activation("sigmoid", "σ", "1 / (1 + e⁻ᵃ)", "f′ = h (1 − h)", 0.25, _sigmoid),
    "relu": Activation("relu", "relu", "max(0, a)", "f′ = 1 where h > 0, else 0", 1.0, _relu),
}
