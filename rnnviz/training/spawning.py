"""Starting processes so that a Ctrl+C in the terminal, which all of its processes get, stops none of them.

They are told to end by the one that started them. Each ignores the signal in the first line of its work, but
an interpreter takes a while to get there, and until then would end with a traceback.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess


def start(process: BaseProcess) -> None:
    """Start a process that Ctrl+C does not reach. Raises OSError where none can be started."""
    with _ctrl_c_blocked():
        process.start()


@contextmanager
def _ctrl_c_blocked() -> Iterator[None]:
    """A process started meanwhile has the signal blocked; here it is answered afterwards."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # the first process starts it, and that lets the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
