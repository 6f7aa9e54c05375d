"""Interventions, each against what it means: measured anew on the network that it was done to."""

import numpy as np
import pytest

from rnnviz.training import (
    HoldGate,
    HoldSlope,
    Intervene,
    Intervened,
    InterventionRefused,
    Lift,
    ScaleRecurrent,
    UndoIntervention,
)

from .runs import event, frame, request, running, small_experiment


def radius(experiment, layer=0, lane=0):
    model = experiment.lanes[lane].model
    block = model.weights[layer].weight_hh[model.cells[layer].named_block]
    return np.abs(np.linalg.eigvals(block.astype(np.float64))).max()


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_scaled_block_has_the_spectral_radius_that_was_asked_for(cell):
    experiment = small_experiment(cell=cell, layers=2)
    before = [radius(experiment, layer) for layer in range(2)]
    experiment.changes.intervene(ScaleRecurrent(1.75, layer=1))
    assert radius(experiment, 1) == pytest.approx(1.75, rel=1e-5)
    assert radius(experiment, 0) == before[0]
    experiment.changes.intervene(ScaleRecurrent(0.5))
    assert [radius(experiment, layer) for layer in range(2)] == pytest.approx([0.5, 0.5], rel=1e-5)


def test_a_held_gate_stands_in_the_trace_and_comes_free_again():
    experiment = small_experiment(cell="lstm")
    free = experiment.trace(request(experiment))[0]
    assert not free.held and free.silenced is None and not free.slope_held
    experiment.changes.intervene(HoldGate("f", 0.0, step=2))
    held = experiment.trace(request(experiment))[0]
    assert held.held["f"][:, 0].tolist() == [False, False, True, False]
    assert not held.gates["f"][2].any() and held.gates["f"][1].all()
    assert held.arrays()["held/f"].shape == (4, 1)
    experiment.changes.lift(HoldGate("f", 0.0, step=2))
    np.testing.assert_array_equal(experiment.trace(request(experiment))[0].loss, free.loss)


def test_the_thread_answers_every_intervention_and_the_next_frame_shows_it():
    experiment = small_experiment(cell="lstm")
    with running(experiment) as trainer:
        trainer.mailbox.post_request(request(experiment))
        assert frame(trainer).change == 0
        trainer.send(Intervene(HoldGate("f", 0.0)))
        told = event(trainer, Intervened)
        assert told == Intervened(((HoldGate("f", 0.0),),), "forget gate f held at 0.00 at every step", 0, 1)
        shown = frame(trainer)
        assert shown.change == 1 and shown.lanes[0].held == (HoldGate("f", 0.0),)
        assert not shown.traces[0].gates["f"].any()
        trainer.send(UndoIntervention())
        assert event(trainer, Intervened).active == ((),)
        assert frame(trainer).change == 2
        trainer.send(Lift(HoldSlope()))
        assert "f′ held at 1" in event(trainer, InterventionRefused).message
