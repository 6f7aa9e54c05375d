import numpy as np
import pytest

from rnnviz.engine import INITIALIZERS, LanguageModel, ModelSpec
from tests.engine.networks import window


def start(init, dtype="float64", seed=0, **choices):
    spec = ModelSpec(**({"vocabulary_size": 300, "hidden": 24} | choices), init=init, dtype=dtype)
    return LanguageModel(spec, np.random.default_rng(seed))


def blocks(model, layer=0):
    """The recurrent blocks by name, each (H, H)."""
    w = model.parameters.export()[f"weight_hh_l{layer}"]
    names = model.spec.cell_class.block_names
    return dict(zip(names, w.reshape(len(names), -1, w.shape[1]), strict=True))


@pytest.mark.parametrize(("cell", "named"), [("rnn", "h"), ("lstm", "g"), ("gru", "n")])
@pytest.mark.parametrize(("init", "radius"), [("identity", 1.0), ("spectral", 2.5)])
def test_identity_and_spectral_are_for_the_named_block_and_the_others_are_orthogonal(
    cell, named, init, radius
):
    model = start(init, cell=cell, spectral_radius=radius, layers=2)
    for layer in range(2):
        for name, w in blocks(model, layer).items():
            if name == named and init == "identity":
                np.testing.assert_array_equal(w, np.eye(24))
            size = radius if name == named else 1.0
            np.testing.assert_allclose(w @ w.T, size**2 * np.eye(24), atol=1e-12)
            assert np.abs(np.linalg.eigvals(w)).max() == pytest.approx(size)
    assert np.abs(model.parameters.export()["weight_out"]).max() <= np.sqrt(6 / 324)


def test_each_block_of_a_gated_cell_is_drawn_by_itself():
    for init, limit in (("xavier", np.sqrt(6 / 48)), ("uniform", 1 / np.sqrt(24))):
        drawn = blocks(start(init, cell="lstm"))
        assert all(0.9 * limit < np.abs(w).max() <= limit for w in drawn.values())
        assert not np.array_equal(drawn["i"], drawn["f"])


def test_the_forget_bias_is_held_in_b_ih_and_every_other_bias_is_zero():
    p = start("uniform", cell="lstm", layers=2, forget_bias=3.0).parameters.export()
    for layer in range(2):
        np.testing.assert_array_equal(
            p[f"bias_ih_l{layer}"].reshape(4, 24), [[0] * 24, [3] * 24, [0] * 24, [0] * 24]
        )
        assert not p[f"bias_hh_l{layer}"].any()
    assert not start("uniform", cell="lstm").parameters.export()["bias_ih_l0"].any()


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
