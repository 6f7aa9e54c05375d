"""Worker processes, one of them always started ahead, since an interpreter takes a while to wake up."""

import multiprocessing
import threading
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

from rnnviz.training.apart.channel import Channel
from rnnviz.training.apart.worker import serve
from rnnviz.training.dial import N_NUMBERS, Dial
from rnnviz.training.spawning import start

PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that waits for its experiment, and the way to speak to it."""

    process: BaseProcess
    channel: Channel
    dial: Dial  # set there, read here

    def end(self) -> None:
        """Hang up and end the process at once: whoever ends it has heard its last words."""
        self.channel.close()
        self.process.kill()
        self.process.join(PATIENCE_S)


class Reserve:
    """Hands out workers. Spawned, not forked: the copy of a thread's lock is never opened."""

    def __init__(self, ahead: bool = False) -> None:
        """With `ahead` one worker waits for the next experiment, once `prepare` has been called."""
        self._ahead = ahead
        self._context = multiprocessing.get_context("spawn")
        self._lock = threading.Lock()
        self._waiting: Worker | None = None
        self._closed = False

    @property
    def waiting(self) -> Worker | None:
        """The worker that was started ahead."""
        return self._waiting

    def prepare(self) -> None:
        """Start a worker ahead, where none waits."""
        with self._lock:
            if self._ahead and self._waiting is None and not self._closed:
                self._waiting = self._start()

    def take(self) -> Worker:
        """A worker, the one that waits if it still lives. Raises OSError where no process can be started."""
        with self._lock:
            worker, self._waiting = self._waiting, None
        if worker is not None and worker.process.is_alive():
            return worker
        return self._start()

    def close(self) -> None:
        """End the worker that waits, if there is one; hand out none ahead any more."""
        with self._lock:
            worker, self._waiting = self._waiting, None
            self._closed = True
        if worker is not None:
            worker.end()

    def _start(self) -> Worker:
        ours, theirs = self._context.Pipe()
        numbers = self._context.RawArray("d", N_NUMBERS)
        process = self._context.Process(target=serve, args=(theirs, numbers), name="training", daemon=True)
        start(process)
        theirs.close()  # so that the worker's end shows as an end of the pipe
        return Worker(process, Channel(ours), Dial(numbers))
