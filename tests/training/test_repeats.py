"""The lanes of a race from other seeds: the bits of the race itself for its own seed, others for others."""

import math
from dataclasses import replace

import pytest

from rnnviz.probes import TraceRequest
from rnnviz.training import RepeatPlan, RepeatRun, prepare, repeat_lane, repeats_text, seeds_from
from tests.training.runs import small_settings, small_text


def plan_for(experiment, steps=3, seeds=(1, 2)):
    words, ids = experiment.corpus.encode("Napoleon was the Emperor of")
    answer = experiment.corpus.encode("France")[1][0]
    asked = TraceRequest(tuple(map(int, ids)), tuple(words), int(answer), "France", frozenset(), 0)
    return RepeatPlan(experiment.settings, steps, asked, len(words) - 1, seeds)


@pytest.fixture
def race():
    alone = small_settings(hidden=6)
    lanes = [alone.lane, replace(alone.lane, cell="lstm")]
    return prepare(small_text(), alone.with_lanes(lanes))


def test_a_lane_from_the_same_seed_is_that_of_the_race_to_the_bit(race):
    plan = plan_for(race, seeds=(race.settings.experiment.seed, 9))
    told = []
    results = [repeat_lane(race.corpus, plan, run, told.append) for run in plan.runs()]
    for _ in range(3):
        race.update()
    same = {v.lane: v for v in race.validation() if v is not None}
    traces = race.trace(plan.asked)
    for lane in (0, 1):
        mine, other = (next(r for r in results if (r.lane, r.seed) == (lane, seed)) for seed in plan.seeds)
        assert (mine.valid_loss, mine.valid_accuracy, mine.updates) == (
            same[lane].loss,
            same[lane].accuracy,
            3,
        )
        assert mine.share_left == traces[lane].share_left(plan.error_step, 0)[0] > 0
        assert other.valid_loss != mine.valid_loss
        assert mine.title == race.lanes[lane].title


def test_a_lane_tells_how_far_it_is(race):
    told = []
    repeat_lane(race.corpus, plan_for(race, steps=20), RepeatRun(0, 1), told.append)
    assert told == [0.5, 1.0]


def test_a_run_that_breaks_says_why():
    explodes = {"lr": 100.0, "optimizer": "sgd", "clip": 0.0, "activation": "relu"}
    alone = prepare(small_text(), small_settings(**(explodes | {"window": 12, "hidden": 40})))
    broken = repeat_lane(alone.corpus, plan_for(alone, steps=60), RepeatRun(0, 1), lambda _: None)
    assert "learning rate" in broken.failure and broken.updates < 60 and math.isnan(broken.valid_loss)
    assert repeats_text([broken]).splitlines()[1].split(",")[4:7] == ["", "", ""]


def test_what_is_done_is_not_done_again(race):
    plan = plan_for(race, steps=1)
    first = repeat_lane(race.corpus, plan, plan.runs()[0], lambda _: None)
    assert plan.runs([first]) == plan.runs()[1:] and len(plan.runs()) == 4
    table = repeats_text([first]).splitlines()
    assert table[0].startswith("lane,title,seed,updates,valid_loss") and table[1].startswith(
        "1,tanh RNN,1,1,"
    )


def test_seeds_begin_with_the_one_of_the_race_and_stay_within_their_range():
    assert seeds_from(7) == (7, 8, 9, 10, 11)
    assert seeds_from(2**32 - 1)[-1] == 2**32 - 1
