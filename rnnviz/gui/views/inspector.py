"""The inspector: what the network expects, why its error fades, and below them the plots on tabs."""

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT, Theme, color
from rnnviz.gui.views.ghost import Ghost
from rnnviz.gui.views.plots import PLOTS, Plot
from rnnviz.gui.views.plots.plot import MARGIN
from rnnviz.gui.views.plots.sample import SamplePlot
from rnnviz.gui.views.plots.softmax import SoftmaxPlot
from rnnviz.gui.views.plots.tabs import PullOutButton, Tabs
from rnnviz.gui.views.plots.text import TextPlot
from rnnviz.gui.views.plots.text_lines import Lines
from rnnviz.gui.views.plots.why import WhyPlot
from rnnviz.gui.views.series import Series
from rnnviz.probes import Trace

P = TypeVar("P", bound=Plot)

_FIXED = ("softmax", "why")  # always in sight, above the tabs


class PulledOut(QWidget):
    """A window with one plot in it; closing it puts the plot back."""

    closed = Signal(str)

    def __init__(self, plot: Plot, owner: QWidget) -> None:
        super().__init__(owner, Qt.WindowType.Window)
        self.plot = plot
        self.setWindowTitle(plot.title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(plot)
        self.setAutoFillBackground(True)
        self.resize(720, 480)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Put the plot back."""
        super().closeEvent(event)
        self.closed.emit(self.plot.name)


class Inspector(QWidget):
    """The right part of the window. It is told moments and says what the user wants; it decides nothing."""

    moved = Signal(dict)
    hovered = Signal(str)
    answer_chosen = Signal(str, int)
    passage_chosen = Signal(str, str)
    write_wanted = Signal(int, float)
    needs_changed = Signal()
    """Another plot came into sight: `needs` may be another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.plots: dict[str, Plot] = {kind.name: kind() for kind in PLOTS}
        self._windows: dict[str, PulledOut] = {}
        self._tab_names: list[str] = []
        self._lines: list[QFrame] = []
        self.setAutoFillBackground(True)
        self.tabs = Tabs()
        self.pull_out_button = PullOutButton()
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self.set_theme(LIGHT)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for name in _FIXED:
            if name in self.plots:
                layout.addWidget(self.plots[name], 3 if name == "softmax" else 0)
                layout.addWidget(self._line())
        bar = QHBoxLayout()
        bar.setContentsMargins(0, 0, MARGIN - 4, 0)
        bar.setSpacing(0)
        bar.addWidget(self.tabs, 1)
        bar.addWidget(self.pull_out_button)
        layout.addLayout(bar)
        layout.addWidget(self._stack, 4)
        for name in self.plots:
            if name not in _FIXED:
                self._put_back(name)
        self.tabs.setCurrentIndex(0)

    def _line(self) -> QFrame:
        line = QFrame()
        line.setFixedHeight(1)
        line.setAutoFillBackground(True)
        self._lines.append(line)
        return line

    def _connect(self) -> None:
        for plot in self.plots.values():
            plot.moved.connect(self.moved)
            plot.hovered.connect(self.hovered)
        self._plot(SoftmaxPlot).answer_chosen.connect(self.answer_chosen)
        self._plot(TextPlot).passage_chosen.connect(self.passage_chosen)
        self._plot(SamplePlot).write_wanted.connect(self.write_wanted)
        self.tabs.currentChanged.connect(self._show_tab)
        self.tabs.pulled.connect(lambda index: self.pull_out(self._tab_names[index]))
        self.pull_out_button.clicked.connect(self._pull_out_present)

    def _plot(self, kind: type[P]) -> P:
        plot = self.plots[kind.name]
        assert isinstance(plot, kind)
        return plot

    def sizeHint(self) -> QSize:
        """As in the design: 398 of 1280 points."""
        return QSize(398, 646)

    def minimumSizeHint(self) -> QSize:
        """Smaller than this the words no longer fit."""
        return QSize(330, 448)

    def show_moment(self, trace: Trace | None, cursor: CursorState, series: Series | None) -> None:
        """Show this moment in every plot that can be seen."""
        for plot in self.plots.values():
            plot.show_moment(trace, cursor, series)

    def set_ghost(self, ghost: Ghost | None) -> None:
        """The picture before something was changed, drawn beside that of now; None without."""
        for plot in self.plots.values():
            plot.set_ghost(ghost)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.theme = self.tabs.theme = self.pull_out_button.theme = theme
        for widget in (self, *self._windows.values()):
            palette = widget.palette()
            palette.setColor(QPalette.ColorRole.Window, color(theme.panel))
            widget.setPalette(palette)
        for line in self._lines:
            palette = line.palette()
            palette.setColor(QPalette.ColorRole.Window, color(theme.line))
            line.setPalette(palette)
        for plot in self.plots.values():
            plot.set_theme(theme)
        self.tabs.update()
        self.pull_out_button.update()

    def needs(self) -> frozenset[str]:
        """The optional fields of a Trace that the plots in sight want."""
        return frozenset().union(*(plot.needs for plot in self.plots.values() if plot.is_wanted()))

    def set_text(self, text: Lines | None) -> None:
        """Show another text in the text view."""
        self._plot(TextPlot).set_text(text)

    def find_in_text(self) -> None:
        """Bring the text into sight and go to its search field."""
        self.show_tab(TextPlot.name)
        self._plot(TextPlot).start_search()

    def set_equations(self, equations: Sequence[tuple[str, str]]) -> None:
        """The cell's equations, forward and backward: formula and explanation."""
        self._plot(WhyPlot).set_equations(equations)

    def show_written(self, passage: str, text: str) -> None:
        """Show what the network wrote on, and the page that it stands on."""
        self._plot(SamplePlot).show_written(passage, text)
        self.show_tab(SamplePlot.name)

    def show_tab(self, name: str) -> None:
        """Bring a plot into sight: its tab, or its window."""
        if name in self._windows:
            self._windows[name].raise_()
            self._windows[name].activateWindow()
        elif name in self._tab_names:
            self.tabs.setCurrentIndex(self._tab_names.index(name))

    def _show_tab(self, index: int) -> None:
        if 0 <= index < len(self._tab_names):
            self._stack.setCurrentWidget(self.plots[self._tab_names[index]])
        self.needs_changed.emit()

    def _pull_out_present(self) -> None:
        if self._tab_names:
            self.pull_out(self._tab_names[self.tabs.currentIndex()])

    def pull_out(self, name: str) -> None:
        """Give a plot a window of its own; closing that window puts it back."""
        if name not in self._tab_names:
            return
        plot = self.plots[name]
        index = self._tab_names.index(name)
        self._stack.removeWidget(plot)
        self._tab_names.remove(name)
        self.tabs.removeTab(index)
        window = PulledOut(plot, self)
        window.setPalette(self.palette())
        window.closed.connect(self._window_closed)
        self._windows[name] = window
        plot.show()
        window.show()
        self._show_tab(self.tabs.currentIndex())
        self._stack.setVisible(bool(self._tab_names))
        self.pull_out_button.setVisible(bool(self._tab_names))

    def _window_closed(self, name: str) -> None:
        window = self._windows.pop(name)
        self._put_back(name)
        self.show_tab(name)
        window.deleteLater()

    def _put_back(self, name: str) -> None:
        order = [n for n in self.plots if n not in _FIXED and (n in self._tab_names or n == name)]
        index = order.index(name)
        self._tab_names = order
        self._stack.addWidget(self.plots[name])
        self.tabs.insertTab(index, self.plots[name].title)
        self._stack.setVisible(True)
        self.pull_out_button.setVisible(True)
        self._show_tab(self.tabs.currentIndex())

    def pulled_out(self) -> tuple[str, ...]:
        """Names of the plots that have windows of their own."""
        return tuple(self._windows)

    def shut_down(self) -> None:
        """The main window is about to close: end searches, close the windows of pulled-out plots."""
        self._plot(TextPlot).shut_down()
        for window in tuple(self._windows.values()):
            window.close()
