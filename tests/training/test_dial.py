"""The dial: the newest numbers, read at any moment from anywhere."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from rnnviz.training import (
    Dial,
    Reserve,
    RunSettings,
    StartOver,
    Train,
    Update,
    classic_four,
    prepare,
)
from rnnviz.training.apart import ApartTrainer
from rnnviz.training.dial import N_NUMBERS
from tests.training.runs import (
    PATIENCE_S,
    running,
    small_experiment,
    small_settings,
    small_text,
    until,
    until_state,
)


def update(step: int, loss: float, lane: int = 0) -> Update:
    return Update(step, loss, 1.0, 1.0, 12, lane)


def test_a_dial_says_what_was_set_last() -> None:
    dial = Dial()
    assert dial.read() is None, "nothing was ever set"
    dial.forget(3)
    first = dial.read()
    assert first is not None and first.step == 3 and math.isnan(first.loss_of(0))
    dial.set(4, (update(4, 2.5), update(4, 1.5, lane=2)))
    second = dial.read()
    assert second is not None and second.count != first.count
    assert second.step == 4 and second.loss_of(0) == 2.5 and second.loss_of(2) == 1.5
    assert math.isnan(second.loss_of(1)), "a lane that told nothing has no loss of 0"
    dial.set_loss(2, 0.5)
    third = dial.read()
    assert third is not None and (third.step, third.loss_of(0), third.loss_of(2)) == (4, 2.5, 0.5)
    assert third.count != second.count


def test_nothing_is_read_while_it_is_being_set() -> None:
    numbers = [0.0] * 6
    dial = Dial(numbers)
    dial.set(1, (update(1, 2.0),))
    numbers[0] += 1  # as a writer does first
    assert dial.read() is None
    numbers[0] += 1
    assert dial.read() is not None


class Meddled(list[float]):
    """Memory in which somebody sets the dial just while its numbers are read."""

    def __init__(self, meddle: Callable[["Meddled"], None]) -> None:
        super().__init__([0.0] * N_NUMBERS)
        self._meddle = meddle

    def __getitem__(self, at: Any) -> Any:
        if not isinstance(at, slice):
            return super().__getitem__(at)
        first = super().__getitem__(at)[:2]
        self._meddle(self)
        return first + super().__getitem__(at)[2:]  # some of before, some of after


def test_numbers_of_two_moments_are_never_read_as_those_of_one() -> None:
    steps = iter((2, 3))

    def meddle(memory: Meddled) -> None:
        if step := next(steps, 0):
            Dial(memory).set(step, [update(step, float(step), lane) for lane in range(2)])

    dial = Dial(Meddled(meddle))
    dial.set(1, [update(1, 1.0, lane) for lane in range(2)])
    read = dial.read()
    assert read is not None and (read.step, *read.losses[:2]) == (3, 3.0, 3.0), (
        "read again until nobody meddles"
    )


def test_a_dial_that_never_rests_says_nothing_and_holds_nobody_up() -> None:
    dial = Dial(Meddled(lambda memory: Dial(memory).set(2, ())))
    dial.set(1, ())
    assert dial.read() is None


def test_a_dial_that_an_error_has_left_half_set_is_read_once_it_is_set_again() -> None:
    dial = Dial()
    dial.set(1, (update(1, 2.0),))
    with pytest.raises(IndexError):
        dial.set(2, (update(2, 1.5), update(2, 1.5, lane=99)))
    assert dial.read() is None, "half of it is of one update, half of another"
    dial.set(3, (update(3, 1.0),))
    read = dial.read()
    assert read is not None and (read.step, read.loss_of(0)) == (3, 1.0)


def test_a_trainer_sets_it_at_each_update_and_forgets_with_the_run() -> None:
    with running(small_experiment()) as trainer:
        trainer.send(Train(until=7))
        until_state(trainer, "paused")
        reading = trainer.dial.read()
        assert reading is not None and reading.step == 7
        assert reading.loss_of(0) == trainer.log.since(0)["loss"][-1]
        trainer.send(StartOver())
        until_state(trainer, "ready")
        reading = trainer.dial.read()
        assert reading is not None and reading.step == 0 and math.isnan(reading.loss_of(0))


def test_a_lane_tells_its_loss_while_the_others_are_still_at_it() -> None:
    settings: RunSettings = classic_four(small_settings())
    experiment = prepare(small_text(), settings)
    told: list[tuple[int, float, int]] = []
    updates = experiment.update(tell=lambda lane, loss: told.append((lane, loss, experiment.step)))
    assert [(lane, loss) for lane, loss, _ in told] == [(one.lane, one.loss) for one in updates]
    assert {step for _, _, step in told} == {0}, "before the update was made"


def test_what_a_process_learns_is_read_in_this_one() -> None:
    reserve = Reserve()
    trainer = ApartTrainer(small_experiment(), (), reserve)
    trainer.start()
    try:
        trainer.send(Train(until=40))
        until(lambda: (reading := trainer.dial.read()) is not None and reading.step == 40)
        until_state(trainer, "paused")
        reading = trainer.dial.read()
        assert reading is not None and reading.loss_of(0) == trainer.log.since(0)["loss"][-1]
    finally:
        trainer.close()
        trainer.join(PATIENCE_S)
    assert not trainer.is_alive()
