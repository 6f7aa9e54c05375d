"""Python's garbage collector, kept to the GUI thread.

By itself it runs in whatever thread makes an object. Widgets stand in cycles (the lambda of a signal knows
its widget, a plot its scene), and one that another thread takes apart leaves its timers running: Qt calls
what is no more, and the process ends with a segmentation fault, seconds after.
"""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 100


class Collecting(QObject):
    """Collects on a timer of the GUI thread, as often as Python itself would at most."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(EVERY_MS)

    def collect(self) -> None:
        """Go through the generations that have grown beyond Python's thresholds."""
        for generation, most in enumerate(gc.get_threshold()):
            if not most or gc.get_count()[generation] <= most:
                return
            gc.collect(generation)

    def stop(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.enable()
