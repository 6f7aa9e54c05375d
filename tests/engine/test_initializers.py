import numpy as np
import pytest

from rnnviz.engine import INITIALIZERS, LanguageModel, ModelSpec
from tests.engine.networks import window


def start(init, dtype="float64", seed=0, **choices):
    spec = ModelSpec(**({"vocabulary_size": 300, "hidden": 24} | choices), init=init, dtype=dtype)
    return LanguageModel(spec, np.random.default_rng(seed))


def test_orthogonal_recurrent_blocks_are_orthogonal():
    for layer in range(2):
        w = start("orthogonal", layers=2).parameters.export()[f"weight_hh_l{layer}"]
        np.testing.assert_allclose(w @ w.T, np.eye(24), atol=1e-13)


def test_orthogonal_blocks_have_no_preferred_sign():
    traces = [
        np.trace(start("orthogonal", seed=s, hidden=4).parameters.export()["weight_hh_l0"]) for s in range(60)
    ]
    assert abs(np.mean(traces)) < 0.5


@pytest.mark.parametrize("name", ["weight_ih_l0", "weight_hh_l0", "weight_out", "embedding"])
def test_xavier_fills_its_range_and_no_more(name):
    w = start("xavier", embedding=12).parameters.export()[name]
    limit = np.sqrt(6 / sum(w.shape))
    assert 0.9 * limit < np.abs(w).max() <= limit


@pytest.mark.parametrize("name", ["weight_ih_l0", "weight_hh_l0", "weight_out"])
def test_uniform_fills_one_over_the_root_of_the_units(name):
    w = start("uniform").parameters.export()[name]
    assert 0.9 / np.sqrt(24) < np.abs(w).max() <= 1 / np.sqrt(24)


@pytest.mark.parametrize("init", INITIALIZERS)
def test_the_same_seed_gives_the_same_start_in_both_precisions(init):
    double, single = start(init).parameters.export(), start(init, "float32").parameters.export()
    for name in double:
        np.testing.assert_array_equal(double[name].astype(np.float32), single[name])
        if name.startswith("bias"):
            assert not double[name].any()
    assert not np.array_equal(start(init, seed=1).parameters.export()["weight_out"], double["weight_out"])


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_the_first_loss_is_that_of_guessing(activation):
    model = start("xavier", vocabulary_size=2000, hidden=64, activation=activation)
    ws = model.workspace(20, 10)
    tokens, targets, _ = window(model, 20, 10)
    model.forward(ws, tokens, targets, model.zero_state(10))
    assert ws.mean_loss == pytest.approx(np.log(2000), rel=0.03)
