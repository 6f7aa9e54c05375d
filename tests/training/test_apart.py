"""Training in a process of its own: to its owner it is like training on a thread, bit for bit."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from rnnviz.training import (
    ApartTrainer,
    ChangeSetting,
    EpochDone,
    Experiment,
    Failed,
    HoldGate,
    Intervene,
    Intervened,
    InterventionRefused,
    Reserve,
    Save,
    Saved,
    ScalarLog,
    SettingChanged,
    StartOver,
    Train,
    Trainer,
    WriteOn,
    Written,
    checkpoint,
)
from rnnviz.training.apart.reserve import Worker
from tests.training.runs import (
    PATIENCE_S,
    bits,
    event,
    frame,
    joined_within,
    request,
    running,
    small_experiment,
    until,
    until_state,
)


@pytest.fixture(scope="module")
def reserve() -> Iterator[Reserve]:
    reserve = Reserve(ahead=True)
    reserve.prepare()
    yield reserve
    reserve.close()


@contextmanager
def apart(
    experiment: Experiment, reserve: Reserve, logs: tuple[ScalarLog, ...] = ()
) -> Iterator[ApartTrainer]:
    trainer = ApartTrainer(experiment, logs, reserve)
    trainer.start()
    try:
        yield trainer
    finally:
        trainer.close()
        trainer.join(PATIENCE_S)
    assert not trainer.is_alive()


def kill(trainer: ApartTrainer) -> None:
    worker = trainer.worker
    assert worker is not None and worker.process.pid is not None
    os.kill(worker.process.pid, signal.SIGKILL)


def test_a_process_of_its_own_learns_the_same_bits_as_a_thread(reserve: Reserve) -> None:
    settings = {"dropout": 0.2, "optimizer": "momentum", "lr": 0.1}
    here, there = small_experiment(**settings), small_experiment(**settings)
    with running(here) as trainer:
        trainer.send(Train(until=41))
        until_state(trainer, "paused")
    with apart(there, reserve) as other:
        other.mailbox.post_request(request(there))
        other.send(Train(until=41))
        until(lambda: other.log.total == 41)
    assert bits(here) == bits(there)
    mine, theirs = trainer.log.since(0), other.log.since(0)
    assert all((mine[name] == theirs[name]).all() for name in ("step", "loss", "grad_norm", "clip_factor"))
    assert len(other.log.validations) == len(trainer.log.validations) > 0


def test_frames_come_when_they_are_taken_and_answer_the_newest_request(reserve: Reserve) -> None:
    experiment = small_experiment()
    with apart(experiment, reserve) as trainer:
        trainer.mailbox.post_request(request(experiment, 1))
        assert frame(trainer).step == 0
        trainer.send(Train(until=20))
        until(lambda: trainer.log.total == 20)
        trainer.mailbox.post_request(request(experiment, 2, "Pedro was"))
        seen = frame(trainer)
        assert (seen.step, seen.generation, seen.traces[0].words.tolist()) == (20, 2, ["Pedro", "was"])
        assert not seen.traces[0].hidden.flags.writeable


def test_commands_are_obeyed_and_answered(reserve: Reserve, tmp_path: Path) -> None:
    experiment = small_experiment(cell="lstm")
    path = tmp_path / "network.safetensors"
    with apart(experiment, reserve) as trainer:
        trainer.send(ChangeSetting("lr", 0.5))
        assert event(trainer, SettingChanged).value == 0.5
        assert experiment.settings.lane.lr == 0.5
        trainer.send(Intervene(HoldGate("f", 0.0)))
        assert event(trainer, Intervened).active == ((HoldGate("f", 0.0),),)
        trainer.send(WriteOn((2, 3), 5, 0.0, 1))
        assert len(event(trainer, Written).ids) == 5
        trainer.send(Train(until=10))
        until(lambda: trainer.log.total == 10)
        trainer.send(Save(path))
        assert event(trainer, Saved).path == path
    loaded = checkpoint.read(path)
    assert loaded.settings.lane.lr == 0.5 and experiment.step == 10


def test_starting_over_empties_the_log_and_gives_the_same_run_again(reserve: Reserve) -> None:
    experiment, once = small_experiment(), small_experiment()
    for _ in range(7):
        once.update()
    with apart(experiment, reserve) as trainer:
        trainer.send(Train(until=12))
        until(lambda: trainer.log.total == 12)
        trainer.send(StartOver())
        until_state(trainer, "ready")
        until(lambda: len(trainer.log) == 0)
        trainer.send(Train(until=7))
        until(lambda: len(trainer.log) == 7)
    assert bits(experiment) == bits(once)


def test_another_trainer_goes_on_from_where_a_closed_one_stood(reserve: Reserve) -> None:
    experiment, once = small_experiment(), small_experiment()
    for _ in range(20):
        once.update()
    with apart(experiment, reserve) as first:
        first.send(Train(until=9))
        until(lambda: first.log.total == 9)
    assert experiment.step == 9
    with apart(experiment, reserve, first.logs) as second:
        assert second.state == "paused"
        second.send(Train(until=20))
        until(lambda: second.log.total == 20)
    assert bits(experiment) == bits(once)


def test_when_the_process_is_killed_the_run_is_kept_and_said_so(reserve: Reserve) -> None:
    experiment, once = small_experiment(), small_experiment()
    for _ in range(15):
        once.update()
    with apart(experiment, reserve) as first:
        first.send(Train(until=9))
        until(lambda: first.log.total == 9)
    with apart(experiment, reserve, first.logs) as trainer:
        trainer.send(Train())
        until(lambda: trainer.log.total > 12)
        kill(trainer)
        failed = event(trainer, Failed)
        assert "signal 9" in failed.message and "press Train" in failed.remedy
        until_state(trainer, "paused")
        assert failed.step == experiment.step >= 9
        trainer.send(StartOver())
        trainer.send(Train(until=15))
        until(lambda: experiment.step == 15 and trainer.state == "paused")
    assert bits(experiment) == bits(once)


def test_what_is_held_is_told_again_when_the_process_dies(reserve: Reserve) -> None:
    """The next process goes on from the last snapshot, which may not know of the newest hold."""
    experiment = small_experiment(cell="lstm")
    with apart(experiment, reserve) as trainer:
        trainer.mailbox.post_request(request(experiment))
        trainer.send(Intervene(HoldGate("f", 0.0)))
        assert event(trainer, Intervened).undo
        frame(trainer)
        kill(trainer)
        told = event(trainer, Intervened)
        assert (told.active, told.undo, told.change) == (((),), "", 2)
        seen = frame(trainer)
        while seen.change < 2:
            seen = frame(trainer)
        assert seen.lanes[0].held == ()


@pytest.mark.skipif(os.name == "nt", reason="no process can be held there")
def test_what_a_process_died_over_is_saved_by_the_next_one_and_interventions_are_refused(
    reserve: Reserve, tmp_path: Path
) -> None:
    experiment = small_experiment(cell="lstm")
    experiment.update()
    with apart(experiment, reserve) as trainer:
        until(lambda: trainer.worker is not None)
        trainer.send(Intervene(HoldGate("f", 0.5)))
        assert event(trainer, Intervened).asked
        assert trainer.worker is not None and trainer.worker.process.pid is not None
        os.kill(trainer.worker.process.pid, signal.SIGSTOP)
        trainer.send(Intervene(HoldGate("f", 0.0)))
        trainer.send(Save(tmp_path / "network"))
        until(lambda: trainer._unanswered_changes and trainer._unanswered_saves)
        kill(trainer)
        assert not event(trainer, Intervened).asked
        assert "ended before this" in event(trainer, InterventionRefused).message
        assert event(trainer, Saved).path == tmp_path / "network"
        trainer.send(Intervene(HoldGate("f", 0.0)))
        assert event(trainer, Intervened).asked
    assert checkpoint.read(tmp_path / "network").step == 1


def test_frames_go_on_counting_how_often_a_run_was_started_over(reserve: Reserve) -> None:
    experiment = small_experiment()
    with apart(experiment, reserve) as trainer:
        trainer.send(StartOver())
        trainer.send(Train(until=3))
        until(lambda: trainer.log.total == 3)
    assert experiment.run_number == 1
    with apart(experiment, reserve, trainer.logs) as trainer:
        trainer.mailbox.post_request(request(experiment))
        assert frame(trainer).run == 1


class NoReserve(Reserve):
    """A system that starts no process."""

    def take(self) -> Worker:
        raise OSError("too many processes")


def test_without_a_process_what_was_learned_can_still_be_saved(tmp_path: Path) -> None:
    experiment = small_experiment()
    experiment.update()
    with apart(experiment, NoReserve()) as trainer:
        until_state(trainer, "failed")
        trainer.send(Train())
        assert "too many processes" in event(trainer, Failed).message
        trainer.send(Save(tmp_path / "network"))
        assert event(trainer, Saved).step == 1
    assert checkpoint.read(tmp_path / "network").step == 1


def test_a_thread_that_cannot_take_what_comes_says_so_and_ends(
    reserve: Reserve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*_: object) -> None:
        raise MemoryError

    experiment = small_experiment()
    with apart(experiment, reserve) as trainer:
        until(lambda: trainer.worker is not None)
        monkeypatch.setattr(trainer.log, "take", no_memory)
        trainer.send(Train(until=2))
        assert "memory" in event(trainer, Failed).message
        until_state(trainer, "failed")


def test_a_thread_that_cannot_take_what_comes_while_it_is_closed_ends_all_the_same(
    reserve: Reserve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed_without_memory(*_: object) -> None:
        trainer.close()
        until(trainer._outbox.empty)  # the worker has been told
        raise MemoryError

    with apart(small_experiment(), reserve) as trainer:
        until(lambda: trainer.worker is not None)
        monkeypatch.setattr(trainer.log, "take", closed_without_memory)
        trainer.send(Train(until=2))
        assert joined_within(trainer, PATIENCE_S)


def test_a_close_that_the_worker_has_heard_ends_a_thread_that_gives_up_just_then(
    reserve: Reserve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*_: object) -> None:
        raise MemoryError

    with apart(small_experiment(), reserve) as trainer:
        until(lambda: trainer.worker is not None)
        give_up = trainer._give_up

        def overtaken(message: str) -> None:
            trainer.close()
            until(trainer._outbox.empty)
            give_up(message)

        monkeypatch.setattr(trainer, "_give_up", overtaken)
        monkeypatch.setattr(trainer.log, "take", no_memory)
        trainer.send(Train(until=2))
        assert joined_within(trainer, PATIENCE_S)


@pytest.mark.skipif(os.name == "nt", reason="no process can be held there")
def test_a_network_is_saved_though_its_process_is_killed_while_it_is_closed(
    reserve: Reserve, tmp_path: Path
) -> None:
    experiment = small_experiment()
    experiment.update()
    with apart(experiment, reserve) as trainer:
        until(lambda: trainer.worker is not None)
        assert trainer.worker is not None and trainer.worker.process.pid is not None
        os.kill(trainer.worker.process.pid, signal.SIGSTOP)
        trainer.send(Save(tmp_path / "network"))
        until(lambda: bool(trainer._unanswered_saves))
        trainer.close()
        kill(trainer)
        assert event(trainer, Saved).path == tmp_path / "network"
    assert checkpoint.read(tmp_path / "network").step == 1


def test_where_no_further_process_can_be_started_the_one_there_is_goes_on(
    reserve: Reserve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(reserve, "prepare", refuse)
    with apart(small_experiment(), reserve) as trainer:
        trainer.send(Train(until=3))
        until(lambda: trainer.log.total == 3)
        assert trainer._deaths == 0


@pytest.mark.skipif(os.name == "nt", reason="no process can be held there")
def test_an_answer_goes_to_the_question_of_its_kind(reserve: Reserve, tmp_path: Path) -> None:
    with apart(small_experiment(cell="lstm"), reserve) as trainer:
        trainer._unanswered_changes.append(Intervene(HoldGate("f", 0.5)))  # never answered
        trainer.send(Save(tmp_path / "network"))
        assert event(trainer, Saved).path == tmp_path / "network"
        assert not trainer._unanswered_saves, "or the next process would write it once more"
        trainer._unanswered_changes.clear()


def test_a_race_is_trained_apart_lane_by_lane(reserve: Reserve) -> None:
    base = small_experiment()
    lanes = [base.settings.with_values({"cell": cell}).lane for cell in ("rnn", "lstm")]
    race = Experiment.create(base.corpus, base.settings.with_lanes(lanes))
    with apart(race, reserve) as trainer:
        trainer.send(Train(until=race.updates_per_epoch))
        assert {event(trainer, EpochDone).lane, event(trainer, EpochDone).lane} == {0, 1}
        assert [log.total for log in trainer.logs] == [race.updates_per_epoch] * 2
    assert race.epoch == 1


def test_closing_ends_thread_and_process(reserve: Reserve) -> None:
    experiment = small_experiment()
    trainer = ApartTrainer(experiment, reserve=reserve)
    trainer.start()
    trainer.send(Train())
    until(lambda: trainer.log.total > 3)
    worker = trainer.worker
    assert worker is not None
    trainer.close()
    assert joined_within(trainer, PATIENCE_S)
    assert trainer.state == "closed" and not worker.process.is_alive()


def test_a_trainer_that_is_closed_at_once_ends_without_having_learned(reserve: Reserve) -> None:
    experiment = small_experiment()
    with apart(experiment, reserve) as trainer:
        pass
    assert experiment.step == 0 and trainer.state == "closed"


def test_a_reserve_that_is_closed_leaves_no_process_behind() -> None:
    reserve = Reserve(ahead=True)
    reserve.prepare()
    worker = reserve.take()
    reserve.prepare()
    reserve.close()
    reserve.prepare()
    assert reserve.waiting is None
    worker.end()
    assert not worker.process.is_alive()


def test_a_thread_and_a_process_have_the_same_face() -> None:
    one, other = Trainer(small_experiment()), ApartTrainer(small_experiment())
    assert {name for name in dir(one) if not name.startswith("_")} <= set(dir(other))


class Asleep(Reserve):
    """Hands out a worker that is stopped until somebody wakes it."""

    def __init__(self, reserve: Reserve) -> None:
        super().__init__()
        self._awake = reserve
        self.pid = 0

    def take(self) -> Worker:
        worker = self._awake.take()
        assert worker.process.pid is not None
        self.pid = worker.process.pid
        os.kill(self.pid, signal.SIGSTOP)
        return worker


def test_the_first_trace_does_not_wait_for_the_worker_and_is_the_same(reserve: Reserve) -> None:
    experiment = small_experiment(cell="gru")
    asleep = Asleep(reserve)
    with apart(experiment, asleep) as trainer:
        trainer.mailbox.post_request(request(experiment, 1))
        first = frame(trainer)
        until(lambda: trainer.worker is not None)
        os.kill(asleep.pid, signal.SIGCONT)
        second = frame(trainer)
    assert (first.step, first.generation) == (second.step, second.generation) == (0, 1)
    assert repr((first.progress, first.lanes)) == repr((second.progress, second.lanes))
    for mine, theirs in zip(first.traces, second.traces, strict=True):
        for name in ("hidden", "loss", "candidate_probs", "state_gradient_matrix", "decay"):
            np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))


def test_a_trainer_closed_before_its_worker_is_awake_does_not_wait_for_it(reserve: Reserve) -> None:
    trainer = ApartTrainer(small_experiment(), reserve=Asleep(reserve))
    trainer.start()
    until(lambda: trainer.worker is not None)
    trainer.close()
    assert joined_within(trainer, 5.0)
    assert trainer.state == "closed" and trainer.experiment.step == 0
