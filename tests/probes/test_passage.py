import dataclasses
import gc
import math
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz import engine
from rnnviz.engine import Overrides
from rnnviz.probes import NEEDS, NO_TARGET, bound, gradient_matrix, trace_passage
from rnnviz.probes.trace import Trace
from tests.engine.networks import network

CHOICES = st.fixed_dictionaries(
    {
        "activation": st.sampled_from(["tanh", "sigmoid", "relu"]),
        "layers": st.integers(1, 3),
        "embedding": st.sampled_from([0, 3]),
        "hidden": st.integers(2, 6),
    }
)


def spelling(model):
    return [f"w{i}" for i in range(model.spec.vocabulary_size)]


def traced(model, T=7, seed=2, **given):
    tokens = np.random.default_rng(seed).integers(0, model.spec.vocabulary_size, T)
    names = spelling(model)
    ask = {
        "tokens": tokens,
        "words": [names[i] for i in tokens],
        "spelling": names,
        "answer": 3,
        "needs": NEEDS,
    }
    return trace_passage(model, **(ask | given))


def one_error(model, tokens, targets, state, t):
    """dL_t by each state, through the training path: the loss of step t alone, as a window's mean loss."""
    only = np.full(len(tokens), NO_TARGET)
    only[t] = targets[t]
    ws = model.workspace(len(tokens), 1)
    model.forward(ws, tokens[:, None], only[:, None], state)
    model.backward(ws)
    return np.stack([d[:, 0] for d in ws.dloss_dhidden], axis=1)  # (T, L, H)


@settings(max_examples=40, deadline=None)
@given(CHOICES, st.integers(1, 8), st.integers(0, 99))
def test_each_row_is_the_error_of_that_step_alone_and_all_add_up_to_the_sum(choices, T, seed):
    model = network(seed, **choices)
    state = model.zero_state(1)
    state[...] = np.random.default_rng(seed).uniform(-0.5, 0.5, state.shape)
    trace = traced(model, T, seed, initial_state=state)
    errors = [one_error(model, trace.tokens, trace.targets, state, t) for t in range(T)]
    for t, error in enumerate(errors):
        np.testing.assert_allclose(
            trace.gradient_matrix[t], np.linalg.norm(error, axis=2), rtol=1e-9, atol=1e-14
        )
    np.testing.assert_allclose(trace.dloss_dhidden[1:], sum(errors), rtol=1e-10, atol=1e-13)


@settings(max_examples=40, deadline=None)
@given(CHOICES, st.integers(1, 8), st.integers(0, 99))
def test_nothing_flows_to_the_future(choices, T, seed):
    trace = traced(network(seed, **choices), T, seed)
    future = np.triu_indices(T, 1)
    assert not trace.gradient_matrix[future].any() and not trace.from_above[future].any()
    assert np.isnan(trace.slope_factor[future]).all() and np.isnan(trace.weight_factor[future]).all()
    assert not trace.counterfactual_matrix[future].any()


@settings(max_examples=40, deadline=None)
@given(CHOICES | st.just({}), st.floats(0.2, 4), st.integers(0, 99))
def test_the_top_layer_stays_below_its_bound(choices, spread, seed):
    model = network(seed, spread, **choices)
    trace = traced(model, 7, seed)
    M, top = trace.state_gradient_matrix[:, :, -1], model.spec.layers - 1
    gamma = model.cells[0].activation.largest_slope
    for t in range(7):
        limit = M[t, t] * bound(trace.sigma_max[top], gamma, t + 1)
        assert (M[t, t::-1] <= limit * (1 + 1e-12)).all()


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["tanh", "sigmoid", "relu"]), st.integers(1, 9), st.integers(0, 99))
def test_the_two_factors_of_a_step_multiply_to_the_next_entry(activation, T, seed):
    trace = traced(network(seed, activation=activation), T, seed)
    M = trace.gradient_matrix[:, :, 0]
    for t in range(T):
        for k in range(t + 1):
            before = M[t, k - 1] if k else trace.initial_gradient[t, 0]
            slope, weight = trace.slope_factor[t, k, 0], trace.weight_factor[t, k, 0]
            if M[t, k] == 0:
                assert math.isnan(slope) and math.isnan(weight)
            elif slope == 0:  # every relu unit that the error reaches is off
                assert before == 0 and math.isnan(weight)
            else:
                assert before == pytest.approx(M[t, k] * slope * weight, rel=1e-10)


