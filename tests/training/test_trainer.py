"""The training thread: what it does when told, and that watching changes nothing."""

import queue
import time
from pathlib import Path

import numpy as np
import pytest

from rnnviz.training import (
    ChangeSetting,
    EpochDone,
    OneUpdate,
    Pause,
    RecordUpdate,
    Save,
    Saved,
    SaveFailed,
    SettingChanged,
    SettingRefused,
    StartOver,
    StateChanged,
    Train,
    Trainer,
    Updated,
    UpdateRecorded,
    Validate,
    Validated,
    WriteOn,
    Written,
    checkpoint,
)
from tests.training.runs import (
    bits,
    event,
    frame,
    joined_within,
    request,
    running,
    slow_experiment,
    small_experiment,
    until_state,
)


def alone(n_updates: int, **values: object) -> dict[str, bytes]:
    """The bits of a run that nobody watched."""
    experiment = small_experiment(**values)
    for _ in range(n_updates):
        experiment.update()
    return bits(experiment)


def test_training_stops_at_the_wanted_update() -> None:
    with running(small_experiment()) as trainer:
        assert trainer.state == "ready"
        trainer.send(Train(until=37))
        assert event(trainer, StateChanged).state == "running"
        until_state(trainer, "paused")
        assert trainer.state == "paused"
        assert bits(trainer.experiment) == alone(37)
        assert trainer.log.since(0)["step"].tolist() == list(range(1, 38))
        trainer.send(Train(until=37))  # nothing to do, and that is told
        until_state(trainer, "paused")
        assert trainer.experiment.step == 37


def test_training_goes_on_until_paused() -> None:
    with running(small_experiment()) as trainer:
        trainer.mailbox.post_request(request(trainer.experiment))
        trainer.send(Train())
        frame(trainer, step=20)
        trainer.send(Pause())
        until_state(trainer, "paused")
        n = trainer.experiment.step
        assert n >= 20
        with pytest.raises(queue.Empty):
            while True:  # the last update may have been an epoch's, which is still validated
                assert isinstance(trainer.events.get(timeout=0.05), EpochDone)
        assert trainer.experiment.step == n
    assert bits(trainer.experiment) == alone(n)


def test_a_frame_of_the_run_before_is_gone_when_it_starts_over() -> None:
    with running(small_experiment()) as trainer:
        trainer.mailbox.post_request(request(trainer.experiment))
        trainer.send(Train(until=9))
        until_state(trainer, "paused")
        frame(trainer, step=9)
        trainer.mailbox.post_request(request(trainer.experiment, generation=2))
        while trainer.mailbox.wants_frame:
            time.sleep(0.0005)  # the training thread needs the lock
        trainer.send(StartOver())
        until_state(trainer, "ready")
        assert frame(trainer).step == 0


def test_one_update_is_one_update() -> None:
    with running(small_experiment()) as trainer:
        for n in range(1, 4):
            trainer.send(OneUpdate())
            assert event(trainer, Updated).updates[0].step == n
        trainer.send(OneUpdate())
        trainer.send(OneUpdate())
        assert [event(trainer, Updated).updates[0].step for _ in range(2)] == [4, 5]
        trainer.send(Train())
        until_state(trainer, "running")
        trainer.send(OneUpdate())
        last = event(trainer, Updated).updates[0].step
        until_state(trainer, "paused")
        assert trainer.experiment.step == last
    assert bits(trainer.experiment) == alone(last)


def test_the_epochs_are_told_with_their_losses() -> None:
    plain = small_experiment()
    losses = [plain.update()[0].loss for _ in range(plain.n_windows)]
    with running(small_experiment()) as trainer:
        trainer.send(Train(until=2 * plain.n_windows))
        first, second = event(trainer, EpochDone), event(trainer, EpochDone)
        assert (first.epoch, first.step) == (1, plain.n_windows)
        assert (second.epoch, second.step) == (2, 2 * plain.n_windows)
        assert first.train_loss == pytest.approx(np.mean(losses))
        assert first.validation == plain.validate()
        until_state(trainer, "paused")  # after the last epoch's validation
        assert [v.step for v in trainer.log.validations] == [first.step, second.step]


