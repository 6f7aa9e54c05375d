"""Interventions, each against what it means: measured anew on the network that it was done to."""

import math

import numpy as np
import pytest

from rnnviz.training import (
    HoldGate,
    HoldSlope,
    InterventionError,
    ScaleRecurrent,
    SetForgetBias,
    SilenceUnit,
)

from .runs import bits, request, small_experiment
from .test_race import EXPLODES, SHARED, lane_bits, race

FORGET = 1  # the block, in PyTorch's order


def radius(experiment, layer=0, lane=0):
    model = experiment.lanes[lane].model
    block = model.weights[layer].weight_hh[model.cells[layer].named_block]
    return np.abs(np.linalg.eigvals(block.astype(np.float64))).max()


def parameters(experiment, lane=0):
    return experiment.lanes[lane].model.parameters.export()


def traced(experiment, needs=(), lane=0):
    asked = request(experiment)
    asked = type(asked)(asked.tokens, asked.words, asked.answer, asked.answer_word, frozenset(needs), 1)
    return experiment.trace(asked)[lane]


def trained(experiment, n_updates):
    for _ in range(n_updates):
        experiment.update()
    return experiment


# -- what each one means ------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_scaled_block_has_the_spectral_radius_that_was_asked_for(cell):
    experiment = trained(small_experiment(cell=cell, layers=2), 3)
    before, old = radius(experiment, 0), parameters(experiment)
    experiment.changes.intervene(ScaleRecurrent(1.75, layer=1))
    assert radius(experiment, 1) == pytest.approx(1.75, rel=1e-5)
    assert radius(experiment, 0) == before
    changed = {name for name, array in parameters(experiment).items() if not np.array_equal(array, old[name])}
    assert changed == {"weight_hh_l1"}
    gates, named = {"rnn": (1, 0), "lstm": (4, 2), "gru": (3, 2)}[cell]
    same = np.isclose(parameters(experiment)["weight_hh_l1"], old["weight_hh_l1"], rtol=0, atol=0).all(axis=1)
    assert same.reshape(gates, -1).all(axis=1).tolist() == [block != named for block in range(gates)]
    experiment.changes.intervene(ScaleRecurrent(0.5))
    assert [radius(experiment, layer) for layer in range(2)] == pytest.approx([0.5, 0.5], rel=1e-5)
    experiment.update()
    assert math.isfinite(experiment.validate().loss)


def test_the_forget_bias_is_the_sum_of_both_biases_in_every_unit():
    experiment = trained(small_experiment(cell="lstm", layers=2, hidden=6), 4)
    old = parameters(experiment)
    experiment.changes.intervene(SetForgetBias(2.5, layer=1))
    new = parameters(experiment)
    total = (new["bias_ih_l1"] + new["bias_hh_l1"]).reshape(4, 6)
    before = (old["bias_ih_l1"] + old["bias_hh_l1"]).reshape(4, 6)
    assert (total[FORGET] == 2.5).all()
    np.testing.assert_array_equal(np.delete(total, FORGET, axis=0), np.delete(before, FORGET, axis=0))
    np.testing.assert_array_equal(new["bias_ih_l0"], old["bias_ih_l0"])
    assert traced(experiment).gates["f"][:, 1].mean() > 0.85


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "feedforward"])
def test_a_silenced_unit_says_nothing_and_learns_nothing(cell):
    values = {"cell": cell, "layers": 2, "optimizer": "sgd", "lr": 0.5, "clip": 0.0}
    experiment, free = small_experiment(**values), small_experiment(**values)
    experiment.changes.intervene(SilenceUnit(3, 0))
    trace = traced(experiment)
    assert not trace.hidden[:, 0, 3].any() and trace.hidden[1:, 0, 2].all()
    assert not trace.dloss_dhidden[:, 0, 3].any() and trace.dloss_dhidden[1:, 0, 2].any()
    assert trace.silenced is not None
    assert np.argwhere(trace.silenced).tolist() == [[0, 3]]
    before, n_gates = parameters(experiment), {"lstm": 4, "gru": 3}.get(cell, 1)
    for one in (experiment, free):
        trained(one, 3)
    into = np.arange(3, 5 * n_gates, 5)  # the unit's row in every block of 5 units
    for name in ("weight_ih_l0", "bias_ih_l0"):
        np.testing.assert_array_equal(parameters(experiment)[name][into], before[name][into])
        assert not np.array_equal(parameters(free)[name][into], before[name][into])
    np.testing.assert_array_equal(parameters(experiment)["weight_ih_l1"][:, 3], before["weight_ih_l1"][:, 3])


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_with_the_slope_held_the_error_is_the_counterfactual_one(activation):
    experiment = trained(small_experiment(activation=activation, layers=2), 5)
    free = traced(experiment, {"counterfactual_matrix"})
    experiment.changes.intervene(HoldSlope())
    held = traced(experiment, {"counterfactual_matrix"})
    assert held.slope_held and not free.slope_held
    np.testing.assert_array_equal(held.gradient_matrix, free.counterfactual_matrix)
    np.testing.assert_array_equal(held.counterfactual_matrix, free.counterfactual_matrix)
    assert not np.array_equal(held.gradient_matrix, free.gradient_matrix)
    np.testing.assert_array_equal(held.loss, free.loss)  # the way forward is what it was
    np.testing.assert_allclose(held.slope_factor[np.isfinite(held.slope_factor)], 1, rtol=1e-12)