def test_in_lower_layers_what_comes_from_above_is_added_to_what_is_carried():
    model = network(layers=2)
    trace = traced(model)
    w = model.parameters.export()
    T = trace.length
    # The newest word's error has nothing carried: what layer 1 feels at step T-1 is what layer 2 sends down.
    np.testing.assert_allclose(
        trace.from_above[T - 1, T - 1, 0], trace.gradient_matrix[T - 1, T - 1, 0], rtol=1e-12
    )
    dlogits = trace.probs[T - 1].copy()
    dlogits[trace.targets[T - 1]] -= 1
    above = trace.slope[T - 1, 1] * (dlogits @ w["weight_out"])
    assert trace.from_above[T - 1, T - 1, 0] == pytest.approx(
        np.linalg.norm(above @ w["weight_ih_l1"]), rel=1e-10
    )
    assert not trace.from_above[:, :, 1].any()


def test_silencing_slopes_gives_the_counterfactual():
    model = network(activation="sigmoid", layers=2)
    trace = traced(model)
    held = traced(model, overrides=Overrides(slope_one=True))
    np.testing.assert_array_equal(trace.counterfactual_matrix, held.gradient_matrix)
    np.testing.assert_array_equal(trace.hidden, held.hidden)
    top = trace.counterfactual_matrix[:, :, 1]
    w = model.parameters.export()["weight_hh_l1"]
    dlogits = trace.probs[-1].copy()
    dlogits[trace.targets[-1]] -= 1
    g = dlogits @ model.parameters.export()["weight_out"]
    for k in range(trace.length - 1, -1, -1):  # W^T again and again, and no f'
        assert top[-1, k] == pytest.approx(np.linalg.norm(g), rel=1e-10)
        g = g @ w


def test_a_silenced_unit_gets_no_error():
    trace = traced(network(layers=2), overrides=Overrides(silenced={1: (3,)}))
    assert not trace.hidden[:, 1, 3].any() and not trace.dloss_dhidden[:, 1, 3].any()
    assert trace.dloss_dhidden[:, 0, 3].all()


