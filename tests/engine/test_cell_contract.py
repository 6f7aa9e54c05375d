"""The contract: a cell is one class and touches nothing else.

The sketches are written for reading, not for speed. Those of LSTM, GRU and feedforward are held against the
golden numbers and against the program's own, fast ones; the minimal gated unit is a cell that the program
does not have.
"""

import numpy as np
import pytest

from rnnviz.engine import CELLS, Cell, LanguageModel, ModelSpec
from rnnviz.engine.arrays import aligned_zeros
from rnnviz.probes import NEEDS, check_file, finite_difference_check, record_window, trace_passage
from rnnviz.shipped import GOLDEN
from tests.engine.networks import gradients, network, window, worked


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Sketch(Cell):
    equations, state_equation = (), "h_t = …"

    def forward_steps(self, run):
        return [(run.state[:, t], run.state[:, t + 1], run.pre[:, t]) for t in range(run.pre.shape[1])]

    def backward_steps(self, errors):
        steps = []
        for k in range(errors.dpre.shape[1]):
            n = errors.first(k)
            after, before = errors.dstate[:, k + 1, n:], errors.dstate[:, k, n:]
            steps.append(
                (after, errors.dpre[:, k, n:], errors.drec[:, k, n:], errors.carried_at(k)[n:], before)
            )
        return steps

    def gates(self, run, length):
        return dict(zip(self.gate_names, run.pre[:, :length], strict=False))  # feedforward has none


class LSTM(Sketch):
    name, title, named_block = "lstm", "LSTM", 2
    block_names = gate_names = ("i", "f", "g", "o")
    state_parts = ("hidden", "cell")

    def forward(self, weights, run, length, stop, overrides):
        for (h_before, c_before), after, gates in run.steps[:length]:
            gates += np.matmul(h_before, weights.weight_hh)
            gates[[0, 1, 3]] = sigmoid(gates[[0, 1, 3]])
            gates[2] = np.tanh(gates[2])
            i, f, g, o = gates
            after[1] = f * c_before + i * g
            after[0] = o * np.tanh(after[1])

    def backward(self, weights, run, errors, length, stop, overrides):
        for k in range(length - 1, -1, -1):
            (dh, dc), dpre, _, carried, dbefore = errors.steps[k]
            i, f, g, o = run.pre[:, k]
            c_before, tanh_c = run.state[1, k], np.tanh(run.state[1, k + 1])
            dc += dh * o * (1 - tanh_c**2)
            dpre[0], dpre[1] = dc * g * i * (1 - i), dc * c_before * f * (1 - f)
            dpre[2], dpre[3] = dc * i * (1 - g**2), dh * tanh_c * o * (1 - o)
            if k or errors.reach_initial:
                carried[...] = np.matmul(dpre, weights.weight_hh_back).sum(axis=0)
                dbefore[0] += carried
                dbefore[1] += f * dc


class GRU(Sketch):
    name, title, named_block = "gru", "GRU", 2
    block_names = gate_names = ("r", "z", "n")

    def input_bias(self, weights, out):
        np.add(weights.bias_ih, weights.bias_hh, out=out)
        out[2] = weights.bias_ih[2]  # b_hn stays inside r * (...)

    def forward_arrays(self, T, B, dtype):
        return {"recurrent": aligned_zeros((T, B, self.hidden), dtype)}

    def backward_arrays(self, T, N, dtype):
        return {"drec": aligned_zeros((3, T, N, self.hidden), dtype)}

    def forward(self, weights, run, length, stop, overrides):
        for t, ((h_before,), (after,), gates) in enumerate(run.steps[:length]):
            parts = np.matmul(h_before, weights.weight_hh)
            run.extra["recurrent"][t] = parts[2] + weights.bias_hh[2]
            gates[:2] = sigmoid(gates[:2] + parts[:2])
            gates[2] = np.tanh(gates[2] + gates[0] * run.extra["recurrent"][t])
            after[...] = (1 - gates[1]) * gates[2] + gates[1] * h_before

    def backward(self, weights, run, errors, length, stop, overrides):
        for k in range(length - 1, -1, -1):
            (dh,), dpre, drec, carried, (dbefore,) = errors.steps[k]
            (r, z, n), recurrent = run.pre[:, k], run.extra["recurrent"][k]
            dpre[2] = dh * (1 - z) * (1 - n**2)
            dpre[1] = dh * (run.state[0, k] - n) * z * (1 - z)
            dpre[0] = dpre[2] * recurrent * r * (1 - r)
            drec[:2], drec[2] = dpre[:2], dpre[2] * r
            if k or errors.reach_initial:
                carried[...] = np.matmul(drec, weights.weight_hh_back).sum(axis=0) + dh * z
                dbefore += carried


class Feedforward(Sketch):
    name, title, block_names = "feedforward", "feedforward network", ("h",)
    recurrent, has_activation = False, True

    def input_bias(self, weights, out):
        np.copyto(out, weights.bias_ih)

    def forward(self, weights, run, length, stop, overrides):
        run.state[0, 1 : length + 1] = run.pre[0, :length]
        hidden = run.state[0, 1 : length + 1]
        self.activation.functions(self.dtype)[0](hidden, hidden)

    def backward(self, weights, run, errors, length, stop, overrides):
        hidden = run.state[0, 1 : length + 1].astype(errors.dpre.dtype)
        errors.dpre[0, :length] = errors.dstate[0, 1 : length + 1] * self.activation.slope(hidden)


