"""Helpers as threads of the test's own process: the same code and numbers, started at once."""

import multiprocessing
import threading
from collections.abc import Sequence
from typing import Any

from rnnviz.training.workers.helper import help_out
from rnnviz.training.workers.lane_plan import LanePlan
from rnnviz.training.workers.memory import SharedArrays


class HelperThread(threading.Thread):
    exitcode = None

    def kill(self) -> None:
        """Its pipe has been closed, at which it ends."""


def start_threads(arrays: SharedArrays, plans: Sequence[LanePlan], workers: int, is_task: bool) -> Any:
    threads, pipes = [], []
    for worker in range(1, workers):
        ours, theirs = multiprocessing.Pipe()
        work = (theirs, arrays.block, arrays.places, plans, worker, is_task)
        threads.append(HelperThread(target=help_out, args=work, daemon=True))
        threads[-1].start()
        pipes.append(ours)
    return threads, pipes
