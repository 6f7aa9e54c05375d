"""The picture of benchmarks/scale.py: a panel for each size, both axes logarithmic, painted with QPainter."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from rnnviz.gui.app import application
from rnnviz.gui.pictures import png_of
from rnnviz.gui.theme import LIGHT, SIZE_SMALL, SIZE_TEXT, color, font

if TYPE_CHECKING:  # the measurements come first; only the type is needed here
    from benchmarks.scale import Point

SIZE = QSize(1080, 640)  # points
PIXELS_A_POINT = 1.5
COLUMNS = 3
HEAD, MARGIN = 62.0, 16.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 10.0, 26.0, 24.0  # of a panel, around its axes
CELL_COLOURS = {"rnn": "#1f6fb4", "lstm": "#c2571a", "gru": "#3d8b40"}
CELL_TITLES = {"rnn": "plain RNN", "lstm": "LSTM", "gru": "GRU"}
DOT = 2.6


def draw(
    points: "Mapping[str, Sequence[Point]]", base: Mapping[str, int], titles: Mapping[str, str], path: Path
) -> None:
    """Write the picture as PNG."""
    application()
    path.write_bytes(png_of(lambda painter: _paint(painter, points, base, titles), SIZE, PIXELS_A_POINT))


def _paint(
    painter: QPainter,
    points: "Mapping[str, Sequence[Point]]",
    base: Mapping[str, int],
    titles: Mapping[str, str],
) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(0, 0, SIZE.width(), SIZE.height()), QColor("white"))
    _paint_head(painter, base)
    speeds = [s for found in points.values() for p in found for s in (p.tokens_per_s, p.limit)]
    lowest, highest = math.floor(math.log10(min(speeds))), math.ceil(math.log10(max(speeds)))
    rows = math.ceil(len(points) / COLUMNS)
    width = (SIZE.width() - 2 * MARGIN) / COLUMNS
    height = (SIZE.height() - HEAD - MARGIN) / rows
    for number, (name, found) in enumerate(points.items()):
        row, column = divmod(number, COLUMNS)
        whole = QRectF(MARGIN + column * width, HEAD + row * height, width, height)
        _Panel(painter, whole, (lowest, highest)).paint(f"{name}, {titles[name]}", found)


def _paint_head(painter: QPainter, base: Mapping[str, int]) -> None:
    painter.setFont(font(SIZE_TEXT, bold=True))
    painter.setPen(color(LIGHT.ink))
    painter.drawText(QPointF(MARGIN, 26), "Tokens a second as one size grows")
    painter.setFont(font(SIZE_SMALL))
    painter.setPen(color(LIGHT.quiet))
    others = ", ".join(f"{name} {value}" for name, value in base.items())
    painter.drawText(QPointF(MARGIN, 46), f"The others stay at {others}. Both axes are logarithmic.")
    x = SIZE.width() - MARGIN - 560.0
    for cell, title in CELL_TITLES.items():
        painter.setPen(QPen(QColor(CELL_COLOURS[cell]), 2.0))
        painter.drawLine(QPointF(x, 22), QPointF(x + 26, 22))
        x = _write(painter, x + 32, title) + 18
    for title, style in (
        ("reached", Qt.PenStyle.SolidLine),
        ("the limit: matrix products alone", Qt.PenStyle.DashLine),
    ):
        painter.setPen(QPen(color(LIGHT.ink), 1.6, style))
        painter.drawLine(QPointF(x, 22), QPointF(x + 26, 22))
        x = _write(painter, x + 32, title) + 18


def _write(painter: QPainter, x: float, text: str) -> float:
    painter.setPen(color(LIGHT.ink))
    painter.drawText(QPointF(x, 26), text)
    return x + QFontMetricsF(painter.font()).horizontalAdvance(text)


class _Panel:
    """One pair of axes."""

    def __init__(self, painter: QPainter, whole: QRectF, decades: tuple[int, int]) -> None:
        self._painter, self._whole, self._decades = painter, whole, decades
        self._area = whole.adjusted(LEFT, TOP, -RIGHT, -BOTTOM)

    def paint(self, title: str, found: "Sequence[Point]") -> None:
        values = sorted({point.value for point in found})
        ends = math.log(values[0]), math.log(values[-1])
        painter = self._painter
        painter.setFont(font(SIZE_SMALL, bold=True))
        painter.setPen(color(LIGHT.ink))
        painter.drawText(QPointF(self._area.left(), self._whole.top() + 16), title)
        painter.setFont(font(SIZE_SMALL))
        self._paint_decades()
        for value in values:
            x = self._x(value, ends)
            box = QRectF(x - 40, self._area.bottom() + 4, 80, 16)
            painter.setPen(color(LIGHT.quiet))
            painter.drawText(self._inside(box), Qt.AlignmentFlag.AlignCenter, f"{value:,}")
        for cell, name in CELL_COLOURS.items():
            points = sorted((p for p in found if p.cell == cell), key=lambda p: p.value)
            limit = [QPointF(self._x(p.value, ends), self._y(p.limit)) for p in points]
            painter.setPen(QPen(QColor(name), 1.2, Qt.PenStyle.DashLine))
            painter.drawPolyline(QPolygonF(limit))
            reached = [QPointF(self._x(p.value, ends), self._y(p.tokens_per_s)) for p in points]
            painter.setPen(QPen(QColor(name), 2.0))
            painter.drawPolyline(QPolygonF(reached))
            painter.setBrush(QColor(name))
            for place in reached:
                painter.drawEllipse(place, DOT, DOT)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_decades(self) -> None:
        painter, area = self._painter, self._area
        for decade in range(self._decades[0], self._decades[1] + 1):
            y = self._y(10.0**decade)
            painter.setPen(QPen(color(LIGHT.line), 1.0))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(color(LIGHT.quiet))
            box = QRectF(self._whole.left(), y - 8, LEFT - 6, 16)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, right, _short(10**decade))

    def _inside(self, box: QRectF) -> QRectF:
        """The box, moved so that the label of an end does not leave the panel."""
        beyond = box.center().x() + 20 - self._whole.right()
        return box.translated(-beyond, 0) if beyond > 0 else box

    def _x(self, value: int, ends: tuple[float, float]) -> float:
        share = (math.log(value) - ends[0]) / (ends[1] - ends[0])
        return self._area.left() + 8 + share * (self._area.width() - 24)

    def _y(self, speed: float) -> float:
        low, high = self._decades
        return self._area.bottom() - (math.log10(speed) - low) / (high - low) * self._area.height()


def _short(number: int) -> str:
    for unit, letter in ((10**6, " M"), (10**3, " k")):
        if number >= unit:
            return f"{number // unit}{letter}"
    return str(number)
