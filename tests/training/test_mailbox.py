"""The mailbox: one request, one frame, the latest wins, an older generation is never seen."""

import dataclasses

from rnnviz.training import Frame, Mailbox
from tests.training.runs import request, small_experiment

EXPERIMENT = small_experiment()


def frame_of(generation: int, step: int = 0) -> Frame:
    traces = EXPERIMENT.trace(request(EXPERIMENT, generation))
    return Frame(step, generation, traces, progress=None)  # type: ignore[arg-type]


def test_it_asks_before_it_is_filled() -> None:
    mailbox = Mailbox()
    assert not mailbox.wants_frame and mailbox.take() is None
    assert not mailbox.put(frame_of(1))
    mailbox.post_request(request(EXPERIMENT, 1))
    assert mailbox.wants_frame
    assert mailbox.put(frame_of(1))
    assert not mailbox.wants_frame
    assert mailbox.take() is not None
    assert mailbox.wants_frame and mailbox.take() is None


def test_the_latest_frame_replaces_an_untaken_one() -> None:
    mailbox = Mailbox()
    mailbox.post_request(request(EXPERIMENT, 1))
    mailbox.put(frame_of(1, step=1))
    mailbox.put(frame_of(1, step=2))
    taken = mailbox.take()
    assert taken is not None and taken.step == 2
    assert mailbox.take() is None


def test_a_frame_of_an_older_generation_is_never_taken() -> None:
    mailbox = Mailbox()
    mailbox.post_request(request(EXPERIMENT, 1))
    mailbox.put(frame_of(1))
    mailbox.post_request(request(EXPERIMENT, 2))
    assert mailbox.wants_frame
    assert mailbox.take() is None
    assert not mailbox.put(frame_of(1))  # traced while the request changed
    assert mailbox.take() is None
    assert mailbox.put(frame_of(2))


def test_nothing_is_wanted_once_nobody_watches() -> None:
    mailbox = Mailbox()
    mailbox.post_request(request(EXPERIMENT, 1))
    mailbox.put(frame_of(1))
    mailbox.post_request(None)
    assert not mailbox.wants_frame and mailbox.take() is None and mailbox.request is None


def test_emptying_keeps_the_request() -> None:
    mailbox = Mailbox()
    asked = request(EXPERIMENT, 1)
    mailbox.post_request(asked)
    mailbox.put(frame_of(1))
    mailbox.empty()
    assert mailbox.take() is None and mailbox.wants_frame and mailbox.request is asked


def test_the_trainer_is_woken_by_requests_and_by_taken_frames_only() -> None:
    calls = []
    mailbox = Mailbox(lambda: calls.append(1))
    mailbox.take()
    assert len(calls) == 0
    mailbox.post_request(request(EXPERIMENT, 1))
    assert len(calls) == 1
    mailbox.put(frame_of(1))
    assert len(calls) == 1
    mailbox.take()
    mailbox.take()
    assert len(calls) == 2


def test_what_crosses_cannot_be_changed() -> None:
    frame = frame_of(1)
    for thing in (frame, frame.traces[0]):
        assert thing.__dataclass_params__.frozen  # type: ignore[union-attr]
    for name, array in frame.traces[0].arrays().items():
        assert not array.flags.writeable or array.ndim == 0, name
    assert all(dataclasses.is_dataclass(t) for t in frame.traces)
