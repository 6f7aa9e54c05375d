"""Searching a text of any size without making anybody wait: a thread that can be told to stop."""

import threading
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from rnnviz.gui.views.plots.text_lines import Lines, Place
from rnnviz.text import ReadingCancelled

_POLL_INTERVAL_MS = 15
_LONGEST_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Match:
    """Where a search ended."""

    needle: str
    place: Place | None  # None: the text has no such thing
    wrapped: bool  # the end of the text was passed


class _Job(threading.Thread):
    """One search; nothing but `match` is read from another thread, once it is no longer alive."""

    def __init__(self, text: Lines, needle: str, start: Place, forward: bool) -> None:
        super().__init__(name="text search")
        self.stop = threading.Event()
        self.match: Match | None = None
        self._text, self._needle, self._start_place, self._forward = text, needle, start, forward

    def run(self) -> None:
        """Search to the end, then from the other end (on the search's own thread)."""
        text, needle, forward = self._text, self._needle, self._forward
        line, column = self._start_place
        stopped = self.stop.is_set
        try:
            place = text.find(needle, line, forward, stopped, start_column=column)
            wrapped = place is None
            if place is None:
                other_end = 0 if forward else text.n_lines
                place = text.find(needle, other_end, forward, stopped)
            self.match = Match(needle, place, wrapped)
        except ReadingCancelled:
            return


class TextSearch(QObject):
    """At most one search at a time; a new one ends the one before it.

    Its thread begins and is waited for from the event loop: whoever types quickly waits for no search of the
    letters before, and what stands there last is sought.
    """

    ended = Signal(object)
    """Match."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted: _Job | None = None  # begins when the one before it has ended
        self._job: _Job | None = None
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_INTERVAL_MS)
        self._poll.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        """A search is wanted or under way, or one that was given up has yet to end."""
        return self._job is not None or self._wanted is not None

    def start(self, text: Lines, needle: str, place: Place, forward: bool) -> None:
        """Search from a place on, around the end of the text if need be."""
        self.stop()
        self._wanted = _Job(text, needle, place, forward)
        self._poll.start()

    def stop(self) -> None:
        """Give the present search up; its thread looks at the flag every few milliseconds."""
        self._wanted = None
        if self._job is not None:
            self._job.stop.set()

    def shut_down(self) -> None:
        """Give the present search up and wait for its thread."""
        self.stop()
        self._poll.stop()
        if self._job is not None:
            self._job.join(_LONGEST_WAIT_S)
            self._job = None

    def _look(self) -> None:
        job = self._job
        if job is not None and job.is_alive():
            return
        self._job, self._wanted = self._wanted, None
        if self._job is not None:
            self._job.start()
        else:
            self._poll.stop()
        if job is not None and job.match is not None and not job.stop.is_set():
            self.ended.emit(job.match)
