"""What stands beside the score follows a network that learns at a calmer pace than the score does."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

CALM_INTERVAL_MS = 66
"""Between two live pictures beside the score. Fifteen a second look alive, and drawing them sixty times
takes as long as the whole score."""
PATIENCE_MS = 20
"""For so much longer one waits for a tick of the clock that has no picture of the network to paint."""


class Calm(QObject):
    """Shows something at once when somebody asks, and for live frames as often as is calm, at leisure.

    Both pictures in one tick take 13 of its 16 ms, and the next tick comes late. The last moment is always
    shown: one that comes too early is shown when its time has come.
    """

    def __init__(self, show: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._show = show
        self._waits = False
        self._is_time = True
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timeout)

    def now(self) -> None:
        """Show it now: it was asked for."""
        self._waits = self._is_time = False
        self._show()
        self._timer.start(CALM_INTERVAL_MS)

    def soon(self) -> None:
        """Show it at leisure, or in a moment; if that was done a moment ago, then in two."""
        self._waits = True
        if self._is_time and not self._timer.isActive():
            self._timer.start(PATIENCE_MS)

    def next(self) -> None:
        """Show it at the next leisure, however short a while ago that was done."""
        waits_for_leisure = self._is_time and self._timer.isActive()
        self._waits = self._is_time = True
        if not waits_for_leisure:  # or whoever asks at every tick would put it off for ever
            self._timer.start(PATIENCE_MS)

    def at_leisure(self) -> None:
        """There is nothing else to do now."""
        if self._waits and self._is_time:
            self.now()

    def stop(self) -> None:
        """Show nothing any more."""
        self._timer.stop()
        self._waits = False

    def _on_timeout(self) -> None:
        if self._is_time:
            self.at_leisure()
            return
        self._is_time = True
        if self._waits:
            self._timer.start(PATIENCE_MS)
