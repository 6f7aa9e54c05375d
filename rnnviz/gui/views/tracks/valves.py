"""Valves on the direct path: in each gap as wide open as the gate is on average over the units."""

import math

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks.arrows import forward_y
from rnnviz.gui.views.tracks.capsules import CLOSED_VALVE, capsule
from rnnviz.gui.views.tracks.track import initial_state_of
from rnnviz.probes.trace import Floats, Trace

WIDTH, NARROW = 6.0, 4.0
TALLEST, PART = 26.0, 0.38
"""Height of a valve, wide open: a part of the rail's height, and at most points."""
CAP = 1.0
"""Thickness of the two ends, outside the opening: a valve that is wide open is still seen."""
FRAME = 0.8


def opening(trace: Trace, layer: int) -> Floats:
    """How far the gate on the direct path is open at each step, the mean over the units: (T,)."""
    mean: Floats = trace.gates[trace.straight_gate][:, layer, :].mean(axis=1, dtype=float)
    return mean


def valve_rect(step: int, band: QRectF, axis: TimeAxis) -> QRectF | None:
    """Where the valve between a step and the one before it stands; its height is what counts as 100 %."""
    if not axis.roomy:
        x = axis.snap(axis.edges[step] - NARROW / 2)
        y = forward_y(band, axis, valves=True)
        return QRectF(x, y - CLOSED_VALVE / 2, NARROW, CLOSED_VALVE)
    right = capsule(step, band, axis).left()
    if step:
        left = capsule(step - 1, band, axis).right()
    else:
        initial = initial_state_of(band, axis)
        if initial is None:
            return None
        left = initial.right()
    height = min(TALLEST, PART * band.height())
    x = axis.snap((left + right - WIDTH) / 2 - 1)
    y = forward_y(band, axis, valves=True)
    return QRectF(x, y - height / 2, WIDTH, height)


def paint_valves(
    painter: QPainter, band: QRectF, trace: Trace, layer: int, axis: TimeAxis, theme: Theme
) -> None:
    """Two jaws of ink that leave the gate's mean open between them; the forward line runs through."""
    means = opening(trace, layer)
    frames, jaws = [], []
    for step in axis.visible:
        rect = valve_rect(step, band, axis)
        if rect is None or not math.isfinite(means[step]) or rect.left() < axis.left - 40:
            continue
        shut = rect.height() * (1.0 - min(max(float(means[step]), 0.0), 1.0)) / 2
        frames += [QLineF(x, rect.top(), x, rect.bottom()) for x in (rect.left(), rect.right())]
        jaws.append(QRectF(rect.left() - 1, rect.top() - CAP, rect.width() + 2, CAP))
        jaws.append(QRectF(rect.left() - 1, rect.bottom(), rect.width() + 2, CAP))
        jaws.append(QRectF(rect.left(), rect.top(), rect.width(), shut))
        jaws.append(QRectF(rect.left(), rect.bottom() - shut, rect.width(), shut))
    painter.setPen(QPen(color(theme.quiet, 0.6), FRAME))
    painter.drawLines(frames)
    for jaw in jaws:
        painter.fillRect(jaw, color(theme.ink))