def test_a_held_slope_lets_a_feedforward_network_s_error_through_whole():
    free, held = (small_experiment(cell="feedforward", activation="sigmoid") for _ in range(2))
    held.changes.intervene(HoldSlope())
    one, other = free.update()[0], held.update()[0]
    assert one.loss == other.loss
    assert one.grad_norm < other.grad_norm  # 0 < f' < 1
    assert traced(held).slope_held


@pytest.mark.parametrize(("cell", "gate"), [("lstm", "f"), ("lstm", "g"), ("gru", "z"), ("gru", "n")])
def test_a_gate_held_at_every_step_is_never_learned(cell, gate):
    values = {"cell": cell, "hidden": 5, "optimizer": "sgd", "lr": 0.5, "clip": 0.0}
    experiment = small_experiment(**values)
    block = {"i": 0, "f": 1, "g": 2, "o": 3, "r": 0, "z": 1, "n": 2}[gate]
    rows = slice(5 * block, 5 * block + 5)
    before = parameters(experiment)
    experiment.changes.intervene(HoldGate(gate, 0.25))
    assert (traced(experiment).gates[gate] == 0.25).all()
    trained(experiment, 3)
    after = parameters(experiment)
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"):
        np.testing.assert_array_equal(after[name][rows], before[name][rows])
        assert not np.array_equal(after[name], before[name])


@pytest.mark.parametrize("radius_first", [True, False])
def test_open_forget_shut_input_and_no_recurrence_keep_the_cell_error_exactly(radius_first):
    experiment = trained(small_experiment(cell="lstm", dtype="float64"), 6)
    free = traced(experiment).cell_gradient_matrix
    holds = [HoldGate("f", 1.0), HoldGate("i", 0.0), HoldGate("o", 0.75)]  # o: its weights read h as well
    for one in [ScaleRecurrent(0.0), *holds] if radius_first else [*holds, ScaleRecurrent(0.0)]:
        experiment.changes.intervene(one)
    trace = traced(experiment)
    assert trace.length == 4
    for t in range(4):
        sets_out = trace.cell_gradient_matrix[t, t, 0]
        assert sets_out > 0
        np.testing.assert_array_equal(trace.cell_gradient_matrix[t, : t + 1, 0], sets_out)
        np.testing.assert_array_equal(trace.direct_matrix[t, : t + 1, 0], sets_out)
    assert free[3, 0, 0] < 0.5 * free[3, 3, 0]  # it is not so by itself
    assert not trace.rest_matrix.any()


def test_a_gate_is_held_in_its_layer_and_at_its_step_alone():
    experiment = small_experiment(cell="lstm", layers=2)
    free = traced(experiment)
    experiment.changes.intervene(HoldGate("f", 0.0, step=2, layer=1))
    held = traced(experiment)
    assert np.argwhere(held.held["f"]).tolist() == [[2, 1]]
    assert not held.gates["f"][2, 1].any() and held.gates["f"][[0, 1, 3], 1].all()
    np.testing.assert_array_equal(held.gates["f"][:, 0], free.gates["f"][:, 0])
    np.testing.assert_array_equal(held.hidden[:3], free.hidden[:3])
    assert not np.array_equal(held.hidden[3, 1], free.hidden[3, 1])
    for t in (2, 3):  # nothing goes straight along c past the shut valve
        assert not held.direct_matrix[t, :2, 1].any() and held.direct_matrix[t, 2, 1] > 0
    assert set(held.arrays()) - set(free.arrays()) == {"held/f"}
    experiment.changes.lift(HoldGate("f", 0.0, step=2, layer=1))
    np.testing.assert_array_equal(traced(experiment).gradient_matrix, free.gradient_matrix)


