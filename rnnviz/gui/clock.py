"""The one timer of the window: everything that the training thread leaves is taken on its ticks."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

FRAME_INTERVAL_MS = 16
IDLE_INTERVAL_MS = 100
IDLE_AFTER_TICKS = 30
LONGEST_WAIT_S = 0.1
"""Between two live frames, however much one costs: ten pictures a second look alive."""


class FramePace:
    """When the next live frame may be taken, so that drawing leaves the interpreter to the training.

    Two threads share one interpreter: each millisecond that a frame is being drawn is lost to the network.
    """

    def __init__(
        self,
        share: float,
        now: Callable[[], float] = time.perf_counter,
        worked: Callable[[], float] = time.thread_time,
    ) -> None:
        """`share` of its time may go into frames.

        `now` tells the time and `worked` how long this thread has computed, both in seconds.
        """
        self._share = share
        self._now, self._worked = now, worked
        self._taken_at, self._worked_then = -LONGEST_WAIT_S, 0.0

    def may_take(self) -> bool:
        """Whether the last frame, with all that was drawn since, has been paid for."""
        wait = min((self._worked() - self._worked_then) / self._share, LONGEST_WAIT_S)
        return self._now() - self._taken_at >= wait

    def taken(self) -> None:
        """A frame has been taken now."""
        self._taken_at, self._worked_then = self._now(), self._worked()

    def hurry(self) -> None:
        """Somebody waits for the next frame: it may be taken as soon as it comes."""
        self._taken_at = -LONGEST_WAIT_S


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
