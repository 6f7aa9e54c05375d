"""A run that breaks: stopped, explained, still there to be asked."""

from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from rnnviz.training import (
    ChangeSetting,
    Failed,
    OneUpdate,
    RecordUpdate,
    Save,
    SaveFailed,
    StartOver,
    Train,
    Trainer,
    Updated,
    Validate,
    Validated,
)
from tests.training.runs import bits, event, frame, request, running, small_experiment, until_state

BREAKS: dict[str, Any] = {
    "activation": "relu", "window": 12, "hidden": 40, "clip": 0.0, "optimizer": "sgd", "lr": 100.0,
}  # fmt: skip


def broken(trainer: Trainer) -> Failed:
    trainer.send(Train())
    failure = event(trainer, Failed)
    until_state(trainer, "failed")
    return failure


def test_a_broken_run_stops_by_itself_and_says_why_and_what_to_try() -> None:
    with running(small_experiment(**BREAKS)) as trainer:
        failure = broken(trainer)
        assert failure.step == trainer.experiment.step
        assert f"Update {failure.step:,} broke the network" in failure.message
        assert "learning rate" in failure.remedy
        assert not failure.detail


def test_a_broken_run_still_shows_its_last_good_network() -> None:
    with running(small_experiment(**BREAKS)) as trainer:
        trainer.mailbox.post_request(request(trainer.experiment, generation=1))
        broken(trainer)
        shown = frame(trainer)
        assert (shown.step, shown.generation) == (trainer.experiment.step, 1)
        trainer.mailbox.post_request(request(trainer.experiment, 2, "Pedro was the Emperor of"))
        for trace in (*shown.traces, *frame(trainer).traces):
            assert np.isfinite(trace.loss).all()
            assert np.isfinite(trace.gradient_matrix).all()


@pytest.mark.parametrize("command", [Train(), OneUpdate(), RecordUpdate()])
def test_a_broken_run_refuses_to_go_on_with_the_same_reason(command: Any) -> None:
    with running(small_experiment(**BREAKS)) as trainer:
        failure = broken(trainer)
        before = bits(trainer.experiment)
        trainer.send(command)
        assert event(trainer, Failed) == failure
        trainer.send(Validate())
        event(trainer, Validated)
        assert trainer.state == "failed"
        assert bits(trainer.experiment) == before


def test_a_broken_run_goes_on_once_the_learning_rate_is_changed() -> None:
    with running(small_experiment(**BREAKS)) as trainer:
        failure = broken(trainer)
        trainer.send(ChangeSetting("lr", 0.001))
        until_state(trainer, "paused")
        trainer.send(Train(until=failure.step + 10))
        until_state(trainer, "paused")
        assert trainer.experiment.step == failure.step + 10


def test_a_broken_run_can_be_started_over() -> None:
    with running(small_experiment(**BREAKS)) as trainer:
        first = broken(trainer)
        trainer.send(StartOver())
        until_state(trainer, "ready")
        assert broken(trainer) == first


def raising(error: BaseException) -> Any:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "words"),
    [(MemoryError(), "not enough free memory"), (KeyError("h"), "fault in the program (KeyError: 'h')")],
)
def test_every_exception_becomes_a_failure_and_the_thread_stays(
    error: Exception, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(small_experiment()) as trainer:
        with monkeypatch.context() as patch:
            patch.setattr(trainer.experiment, "update", raising(error))
            failure = broken(trainer)
        assert words in failure.message and failure.remedy
        assert bool(failure.detail) == isinstance(error, KeyError)
        trainer.send(OneUpdate())  # no divergence: it may be tried again
        assert event(trainer, Updated).updates[0].step == 1
        assert trainer.state == "paused"


def test_a_passage_that_cannot_be_traced_fails_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(small_experiment()) as trainer:
        with monkeypatch.context() as patch:
            patch.setattr(trainer.experiment, "trace", raising(ZeroDivisionError("no path")))
            trainer.mailbox.post_request(request(trainer.experiment, 1))
            assert "ZeroDivisionError" in event(trainer, Failed).message
            trainer.send(Validate())
            event(trainer, Validated)
            assert trainer.events.empty()
        trainer.mailbox.post_request(request(trainer.experiment, 2))
        assert frame(trainer).generation == 2


def test_a_save_for_which_there_is_no_memory_does_not_stop_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with running(small_experiment()) as trainer:
        with monkeypatch.context() as patch:
            patch.setattr(trainer.experiment, "snapshot", raising(MemoryError()))
            trainer.send(Save(tmp_path / "x"))
            assert "not enough free memory" in event(trainer, SaveFailed).message
        assert trainer.state == "ready"
        assert not list(tmp_path.iterdir())
