"""Painting one number for memory over the updates: axes, a line a lane, marks where there is no number."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from rnnviz.gui.theme import SIZE_SMALL, Theme, color, font
from rnnviz.gui.views.plots.memory_course import MemoryLine, Points, Quantity, pieces, points_of, spans
from rnnviz.gui.views.plots.strips import short, wide_enough
from rnnviz.gui.views.plots.ticks import nice_ticks
from rnnviz.gui.views.wording import percent

LINE_WIDTH = 1.8
_MARK_HALF, _MARK_HEIGHT, _MARKS_APART = 3.6, 6.0, 11.0
_TICK_DISTANCE = 17.0


@dataclass(frozen=True, slots=True)
class MemoryAxes:
    """A rectangle with updates along x and one number for memory along y."""

    plot: QRectF
    last: float  # updates at the right end
    low: float
    high: float

    def x(self, step: float) -> float:
        """Where an update stands."""
        return self.plot.left() + step / self.last * self.plot.width()

    def y(self, value: float) -> float:
        """Where a value stands."""
        return self.plot.bottom() - (value - self.low) / (self.high - self.low) * self.plot.height()

    def step_at(self, x: float) -> float:
        """Which update stands at a place."""
        return (x - self.plot.left()) / max(self.plot.width(), 1.0) * self.last


def axes_for(plot: QRectF, lines: Sequence[MemoryLine], quantity: Quantity) -> MemoryAxes:
    """Axes that show all of some lines."""
    drawn = [points_of(line, quantity) for line in lines]
    last = max((float(points.step[-1]) for points in drawn if len(points.step)), default=0.0)
    low, high = spans(drawn, quantity) or (0.0, 1.0)
    return MemoryAxes(plot, wide_enough(last), low, high)


def paint_memory(
    painter: QPainter,
    axes: MemoryAxes,
    lines: Sequence[MemoryLine],
    quantity: Quantity,
    shown: float | None,
    dashes: Sequence[Sequence[float]],
    theme: Theme,
) -> None:
    """Grid, lines and marks; `shown` is the update looked at, `dashes` the pattern of each lane."""
    if spans([points_of(line, quantity) for line in lines], quantity) is None:
        _paint_nothing(painter, axes, theme)
        return
    _paint_grid(painter, axes, quantity, theme)
    if shown is not None:
        x = axes.x(shown)
        painter.setPen(QPen(color(theme.ink, 0.55), 1))
        painter.drawLine(QLineF(x, axes.plot.top(), x, axes.plot.bottom()))
    for line in lines:
        points = points_of(line, quantity)
        pen = QPen(color(theme.backward), LINE_WIDTH)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dashes[line.number]:
            pen.setDashPattern(list(dashes[line.number]))
        _paint_line(painter, axes, points, pen, theme)
        _paint_ends(painter, axes, points, theme)


def _paint_nothing(painter: QPainter, axes: MemoryAxes, theme: Theme) -> None:
    """A base line alone: an empty scale would look like numbers that are small."""
    painter.setPen(QPen(color(theme.line), 1, Qt.PenStyle.DotLine))
    painter.drawLine(QLineF(axes.plot.bottomLeft(), axes.plot.bottomRight()))


def _paint_grid(painter: QPainter, axes: MemoryAxes, quantity: Quantity, theme: Theme) -> None:
    plot = axes.plot
    painter.setFont(font(SIZE_SMALL))
    right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    for tick in nice_ticks(axes.low, axes.high, max(int(plot.height() / _TICK_DISTANCE), 1)):
        y = axes.y(tick)
        painter.setPen(QPen(color(theme.quiet if tick == 0 else theme.faint), 1))
        painter.drawLine(QLineF(plot.left(), y, plot.right(), y))
        painter.setPen(color(theme.quiet))
        sign = "−" if tick < 0 else ""
        text = short(tick) if quantity.in_steps else f"{sign}{percent(abs(tick))} %"
        painter.drawText(QRectF(plot.left() - 60, y - 8, 54, 16), right, text)


def _paint_line(painter: QPainter, axes: MemoryAxes, points: Points, pen: QPen, theme: Theme) -> None:
    for steps, values in pieces(points):
        places = [QPointF(axes.x(x), axes.y(y)) for x, y in zip(steps.tolist(), values.tolist(), strict=True)]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(places))
        if len(places) == 1:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(theme.backward))
            painter.drawEllipse(places[0], 2.2, 2.2)


def _paint_ends(painter: QPainter, axes: MemoryAxes, points: Points, theme: Theme) -> None:
    """Triangles at the furthest lag measured: hollow for "more than that", full for an error that grows."""
    before = -_MARKS_APART
    for step, end, beyond, grown in zip(
        points.step.tolist(), points.end.tolist(), points.beyond.tolist(), points.grown.tolist(), strict=True
    ):
        x = axes.x(step)
        if not (beyond or grown) or x - before < _MARKS_APART:
            continue
        before, y = x, axes.y(end)
        paint_mark(painter, x, y, bool(grown), theme)


def paint_mark(painter: QPainter, x: float, y: float, grown: bool, theme: Theme) -> None:
    """A triangle on a point: full where the error grows, hollow for more than was measured."""
    painter.setPen(QPen(color(theme.backward), 1.2))
    painter.setBrush(color(theme.backward) if grown else Qt.BrushStyle.NoBrush)
    corners = [QPointF(x, y - _MARK_HEIGHT), QPointF(x - _MARK_HALF, y), QPointF(x + _MARK_HALF, y)]
    painter.drawPolygon(QPolygonF(corners))


def paint_key(
    painter: QPainter,
    place: QRectF,
    lines: Sequence[MemoryLine],
    quantities: Sequence[Quantity],
    theme: Theme,
) -> None:
    """What the triangles mean, where there are any, from the left of a line of small print."""
    drawn = [points_of(line, quantity) for line in lines for quantity in quantities]
    x, middle = place.left(), place.center().y()
    painter.setFont(font(SIZE_SMALL))
    for there, grown, text in (
        (any(points.beyond.any() for points in drawn), False, "more than was measured"),
        (any(points.grown.any() for points in drawn), True, "it grows"),
    ):
        if there:
            paint_mark(painter, x + 4, middle + 3, grown, theme)
            painter.setPen(color(theme.quiet))
            width = painter.fontMetrics().horizontalAdvance(text)
            box = QRectF(x + 11, place.top(), width + 2, place.height())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
            x += width + 24
