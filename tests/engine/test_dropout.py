import numpy as np
import pytest

from rnnviz.engine import ModelSpec
from rnnviz.engine.dropout import DropoutMasks
from tests.engine.networks import gradients, network, window
from tests.engine.test_gated_cells import ALL, assert_same, differences

T, B = 5, 3


def dropping(model, rate=0.4, seed=0):
    ws = model.workspace(T, B, dropout=rate)
    ws.masks.draw(np.random.default_rng(seed))
    data = window(model, T, B)
    model.forward(ws, *data, dropping=True)
    return ws, data


@pytest.mark.parametrize("embedding", [0, 3])
@pytest.mark.parametrize("cell", ALL)
def test_gradients_are_those_of_the_network_with_these_masks(cell, embedding):
    model = network(cell=cell, embedding=embedding, layers=2, hidden=4, vocabulary_size=6)
    ws, data = dropping(model)
    model.backward(ws)

    def loss():
        model.forward(ws, *data, dropping=True)
        return ws.mean_loss

    assert_same(model, differences(model, loss))


@pytest.mark.parametrize(("rate", "layers"), [(0.1, 1), (0.5, 3)])
def test_each_mask_keeps_its_share_scaled_up_and_is_fresh_at_each_step(rate, layers):
    spec = network(layers=layers, hidden=40, embedding=8).spec
    masks = DropoutMasks(spec, 50, 20, rate)
    masks.draw(np.random.default_rng(0))
    keep = 1 - rate
    expected = [keep, *[keep**2] * (layers - 1), keep]  # the masks of output and input one after the other
    for mask, share in zip([masks.inputs, *masks.outputs], expected, strict=True):
        assert set(np.unique(mask)) == {0, 1 / share}
        assert np.mean(mask > 0) == pytest.approx(share, abs=0.02)
        assert not np.array_equal(mask[:20], mask[20:40])
    before = masks.outputs[0].copy()
    masks.draw(np.random.default_rng(1))
    assert not np.array_equal(masks.outputs[0], before)


def test_the_recurrent_path_is_never_dropped():
    model = network(layers=1, hidden=6)
    ws, data = dropping(model, 0.5)
    hidden = ws.runs[0].state[0]
    w = model.parameters.export()
    keep = ws.masks.inputs.reshape(T, B)
    for t in range(T):
        x = w["weight_ih_l0"].T[data[0][t]] * keep[t][:, None]
        a = x + w["bias_ih_l0"] + w["bias_hh_l0"] + hidden[t] @ w["weight_hh_l0"].T
        np.testing.assert_allclose(hidden[t + 1], np.tanh(a), rtol=1e-12)
    np.testing.assert_array_equal(ws.final_state[0, 0], hidden[T])


def test_without_dropping_a_workspace_with_masks_reads_as_any_other():
    for embedding in (0, 3):
        model = network(layers=2, cell="lstm", embedding=embedding)
        plain, data = model.workspace(T, B), window(model, T, B)
        model.forward(plain, *data)
        model.backward(plain)
        expected = gradients(model)
        ws, _ = dropping(model)
        assert not np.allclose(ws.loss, plain.loss)
        model.forward(ws, *data)
        np.testing.assert_allclose(ws.loss, plain.loss, rtol=1e-12)
        model.backward(ws)
        for name, a in gradients(model).items():
            np.testing.assert_allclose(a, expected[name], rtol=1e-9, atol=1e-15)


def test_a_window_takes_the_number_of_draws_that_it_says():
    model = network(layers=2, embedding=3)
    ws, used, counted = model.workspace(T, B, dropout=0.2), np.random.default_rng(7), np.random.default_rng(7)
    ws.masks.draw(used)
    counted.random(ws.masks.count)
    assert used.random() == counted.random()


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, float("nan")])
def test_a_rate_that_drops_nothing_or_all_has_no_masks(rate):
    with pytest.raises(ValueError, match="between 0 and 1"):
        DropoutMasks(network().spec, T, B, rate)


@pytest.mark.parametrize("embedding", [0, 3])
@pytest.mark.parametrize(("before", "size"), [(0, 2), (1, 3), (3, 2)])
def test_a_part_of_a_batch_has_the_masks_that_it_has_in_the_whole(before, size, embedding):
    T, B, spec = 4, 5, ModelSpec(11, hidden=6, layers=2, embedding=embedding)
    whole, part = DropoutMasks(spec, T, B, 0.3), DropoutMasks(spec, T, size, 0.3)
    one, other = np.random.default_rng(3), np.random.default_rng(3)
    for _ in range(2):  # the second window goes on where the first has ended
        whole.draw(one)
        part.draw(other, before, B - before - size)
        for all_of_it, own in zip((whole.inputs, *whole.outputs), (part.inputs, *part.outputs), strict=True):
            expected = all_of_it.reshape(T, B, -1)[:, before : before + size]
            np.testing.assert_array_equal(own.reshape(T, size, -1), expected)
    assert one.random() == other.random()
