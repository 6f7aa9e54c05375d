"""Where the keys move the caret of the text view."""

from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextLine

from rnnviz.gui.views.plots.text_lines import Place, from_utf16, next_border


class Page(Protocol):
    """What the keys need to know about the page."""

    head: Place

    @property
    def n_lines(self) -> int:
        """Lines of the text."""

    def line(self, index: int) -> str:
        """One line."""

    def row_of(self, place: Place) -> QTextLine:
        """The row in which a place stands."""

    def x_of(self, place: Place) -> float:
        """x of a place within its row."""

    def walked(self, start: Place, rows: int) -> Place:
        """Line and row that many rows further on."""

    def place_in_row(self, index: int, row: int, x: float) -> Place:
        """The place nearest to x in a row of a line."""

    def rows_in_sight(self) -> int:
        """How many rows there is room for."""


def moved_by_key(page: Page, event: QKeyEvent) -> Place | None:
    """Where a key takes the caret; None if the key moves nothing."""
    key = event.key()
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    rows = {
        Qt.Key.Key_Up: -1,
        Qt.Key.Key_Down: 1,
        Qt.Key.Key_PageUp: -page.rows_in_sight(),
        Qt.Key.Key_PageDown: page.rows_in_sight(),
    }
    if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        return _sideways(page, key == Qt.Key.Key_Right, control)
    if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        return _to_end(page, key == Qt.Key.Key_End, control)
    if key in rows:
        row = page.row_of(page.head)
        line, number = page.walked(
            (page.head[0], row.lineNumber() if row.isValid() else 0), rows[Qt.Key(key)]
        )
        return page.place_in_row(line, number, page.x_of(page.head))
    return None


def _sideways(page: Page, forward: bool, by_word: bool) -> Place:
    index, column = page.head
    line = page.line(index)
    if forward and column >= len(line):
        return (index + 1, 0) if index + 1 < page.n_lines else page.head
    if not forward and column == 0:
        return (index - 1, len(page.line(index - 1))) if index else page.head
    if by_word:
        return index, next_border(line, column, forward)
    return index, column + (1 if forward else -1)


def _to_end(page: Page, end: bool, of_text: bool) -> Place:
    index = page.head[0]
    if of_text:
        last = page.n_lines - 1
        return (last, len(page.line(last))) if end else (0, 0)
    row = page.row_of(page.head)
    if not row.isValid():
        return index, 0
    line = page.line(index)
    stop = from_utf16(line, row.textStart() + row.textLength())
    if end:
        wrapped = stop < len(line)
        return index, stop - 1 if wrapped else stop
    return index, from_utf16(line, row.textStart())
