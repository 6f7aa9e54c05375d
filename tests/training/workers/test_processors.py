"""Who is on the same processor as a member before it goes to another one."""

import multiprocessing
import os
import sys
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rnnviz.training.workers import rounds
from rnnviz.training.workers.processors import UNKNOWN, leave, this_processor
from rnnviz.training.workers.rounds import (
    GRADIENTS,
    PROCESSOR,
    WORDS,
    Conductor,
    Player,
    get_ready,
    words_for,
)

several = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="needs Linux and two processors"
)
TRIES = 20  # the kernel may move a thread back at once


def go_elsewhere() -> tuple[int, int]:
    before = this_processor()
    leave([before])
    return before, this_processor()


@several
def test_a_thread_leaves_a_processor_and_may_still_use_all_of_them() -> None:
    with ThreadPoolExecutor(1) as thread:  # the affinity is a thread's own
        allowed = thread.submit(os.sched_getaffinity, 0).result()
        moves = [thread.submit(go_elsewhere).result() for _ in range(TRIES)]
        assert thread.submit(os.sched_getaffinity, 0).result() == allowed
    assert any(before != after for before, after in moves)


@several
def test_where_all_processors_are_taken_a_thread_stays() -> None:
    allowed = os.sched_getaffinity(0)
    leave(allowed)
    assert os.sched_getaffinity(0) == allowed


@pytest.mark.parametrize(
    ("conductor", "first", "second", "left"),
    [
        (0, 1, 2, []),
        (1, 1, 2, [[1]]),
        (0, 1, 1, [[0, 1]]),
        (0, 1, 0, [[0, 1]]),
        (UNKNOWN, UNKNOWN, UNKNOWN, []),
    ],
)
def test_a_helper_leaves_the_processors_of_those_before_it(
    monkeypatch: pytest.MonkeyPatch, conductor: int, first: int, second: int, left: list[list[int]]
) -> None:
    words = np.zeros(words_for(3), dtype=np.int64)
    get_ready(words)
    pipes = [multiprocessing.Pipe() for _ in range(2)]
    found: list[list[int]] = []

    def taken(processors: Collection[int]) -> None:
        found.append(list(processors))

    monkeypatch.setattr(rounds, "leave", taken)
    now_on = {"at": conductor}
    monkeypatch.setattr(rounds, "this_processor", lambda: now_on["at"])
    Conductor(words, [ours for ours, _ in pipes]).begin(GRADIENTS, 1)
    for number, (_, theirs) in enumerate(pipes, 1):
        now_on["at"] = first if number == 1 else second
        assert Player(words, number, theirs).next_round(lambda message: None) == GRADIENTS
    assert found == left
    assert words[PROCESSOR::WORDS].tolist() == [conductor, first, second]
    for pair in pipes:
        for end in pair:
            end.close()