def test_float32_follows_float64():
    double, single = network(layers=2), network(layers=2, dtype="float32")
    single.parameters.load(double.parameters.export())
    a, b = traced(double), traced(single)
    assert b.hidden.dtype == np.float32
    np.testing.assert_allclose(b.gradient_matrix, a.gradient_matrix, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(b.loss, a.loss, rtol=1e-5)


def test_a_long_fade_in_float32_is_no_false_zero():
    model = network(activation="sigmoid", dtype="float32", spread=0.05)
    trace = traced(model, 60)
    last = trace.gradient_matrix[59, :, 0]
    assert (last > 0).all() and last[0] < 1e-60
    np.testing.assert_allclose(
        last[:-1], last[1:] * trace.slope_factor[59, 1:, 0] * trace.weight_factor[59, 1:, 0], rtol=1e-9
    )


def test_a_word_learned_to_certainty_still_sends_its_small_error():
    model = network(dtype="float32")
    model.parameters.view("bias_out")[5] = 40
    trace = traced(model, 3, answer=5)
    assert 0 < trace.loss[2] < 1e-10 and trace.target_prob[2] == pytest.approx(1)
    assert trace.gradient_matrix[2, 2, 0] > 0


MATRICES = (
    "gradient_matrix", "state_gradient_matrix", "cell_gradient_matrix", "cell_carry_matrix", "direct_matrix",
    "rest_matrix", "slope_factor", "weight_factor", "straight_factor", "round_factor", "from_above",
    "counterfactual_matrix",
)  # fmt: skip


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "feedforward"])
@pytest.mark.parametrize("rows", [1, 3, 5])
def test_long_passages_go_back_in_blocks_to_the_same_end(cell, rows, monkeypatch):
    model = network(cell=cell, layers=2)
    whole = traced(model, 8)
    monkeypatch.setattr(gradient_matrix, "BLOCK_NUMBERS", rows * 8 * 7 * 2)
    other = network(cell=cell, layers=2)
    traced(other, 8, generation=1)  # the arrays of its blocks are not new in the trace that is looked at
    blocks = traced(other, 8)
    at_once = gradient_matrix.PassageBackward(other, 8)._rows
    assert at_once <= rows, "no more is held at once than is allowed"
    assert -(-8 // at_once) == -(-8 // rows), "nor are there more blocks than needed"
    for name in MATRICES:
        ours, theirs = getattr(blocks, name), getattr(whole, name)
        assert (ours is None) == (theirs is None)
        if theirs is not None:
            np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-15, err_msg=name)
    np.testing.assert_allclose(blocks.dloss_dhidden, whole.dloss_dhidden, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(blocks.initial_gradient, whole.initial_gradient, rtol=1e-11)


def test_a_trace_lists_fifty_candidates_of_many_words_and_all_of_few():
    for V, listed in ((60, 50), (11, 11)):
        trace = traced(network(vocabulary_size=V), 3)
        assert trace.candidates.shape == trace.candidate_probs.shape == (3, listed)


def test_what_a_trace_is_not_told_is_that_of_a_free_recurrent_network():
    whole = traced(network(), 3)
    asked = [
        f for f in dataclasses.fields(Trace) if (f.default, f.default_factory) == (dataclasses.MISSING,) * 2
    ]
    bare = Trace(**{f.name: getattr(whole, f.name) for f in asked})
    assert bare.recurrent and not bare.slope_held and bare.token_kind == "word"
    assert (dict(bare.gates), dict(bare.held)) == ({}, {})


@pytest.mark.parametrize(
    ("cell", "told"), [("rnn", "relu"), ("feedforward", "relu"), ("lstm", ""), ("gru", "")]
)
def test_a_trace_names_the_activation_of_a_cell_that_has_one_to_choose(cell, told):
    assert traced(network(cell=cell, activation="relu"), 3).activation == told


def test_no_target_is_the_same_number_for_the_engine_the_probes_and_the_files():
    assert NO_TARGET == engine.NO_TARGET == -1


def test_the_last_step_with_a_target_is_told_and_that_there_is_none():
    assert traced(network(), 4).last_target_step == 3
    assert traced(network(), 4, answer=None, assume_answer=False).last_target_step == 2
    assert traced(network(), 1, answer=None, assume_answer=False).last_target_step == -1


def test_targets_are_the_next_words_and_the_named_answer():
    trace = traced(network(), 5, answer=7, answer_word="France")
    assert trace.targets.tolist() == [*trace.tokens[1:].tolist(), 7]
    assert trace.target_words.tolist() == [*trace.words[1:].tolist(), "France"]
    assert not trace.assumed_answer and trace.last_target_step == 4


def test_an_unknown_word_keeps_its_own_spelling_as_a_target():
    trace = traced(network(), tokens=[1, 0, 2], words=["the", "xyzzy", "of"])
    assert trace.target_words.tolist() == ["xyzzy", "of", "w3"]


def test_without_an_answer_the_likeliest_is_taken_and_said_to_be_assumed():
    trace = traced(network(), answer=None)
    assert trace.assumed_answer and trace.targets[-1] == trace.candidates[-1, 0]
    assert trace.target_place[-1] == 1 and trace.target_words[-1] == trace.candidate_words[-1, 0]


def test_without_an_answer_none_need_be_assumed():
    trace = traced(network(), answer=None, assume_answer=False)
    assert trace.targets[-1] == NO_TARGET and not trace.assumed_answer
    assert np.isnan(trace.loss[-1]) and np.isnan(trace.target_prob[-1]) and trace.target_place[-1] == 0
    assert not trace.gradient_matrix[-1].any() and trace.target_words[-1] == ""
    assert np.isnan(trace.slope_factor[-1]).all() and trace.last_target_step == 5
    assert np.isfinite(trace.decay[:6]).all() and np.isnan(trace.decay[6]).all()


@pytest.mark.parametrize("assume", [True, False])
def test_a_passage_of_one_word_is_a_passage(assume):
    trace = traced(network(layers=2), 1, answer=None, assume_answer=assume)
    assert trace.gradient_matrix.shape == (1, 1, 2) and trace.half_life.tolist() == [math.inf, math.inf]
    assert trace.hidden.shape == (2, 2, 7) and trace.candidates.shape == (1, 11)
    assert (trace.initial_gradient > 0).all() == assume


def test_every_field_has_the_shape_that_the_plan_gives():
    T, L, H, V = 7, 2, 7, 60
    trace = traced(network(layers=L, vocabulary_size=V))
    arrays = {name: a.shape for name, a in trace.arrays().items()}
    pair, states, steps = (T, T, L), (T + 1, L, H), (T,)
    expected = dict.fromkeys(
        ("gradient_matrix", "state_gradient_matrix", "slope_factor", "weight_factor"), pair
    )
    expected |= dict.fromkeys(("from_above", "counterfactual_matrix"), pair)
    expected |= dict.fromkeys(("hidden", "dloss_dhidden"), states) | {"slope": (T, L, H), "probs": (T, V)}
    expected |= dict.fromkeys(("words", "tokens", "targets", "target_words", "loss"), steps)
    expected |= dict.fromkeys(("target_prob", "target_place"), steps)
    expected |= dict.fromkeys(("candidates", "candidate_probs", "candidate_words"), (T, 50))
    expected |= {"initial_gradient": (T, L), "decay": (T, L), "half_life": (L,)}
    expected |= dict.fromkeys(("sigma_max", "spectral_radius", "one_percent_lag", "lost_per_step"), (L,))
    expected |= {"eigenvalues": (L, H), "jacobian_lags": (T,), "jacobian_singular_values": (T, L, H)}
    expected |= dict.fromkeys(("saturation_high/h", "saturation_low/h"), (L, H))
    expected |= dict.fromkeys(("step", "generation", "cell_name", "activation", "assumed_answer"), ())
    expected |= {
        "recurrent": (),
        "straight_gate": (),
        "tanh_gates": (0,),
        "gate_titles": (0,),
        "state_equation": (),
    }
    expected |= {"vocabulary_size": (), "token_kind": (), "slope_held": ()}
    assert arrays == expected
    for a in trace.arrays().values():
        assert not a.flags.writeable or a.ndim == 0


def test_what_nobody_asked_for_is_left_out():
    trace = traced(network(), needs=frozenset())
    assert trace.probs is None and trace.counterfactual_matrix is None and trace.sigma_max is None


def test_predictions_are_the_softmax_of_the_forward_pass():
    model = network(vocabulary_size=60, layers=2)
    trace = traced(model)
    ws = model.workspace(7, 1)
    model.forward(ws, trace.tokens[:, None], trace.targets[:, None], model.zero_state(1))
    np.testing.assert_allclose(trace.loss, ws.loss[:, 0], rtol=1e-12)
    np.testing.assert_allclose(trace.probs, ws.readout.probabilities(ws.hidden[-1][1:, 0]), rtol=1e-12)
    np.testing.assert_allclose(trace.target_prob, np.exp(-trace.loss), rtol=1e-12)
    order = np.argsort(-trace.probs, axis=1, kind="stable")
    np.testing.assert_array_equal(trace.candidates, order[:, :50])
    np.testing.assert_array_equal(trace.candidate_probs, np.take_along_axis(trace.probs, order, 1)[:, :50])
    assert trace.target_place.tolist() == [1 + order[t].tolist().index(trace.targets[t]) for t in range(7)]
    assert trace.candidate_words[0, 0] == f"w{trace.candidates[0, 0]}"


def test_a_passage_starts_from_zero_unless_a_state_is_given():
    model = network()
    assert not traced(model).hidden[0].any()
    state = model.zero_state(1)
    state[...] = 0.25
    assert (traced(model, initial_state=state).hidden[0] == 0.25).all()


def test_tracing_changes_nothing_and_gives_the_same_bits_each_time():
    model = network(layers=2, dtype="float32")
    before = model.parameters.values.copy()
    first = traced(model)
    traced(model, 5)
    second = traced(model)
    for name, a in first.arrays().items():
        np.testing.assert_array_equal(second.arrays()[name], a)
    np.testing.assert_array_equal(model.parameters.values, before)
    assert not model.parameters.gradients.any()


def test_a_trace_keeps_its_numbers_when_the_network_moves_on():
    model = network()
    trace = traced(model)
    kept = {name: a.copy() for name, a in trace.arrays().items()}
    model.parameters.values[...] *= 2
    traced(model)
    for name, a in kept.items():
        np.testing.assert_array_equal(trace.arrays()[name], a)


def test_a_broken_network_is_traced_without_a_warning():
    model = network()
    model.parameters.view("weight_hh_l0")[...] = np.nan
    trace = traced(model, answer=None)
    assert np.isnan(trace.loss[1:]).all() and np.isnan(trace.sigma_max).all()
    exploding = traced(network(activation="relu", spread=1e6), 40)
    assert exploding.half_life.shape == (1,)


def test_a_network_that_was_traced_can_be_forgotten():
    model = network()
    traced(model)
    seen = weakref.ref(model)
    del model
    gc.collect()
    assert seen() is None