def test_a_hold_takes_the_place_of_those_that_it_covers_and_of_two_that_meet_the_later_acts():
    experiment = small_experiment(cell="gru", layers=2)
    hold = experiment.changes.intervene
    hold(HoldGate("z", 0.2, step=1))
    hold(SilenceUnit(1, 0))
    hold(HoldGate("z", 0.9, layer=0))
    assert experiment.changes.held[0] == (
        HoldGate("z", 0.2, step=1),
        SilenceUnit(1, 0),
        HoldGate("z", 0.9, layer=0),
    )
    z = traced(experiment).gates["z"]
    assert np.allclose(z[:, 0], 0.9) and np.allclose(z[1, 1], 0.2) and not np.allclose(z[0, 1], 0.2)
    hold(HoldGate("z", 0.5, step=1))
    assert experiment.changes.held[0][1:] == (HoldGate("z", 0.9, layer=0), HoldGate("z", 0.5, step=1))
    z = traced(experiment).gates["z"]
    assert np.allclose(z[1], 0.5) and np.allclose(z[2, 0], 0.9)
    hold(HoldGate("z", 0.0))
    assert experiment.changes.held[0] == (SilenceUnit(1, 0), HoldGate("z", 0.0))
    hold(HoldGate("r", 1.0))
    assert len(experiment.changes.held[0]) == 3


# -- what cannot be ------------------------------------------------------------------------------------

REFUSED = [
    ("gru", SetForgetBias(1.0), "GRU has no forget gate", "LSTM"),
    ("rnn", SetForgetBias(1.0), "plain RNN has no forget gate", "LSTM"),
    ("lstm", SetForgetBias(math.nan), "forget bias", "from -100 to 100"),
    ("lstm", SetForgetBias(1.0, layer=1), "no layer 2", "Choose"),
    ("lstm", HoldGate("z", 0.0), "LSTM has no gate 'z'", "i, f, g, o"),
    ("rnn", HoldGate("f", 0.0), "plain RNN has no gate 'f'", "LSTM or a GRU"),
    ("lstm", HoldGate("f", 1.5), "forget gate f cannot be 1.5", "from 0 to 1"),
    ("lstm", HoldGate("f", math.nan), "forget gate f cannot be that", "from 0 to 1"),
    ("lstm", HoldGate("g", -1.1), "candidate g cannot be -1.1", "from -1 to 1"),
    ("lstm", HoldGate("f", 0.0, step=4), "4 steps, there is no step 5", "Choose a word"),
    ("lstm", HoldGate("f", 0.0, step=-1), "counted from 0", "Choose a word"),
    ("lstm", HoldGate("f", 0.0, layer=-1), "no layer 0", "Choose"),
    ("rnn", SilenceUnit(5, 0), "no unit 6: each layer has 5", "from 1 to 5"),
    ("rnn", SilenceUnit(-1, 0), "no unit 0", "from 1 to 5"),
    ("rnn", SilenceUnit(0, 1), "no layer 2: the network has one layer", "Choose"),
    ("lstm", HoldSlope(), "LSTM has several ways back", "plain RNN"),
    ("gru", HoldSlope(), "GRU has several ways back", "plain RNN"),
    ("rnn", ScaleRecurrent(math.nan), "spectral radius cannot be that", "from 0 to 1000"),
    ("rnn", ScaleRecurrent(math.inf), "spectral radius cannot be that", "from 0 to 1000"),
    ("rnn", ScaleRecurrent(-1.0), "spectral radius cannot be -1", "from 0 to 1000"),
    ("feedforward", ScaleRecurrent(1.0), "feedforward network has no recurrent weights", "rnn, lstm or gru"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "wrong", "message", "remedy"), REFUSED)
def test_what_a_network_cannot_have_is_refused_and_changes_nothing(cell, wrong, message, remedy):
    experiment = trained(small_experiment(cell=cell), 2)
    before = bits(experiment)
    with pytest.raises(InterventionError) as refused:
        experiment.changes.intervene(wrong, words=request(experiment).words)
    assert message in refused.value.message
    assert remedy in refused.value.remedy
    assert bits(experiment) == before and experiment.changes.held == ((),)
    assert experiment.changes.undo_words == "" and experiment.changes.count == 0


