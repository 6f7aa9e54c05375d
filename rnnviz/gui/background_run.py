"""Work in other processes as the window runs it: drained by a timer, with how far it is and how long."""

import time
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from rnnviz.training import Background, Ended, Finished, Told
from rnnviz.training.background import Work

INTERVAL_MS = 50
PATIENCE_S = 0.9
KNOWN_FROM_SHARE = 0.01
"""Before so much is done nobody can tell how long the rest takes."""


class BackgroundRun(QObject):
    """Runs jobs one set at a time; every signal comes on the GUI thread."""

    told = Signal(int, object)  # job, what it tells
    finished = Signal(int, object)  # job, its result
    ended = Signal(str)  # why before its time; "" when all is done or it was stopped

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background: Background[Any, Any] | None = None
        self._stopped: list[Background[Any, Any]] = []
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._take)
        self._weights: Sequence[float] = ()
        self._shares: dict[int, float] = {}
        self._began = 0.0

    @property
    def is_running(self) -> bool:
        """Whether anything is still to come."""
        return self._background is not None

    def start(self, work: Work[Any, Any], jobs: Sequence[Any], weights: Sequence[float]) -> None:
        """Begin; `weights` say how long each job takes beside the others."""
        assert self._background is None, "one thing at a time"
        self._weights, self._shares, self._began = tuple(weights), {}, time.monotonic()
        self._stopped = [one for one in self._stopped if one.is_alive()]  # the others hold text and results
        self._background = Background(work, jobs)
        self._background.start()
        self._timer.start()

    def stop(self) -> None:
        """Give up what is under way, at once; results that came before stand."""
        if self._background is not None:
            self._take()
        if self._background is not None:
            self._stopped.append(self._background)
            self._background.stop()
            self._background = None
            self._timer.stop()
            self.ended.emit("")

    def close(self) -> None:
        """Stop, and wait for the end of every process, for a second at most."""
        self.stop()
        deadline = time.monotonic() + PATIENCE_S
        for background in self._stopped:
            background.join(max(deadline - time.monotonic(), 0.0))

    def note_share(self, job: int, share: float) -> None:
        """A job has come so far, 0 to 1."""
        self._shares[job] = share

    @property
    def share(self) -> float:
        """How much of all the work is done, 0 to 1."""
        done = sum(self._weights[job] * share for job, share in self._shares.items())
        return done / max(sum(self._weights), 1e-9)

    def time_left(self) -> str:
        """In words, "about 3 minutes left"; "" before anybody can tell."""
        share = self.share
        if not KNOWN_FROM_SHARE <= share < 1:
            return ""
        seconds = (time.monotonic() - self._began) * (1 - share) / share
        if seconds < 60:
            return "less than a minute left"
        if seconds < 90 * 60:
            minutes = round(seconds / 60)
            return f"about {minutes} minute{'s' if minutes > 1 else ''} left"
        return f"about {round(seconds / 3600)} hours left"

    def _take(self) -> None:
        """Everything that has come up; what came before a stop is taken first."""
        background = self._background
        if background is None:
            return
        for _ in range(background.events.qsize()):
            event = background.events.get_nowait()
            match event:
                case Told(job=job, what=what):
                    self.told.emit(job, what)
                case Finished(job=job, result=result):
                    self._shares[job] = 1.0
                    self.finished.emit(job, result)
                case Ended(problem=problem):
                    self._background = None
                    self._stopped.append(background)
                    self._timer.stop()
                    self.ended.emit(problem)
            if self._background is not background:
                return
