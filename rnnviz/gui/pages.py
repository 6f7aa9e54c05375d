"""The pages of the window: the network at work, and in its place the results of experiments.

The pages of results are loaded and built when they are first asked for: the first window would wait for them
as long as for the whole inspector.
"""

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from rnnviz.gui.cursor import Cursor
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.session import Session
from rnnviz.gui.theme import Theme

if TYPE_CHECKING:  # loaded late
    from rnnviz.gui.experiment_show import ExperimentShow
    from rnnviz.gui.repeats_show import RepeatsShow
    from rnnviz.gui.results_show import ResultsShow

Show = TypeVar("Show", bound="ResultsShow")


class Pages(QStackedWidget):
    """Shows one page at a time; what runs in the background goes on behind the others."""

    hovered = Signal(str)
    returned = Signal()  # the network is in sight again
    sheet_made = Signal(QWidget)  # of a page that was asked for the first time
    export_chosen = Signal(str)  # of the results in sight: see controls/results_page.py

    def __init__(
        self, preferences: Preferences, session: Session, cursor: Cursor, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._preferences, self._session, self._cursor, self._theme = preferences, session, cursor, theme
        self._shows: list[ResultsShow] = []  # those that have been asked for

    @cached_property
    def experiment(self) -> "ExperimentShow":
        """The memory experiment, with what was found last time."""
        from rnnviz.gui.experiment_show import ExperimentShow  # late: see above

        return self._made(ExperimentShow(self._preferences, self._theme, self))

    @cached_property
    def repeats(self) -> "RepeatsShow":
        """The lanes of a race from other seeds."""
        from rnnviz.gui.repeats_show import RepeatsShow  # late: see above

        return self._made(RepeatsShow(self._session, self._cursor, self._theme, self))

    def _made(self, show: Show) -> Show:
        self._shows.append(show)
        self.addWidget(show.page)
        show.page.closed.connect(self.show_network)
        show.hovered.connect(self.hovered)
        show.page.export_chosen.connect(self.export_chosen)
        self.sheet_made.emit(show.sheet)
        return show

    def add_network(self, page: QWidget) -> None:
        """The page that is in sight first."""
        self.insertWidget(0, page)
        self.setCurrentIndex(0)

    @property
    def shown(self) -> "ResultsShow | None":
        """The results in sight; None while the network is."""
        return next((show for show in self._shows if show.page is self.currentWidget()), None)

    def show_network(self) -> None:
        """Back to the network at work."""
        self.setCurrentIndex(0)
        self.returned.emit()

    def show_experiment(self, task: str = "") -> None:
        """Right answers against distance; `task` chooses what is to be remembered, unless it runs."""
        if task and not self.experiment.background.is_running:
            self.experiment.form.show_task(task)
        self._show(self.experiment)

    def show_repeats(self) -> None:
        """The lanes from other seeds: what was asked for last, or else the lanes as they stand now."""
        if self.repeats.plan is None:
            self.repeats.start_anew()
        self._show(self.repeats)

    def _show(self, show: "ResultsShow") -> None:
        show.refresh()
        self.setCurrentWidget(show.page)
        show.page.setFocus()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        for show in self._shows:
            show.set_theme(theme)

    def shut_down(self) -> None:
        """End every process; what is done has been kept."""
        for show in self._shows:
            show.close()
