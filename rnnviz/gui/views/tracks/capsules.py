"""The states as capsules, which are the columns of their heatmap: where they stand and how they look."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.lettering import (
    TEXT_BOLD,
    baseline,
    write,
)
from rnnviz.gui.views.tracks.track import (
    initial_state_of,
)
from rnnviz.probes.trace import Floats, Trace

PADDING = 6.0
SHORT, BETWEEN = 28.0, 12.0
"""Height of a layer that is not in focus, and the room between two layers."""
CARRY, RAILS_APART = 0.42, 8.0
"""Part of the layer in focus that the cell state gets where there is one, and the room below it."""
VALVE_ROOM, CLOSED_VALVE = 8.0, 11.0
"""Room above the first rail for valves where the gaps are closed, and their height there."""
CAPSULE, WIDEST_CAPSULE = 0.48, 44.0
LANE, WIDEST_LANE = 0.24, 36.0
"""With closed gaps the way back runs in a lane below the states: a part of the band, and at most points."""


def value_range(trace: Trace) -> tuple[float, float]:
    """The values at the ends of the colour scale: -1 to 1, or for relu a round number above all."""
    if trace.activation != "relu":
        return -1.0, 1.0
    top = float(np.nanmax(np.abs(trace.hidden))) if np.isfinite(trace.hidden).any() else 1.0
    if not math.isfinite(top) or top <= 0:
        return -1.0, 1.0
    power = 10.0 ** math.floor(math.log10(top))
    top = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= top)
    return -top, top


def dead_units(trace: Trace, layer: int) -> NDArray[np.bool_]:
    """Units whose slope is exactly 0 at every step: nothing goes back through them. (H,)."""
    if trace.slope is None:
        return np.zeros(trace.hidden.shape[2], dtype=bool)
    dead: NDArray[np.bool_] = (trace.slope[:, layer, :] == 0).all(axis=0)
    return dead


def has_valve(trace: Trace) -> bool:
    """Whether the cell has a gate on its direct path, which is drawn as a valve in each gap."""
    return trace.straight_gate in trace.gates


def whole_rects(rect: QRectF, trace: Trace, focus: int) -> list[QRectF]:
    """The band of each layer, the first at the top nearest the words, the one in focus tall."""
    padding = PADDING + (VALVE_ROOM if has_valve(trace) else 0.0)
    room = rect.height() - PADDING - padding
    others = trace.layers - 1
    short = min(SHORT, (room * 0.55 - others * BETWEEN) / others) if others else 0.0
    short = max(short, 6.0)
    tall = room - others * (short + BETWEEN)
    rects, y = [], rect.top() + padding
    for layer in range(trace.layers):
        height = tall if layer == focus else short
        rects.append(QRectF(rect.left(), y, rect.width(), height))
        y += height + BETWEEN
    return rects


def layer_rects(rect: QRectF, trace: Trace, focus: int) -> list[QRectF]:
    """The same without the rail of the cell state: the rail of each layer's hidden state."""
    rects = whole_rects(rect, trace, focus)
    carry = carry_rect(rect, trace, focus)
    if carry is not None:
        rects[focus].setTop(carry.bottom() + RAILS_APART)
    return rects


def carry_rect(rect: QRectF, trace: Trace, focus: int) -> QRectF | None:
    """The rail of the cell state c, above that of h in the layer in focus; None without c."""
    if trace.cell is None:
        return None
    whole = whole_rects(rect, trace, focus)[focus]
    return QRectF(whole.left(), whole.top(), whole.width(), CARRY * (whole.height() - RAILS_APART))


def lane_height(band: QRectF) -> float:
    """Points below the cells of a band that the way back has to itself where the gaps are closed."""
    return min(LANE * band.height(), WIDEST_LANE)


def capsule(step: int, band: QRectF, axis: TimeAxis) -> QRectF:
    """The capsule of one step in a layer's band; the whole column where the gaps are closed."""
    left, right = axis.column(step)
    if not axis.roomy:
        return QRectF(left, band.top(), right - left, band.height() - lane_height(band))
    width = min(CAPSULE * (right - left), WIDEST_CAPSULE)
    x = axis.snap((left + right - width) / 2)
    return QRectF(x, band.top(), axis.snap(width), band.height())


def cells_height(band: QRectF, axis: TimeAxis) -> float:
    """Points that the cells of a band fill."""
    return band.height() - (6 if axis.roomy else lane_height(band))


def paint_outlines(painter: QPainter, rect: QRectF, band: QRectF, axis: TimeAxis, theme: Theme) -> None:
    """The rounded frames around the cells."""
    if not axis.roomy:
        return
    painter.setPen(QPen(color(theme.line), 1))
    painter.setBrush(color(theme.panel))
    for step in axis.visible:
        painter.drawRoundedRect(capsule(step, band, axis).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)


