"""What runs between the states: forward arrows, and the error on its way back."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.capsules import (
    CAPSULE,
    CLOSED_VALVE,
    capsule,
    carry_rect,
    lane_height,
    layer_rects,
)
from rnnviz.gui.views.tracks.lettering import SMALL, Label, apart, width_of, write
from rnnviz.gui.views.tracks.ribbon import Gap, full_width, paint_band, paint_ribbons
from rnnviz.gui.views.tracks.shares import (
    Way,
    carry_way,
    fate,
    hands_on,
    hidden_way,
    state_way,
)
from rnnviz.gui.views.tracks.track import (
    initial_state_of,
)
from rnnviz.gui.views.wording import percent
from rnnviz.probes import Trace

FORWARD_AT, BACKWARD_AT = 0.27, 0.70
"""Where the arrows run, as parts of a state's height."""


def backward_y(band: QRectF, axis: TimeAxis) -> float:
    """The height at which the error travels back through a band."""
    if axis.roomy:
        return band.top() + BACKWARD_AT * band.height()
    return band.bottom() - 0.42 * lane_height(band)


def forward_y(band: QRectF, axis: TimeAxis, *, valves: bool) -> float:
    """The height at which a rail's forward line runs: above the cells where the gaps are closed."""
    if axis.roomy:
        return band.top() + FORWARD_AT * band.height()
    return band.top() - (CLOSED_VALVE / 2 + 1.5 if valves else 2.5)


def paint_forward(
    painter: QPainter, band: QRectF, axis: TimeAxis, theme: Theme, *, valves: bool = False
) -> None:
    """Blue arrows from each state to the next; with closed gaps one long arrow above them."""
    pen = QPen(color(theme.forward), 1.8)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    y = forward_y(band, axis, valves=valves)
    if not axis.roomy:
        painter.setPen(pen)
        painter.drawLine(QLineF(axis.left, y, axis.right - 6, y))
        marks.fill(painter, [marks.arrow_head(QPointF(axis.right, y), 6, "right")], theme.forward)
        return
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


def paint_reading_off(painter: QPainter, carry: QRectF, band: QRectF, axis: TimeAxis, theme: Theme) -> None:
    """Short blue arrows from each cell state to the hidden state that is read off it."""
    pen = QPen(color(theme.forward), 1.5)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    heads = []
    for step in axis.visible:
        x = capsule(step, carry, axis).center().x()
        painter.drawLine(QLineF(x, carry.bottom(), x, band.top() - 3))
        heads.append(marks.arrow_head(QPointF(x, band.top()), 4.0, "down"))
    marks.fill(painter, heads, theme.forward)


def paint_downward(painter: QPainter, above: QRectF, below: QRectF, axis: TimeAxis, theme: Theme) -> None:
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
    rect: QRectF,
    trace: Trace,
    error_step: int,
    focus: int,
    axis: TimeAxis,
    theme: Theme,
) -> None:
    """Every layer's way back; in the layer in focus those along c and along h apart, on one scale."""
    carried = carry_way(trace, error_step, focus)
    rail = carry_rect(rect, trace, focus)
    for layer, band in enumerate(layer_rects(rect, trace, focus)):
        if layer != focus or carried is None or rail is None:
            way = state_way(trace, error_step, layer)
            full = _full(band, axis, np.append(way.arriving, way.leaving[0]))
            _paint_way(painter, band, trace, error_step, layer, way, full, axis, theme)
            continue
        way = hidden_way(trace, error_step, layer)
        both = np.concatenate([way.arriving, way.leaving, carried.arriving, carried.leaving])
        full = min(_full(one, axis, both) for one in (band, rail))
        _paint_way(painter, band, trace, error_step, layer, way, full, axis, theme, numbers="h")
        _paint_way(painter, rail, trace, error_step, layer, carried, full, axis, theme, numbers="c")