class MinimalGatedUnit(GRU):
    """Zhou et al. 2016, the gate after the recurrent product as in the GRU here: f for both r and 1 - z."""

    name, title, named_block = "mgu", "minimal gated unit", 1
    block_names = gate_names = ("f", "n")

    def input_bias(self, weights, out):
        np.add(weights.bias_ih, weights.bias_hh, out=out)
        out[1] = weights.bias_ih[1]

    def backward_arrays(self, T, N, dtype):
        return {"drec": aligned_zeros((2, T, N, self.hidden), dtype)}

    def forward(self, weights, run, length, stop, overrides):
        for t, ((h_before,), (after,), gates) in enumerate(run.steps[:length]):
            parts = np.matmul(h_before, weights.weight_hh)
            run.extra["recurrent"][t] = parts[1] + weights.bias_hh[1]
            gates[0] = sigmoid(gates[0] + parts[0])
            gates[1] = np.tanh(gates[1] + gates[0] * run.extra["recurrent"][t])
            after[...] = (1 - gates[0]) * h_before + gates[0] * gates[1]

    def backward(self, weights, run, errors, length, stop, overrides):
        for k in range(length - 1, -1, -1):
            (dh,), dpre, drec, carried, (dbefore,) = errors.steps[k]
            (f, n), recurrent = run.pre[:, k], run.extra["recurrent"][k]
            dpre[1] = dh * f * (1 - n**2)
            dpre[0] = (dh * (n - run.state[0, k]) + dpre[1] * recurrent) * f * (1 - f)
            drec[0], drec[1] = dpre[0], dpre[1] * f
            if k or errors.reach_initial:
                carried[...] = np.matmul(drec, weights.weight_hh_back).sum(axis=0) + dh * (1 - f)
                dbefore += carried


@pytest.fixture(params=[LSTM, GRU, Feedforward, MinimalGatedUnit], ids=lambda cell: cell.name)
def sketched(request, monkeypatch):
    monkeypatch.setitem(CELLS, request.param.name, request.param)
    return request.param.name


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("[lg]*.npz")), ids=lambda p: p.stem)
def test_the_plainly_written_lstm_and_gru_meet_every_golden_number(file, monkeypatch):
    for cell in (LSTM, GRU):
        monkeypatch.setitem(CELLS, cell.name, cell)
    checks = check_file(file)
    assert len(checks) > 40 and [c for c in checks if not c.passed] == []


@pytest.mark.parametrize("sketch", [LSTM, GRU, Feedforward], ids=lambda cell: cell.name)
@pytest.mark.parametrize("B", [1, 3])
def test_the_programs_own_cells_compute_what_the_plainly_written_ones_do(sketch, B, monkeypatch):
    choices = {"cell": sketch.name, "layers": 2, "hidden": 5}
    fast = network(**choices)
    mine = worked(fast, 7, B)
    monkeypatch.setitem(CELLS, sketch.name, sketch)
    plain = network(**choices)
    theirs = worked(plain, 7, B)
    assert type(fast.cells[0]) is not type(plain.cells[0])
    np.testing.assert_allclose(mine.loss, theirs.loss, rtol=1e-13)
    for a, b in zip(mine.errors, theirs.errors, strict=True):
        np.testing.assert_allclose(a.dstate[:, 1:], b.dstate[:, 1:], rtol=1e-11, atol=1e-16)
    for name, gradient in gradients(plain).items():
        np.testing.assert_allclose(gradients(fast)[name], gradient, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("embedding", [0, 3])
def test_every_gradient_of_a_sketched_cell_matches_finite_differences(sketched, layers, embedding):
    spec = ModelSpec(
        7, sketched, hidden=4, layers=layers, embedding=embedding, init="uniform", dtype="float64"
    )
    assert [c for c in finite_difference_check(spec) if not c.passed] == []


def test_a_sketched_cell_is_traced_with_its_own_fields(sketched):
    model = LanguageModel(ModelSpec(20, sketched, hidden=6, layers=2), np.random.default_rng(0))
    words, spelling = list("abcd"), tuple(map(str, range(20)))
    trace = trace_passage(model, tokens=[1, 2, 3, 4], words=words, spelling=spelling, answer=5, needs=NEEDS)
    assert set(trace.gates) == set(CELLS[sketched].gate_names)
    assert (trace.cell is not None) == (trace.dloss_dcell is not None) == (sketched == "lstm")
    window = {"tokens": [1, 2, 3], "targets": [2, 3, 4], "words": words[:3], "spelling": spelling}
    share = record_window(model, initial_state=model.zero_state(1), **window).weight_share
    if sketched == "feedforward":
        assert not np.tril(trace.gradient_matrix[:, :, 1], -1).any() and not share.any()
        assert trace.half_life.tolist() == [0, 0] and np.isnan(trace.spectral_radius).all()
    else:
        assert np.tril(trace.gradient_matrix[:, :, 1]).all(where=np.tri(4, dtype=bool)) and share[1:].all()


@pytest.mark.parametrize("keep_states", [True, False])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "feedforward"])
def test_a_way_back_finds_the_errors_from_above_and_else_zeros(cell, keep_states, monkeypatch):
    """Whatever the way before left: a cell may add to the row of the initial state as to any other."""
    model = network(cell=cell, layers=2)
    tokens, targets, state = window(model, 5, 3)
    ws, found = model.workspace(5, 3, keep_states=keep_states), []
    for one in model.cells:
        backward = one.backward

        def looking(weights, run, errors, *others, backward=backward):
            found.append(errors.dstate.copy())
            backward(weights, run, errors, *others)

        monkeypatch.setattr(one, "backward", looking)
    model.forward(ws, tokens, targets, state)
    for errors in ws.errors:
        errors.dstate.fill(7)
    model.backward(ws)
    assert len(found) == 2
    for dstate in found:
        assert not dstate[:, 0].any() and not dstate[1:].any()
        assert dstate[0, 1:].any() and not (dstate[0, 1:] == 7).any()
