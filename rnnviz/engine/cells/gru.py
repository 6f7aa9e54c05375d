"""The GRU (Cho et al. 2014), in PyTorch's form, in which r acts after the recurrent product:

    r, z = sigmoid(W x_t + b_ih + U h_{t-1} + b_hh)    (blocks of their own)
    n = tanh(W_n x_t + b_in + r * (U_n h_{t-1} + b_hn))
    h_t = (1 - z) * n + z * h_{t-1}

Backward, dh the total derivative of the loss by h_t:
    dh_{t-1} += z * dh                          straight along h
    dh_{t-1} += sum over blocks of U^T (error at U h_{t-1} + b_hh)    round through the gates
b_hn stands inside r * (...), so the error at the recurrent part of block n is r times that at its input part.
"""

from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import DTypeLike

from rnnviz.engine.activations import Activation
from rnnviz.engine.arrays import Floats, aligned_steps, aligned_zeros, norms
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

RESET, UPDATE, CANDIDATE = range(3)
BY_N, BY_R, BY_Z, BY_RECURRENT_N = range(4)  # rows of the derivatives: r z n' of `drec` lie side by side

EQUATIONS = (
    Equation(
        "forward",
        "rₜ, zₜ = σ(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh),  each with weights of its own",
        "Two gates between 0 and 1 look at the word and at the hidden state before it.",
    ),
    Equation(
        "forward",
        "nₜ = tanh(W_ih xₜ + b_ih + rₜ ∘ (W_hh hₜ₋₁ + b_hh))",
        "The candidate: the reset gate decides how much of the past it may use.",
    ),
    Equation(
        "forward",
        "hₜ = (1 − zₜ) ∘ nₜ + zₜ ∘ hₜ₋₁",
        "The update gate z keeps that share of the old hidden state and takes the rest from the candidate.",
    ),
    Equation(
        "backward",
        "∂L/∂hₜ₋₁ = zₜ ∘ ∂L/∂hₜ + …",
        "Straight along the hidden state the error meets the update gate and no weights at all.",
    ),
    Equation(
        "backward",
        "… + Σ W_hhᵀ ∂L/∂a  over the blocks r, z, n",
        "The rest goes round, through the gates' slopes and the recurrent weights, into the state before.",
    ),
    Equation(
        "backward",
        "∂L/∂W_hh = Σₜ ∂L/∂aₜ hₜ₋₁ᵀ  for each block",
        "All time steps share the same weights: each step adds its part to the same gradient.",
    ),
)


