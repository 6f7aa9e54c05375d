import numpy as np
import pytest

from rnnviz.engine import HeldGate, Overrides
from tests.engine.networks import gradients, network, window


def passes(model, overrides, T=6, B=2):
    ws = model.workspace(T, B)
    tokens, targets, state = window(model, T, B)
    model.forward(ws, tokens, targets, state, overrides=overrides)
    model.backward(ws)
    return ws


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("B", [1, 2])
def test_a_silenced_unit_is_silent_has_no_gradient_and_no_effect(activation, B):
    model = network(activation=activation, layers=2)
    silence = Overrides(silenced={0: (2,), 1: (0, 5)})
    ws = passes(model, silence, B=B)
    assert not ws.hidden[0][:, :, 2].any() and not ws.hidden[1][:, :, [0, 5]].any()
    assert not ws.dloss_dhidden[0][:, :, 2].any() and not ws.dloss_dhidden[1][:, :, [0, 5]].any()
    found = gradients(model)
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"):
        assert not found[name][2].any() and found[name][3].any()
    assert not found["weight_hh_l0"][:, 2].any() and not found["weight_ih_l1"][:, 2].any()
    loss = ws.loss.copy()
    model.parameters.view("weight_hh_l0")[0, 2] += 3  # what leaves the silenced unit
    model.parameters.view("weight_hh_l0")[0, :, 2] -= 2  # what enters it
    model.parameters.view("weight_ih_l1")[0, 2] += 5
    np.testing.assert_array_equal(passes(model, silence, B=B).loss, loss)


def test_gradients_with_a_silenced_unit_are_those_of_the_smaller_network():
    model, small = network(hidden=7), network(hidden=6)
    keep = [0, 1, 2, 3, 5, 6]
    p = model.parameters.export()
    smaller = {"weight_ih_l0": p["weight_ih_l0"][keep], "weight_hh_l0": p["weight_hh_l0"][np.ix_(keep, keep)]}
    smaller |= {name: p[name][keep] for name in ("bias_ih_l0", "bias_hh_l0")}
    smaller |= {"weight_out": p["weight_out"][:, keep], "bias_out": p["bias_out"]}
    small.parameters.load(smaller)
    ws = passes(model, Overrides(silenced={0: (4,)}))
    tokens, targets, state = window(model, 6, 2)
    other = small.workspace(6, 2)
    small.forward(other, tokens, targets, np.ascontiguousarray(state[..., keep]))
    small.backward(other)
    np.testing.assert_allclose(other.loss, ws.loss, rtol=1e-13)
    np.testing.assert_allclose(
        gradients(small)["weight_hh_l0"], gradients(model)["weight_hh_l0"][np.ix_(keep, keep)]
    )


def test_holding_the_slope_at_one_changes_the_way_back_alone():
    model = network(activation="sigmoid")
    plain, held = passes(model, None), passes(model, Overrides(slope_one=True))
    np.testing.assert_array_equal(plain.loss, held.loss)
    w = model.parameters.export()["weight_hh_l0"]
    top = held.dloss_dhidden[0]
    arriving = passes(model, None).dloss_dhidden[0][-1]
    np.testing.assert_allclose(top[-1], arriving, rtol=1e-13)
    from_loss = top[-2] - arriving @ w  # W^T g without any f'
    slope = model.cells[0].slope(plain.runs[0], 6)[-1]
    np.testing.assert_allclose(plain.dloss_dhidden[0][-2], from_loss + (slope * arriving) @ w, rtol=1e-11)


def test_no_override_leaves_no_trace_on_the_next_pass():
    model = network()
    before = passes(model, None).loss.copy()
    passes(model, Overrides(silenced={0: (1, 2)}, slope_one=True))
    np.testing.assert_array_equal(passes(model, None).loss, before)


def test_a_gate_that_the_cell_has_not_is_refused():
    with pytest.raises(ValueError, match="plain RNN has no gate 'f' to hold; it has: none"):
        passes(network(), Overrides(held=(HeldGate("f", 1.0),)))
