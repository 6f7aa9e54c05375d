"""Helpers as they are: processes, which can end at any moment."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnviz.engine import Interrupted, LanguageModel
from rnnviz.training import (
    ApartTrainer,
    Experiment,
    Failed,
    HelpersFailed,
    HoldGate,
    OneUpdate,
    Reserve,
    Trainer,
    Updated,
    UseWorkers,
    WorkerGone,
    checkpoint,
)
from rnnviz.training.workers.helper import Hands
from rnnviz.training.workers.lane_part import LanePart
from rnnviz.training.workers.lane_plan import CHANGED, FACTOR, LR, STEP, LanePlan, shared_shapes
from rnnviz.training.workers.lane_update import UpdateOfStretch, WholeUpdate
from rnnviz.training.workers.memory import SharedArrays
from rnnviz.training.workers.sharing import Part
from tests.training.runs import PATIENCE_S, bits, event, joined_within, small_experiment, small_settings
from tests.training.workers.threads import HelperThread, start_threads

VALUES: dict[str, Any] = {"cell": "lstm", "batch": 5, "dropout": 0.2, "optimizer": "adam"}
signals = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")


@pytest.fixture
def undisturbed(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """What twelve updates by two workers lead to; helpers are threads."""
    with monkeypatch.context() as patch:
        patch.setattr("rnnviz.training.workers.team.start_helpers", start_threads)
        experiment = small_experiment(**VALUES)
        experiment.use_workers(2)
        for _ in range(12):
            experiment.update()
        experiment.rest()
    yield bits(experiment)


def helper_of(experiment: Experiment) -> Any:
    team = experiment._crew.team
    assert team is not None
    return team.processes[0]


@signals
def test_a_helper_that_dies_costs_nothing_and_is_replaced(undisturbed: dict[str, bytes]) -> None:
    experiment = small_experiment(**VALUES)
    experiment.use_workers(2)
    for _ in range(6):
        experiment.update()
    before = bits(experiment)
    helper = helper_of(experiment)
    os.kill(helper.pid, signal.SIGKILL)
    with pytest.raises(WorkerGone, match="was ended by signal 9"):
        experiment.update()
    assert bits(experiment) == before
    for _ in range(6):
        experiment.update()
    assert bits(experiment) == undisturbed, "processes find the bits that threads find"
    again = helper_of(experiment)
    experiment.rest()
    assert not again.is_alive()


def test_a_helper_that_fails_where_nobody_waits_for_it_is_replaced(
    undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnviz.training.workers.team.start_helpers", start_threads)
    experiment, change = small_experiment(**VALUES), WholeUpdate.change
    experiment.use_workers(2)
    for _ in range(6):
        experiment.update()
    team = experiment._crew.team
    assert team is not None
    team._get_ready(None)  # the helper has made the sixth update

    def fail_in_the_helper(update: WholeUpdate) -> None:
        if update._copies:
            raise MemoryError
        change(update)

    with monkeypatch.context() as patch:
        patch.setattr(WholeUpdate, "change", fail_in_the_helper)
        experiment.update()  # whole in the process in charge; the other is now behind
        with pytest.raises(WorkerGone):
            experiment.update()
    for _ in range(5):
        experiment.update()
    experiment.rest()
    assert bits(experiment) == undisturbed


@pytest.mark.parametrize("part", [(LanePart, "find_gradients"), (UpdateOfStretch, "add_up")])
def test_a_helper_without_memory_is_told_with_what_to_do_and_costs_nothing(
    part: tuple[type, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnviz.training.workers.team.start_helpers", start_threads)
    monkeypatch.setattr("rnnviz.training.workers.team.MOST_MADE_WHOLE", 0)  # each sums a stretch
    experiment, undisturbed = small_experiment(**VALUES), small_experiment(**VALUES)
    undisturbed.use_workers(3)
    trainer = Trainer(experiment)
    trainer.start()
    try:
        trainer.send(UseWorkers(3))
        trainer.send(OneUpdate())
        event(trainer, Updated)
        before = bits(experiment)
        with monkeypatch.context() as patch:
            patch.setattr(*part, raising_in_helpers(part))
            trainer.send(OneUpdate())
            failed = event(trainer, Failed)
        assert failed.message == "A process that helps to train has run out of memory."
        assert "fewer processor cores" in failed.remedy and not failed.detail
        assert bits(experiment) == before
        trainer.send(OneUpdate())  # there is some again
        event(trainer, Updated)
    finally:
        trainer.close()
        assert joined_within(trainer, PATIENCE_S)
    for _ in range(2):
        undisturbed.update()
    undisturbed.rest()
    assert bits(experiment) == bits(undisturbed)


def raising_in_helpers(part: tuple[type, str]) -> Any:
    whole = getattr(*part)

    def fail(self: Any, *told: Any) -> None:
        if isinstance(threading.current_thread(), HelperThread):
            np.zeros(2**55)  # NumPy's own error, a MemoryError of another name
        whole(self, *told)

    return fail


def test_what_a_helper_told_of_a_round_that_was_given_up_is_not_told_of_a_later_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rnnviz.training.workers.team.start_helpers", start_threads)
    experiment = small_experiment(**VALUES)
    experiment.use_workers(2)
    experiment.update()
    part = LanePart, "find_gradients"
    with monkeypatch.context() as patch:
        patch.setattr(*part, raising_in_helpers(part))
        with pytest.raises(Interrupted):
            experiment.update(lambda: True)
    with monkeypatch.context() as patch:
        patch.setattr(LanePart, "find_gradients", lambda self, stop: self.nothing)
        patch.setattr(Hands, "do", in_helpers_alone(Hands.do))
        with pytest.raises(RuntimeError, match="AttributeError"):
            experiment.update()
    experiment.rest()


def in_helpers_alone(do: Any) -> Any:
    def work(self: Any, *told: Any) -> None:
        if isinstance(threading.current_thread(), HelperThread):
            do(self, *told)

    return work


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (MemoryError(), "there is not enough free memory"),
        (BlockingIOError(11, "Resource temporarily unavailable"), "Resource temporarily unavailable"),
    ],
)
def test_helpers_that_cannot_be_started_are_told_with_what_to_do(
    error: Exception, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Any:
        raise error

    experiment, alone = small_experiment(**VALUES), small_experiment(**VALUES)
    with monkeypatch.context() as patch:
        patch.setattr("rnnviz.training.workers.team.start_helpers", fail)
        experiment.use_workers(2)
        said = rf"cannot be started: {why}\. Nothing is lost: .* one processor core"
        with pytest.raises(HelpersFailed, match=said):
            experiment.update()
    assert bits(experiment) == bits(alone)
    experiment.use_workers(1)
    experiment.update()
    alone.update()
    assert bits(experiment) == bits(alone)


def test_a_lane_that_finds_no_room_in_shared_memory_stays_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rnnviz.training.workers.team.start_helpers", start_threads)
    experiment, alone = small_experiment(**VALUES), small_experiment(**VALUES)
    for one in (experiment, alone):
        one.update()
    with monkeypatch.context() as patch:
        patch.setattr(LanguageModel, "workspace", lambda *_, **__: np.zeros(2**55))
        experiment.use_workers(2)
        with pytest.raises(HelpersFailed, match="not enough free memory"):
            experiment.update()
    assert bits(experiment) == bits(alone)
    experiment.use_workers(1)
    for one in (experiment, alone):
        one.update()
    assert bits(experiment) == bits(alone)


def test_a_helper_whose_pipe_has_closed_is_gone_though_its_process_still_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rnnviz.training.workers.team.start_helpers", start_threads)
    experiment = small_experiment(**VALUES)
    experiment.use_workers(2)
    experiment.update()
    team = experiment._crew.team
    assert team is not None
    team._get_ready(None)
    team._pipes[0].close()
    experiment.changes.intervene(HoldGate("f", 0.2), 0, None)
    with pytest.raises(WorkerGone):
        experiment.update()
    assert experiment.update()[0].step == 2
    experiment.rest()


@signals
def test_the_training_thread_tells_of_a_dead_helper_and_goes_on_when_asked() -> None:
    experiment = small_experiment(**VALUES)
    trainer = Trainer(experiment)
    trainer.start()
    try:
        trainer.send(UseWorkers(2))
        trainer.send(OneUpdate())
        event(trainer, Updated)
        os.kill(helper_of(experiment).pid, signal.SIGKILL)
        trainer.send(OneUpdate())
        failed = event(trainer, Failed)
        assert failed.step == 1 and "A process that helps to train was ended by signal 9" in failed.message
        assert trainer.state == "failed"
        trainer.send(OneUpdate())
        assert event(trainer, Updated).updates[0].step == 2
    finally:
        trainer.close()
        assert joined_within(trainer, PATIENCE_S)
    assert experiment._crew.team is None, "the end of the trainer is the end of its helpers"


def test_a_trainer_in_a_process_of_its_own_has_helpers_too(tmp_path: Path) -> None:
    experiment, alone = small_experiment(**VALUES), small_experiment(**VALUES)
    alone.use_workers(1)
    wanted = [alone.update()[0].loss for _ in range(2)]
    experiment.use_workers(2)
    trainer = ApartTrainer(experiment, (), Reserve())
    trainer.start()
    try:
        found = []
        for _ in wanted:
            trainer.send(OneUpdate())
            found.append(event(trainer, Updated).updates[0].loss)
    finally:
        trainer.close()
        assert joined_within(trainer, PATIENCE_S)
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    checkpoint.save(experiment, tmp_path / "with_workers.safetensors")
    assert b"workers" not in (tmp_path / "with_workers.safetensors").read_bytes()


class CutOffError(Exception):
    """The process ends here."""


@pytest.mark.parametrize("optimizer", ["adam", "momentum", "sgd"])
@pytest.mark.parametrize("cut", [0, 1, 2])
def test_an_update_that_a_dying_process_has_begun_is_finished_to_the_same_bits(
    optimizer: str, cut: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, torn = _stretch(optimizer), _stretch(optimizer)
    assert len(whole.stretch._chunks) == 3, "or there is nothing to cut in two"
    whole.stretch.change()
    change, calls = torn.stretch._optimizer.change, iter(range(3))

    def tear(chunks: Any, lr: float, factor: float) -> None:
        change(chunks, lr, factor)
        if next(calls) == cut:
            for array in chunks[0][:-1]:
                array[::2] += 1.0  # some of it done, and done wrong
            raise CutOffError

    monkeypatch.setattr(torn.stretch._optimizer, "change", tear)
    with pytest.raises(CutOffError):
        torn.stretch.change()
    assert torn.arrays["chunks"][0, 1, CHANGED] == cut
    UpdateOfStretch(torn.arrays, torn.plan, 1).finish()
    for name in whole.arrays.places:
        if "journal" not in name:
            np.testing.assert_array_equal(torn.arrays[name], whole.arrays[name], err_msg=name)


class _Made:
    """A stretch of a lane of two workers, with numbers in it."""

    def __init__(self, optimizer: str) -> None:
        settings = small_settings(hidden=460, optimizer=optimizer)
        experiment = small_experiment(hidden=460, optimizer=optimizer)
        spec = experiment.lanes[0].model.spec
        size = len(experiment.lanes[0].model.parameters.values)
        parts = {0: Part(0, 0, 2), 1: Part(0, 2, 3)}
        self.plan = LanePlan(0, spec, optimizer, settings.experiment.window, 3, 0.0, parts, False)
        self.arrays = SharedArrays.allocate(shared_shapes(1, 2, 4, 3) | self.plan.shapes(size))
        rng = np.random.default_rng(3)
        for name in self.arrays.places:
            if self.arrays[name].dtype == np.float32 and "journal" not in name:
                self.arrays[name][...] = rng.random(self.arrays[name].shape)
        self.arrays["counts"][0, STEP] = 256  # one at which the small moments are flushed
        self.arrays["rates"][0, [LR, FACTOR]] = 0.01, 0.5
        self.stretch = UpdateOfStretch(self.arrays, self.plan, 1)


def _stretch(optimizer: str) -> _Made:
    return _Made(optimizer)
