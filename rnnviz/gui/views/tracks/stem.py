"""The stem: the error climbs out of the loss of its word into the state above it."""

import math

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.loss import LossTrack
from rnnviz.gui.views.tracks.states import StatesTrack
from rnnviz.probes import NO_TARGET, Trace

THICKEST = 4.0
"""Width in points when the right word got no probability at all: p - y is then 1 in full."""
FROM_EDGE = 3.0


def paint_stem(
    painter: QPainter,
    states: tuple[StatesTrack, QRectF],
    loss: tuple[LossTrack, QRectF],
    trace: Trace,
    cursor: CursorState,
    axis: TimeAxis,
    theme: Theme,
) -> None:
    """Draw the stem as wide as what sets out: 1 - p of the right word; below a twentieth thin and dashed."""
    t = cursor.error_step
    if trace.targets[t] == NO_TARGET or t not in axis.visible or not math.isfinite(trace.target_prob[t]):
        return
    if math.isnan(trace.loss[t]):
        return
    missing = 1.0 - float(trace.target_prob[t])
    entry = states[0].entry(states[1], trace, cursor, axis)
    bar = loss[0].bar(loss[1], trace, t, axis)
    x = axis.column(t)[1] - FROM_EDGE - 1
    pen = QPen(color(theme.backward), max(THICKEST * missing, 1.2))
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if missing < marks.SMALL_SHARE:
        pen.setDashPattern([3.0, 2.5])
    half = pen.widthF() / 2
    painter.setPen(pen)
    start = min(bar.top() + 0.5, loss[1].bottom())
    painter.drawLine(QLineF(x, start + half, x, entry.y() - half))
    if bar.right() < x:
        painter.drawLine(QLineF(bar.right() - 0.5, start + half, x + half, start + half))
    head = min(7.0, max(x - entry.x(), 3.0))
    painter.drawLine(QLineF(x, entry.y(), entry.x() + head - 1, entry.y()))
    marks.fill(painter, [marks.arrow_head(QPointF(entry.x() + 0.5, entry.y()), head, "left")], theme.backward)
