"""Several workers make the updates that one makes, but for rounding: helpers are threads here."""

import math
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnviz.engine import Interrupted
from rnnviz.text import Task
from rnnviz.training import (
    Diverged,
    DoesNotFit,
    Experiment,
    HoldGate,
    ScaleRecurrent,
    SilenceUnit,
    Update,
    machine_memory,
    prepare,
)
from rnnviz.training.workers import team as team_module
from rnnviz.training.workers.room import bytes_of
from tests.training.runs import bits, small_experiment, small_settings, small_text
from tests.training.workers.threads import start_threads

N_UPDATES = 20
EXPLODES: dict[str, Any] = {"activation": "relu", "hidden": 40, "clip": 0.0, "optimizer": "sgd", "lr": 100.0}
CELLS = ("rnn", "lstm", "gru", "feedforward")
DEEP: dict[str, Any] = {"layers": 2, "embedding": 4, "dropout": 0.3, "batch": 5, "clip": 0.1}
DEEP["dtype"] = "float64"  # so that rounding is far below any fault


@pytest.fixture(autouse=True, params=["made whole", "in stretches"])
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnviz.training.workers.team.start_helpers", start_threads)
    if request.param == "in stretches":
        monkeypatch.setattr("rnnviz.training.workers.team.MOST_MADE_WHOLE", 0)


@pytest.fixture
def trained() -> Iterator[Any]:
    made: list[Experiment] = []

    def train(experiment: Experiment, workers: int, n: int = N_UPDATES) -> list[tuple[Update, ...]]:
        made.append(experiment)
        experiment.use_workers(workers)
        return [experiment.update() for _ in range(n)]

    yield train
    for experiment in made:
        experiment.rest()


def task_experiment(**values: Any) -> Experiment:
    settings = {"hidden": 6, "window": 14, "batch": 5, "dtype": "float64", "loss": "marked", "cell": "lstm"}
    return prepare(Task("recall", 3, examples=120, seed=2), small_settings(**(settings | values)))


def race_experiment(**values: Any) -> Experiment:
    shared = small_settings(batch=6, dtype="float64", **values)
    lanes = [
        shared.with_values({"cell": "rnn"}).lane,
        shared.with_values({"cell": "lstm", "hidden": 9, "dropout": 0.2}).lane,
        shared.with_values({"cell": "gru", "optimizer": "rmsprop", "layers": 2}).lane,
    ]
    return prepare(small_text(), shared.with_lanes(lanes))


def numbers(updates: list[tuple[Update, ...]]) -> np.ndarray[Any, Any]:
    return np.array(
        [[u.loss, u.grad_norm, u.clip_factor, u.accuracy, u.lane] for many in updates for u in many]
    )


def assert_same_but_for_rounding(one: Experiment, several: Experiment) -> None:
    mine, theirs = one.snapshot(), several.snapshot()
    assert (mine.step, mine.epoch, mine.position, mine.resets) == (
        theirs.step,
        theirs.epoch,
        theirs.position,
        theirs.resets,
    )
    for a, b in zip(mine.lanes, theirs.lanes, strict=True):
        assert a.dropout == b.dropout, "as many masks were drawn"
        for group in ("parameters", "optimizer", "state"):
            there = getattr(b, group)
            for name, array in getattr(a, group).items():
                np.testing.assert_allclose(there[name], array, rtol=1e-7, atol=1e-11, err_msg=name)


