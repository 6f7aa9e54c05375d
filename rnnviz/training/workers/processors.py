"""Members of a team on processors of their own.

Of two processes that wait for each other on one processor each waits for the other's turn to end, some
milliseconds an update, while another processor may have nothing to do. A kernel puts them apart in time, but
some put whoever wakes from a short sleep where it was woken: a plain RNN at 16 32 128 80 made two updates of
three on one processor, and took 4.1 ms for one instead of 1.5.
"""

import ctypes
import os
import sys
from collections.abc import Callable, Collection
from typing import Final

UNKNOWN: Final = -1


def _find_question() -> Callable[[], int]:
    if sys.platform == "linux":
        try:
            library = ctypes.CDLL(None)
            return library.sched_getcpu
        except (OSError, AttributeError):
            pass
    return lambda: UNKNOWN


this_processor: Final = _find_question()
"""The number of the processor that the calling thread is on; UNKNOWN where nobody can say."""


def leave(processors: Collection[int]) -> None:
    """Go from these processors to another one that the calling thread may use, if there is one.

    It is not bound to it: the kernel may move it on at once, should another have more room.
    """
    if sys.platform != "linux":
        return
    try:
        allowed = os.sched_getaffinity(0)
        if others := allowed.difference(processors):
            os.sched_setaffinity(0, others)
            os.sched_setaffinity(0, allowed)
    except OSError:  # it is forbidden here, or the processors that may be used have just become others
        pass
