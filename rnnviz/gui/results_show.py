"""What pages of results have in common: work in the background, its progress, and the picture."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QRectF, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from rnnviz.gui.background_run import BackgroundRun
from rnnviz.gui.controls.results_page import ResultsPage
from rnnviz.gui.controls.status import SAID_MS
from rnnviz.gui.theme import Theme
from rnnviz.gui.views.sheet import Content, Sheet, paint_sheet
from rnnviz.training.background import Work

PROBLEM_SAID_MS = 5 * SAID_MS
"""What went wrong and what to do about it are two sentences, and there is more to do than to read them."""


class ResultsShow(QObject):
    """A page with a sheet, filled by jobs in other processes while the window goes on."""

    hovered = Signal(str)

    title = ""

    def __init__(self, theme: Theme, parent: QObject, form: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.sheet = Sheet(theme)
        self.sheet.setAccessibleName(self.title)
        self.page = ResultsPage(self.title, theme, self.sheet, form)
        self.background = BackgroundRun(self)
        self.problem = ""  # why the last run ended before its time
        self._just_said = ""  # of an export, for a while in place of all else
        self._hush = QTimer(self)
        self._hush.setSingleShot(True)
        self._hush.timeout.connect(self._on_hush)
        self.background.told.connect(self.on_told)
        self.background.finished.connect(self.on_finished)
        self.background.ended.connect(self._on_ended)
        self.page.stop_clicked.connect(self.background.stop)
        self.sheet.hovered.connect(self.hovered)

    # What each kind of results gives.

    def content(self) -> Content:
        """The picture as it stands."""
        raise NotImplementedError

    def table(self) -> str:
        """The results as CSV; "" where there are none."""
        raise NotImplementedError

    def on_told(self, job: int, what: Any) -> None:
        """A job tells how it goes."""
        raise NotImplementedError

    def on_finished(self, job: int, result: Any) -> None:
        """A job is done."""
        raise NotImplementedError

    def said(self) -> str:
        """How it stands, in words."""
        raise NotImplementedError

    def refresh_buttons(self) -> None:
        """Which buttons can be pressed."""
        raise NotImplementedError

    # What they have in common.

    def begin(self, work: Work[Any, Any], jobs: Sequence[Any], weights: Sequence[float]) -> None:
        """Start jobs in the background."""
        self.problem = self._just_said = ""
        self.background.start(work, jobs, weights)
        self.refresh()

    def say(self, text: str, is_problem: bool = False) -> None:
        """Show what has just been done, or could not be, for a while in place of how it stands."""
        self._just_said = text
        self._hush.start(PROBLEM_SAID_MS if is_problem else SAID_MS)
        self.refresh()

    def _on_hush(self) -> None:
        self._just_said = ""
        self.refresh()

    def refresh(self) -> None:
        """Bring the page up to what is known."""
        running = self.background.is_running
        said = self.problem or self.said()
        if running:
            left = self.background.time_left()
            said = f"{said} · {left}" if left else said
        self.page.show_progress(self.background.share if running else None, self._just_said or said)
        self.refresh_buttons()
        self.sheet.show_content(self.content())

    def close(self) -> None:
        """End every process; nothing is left when this returns, or it has waited for a second."""
        self.background.close()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.page.set_theme(theme)
        self.sheet.set_theme(theme)

    def _on_ended(self, problem: str) -> None:
        self.problem = problem
        self.refresh()

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Paint the picture as it stands."""
        paint_sheet(painter, self.content(), area, self._theme)
