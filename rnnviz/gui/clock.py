"""The one timer of the window: everything that the training thread leaves is taken on its ticks."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

FRAME_INTERVAL_MS = 16
IDLE_INTERVAL_MS = 100
IDLE_AFTER_TICKS = 30


class Clock(QObject):
    """Calls `tick` at the screen's pace while something happens, more slowly when nothing does.

    `tick` returns whether there was anything to do. `wake` brings the fast pace back at once, so that an
    answer to a click is never waited for at the slow one.
    """

    def __init__(self, tick: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tick = tick
        self._idle_ticks = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timeout)

    def start(self) -> None:
        """Begin ticking."""
        self._timer.start(FRAME_INTERVAL_MS)

    def stop(self) -> None:
        """Tick no more."""
        self._timer.stop()

    def wake(self) -> None:
        """Something is about to happen: tick fast."""
        self._idle_ticks = 0
        if self._timer.isActive() and self._timer.interval() != FRAME_INTERVAL_MS:
            self._timer.setInterval(FRAME_INTERVAL_MS)

    def _on_timeout(self) -> None:
        if self._tick():
            self.wake()
            return
        self._idle_ticks += 1
        if self._idle_ticks == IDLE_AFTER_TICKS:
            self._timer.setInterval(IDLE_INTERVAL_MS)