@pytest.mark.parametrize("zero", ["scaled to 0", "nilpotent"])
def test_no_factor_gives_a_matrix_without_a_radius_one(zero):
    experiment = small_experiment(layers=2)
    block = experiment.lanes[0].model.weights[1].weight_hh[0]
    if zero == "nilpotent":
        block[...] = np.triu(np.ones_like(block), 1)
    else:
        experiment.changes.intervene(ScaleRecurrent(0.0, layer=1))
    before = bits(experiment)
    with pytest.raises(InterventionError, match=r"radius of W_hh is 0 in layer 2.*no factor.*Undo"):
        experiment.changes.intervene(ScaleRecurrent(0.9))  # in layer 1 it could: all or nothing
    assert bits(experiment) == before


def test_lifting_what_is_not_held_and_undoing_nothing_are_refused():
    experiment = small_experiment(cell="lstm")
    with pytest.raises(InterventionError, match=r"forget gate f held at 0\.00 at every step does not act"):
        experiment.changes.lift(HoldGate("f", 0.0))
    with pytest.raises(InterventionError, match="no intervention to take back"):
        experiment.changes.undo()
    with pytest.raises(InterventionError, match="no lane 2: the run has 1"):
        experiment.changes.intervene(HoldGate("f", 0.0), lane=1)


# -- races -----------------------------------------------------------------------------------------------


def test_in_a_race_every_lane_that_can_is_changed_or_the_one_that_is_named():
    experiment = race({}, {"cell": "lstm"}, {"cell": "gru"}, {"cell": "feedforward"})
    changes = experiment.changes
    changes.intervene(ScaleRecurrent(1.3))
    assert [radius(experiment, lane=i) for i in range(3)] == pytest.approx([1.3] * 3, rel=1e-5)
    assert changes.undo_words == "W_hh scaled to spectral radius 1.3 (tanh RNN, LSTM, GRU)"
    changes.intervene(HoldSlope())
    assert changes.held == ((HoldSlope(),), (), (), (HoldSlope(),))
    changes.intervene(SilenceUnit(2, 0), lane=2)
    assert [one.silenced is not None for one in experiment.trace(request(experiment))] == [0, 0, 1, 0]
    with pytest.raises(InterventionError, match="plain RNN has no gate 'z'"):
        changes.intervene(HoldGate("z", 0.0), lane=0)
    with pytest.raises(InterventionError, match="no gate 'q'"):
        changes.intervene(HoldGate("q", 0.0))
    changes.lift(HoldSlope(), lane=0)
    assert changes.held == ((), (), (SilenceUnit(2, 0),), (HoldSlope(),))


def test_what_is_held_in_one_lane_leaves_the_others_their_bits():
    lanes = ({"cell": "lstm"}, {"cell": "lstm"})
    experiment, free = race(*lanes, dropout=0.2), race(*lanes, dropout=0.2)
    experiment.changes.intervene(HoldGate("f", 0.1), lane=1)
    trained(experiment, 30)
    trained(free, 30)
    assert lane_bits(experiment, 0) == lane_bits(free, 0) == lane_bits(free, 1)
    assert lane_bits(experiment, 1) != lane_bits(free, 1)


def test_a_lane_that_has_dropped_out_is_looked_at_but_not_changed():
    experiment = race({}, EXPLODES, **SHARED)
    while len(experiment.living) == 2:
        experiment.update()
    before = lane_bits(experiment, 1)
    with pytest.raises(InterventionError, match="has dropped out"):
        experiment.changes.intervene(ScaleRecurrent(0.5), lane=1)
    experiment.changes.intervene(ScaleRecurrent(0.5))
    assert lane_bits(experiment, 1) == before
    assert radius(experiment) == pytest.approx(0.5, rel=1e-5)
    experiment.changes.intervene(SilenceUnit(0, 0), lane=1)
    assert not experiment.trace(request(experiment))[1].hidden[:, 0, 0].any()


def test_words_for_people():
    words = ("Napoleon", "was", "emperor")
    said = {
        HoldGate("f", 0.0, step=2).description(words): "forget gate f held at 0.00 at emperor",
        HoldGate("z", 1.0, step=7).description(words): "update gate z held at 1.00 at step 8",
        HoldGate("i", 0.5, layer=1).description(): "input gate i held at 0.50 in layer 2 at every step",
        SilenceUnit(16, 0).description(): "unit 17 silenced in layer 1",
        SetForgetBias(3.0).description(): "forget bias set to 3",
    }
    assert all(text == wanted for text, wanted in said.items())
