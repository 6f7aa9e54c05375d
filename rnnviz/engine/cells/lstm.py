"""The LSTM with a forget gate (Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000).

    i, f, o = sigmoid(W x_t + b + U h_{t-1})    g = tanh(W x_t + b + U h_{t-1})    (blocks of their own)
    c_t = f * c_{t-1} + i * g                   h_t = o * tanh(c_t)

Backward, dh and dc the total derivatives of the loss by h_t and c_t:
    dc += dh * o * (1 - tanh(c_t)^2)            what h_t knows of c_t
    dc_{t-1} = f * dc                           straight along c
    dh_{t-1} += sum over blocks of U^T (error at the block)    round through h and the gates
"""

from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import DTypeLike

from rnnviz.engine.activations import Activation
from rnnviz.engine.arrays import Floats, aligned_zeros, norms
from rnnviz.engine.cells.cell import Equation, LayerErrors, LayerRun, LayerWeights
from rnnviz.engine.cells.gated import GatedCell, in_digits_of
from rnnviz.engine.cells.gating import (
    Interventions,
    factor,
    fold_weights,
    reached_steps,
    side_by_side,
    straight_path,
)
from rnnviz.engine.errors import Interrupted, Stop
from rnnviz.engine.overrides import LayerOverrides

INPUT, FORGET, CANDIDATE, OUTPUT = range(4)
G_AND_C = slice(2, None, 3)  # of LayerRun.block, i f g o h c: what i and f multiply

EQUATIONS = (
    Equation(
        "forward",
        "iₜ, fₜ, oₜ = σ(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh),  each with weights of its own",
        "Three gates between 0 and 1 look at the word and at the hidden state before it.",
    ),
    Equation(
        "forward",
        "gₜ = tanh(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh)",
        "The candidate: what this time step would like to write down.",
    ),
    Equation(
        "forward",
        "cₜ = fₜ ∘ cₜ₋₁ + iₜ ∘ gₜ",
        "The cell state keeps what the forget gate lets pass and adds what the input gate lets in.",
    ),
    Equation(
        "forward",
        "hₜ = oₜ ∘ tanh(cₜ)",
        "The output gate decides how much of the cell state becomes the hidden state.",
    ),
    Equation(
        "backward",
        "∂L/∂cₜ += oₜ ∘ (1 − tanh²(cₜ)) ∘ ∂L/∂hₜ",
        "The error of the hidden state enters the cell state, as far as the output gate is open.",
    ),
    Equation(
        "backward",
        "∂L/∂cₜ₋₁ = fₜ ∘ ∂L/∂cₜ",
        "Straight along the cell state the error meets the forget gate and no weights at all.",
    ),
    Equation(
        "backward",
        "∂L/∂hₜ₋₁ = Σ W_hhᵀ ∂L/∂a  over the blocks i, f, g, o",
        "The rest goes round, through the gates' slopes and the recurrent weights, into the state before.",
    ),
    Equation(
        "backward",
        "∂L/∂W_hh = Σₜ ∂L/∂aₜ hₜ₋₁ᵀ  for each block",
        "All time steps share the same weights: each step adds its part to the same gradient.",
    ),
)


