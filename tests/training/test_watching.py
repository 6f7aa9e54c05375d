"""When a watched passage is traced, under a clock that the test moves."""

from collections.abc import Iterator

import pytest

from rnnviz.probes import Trace, TraceRequest
from rnnviz.training import Experiment, Mailbox
from rnnviz.training.watching import TRACE_SHARE, Watching
from tests.training.runs import request, small_experiment

TRACE_S, UPDATE_S = 0.003, 0.0005


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    trace = Experiment.trace

    def costly(experiment: Experiment, request: TraceRequest) -> tuple[Trace, ...]:
        clock.now += TRACE_S
        return trace(experiment, request)

    monkeypatch.setattr(Experiment, "trace", costly)
    with monkeypatch.context() as patch:
        patch.setattr("time.perf_counter", clock)
        yield clock


def test_traces_while_training_take_no_more_than_their_share(clock: Clock) -> None:
    experiment, mailbox = small_experiment(), Mailbox()
    watching, asked, began = Watching(mailbox, experiment), request(experiment), clock.now
    mailbox.post_request(asked)
    n_traces = 0
    for _ in range(2000):
        if watching.is_due(asked, idle=False):
            watching.answer(asked, {}, {}, 0.0)
            assert mailbox.take() is not None
            n_traces += 1
        experiment.step += 1
        clock.now += UPDATE_S
    share = n_traces * TRACE_S / (clock.now - began)
    assert 0.8 * TRACE_SHARE < share < 1.1 * TRACE_SHARE


def test_a_new_request_is_answered_at_once_and_an_idle_network_once_a_step(clock: Clock) -> None:
    experiment, mailbox = small_experiment(), Mailbox()
    watching = Watching(mailbox, experiment)
    for generation in (1, 2):
        asked = request(experiment, generation)
        mailbox.post_request(asked)
        assert watching.is_due(asked, idle=False)
        watching.answer(asked, {}, {}, 0.0)
        assert not watching.is_due(asked, idle=True)  # a frame waits to be taken
        mailbox.take()
        assert not watching.is_due(asked, idle=True)  # and the next would be the same
    experiment.step += 1
    assert watching.is_due(asked, idle=True)
    assert not watching.is_due(asked, idle=False)  # the last one has yet to be earned
    clock.now += TRACE_S / TRACE_SHARE
    assert watching.is_due(asked, idle=False)
