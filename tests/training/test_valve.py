"""The valve: what an LSTM that has learned to remember loses when its gates are shut, and gets back.

On *recall* the letter must get past every word between it and the answer. Straight along c it meets the
forget gate alone; but each word also reads h, and what h knows of the letter can be written into c anew. So
a forget gate shut at one word cuts the straight way and leaves the way round, and how much of the answer is
lost differs from seed to seed. With the input gate shut at the same word as well nothing gets past it, and
with the forget gate shut at every word nothing stays.

The figures of several seeds: `python -m pytest -m slow -s tests/training/test_valve.py`.
"""

import math
import statistics
from dataclasses import dataclass

import numpy as np
import pytest

from rnnviz.probes import Trace, TraceRequest
from rnnviz.text import Task, text_from_string
from rnnviz.training import CellChoice, Experiment, HoldGate, MemoryPlan, prepare

LSTM = CellChoice("lstm")
ABOUT_CHANCE = 0.08  # of some 500 answers: four standard deviations


@dataclass(frozen=True)
class Reading:
    """What is left under one intervention."""

    accuracy: float  # right answers of the validation part
    share: float  # of the answer's error, at the letter that it depends on
    trace: Trace


def learned(distance: int, seed: int, examples: int, most_updates: int, **values: object) -> Experiment:
    """An LSTM as the memory experiment trains it, until it answers all right."""
    task = Task("recall", distance, examples, seed)
    settings = MemoryPlan((LSTM,), (distance,), 1, given=values).settings(task, LSTM)
    assert settings.lane.forget_bias == 3 and settings.experiment.window > 2 * distance
    experiment = prepare(text_from_string(task.text(), "recall.txt"), settings)
    while experiment.step < most_updates:
        experiment.update()
        if experiment.step % 50 == 0 and experiment.validate().accuracy > 0.995:
            break
    return experiment


def reading(experiment: Experiment, distance: int) -> Reading:
    """The first example of the validation part, traced up to its answer; and all of them answered."""
    corpus = experiment.corpus
    assert corpus.valid_examples is not None
    begin = int(np.flatnonzero(corpus.valid_examples.starts)[0])
    ids = [int(i) for i in corpus.valid_ids[begin : begin + distance + 2]]
    words = tuple(corpus.vocabulary.decode(ids))
    assert words[0] == words[-1] and words[0] in "abcd"
    asked = TraceRequest(tuple(ids[:-1]), words[:-1], ids[-1], words[-1], frozenset(), 1)
    trace = experiment.trace(asked)[0]
    return Reading(experiment.validate().accuracy, float(trace.share_left(distance, 0)[0]), trace)


def with_held(experiment: Experiment, distance: int, *held: HoldGate) -> Reading:
    """The reading while these are held; they are taken back afterwards."""
    for one in held:
        experiment.changes.intervene(one)
    found = reading(experiment, distance)
    for _ in held:
        experiment.changes.undo()
    return found


def check_the_valve(distance: int, experiment: Experiment) -> tuple[Reading, ...]:
    """All that holds of every learned LSTM; the readings: open, one word, both gates, every word."""
    middle, chance = distance // 2, Task("recall", distance).chance
    forget, let_in = HoldGate("f", 0.0, step=middle), HoldGate("i", 0.0, step=middle)
    free = reading(experiment, distance)
    assert free.accuracy > 0.99

    shut = with_held(experiment, distance, forget)
    beyond = shut.trace.direct_matrix
    assert beyond is not None and free.trace.direct_matrix is not None
    assert not beyond[-1, :middle].any() and beyond[-1, middle].all()  # straight along c nothing passes
    assert free.trace.direct_matrix[-1, :middle].all()
    assert shut.trace.state_gradient_matrix[-1, :middle].all()  # what arrives there has gone round

    both = with_held(experiment, distance, forget, let_in)
    assert abs(both.accuracy - chance) < ABOUT_CHANCE
    assert not both.trace.state_gradient_matrix[-1, :middle].any()
    assert free.trace.state_gradient_matrix[-1, : middle + 1].all()

    every = with_held(experiment, distance, HoldGate("f", 0.0))
    assert abs(every.accuracy - chance) < ABOUT_CHANCE
    assert every.share < free.share

    opened = reading(experiment, distance)
    assert opened.accuracy == free.accuracy
    for name, array in free.trace.arrays().items():
        np.testing.assert_array_equal(opened.trace.arrays()[name], array)
    return free, shut, both, every


def test_shut_gates_cut_off_what_was_remembered_and_opening_them_brings_it_back():
    free, _, _, every = check_the_valve(20, learned(20, seed=4, examples=3000, most_updates=1000))
    assert free.share > 100 * every.share


@pytest.mark.slow
def test_the_valve_over_several_seeds():
    """Hidden 32, Adam at 0.01, Xavier, forget bias 3, window 46, until all answers are right."""
    factors, right = [], []
    for seed in range(1, 7):
        experiment = learned(20, seed, examples=5000, most_updates=1500)
        readings = check_the_valve(20, experiment)
        free, shut, _, every = readings
        factors.append(free.share / every.share)
        right.append(shut.accuracy)
        print(f"\nseed {seed}, {experiment.step} updates")
        for name, found in zip(
            ("all open", "f shut at word 11", "f and i", "f everywhere"), readings, strict=True
        ):
            left = f"{found.share:.3g} of the error left at the letter"
            factor = free.share / found.share if found.share else math.inf
            print(f"{name:>18}: {found.accuracy:6.1%} right, {left}, factor {factor:.3g}")
    print(f"median with f shut at word 11 alone: {statistics.median(right):.1%} right")
    assert min(right) < 0.9
    assert min(factors) > 100