class LSTMCell(GatedCell):
    """The LSTM: a state c carried along by the forget gate, and h read off it by the output gate."""

    name = "lstm"
    title = "LSTM"
    block_names = gate_names = ("i", "f", "g", "o")
    gate_titles = ("input gate", "forget gate", "candidate", "output gate")
    tanh_gates = ("g",)
    state_parts = ("hidden", "cell")
    named_block = CANDIDATE
    forget_block = FORGET
    straight_gate = "f"
    keeping_block = FORGET
    slope_rows = 5
    state_equation = "h_t = o~·~tanh(c_t), c_t = f~·~c_t−1 + i~·~g"

    def __init__(self, hidden: int, activation: Activation, dtype: DTypeLike) -> None:
        super().__init__(hidden, activation, dtype)
        self._scale = np.full((4, 1, 1), 0.5, dtype=self.dtype)
        self._scale[CANDIDATE] = 1
        self._shift = np.full((4, 1, 1), 0.5, dtype=self.dtype)
        self._shift[CANDIDATE] = 0
        # Written out for a single sequence: spreading four numbers over short rows costs more than the sum.
        self._whole = (np.repeat(self._scale, hidden), np.repeat(self._shift, hidden))

    @property
    def equations(self) -> tuple[Equation, ...]:
        """Forward and backward, in the letters of the interface."""
        return EQUATIONS

    def scale_projection(self, projection: Floats) -> None:
        """Halve the blocks that go through sigmoid: see `gating`."""
        half = self._scale[0, 0]
        np.multiply(projection[:CANDIDATE], half, out=projection[:CANDIDATE])
        np.multiply(projection[OUTPUT], half, out=projection[OUTPUT])

    def forward_arrays(self, T: int, B: int, dtype: DTypeLike) -> dict[str, Floats]:
        """tanh(c) of each step, kept for the way back; the folded weights and one step's scratch."""
        H = self.hidden
        return {
            "tanh_cell": aligned_zeros((T, B, H), dtype),
            "weight": aligned_zeros((H, 4 * H) if B == 1 else (4, H, H), dtype),
            "rows": aligned_zeros((H, 4 * H) if B == 1 else (0,), dtype),
            "step": aligned_zeros((4 * H,) if B == 1 else (4, B, H), dtype),
            "products": aligned_zeros((2, B, H), dtype),
        }

    def forward_steps(self, run: LayerRun) -> list[tuple[Floats, ...]]:
        """Per step: h_{t-1}; the four blocks; i, f; g, c_{t-1}; o; c_t; tanh(c_t); h_t."""
        h, c = run.state
        single = h.shape[1] == 1
        steps: list[tuple[Floats, ...]] = []
        for t in range(run.pre.shape[1]):
            step: tuple[Floats, ...] = (
                h[t],
                run.pre[:, t],
                run.pre[INPUT : FORGET + 1, t],
                run.block[G_AND_C, t],
                run.pre[OUTPUT, t],
                c[t + 1],
                run.extra["tanh_cell"][t],
                h[t + 1],
            )
            if single:
                before, gates, *others = step
                step = (before[0], side_by_side(gates), *(view[..., 0, :] for view in others))
            steps.append(step)
        return steps

    def forward(
        self,
        weights: LayerWeights,
        run: LayerRun,
        length: int,
        stop: Stop | None,
        overrides: LayerOverrides | None,
        begin: int = 0,
    ) -> None:
        """Nine calls a step: product, sum, tanh, two to make gates of it, c, tanh(c), h."""
        matmul, add, multiply, tanh = np.matmul, np.add, np.multiply, np.tanh
        W, raw, products = run.extra["weight"], run.extra["step"], run.extra["products"]
        fold_weights(weights.weight_hh, self._whole[0] if W.ndim == 2 else self._scale, run.extra)
        single = raw.ndim == 1
        scale, shift = self._whole if single else (self._scale, self._shift)
        products = products[:, 0] if single else products
        kept, brought = products
        forced = self._interventions(overrides)
        if forced is not None:
            forced.silence(run.state[:, 0])
        for step, (before, gates, i_f, g_c, o, cell, tanh_cell, after) in enumerate(
            islice(run.steps, begin, length), begin
        ):
            if stop is not None and stop():
                raise Interrupted
            if single:
                before.dot(W, raw)
            else:
                matmul(before, W, raw)
            add(raw, gates, raw)
            tanh(raw, raw)
            multiply(raw, scale, raw)
            add(raw, shift, gates)
            if forced is not None:
                forced.hold(run.pre[:, step], step)
            multiply(i_f, g_c, products)
            add(kept, brought, cell)
            if forced is not None:
                forced.silence(cell)
            tanh(cell, tanh_cell)
            multiply(o, tanh_cell, after)

    def backward_arrays(self, T: int, N: int, dtype: DTypeLike) -> dict[str, Floats]:
        """One step's scratch: the errors of all blocks times their weights, not for a single sequence."""
        scratch = (4 if N > 1 else 0, N, self.hidden)
        return {"step": aligned_zeros(scratch, dtype), "into_cell": aligned_zeros(scratch[1:], dtype)}

    def backward_steps(self, errors: LayerErrors) -> list[tuple[Floats, ...]]:
        """Per step k: dh, dc; dh, dc before; errors at i f g, at o, at all; carried; scratch twice."""
        dh, dc = errors.dstate
        single = errors.dstate.shape[2] == 1
        steps: list[tuple[Floats, ...]] = []
        for k in range(errors.dpre.shape[1]):
            n = errors.first(k)
            states = (dh[k + 1, n:], dc[k + 1, n:], dh[k, n:], dc[k, n:])
            sent = (errors.carried_at(k)[n:], errors.extra["into_cell"][n:])
            if single:  # all four blocks' errors as one vector, so that one product does it
                d = errors.dpre[:, k]
                blocks = (d[:OUTPUT, 0], d[OUTPUT, 0], side_by_side(d))
                steps.append((*(view[0] for view in states), *blocks, *(view[0] for view in sent), d))
            else:
                d = errors.dpre[:, k, n:]
                steps.append((*states, d[:OUTPUT], d[OUTPUT], d, *sent, errors.extra["step"][:, n:]))
        return steps

    def _steps_back(
        self,
        weight_back: Floats,
        keeps: Floats,
        errors: LayerErrors,
        steps: Sequence[tuple[int, tuple[Floats, ...]]],
        stop: Stop | None,
        forced: Interventions | None,
    ) -> None:
        """Along c times the forget gate, and round through h and the gates; see the head of this file."""
        matmul, add, multiply, add_up = np.matmul, np.add, np.multiply, np.add.reduce
        single = weight_back.ndim == 2
        first_carried = 0 if errors.reach_initial else 1
        for k, (by_cell, by_output, through_output) in steps:
            if stop is not None and stop():
                raise Interrupted
            dh, dc, dh_before, dc_before, d_ifg, d_o, d_all, carried, into_cell, scratch = errors.steps[k]
            if forced is not None:
                forced.silence(dh)
            multiply(dh, through_output, into_cell)
            add(dc, into_cell, dc)
            if k >= first_carried:
                multiply(dc, keeps[k], dc_before)  # first: d_ifg may lie over f
            multiply(dc, by_cell, d_ifg)
            multiply(dh, by_output, d_o)
            if k >= first_carried:
                if single:
                    weight_back.dot(d_all, carried)
                else:
                    matmul(d_all, weight_back, scratch)
                    add_up(scratch, axis=0, out=carried)
                add(dh_before, carried, dh_before)

    def _slope_views(self, slopes: Floats) -> tuple[Floats, ...]:
        """For the blocks i f g; for o; on the way into c."""
        return slopes[:OUTPUT], slopes[OUTPUT], slopes[4]

    def _fill_slopes(
        self, run: LayerRun, slopes: Floats, start: int, end: int, forced: Interventions | None
    ) -> None:
        """What errors are multiplied by at steps start ... end-1.

        dc by i (1-i) g, f (1-f) c_{t-1} and (1-g^2) i for the blocks i f g; dh by o (1-o) tanh(c) for o,
        and by o (1 - tanh(c)^2) on its way into dc.
        """
        here, n = slice(start, end), end - start
        gates, g_c, tanh_cell = in_digits_of(
            slopes, run.pre[:, here], run.block[G_AND_C, here], run.extra["tanh_cell"][here]
        )
        i_f, g, o = gates[: FORGET + 1], gates[CANDIDATE], gates[OUTPUT]
        by_gate, by_output, through_output = slopes[:2, :n], slopes[OUTPUT, :n], slopes[4, :n]
        one = np.ones((), dtype=slopes.dtype)
        np.multiply(i_f, i_f, out=by_gate)
        np.subtract(i_f, by_gate, out=by_gate)
        np.multiply(by_gate, g_c, out=by_gate)
        by_candidate = slopes[CANDIDATE, :n]
        np.multiply(g, g, out=by_candidate)
        np.subtract(one, by_candidate, out=by_candidate)
        np.multiply(by_candidate, gates[INPUT], out=by_candidate)
        np.multiply(tanh_cell, tanh_cell, out=through_output)
        np.subtract(one, through_output, out=through_output)
        np.multiply(through_output, o, out=through_output)
        np.multiply(o, o, out=by_output)
        np.subtract(o, by_output, out=by_output)
        np.multiply(by_output, tanh_cell, out=by_output)
        if forced is not None:
            for step in range(start, end):
                for gate in range(4):
                    forced.stop_errors(slopes[gate, step - start], gate, step)

    def paths(self, run: LayerRun, errors: LayerErrors, length: int, arrives: Floats) -> dict[str, Floats]:
        """The error along c and round through h and the gates, each (T, N); see the Trace's fields."""
        assert errors.first_error is not None and errors.reach_initial
        keep = run.pre[FORGET, :length, 0].astype(np.float64)  # (T, H)
        dcell = errors.dstate[1, 1 : length + 1]  # (T, N, H)
        reached = reached_steps(length, dcell.shape[1], errors.first_error)
        carry = np.zeros_like(arrives)
        carry[:-1] = norms(dcell[1:] * keep[1:, None], reached[1:])
        along = np.concatenate([norms(errors.dstate[1, 0])[None], carry[:-1]])
        whole = np.hypot(arrives, carry)
        direct = straight_path(keep, dcell, errors.first_error)
        return {
            "state_gradient_matrix": whole,
            "cell_gradient_matrix": norms(dcell, reached),
            "cell_carry_matrix": carry,
            "direct_matrix": norms(direct, reached),
            "rest_matrix": norms(dcell - direct, reached),
            "straight_factor": factor(along, whole),
            "round_factor": factor(norms(errors.carried[:length], reached), whole),
        }
