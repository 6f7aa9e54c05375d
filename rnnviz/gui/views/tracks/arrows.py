"""What runs between the states: forward arrows, and the error on its way back."""

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.capsules import CAPSULE, capsule, lane_height
from rnnviz.gui.views.tracks.ribbon import Gap, full_width, paint_band, paint_ribbons
from rnnviz.gui.views.tracks.shares import NO_RECURRENCE, fate, initial_share, shares_left
from rnnviz.gui.views.tracks.track import (
    initial_state_of,
)
from rnnviz.probes.trace import Trace

FORWARD_AT, BACKWARD_AT = 0.27, 0.70
"""Where the arrows run, as parts of a state's height."""


def backward_y(band: QRectF, axis: TimeAxis) -> float:
    """The height at which the error travels back through a band."""
    if axis.roomy:
        return band.top() + BACKWARD_AT * band.height()
    return band.bottom() - 0.42 * lane_height(band)


def paint_forward(painter: QPainter, rect: QRectF, band: QRectF, axis: TimeAxis, theme: Theme) -> None:
    """Blue arrows from each state to the next; with closed gaps one long arrow above them."""
    pen = QPen(color(theme.forward), 1.8)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if not axis.roomy:
        painter.setPen(pen)
        y = band.top() - 2.5
        painter.drawLine(QLineF(axis.left, y, axis.right - 6, y))
        marks.fill(painter, [marks.arrow_head(QPointF(axis.right, y), 6, "right")], theme.forward)
        return
    y = band.top() + FORWARD_AT * band.height()
    head = min(5.0, 0.5 * (axis.column_width * (1 - CAPSULE)))
    lines, heads = [], []
    initial = initial_state_of(band, axis)
    for step in axis.visible:
        start = capsule(step - 1, band, axis).right() if step else (initial.right() if initial else 0.0)
        end = capsule(step, band, axis).left()
        if start <= 0:
            continue
        lines.append(QLineF(start, y, end - head + 0.5, y))
        heads.append(marks.arrow_head(QPointF(end, y), head, "right"))
    painter.setPen(pen)
    painter.drawLines(lines)
    marks.fill(painter, heads, theme.forward)


def paint_downward(
    painter: QPainter, rect: QRectF, above: QRectF, below: QRectF, axis: TimeAxis, theme: Theme
) -> None:
    """Blue arrows from each layer down to the one below it."""
    if not axis.roomy:
        return
    painter.setPen(QPen(color(theme.forward), 1.5))
    heads = []
    for step in axis.visible:
        box = capsule(step, below, axis)
        x = box.center().x() - 0.2 * box.width()
        painter.drawLine(QLineF(x, above.bottom(), x, below.top() - 4))
        heads.append(marks.arrow_head(QPointF(x, below.top()), 4.5, "down"))
    marks.fill(painter, heads, theme.forward)


def paint_way_back(
    painter: QPainter,
    band: QRectF,
    trace: Trace,
    error_step: int,
    layer: int,
    axis: TimeAxis,
    theme: Theme,
) -> None:
    """One layer's way back: ribbons in the gaps, or one band where these are closed."""
    y = backward_y(band, axis)
    shares = shares_left(trace, error_step, layer)
    if not np.isfinite(shares).all():
        return
    first = initial_share(trace, error_step, layer)
    reached = np.append(shares, first)
    last_way = next((k for k in range(error_step, -1, -1) if not shares[k] > 0), -1)
    initial = initial_state_of(band, axis)
    if trace.cell_name in NO_RECURRENCE:
        _paint_end(painter, trace, error_step, error_step - 1, layer, y, axis, theme)
        return
    if not axis.roomy:
        full = full_width(lane_height(band) / 0.56, reached)
        shown = [k for k in range(max(axis.visible.start - 1, 0), error_step + 1) if k > last_way]
        centers = [axis.center(k) for k in shown]
        parts = [float(shares[k]) for k in shown]
        if initial is not None and first > 0 and last_way < 0:
            centers, parts = [initial.center().x(), *centers], [first, *parts]
        paint_band(painter, centers, parts, y, full, theme)
    else:
        gaps = []
        for k in range(error_step, last_way, -1):
            right = capsule(k, band, axis).left()
            if k > 0:
                gaps.append(Gap(capsule(k - 1, band, axis).right(), right, shares[k], shares[k - 1]))
            elif initial is not None and first > 0:
                gaps.append(Gap(initial.right(), right, shares[0], first))
        gaps = [g for g in gaps if g.right > axis.left - 30 and g.left < axis.right]
        paint_ribbons(painter, gaps, y, full_width(band.height(), reached), theme)
    if 0 <= last_way < error_step:
        _paint_end(painter, trace, error_step, last_way, layer, y, axis, theme)


def _paint_end(
    painter: QPainter,
    trace: Trace,
    error_step: int,
    step: int,
    layer: int,
    y: float,
    axis: TimeAxis,
    theme: Theme,
) -> None:
    """Where the way back ends before the beginning, draw why."""
    if step < 0:
        return
    x = axis.column(step)[1]
    draw = {"no path": marks.no_path, "blocked": marks.blocked, "underflow": marks.underflow}
    mark = draw.get(fate(trace, error_step, step, layer))
    if mark is not None and axis.left <= x <= axis.right:
        mark(painter, x, y + (0 if mark is marks.no_path else 14), theme)


def paint_upward(
    painter: QPainter,
    above: QRectF,
    below: QRectF,
    trace: Trace,
    error_step: int,
    layer: int,
    axis: TimeAxis,
    theme: Theme,
) -> None:
    """What a layer sends up to the one before it: an arrow where it is at least a twentieth."""
    out = float(trace.state_gradient_matrix[error_step, error_step, layer - 1])
    if not out > 0 or not axis.roomy:
        return
    heads = []
    painter.setPen(QPen(color(theme.backward), 1.5))
    for step in axis.visible:
        if step > error_step or trace.from_above[error_step, step, layer - 1] / out < marks.SMALL_SHARE:
            continue
        box = capsule(step, above, axis)
        x = box.center().x() + 0.2 * box.width()
        painter.drawLine(QLineF(x, below.top(), x, above.bottom() + 4))
        heads.append(marks.arrow_head(QPointF(x, above.bottom()), 4.5, "up"))
    marks.fill(painter, heads, theme.backward)
