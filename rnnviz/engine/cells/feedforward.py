"""A layer without memory: h_t = f(W_ih x_t + b_ih). The contrast that shows what recurrence buys.

Nothing is carried from step to step, so an error stays in the time step in which it arose.
"""

import numpy as np
from numpy.typing import DTypeLike

from rnnviz.engine.activations import Activation
from rnnviz.engine.arrays import Floats
from rnnviz.engine.cells.cell import Cell, Equation, LayerErrors, LayerRun, LayerWeights
from rnnviz.engine.errors import Stop, interrupt_if
from rnnviz.engine.overrides import LayerOverrides


class FeedforwardCell(Cell):
    """One layer that sees the present word alone, all its time steps in one go."""

    name = "feedforward"
    title = "feedforward network"
    block_names = ("h",)
    recurrent = False
    has_activation = True
    overlays = True

    def __init__(self, hidden: int, activation: Activation, dtype: DTypeLike) -> None:
        super().__init__(hidden, activation, dtype)
        self._apply, _ = activation.functions(self.dtype)

    @property
    def equations(self) -> tuple[Equation, ...]:
        """Forward and backward, in the letters of the interface."""
        f = self.activation
        return (
            Equation(
                "forward",
                f"hₜ = f(W_ih xₜ + b_ih),  f(a) = {f.formula}",
                "Only the word just read decides: there is no weight that reads the hidden state before it.",
            ),
            Equation(
                "backward",
                f"∂L/∂aₜ = f′(aₜ) ∘ ∂L/∂hₜ,  {f.slope_formula}",
                "The error goes down to the word of its own time step and has no way to an earlier one.",
            ),
        )

    @property
    def state_equation(self) -> str:
        """With the chosen activation."""
        return f"h_t = {self.activation.symbol}(W_hx~x_t + b)"

    def input_bias(self, weights: LayerWeights, out: Floats) -> None:
        """b_ih; there is no other."""
        np.copyto(out, weights.bias_ih)

    def forward_steps(self, run: LayerRun) -> list[tuple[Floats, ...]]:
        """None: no step waits for another."""
        return []

    def backward_steps(self, errors: LayerErrors) -> list[tuple[Floats, ...]]:
        """None: no step waits for another."""
        return []

    def forward(
        self,
        weights: LayerWeights,
        run: LayerRun,
        length: int,
        stop: Stop | None,
        overrides: LayerOverrides | None,
        begin: int = 0,
    ) -> None:
        """h = f(pre), all steps at once."""
        interrupt_if(stop)
        hidden = run.state[0, begin + 1 : length + 1]
        np.copyto(hidden, run.pre[0, begin:length])
        self._apply(hidden, hidden)
        self._silence(hidden, overrides)

    def backward(
        self,
        weights: LayerWeights,
        run: LayerRun,
        errors: LayerErrors,
        length: int,
        stop: Stop | None,
        overrides: LayerOverrides | None,
        begin: int = 0,
    ) -> None:
        """dpre = f' * dh, all steps at once."""
        interrupt_if(stop)
        dhidden, dpre = errors.dstate[0, begin + 1 : length + 1], errors.dpre[0, begin:length]
        self._silence(dhidden, overrides)
        if overrides is not None and overrides.slope_one:
            np.copyto(dpre, dhidden)
            return
        hidden = run.state[0, begin + 1 : length + 1]
        if hidden.shape == dpre.shape and hidden.dtype == dpre.dtype:
            slopes = dpre  # no memory of its own while training
        else:
            hidden = hidden.astype(dpre.dtype)
            slopes = np.empty_like(hidden)
        self.activation.functions(dpre.dtype)[1](hidden, slopes)
        np.multiply(dhidden, slopes, out=dpre)

    def slope(self, run: LayerRun, length: int) -> Floats:
        """f' at each unit, (T, B, H)."""
        return self.activation.slope(run.state[0, 1 : length + 1])

    def _silence(self, state: Floats, overrides: LayerOverrides | None) -> None:
        if overrides is not None:
            self.describe_overrides(overrides)
            state[..., list(overrides.silenced)] = 0
