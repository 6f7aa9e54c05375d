"""The page of the text view: lines of a text of any size, wrapped on demand, with a selection.

Only the lines in sight are ever read or laid out. The scroll bar counts lines; within a wrapped line the
page moves by rows.
"""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from rnnviz.gui.theme import LIGHT, SIZE_SMALL, Theme, color, font
from rnnviz.gui.views.plots.text_keys import moved_by_key
from rnnviz.gui.views.plots.text_lines import (
    MOST_SELECTED,
    Lines,
    Place,
    limited,
    to_utf16,
    word_around,
)
from rnnviz.gui.views.plots.text_rows import LEADING, RowPlace, TextRows

_PAD = 6
_SCROLL_INTERVAL_MS = 40
_LARGEST_SCROLL = 2**31 - 2


class TextPage(QAbstractScrollArea):
    """Shows lines and lets some of them be selected, with the mouse or with the keys."""

    selection_changed = Signal()
    chosen = Signal()
    """Enter was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.noun = "word"
        self.rows = TextRows()
        self.anchor: Place = (0, 0)
        self.head: Place = (0, 0)
        self.cut_short = False  # the selection wanted to be longer than it may be
        self._top: RowPlace = (0, 0)  # line and row within it
        self._setting_bar = False
        self._wheel = 0.0
        self._drag = QTimer(self)
        self._drag.setInterval(_SCROLL_INTERVAL_MS)
        self._drag.timeout.connect(self._drag_on)
        self._drag_at = QPointF()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("The text; select the passage to watch")
        # A viewport that Python made is known at once. For Qt's own PySide looks through all classes of
        # widgets: 54 enums, 15 ms before the first picture.
        self.setViewport(QWidget())
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.verticalScrollBar().valueChanged.connect(self._bar_moved)

    # The text.

    def set_text(self, text: Lines | None) -> None:
        """Show another text from its beginning."""
        self.rows = TextRows(text)
        self._wrap()
        self.anchor = self.head = self._top = (0, 0)
        self.cut_short = False
        self.rows.forget()
        self._set_bar()
        self.selection_changed.emit()
        self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.theme = theme
        self.rows.forget()
        self.viewport().update()

    # Geometry.

    def gutter(self) -> int:
        """Width of the line numbers."""
        widest = QFontMetricsF(font(SIZE_SMALL)).horizontalAdvance(
            "0" * max(len(f"{self.rows.n_lines:,}"), 3)
        )
        return round(widest) + 2 * _PAD + 3

    def _wrap(self) -> None:
        self.rows.set_width(self.viewport().width() - self.gutter() - _PAD)

    def rows_in_sight(self) -> int:
        """How many whole rows there is room for."""
        return max(self.viewport().height() // self.rows.row_height(), 1)

    def place_at(self, position: QPointF) -> Place:
        """The place under a point of the viewport."""
        row = int(position.y() // self.rows.row_height())
        line, row = self.rows.walked(self._top, row)
        return self.rows.place_in_row(line, row, position.x() - self.gutter())

    # Scrolling.

    def top(self) -> RowPlace:
        """Line and row at the top of the page."""
        return self._top

    def _last_top(self) -> RowPlace:
        end = (self.rows.n_lines - 1, self.rows.rows_of(self.rows.n_lines - 1) - 1)
        return self.rows.walked(end, 1 - self.rows_in_sight())

    def scroll_to(self, top: RowPlace) -> None:
        """Put a row at the top of the page, as far as the text allows."""
        if self.rows.n_lines:
            self._top = min(max(top, (0, 0)), self._last_top())
            self._set_bar()
            self.viewport().update()

    def show_place(self, place: Place, centered: bool = False) -> None:
        """Scroll so that a place can be seen."""
        row = self.rows.row_of(place)
        at = (place[0], row.lineNumber() if row.isValid() else 0)
        room = self.rows_in_sight()
        if centered and not self._top <= at <= self.rows.walked(self._top, room - 1):
            self.scroll_to(self.rows.walked(at, -(room // 2)))
        elif at < self._top:
            self.scroll_to(at)
        elif at > self.rows.walked(self._top, room - 1):
            self.scroll_to(self.rows.walked(at, 1 - room))

    def _set_bar(self) -> None:
        self._setting_bar = True
        last = self._last_top()[0] if self.rows.n_lines else 0
        self.verticalScrollBar().setRange(0, min(last, _LARGEST_SCROLL))
        self.verticalScrollBar().setPageStep(self.rows_in_sight())
        self.verticalScrollBar().setValue(self._top[0])
        self._setting_bar = False

    def _bar_moved(self, line: int) -> None:
        if not self._setting_bar:
            self.scroll_to((line, 0))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Nothing: `_bar_moved` scrolls."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Three rows a notch."""
        pixels = event.pixelDelta().y()
        self._wheel += -pixels / self.rows.row_height() if pixels else -event.angleDelta().y() / 40
        rows = int(self._wheel)
        self._wheel -= rows
        if rows:
            self.scroll_to(self.rows.walked(self._top, rows) if self.rows.n_lines else (0, 0))
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew; the line at the top stays."""
        super().resizeEvent(event)
        self._wrap()
        self.scroll_to((self._top[0], 0))

    # Selection.

    def selection(self) -> tuple[Place, Place]:
        """Where the selection begins and ends."""
        return min(self.anchor, self.head), max(self.anchor, self.head)

    def select(self, anchor: Place, head: Place, centered: bool = False) -> None:
        """Select from `anchor` towards `head`, as far as a passage may reach, and show its end."""
        if self.rows.text is None or not self.rows.n_lines:
            return
        reached = limited(self.rows.text, anchor, head, MOST_SELECTED[self.noun])
        self.cut_short = reached != head
        self.anchor, self.head = anchor, reached
        self.show_place(reached, centered)
        self.selection_changed.emit()
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a selection, or move the end of the present one with Shift."""
        if event.button() is Qt.MouseButton.LeftButton and self.rows.n_lines:
            place = self.place_at(event.position())
            extend = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.select(self.anchor if extend else place, place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the end of the selection; beyond the page, scroll."""
        if event.buttons() & Qt.MouseButton.LeftButton and self.rows.n_lines:
            self._drag_at = event.position()
            outside = not 0 <= self._drag_at.y() < self.viewport().height()
            if outside and not self._drag.isActive():
                self._drag.start()
            elif not outside:
                self._drag.stop()
                self.select(self.anchor, self.place_at(self._drag_at))

    def _drag_on(self) -> None:
        down = self._drag_at.y() > 0
        self.scroll_to(self.rows.walked(self._top, 1 if down else -1))
        y = self.rows_in_sight() * self.rows.row_height() - 1 if down else 0
        self.select(self.anchor, self.place_at(QPointF(self._drag_at.x(), y)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The selection is made."""
        self._drag.stop()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Select the word."""
        if self.rows.n_lines:
            index, column = self.place_at(event.position())
            start, end = word_around(self.rows.line(index), column)
            self.select((index, start), (index, end))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, with Shift they select, Enter chooses."""
        if not self.rows.n_lines:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        elif event.key() == Qt.Key.Key_C and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            QGuiApplication.clipboard().setText(self.selected_text())
        else:
            place = moved_by_key(self.rows, self.head, self.rows_in_sight(), event)
            if place is None:
                super().keyPressEvent(event)
            else:
                extend = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self.select(self.anchor if extend else place, place)

    def selected_text(self) -> str:
        """What is selected, with its line ends."""
        (first, a), (last, b) = self.selection()
        lines = [self.rows.line(i) for i in range(first, last + 1)] if self.rows.n_lines else [""]
        lines[-1] = lines[-1][:b]
        lines[0] = lines[0][a:]
        return "\n".join(lines)

    # Painting.

    def sizeHint(self) -> QSize:
        """A dozen lines."""
        return QSize(380, 12 * self.rows.row_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows in sight."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), color(self.theme.panel))
        if self.rows.n_lines:
            height, index = self.rows.row_height(), self._top[0]
            y = -self._top[1] * height
            while y < self.viewport().height() and index < self.rows.n_lines:
                self._paint_line(painter, index, y)
                y += self.rows.rows_of(index) * height
                index += 1
        if self.hasFocus():
            painter.setPen(color(self.theme.line))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_line(self, painter: QPainter, index: int, y: int) -> None:
        gutter, height = self.gutter(), self.rows.row_height()
        made, text = self.rows.layout_of(index), self.rows.line(index)
        (first, a), (last, b) = self.selection()
        selections = []
        if first <= index <= last and (first, a) != (last, b):
            start = to_utf16(text, a) if index == first else 0
            end = to_utf16(text, b) if index == last else to_utf16(text, len(text))
            chosen = QTextLayout.FormatRange()
            chosen.start, chosen.length = start, end - start
            look = QTextCharFormat()
            look.setBackground(color(self.theme.ink))
            look.setForeground(color(self.theme.on_ink))
            chosen.format = look
            selections.append(chosen)
            if not text:
                painter.fillRect(QRect(gutter, y, 4, height - LEADING), color(self.theme.ink))
        painter.setPen(color(self.theme.ink))
        made.draw(painter, QPointF(gutter, y + 1), selections, QRectF(self.viewport().rect()))
        if self.hasFocus() and index == self.head[0]:
            made.drawCursor(painter, QPointF(gutter, y + 1), to_utf16(text, self.head[1]), 1)
        if y + height > 0:
            painter.setFont(font(SIZE_SMALL))
            painter.setPen(color(self.theme.quiet))
            number = QRect(QPoint(0, y + 1), QSize(gutter - 2 * _PAD, height - LEADING))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(number, int(flags), f"{index + 1:,}")

    def changeEvent(self, event: QEvent) -> None:
        """Wrap anew when the face changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.rows.forget()
