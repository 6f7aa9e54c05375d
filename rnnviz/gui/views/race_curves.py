"""What the plots beside a race are drawn with: a frame with axes, curves and where their names stand."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.lanes import DASHES
from rnnviz.gui.views.series import Numbers
from rnnviz.gui.views.tracks.lettering import SMALL, SMALL_BOLD, baseline, write

Floats = NDArray[np.float64]
Curve = tuple[Floats, Floats]  # x and y of one lane, (N,) each; NaN where nothing is known

LEFT, RIGHT = 58.0, 26.0
TITLE_HEIGHT, NUMBER_HEIGHT = 28.0, 11.0
MOST_POINTS = 60
"""Of a curve of many updates so many means are drawn: dash patterns show on a smooth line only."""


class Frame:
    """A rectangle with axes."""

    def __init__(self, plot: QRectF, x: tuple[float, float], y: tuple[float, float]) -> None:
        self.plot, self._x, self._y = plot, x, y

    def x(self, value: float) -> float:
        """Where a value stands from left to right."""
        return self.plot.left() + (value - self._x[0]) / (self._x[1] - self._x[0]) * self.plot.width()

    def x_at(self, x: float) -> float:
        """Which value stands at a place from left to right."""
        share = (x - self.plot.left()) / max(self.plot.width(), 1.0)
        return self._x[0] + share * (self._x[1] - self._x[0])

    def y(self, value: float) -> float:
        """Where a value stands from bottom to top."""
        return self.plot.bottom() - (value - self._y[0]) / (self._y[1] - self._y[0]) * self.plot.height()


def plot_in(area: QRectF) -> QRectF:
    """Where the curves of a plot stand in its area, below its title and beside its scale."""
    return area.adjusted(LEFT, TITLE_HEIGHT + 8, -RIGHT - 6, -22)


def log_percent(shares: Floats) -> Floats:
    """Shares as logarithms of per cent, NaN where nothing is left."""
    with np.errstate(divide="ignore"):
        logs: Floats = np.log10(100 * shares)
    logs[~np.isfinite(logs)] = np.nan
    return logs


def measured(curve: Curve) -> Curve:
    """The points of a curve that have a value."""
    x, y = curve
    keep = np.isfinite(y)
    return x[keep], y[keep]


def thinned(steps: Numbers, values: Numbers) -> Curve:
    """A long curve as the means of neighbours, at most MOST_POINTS of them."""
    x, y = np.asarray(steps, dtype=np.float64), np.asarray(values, dtype=np.float64)
    every = -(-len(x) // MOST_POINTS)
    if every <= 1:
        return x, y
    starts = np.arange(0, len(x), every)
    counts = np.diff(np.append(starts, len(x)))
    return np.add.reduceat(x, starts) / counts, np.add.reduceat(y, starts) / counts


def values_between(curves: Sequence[Curve], dropped: Collection[int]) -> tuple[float, float] | None:
    """The least and the greatest value to be seen; None where none is known.

    The last losses of a lane that has `dropped` out may be a thousand times those of the others: its curve
    leaves the plot through the top, so that the others can be read.
    """
    known = [y[np.isfinite(y)] for _, y in curves]
    values = np.concatenate([*known, np.zeros(0)])
    if not values.size:
        return None
    living = [y for number, y in enumerate(known) if number not in dropped]
    of_living = np.concatenate([*living, np.zeros(0)])
    return float(values.min()), float((of_living if of_living.size else values).max())


def names_apart(ends: Sequence[tuple[float, float, int]], plot: QRectF) -> list[tuple[float, float, str]]:
    """Where the number of each curve stands, beside its end and clear of the others: y, x and text."""
    placed: list[tuple[float, float, str]] = []
    floor = plot.bottom() - NUMBER_HEIGHT * (len(ends) - 1)
    least = plot.top()
    for y, x, number in sorted(ends):
        at = max(min(y, floor), least)
        placed.append((at, x, str(number + 1)))
        least, floor = at + NUMBER_HEIGHT, floor + NUMBER_HEIGHT
    return placed


def paint_axes(
    painter: QPainter, frame: Frame, ticks: Sequence[tuple[float, str]], below: str, theme: Theme
) -> None:
    """Grid lines with their labels, and what stands along x."""
    plot = frame.plot
    for at, text in ticks:
        y = frame.y(at)
        painter.setPen(QPen(color(theme.faint), 1))
        painter.drawLine(QLineF(plot.left(), y, plot.right(), y))
        write(painter, text, plot.left() - 6, baseline(y - 8, 16, SMALL), SMALL, theme.quiet, "right")
    write(painter, below, plot.right(), plot.bottom() + 13, SMALL, theme.quiet, "right")


def paint_curves(painter: QPainter, frame: Frame, curves: Sequence[Curve], ink: str, theme: Theme) -> None:
    """The curve of each lane in its dash pattern, its number beside its end."""
    ends: list[tuple[float, float, int]] = []
    painter.save()
    painter.setClipRect(frame.plot.adjusted(-2, -2, 2, 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for number, (x, y) in enumerate(curves):
        keep = np.isfinite(y)
        if not keep.any():
            continue
        points = [QPointF(frame.x(a), frame.y(b)) for a, b in zip(x[keep], y[keep], strict=True)]
        pen = QPen(color(ink), 1.8)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if DASHES[number]:
            pen.setDashPattern(list(DASHES[number]))
        painter.setPen(pen)
        if len(points) == 1:
            painter.drawEllipse(points[0], 2, 2)
        else:
            painter.drawPolyline(QPolygonF(points))
        seen = [point for point in points if point.y() <= frame.plot.bottom() + 1] or points[-1:]
        ends.append((seen[-1].y(), seen[-1].x(), number))
    painter.restore()
    paint_numbers(painter, ends, frame.plot, theme)


def paint_numbers(
    painter: QPainter, ends: Sequence[tuple[float, float, int]], plot: QRectF, theme: Theme
) -> None:
    """The number of each lane beside the end of its curve."""
    for top, right, text in names_apart(ends, plot):
        write(painter, text, right + 6, baseline(top - 7, 14, SMALL_BOLD), SMALL_BOLD, theme.ink)
