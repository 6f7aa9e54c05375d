"""The rows of a text wrapped to a width, laid out on demand: only lines that are asked for are ever read."""

from collections import OrderedDict
from typing import Any

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontMetricsF, QTextLayout, QTextLine, QTextOption

from rnnviz.gui.theme import font
from rnnviz.gui.views.plots.text_lines import Lines, Place, from_utf16, to_utf16

_MOST_LAYOUTS = 256
LEADING = 3
_NARROWEST = 40.0
_TAB_BLANKS = 8

RowPlace = tuple[int, int]
"""A line, and a row within it."""


class TextRows:
    """A text, a width, and the layouts of the lines that were asked for last."""

    def __init__(self, text: Lines | None = None, width: float = 300.0) -> None:
        self.text = text
        self._width = width
        self._layouts: OrderedDict[int, QTextLayout] = OrderedDict()

    def set_width(self, width: float) -> None:
        """Wrap anew to another width."""
        self._width = max(width, _NARROWEST)
        self.forget()

    def forget(self) -> None:
        """Lay everything out anew: another face."""
        self._layouts.clear()

    @property
    def n_lines(self) -> int:
        """Lines of the text; 0 without one."""
        return self.text.n_lines if self.text is not None else 0

    def line(self, index: int) -> str:
        """One line of the text."""
        return self.text.line(index) if self.text is not None else ""

    def row_height(self) -> int:
        """Height of a row in points."""
        return round(QFontMetricsF(font()).height()) + LEADING

    def layout_of(self, index: int) -> QTextLayout:
        """A line laid out for the present width."""
        made = self._layouts.get(index)
        if made is None:
            made = QTextLayout(self.line(index), font())
            option = QTextOption()
            option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
            option.setTabStopDistance(_TAB_BLANKS * QFontMetricsF(font()).horizontalAdvance(" "))
            made.setTextOption(option)
            made.setCacheEnabled(True)
            height = self.row_height()
            made.beginLayout()
            row = 0
            while (piece := made.createLine()).isValid():
                piece.setLineWidth(self._width)
                piece.setPosition(QPointF(0, row * height))
                row += 1
            made.endLayout()
            self._layouts[index] = made
            while len(self._layouts) > _MOST_LAYOUTS:
                self._layouts.popitem(last=False)
        else:
            self._layouts.move_to_end(index)
        return made

    def rows_of(self, index: int) -> int:
        """How many rows a line takes."""
        return max(self.layout_of(index).lineCount(), 1)

    def row_of(self, place: Place) -> QTextLine:
        """The row in which a place stands."""
        return self.layout_of(place[0]).lineForTextPosition(to_utf16(self.line(place[0]), place[1]))

    def place_in_row(self, index: int, row: int, x: float) -> Place:
        """The place nearest to x in a row of a line."""
        made = self.layout_of(index)
        if made.lineCount() == 0:
            return index, 0
        piece = made.lineAt(min(row, made.lineCount() - 1))
        units = int(piece.xToCursor(x))
        last = row + 1 < made.lineCount() and units >= piece.textStart() + piece.textLength()
        return index, from_utf16(self.line(index), units - 1 if last else units)

    def x_of(self, place: Place) -> float:
        """x of a place within its row."""
        made = self.row_of(place)
        if not made.isValid():
            return 0.0
        at: Any = made.cursorToX(to_utf16(self.line(place[0]), place[1]))
        return float(at[0] if isinstance(at, tuple) else at)

    def walked(self, start: RowPlace, rows: int) -> RowPlace:
        """Line and row that many rows further on, within the text."""
        line, row = start
        while rows > 0:
            rest = self.rows_of(line) - 1 - row
            if rows <= rest:
                return line, row + rows
            if line + 1 >= self.n_lines:
                return line, row + rest
            rows, line, row = rows - rest - 1, line + 1, 0
        while rows < 0:
            if row + rows >= 0:
                return line, row + rows
            if line == 0:
                return 0, 0
            rows, line = rows + row + 1, line - 1
            row = self.rows_of(line) - 1
        return line, row