def _full(band: QRectF, axis: TimeAxis, shares: NDArray[np.float64]) -> float:
    """Points that stand for 100 % in a band."""
    return full_width(band.height() if axis.roomy else lane_height(band) / 0.56, shares)


def _paint_way(
    painter: QPainter,
    band: QRectF,
    trace: Trace,
    error_step: int,
    layer: int,
    way: Way,
    full: float,
    axis: TimeAxis,
    theme: Theme,
    numbers: str = "",
) -> None:
    """One way back: ribbons in the gaps, or one band where these are closed.

    `numbers` is "" for one way alone, "h" or "c" for the two ways of a cell with c, which say their shares.
    """
    y = backward_y(band, axis)
    if not np.isfinite(way.arriving).all():
        return
    if not hands_on(trace):
        _paint_end(painter, trace, error_step, error_step - 1, layer, y, axis, theme)
        return
    apart_ways = bool(numbers)
    last_way = next((k for k in range(error_step, -1, -1) if not way.arriving[k] > 0), -1)
    if apart_ways:  # what is shut off here may come in again from the other way
        last_way = -1
    initial = initial_state_of(band, axis)
    steps = range(error_step, last_way, -1)
    if not axis.roomy and not apart_ways:
        shown = [k for k in range(max(axis.visible.start - 1, 0), error_step + 1) if k > last_way]
        centers = [axis.center(k) for k in shown]
        parts = [float(way.arriving[k]) for k in shown]
        if initial is not None and way.leaving[0] > 0 and last_way < 0:
            centers, parts = [initial.center().x(), *centers], [float(way.leaving[0]), *parts]
        paint_band(painter, centers, parts, y, full, theme)
    else:
        gaps = [gap for k in steps if (gap := _gap(k, band, way, initial, axis)) is not None]
        gaps = [g for g in gaps if g.right > axis.left - 30 and g.left < axis.right]
        paint_ribbons(painter, gaps, y, full, theme)
        if axis.roomy and apart_ways:
            _paint_shares(painter, band, way, gaps, y, full, axis, theme)
    if 0 <= last_way < error_step:
        _paint_end(painter, trace, error_step, last_way, layer, y, axis, theme)


def _gap(k: int, band: QRectF, way: Way, initial: QRectF | None, axis: TimeAxis) -> Gap | None:
    """The ribbon between step k and the one before it; None where nothing passes, or where it is not seen."""
    arriving, leaving = float(way.arriving[k]), float(way.leaving[k])
    if not (arriving > 0 or leaving > 0) or (k == 0 and (initial is None or not leaving > 0)):
        return None
    if not axis.roomy:
        left = axis.center(k - 1) if k else initial.center().x() if initial else axis.left
        return Gap(left, axis.center(k), arriving, leaving)
    right = capsule(k, band, axis).left()
    left = capsule(k - 1, band, axis).right() if k else initial.right() if initial else axis.left
    return Gap(left, right, arriving, leaving)


def _paint_shares(
    painter: QPainter,
    band: QRectF,
    way: Way,
    gaps: list[Gap],
    y: float,
    full: float,
    axis: TimeAxis,
    theme: Theme,
) -> None:
    """Under each ribbon what gets through its gap, in per cent of what set out, where there is room."""
    labels, below = [], {}
    for rank, gap in enumerate(gaps):
        widest = max(gap.arriving, gap.leaving) if max(gap.arriving, gap.leaving) >= marks.SMALL_SHARE else 0
        below[rank] = min(y + max(widest * full / 2, 2.0) + 10.0, band.bottom() + 1)
        labels.append(Label(rank, percent(gap.leaving), (gap.left + gap.right) / 2, rank))
    for label in apart(labels, SMALL, axis.left - 36, axis.right, gap=3.0):
        if width_of(label.text, SMALL) <= gaps[label.step].right - gaps[label.step].left + 4:
            write(painter, label.text, label.center, below[label.step], SMALL, theme.backward_text, "center")


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
