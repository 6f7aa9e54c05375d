"""The output by itself: see also tests/engine/test_model.py."""

import numpy as np
import pytest

from rnnviz.engine import NO_TARGET
from tests.engine.networks import gradients, network, window


def softmax(logits):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def read(model, T=5, B=3, unknown=False):
    """A window read; its logits (n, V) in float64, and the targets (n,)."""
    tokens, targets, state = window(model, T, B)
    if unknown:
        targets[1, 0] = NO_TARGET
    ws = model.workspace(T, B)
    model.forward(ws, tokens, targets, state)
    top = ws.hidden[-1][1:].reshape(T * B, -1).astype(np.float64)
    weight, bias = (model.parameters.view(n).astype(np.float64) for n in ("weight_out", "bias_out"))
    return ws, top, top @ weight.T + bias, targets.reshape(-1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shift", [0.0, 900.0, -900.0])
def test_logits_that_no_exponential_holds_give_the_same_loss_and_the_same_gradients(dtype, shift):
    model = network(dtype=dtype)
    model.parameters.view("bias_out")[...] += shift
    with np.errstate(all="raise"):
        ws, top, logits, targets = read(model)
    p, rows = softmax(logits), np.arange(15)
    tolerance = 1e-9 if dtype == "float64" else 2e-3 if shift else 1e-5
    np.testing.assert_allclose(ws.loss.reshape(-1), -np.log(p[rows, targets]), rtol=tolerance)
    np.testing.assert_allclose(ws.readout.probabilities(top.astype(dtype)), p, rtol=tolerance)
    model.backward(ws)
    wrong = p.copy()
    wrong[rows, targets] -= 1
    np.testing.assert_allclose(
        gradients(model)["weight_out"], wrong.T @ top / 15, rtol=tolerance, atol=tolerance / 50
    )
    np.testing.assert_allclose(
        gradients(model)["bias_out"], wrong.sum(axis=0) / 15, rtol=tolerance, atol=tolerance / 50
    )


def test_one_row_beyond_all_bounds_leaves_the_others_alone():
    model = network(dtype="float32", vocabulary_size=4, hidden=2)
    model.parameters.view("weight_out")[...] = 0
    model.parameters.view("weight_out")[:, 0] = (0, 200, 100, 0)
    hidden = np.array([[1.0, 0.0], [0.0, 0.0], [-1.0, 0.0]], dtype=np.float32)
    ws = model.workspace(3, 1)
    loss = np.zeros(3, dtype=np.float32)
    model.parameters.view("bias_out")[...] = 0
    with np.errstate(all="ignore"):  # as the model does around all of its passes
        ws.readout.forward(hidden, np.array([2, 3, 0]), loss)
    assert loss.tolist() == pytest.approx([100, np.log(4), np.log(2)], rel=1e-5)


@pytest.mark.parametrize("rows_at_once", [4, 15, 100])
def test_blocks_of_rows_make_no_difference(rows_at_once, monkeypatch):
    whole = network()
    expected = read(whole, unknown=True)[0]
    right, losses = expected.correct, expected.loss.copy()
    whole.backward(expected)
    monkeypatch.setattr("rnnviz.engine.spec.LOGITS_BLOCK_BYTES", rows_at_once * 11 * 8)
    model = network()
    ws, top, logits, targets = read(model, unknown=True)
    known = targets != NO_TARGET
    assert ws.count == 14
    assert ws.correct == right == np.count_nonzero(logits.argmax(axis=1)[known] == targets[known])
    np.testing.assert_allclose(ws.loss, losses, rtol=1e-13)
    np.testing.assert_allclose(ws.readout.probabilities(top), softmax(logits), rtol=1e-12)
    some = np.array([3, 0, 14])
    told = ws.readout.likeliest_at(some)
    if rows_at_once < 15:
        assert told is None, "the block of the last rows alone is left"
    else:
        assert told.tolist() == logits.argmax(axis=1)[some].tolist()
    model.backward(ws)
    for name, gradient in gradients(whole).items():
        np.testing.assert_allclose(gradients(model)[name], gradient, rtol=1e-10, atol=1e-15)


def test_where_no_target_is_known_nothing_is_learned():
    model = network()
    tokens, targets, state = window(model, 3, 2)
    ws = model.workspace(3, 2)
    model.forward(ws, tokens, np.full_like(targets, NO_TARGET), state)
    model.backward(ws)
    assert ws.count == 0 and np.isnan(ws.loss).all()
    assert not gradients(model)["weight_out"].any() and not gradients(model)["bias_out"].any()


def test_a_part_of_a_batch_counts_for_its_share_of_all_targets():
    model = network()
    ws = read(model)[0]
    model.backward(ws)
    whole = gradients(model)
    ws = read(model)[0]
    model.backward(ws, count=60)
    for name, gradient in whole.items():
        np.testing.assert_allclose(gradients(model)[name], gradient / 4, rtol=1e-12, atol=1e-17)
