"""How the picture before is drawn in the tracks: dashed outlines of ink where bars and points once stood."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainter, QPolygonF

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme
from rnnviz.gui.views.ghost import SEEN, Ghost, take_ghost_pen
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks.decades import Scale
from rnnviz.gui.views.tracks.shares import shares_left
from rnnviz.gui.views.tracks.track import Context
from rnnviz.probes import Trace

POINT = 3.4
"""Radius of a ghost's point on the scale of decades."""


def ghost_in(context: Context, trace: Trace) -> Ghost | None:
    """The ghost, if it has the columns of what is drawn."""
    ghost = context.ghost
    return ghost if ghost is not None and ghost.fits(trace) else None


def with_ghost(shares: NDArray[np.float64], ghost: Ghost | None, cursor: CursorState) -> NDArray[np.float64]:
    """The shares of now and of before, for a scale that holds both."""
    if ghost is None:
        return shares
    return np.concatenate([shares, shares_left(ghost.trace, cursor.error_step, cursor.layer)])


def outline(bar: QRectF) -> list[QLineF]:
    """A bar without its foot."""
    return [
        QLineF(bar.bottomLeft(), bar.topLeft()),
        QLineF(bar.topLeft(), bar.topRight()),
        QLineF(bar.topRight(), bar.bottomRight()),
    ]


def paint_ghost_shares(
    painter: QPainter,
    ghost: Ghost,
    now: NDArray[np.float64],
    cursor: CursorState,
    scale: Scale,
    span: tuple[float, float],
    width: float,
    axis: TimeAxis,
    theme: Theme,
) -> None:
    """What was left of the error before: outlines of bars, or on decades hollow points on a line.

    `now` are the shares of now, `span` the y of the top of the scale and of the base line, `width` that of a
    bar; 0: the column's.
    """
    shares = shares_left(ghost.trace, cursor.error_step, cursor.layer)
    top, bottom = span
    heights = scale.heights(shares) * (bottom - top)
    present = np.nan_to_num(scale.heights(now)) * (bottom - top)
    shown = [k for k in axis.visible if k <= cursor.error_step and math.isfinite(shares[k])]
    if not cursor.logarithmic:
        shown = [k for k in shown if abs(heights[k] - present[k]) > SEEN]
    take_ghost_pen(painter, theme)
    if cursor.logarithmic:
        points = [QPointF(axis.center(k), bottom - heights[k]) for k in shown if shares[k] >= scale.bottom]
        painter.drawPolyline(QPolygonF(points))
        for point in points:
            painter.drawEllipse(point, POINT, POINT)
        return
    lines: list[QLineF] = []
    for k in shown:
        left, right = axis.column(k)
        wide = min(width, right - left - 2) if width else right - left - 2
        middle = (left + right) / 2
        lines += outline(QRectF(middle - wide / 2, bottom - heights[k], wide, heights[k]))
    painter.drawLines(lines)
