"""Taking interventions back: the bits of before, and a run that went back stands there in every respect."""

import numpy as np
import pytest

from rnnviz.training import (
    Failed,
    HoldGate,
    HoldSlope,
    Intervene,
    Intervened,
    InterventionError,
    InterventionRefused,
    Lift,
    OneUpdate,
    ScaleRecurrent,
    SetForgetBias,
    SilenceUnit,
    StartOver,
    Train,
    UndoIntervention,
    Updated,
    Validate,
    Validated,
    changes,
)
from rnnviz.training.jobs import Jobs, validating
from rnnviz.training.ledger import Ledger
from rnnviz.training.scalar_log import ScalarLog

from .runs import bits, event, frame, request, running, slow_experiment, small_experiment, until_state
from .test_interventions import radius, trained
from .test_race import race

EACH = [
    ("lstm", HoldGate("f", 0.0)),
    ("lstm", HoldGate("f", 0.0, step=1)),
    ("gru", SilenceUnit(3, 0)),
    ("rnn", HoldSlope()),
    ("rnn", ScaleRecurrent(2.0)),
    ("lstm", SetForgetBias(-1.0)),
]


@pytest.mark.parametrize(("cell", "intervention"), EACH)
def test_undo_at_once_leaves_a_run_that_never_knew_of_it(cell, intervention):
    experiment, plain = (trained(small_experiment(cell=cell, dropout=0.2), 6) for _ in range(2))
    before = bits(experiment)
    experiment.changes.intervene(intervention)
    assert experiment.changes.undo_words == intervention.description()
    experiment.changes.undo()
    assert bits(experiment) == before
    assert experiment.changes.undo_words == "" and experiment.changes.held == ((),)
    assert bits(trained(experiment, 8)) == bits(trained(plain, 8))


@pytest.mark.parametrize("change", [ScaleRecurrent(2.0), SetForgetBias(-1.0)])
def test_changed_weights_come_back_to_the_bit_with_the_run_after_5_updates(change):
    experiment = trained(small_experiment(cell="lstm", dropout=0.2, reset=0.3), 6)
    before, traced = bits(experiment), experiment.trace(request(experiment))[0]
    experiment.changes.intervene(change)
    trained(experiment, 5)
    assert bits(experiment) != before
    assert experiment.changes.undo() == changes.WentBack(step=6, change=0)
    assert bits(experiment) == before and experiment.step == 6
    np.testing.assert_array_equal(
        experiment.trace(request(experiment))[0].gradient_matrix, traced.gradient_matrix
    )
    plain = trained(small_experiment(cell="lstm", dropout=0.2, reset=0.3), 6)
    assert bits(trained(experiment, 8)) == bits(trained(plain, 8))


def test_undo_takes_the_last_one_first_whatever_its_kind():
    experiment = trained(small_experiment(cell="lstm"), 3)
    states = []
    for one in (HoldGate("f", 0.0), ScaleRecurrent(1.5), SilenceUnit(0, 0), SetForgetBias(2.0)):
        states.append((bits(experiment), experiment.changes.held, experiment.step))
        experiment.changes.intervene(one)
        trained(experiment, 2)
    states.append((None, experiment.changes.held, experiment.step))
    experiment.changes.lift(HoldGate("f", 0.0))
    assert experiment.changes.undo_words == "lifting forget gate f held at 0.00 at every step"
    experiment.changes.undo()
    assert experiment.changes.held == states[-1][1]
    for step in (9, 9, 5, 5):  # holds are lifted where the run is, weights come back where they were changed
        experiment.changes.undo()
        assert experiment.step == step
        if step in (9, 5) and experiment.changes.undo_words.startswith(("unit", "forget gate")):
            known = next(state for state in states if state[2] == step)
            assert (bits(experiment), experiment.changes.held) == known[:2]
    assert experiment.changes.held == ((),)
    assert experiment.changes.count == 10


def test_dragging_a_valve_is_one_intervention():
    experiment = small_experiment(cell="lstm")
    for value in (0.9, 0.6, 0.2):
        experiment.changes.intervene(HoldGate("f", value, step=1))
    experiment.changes.intervene(HoldGate("f", 0.5, step=2))
    assert len(experiment.changes.held[0]) == 2
    experiment.changes.undo()
    assert experiment.changes.held == ((HoldGate("f", 0.2, step=1),),)
    experiment.changes.undo()
    assert experiment.changes.held == ((),) and experiment.changes.undo_words == ""


def test_in_a_race_undo_takes_back_what_was_done_to_every_lane():
    experiment = race({}, {"cell": "gru"})
    before = bits(experiment)
    experiment.changes.intervene(SilenceUnit(1, 0), lane=0)
    experiment.changes.intervene(ScaleRecurrent(1.5))
    trained(experiment, 3)
    experiment.changes.undo()
    assert bits(experiment) == before and experiment.changes.held == ((SilenceUnit(1, 0),), ())
    experiment.changes.undo()
    assert experiment.changes.held == ((), ())


