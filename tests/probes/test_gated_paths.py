"""The errors of LSTM and GRU on their way back: every field against sums written out one step at a time."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.engine import HeldGate, Overrides
from rnnviz.probes import NO_TARGET
from tests.engine.networks import network
from tests.probes.test_passage import traced

CHOICES = st.fixed_dictionaries(
    {
        "cell": st.sampled_from(["lstm", "gru", "feedforward"]),
        "layers": st.integers(1, 3),
        "embedding": st.sampled_from([0, 3]),
        "hidden": st.integers(2, 6),
    }
)
MATRICES = (
    "gradient_matrix", "state_gradient_matrix", "cell_gradient_matrix", "cell_carry_matrix", "direct_matrix",
    "rest_matrix", "from_above",
)  # fmt: skip

FIELDS = (*MATRICES, "slope_factor", "weight_factor", "straight_factor", "round_factor")


def one_error(model, trace, state, t):
    """dL_t by each state part, (S, T+1, L, H), through the training path; of the mean of one loss."""
    T = trace.length
    only = np.full(T, NO_TARGET)
    only[t] = trace.targets[t]
    ws = model.workspace(T, 1)
    model.forward(ws, trace.tokens[:, None], only[:, None], state)
    model.backward(ws)
    return np.stack([errors.dstate[:, :, 0] for errors in ws.errors], axis=2)


def mid_text(model, seed=3):
    state = model.zero_state(1)
    state[...] = np.random.default_rng(seed).uniform(-0.5, 0.5, state.shape)
    return state


@settings(max_examples=60, deadline=None)
@given(CHOICES, st.integers(1, 8), st.integers(0, 99))
def test_each_row_is_the_error_of_that_step_alone_and_all_add_up_to_the_sum(choices, T, seed):
    model = network(seed, **choices)
    state = mid_text(model, seed)
    trace = traced(model, T, seed, initial_state=state)
    errors = [one_error(model, trace, state, t) for t in range(T)]
    for t, error in enumerate(errors):
        size = np.linalg.norm(error, axis=3)
        np.testing.assert_allclose(trace.gradient_matrix[t], size[0, 1:], rtol=1e-9, atol=1e-14)
        if choices["cell"] == "lstm":
            np.testing.assert_allclose(trace.cell_gradient_matrix[t], size[1, 1:], rtol=1e-9, atol=1e-14)
    total = sum(errors)
    np.testing.assert_allclose(trace.dloss_dhidden[1:], total[0, 1:], rtol=1e-10, atol=1e-13)
    if choices["cell"] == "lstm":
        np.testing.assert_allclose(trace.dloss_dcell[1:], total[1, 1:], rtol=1e-10, atol=1e-13)


@settings(max_examples=40, deadline=None)
@given(CHOICES.map(lambda c: c | {"cell": "rnn"}) | CHOICES, st.integers(1, 8), st.integers(0, 99))
def test_the_itemised_errors_add_up_as_vectors_to_the_gradient_of_the_sum(choices, T, seed):
    model = network(seed, **choices)
    state = mid_text(model, seed)
    trace = traced(model, T, seed, initial_state=state)
    ws = model.workspace(T, 1)  # one pass back, of all losses at once, and of their mean: a T-th of the sum
    model.forward(ws, trace.tokens[:, None], trace.targets[:, None], state)
    model.backward(ws)
    for part, itemised in enumerate((trace.dloss_dhidden, trace.dloss_dcell)):
        if itemised is not None:
            whole = T * np.stack([errors.dstate[part, 1:, 0] for errors in ws.errors], axis=1)
            largest = np.abs(whole).max()
            np.testing.assert_allclose(itemised[1:], whole, rtol=1e-10, atol=1e-10 * largest)


@settings(max_examples=40, deadline=None)
@given(CHOICES, st.integers(1, 8), st.integers(0, 99))
def test_nothing_flows_to_the_future(choices, T, seed):
    trace = traced(network(seed, **choices), T, seed)
    future = np.triu_indices(T, 1)
    for name in MATRICES:
        matrix = getattr(trace, name)
        assert matrix is None or not matrix[future].any()
    for name in ("straight_factor", "round_factor"):
        values = getattr(trace, name)
        assert (values is None) == (choices["cell"] == "feedforward")
        assert values is None or np.isnan(values[future]).all()
    if choices["cell"] == "feedforward":
        earlier = np.tril_indices(T, -1)
        assert not trace.gradient_matrix[earlier].any() and trace.gradient_matrix[np.diag_indices(T)].all()
        assert not trace.initial_gradient.any()


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_direct_path_and_rest_add_up_as_vectors_to_the_total(cell, layers):
    model = network(4, cell=cell, layers=layers)
    state = mid_text(model)
    trace = traced(model, 9, initial_state=state)
    keep = trace.gates["f" if cell == "lstm" else "z"]  # (T, L, H)
    for t in range(9):
        error = one_error(model, trace, state, t)
        total = error[1 if cell == "lstm" else 0, 1:]  # (T, L, H) of c or h
        for k in range(t + 1):
            direct = keep[k + 1 : t + 1].prod(axis=0) * total[t]
            np.testing.assert_allclose(trace.direct_matrix[t, k], np.linalg.norm(direct, axis=1), rtol=1e-10)
            rest = np.linalg.norm(total[k] - direct, axis=1)
            np.testing.assert_allclose(trace.rest_matrix[t, k], rest, rtol=1e-9, atol=1e-15)
    assert trace.rest_matrix[8, 0].all() and not trace.rest_matrix[np.diag_indices(9)].any()


@pytest.mark.parametrize("layers", [1, 2])
def test_the_lstms_state_carries_what_reaches_h_and_what_runs_along_c(layers):
    model = network(5, cell="lstm", layers=layers)
    state = mid_text(model)
    trace = traced(model, 7, initial_state=state)
    for t in range(7):
        dh, dc = one_error(model, trace, state, t)
        for k in range(t + 1):
            carry = trace.gates["f"][k + 1] * dc[k + 2] if k < t else np.zeros_like(dc[0])
            size = np.linalg.norm(carry, axis=1)
            np.testing.assert_allclose(trace.cell_carry_matrix[t, k], size, rtol=1e-10, atol=1e-300)
            whole = np.sqrt(np.linalg.norm(dh[k + 1], axis=1) ** 2 + size**2)
            np.testing.assert_allclose(trace.state_gradient_matrix[t, k], whole, rtol=1e-10)
            straight = np.linalg.norm(trace.gates["f"][k] * dc[k + 1], axis=1)
            np.testing.assert_allclose(trace.straight_factor[t, k], straight / whole, rtol=1e-10)
    assert not trace.cell_carry_matrix[np.diag_indices(7)].any()


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_what_goes_round_is_what_the_recurrent_weights_bring_back(cell):
    model = network(6, cell=cell)
    state = mid_text(model)
    trace = traced(model, 6, initial_state=state)
    for t in range(6):
        error = one_error(model, trace, state, t)[:, :, 0]
        for k in range(1, t + 1):
            here, before = error[0, k + 1], error[0, k]
            straight = trace.gates["z"][k, 0] * here if cell == "gru" else 0
            around = np.linalg.norm(before - straight)
            M = trace.state_gradient_matrix[t, k, 0]
            assert trace.round_factor[t, k, 0] == pytest.approx(around / M, rel=1e-9)
            if cell == "gru":
                assert trace.straight_factor[t, k, 0] == pytest.approx(np.linalg.norm(straight) / M, rel=1e-9)


def test_an_open_forget_gate_and_no_way_round_keep_the_error_exactly():
    model = network(7, cell="lstm", hidden=6)
    model.parameters.view("weight_hh_l0")[...] = 0
    held = Overrides(held=(HeldGate("f", 1.0), HeldGate("i", 0.0)))
    trace = traced(model, 12, overrides=held)
    M = trace.cell_gradient_matrix[11, :, 0]
    np.testing.assert_array_equal(M, np.full(12, M[11]))
    np.testing.assert_array_equal(trace.direct_matrix[11, :, 0], M)
    assert M[11] > 0 and not trace.rest_matrix[11].any()
    np.testing.assert_array_equal(trace.cell_carry_matrix[11, :11, 0], M[:11])


def test_a_saturated_open_gate_keeps_it_without_holding_anything():
    model = network(7, cell="lstm", hidden=6)
    model.parameters.view("weight_hh_l0")[...] = 0
    model.parameters.view("weight_ih_l0")[:2] = 0
    model.parameters.view("bias_ih_l0")[:2] = [[-800.0], [800.0]]  # i = 0, f = 1 to the last digit
    model.parameters.view("bias_hh_l0")[:2] = 0
    trace = traced(model, 12)
    assert (trace.gates["f"] == 1).all() and not trace.gates["i"].any()
    np.testing.assert_array_equal(trace.cell_gradient_matrix[11, :, 0], trace.cell_gradient_matrix[11, 11, 0])


def test_a_shut_forget_gate_lets_nothing_pass_along_c_and_only_there():
    model = network(8, cell="lstm")
    shut = traced(model, 9, overrides=Overrides(held=(HeldGate("f", 0.0, steps=(5,)),)))
    free = traced(model, 9)
    assert not shut.cell_carry_matrix[8, 4].any() and shut.cell_carry_matrix[8, 6].all()
    assert not shut.direct_matrix[8, :5].any() and shut.direct_matrix[8, 5].all()
    assert (shut.gates["f"][5] == 0).all() and shut.gates["f"][4].all()
    np.testing.assert_array_equal(shut.gates["f"][:5], free.gates["f"][:5])
    assert shut.rest_matrix[8, 4].all()  # what goes round still arrives


def test_decay_and_half_life_of_an_lstm_are_of_the_whole_state():
    trace = traced(network(9, cell="lstm"), 10)
    M = trace.state_gradient_matrix[:, :, 0]
    expected = np.mean([M[t, t - 3] / M[t, t] for t in range(3, 10)])
    assert trace.decay[3, 0] == pytest.approx(expected) and expected > 0
    assert trace.share_left(9, 0)[0] == pytest.approx(M[9, 0] / M[9, 9])
    h = trace.gradient_matrix[:, :, 0]
    assert np.mean([h[t, t - 3] / h[t, t] for t in range(3, 10)]) != pytest.approx(expected)


def test_feedforward_has_no_path_and_says_so_by_zeros():
    trace = traced(network(cell="feedforward", layers=2), 6)
    assert trace.half_life.tolist() == [0, 0] and trace.one_percent_lag.tolist() == [0, 0]
    assert np.isnan(trace.lost_per_step).all() and trace.counterfactual_matrix is None
    assert trace.slope is not None and trace.straight_factor is None and trace.slope_factor is None
    assert np.isnan(trace.sigma_max).all() and np.isnan(trace.eigenvalues).all()
    assert not trace.jacobian_singular_values[1:].any() and (trace.jacobian_singular_values[0] == 1).all()


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_float32_network_is_followed_far_beyond_float32(cell):
    model = network(cell=cell, dtype="float32", spread=0.01)
    block = 1  # f of the LSTM, z of the GRU
    model.parameters.view("bias_ih_l0")[block] = -5
    trace = traced(model, 60)
    last = trace.state_gradient_matrix[59, :, 0]
    assert (last > 0).all() and last[0] < 1e-60
    assert math.isfinite(trace.half_life[0])


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "feedforward"])
def test_a_broken_gated_network_is_traced_without_a_warning(cell):
    model = network(cell=cell)
    model.parameters.view("weight_ih_l0")[...] = np.nan
    trace = traced(model, answer=None)
    assert np.isnan(trace.loss).all()


def saturated(cell):
    """A network in float32 whose candidate is almost 1, and its error the only way back."""
    model = network(cell=cell, dtype="float32")
    H, biases = 7, model.parameters.export()["bias_ih_l0"]
    shut, wide, almost = -30.0, 30.0, 5.0
    gates = {"gru": (wide, shut, almost), "lstm": (wide, shut, almost, wide)}[cell]  # r z n; i f g o
    biases[:] = np.repeat(gates, H)
    model.parameters.load(model.parameters.export() | {"bias_ih_l0": biases})
    return model


@pytest.mark.parametrize(("cell", "candidate"), [("gru", "n"), ("lstm", "g")])
def test_the_slopes_of_saturated_gates_keep_their_digits_in_a_float32_network(cell, candidate):
    """1 - n^2 of n = 0.9999 has four digits left in float32, and the way back is in float64."""
    model = saturated(cell)
    trace = traced(model, 4)
    disk = {name: array.astype(np.float64) for name, array in model.parameters.export().items()}
    wrong = trace.probs[3].astype(np.float64)
    wrong[trace.targets[3]] -= 1
    error = wrong @ disk["weight_out"]  # dL_3/dh_3
    n = trace.gates[candidate][3, 0].astype(np.float64)
    assert (n > 0.99).all() and (n > 0.999).sum() > 3
    slope = 1 - n * n
    if cell == "lstm":
        squashed = np.tanh(trace.cell[4, 0].astype(np.float64))
        slope *= 1 - squashed * squashed  # of tanh(c), the output gate being open
    block = np.split(disk["weight_hh_l0"], len(trace.gates))[2]
    expected = np.linalg.norm((error * slope) @ block)
    assert trace.gradient_matrix[3, 2, 0] == pytest.approx(expected, rel=2e-6)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "feedforward"])
def test_nothing_arrives_at_later_steps_and_no_factor_is_told_of_them(cell):
    trace = traced(network(cell=cell, layers=2), 5)
    later = np.triu(np.ones((5, 5), dtype=bool), k=1)
    told = [name for name in FIELDS if getattr(trace, name) is not None]
    assert len(told) >= (3 if cell == "feedforward" else 5)
    for name in told:
        above = getattr(trace, name)[later]
        assert (np.isnan(above) if name.endswith("_factor") else above == 0).all(), name
