"""LSTM, GRU and feedforward: what overrides hold, what the way back may write over, and dropout."""

import tracemalloc

import numpy as np
import pytest

from rnnviz.engine import CELLS, HeldGate, Interrupted, Overrides
from rnnviz.engine.cells.gating import COEFFICIENTS_AT_ONCE
from tests.engine.networks import gradients, network, window

GATED = ["lstm", "gru"]
ALL = ["rnn", "lstm", "gru", "feedforward"]
T = 6


def read(model, B=2, overrides=None, back=True, stop=None, ws=None):
    ws = model.workspace(T, B) if ws is None else ws
    tokens, targets, state = window(model, T, B)
    model.forward(ws, tokens, targets, state, stop, overrides=overrides)
    if back:
        model.backward(ws, stop)
    return ws


def differences(model, loss, step=1e-6):
    """Central differences of `loss()` by every parameter, in memory layout."""
    out = {}
    for name in model.parameters.names:
        values = model.parameters.view(name).reshape(-1)
        found = np.zeros(values.size)
        for i, value in enumerate(values.copy()):
            values[i] = value + step
            above = loss()
            values[i] = value - step
            found[i] = (above - loss()) / (2 * step)
            values[i] = value
        out[name] = found
    return out


def assert_same(model, expected):
    largest = max(np.abs(e).max() for e in expected.values())
    for name, values in expected.items():
        found = model.parameters.view(name, "gradients").reshape(-1)
        np.testing.assert_allclose(found, values, rtol=0, atol=2e-6 * largest, err_msg=name)


def test_the_four_cells_are_there_under_the_names_of_the_settings():
    assert list(CELLS) == ALL
    assert [CELLS[name].title for name in ALL] == ["plain RNN", "LSTM", "GRU", "feedforward network"]


@pytest.mark.parametrize("B", [1, 3])
@pytest.mark.parametrize(
    ("cell", "gate"), [("lstm", g) for g in "ifgo"] + [("gru", g) for g in "rzn"], ids=lambda v: str(v)
)
def test_a_held_gate_stands_where_it_is_held_and_no_gradient_flows_through_it(cell, gate, B):
    model = network(cell=cell, hidden=4, vocabulary_size=5, layers=2)
    held = Overrides(
        held=(HeldGate(gate, 0.25, layer=0, units=(1, 2), steps=(1, 2, 4)), HeldGate(gate, 0.5, 1))
    )
    ws = read(model, B, held, back=False)
    lower, upper = (c.gates(run, T)[gate] for c, run in zip(model.cells, ws.runs, strict=True))
    assert (lower[[1, 2, 4]][:, :, [1, 2]] == 0.25).all() and (upper == 0.5).all()
    assert not np.isin(lower[[0, 3, 5]], 0.25).any() and not np.isin(lower[1, :, 0], 0.25).any()
    model.backward(ws)
    block = model.cells[1].block_names.index(gate)
    found = {name: a.copy() for name, a in gradients(model).items()}
    upper_rows = slice(block * 4, block * 4 + 4)
    assert not found["weight_ih_l1"][upper_rows].any() and not found["weight_hh_l1"][upper_rows].any()
    scratch = model.workspace(T, B)
    assert_same(model, differences(model, lambda: read(model, B, held, back=False, ws=scratch).mean_loss))


@pytest.mark.parametrize("cell", [*GATED, "feedforward"])
@pytest.mark.parametrize("B", [1, 3])
def test_a_silenced_unit_is_out_of_the_network(cell, B):
    model = network(cell=cell, layers=2, hidden=5)
    silence = Overrides(silenced={0: (2,), 1: (0, 4)})
    ws = read(model, B, silence)
    for run, units in zip(ws.runs, ([2], [0, 4]), strict=True):
        after = slice(1, None) if cell == "feedforward" else slice(None)
        assert not run.state[:, after][..., units].any()
    for errors, units in zip(ws.errors, ([2], [0, 4]), strict=True):
        assert not errors.dstate[:, 1:][..., units].any() and not errors.dpre[..., units].any()
    loss = ws.loss.copy()
    for name in model.parameters.names:
        if name.endswith("_l0"):
            model.parameters.view(name)[..., 2] += 3  # what enters the silenced unit
    np.testing.assert_array_equal(read(model, B, silence).loss, loss)


