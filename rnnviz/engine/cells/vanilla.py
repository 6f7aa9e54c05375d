"""The plain (Elman) RNN: h_t = f(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh).

Backward (Werbos 1990): with g_t the total derivative of the loss by h_t,
    a_t = f'(h_t) * g_t                     the error at the pre-activation
    g_{t-1} += W_hh^T a_t                   what is carried into the step before
so each step multiplies the error twice, by f' and by W_hh^T: `slope_factor` and `weight_factor`.
"""

from itertools import islice

import numpy as np
from numpy.typing import DTypeLike

from rnnviz.engine.activations import Activation
from rnnviz.engine.arrays import Floats, aligned_zeros, norms
from rnnviz.engine.cells.cell import Cell, Equation, LayerErrors, LayerRun, LayerWeights
from rnnviz.engine.errors import Interrupted, Stop
from rnnviz.engine.overrides import LayerOverrides

SLOPES_AT_ONCE = 16384  # numbers; more at once leave the cache before they are used


class VanillaCell(Cell):
    """The plain RNN with tanh, sigmoid or relu."""

    name = "rnn"
    title = "plain RNN"
    block_names = ("h",)
    has_activation = True
    overlays = True  # what came in is not needed again: slopes are read off h
    frees_projection = True
    reads_forth_alone = True

    def __init__(self, hidden: int, activation: Activation, dtype: DTypeLike) -> None:
        super().__init__(hidden, activation, dtype)
        self._apply, self._slope_of = activation.functions(self.dtype)

    @property
    def equations(self) -> tuple[Equation, ...]:
        """Forward and backward, in the letters of the interface."""
        f = self.activation
        return (
            Equation(
                "forward",
                "aₜ = W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh",
                "The word just read and the hidden state before it, each through its own weights, are added.",
            ),
            Equation(
                "forward",
                f"hₜ = f(aₜ),  f(a) = {f.formula}",
                f"The activation {f.name} bends the sum into the new hidden state.",
            ),
            Equation(
                "backward",
                f"∂L/∂aₜ = f′(aₜ) ∘ ∂L/∂hₜ,  {f.slope_formula}",
                "On the way back each unit's error is multiplied by the slope of its activation, "
                f"which is at most {f.largest_slope:g}.",
            ),
            Equation(
                "backward",
                "∂L/∂hₜ₋₁ = W_hhᵀ ∂L/∂aₜ",
                "Then the recurrent weights, read backwards, hand the error to the hidden state before.",
            ),
            Equation(
                "backward",
                "∂L/∂W_hh = Σₜ ∂L/∂aₜ hₜ₋₁ᵀ",
                "All time steps share one W_hh: each step adds its part to the same gradient.",
            ),
        )

    @property
    def state_equation(self) -> str:
        """With the chosen activation."""
        return f"h_t = {self.activation.symbol}(W_hx~x_t +~W_hh~h_t−1 +~b)"

    def forward_steps(self, run: LayerRun) -> list[tuple[Floats, ...]]:
        """Per step: h_{t-1}, h_t, the input projection; each (B, H), or (H,) where B = 1."""
        h, pre = run.state[0], run.pre[0]
        if h.shape[1] == 1:  # vector times matrix costs less per call than a matrix of one row
            h, pre = h[:, 0], pre[:, 0]
        return [(h[t], h[t + 1], pre[t]) for t in range(len(pre))]

    def backward_steps(self, errors: LayerErrors) -> list[tuple[Floats, ...]]:
        """Per step k: dL/dh_k, dL/da_k, what is carried, dL/dh_{k-1}; each (n, H), or (H,) where N = 1."""
        views = []
        for k in range(errors.dpre.shape[1]):
            n = errors.first(k)
            step = (
                errors.dstate[0, k + 1, n:],
                errors.dpre[0, k, n:],
                errors.carried_at(k)[n:],
                errors.dstate[0, k, n:],
            )
            views.append(tuple(view[0] for view in step) if errors.dpre.shape[2] == 1 else step)
        return views

    def forward(
        self,
        weights: LayerWeights,
        run: LayerRun,
        length: int,
        stop: Stop | None,
        overrides: LayerOverrides | None,
        begin: int = 0,
    ) -> None:
        """h_t = f(pre_t + h_{t-1} W), one step after the other, each in place in its row of the state."""
        W, apply, add = weights.weight_hh[0], self._apply, np.add
        mask = self._mask(overrides)
        if mask is not None:
            run.state[0, 0] *= mask
        for before, after, pre in islice(run.steps, begin, length):
            if stop is not None and stop():
                raise Interrupted
            before.dot(W, after)
            add(after, pre, after)
            apply(after, after)
            if mask is not None:
                after *= mask

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
        """Slope, weights, slope, weights ... from the last step to the first."""
        W_back, add, multiply = weights.weight_hh_back[0], np.add, np.multiply
        single = errors.dstate.shape[2] == 1
        W_forth = weights.weight_hh[0] if errors.trains else W_back.T  # a vector goes through it either way
        mask = self._mask(overrides)
        slopes, views = self._slope_rows(run, errors), errors.slope_views
        first_carried = 0 if errors.reach_initial else 1
        for end in range(length, begin, -len(slopes)):
            start = max(begin, end - len(slopes))
            self._fill_slopes(run, slopes, start, end, overrides)
            last_first = range(end - 1, start - 1, -1)
            steps = zip(last_first, errors.steps[end - 1 :: -1], views[end - start - 1 :: -1], strict=False)
            for k, (dhidden, dpre, carried, dbefore), (slope,) in steps:
                if stop is not None and stop():
                    raise Interrupted
                if mask is not None:
                    dhidden *= mask
                multiply(dhidden, slope, dpre)
                if k >= first_carried:
                    if single:
                        W_forth.dot(dpre, carried)
                    else:
                        dpre.dot(W_back, carried)
                    add(dbefore, carried, dbefore)
        if mask is not None:
            errors.dstate[0, 0] *= mask

    def slope(self, run: LayerRun, length: int) -> Floats:
        """f' at each unit, (T, B, H)."""
        return self.activation.slope(run.state[0, 1 : length + 1])

    def paths(self, run: LayerRun, errors: LayerErrors, length: int, arrives: Floats) -> dict[str, Floats]:
        """`slope_factor` and `weight_factor`, (T, N): NaN where nothing arrives."""
        sloped = norms(errors.dpre[0, :length], arrives > 0)
        carried = norms(errors.carried[:length], arrives > 0)
        nothing = np.full_like(arrives, np.nan)
        return {
            "slope_factor": np.divide(sloped, arrives, out=nothing.copy(), where=arrives > 0),
            "weight_factor": np.divide(carried, sloped, out=nothing, where=sloped > 0),
        }

    def _mask(self, overrides: LayerOverrides | None) -> Floats | None:
        """(H,): 0 at silenced units, 1 elsewhere; None where none is silenced. Raises ValueError."""
        if overrides is None:
            return None
        self.describe_overrides(overrides)
        if not overrides.silenced:
            return None
        mask = np.ones(self.hidden, dtype=self.dtype)
        mask[list(overrides.silenced)] = 0
        return mask

    def _slope_rows(self, run: LayerRun, errors: LayerErrors) -> Floats:
        """Scratch for the slopes of as many steps as stay in the cache, kept beside the errors."""
        B, H = run.state.shape[2:]
        if "slopes" not in errors.extra:
            rows = min(errors.dpre.shape[1], max(1, SLOPES_AT_ONCE // (B * H)))
            shape = (rows, H) if errors.dpre.shape[2] == 1 else (rows, B, H)
            errors.extra["slopes"] = aligned_zeros(shape, errors.dpre.dtype)
            errors.slope_views = [(row,) for row in errors.extra["slopes"]]
        return errors.extra["slopes"]

    def _fill_slopes(
        self, run: LayerRun, slopes: Floats, start: int, end: int, overrides: LayerOverrides | None
    ) -> None:
        """F' of steps start ... end-1, or 1 where the slope is held at 1."""
        rows = slopes[: end - start]
        if overrides is not None and overrides.slope_one:
            rows.fill(1)
            return
        hidden = run.state[0, start + 1 : end + 1].reshape(rows.shape)
        # In the errors' own precision, if it is the higher one: 1 - h^2 of a saturated unit keeps its digits.
        if rows.dtype == self.dtype:
            self._slope_of(hidden, rows)
        else:
            self.activation.functions(rows.dtype)[1](hidden.astype(rows.dtype), rows)
