"""How processes wait for each other: a few int64 that all see.

The one in charge begins a round by raising a number; each helper does its part and writes the number down as
done. Who waits looks at the number again and again for a moment, since a round takes some microseconds to
some milliseconds and to be woken takes as long; then it sleeps in short naps; a helper that has had nothing
to do for longer waits at its pipe, and costs nothing.
"""

import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rnnviz.training.fence import settle
from rnnviz.training.workers.processors import UNKNOWN, leave, this_processor

ROUND, KIND, STOP, LIVING = range(4)
DONE, STATUS, ASLEEP, MAIL = range(4)
"""Of one helper."""
PROCESSOR: Final = 4
"""Of each: the one that it was on as the round began."""
WORDS: Final = 16
"""For the round and for each helper: two cache lines, so that nobody's writing disturbs another's reading."""
GRADIENTS, SUMS, STEPS = range(3)
"""What is done in a round."""
FINE, INTERRUPTED, FAILED = range(3)
"""How it went."""
NOT_READY: Final = -1

LOOKS: Final = 4000  # some 0.2 ms
NAP_S: Final = 0.00005
NAPS: Final = 400  # some 50 ms, before a helper goes to its pipe
LOOKS_UP_S: Final = 0.2  # at its pipe, should a wake-up have crossed with its going to sleep

Words = NDArray[np.int64]


def words_for(workers: int) -> int:
    """How many int64 it takes."""
    return WORDS * workers


def get_ready(words: Words) -> None:
    """Before helpers are started: none of them is there yet."""
    words[WORDS + DONE :: WORDS] = NOT_READY


def is_after(words: memoryview, place: int, number: int) -> bool:
    """Look for a moment whether a word has got to a number."""
    return any(words[place] >= number for _ in range(LOOKS))


class Conductor:
    """The side of the process in charge, which is worker 0; `helpers` others follow."""

    def __init__(self, words: Words, pipes: "list[Connection[Any, Any]]") -> None:
        self._words = words.data
        self._pipes = pipes
        self._round = 0

    def tell(self, message: object) -> list[int]:
        """Something that all helpers hear before the next round; those that hear nothing any more."""
        gone = []
        for number, pipe in enumerate(self._pipes, 1):
            try:
                pipe.send(message)
            except OSError:
                gone.append(number)
            else:
                self._words[WORDS * number + MAIL] += 1
        return gone

    def begin(self, kind: int, living: int) -> None:
        """Let all helpers do this for the lanes whose bits are set in `living`."""
        self._words[STOP] = 0
        self._words[KIND], self._words[LIVING] = kind, living
        self._words[PROCESSOR] = this_processor()
        settle()
        self._round += 1
        self._words[ROUND] = self._round
        settle()
        for number, pipe in enumerate(self._pipes, 1):
            if self._words[WORDS * number + ASLEEP]:
                self._words[WORDS * number + ASLEEP] = 0
                self._words[WORDS * number + MAIL] += 1
                try:
                    pipe.send(None)
                except OSError:
                    continue  # it is gone: whoever waits for it finds out

    def stop(self) -> None:
        """Let the helpers give up the round."""
        self._words[STOP] = 1

    def wait(self, helper: int, gone: Callable[[], bool]) -> bool:
        """Until a helper is done; False where `gone()` said that it never will be, which is asked in naps."""
        place = WORDS * helper + DONE
        while not is_after(self._words, place, self._round):
            time.sleep(NAP_S)
            if gone():
                return self._words[place] >= self._round
        settle()
        return True

    def status(self, helper: int) -> int:
        """How the helper's last round went."""
        return self._words[WORDS * helper + STATUS]


class Player:
    """The side of one helper."""

    def __init__(self, words: Words, number: int, pipe: "Connection[Any, Any]") -> None:
        self._words = words.data
        self._own = WORDS * number
        self._pipe = pipe
        self._round = 0
        self._received = 0
        self._words[self._own + DONE] = 0  # ready

    @property
    def living(self) -> int:
        """The lanes that the round is for, as bits."""
        return self._words[LIVING]

    def must_stop(self) -> bool:
        """Whether the round is to be given up."""
        return self._words[STOP] != 0

    def next_round(self, hear: Callable[[object], None]) -> int:
        """Wait for a round, hear what was told before it, and say what is to be done.

        Raises EOFError or OSError where the process in charge is gone.
        """
        self._round += 1
        naps = 0
        while not is_after(self._words, ROUND, self._round):
            if naps < NAPS:
                naps += 1
                time.sleep(NAP_S)
                continue
            self._words[self._own + ASLEEP] = 1
            settle()
            if self._words[ROUND] < self._round and self._pipe.poll(LOOKS_UP_S):
                self._hear_one(hear)
        self._words[self._own + ASLEEP] = 0
        settle()
        while self._received < self._words[self._own + MAIL]:
            self._hear_one(hear)
        self._keep_apart()
        return self._words[KIND]

    def _keep_apart(self) -> None:
        """Leave a processor that a member before this one is on."""
        mine = this_processor()
        theirs = self._words[PROCESSOR : self._own : WORDS].tolist()
        if mine in theirs and mine != UNKNOWN:
            leave(theirs)
            mine = this_processor()
        self._words[self._own + PROCESSOR] = mine

    def _hear_one(self, hear: Callable[[object], None]) -> None:
        message = self._pipe.recv()
        self._received += 1
        if message is not None:
            hear(message)

    def done(self, status: int) -> None:
        """The round is done, as far as this helper goes."""
        self._words[self._own + STATUS] = status
        settle()
        self._words[self._own + DONE] = self._round
