import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.engine import NO_TARGET, OPTIMIZERS, Interrupted, LanguageModel, ModelSpec, clip_gradients
from rnnviz.engine import spec as spec_module
from rnnviz.engine.spec import ModelSpec as Spec
from tests.engine.networks import gradients, network, window, worked

NETWORKS = st.fixed_dictionaries(
    {
        "activation": st.sampled_from(["tanh", "sigmoid", "relu"]),
        "layers": st.integers(1, 3),
        "embedding": st.sampled_from([0, 3]),
        "hidden": st.integers(1, 6),
        "vocabulary_size": st.integers(2, 9),
    }
)


@settings(max_examples=30, deadline=None)
@given(NETWORKS, st.integers(2, 7), st.integers(1, 4), st.integers(0, 99))
def test_a_window_in_two_halves_with_the_state_carried_is_the_whole_window(choices, T, B, seed):
    model = network(seed, **choices)
    tokens, targets, state = window(model, T, B, seed)
    whole = model.workspace(T, B)
    model.forward(whole, tokens, targets, state)
    half, part, losses = T // 2, model.workspace(T, B), []
    for piece in (slice(0, half), slice(half, T)):
        model.forward(part, tokens[piece], targets[piece], state)
        losses.append(part.loss[: part.length].copy())
        state = part.final_state.copy()
    np.testing.assert_allclose(np.concatenate(losses), whole.loss, rtol=1e-12)
    np.testing.assert_allclose(state, whole.final_state, rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(NETWORKS, st.integers(0, 99))
def test_gathering_from_a_table_and_projecting_rows_are_the_same(choices, seed):
    T, B = 5, 2
    model = network(seed, **choices)
    results = []
    for table in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Spec, "gathers_table", lambda self, T, B, table=table: table)
            ws = worked(model, T, B, seed)
        results.append((ws.loss.copy(), gradients(model)))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-12)
    for name, gradient in results[0][1].items():
        np.testing.assert_allclose(results[1][1][name], gradient, rtol=1e-10, atol=1e-14)


def test_a_shorter_window_in_a_larger_workspace_is_the_same_to_the_bit():
    for embedding in (0, 4):
        model = network(layers=2, embedding=embedding)
        tokens, targets, state = window(model, 4, 3)
        exact, large = model.workspace(4, 3), model.workspace(9, 3)
        model.forward(exact, tokens, targets, state)
        model.backward(exact)
        expected = gradients(model)
        worked_on = np.zeros((9, 3), int)
        model.forward(large, worked_on, worked_on, state)  # leaves its marks everywhere
        model.backward(large)
        padded = [np.vstack([a, np.full((5, 3), 1)]) for a in (tokens, targets)]
        model.forward(large, *padded, state, length=4)
        model.backward(large)
        assert large.mean_loss == pytest.approx(exact.mean_loss, rel=1e-14)
        np.testing.assert_allclose(large.final_state, exact.final_state, rtol=1e-14)
        for name, gradient in expected.items():
            np.testing.assert_allclose(gradients(model)[name], gradient, rtol=1e-12, atol=1e-15)


def test_what_a_shorter_window_leaves_is_as_long_as_it():
    model = network(layers=2)
    tokens, targets, state = window(model, 4, 3)
    ws = model.workspace(9, 3)
    model.forward(ws, *(np.vstack([a, np.full((5, 3), 1)]) for a in (tokens, targets)), state, length=4)
    model.backward(ws)
    assert [hidden.shape for hidden in ws.hidden] == [(5, 3, 7)] * 2
    assert [error.shape for error in ws.dloss_dhidden] == [(4, 3, 7)] * 2
    assert ws.known_loss.shape == (12,)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("B", [1, 3])
