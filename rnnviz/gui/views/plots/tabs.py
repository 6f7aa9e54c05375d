"""The inspector's tabs: words with a line under the one that is open, in ink and grey."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QTabBar, QWidget

from rnnviz.gui.theme import LIGHT, SIZE_SMALL, SIZE_TEXT, Theme, color, font
from rnnviz.gui.views.plots.plot import MARGIN
from rnnviz.gui.views.plots.signs import draw_pull_out

_HEIGHT, _GAP, _LEAST_GAP = 38, 30, 8


class Tabs(QTabBar):
    """A row of words; arrow keys walk it."""

    pulled = Signal(int)
    """A tab was double-clicked: it wants a window of its own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setAccessibleName("Plots")
        self.setMouseTracking(True)
        self.tabBarDoubleClicked.connect(self.pulled)

    def tabSizeHint(self, index: int) -> QSize:
        """Room for the word in its bold form, so that nothing moves when it is chosen."""
        size, gap = self._spacing()
        return QSize(self._word_width(index, size) + gap, _HEIGHT)

    def minimumTabSizeHint(self, index: int) -> QSize:
        """The same in the narrowest bar: words are never cut."""
        return QSize(self._word_width(index, SIZE_SMALL) + _LEAST_GAP, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """All words side by side."""
        width = sum(self.minimumTabSizeHint(index).width() for index in range(self.count()))
        return QSize(width + MARGIN, _HEIGHT)

    def _word_width(self, index: int, size: int) -> int:
        return QFontMetrics(font(size, bold=True)).horizontalAdvance(self.tabText(index))

    def _spacing(self) -> tuple[int, int]:
        """Type size, and points between two words: smaller where the bar is too narrow for all."""
        room, count = self.width() - MARGIN, max(self.count(), 1)
        if sum(self._word_width(index, SIZE_TEXT) + _GAP for index in range(self.count())) <= room:
            return SIZE_TEXT, _GAP
        small = sum(self._word_width(index, SIZE_SMALL) for index in range(self.count()))
        return SIZE_SMALL, max(_LEAST_GAP, min(_GAP, (room - small) // count))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words and the line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size, _ = self._spacing()
        for index in range(self.count()):
            chosen = index == self.currentIndex()
            rect = QRectF(self.tabRect(index))
            text = rect.adjusted(MARGIN, 0, MARGIN, 0)
            painter.setFont(font(size, bold=chosen))
            painter.setPen(color(self.theme.ink if chosen else self.theme.quiet))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(text, int(flags), self.tabText(index))
            if chosen:
                width = painter.fontMetrics().horizontalAdvance(self.tabText(index))
                line = QRectF(text.left() - 3, rect.bottom() - 6, width + 6, 2.5)
                painter.fillRect(line, color(self.theme.ink))
                if self.hasFocus():
                    painter.setPen(color(self.theme.ink))
                    painter.drawRoundedRect(QRectF(text.left() - 6, 6, width + 12, rect.height() - 16), 5, 5)
        painter.end()


class PullOutButton(QAbstractButton):
    """Pulls the open plot out into a window of its own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.setToolTip("Open this plot in a window of its own")
        self.setAccessibleName("Open this plot in a window of its own")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        """A small square."""
        return QSize(26, 26)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be pressed."""
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Show that nothing is under the mouse."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a frame with an arrow that leaves it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(color(self.theme.ink) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(color(self.theme.field))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        draw_pull_out(
            painter, QPointF(self.rect().center()) + QPointF(0.5, 0.5), color(self.theme.quiet), True
        )
        painter.end()
