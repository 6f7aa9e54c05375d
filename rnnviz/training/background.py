"""Networks trained in other processes, on the cores that the window leaves: jobs in, results out.

Threads would share one interpreter with the window and with the training in it. Processes are started by
`spawn`, which is the same on every system; each takes one job after the other through a pipe. What they tell
comes up through a queue, as from the trainer.
"""

import multiprocessing
import os
import queue
import signal
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeVar

from rnnviz.training.loading import message_for_people
from rnnviz.training.spawning import start

JobType = TypeVar("JobType")
ResultType = TypeVar("ResultType")
Tell = Callable[[Any], None]
"""What a job tells while it is under way."""
Work = Callable[[JobType, Tell], ResultType]

MOST_PROCESSES = 4
LOOKS_EVERY_S = 0.1
"""How long it takes at most until a stop is heard."""
LAST_WORDS_S = 1.0
"""How long a process whose pipe is closed is waited for, to hear its exit status."""
CORES_FOR_THE_WINDOW = 1


@dataclass(frozen=True, slots=True)
class Told:
    """Something about a job that is under way."""

    job: int  # its number, from 0
    what: Any


@dataclass(frozen=True, slots=True)
class Finished:
    """A job is done."""

    job: int
    result: Any


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more comes: all is done, it was stopped, or (with a problem) it could not go on."""

    problem: str = ""


def usual_processes() -> int:
    """One less than there are cores, so that the window keeps its own; at least one, at most four."""
    return max(1, min(MOST_PROCESSES, (os.cpu_count() or 1) - CORES_FOR_THE_WINDOW))


NICENESS = 10
"""Of the processes that do jobs, on a scale to 19."""


class Background(threading.Thread, Generic[JobType, ResultType]):
    """Does jobs in processes; a thread of this process hands them out and takes what they tell.

    `events` and `stop` are for other threads.
    """

    def __init__(
        self, work: Work[JobType, ResultType], jobs: Sequence[JobType], processes: int | None = None
    ) -> None:
        """`work` must be found by its name in a module (or be a `partial` of such a function)."""
        super().__init__(name="background", daemon=False)
        self.events: queue.SimpleQueue[Told | Finished | Ended] = queue.SimpleQueue()
        self._work = work
        self._waiting = deque(enumerate(jobs))
        self._n_processes = min(processes or usual_processes(), len(jobs))
        self._stopping = threading.Event()
        self._workers: dict[Connection, SpawnProcess] = {}

    def stop(self) -> None:
        """Give up what is under way; never blocks. Results that came before stand. `join` waits."""
        self._stopping.set()

    def run(self) -> None:
        """Background thread: hand out jobs until none is left, or until stopped."""
        problem = ""
        try:
            for _ in range(self._n_processes):
                if not self._stopping.is_set():
                    self._start_worker()
            while self._workers and not self._stopping.is_set():
                for connection in wait(list(self._workers), LOOKS_EVERY_S):
                    assert isinstance(connection, Connection)
                    self._listen(connection)
        except _CannotGoOnError as error:
            problem = str(error)
        except Exception as error:  # whatever it is, the window must hear that nothing more comes
            problem = message_for_people(error)
        finally:
            for process in self._workers.values():
                process.terminate()
            for connection, process in self._workers.items():
                connection.close()
                process.join()
                process.close()
            self._workers.clear()
            self.events.put(Ended(problem))

    def _start_worker(self) -> None:
        context = multiprocessing.get_context("spawn")
        mine, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, self._work), name="rnnviz background", daemon=True
        )
        try:
            start(process)
        except OSError as error:
            mine.close()
            raise _CannotGoOnError(
                f"No process could be started to train in ({error.strerror or error}). What was done before "
                "is kept. Close other programs, then go on."
            ) from None
        finally:
            theirs.close()
        self._workers[mine] = process
        self._hand_out(mine)

    def _hand_out(self, connection: Connection) -> None:
        """Background thread: the next job, or none: then the process ends."""
        if self._waiting:
            try:
                connection.send(self._waiting.popleft())
            except OSError:
                raise self._lost(connection) from None
            return
        process = self._workers.pop(connection)
        connection.close()
        process.join()
        process.close()

    def _listen(self, connection: Connection) -> None:
        try:
            told = connection.recv()
        except (EOFError, OSError):
            raise self._lost(connection) from None
        match told:
            case _Failure(message=message):
                raise _CannotGoOnError(message)
            case Finished():
                self.events.put(told)
                self._hand_out(connection)
            case _:
                self.events.put(told)

    def _lost(self, connection: Connection) -> "_CannotGoOnError":
        process = self._workers[connection]
        process.join(LAST_WORDS_S)
        return _CannotGoOnError(
            f"A process that trained in the background ended by itself (exit status {process.exitcode}), "
            "perhaps for want of memory. What was done before is kept. Close other programs, or choose "
            "fewer units, then go on."
        )


class _CannotGoOnError(Exception):
    """Why the jobs end before their time."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """A job raised an exception: what to tell people."""

    message: str


def _serve(connection: Connection, work: Work[Any, Any]) -> None:
    """The other process: do jobs until the pipe is closed. Ctrl+C is for the window to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):  # where cores are short the window and what it trains come first
        os.nice(NICENESS)
    try:
        while True:
            number, job = connection.recv()

            def tell(what: Any, number: int = number) -> None:
                connection.send(Told(number, what))

            try:
                answer: Finished | _Failure = Finished(number, work(job, tell))
            except (BrokenPipeError, ConnectionError):
                raise
            except Exception as error:
                answer = _Failure(message_for_people(error))
            connection.send(answer)
    except (EOFError, OSError):
        return  # the window has gone, or needs no more
