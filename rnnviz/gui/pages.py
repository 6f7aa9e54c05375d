"""The pages of the window: the network at work, and in its place the results of experiments."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from rnnviz.gui.cursor import Cursor
from rnnviz.gui.experiment_show import ExperimentShow
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.repeats_show import RepeatsShow
from rnnviz.gui.results_show import ResultsShow
from rnnviz.gui.session import Session
from rnnviz.gui.theme import Theme


class Pages(QStackedWidget):
    """Shows one page at a time; what runs in the background goes on behind the others."""

    hovered = Signal(str)
    returned = Signal()  # the network is in sight again

    def __init__(
        self, preferences: Preferences, session: Session, cursor: Cursor, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.experiment = ExperimentShow(preferences, theme, self)
        self.repeats = RepeatsShow(session, cursor, theme, self)
        self._shows: tuple[ResultsShow, ...] = (self.experiment, self.repeats)
        for show in self._shows:
            self.addWidget(show.page)
            show.page.closed.connect(self.show_network)
            show.hovered.connect(self.hovered)

    def add_network(self, page: QWidget) -> None:
        """The page that is in sight first."""
        self.insertWidget(0, page)
        self.setCurrentIndex(0)

    @property
    def shown(self) -> ResultsShow | None:
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

    def _show(self, show: ResultsShow) -> None:
        show.refresh()
        self.setCurrentWidget(show.page)
        show.page.setFocus()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        for show in self._shows:
            show.set_theme(theme)
        self.experiment.form.set_theme(theme)

    def shut_down(self) -> None:
        """End every process; what is done has been kept."""
        for show in self._shows:
            show.close()
