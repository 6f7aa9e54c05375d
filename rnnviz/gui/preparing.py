"""The job beside the run: a text is read and networks are built, and nothing changes until that is done."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from rnnviz.gui.run import Message
from rnnviz.training import Experiment, Job, TextNotHere

CHOOSE_TEXT, CHOOSE_TEXT_LABEL = "choose-text", "Choose its text…"
"""What can be done about a saved network whose text is not where it was."""


class Preparing(QObject):
    """One job at a time; a new one cancels the one before. Asked by `poll` on the clock's ticks."""

    progressed = Signal(object)  # (share, what is being done), or None when it ended
    done = Signal(object)  # Experiment
    failed = Signal(object)  # Message: what is wrong, and what to do

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: Job[Experiment] | None = None
        self._told: tuple[float, str] | None = None

    @property
    def job(self) -> Job[Experiment] | None:
        """What is under way."""
        return self._job

    def start(self, work: Callable[[Any, Any], Experiment]) -> None:
        """Begin another job."""
        self.cancel()
        self._job = Job(work)
        self._job.start()
        self.progressed.emit((0.0, "reading"))

    def cancel(self) -> None:
        """Give up what is under way; its end is noticed at the next `poll`."""
        if self._job is not None:
            self._job.cancel()

    def poll(self) -> bool:
        """Tell how far it is, or how it ended; True where there is a job."""
        job = self._job
        if job is None:
            return False
        state = job.poll()
        if state == "running":
            if job.progress != self._told:
                self._told = job.progress
                self.progressed.emit(job.progress)
            return True
        self._job = None
        self._told = None
        try:
            if state == "done":
                self.done.emit(job.result)
            elif state == "failed":
                chosen = ((CHOOSE_TEXT_LABEL, CHOOSE_TEXT),) if isinstance(job.exception, TextNotHere) else ()
                self.failed.emit(Message(job.error, severity="error", actions=chosen))
        finally:
            self.progressed.emit(None)
        return True

    def join(self, timeout: float) -> None:
        """Wait for the job's thread to end, `timeout` seconds at most."""
        if self._job is not None:
            self._job.join(timeout)
