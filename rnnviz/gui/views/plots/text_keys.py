"""Where the keys move the caret of the text view."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from rnnviz.gui.views.plots.text_lines import Place, from_utf16, next_border
from rnnviz.gui.views.plots.text_rows import TextRows


def moved_by_key(rows: TextRows, head: Place, page: int, event: QKeyEvent) -> Place | None:
    """Where a key takes the caret from `head`, `page` rows being in sight; None if the key moves nothing."""
    key = event.key()
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    steps = {
        Qt.Key.Key_Up: -1,
        Qt.Key.Key_Down: 1,
        Qt.Key.Key_PageUp: -page,
        Qt.Key.Key_PageDown: page,
    }
    if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        return _sideways(rows, head, key == Qt.Key.Key_Right, control)
    if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        return _to_end(rows, head, key == Qt.Key.Key_End, control)
    if key in steps:
        row = rows.row_of(head)
        line, number = rows.walked((head[0], row.lineNumber() if row.isValid() else 0), steps[Qt.Key(key)])
        return rows.place_in_row(line, number, rows.x_of(head))
    return None


def _sideways(rows: TextRows, head: Place, forward: bool, by_word: bool) -> Place:
    index, column = head
    line = rows.line(index)
    if forward and column >= len(line):
        return (index + 1, 0) if index + 1 < rows.n_lines else head
    if not forward and column == 0:
        return (index - 1, len(rows.line(index - 1))) if index else head
    if by_word:
        return index, next_border(line, column, forward)
    return index, column + (1 if forward else -1)


def _to_end(rows: TextRows, head: Place, end: bool, of_text: bool) -> Place:
    index = head[0]
    if of_text:
        last = rows.n_lines - 1
        return (last, len(rows.line(last))) if end else (0, 0)
    row = rows.row_of(head)
    if not row.isValid():
        return index, 0
    line = rows.line(index)
    stop = from_utf16(line, row.textStart() + row.textLength())
    if end:
        wrapped = stop < len(line)
        return index, stop - 1 if wrapped else stop
    return index, from_utf16(line, row.textStart())
