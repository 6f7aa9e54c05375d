"""The memory experiment: every cell, distance and seed once, on equal terms; partial results stand."""

import math
from dataclasses import replace

import pytest

from rnnviz.engine import Interrupted
from rnnviz.text import Task, text_from_string
from rnnviz.training import (
    CellChoice,
    MemoryPlan,
    MemoryResult,
    SettingError,
    prepare,
    run_memory_experiment,
    summary,
)

TANH, LSTM = CellChoice("rnn", "tanh"), CellChoice("lstm")
QUICK = {"hidden": 8, "batch": 8}


def plan_of(*cells, distances=(2, 3), seeds=2, steps=3, **given):
    return MemoryPlan(cells or (TANH, LSTM), distances, seeds, steps=steps, given=QUICK | given)


def results_of(plan):
    return list(run_memory_experiment(plan, lambda: False))


def test_every_cell_is_trained_at_every_distance_with_every_seed():
    plan = plan_of()
    found = [(r.seed, r.distance, r.cell, r.activation) for r in results_of(plan)]
    assert len(found) == plan.count == 8
    assert found == [
        (seed, distance, *cell)
        for seed in (1, 2)
        for distance in (2, 3)
        for cell in (("rnn", "tanh"), ("lstm", ""))
    ]


def test_a_result_is_that_of_the_run_it_describes():
    plan = plan_of(LSTM, distances=(4,), seeds=1, lr=0.02)
    result = results_of(plan)[0]
    from_text = Task("recall", 4, seed=1)
    experiment = prepare(text_from_string(from_text.text(), "x"), plan.settings(from_text, LSTM))
    for _ in range(3):
        experiment.update()
    validation = experiment.validate()
    assert (result.accuracy, result.loss, result.updates) == (validation.accuracy, validation.loss, 3)
    assert result.parameters == experiment.lanes[0].model.spec.parameter_count()
    assert (result.lr, result.hidden, result.batch, result.window) == (0.02, 8, 8, 14)
    assert (result.forget_bias, result.init, result.chance) == (3.0, "xavier", 0.25)


def test_a_network_is_done_when_it_is_right():
    easy = plan_of(TANH, distances=(2,), seeds=1, steps=1000, hidden=32, batch=32)
    assert results_of(easy)[0].updates < 1000 and results_of(easy)[0].accuracy >= 0.995


def test_the_forget_bias_is_the_lstms_alone():
    by_cell = {r.cell: r.forget_bias for r in results_of(plan_of(seeds=1, steps=1, forget_bias=1.5))}
    assert by_cell == {"rnn": 0.0, "lstm": 1.5}


def test_what_was_done_before_an_interruption_stands():
    done = []
    with pytest.raises(Interrupted):
        done.extend(run_memory_experiment(plan_of(), lambda: len(done) == 3))
    assert [r.seed for r in done] == [1, 1, 1]


def test_a_run_that_breaks_is_told_and_the_next_go_on():
    plan = plan_of(
        CellChoice("rnn", "relu"), TANH, distances=(20,), seeds=1, steps=40,
        optimizer="sgd", lr=100.0, clip=0.0, init="orthogonal",
    )  # fmt: skip
    broken, sound = results_of(plan)
    assert math.isnan(broken.accuracy) and broken.updates < 40 and not math.isnan(sound.accuracy)
    assert summary([broken], CellChoice("rnn", "relu"), 20).broken == 1


def test_progress_goes_from_nothing_to_the_end():
    told = []
    list(run_memory_experiment(plan_of(), lambda: False, lambda share, doing: told.append((share, doing))))
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[0] == 0 and 0.8 < shares[-1] < 1
    assert told[0][1].startswith("rnn:tanh, distance 2, seed 1: ")


def test_the_summary_is_mean_and_standard_deviation_over_the_seeds():
    one = results_of(plan_of(TANH, distances=(2,), seeds=1))[0]
    runs: list[MemoryResult] = [replace(one, seed=i, accuracy=a) for i, a in enumerate((0.5, 0.7, 0.9))]
    found = summary([*runs, replace(one, cell="gru"), replace(one, distance=9)], TANH, 2)
    assert (found.mean, found.spread, found.median) == pytest.approx((0.7, 0.2, 0.7))
    assert (found.seeds, found.broken) == (3, 0)
    assert math.isnan(summary(runs[:1], TANH, 2).spread) and math.isnan(summary(runs, LSTM, 2).mean)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mamba", "no cell 'mamba'"),
        ("lstm:tanh", "has no activation to choose: write lstm"),
        ("rnn:sin", "no activation 'sin'; write rnn:tanh"),
    ],
)
def test_a_cell_that_cannot_be_compared_is_refused(text, said):
    with pytest.raises(SettingError, match=said):
        CellChoice.written(text)


def test_a_cell_is_written_as_it_is_read():
    for text in ("rnn:sigmoid", "rnn:tanh", "lstm", "gru", "feedforward:relu"):
        assert str(CellChoice.written(text)) == text
    assert CellChoice.written("rnn") == TANH


def test_a_distance_that_the_task_has_not_is_refused_before_the_work():
    with pytest.raises(ValueError, match="the distance of reber must be from 5"):
        MemoryPlan((TANH,), (10, 2), 1, task="reber")