@pytest.mark.parametrize("cell", GATED)
def test_holding_nothing_and_never_changes_nothing(cell):
    model = network(cell=cell)
    free = read(model).loss.copy()
    found = gradients(model)
    never = Overrides(held=(HeldGate(model.cells[0].gate_names[0], 0.5, steps=()),))
    np.testing.assert_array_equal(read(model, overrides=never).loss, free)
    for name, a in gradients(model).items():
        np.testing.assert_array_equal(a, found[name])


def test_a_gate_is_refused_by_the_cells_own_name():
    with pytest.raises(ValueError, match="The GRU has no gate 'f' to hold; it has: r, z, n"):
        read(network(cell="gru"), overrides=Overrides(held=(HeldGate("f", 1.0),)))
    with pytest.raises(ValueError, match="feedforward network has no gate 'z' to hold; it has: none"):
        read(network(cell="feedforward"), overrides=Overrides(held=(HeldGate("z", 1.0),)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cell", ALL)
def test_windows_wide_and_narrow_whole_and_short_give_the_same_gradients(cell, dtype):
    """B = 1 and B > 1 have code of their own, and so have derivatives for few steps at a time."""
    wide = network(cell=cell, layers=2, dtype=dtype, hidden=8)
    B = 2 * (COEFFICIENTS_AT_ONCE // (8 * 4))  # a chunk is two steps
    tokens, targets, state = window(wide, T, B)
    ws = wide.workspace(T + 3, B)
    wide.forward(ws, tokens, targets, state, length=T)
    wide.backward(ws)
    total = {name: a.astype(np.float64) for name, a in gradients(wide).items()}
    few = range(0, B, B // 4)
    some = wide.workspace(T, len(few))
    pick = list(few)
    wide.forward(some, tokens[:, pick], targets[:, pick], np.ascontiguousarray(state[:, :, pick]))
    np.testing.assert_allclose(some.loss, ws.loss[:T, pick], rtol=1e-4 if dtype == "float32" else 1e-12)
    wide.backward(some)
    mean = {name: a.astype(np.float64) for name, a in gradients(wide).items()}
    one = wide.workspace(T, 1)
    sums = dict.fromkeys(mean, 0.0)
    for b in pick:
        wide.forward(one, tokens[:, [b]], targets[:, [b]], np.ascontiguousarray(state[:, :, [b]]))
        wide.backward(one)
        for name, a in gradients(wide).items():
            sums[name] = sums[name] + a.astype(np.float64) / len(pick)
    for name, a in mean.items():
        np.testing.assert_allclose(
            sums[name], a, atol=(1e-5 if dtype == "float32" else 1e-13) * np.abs(a).max()
        )
    assert all(np.isfinite(a).all() and a.any() for a in total.values())


@pytest.mark.parametrize("cell", GATED)
def test_a_large_input_saturates_without_a_warning_or_a_nan(cell):
    model = network(cell=cell, spread=400, dtype="float32")
    ws = read(model, back=False)
    gates = model.cells[0].gates(ws.runs[0], T)
    assert all(np.isfinite(g).all() and np.abs(g).max() <= 1 for g in gates.values())
    model.backward(ws)
    assert all(np.isfinite(a).all() for a in gradients(model).values())


@pytest.mark.parametrize("cell", ALL)
def test_nothing_is_allocated_in_the_steady_state(cell):
    steps = 48
    model = network(cell=cell, layers=2, hidden=64, dtype="float32", vocabulary_size=20)
    ws = model.workspace(steps, 32, dropout=0.3)
    rng = np.random.default_rng(0)
    data = window(model, steps, 32)
    for _ in range(2):
        ws.masks.draw(rng)
        model.forward(ws, *data, dropping=True)
        model.backward(ws)
    tracemalloc.start()
    ws.masks.draw(rng)
    model.forward(ws, *data, dropping=True)
    model.backward(ws)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Half of one array of states; NumPy's own buffers, 103 KB in 2.1, do not grow with the window.
    assert peak < steps * 32 * 64 * 4 / 2


@pytest.mark.parametrize("cell", ALL)
def test_an_interrupted_pass_leaves_the_parameters_and_the_next_pass_alone(cell):
    model = network(cell=cell, layers=2)
    loss = read(model).loss.copy()
    found, before = gradients(model), model.parameters.values.copy()
    ws = model.workspace(T, 2)
    for after in (0, 3):
        calls = iter(range(100))
        with pytest.raises(Interrupted):
            read(model, stop=lambda calls=calls, after=after: next(calls) >= after, ws=ws)
    np.testing.assert_array_equal(model.parameters.values, before)
    np.testing.assert_array_equal(read(model, ws=ws).loss, loss)
    for name, a in gradients(model).items():
        np.testing.assert_array_equal(a, found[name])