def test_a_used_workspace_gives_the_same_bits_as_a_fresh_one(dtype, B):
    model = network(layers=2, embedding=4, dtype=dtype)
    used, fresh = worked(model, 6, B, seed=7), model.workspace(6, B)
    results = []
    for ws in (used, fresh):
        model.forward(ws, *window(model, 6, B))
        model.backward(ws)
        results.append((ws.loss.copy(), ws.mean_loss, model.parameters.gradients.copy()))
    np.testing.assert_array_equal(results[0][0], results[1][0])
    assert results[0][1] == results[1][1]
    np.testing.assert_array_equal(results[0][2], results[1][2])


def test_blocks_of_logits_add_up_to_the_whole(monkeypatch):
    model = network()
    whole = worked(model)
    expected, loss, correct = gradients(model), whole.loss.copy(), whole.mean_loss
    again = model.workspace(6, 3)
    model.forward(again, *window(model, 6, 3))
    right = again.correct
    monkeypatch.setattr(spec_module, "LOGITS_BLOCK_BYTES", 5 * 11 * 8)  # five rows
    ws = model.workspace(6, 3)
    model.forward(ws, *window(model, 6, 3))
    assert ws.correct == right and ws.mean_loss == pytest.approx(correct, rel=1e-14)
    model.backward(ws)
    np.testing.assert_allclose(ws.loss, loss, rtol=1e-13)
    for name, gradient in gradients(model).items():
        np.testing.assert_allclose(gradient, expected[name], rtol=1e-11, atol=1e-15)


def test_steps_without_a_target_send_no_error():
    model = network(activation="sigmoid")
    tokens, targets, state = window(model, 6, 2)
    targets[3:, 0] = NO_TARGET
    ws = model.workspace(6, 2)
    model.forward(ws, tokens, targets, state)
    assert np.isnan(ws.loss[3:, 0]).all() and ws.count == 9
    assert ws.mean_loss == pytest.approx(np.nanmean(ws.loss), rel=1e-14)
    model.backward(ws)
    assert not ws.dloss_dhidden[0][3:, 0].any() and ws.dloss_dhidden[0][2, 0].any()


def test_a_window_without_any_target_has_no_loss_and_no_gradient():
    model = network()
    tokens, targets, state = window(model, 4, 2)
    ws = model.workspace(4, 2)
    model.forward(ws, tokens, np.full_like(targets, NO_TARGET), state)
    assert np.isnan(ws.mean_loss) and ws.correct == 0
    model.backward(ws)
    assert not model.parameters.gradients.any()


def test_right_answers_are_counted_where_the_likeliest_token_is_the_target():
    model = network()
    tokens, targets, state = window(model, 8, 4)
    ws = model.workspace(8, 4, backward=False)
    model.forward(ws, tokens, targets, state)
    probs = ws.readout.probabilities(ws.hidden[0][1:].reshape(32, 7))
    likeliest = probs.argmax(axis=1).reshape(8, 4)
    np.testing.assert_allclose(probs.sum(axis=1), 1, rtol=1e-14)
    model.forward(ws, tokens, likeliest, state)
    assert ws.correct == 32
    likeliest[0] = (likeliest[0] + 1) % 11
    likeliest[1, 0] = NO_TARGET
    model.forward(ws, tokens, likeliest, state)
    assert ws.correct == 27 and ws.count == 31


def test_a_dead_network_is_not_right_by_a_tie():
    model = network()
    model.parameters.values[...] = 0
    ws = model.workspace(4, 1)
    model.forward(ws, np.zeros((4, 1), int), np.full((4, 1), 5), model.zero_state(1))
    assert ws.correct == 0 and ws.mean_loss == pytest.approx(np.log(11), rel=1e-14)


@pytest.mark.parametrize("shift", [500.0, -500.0])
def test_logits_beyond_the_range_of_exp_give_the_same_loss(shift):
    model = network()
    ws = worked(model)
    loss, expected = ws.mean_loss, gradients(model)
    model.parameters.view("bias_out")[...] += shift * 3
    ws = worked(model)
    assert ws.mean_loss == pytest.approx(loss, rel=1e-9)
    for name, gradient in gradients(model).items():
        np.testing.assert_allclose(gradient, expected[name], rtol=1e-6, atol=1e-9)


