"""What is followed over training: evenly kept, from update 0 to now, in little room."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.probes import NEEDS, moment_of
from rnnviz.training import Course, History, Mailbox
from rnnviz.training.course import EvenlyKept
from rnnviz.training.watching import WHOLE, Watching
from tests.training.runs import request, small_experiment


@given(most=st.integers(3, 20), gaps=st.lists(st.integers(1, 9), max_size=200))
def test_items_are_spread_evenly_from_the_first_to_the_newest(most: int, gaps: list[int]) -> None:
    kept = EvenlyKept[int](most)
    offered = np.cumsum([0, *gaps]).tolist()
    for step in offered:
        kept.append(step, step)
        assert len(kept.items) <= most
        assert (kept.items[0], kept.items[-1], kept.newest_step) == (0, step, step)
    places = [offered.index(step) for step in kept.items]
    assert len(set(np.diff(places[:-1]).tolist())) <= 1


def test_an_item_of_the_same_update_replaces_the_newest_and_an_earlier_one_begins_anew() -> None:
    kept = EvenlyKept[str](10)
    for step, item in ((0, "a"), (3, "b"), (3, "c")):
        kept.append(step, item)
    assert kept.items == ("a", "c")
    kept.append(2, "d")
    assert kept.items == ("d",)


def test_a_moment_has_the_numbers_of_its_trace_and_where_measuring_ended() -> None:
    experiment = small_experiment()
    trace = experiment.trace(request(experiment))[0]
    moment = moment_of(trace)
    assert moment.half_life.tolist() == trace.half_life.tolist()
    assert moment.last_lag.tolist() == [trace.length - 1]
    assert moment.last_left.tolist() == [trace.decay[-1, 0]]
    halved = np.array(trace.decay)
    halved[2:] = np.nan
    short = moment_of(dataclasses.replace(trace, decay=halved))
    assert short.last_lag.tolist() == [1] and short.last_left.tolist() == [halved[1, 0]]
    silent = moment_of(dataclasses.replace(trace, decay=np.full_like(halved, np.nan)))
    assert silent.last_lag.tolist() == [-1] and np.isnan(silent.last_left).all()


def test_a_moment_tells_one_passage_from_another() -> None:
    experiment = small_experiment()
    same = [moment_of(experiment.trace(request(experiment))[0]).passage for _ in range(2)]
    other = moment_of(experiment.trace(request(experiment, passage="France was the Emperor"))[0])
    assert same[0] == same[1] != other.passage


def test_the_history_brings_its_course_and_forgets_both() -> None:
    experiment, mailbox = small_experiment(), Mailbox()
    watching, history = Watching(mailbox, experiment), History(10**9)
    for step in range(3):
        asked = request(experiment, step)
        mailbox.post_request(asked)
        watching.answer(asked, {}, {}, 0.0)
        frame = mailbox.take()
        assert frame is not None
        history.append(frame)
        experiment.update()
    assert [moment.step for moment in history.course.moments()] == [0, 1, 2]
    history.clear()
    assert history.course.moments() == () and history.course.spectra() == ()


def test_a_whole_trace_comes_now_and_then_though_no_view_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    experiment, mailbox = small_experiment(), Mailbox()
    watching, plain = Watching(mailbox, experiment), []
    trace = experiment.trace

    def costly(asked):  # type: ignore[no-untyped-def]
        now[0] += 0.01
        return trace(asked)

    monkeypatch.setattr(experiment, "trace", costly)
    course = Course()
    asked = request(experiment)
    mailbox.post_request(asked)
    for _ in range(40):
        watching.answer(asked, {}, {}, 0.0)
        frame = mailbox.take()
        assert frame is not None
        course.append(frame.step, frame.traces)
        plain.append(frame.traces[0].eigenvalues is None)
        experiment.update()
        now[0] += 0.0901
    assert plain == [place % 7 > 0 for place in range(40)], "1.5 % of the time: 10 ms in 0.67 s"
    assert [spectrum.step for spectrum in course.spectra()] == [0, 7, 14, 21, 28, 35]
    assert course.spectra()[0].singular_values is not None


def test_a_paused_network_is_measured_whole_each_time() -> None:
    experiment, mailbox = small_experiment(), Mailbox()
    watching = Watching(mailbox, experiment)
    for generation in range(3):  # the first answers to a new window are often thrown away
        asked = request(experiment, generation)
        mailbox.post_request(asked)
        assert watching.is_due(asked, idle=True)
        watching.answer(asked, {}, {}, 0.0)
        frame = mailbox.take()
        assert frame is not None and frame.traces[0].eigenvalues is not None


@pytest.mark.parametrize(
    ("hidden", "extra"), [(48, WHOLE), (128, WHOLE - {"jacobian"}), (512, {"counterfactual_matrix"})]
)
def test_what_would_be_felt_is_not_measured_beforehand(hidden: int, extra: frozenset[str]) -> None:
    experiment = small_experiment(hidden=hidden)
    assert Watching(Mailbox(), experiment)._affordable(10) == extra
    assert WHOLE < NEEDS