def test_a_run_that_is_watched_ends_with_the_same_bits(tmp_path: Path) -> None:
    n_updates = 150
    values: dict[str, object] = {"layers": 2, "valid_fraction": 0.3, "reset": 0.4, "embedding": 3}
    with running(small_experiment(**values)) as trainer:
        ids = tuple(int(i) for i in trainer.experiment.corpus.encode("the Emperor of")[1])
        rng = np.random.default_rng(0)
        step = 0
        for generation in range(30):
            needs = frozenset({"probs", "spectrum", "counterfactual_matrix"})
            asked = request(trainer.experiment, generation, ("Napoleon was", "Pedro was the")[generation % 2])
            trainer.mailbox.post_request(
                type(asked)(asked.tokens, asked.words, asked.answer, asked.answer_word, needs, generation)
            )
            for command in rng.permutation(5)[: rng.integers(0, 4)]:
                trainer.send(
                    (
                        Validate(),
                        WriteOn(ids, 11, 0.9, generation),
                        Save(tmp_path / "x.safetensors"),
                        ChangeSetting("lr", 0.02),
                        Pause(),
                    )[command]
                )
            step = min(step + int(rng.integers(1, 12)), n_updates - 4)
            trainer.send(Train(until=step))
            assert frame(trainer).generation == generation
        for _ in range(4):
            trainer.send(OneUpdate() if step % 2 else RecordUpdate())
        trainer.send(Train(until=n_updates))
        frame(trainer, step=n_updates)
    assert trainer.experiment.step == n_updates
    assert bits(trainer.experiment) == alone(n_updates, **values)


def test_starting_over_is_a_fresh_run() -> None:
    with running(small_experiment()) as trainer:
        trainer.mailbox.post_request(request(trainer.experiment, generation=1))
        trainer.send(Train())
        frame(trainer, step=30)
        trainer.send(StartOver())
        trainer.mailbox.post_request(request(trainer.experiment, generation=2))
        again = frame(trainer)
        assert (again.step, again.generation) == (0, 2)
        until_state(trainer, "ready")
        assert len(trainer.log) == 0 and not trainer.log.validations
        assert bits(trainer.experiment) == alone(0)
        trainer.send(Train(until=25))
        until_state(trainer, "paused")
        assert bits(trainer.experiment) == alone(25)


def test_starting_over_shows_update_0_again_without_a_new_request() -> None:
    with running(small_experiment()) as trainer:
        trainer.mailbox.post_request(request(trainer.experiment))
        first = frame(trainer)
        trainer.send(Train(until=5))
        frame(trainer, step=5)
        trainer.send(StartOver())
        again = frame(trainer)
        assert again.step == first.step == 0
        assert np.array_equal(again.traces[0].gradient_matrix, first.traces[0].gradient_matrix)


def test_each_moment_is_traced_once_while_nothing_changes() -> None:
    with running(small_experiment()) as trainer:
        trainer.mailbox.post_request(request(trainer.experiment))
        frame(trainer)
        with pytest.raises(queue.Empty):
            trainer.events.get(timeout=0.05)
        assert trainer.mailbox.take() is None
        trainer.send(OneUpdate())
        assert frame(trainer).step == 1


def test_an_untaken_frame_gives_way_to_the_present_once_it_is_taken() -> None:
    with running(small_experiment()) as trainer:
        trainer.mailbox.post_request(request(trainer.experiment))
        trainer.send(Train(until=40))
        until_state(trainer, "paused")
        taken = frame(trainer)
        if taken.step < 40:
            taken = frame(trainer)
        assert taken.step == 40


def test_a_new_request_is_answered_in_the_middle_of_a_long_update() -> None:
    with running(slow_experiment()) as trainer:
        trainer.send(Train())
        until_state(trainer, "running")
        trainer.mailbox.post_request(request(trainer.experiment))
        assert frame(trainer).step == 0


def test_requests_do_not_keep_a_long_update_from_being_made() -> None:
    with running(slow_experiment(layers=2)) as trainer:
        trainer.send(OneUpdate())
        for generation in range(10_000):
            trainer.mailbox.post_request(request(trainer.experiment, generation))
            if frame(trainer).step == 1:
                break
        assert generation < 100


def test_a_long_update_is_dropped_for_a_command_and_made_again() -> None:
    with running(slow_experiment(layers=4)) as trainer:
        trainer.send(OneUpdate())
        trainer.send(WriteOn((1, 2), 3, 0.5, 1))
        event(trainer, Written)
        assert event(trainer, Updated).updates[0].step == 1
    plain = slow_experiment(layers=4)
    plain.update()
    assert bits(trainer.experiment) == bits(plain)


@pytest.mark.parametrize(
    "command", [Train(), OneUpdate(), Validate(), RecordUpdate(), WriteOn((1,), 10**9, 0.5, 1)]
)
def test_closing_in_the_middle_of_work_ends_the_thread_within_a_second(command: object) -> None:
    trainer = Trainer(slow_experiment())
    trainer.mailbox.post_request(request(trainer.experiment))
    trainer.start()
    trainer.send(command)  # type: ignore[arg-type]
    frame(trainer)
    with pytest.raises(queue.Empty):  # the work goes on and on
        while True:
            assert isinstance(trainer.events.get(timeout=0.1), StateChanged)
    trainer.close()
    assert joined_within(trainer, 1.0)
    assert trainer.state == "closed"
    assert trainer.experiment.step == 0


