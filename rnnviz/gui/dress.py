"""What the window wears: palette, style sheet, and the theme that its panels paint in."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from rnnviz.gui.controls import palette, stylesheet
from rnnviz.gui.theme import Theme

_NEXT_TURN_MS = 1
"""With 0 it would come in the same turn, before any key or tick that waits."""


class Panel(Protocol):
    """Part of a window that paints in a theme."""

    def set_theme(self, theme: Theme) -> None:
        """Paint in another one."""


class Dress(QObject):
    """Puts a theme on a window and its panels."""

    def __init__(self, window: QWidget, panels: Sequence[Panel]) -> None:
        super().__init__(window)
        self._window, self._panels = window, panels

    def put_on(self, theme: Theme) -> None:
        """Everywhere at once."""
        self._dress(theme)
        self._paint_in(theme)

    def change(self, theme: Theme) -> None:
        """In two turns of the event loop, painted in the second: in one it takes a tenth of a second."""
        self._window.setUpdatesEnabled(False)
        try:
            self._dress(theme)
        except BaseException:  # a window that never paints again is worse than any fault
            self._window.setUpdatesEnabled(True)
            raise
        QTimer.singleShot(_NEXT_TURN_MS, self, lambda: self._finish(theme))

    def _finish(self, theme: Theme) -> None:
        try:
            self._paint_in(theme)
        finally:
            self._window.setUpdatesEnabled(True)

    def _dress(self, theme: Theme) -> None:
        self._window.setPalette(palette(theme))
        self._window.setStyleSheet(stylesheet(theme))

    def _paint_in(self, theme: Theme) -> None:
        for panel in self._panels:
            panel.set_theme(theme)