def test_one_enormous_logit_is_no_overflow():
    model = network(dtype="float32")
    model.parameters.view("bias_out")[4] = 2000
    ws = model.workspace(2, 1)
    model.forward(ws, np.zeros((2, 1), int), np.array([[4], [3]]), model.zero_state(1))
    assert ws.loss[0, 0] == 0 and ws.loss[1, 0] == pytest.approx(2000, rel=1e-2)
    assert ws.correct == 1


def test_a_broken_network_shows_it_without_a_warning():
    model = network()
    model.parameters.view("weight_hh_l0")[...] = np.nan
    ws = worked(model)  # warnings are errors in these tests
    assert np.isnan(ws.mean_loss) and np.isnan(clip_gradients(model.parameters, 1.0)[0])
    model = network(activation="relu")
    model.parameters.view("weight_hh_l0")[...] = 1e308
    assert not np.isfinite(worked(model).mean_loss)
    OPTIMIZERS["adam"](model.parameters).step(0.1)


@pytest.mark.parametrize("T", [1, 5])
def test_interrupting_leaves_the_parameters_alone_and_is_asked_at_each_step(T):
    model = network(layers=2)
    before = model.parameters.values.copy()
    ws = model.workspace(T, 2)
    tokens, targets, state = window(model, T, 2)
    asked = []

    def stop_after(n):
        asked.clear()
        return lambda: asked.append(1) or len(asked) > n

    forward, back = 2 * T + 1, 3 + 2 * T  # each layer's steps, and the readout's one block and its products
    for n in range(forward):
        with pytest.raises(Interrupted):
            model.forward(ws, tokens, targets, state, stop_after(n))
    model.forward(ws, tokens, targets, state, stop_after(forward))
    for n in range(back):
        with pytest.raises(Interrupted):
            model.backward(ws, stop_after(n))
    model.backward(ws, stop_after(back))
    assert len(asked) == back
    np.testing.assert_array_equal(model.parameters.values, before)
    np.testing.assert_array_equal(worked(model, T, 2).loss, ws.loss)


@pytest.mark.parametrize("embedding", [0, 4])
@pytest.mark.parametrize("vocabulary", [11, 500])
def test_float32_stays_float32(embedding, vocabulary):
    model = network(dtype="float32", embedding=embedding, vocabulary_size=vocabulary, layers=2)
    ws = worked(model)
    arrays = [ws.loss, ws.final_state, *ws.hidden, *ws.dloss_dhidden, *gradients(model).values()]
    arrays += [run.pre for run in ws.runs]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}
    assert worked(
        network(embedding=embedding, vocabulary_size=vocabulary, layers=2)
    ).mean_loss == pytest.approx(ws.mean_loss, rel=1e-4)


