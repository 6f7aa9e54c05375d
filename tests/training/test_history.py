"""The time machine: from update 0 to now, evenly, within its memory."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.training import Frame, History
from tests.training.runs import request, small_experiment

EXPERIMENT = small_experiment()
TRACE = EXPERIMENT.trace(
    dataclasses.replace(request(EXPERIMENT), needs=frozenset({"probs"})),
)[0]


def moment(step: int) -> Frame:
    return Frame(step, 1, (dataclasses.replace(TRACE, step=step),), progress=None)  # type: ignore[arg-type]


def size_of_one() -> int:
    history = History(10**9)
    history.append(moment(0))
    return history.n_bytes


@given(
    capacity=st.integers(2, 12),
    gaps=st.lists(st.integers(1, 50), min_size=1, max_size=150),
)
def test_it_reaches_from_the_first_update_to_the_newest_evenly(capacity: int, gaps: list[int]) -> None:
    history = History(capacity * size_of_one())
    offered = [0, *np.cumsum(gaps).tolist()]
    for step in offered:
        history.append(moment(step))
        assert history.n_bytes <= history.limit_bytes
        assert history.steps[0] == 0 and history.steps[-1] == step
    places = [offered.index(step) for step in history.steps]
    strides = set(np.diff(places[:-1]).tolist())
    assert len(strides) <= 1  # all but the newest stand equally far apart, counted in offered moments
    if strides:
        stride = strides.pop()
        assert stride & (stride - 1) == 0  # every second one was dropped, so many times
        assert places[-1] - places[-2] <= stride
        assert stride == 1 or len(places) > capacity // 2


def test_without_need_nothing_is_dropped() -> None:
    history = History(10**9)
    for step in range(200):
        history.append(moment(step))
    assert history.steps == tuple(range(200)) and len(history) == 200


def test_two_moments_stay_whatever_the_memory() -> None:
    history = History(1)
    for step in range(9):
        history.append(moment(step))
    assert history.steps == (0, 8)


def test_probabilities_are_dropped_and_candidates_kept() -> None:
    assert TRACE.probs is not None
    history = History(10**9)
    history.append(moment(0))
    kept = history.nearest(0).traces[0]
    assert kept.probs is None
    assert np.array_equal(kept.candidate_probs, TRACE.candidate_probs)
    assert np.array_equal(kept.gradient_matrix, TRACE.gradient_matrix)


def test_the_nearest_moment_is_found() -> None:
    history = History(10**9)
    for step in (0, 10, 30):
        history.append(moment(step))
    nearest = [history.nearest(step).step for step in (-5, 0, 4, 5, 6, 10, 20, 21, 30, 99)]
    assert nearest == [0, 0, 0, 0, 10, 10, 10, 30, 30, 30]


def test_an_empty_history_has_no_moment() -> None:
    history = History(100)
    assert len(history) == 0 and history.first is None and history.last is None and history.steps == ()
    with pytest.raises(IndexError):
        history.nearest(0)


def test_another_trace_of_the_newest_update_replaces_it() -> None:
    history = History(10**9)
    history.append(moment(0))
    history.append(moment(5))
    again = dataclasses.replace(moment(5), generation=2)
    history.append(again)
    assert history.steps == (0, 5)
    assert history.last is not None and history.last.generation == 2
    history.append(moment(6))
    assert history.steps == (0, 5, 6)


def test_an_earlier_update_begins_a_new_run() -> None:
    history = History(10**9)
    for step in (0, 5, 9, 0, 2):
        history.append(moment(step))
    assert history.steps == (0, 2)
    assert history.n_bytes == 2 * size_of_one()


def test_a_run_that_went_back_loses_what_it_took_back_and_keeps_what_came_before() -> None:
    history = History(10**9)
    for step in (0, 5, 9):
        history.append(moment(step))
    history.go_back(5, change=2)
    assert history.steps == (0,)  # the moment at 5 may have been of the network that was taken back
    for step in (5, 9, 12):
        history.append(dataclasses.replace(moment(step), change=2))
    assert history.steps == (0, 5, 9, 12)
    history.append(dataclasses.replace(moment(7), change=4))  # before anybody has told of it
    assert history.steps == (0, 5, 7)
    history.go_back(6, change=4)
    assert history.steps == (0, 5, 7) and history.n_bytes == 3 * size_of_one()


def test_a_run_that_was_started_over_is_a_new_one_even_after_an_intervention() -> None:
    history = History(10**9)
    for step in (0, 5, 9):
        history.append(moment(step))
    history.append(dataclasses.replace(moment(20), run=1, change=3))
    assert history.steps == (20,)


def test_a_run_that_goes_on_from_an_earlier_snapshot_keeps_the_moments_before_it() -> None:
    history = History(10**9)
    for step in (0, 5, 9):
        history.append(moment(step))
    history.append(moment(7))
    assert history.steps == (0, 5, 7)