def test_snapshots_for_undo_keep_within_their_memory_and_the_last_one_stays(monkeypatch):
    experiment = small_experiment()
    size = experiment.snapshot().n_bytes
    assert size > 2 * sum(array.nbytes for array in experiment.snapshot().lanes[0].parameters.values())
    monkeypatch.setattr(changes, "MOST_UNDO_BYTES", int(2.5 * size))
    experiment.changes.intervene(SilenceUnit(0, 0))
    for value in (0.5, 1.5, 2.5):
        experiment.changes.intervene(ScaleRecurrent(value))
    experiment.changes.undo()
    experiment.changes.undo()
    assert radius(experiment) == pytest.approx(0.5, rel=1e-5)
    assert experiment.changes.undo_words == ""  # what came before the forgotten one went with it
    monkeypatch.setattr(changes, "MOST_UNDO_BYTES", 1)
    for value in (0.7, 0.8):
        experiment.changes.intervene(ScaleRecurrent(value))
    experiment.changes.undo()
    assert radius(experiment) == pytest.approx(0.7, rel=1e-5) and experiment.changes.undo_words == ""


def test_without_memory_for_undo_weights_are_not_changed(monkeypatch):
    experiment = small_experiment()
    before = bits(experiment)

    def no_room():
        raise MemoryError

    with monkeypatch.context() as full, pytest.raises(InterventionError, match="not enough free memory"):
        full.setattr(experiment, "snapshot", no_room)
        experiment.changes.intervene(ScaleRecurrent(0.5))
    assert bits(experiment) == before and experiment.changes.undo_words == ""


def test_start_over_forgets_changed_weights_and_keeps_what_is_held():
    experiment, plain = small_experiment(cell="lstm"), small_experiment(cell="lstm")
    for one in (SilenceUnit(1, 0), ScaleRecurrent(2.0), HoldGate("f", 0.9)):
        experiment.changes.intervene(one)
        trained(experiment, 2)
    experiment.start_over()
    for one in (SilenceUnit(1, 0), HoldGate("f", 0.9)):
        plain.changes.intervene(one)
    assert bits(trained(experiment, 20)) == bits(trained(plain, 20))
    for _ in range(2):
        experiment.changes.undo()
    assert experiment.changes.held == ((),) and experiment.changes.undo_words == "" and experiment.step == 20


# -- on the training thread ----------------------------------------------------------------------------


def test_every_intervention_is_answered_and_the_next_frame_shows_it():
    experiment = small_experiment(cell="lstm")
    with running(experiment) as trainer:
        trainer.mailbox.post_request(request(experiment))
        assert frame(trainer).change == 0
        trainer.send(Intervene(HoldGate("f", 0.0, step=1)))
        said = "forget gate f held at 0.00 at was"
        assert event(trainer, Intervened) == Intervened(((HoldGate("f", 0.0, step=1),),), said, 0, 1)
        shown = frame(trainer)
        assert shown.change == 1 and shown.lanes[0].held == (HoldGate("f", 0.0, step=1),)
        assert not shown.traces[0].gates["f"][1].any()
        trainer.send(Lift(HoldGate("f", 0.0, step=1)))
        assert event(trainer, Intervened).active == ((),)
        assert frame(trainer).change == 2
        for refused in (Lift(HoldSlope()), Intervene(HoldGate("f", 0.0, step=4)), Intervene(HoldSlope(), 3)):
            trainer.send(refused)
            answer = event(trainer, InterventionRefused)
            assert answer.message and answer.remedy
        trainer.send(StartOver())
        assert event(trainer, Intervened).step == 0


def test_a_run_that_goes_back_takes_its_numbers_along_and_does_not_go_on_by_itself():
    experiment = small_experiment(valid_fraction=0.2)
    with running(experiment) as trainer:
        trainer.mailbox.post_request(request(experiment))
        trainer.send(Train(until=4))
        until_state(trainer, "paused")
        trainer.send(Validate())
        before = event(trainer, Validated).validation
        trainer.send(Intervene(ScaleRecurrent(2.0)))
        assert event(trainer, Intervened).undo == "W_hh scaled to spectral radius 2"
        trainer.send(Validate())
        assert event(trainer, Validated).validation.loss != before.loss
        trainer.send(Train(until=9))
        until_state(trainer, "paused")
        assert frame(trainer, step=9).change == 1
        trainer.send(UndoIntervention())
        told = event(trainer, Intervened)
        assert (told.step, told.undo, told.change) == (4, "", 2)
        assert told.note == (
            "5 updates, made since the weights were changed, went with them: the run is back at update 4."
        )
        shown = frame(trainer)
        assert (shown.step, shown.change, shown.run) == (4, 2, 0)
        assert shown.progress.loss == trainer.log.since(0)["loss"][-1]
        assert shown.lanes[0].valid_loss == before.loss
        assert trainer.log.since(0)["step"].tolist() == [1, 2, 3, 4]
        assert [v.loss for v in trainer.log.validations] == [before.loss]
        assert trainer.state == "paused" and trainer.events.empty()
        trainer.send(OneUpdate())
        assert event(trainer, Updated).updates[0].step == 5
    plain = trained(small_experiment(valid_fraction=0.2), 5)
    assert bits(experiment) == bits(plain)


