"""The equations of a cell as a page that is as long as they are, and scrolls where there is less room."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from rnnviz.gui.theme import SIZE_SMALL, SIZE_TEXT, Theme, color, font

Equation = tuple[str, str]  # formula, and what it says
FORMULA_HEIGHT, GAP = 18, 6
THUMB_WIDTH, LEAST_THUMB = 3.0, 18.0
LEAST_WIDTH = 228
"""Points; narrower than this an explanation is cut, not broken into ever more lines."""


class Equations:
    """What is written, and how far it has been scrolled."""

    def __init__(self) -> None:
        self.lines: tuple[Equation, ...] = ()
        self.offset = 0.0  # points of the page above the area

    def set_lines(self, lines: Sequence[Equation]) -> None:
        """Other equations, from their beginning."""
        if tuple(lines) != self.lines:
            self.lines, self.offset = tuple(lines), 0.0

    def height(self, width: float) -> int:
        """Points that the whole page needs."""
        return sum(height for _, height in self._rows(width))

    def _rows(self, width: float) -> list[tuple[int, int]]:
        """Height of each formula, and of the formula with its explanation."""
        rows: list[tuple[int, int]] = []
        for formula, explanation in self.lines:
            above = max(_wrapped_height(formula, SIZE_TEXT, width), FORMULA_HEIGHT)
            below = _wrapped_height(explanation, SIZE_SMALL, width) if explanation else 0
            rows.append((above, above + below + GAP))
        return rows

    def scroll_by(self, points: float, area: QRectF) -> bool:
        """Move the page; whether it moved."""
        before = self.offset
        most = max(self.height(area.width()) - area.height(), 0.0)
        self.offset = min(max(before + points, 0.0), most)
        return self.offset != before

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        """What of the page is in the area, and a thumb where there is more."""
        self.scroll_by(0.0, area)  # the area may have grown
        painter.save()
        painter.setClipRect(area)
        y, width = area.top() - self.offset, max(area.width(), LEAST_WIDTH)
        for (formula, explanation), (above, height) in zip(self.lines, self._rows(area.width()), strict=True):
            painter.setFont(font(SIZE_TEXT))
            painter.setPen(color(theme.ink))
            middle = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(area.left(), y, width, above), middle, formula)
            painter.setFont(font(SIZE_SMALL))
            painter.setPen(color(theme.quiet))
            below = QRectF(area.left(), y + above, width, height - above)
            painter.drawText(below, int(Qt.TextFlag.TextWordWrap), explanation)
            y += height
        painter.restore()
        whole = self.height(area.width())
        if whole > area.height() > 0:
            self._paint_thumb(painter, area, whole, theme)

    def _paint_thumb(self, painter: QPainter, area: QRectF, whole: float, theme: Theme) -> None:
        long = max(area.height() * area.height() / whole, min(LEAST_THUMB, area.height()))
        top = area.top() + (area.height() - long) * self.offset / (whole - area.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(theme.quiet, 0.6))
        painter.drawRoundedRect(QRectF(area.right() + 5, top, THUMB_WIDTH, long), 1.5, 1.5)


def _wrapped_height(text: str, size: int, width: float) -> int:
    """Points that a text takes when its lines are broken."""
    room = QRectF(0, 0, max(width, LEAST_WIDTH), 10_000)
    lines = QFontMetricsF(font(size)).boundingRect(room, int(Qt.TextFlag.TextWordWrap), text)
    return math.ceil(lines.height())