def paint_initial_state(
    painter: QPainter, band: QRectF, initial: Floats, axis: TimeAxis, theme: Theme
) -> None:
    """The dashed capsule of h_0 or c_0, (L, H), with a 0 in it unless a state was carried in."""
    box = initial_state_of(band, axis)
    if box is None:
        return
    if not axis.roomy:
        box.setHeight(box.height() - lane_height(band))
    pen = QPen(color(theme.line), 1.2)
    pen.setDashPattern([3.0, 2.2])
    painter.setPen(pen)
    painter.setBrush(color(theme.panel))
    painter.drawRoundedRect(box.adjusted(0.5, 0, -0.5, 0), 6, 6)
    if not initial.any() and box.height() > 14:
        y = baseline(box.top(), box.height(), TEXT_BOLD)
        write(painter, "0", box.center().x(), y, TEXT_BOLD, theme.quiet, "center")


def paint_cells(
    painter: QPainter,
    band: QRectF,
    trace: Trace,
    layer: int,
    order: NDArray[np.intp] | None,
    axis: TimeAxis,
    theme: Theme,
) -> None:
    """The heatmap's columns of one layer's hidden state."""
    low, high = value_range(trace)
    values = marks.quantised(trace.hidden[:, layer, :], low, high).T  # (H, T+1)
    dead = dead_units(trace, layer)
    if dead.any():
        values[dead, 1:] = marks.MARKED
    _paint_columns(painter, band, values, order, bool(trace.hidden[0].any()), axis, theme)


def paint_cell_state(
    painter: QPainter,
    band: QRectF,
    trace: Trace,
    layer: int,
    order: NDArray[np.intp] | None,
    axis: TimeAxis,
    theme: Theme,
) -> None:
    """The same of the cell state, as tanh(c): what the output gate sees of it, on the scale of h."""
    assert trace.cell is not None
    values = marks.quantised(np.tanh(trace.cell[:, layer, :]), -1.0, 1.0).T  # (H, T+1)
    _paint_columns(painter, band, values, order, bool(trace.cell[0].any()), axis, theme)


def _paint_columns(
    painter: QPainter,
    band: QRectF,
    values: NDArray[np.uint8],
    order: NDArray[np.intp] | None,
    carried: bool,
    axis: TimeAxis,
    theme: Theme,
) -> None:
    """Columns of cells (H, T+1), the initial state first, drawn as one indexed image."""
    if order is not None and len(order) == values.shape[0]:
        values = values[order]
    top = axis.snap(band.top() + (3 if axis.roomy else 0))
    bottom = axis.snap(top + cells_height(band, axis))
    ratio = axis.pixel_ratio
    rows = _row_pixels(values.shape[0], top, bottom, ratio)
    table = marks.palette(theme.states, theme.bar)
    shown = _column_pixels(axis)
    marks.draw_cells(painter, values[:, 1:], rows, shown, axis.snap(axis.left), top, ratio, table)
    initial = initial_state_of(band, axis)
    if initial is not None and carried:
        x0, x1 = axis.snap(initial.left() + 3), axis.snap(initial.right() - 3)
        one = np.zeros(round((x1 - x0) * ratio), dtype=np.intp)
        marks.draw_cells(painter, values[:, :1], rows, one, x0, top, ratio, table)


@lru_cache(maxsize=8)
def _column_pixels(axis: TimeAxis) -> NDArray[np.intp]:
    """Which step each device pixel column shows; the same at every frame, until the axis moves."""
    low, high = axis.snap(axis.left), axis.snap(axis.right)
    if not axis.roomy:
        return marks.pixel_cells(axis.edges, low, high, axis.pixel_ratio, 0.0)
    edges: list[float] = []
    anywhere = QRectF(axis.left, 0.0, axis.width, 1.0)  # a capsule is as wide in every band
    for step in range(axis.length):
        box = capsule(step, anywhere, axis)
        edges += [box.left() + 2.5, box.right() - 2.5]
    index = marks.pixel_cells(tuple(edges), low, high, axis.pixel_ratio, 0.0)
    return np.where(index % 2 == 0, index // 2, axis.length)


def _row_pixels(units: int, top: float, bottom: float, ratio: float) -> NDArray[np.intp]:
    """Which unit each device pixel row shows: (pixels,)."""
    pixels = max(round((bottom - top) * ratio), 1)
    return ((np.arange(pixels) + 0.5) * units / pixels).astype(np.intp)