def test_a_running_run_goes_back_and_on_to_the_same_bits():
    experiment = small_experiment()
    with running(experiment) as trainer:
        trainer.send(Intervene(ScaleRecurrent(2.0)))
        assert event(trainer, Intervened).step == 0
        trainer.mailbox.post_request(request(experiment))
        trainer.send(Train())
        frame(trainer, step=10)
        trainer.send(UndoIntervention())
        assert event(trainer, Intervened).step == 0
        assert trainer.state == "running"
        trainer.send(Train(until=20))
        until_state(trainer, "paused")
        assert trainer.log.since(0)["step"].tolist() == list(range(1, 21))
    assert bits(experiment) == bits(trained(small_experiment(), 20))


def test_a_long_update_is_dropped_for_an_intervention_and_made_again_under_it():
    with running(slow_experiment()) as trainer:
        trainer.send(OneUpdate())
        trainer.send(Intervene(SilenceUnit(0, 3)))
        assert event(trainer, Intervened).step == 0
        assert event(trainer, Updated).updates[0].step == 1
    plain = slow_experiment()
    plain.changes.intervene(SilenceUnit(0, 3))
    plain.update()
    assert bits(trainer.experiment) == bits(plain)


def test_an_epoch_that_was_taken_back_is_not_told():
    experiment = small_experiment(valid_fraction=0.3)
    ledger, told = Ledger([ScalarLog()]), []
    trained(experiment, 2)
    experiment.changes.intervene(ScaleRecurrent(1.5))
    trained(experiment, experiment.updates_per_epoch - 2)
    assert experiment.epoch == 1
    jobs = Jobs()
    jobs.append(lambda: validating(experiment, ledger, told.append, lambda: False, 1))
    jobs.do_a_piece()
    experiment.changes.undo()
    jobs.begin_anew()
    while jobs:
        jobs.do_a_piece()
    assert told == []


def test_a_validation_under_way_is_made_anew_on_the_changed_network():
    experiment = race({}, {"cell": "gru"}, valid_fraction=0.3)
    ledger, told = Ledger([ScalarLog(), ScalarLog()]), []
    jobs = Jobs()
    jobs.append(lambda: validating(experiment, ledger, told.append, lambda: False, None))
    n_windows = experiment.corpus.validation_streams(3).n_windows(4)
    for _ in range(n_windows + 2):  # the first lane is done, the second one begun
        jobs.do_a_piece()
    assert not told
    for unit in range(5):
        experiment.changes.intervene(SilenceUnit(unit, 0))
    jobs.begin_anew()
    while jobs:
        jobs.do_a_piece()
    wanted = [found for found in experiment.validation() if found is not None]
    assert [one.validation.loss for one in told] == [one.loss for one in wanted]
    assert [one.validation.change for one in told] == [5, 5]


def test_weights_changed_too_far_are_told_as_such_and_undo_lets_the_run_go_on():
    experiment = small_experiment(activation="relu", window=40, hidden=8)
    with running(experiment) as trainer:
        trainer.send(Train(until=3))
        until_state(trainer, "paused")
        trainer.send(Intervene(ScaleRecurrent(1000.0)))
        trainer.send(Train())
        failed = event(trainer, Failed)
        assert "under the changed weights the loss is" in failed.message and "undo" in failed.remedy
        assert failed.step == 3
        trainer.send(Train())
        assert event(trainer, Failed) == failed
        trainer.send(UndoIntervention())
        until_state(trainer, "paused")
        trainer.send(Train(until=12))
        until_state(trainer, "running")
        until_state(trainer, "paused")
    assert bits(experiment) == bits(trained(small_experiment(activation="relu", window=40, hidden=8), 12))


def test_undo_brings_a_lane_back_that_a_change_made_drop_out():
    experiment = race({}, {"activation": "relu"}, window=40, hidden=8)
    with running(experiment) as trainer:
        trainer.send(Intervene(ScaleRecurrent(1000.0), lane=1))
        trainer.send(Train(until=2))
        failed = event(trainer, Failed)
        assert failed.lane == 1
        until_state(trainer, "paused")
        trainer.send(UndoIntervention())
        event(trainer, Intervened)
        assert experiment.living == (0, 1)
        trainer.send(Intervene(ScaleRecurrent(1000.0), lane=1))
        trainer.send(Train(until=2))
        assert event(trainer, Failed).lane == 1  # told anew
