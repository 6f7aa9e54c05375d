"""Starting helpers: processes made by `spawn`, each with a pipe, on which it is told things and hung up."""

import multiprocessing
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final

from rnnviz.training.spawning import start
from rnnviz.training.workers.helper import serve
from rnnviz.training.workers.lane_plan import LanePlan
from rnnviz.training.workers.memory import SharedArrays

PATIENCE_S: Final = 1.0


def start_helpers(
    arrays: SharedArrays, plans: Sequence[LanePlan], workers: int, is_task: bool
) -> "tuple[list[BaseProcess], list[Connection[Any, Any]]]":
    """Workers 1, 2 ... and our ends of their pipes. Raises OSError where no process can be started."""
    context = multiprocessing.get_context("spawn")
    processes: list[BaseProcess] = []
    pipes: list[Connection[Any, Any]] = []
    try:
        for worker in range(1, workers):
            ours, theirs = context.Pipe()
            pipes.append(ours)
            process = context.Process(
                target=serve,
                args=(theirs, arrays.block, arrays.places, plans, worker, is_task),
                name=f"helper {worker}",
                daemon=True,
            )
            start(process)
            theirs.close()  # so that its end shows as an end of the pipe
            processes.append(process)
    except BaseException:
        end_helpers(processes, pipes)
        raise
    return processes, pipes


def end_helpers(processes: "list[BaseProcess]", pipes: "list[Connection[Any, Any]]") -> None:
    """Hang up and end them at once: what they have found is in the memory that is shared."""
    for pipe in pipes:
        pipe.close()
    for process in processes:
        process.kill()
    for process in processes:
        process.join(PATIENCE_S)
