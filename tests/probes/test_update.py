import numpy as np
import pytest

from rnnviz.probes import record_window
from rnnviz.probes.passage import Passage, look_back
from tests.engine.networks import network, window


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("layers", [1, 2])
def test_the_shares_are_the_steps_parts_of_the_recurrent_gradient(activation, layers):
    T, model = 6, network(activation=activation, layers=layers)
    tokens, targets, state = window(model, T, 3)
    record = record_window(
        model,
        tokens=tokens[:, 0],
        targets=targets[:, 0],
        initial_state=state[:, :, :1],
        words=[f"w{i}" for i in tokens[:, 0]],
        spelling=[f"w{i}" for i in range(11)],
    )
    trace = record.before
    assert record.weight_share.shape == (T, layers) and record.after is None
    np.testing.assert_array_equal(trace.hidden[0], state[:, 0, 0])
    np.testing.assert_array_equal(trace.targets, targets[:, 0])
    assert trace.target_words.tolist() == [f"w{i}" for i in targets[:, 0]]
    ws = model.workspace(T, 1)
    model.forward(ws, tokens[:, :1], targets[:, :1], state[:, :, :1])
    model.backward(ws)
    for layer in range(layers):
        dpre = trace.slope[:, layer] * trace.dloss_dhidden[1:, layer]
        parts = np.einsum("th,tj->thj", dpre, trace.hidden[:-1, layer])
        np.testing.assert_allclose(
            record.weight_share[:, layer], np.linalg.norm(parts, axis=(1, 2)), rtol=1e-11, atol=1e-15
        )
        whole = model.parameters.export("gradients")[f"weight_hh_l{layer}"]
        np.testing.assert_allclose(parts.sum(axis=0) / T, whole, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_errors_at_the_recurrent_sums_add_up_to_the_gradient_of_the_recurrent_biases(cell, layers):
    """In blocks of two steps, so that what they find is added as well."""
    T, model = 5, network(cell=cell, layers=layers)
    tokens, targets, state = window(model, T, 1)
    ws = model.workspace(T, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnviz.probes.gradient_matrix.BLOCK_NUMBERS", 2 * T * 7 * layers)
        passage = Passage(tokens[:, 0], targets[:, 0], ("w",) * T, None, None, True, False)
        _, errors = look_back(model, passage, state, [f"w{i}" for i in range(11)], frozenset(), 0, 0)
    model.forward(ws, tokens, targets, state)
    model.backward(ws)
    for layer in range(layers):
        sums = errors.drec_sum[:, :, layer].sum(axis=1) / T  # (G, H)
        gradient = model.parameters.export("gradients")[f"bias_hh_l{layer}"]
        np.testing.assert_allclose(np.sort(sums.ravel()), np.sort(gradient), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_only_step_has_all_of_the_recurrent_gradient_in_any_cell(cell):
    model = network(cell=cell)
    tokens, targets, state = window(model, 1, 1)
    words = {"words": ["w"], "spelling": [f"w{i}" for i in range(11)]}
    record = record_window(model, tokens=tokens[:, 0], targets=targets[:, 0], initial_state=state, **words)
    ws = model.workspace(1, 1)
    model.forward(ws, tokens, targets, state)
    model.backward(ws)
    whole = np.linalg.norm(model.parameters.export("gradients")["weight_hh_l0"])
    np.testing.assert_allclose(record.weight_share, [[whole]], rtol=1e-11)


def test_without_recurrent_weights_nothing_is_shared():
    model = network(cell="feedforward", layers=2)
    tokens, targets, state = window(model, 3, 1)
    words = {"words": ["w"] * 3, "spelling": [f"w{i}" for i in range(11)]}
    record = record_window(model, tokens=tokens[:, 0], targets=targets[:, 0], initial_state=state, **words)
    assert record.weight_share.tolist() == [[0.0, 0.0]] * 3
    assert not record.weight_share.flags.writeable