@pytest.mark.parametrize("workers", [2, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_a_divided_batch_is_learned_as_a_whole_one(cell: str, workers: int, trained: Any) -> None:
    one, several = (small_experiment(cell=cell, **DEEP) for _ in range(2))
    wanted, found = trained(one, 1), trained(several, workers)
    np.testing.assert_allclose(numbers(found), numbers(wanted), rtol=1e-9)
    assert (numbers(wanted)[:, 2] < 1).any(), "clipping acts"
    assert_same_but_for_rounding(one, several)


@pytest.mark.parametrize("loss", ["marked", "all"])
def test_answers_that_lie_unevenly_count_as_in_the_whole_batch(loss: str, trained: Any) -> None:
    one, several = task_experiment(loss=loss), task_experiment(loss=loss)
    wanted, found = trained(one, 1), trained(several, 3)
    np.testing.assert_allclose(numbers(found), numbers(wanted), rtol=1e-9)
    assert not np.isnan(numbers(found)[:, 3]).any()
    assert_same_but_for_rounding(one, several)


def test_the_lanes_of_a_race_are_divided(trained: Any) -> None:
    one, several = race_experiment(), race_experiment()
    wanted, found = trained(one, 1), trained(several, 2)
    np.testing.assert_allclose(numbers(found), numbers(wanted), rtol=1e-9)
    assert_same_but_for_rounding(one, several)


def test_a_lane_that_breaks_drops_out_as_with_one_worker(trained: Any) -> None:
    def race() -> Experiment:
        settings = small_settings(batch=4, window=12)
        breaks = settings.with_values(EXPLODES).lane
        return prepare(small_text(), settings.with_lanes([settings.lane, breaks]))

    one, several = race(), race()
    wanted, found = trained(one, 1), trained(several, 2)
    assert one.lanes[1].failure is not None
    assert several.lanes[1].failure == one.lanes[1].failure
    assert [u.lane for many in found for u in many] == [u.lane for many in wanted for u in many]
    np.testing.assert_allclose(
        several.lanes[0].model.parameters.values, one.lanes[0].model.parameters.values, rtol=1e-3, atol=1e-5
    )


def test_a_network_that_breaks_is_taken_back_as_with_one_worker(trained: Any) -> None:
    one, several = (small_experiment(batch=4, window=12, **EXPLODES) for _ in range(2))
    with pytest.raises(Diverged) as wanted:
        trained(one, 1)
    with pytest.raises(Diverged) as found:
        trained(several, 2)
    assert found.value.cause == wanted.value.cause
    assert several.step == one.step
    assert np.isfinite(several.lanes[0].model.parameters.values).all()
    for experiment in (one, several):  # of the network that was taken back no worker has a copy any more
        experiment.change("lr", 1e-9)
        assert math.isfinite(experiment.update()[0].loss)


def test_what_is_held_and_changed_is_so_for_all_workers(trained: Any) -> None:
    pair = [small_experiment(cell="lstm", **DEEP) for _ in range(2)]
    deeds: list[Callable[[Experiment], object]] = [
        lambda _: None,
        lambda experiment: experiment.changes.intervene(HoldGate("f", 0.2), 0, None),
        lambda experiment: experiment.changes.intervene(SilenceUnit(1, 0), 0, None),
        lambda experiment: experiment.changes.intervene(ScaleRecurrent(0.3), 0, None),
        lambda experiment: experiment.changes.undo(),
    ]
    for deed in deeds:
        for experiment, workers in zip(pair, (1, 3), strict=True):
            deed(experiment)
            trained(experiment, workers, 3)
        assert_same_but_for_rounding(*pair)


def test_frozen_vectors_stay_and_count_for_no_norm(trained: Any, tmp_path: Path) -> None:
    vectors = tmp_path / "glove.txt"
    words = ("Napoleon", "was", "the", "Emperor", "of", "France", "Russia", "and")
    lines = (f"{word} {i}.5 {i % 3 - 1}.25 0.125" for i, word in enumerate(words))
    vectors.write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings = {
        "vectors": str(vectors),
        "vectors_frozen": True,
        "cell": "gru",
        "dtype": "float64",
        "batch": 5,
    }
    one, several = (small_experiment(**settings) for _ in range(2))
    before = one.lanes[0].model.parameters.view("embedding").copy()
    wanted, found = trained(one, 1), trained(several, 2)
    np.testing.assert_allclose(numbers(found), numbers(wanted), rtol=1e-9)
    np.testing.assert_array_equal(several.lanes[0].model.parameters.view("embedding"), before)
    assert_same_but_for_rounding(one, several)


def test_the_number_of_workers_may_change_at_any_time(trained: Any) -> None:
    one, several = (small_experiment(cell="gru", **DEEP) for _ in range(2))
    trained(one, 1, 12)
    for workers, n in ((1, 3), (2, 3), (4, 3), (1, 3)):
        trained(several, workers, n)
    assert_same_but_for_rounding(one, several)


def test_a_new_experiment_goes_on_from_a_divided_one_to_the_bit(trained: Any) -> None:
    whole, first, second = (small_experiment(cell="lstm", **DEEP) for _ in range(3))
    trained(whole, 2, 10)
    trained(first, 2, 4)
    second.restore(first.snapshot())
    trained(second, 2, 6)
    assert bits(second) == bits(whole)


def test_an_update_that_was_interrupted_is_made_again_to_the_same_bits(trained: Any) -> None:
    calm, disturbed = (small_experiment(cell="rnn", **DEEP) for _ in range(2))
    trained(calm, 2, 4)
    trained(disturbed, 2, 2)
    for looks in (1, 5, 9, 14):
        left = iter(range(looks))
        with pytest.raises(Interrupted):
            while True:
                disturbed_step = disturbed.step
                disturbed.update(lambda left=left: next(left, None) is None)
                pytest.fail(f"update {disturbed_step} was not interrupted")
    trained(disturbed, 2, 2)
    assert bits(disturbed) == bits(calm)


def test_starting_over_gives_the_same_bits(trained: Any) -> None:
    experiment = small_experiment(cell="lstm", **DEEP)
    trained(experiment, 2, 5)
    wanted = bits(experiment)
    experiment.start_over()
    trained(experiment, 2, 5)
    assert bits(experiment) == wanted


def test_more_workers_than_sequences_leave_the_rest_at_home(trained: Any) -> None:
    experiment = small_experiment(batch=1)
    trained(experiment, 4, 2)
    assert experiment._crew.team is None
    assert bits(experiment) == bits_of_one_worker()


def bits_of_one_worker() -> dict[str, bytes]:
    alone = small_experiment(batch=1)
    for _ in range(2):
        alone.update()
    return bits(alone)


def test_helpers_that_do_not_fit_are_refused_with_numbers(
    trained: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = small_experiment()
    before = bits(experiment)
    monkeypatch.setattr(machine_memory, "free_memory", lambda: 1_000)
    with pytest.raises(
        DoesNotFit, match=r"with 2 processes needs about .* GB are free\. Take fewer processes"
    ):
        trained(experiment, workers=2, n=1)
    assert bits(experiment) == before
    trained(experiment, workers=1, n=1)
    assert experiment.step == 1


@pytest.mark.parametrize(("hidden", "optimizer"), [(700, "adam"), (400, "adam"), (400, "sgd")])
def test_the_estimate_of_what_helpers_need_is_what_they_take(
    hidden: int, optimizer: str, trained: Any
) -> None:
    experiment = small_experiment(hidden=hidden, optimizer=optimizer, window=5, batch=6)
    trained(experiment, workers=1, n=1)
    tracemalloc.start()
    try:
        trained(experiment, workers=3, n=1)
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    team = experiment._crew.team
    assert team is not None
    (plan,) = team._plans
    assert plan.is_made_whole == (plan.spec.stored_count() <= team_module.MOST_MADE_WHOLE)
    took = len(team._arrays.block) + grown
    assert took <= bytes_of(plan) <= 1.2 * took
