"""What every plot of the inspector is: it is told a moment, draws it, and reports what the user points at."""

from collections.abc import Sequence
from typing import ClassVar

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT, Theme, font
from rnnviz.gui.views.ghost import Ghost
from rnnviz.gui.views.plots.wording import noun_of
from rnnviz.gui.views.series import Series
from rnnviz.probes import Trace

MARGIN = 15
"""Space between the edge of the inspector and what is drawn, in points."""

TAB_SIZE, SMALLEST_TAB_SIZE = QSize(398, 250), QSize(260, 140)
"""All plots on tabs want the same room, so that nothing moves when another one is opened."""


class Plot(QWidget):
    """One plot. A plot that cannot be seen is not updated; it catches up when it is shown."""

    moved = Signal(dict)
    """Changes of the cursor that the user asked for, by name of the field."""

    hovered = Signal(str)
    """What stands under the mouse, with its unit; empty when nothing does."""

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    needs: ClassVar[frozenset[str]] = frozenset()
    draws_series: ClassVar[bool] = False
    """Whether the numbers of all updates are drawn, not the trace alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.trace: Trace | None = None
        self.cursor_state = CursorState()
        self.series: Series | None = None
        self.beside: Sequence[Plot] = ()
        """Those of the other lanes in one picture, drawn already: all have one scale."""
        self._ghost: Ghost | None = None
        self.times_drawn = 0
        self._stale = True
        self._pointer: QPointF | None = None
        self._said = ""
        self._empty = QLabel(self)
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(MARGIN, 0, MARGIN, 0)
        self._empty.hide()
        self.setAccessibleName(self.title)
        self.setMouseTracking(True)

    def show_moment(self, trace: Trace | None, cursor: CursorState, series: Series | None) -> None:
        """Show this moment, at once if the plot can be seen, else when it is next shown."""
        same = trace is self.trace and cursor == self.cursor_state
        same = same and (series is self.series or not self.draws_series)
        self.trace, self.cursor_state, self.series = trace, cursor, series
        if same and not self._stale:
            return
        if self.is_wanted():
            self.refresh()
        else:
            self._stale = True

    def set_ghost(self, ghost: Ghost | None) -> None:
        """The picture before something was changed, from the next moment on; None without."""
        if ghost is not self._ghost:
            self._ghost = ghost
            self._stale = True

    @property
    def ghost(self) -> Ghost | None:
        """The ghost, if it has the columns of what is drawn."""
        ghost = self._ghost
        return ghost if ghost is not None and self.trace is not None and ghost.fits(self.trace) else None

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.theme = theme
        # A style sheet of its own: the window's makes the ground of every label see-through.
        self._empty.setStyleSheet(f"background: {theme.panel}; color: {theme.quiet}; padding: 0 12px")
        self._empty.setFont(font())
        self.apply_theme()
        self._stale = True
        if self.is_wanted():
            self.refresh()

    def is_wanted(self) -> bool:
        """Can be seen, or will be as soon as its window is shown."""
        window = self.window()
        return not window.isMinimized() and (self.isVisible() or self.isVisibleTo(window))

    def sizeHint(self) -> QSize:
        """What a tab has at 1280×720."""
        return TAB_SIZE

    def minimumSizeHint(self) -> QSize:
        """What a plot on a tab needs to be readable."""
        return SMALLEST_TAB_SIZE

    def layer(self) -> int:
        """The layer in focus, within the network of the trace."""
        return min(self.cursor_state.layer, self.trace.layers - 1) if self.trace is not None else 0

    def noun(self) -> str:
        """What a token is called: "word" or "character"."""
        return noun_of(self.trace, self.series)

    def why_empty(self) -> str:
        """Why there is nothing to draw, and what to do about it; empty when there is something."""
        return "" if self.trace is not None else "Nothing has been traced yet: open a text to begin."

    def refresh(self) -> None:
        """Draw the moment now."""
        self._stale = False
        why = self.why_empty()
        self._say_why_empty(why)
        if not why:
            self.times_drawn += 1
            self.draw()
        if self._pointer is not None:
            self.point_at(self._pointer)

    def _say_why_empty(self, why: str) -> None:
        if why:
            self._empty.setText(why)
            self._empty.setGeometry(self.empty_rect())
            self._empty.raise_()
        self._empty.setVisible(bool(why))

    def draw(self) -> None:
        """Draw `trace`, `cursor` and `series`; called only when there is something to draw."""
        self.update()

    def apply_theme(self) -> None:
        """Hand the theme on to child widgets, where there are any."""

    def empty_rect(self) -> QRect:
        """Where the reason for emptiness stands."""
        return self.rect()

    def twin(self) -> "Plot":
        """Another plot that shows the same: in a picture of it neither focus nor mouse leave a mark.

        A plot that holds more than a moment, as a page that is scrolled, gives itself.
        """
        twin = type(self)()
        twin.set_theme(self.theme)
        twin.set_ghost(self._ghost)
        twin.show_moment(self.trace, self.cursor_state, self.series)
        return twin

    def paint_into(self, painter: QPainter, size: QSize, at: QPoint | None = None) -> None:
        """Paint the whole plot with `size` points at `at`: for pictures and vector files."""
        self.resize(size)
        self.ensurePolished()
        layout = self.layout()
        if layout is not None:
            layout.activate()
        self.refresh()
        self.render(painter, at or QPoint(0, 0))

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the plot could not be seen."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew for the new size."""
        super().resizeEvent(event)
        self._empty.setGeometry(self.empty_rect())
        if not self._stale and self.is_wanted():
            self.refresh()

    def reading_at(self, position: QPointF) -> str:
        """The number at a point of the plot (of its chart, where it has one), with its unit."""
        return ""

    def point_at(self, position: QPointF | None) -> None:
        """The mouse is there, or has gone: say what it points at, now and after every new moment."""
        self._pointer = position
        self.say("" if position is None or self.why_empty() else self.reading_at(position))

    def say(self, text: str) -> None:
        """Report a reading, if it is another than before."""
        if text != self._said:
            self._said = text
            self.hovered.emit(text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read what is under the mouse."""
        self.point_at(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        super().leaveEvent(event)
        self.point_at(None)