class GRUCell(GatedCell):
    """The GRU: one state h, kept by the update gate."""

    name = "gru"
    title = "GRU"
    block_names = gate_names = ("r", "z", "n")
    gate_titles = ("reset gate", "update gate", "candidate")
    tanh_gates = ("n",)
    named_block = CANDIDATE
    straight_gate = "z"
    keeping_block = UPDATE
    slope_rows = 5
    kept_of_one = 3  # `drec`
    state_equation = "h_t = z~·~h_t−1 + (1~−~z)~·~n"

    def __init__(self, hidden: int, activation: Activation, dtype: DTypeLike) -> None:
        super().__init__(hidden, activation, dtype)
        self._scale = np.array([0.5, 0.5, 1], dtype=self.dtype).reshape(3, 1, 1)
        self._whole = np.repeat(self._scale, hidden)  # for a single sequence
        self._half = np.full((), 0.5, dtype=self.dtype)

    @property
    def equations(self) -> tuple[Equation, ...]:
        """Forward and backward, in the letters of the interface."""
        return EQUATIONS

    def input_bias(self, weights: LayerWeights, out: Floats) -> None:
        """b_ih + b_hh for r and z; b_hn stays inside r * (...)."""
        np.add(weights.bias_ih, weights.bias_hh, out=out)
        np.copyto(out[CANDIDATE], weights.bias_ih[CANDIDATE])

    def scale_projection(self, projection: Floats) -> None:
        """Halve the blocks that go through sigmoid: see `gating`."""
        np.multiply(projection[:CANDIDATE], self._half, out=projection[:CANDIDATE])

    def forward_arrays(self, T: int, B: int, dtype: DTypeLike) -> dict[str, Floats]:
        """U_n h_{t-1} + b_hn of each step, kept for the way back; the folded weights; one step's scratch."""
        H = self.hidden
        return {
            "recurrent": aligned_zeros((T, B, H), dtype),
            "weight": aligned_zeros((H, 3 * H) if B == 1 else (3, H, H), dtype),
            "rows": aligned_zeros((H, 3 * H) if B == 1 else (0,), dtype),
            "step": aligned_zeros((3 * H,) if B == 1 else (3, B, H), dtype),
            "change": aligned_zeros((B, H), dtype),
        }

    def forward_steps(self, run: LayerRun) -> list[tuple[Floats, ...]]:
        """Per step: h_{t-1}; r and z; r; z; n; U_n h_{t-1} + b_hn; h_t."""
        h, pre = run.state[0], run.pre
        single = h.shape[1] == 1
        steps: list[tuple[Floats, ...]] = []
        for t in range(pre.shape[1]):
            r_z, gates = pre[:CANDIDATE, t], (pre[RESET, t], pre[UPDATE, t], pre[CANDIDATE, t])
            others = (*gates, run.extra["recurrent"][t], h[t + 1])
            if single:
                steps.append((h[t, 0], side_by_side(r_z), *(view[0] for view in others)))
            else:
                steps.append((h[t], r_z, *others))
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
        """Twelve calls a step."""
        matmul, add, multiply, subtract, tanh = np.matmul, np.add, np.multiply, np.subtract, np.tanh
        W, raw, change, half = run.extra["weight"], run.extra["step"], run.extra["change"], self._half
        bias, single = weights.bias_hh[CANDIDATE], raw.ndim == 1
        fold_weights(weights.weight_hh, self._whole if single else self._scale, run.extra)
        raw_rz, raw_n = raw[:CANDIDATE], raw[CANDIDATE]
        if single:
            raw_rz, raw_n, change = raw[: -self.hidden], raw[-self.hidden :], change[0]
        forced = self._interventions(overrides)
        if forced is not None:
            forced.silence(run.state[:, 0])
        for step, (before, r_z, r, z, n, recurrent, after) in enumerate(
            islice(run.steps, begin, length), begin
        ):
            if stop is not None and stop():
                raise Interrupted
            if single:
                before.dot(W, raw)
            else:
                matmul(before, W, raw)
            add(raw_rz, r_z, raw_rz)
            tanh(raw_rz, raw_rz)
            multiply(raw_rz, half, raw_rz)
            add(raw_rz, half, r_z)
            if forced is not None:
                forced.hold(run.pre[:, step], step)  # n once more when it is there
            add(raw_n, bias, recurrent)
            multiply(r, recurrent, change)
            add(n, change, n)
            tanh(n, n)
            if forced is not None:
                forced.hold(run.pre[:, step], step)
            subtract(before, n, change)
            multiply(change, z, change)
            add(n, change, after)
            if forced is not None:
                forced.silence(after)

    def backward_arrays(self, T: int, N: int, dtype: DTypeLike) -> dict[str, Floats]:
        """`drec`; scratch: one step's errors times their weights, not for a single sequence."""
        H = self.hidden
        return {
            "drec": aligned_steps(3, T, N, H, dtype),
            "step": aligned_zeros((3 if N > 1 else 0, N, H), dtype),
            "kept": aligned_zeros((N, H), dtype),
        }

    def backward_arrays_over(self, run: LayerRun) -> dict[str, Floats]:
        """No `drec` where there are several sequences: that takes a third off the memory of an update.

        r's and z's errors stand in `dpre` anyway; those at U_n h + b_hn ("inner") go over its forward values.
        """
        N = run.pre.shape[2]
        if N == 1:
            return super().backward_arrays_over(run)
        scratch = {name: aligned_zeros((3, N, self.hidden), self.dtype) for name in ("step", "drec_step")}
        kept = aligned_zeros((N, self.hidden), self.dtype)
        return scratch | {"kept": kept, "inner": run.extra["recurrent"]}

    def errors_at_recurrent(self, errors: LayerErrors) -> tuple[tuple[slice, Floats], ...]:
        """All of `drec`, or r and z, and n."""
        if "drec" in errors.extra:
            return ((slice(None), errors.drec),)
        gates, candidate = slice(0, CANDIDATE), slice(CANDIDATE, None)
        return ((gates, errors.dpre[gates]), (candidate, errors.extra["inner"][None]))

    def backward_steps(self, errors: LayerErrors) -> list[tuple[Floats, ...]]:
        """Per step k: dh; dh before; errors at the recurrent parts, at n; carried; scratch twice.

        Where there is no `drec`, errors at the recurrent parts are scratch, and where they go comes last.
        """
        dh, single = errors.dstate[0], errors.dstate.shape[2] == 1
        steps: list[tuple[Floats, ...]] = []
        for k in range(errors.dpre.shape[1]):
            n = errors.first(k)
            states = (dh[k + 1, n:], dh[k, n:])
            sent = (errors.carried_at(k)[n:], errors.extra["kept"][n:])
            if single:  # the three blocks' errors as one vector, so that one product does it
                d = errors.drec[:, k]
                blocks = (d[:, 0], errors.dpre[CANDIDATE, k, 0])
                steps.append((*(v[0] for v in states), *blocks, *(v[0] for v in sent), side_by_side(d)))
                continue
            at_n, scratch = errors.dpre[CANDIDATE, k, n:], errors.extra["step"][:, n:]
            if "drec" in errors.extra:
                steps.append((*states, errors.drec[:, k, n:], at_n, *sent, scratch))
            else:
                goes_to = (errors.dpre[:CANDIDATE, k], errors.extra["inner"][k])
                steps.append((*states, errors.extra["drec_step"], at_n, *sent, scratch, *goes_to))
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
        """Along h times the update gate, and round through the candidate and the gates."""
        matmul, add, multiply, add_up, copyto = np.matmul, np.add, np.multiply, np.add.reduce, np.copyto
        single = weight_back.ndim == 2
        first_carried = 0 if errors.reach_initial else 1
        for k, (by_recurrent, by_n) in steps:
            if stop is not None and stop():
                raise Interrupted
            dh, dh_before, d_recurrent, d_n, carried, kept, scratch, *goes_to = errors.steps[k]
            if forced is not None:
                forced.silence(dh)
            multiply(dh, by_recurrent, d_recurrent)
            multiply(dh, by_n, d_n)
            if k >= first_carried:
                if single:  # `scratch` is the errors of all blocks as one vector
                    weight_back.dot(scratch, carried)
                else:
                    matmul(d_recurrent, weight_back, scratch)
                    add_up(scratch, axis=0, out=carried)
                multiply(dh, keeps[k], kept)
                add(dh_before, carried, dh_before)
                add(dh_before, kept, dh_before)
            if goes_to:  # last: they may lie over z
                copyto(goes_to[0], d_recurrent[:CANDIDATE])
                copyto(goes_to[1], d_recurrent[CANDIDATE])
        if "drec" in errors.extra:  # the model looks for the errors of r and z in both places
            here = slice(steps[-1][0], steps[0][0] + 1)
            copyto(errors.dpre[:CANDIDATE, here], errors.drec[:CANDIDATE, here])

    def _slope_views(self, slopes: Floats) -> tuple[Floats, ...]:
        """For the recurrent parts of r z n side by side; for n."""
        return slopes[BY_R:4], slopes[BY_N]

    def _fill_slopes(
        self, run: LayerRun, slopes: Floats, start: int, end: int, forced: Interventions | None
    ) -> None:
        """What dh is multiplied by at steps start ... end-1.

        For n by (1-z) (1-n^2), for its recurrent part by r times that, for r by that times (U_n h + b_hn)
        (1-r) r, for z by (h_{t-1} - n) z (1-z).
        """
        here, rows = slice(start, end), end - start
        gates, before, recurrent = in_digits_of(
            slopes, run.pre[:, here], run.state[0, here], run.extra["recurrent"][here]
        )
        r, z, n = gates
        by_n, by_r, by_z, by_recurrent_n = slopes[:4, :rows]
        one = np.ones((), dtype=slopes.dtype)
        np.subtract(one, z, out=by_z)
        np.multiply(n, n, out=by_n)
        np.subtract(one, by_n, out=by_n)
        np.multiply(by_n, by_z, out=by_n)
        if forced is not None:
            for step in range(start, end):
                forced.stop_errors(by_n[step - start], CANDIDATE, step)
        np.multiply(by_n, r, out=by_recurrent_n)
        np.subtract(one, r, out=by_r)
        np.multiply(by_r, recurrent, out=by_r)
        np.multiply(by_r, by_recurrent_n, out=by_r)
        np.multiply(by_z, z, out=by_z)
        change = slopes[4, :rows]
        np.subtract(before, n, out=change)
        np.multiply(by_z, change, out=by_z)
        if forced is not None:
            for step in range(start, end):
                forced.stop_errors(by_r[step - start], RESET, step)
                forced.stop_errors(by_z[step - start], UPDATE, step)

    def paths(self, run: LayerRun, errors: LayerErrors, length: int, arrives: Floats) -> dict[str, Floats]:
        """The error along h and round through the gates, each (T, N); see the Trace's fields."""
        assert errors.first_error is not None and errors.reach_initial
        keep = run.pre[UPDATE, :length, 0].astype(np.float64)  # (T, H)
        dhidden = errors.dstate[0, 1 : length + 1]  # (T, N, H)
        direct = straight_path(keep, dhidden, errors.first_error)
        reached = reached_steps(length, dhidden.shape[1], errors.first_error)
        return {
            "direct_matrix": norms(direct, reached),
            "rest_matrix": norms(dhidden - direct, reached),
            "straight_factor": factor(norms(dhidden * keep[:, None], reached), arrives),
            "round_factor": factor(norms(errors.carried[:length], reached), arrives),
        }