@pytest.mark.parametrize(
    "choices", [{}, {"embedding": 16}, {"vocabulary_size": 3000}, {"vocabulary_size": 3000, "embedding": 16}]
)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_updates_allocate_nothing_in_the_steady_state(choices, optimizer):
    model = LanguageModel(
        ModelSpec(**({"vocabulary_size": 50, "hidden": 32, "layers": 2} | choices)), np.random.default_rng(0)
    )
    tokens, targets, state = window(model, 32, 16)
    ws, adjust = model.workspace(32, 16), OPTIMIZERS[optimizer](model.parameters)

    def update():
        model.forward(ws, tokens, targets, state)
        model.backward(ws)
        clip_gradients(model.parameters, 1.0)
        adjust.step(0.01)
        state[...] = ws.final_state

    for _ in range(3):
        update()
    tracemalloc.start()
    try:
        for _ in range(2):
            update()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for _ in range(5):
            update()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The smallest array of a pass over all steps has 32*16*32 float32 numbers, 64 KB. What is left are
    # Python's own lists of the runs of equal tokens.
    assert peak - before < 60_000
    assert after - before < 4_000


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_memory_estimate_of_a_single_sequence_is_what_a_run_takes(cell):
    spec = ModelSpec(60, hidden=128, layers=2, cell=cell)
    tracemalloc.start()
    try:
        model = LanguageModel(spec, np.random.default_rng(0))
        ws = model.workspace(1000, 1, keep_states=False)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert ws.T == 1000
    assert spec.memory_estimate(1000, 1, 0) == pytest.approx(held, rel=0.2)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "choices",
    [
        {"vocabulary_size": 900},
        {"vocabulary_size": 9000, "embedding": 32},
        {"vocabulary_size": 2000, "embedding": 900},
        {"vocabulary_size": 60, "layers": 3},
        {"vocabulary_size": 60, "layers": 2, "dropout": 0.3},
        {"vocabulary_size": 60, "embedding": 600, "dropout": 0.3},
        {"vocabulary_size": 900, "cell": "gru"},
        {"vocabulary_size": 60, "cell": "gru", "layers": 3},
        {"vocabulary_size": 60, "cell": "lstm", "layers": 2, "dropout": 0.3},
        {"vocabulary_size": 9000, "cell": "lstm", "embedding": 32},
    ],
)
def test_the_memory_estimate_is_what_a_run_takes(choices, dtype):
    T, B, dropout = 40, 90, choices.get("dropout", 0.0)
    choices = {name: value for name, value in choices.items() if name != "dropout"}
    spec = ModelSpec(**choices, hidden=64, dtype=dtype)
    tracemalloc.start()
    try:
        model = LanguageModel(spec, np.random.default_rng(0))
        adam = OPTIMIZERS["adam"](model.parameters)
        ws = model.workspace(T, B, dropout=dropout, keep_states=False)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert adam.slots and ws.T == T
    assert spec.memory_estimate(T, B, 2, dropout > 0) == pytest.approx(held, rel=0.2)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_of_short_windows_through_wide_layers_the_estimate_counts_the_copies_of_the_weights(cell):
    spec = ModelSpec(30, cell=cell, hidden=400, layers=3)
    tracemalloc.start()
    try:
        model = LanguageModel(spec, np.random.default_rng(0))
        ws = model.workspace(2, 2)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert ws.B == 2
    assert spec.memory_estimate(2, 2, 0) == pytest.approx(held, rel=0.2)


def test_few_words_of_a_large_vocabulary_need_no_table_of_all():
    model = network(vocabulary_size=20_000, embedding=4, hidden=64)
    tracemalloc.start()
    try:
        ws = model.workspace(3, 1)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert ws.T == 3 and held < 20_000 * 64 * 8 / 2


def test_training_learns_a_text_by_heart():
    model = LanguageModel(ModelSpec(12, hidden=24), np.random.default_rng(0))
    tokens = np.tile(np.arange(12), 5)[:49]
    ws, adam, state = model.workspace(48, 1), OPTIMIZERS["adam"](model.parameters), model.zero_state(1)
    for _ in range(150):
        model.forward(ws, tokens[:-1, None], tokens[1:, None], state)
        model.backward(ws)
        adam.step(0.01)
    assert ws.mean_loss < 0.05


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "feedforward"])
@pytest.mark.parametrize("B", [1, 4])
def test_a_workspace_that_keeps_no_states_finds_the_same_gradients(cell, layers, B):
    model = network(cell=cell, layers=layers, embedding=3)
    T, rng = 7, np.random.default_rng(4)
    tokens, targets, state = window(model, T, B)
    starts = rng.random((T, B)) < 0.2
    found = []
    for keep_states in (True, False):
        ws = model.workspace(T, B, dropout=0.3, keep_states=keep_states)
        ws.masks.draw(np.random.default_rng(2))
        for length in (T, T - 2):
            model.forward(ws, tokens, targets, state, length=length, dropping=True, starts=starts)
            model.backward(ws)
            found.append(gradients(model))
    for kept, bare in zip(found[:2], found[2:], strict=True):
        for name, gradient in kept.items():
            np.testing.assert_array_equal(bare[name], gradient, err_msg=name)
