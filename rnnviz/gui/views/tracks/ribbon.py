"""The way back: a ribbon from state to state, as wide as what is left of the error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.tracks import marks

FULL = 0.30
"""Width of the ribbon at 100 %, as a part of the height of a state."""
MOST = 0.56
"""A growing error makes the scale smaller rather than a ribbon wider than this part."""
THINNEST = 1.2
HEAD = 4.5


@dataclass(frozen=True, slots=True)
class Gap:
    """The room between the state of step k (right) and the one before it (left)."""

    left: float
    right: float
    arriving: float  # share of the error at step k
    leaving: float  # share at the step before


def full_width(height: float, shares: NDArray[np.float64]) -> float:
    """Points that stand for 100 %, for states of a height: less where an error grows beyond it."""
    most = float(np.nanmax(shares)) if shares.size and np.isfinite(shares).any() else 1.0
    return height * min(FULL, MOST / max(most, 1.0))


def paint_ribbons(painter: QPainter, gaps: list[Gap], y: float, full: float, theme: Theme) -> None:
    """Draw the way back through separate gaps: hatched ribbons, below a twentieth dashed arrows."""
    bodies, dashes, heads, lines = [], [], [], []
    for gap in gaps:
        if gap.right - gap.left < 2:
            continue
        if not max(gap.arriving, gap.leaving) >= marks.SMALL_SHARE:
            dashes.append(QLineF(gap.right, y, gap.left + HEAD, y))
            heads.append(marks.arrow_head(QPointF(gap.left, y), HEAD, "left"))
            continue
        a = max(gap.arriving * full, THINNEST) / 2
        b = max(gap.leaving * full, THINNEST) / 2 if gap.leaving > 0 else 0.0
        shoulder = gap.left + min(0.25 * (gap.right - gap.left), 6.0)
        outline = [
            (gap.right, y - a),
            (gap.right, y + a),
            (shoulder, y + b),
            (gap.left, y),
            (shoulder, y - b),
        ]
        bodies.append(QPolygonF([QPointF(px, py) for px, py in outline]))
        if a > 2.5:
            lines += marks.hatch_lines(outline)
    _paint(painter, bodies, lines, dashes, heads, theme)


def paint_band(
    painter: QPainter, centers: list[float], shares: list[float], y: float, full: float, theme: Theme
) -> None:
    """Draw the way back as one continuous band from the right-most center to the left-most.

    `centers` and `shares` go from left to right; the error sets out at the last.
    """
    bodies: list[QPolygonF] = []
    lines: list[QLineF] = []
    dashes: list[QLineF] = []
    k = len(centers) - 1
    while k > 0:
        if not shares[k] >= marks.SMALL_SHARE:
            dashes.append(QLineF(centers[k], y, centers[k - 1], y))
            k -= 1
            continue
        run = k
        while k > 0 and shares[k] >= marks.SMALL_SHARE:
            k -= 1
        steps = range(k, run + 1)
        half = {j: max((shares[j] if shares[j] > 0 else 0.0) * full, THINNEST) / 2 for j in steps}
        upper = [QPointF(centers[j], y - half[j]) for j in steps]
        lower = [QPointF(centers[j], y + half[j]) for j in reversed(steps)]
        bodies.append(QPolygonF(upper + lower))
        for j in range(k, run):
            if max(half[j], half[j + 1]) > 2.5:
                (x0, x1), a, b = (centers[j], centers[j + 1]), half[j], half[j + 1]
                lines += marks.hatch_lines([(x0, y - a), (x1, y - b), (x1, y + b), (x0, y + a)])
    heads = [marks.arrow_head(QPointF(centers[0] - 1, y), HEAD, "left")] if len(centers) > 1 else []
    _paint(painter, bodies, lines, dashes, heads, theme)


def _paint(
    painter: QPainter,
    bodies: list[QPolygonF],
    lines: list[QLineF],
    dashes: list[QLineF],
    heads: list[QPolygonF],
    theme: Theme,
) -> None:
    marks.fill(painter, bodies, theme.backward)
    if lines:
        painter.setPen(marks.hatch_pen(theme.ground))
        painter.drawLines(lines)
    if dashes:
        pen = QPen(color(theme.backward), 1.2)
        pen.setStyle(Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([3.0, 2.5])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLines(dashes)
    marks.fill(painter, heads, theme.backward)