def test_closing_at_rest_and_before_the_start_ends_the_thread() -> None:
    trainer = Trainer(small_experiment())
    trainer.close()
    trainer.start()
    assert joined_within(trainer, 1.0)
    assert event(trainer, StateChanged).state == "closed"
    trainer.close()


def test_a_save_sent_before_closing_is_written(tmp_path: Path) -> None:
    trainer = Trainer(small_experiment())
    trainer.send(Train(until=10))
    trainer.start()
    until_state(trainer, "paused")
    trainer.send(Save(tmp_path / "x.safetensors"))
    trainer.close()
    trainer.join()
    assert event(trainer, Saved).path == tmp_path / "x.safetensors"
    assert checkpoint.read(tmp_path / "x.safetensors").step == 10


def test_a_save_that_fails_is_told_and_training_goes_on(tmp_path: Path) -> None:
    with running(small_experiment()) as trainer:
        trainer.send(Save(tmp_path / "no such folder" / "x.safetensors"))
        assert "no folder" in event(trainer, SaveFailed).message
        trainer.send(Train(until=3))
        until_state(trainer, "paused")


@pytest.mark.skipif(not hasattr(time, "pthread_getcpuclockid"), reason="no clock of single threads here")
def test_a_trainer_at_rest_costs_nothing() -> None:
    with running(small_experiment()) as trainer:
        trainer.mailbox.post_request(request(trainer.experiment))
        trainer.send(Train(until=5))
        frame(trainer, step=5)
        assert trainer.ident is not None
        clock = time.pthread_getcpuclockid(trainer.ident)
        before = time.clock_gettime(clock)
        with pytest.raises(queue.Empty):
            while True:
                trainer.events.get(timeout=0.3)
        assert time.clock_gettime(clock) - before < 0.005


def test_settings_change_at_once_or_are_refused_with_the_reason() -> None:
    with running(small_experiment()) as trainer:
        trainer.send(ChangeSetting("lr", 0.5))
        assert event(trainer, SettingChanged) == SettingChanged("lr", 0.5)
        trainer.send(ChangeSetting("lr", float("nan")))
        assert "--lr must be a number" in event(trainer, SettingRefused).message
        assert trainer.experiment.settings.lane.lr == 0.5


def test_questions_are_answered_as_the_experiment_answers_them() -> None:
    with running(small_experiment()) as trainer:
        trainer.send(Train(until=12))
        until_state(trainer, "paused")
        trainer.send(Validate())
        assert event(trainer, Validated).validation == trainer.experiment.validate()
        trainer.send(WriteOn((1, 2, 3), 20, 0.7, 9))
        assert list(event(trainer, Written).ids) == trainer.experiment.write_on((1, 2, 3), 20, 0.7, 9)
        trainer.send(RecordUpdate())
        recorded = event(trainer, UpdateRecorded)
        assert recorded.updates[0].step == 13
        assert (recorded.record.before.step, recorded.record.after.step) == (12, 13)  # type: ignore[union-attr]
        assert trainer.log.since(0)["step"].tolist() == list(range(1, 14))
        assert trainer.state == "paused"


def test_progress_tells_where_the_run_is() -> None:
    with running(small_experiment()) as trainer:
        trainer.mailbox.post_request(request(trainer.experiment))
        start = frame(trainer).progress
        assert start.step == 0 and np.isnan(start.loss) and np.isnan(start.valid_loss)
        n = trainer.experiment.n_windows
        trainer.send(Train(until=n + 2))
        progress = frame(trainer, step=n + 2).progress
        assert (progress.step, progress.epoch) == (n + 2, 1)
        assert progress.share_of_epoch == pytest.approx(2 / n)
        assert progress.loss == trainer.log.since(0)["loss"][-1]
        assert progress.valid_loss == trainer.log.validations[0].loss
        assert progress.tokens_per_s > 0


def test_another_trainer_takes_an_experiment_over_where_it_stands() -> None:
    experiment = small_experiment()
    with running(experiment) as trainer:
        trainer.send(Train(until=11))
        until_state(trainer, "paused")
    second = Trainer(experiment, trainer.logs)
    second.start()
    assert second.state == "paused"
    second.send(Train(until=20))
    until_state(second, "paused")
    second.close()
    second.join()
    assert second.log.since(0)["step"].tolist() == list(range(1, 21))
    assert bits(experiment) == alone(20)
