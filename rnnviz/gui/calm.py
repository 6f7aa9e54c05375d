"""What stands beside the score follows a network that learns at a calmer pace than the score does."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

CALM_INTERVAL_MS = 66
"""Between two live pictures beside the score. Fifteen a second look alive, and drawing them sixty times
takes as long as the whole score."""


class Calm(QObject):
    """Shows something at once when somebody asks, and for live frames as often as is calm.

    The last moment is always shown: one that comes too early is shown when its time has come.
    """

    def __init__(self, show: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._show = show
        self._waits = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CALM_INTERVAL_MS)
        self._timer.timeout.connect(self._on_timeout)

    def now(self) -> None:
        """Show it now: it was asked for."""
        self._waits = False
        self._show()
        self._timer.start()

    def soon(self) -> None:
        """Show it now, or, if that was done a moment ago, in a moment."""
        if self._timer.isActive():
            self._waits = True
        else:
            self.now()

    def stop(self) -> None:
        """Show nothing any more."""
        self._timer.stop()
        self._waits = False

    def _on_timeout(self) -> None:
        if self._waits:
            self.now()
