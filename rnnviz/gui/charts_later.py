"""The charts come after the first picture: pyqtgraph takes as long to import as the rest of the window."""

import gc
import threading
import time
from collections.abc import Iterator
from typing import Final

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QObject, QTimer

from rnnviz.gui.views.plots.chart_plot import ChartPlot
from rnnviz.gui.window import MainWindow
from rnnviz.plain_imports import plain_imports
from rnnviz.uncollected import uncollected

_LOOK_EVERY_MS = 5
_PIECE_S: Final = 0.004
"""So long classes are made at a time: whoever clicks meanwhile is answered."""


class ChartsLater(QObject):
    """Holds the charts of a new window until its first trace is painted and the library for them is there.

    The library is imported on a thread of its own, which makes no object of Qt, so that whoever clicks
    meanwhile is answered. It touches every class of Qt, and PySide makes each when it is first touched, which
    two threads must not do at once: 4 starts of 133 crashed on a busy machine, and none of 130 since. So all
    are made on the GUI thread before, a few at a time.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._plots = [plot for plot in window.inspector.plots.values() if isinstance(plot, ChartPlot)]
        self._classes = _make_classes()
        self._thread = threading.Thread(target=_load, name="loading charts")
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        for plot in self._plots:
            plot.hold()
        window.score.painted.connect(self._on_painted)

    def join(self) -> None:
        """Wait for the thread's end: an import cannot be given up."""
        if self._thread.ident is not None:
            self._thread.join()

    def _on_painted(self) -> None:
        if self._window.session.last_frame is not None:
            self._window.score.painted.disconnect(self._on_painted)
            QTimer.singleShot(0, self, self._begin)  # when all else has been painted

    def _begin(self) -> None:
        until = time.perf_counter() + _PIECE_S
        for _ in self._classes:
            if time.perf_counter() > until:
                QTimer.singleShot(0, self, self._begin)
                return
        self._thread.start()
        self._timer.start()

    def _look(self) -> None:
        if not self._thread.is_alive():
            self._timer.stop()
            for plot in self._plots:
                plot.release()
            gc.freeze()  # or the collector goes through the library in the midst of frames, 15 ms at a time


def _make_classes() -> Iterator[None]:
    """Touch the classes of Qt, one each time."""
    for module in (QtCore, QtGui, QtWidgets):
        for name in dir(module):
            getattr(module, name)
            yield


def _load() -> None:
    with uncollected(), plain_imports():  # 15 % faster, and 20 %
        import pyqtgraph  # noqa: F401  # here and not above: it takes as long as the first picture
