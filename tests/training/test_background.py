"""Jobs in other processes: all are done, what they tell comes up, and a stop is heard at once."""

import errno
import os
import queue
import threading
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import pytest

from rnnviz.training import Background, Ended, Finished, Told
from tests.training.jobs import dies, never_ends, square

PATIENCE_S = 30.0


def everything(background):
    background.start()
    told = []
    while not told or not isinstance(told[-1], Ended):
        told.append(background.events.get(timeout=PATIENCE_S))
    background.join(PATIENCE_S)
    return told


def test_every_job_is_told_of_and_done():
    *told, end = everything(Background(square, [3, 4, 5], processes=2))
    assert {event.job: event.result for event in told if isinstance(event, Finished)} == {0: 9, 1: 16, 2: 25}
    assert {event.what for event in told if isinstance(event, Told)} == {"at 3", "at 4", "at 5"}
    assert end == Ended()


def test_a_job_that_fails_ends_it_with_its_reason():
    told = everything(Background(square, [2, -1, 3], processes=1))
    assert [event.result for event in told if isinstance(event, Finished)] == [4]
    assert "not enough free memory" in told[-1].problem


def test_a_process_that_dies_is_told_with_its_status():
    assert "exit status 3" in everything(Background(dies, [1], processes=1))[-1].problem


def test_where_no_process_can_be_started_it_says_so(monkeypatch):
    def refuse(_process):
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(SpawnProcess, "start", refuse)
    [end] = everything(Background(square, [1, 2], processes=2))
    assert "No process could be started" in end.problem and "Resource temporarily" in end.problem


def test_a_process_that_dies_before_its_job_comes_is_told_as_one_that_died(monkeypatch):
    def broken(_connection, _message):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(Connection, "send", broken)
    [end] = everything(Background(square, [1], processes=1))
    assert "ended by itself" in end.problem


def test_a_stop_ends_the_processes_in_the_middle_of_their_work():
    background = Background(never_ends, [1], processes=1)
    background.start()
    process = background.events.get(timeout=PATIENCE_S).what
    background.stop()
    background.join(PATIENCE_S)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert isinstance(background.events.get_nowait(), Ended)
    with pytest.raises(queue.Empty):
        background.events.get_nowait()


def test_no_job_is_no_work():
    assert everything(Background(square, [])) == [Ended()]
    assert threading.active_count() == 1
