"""The unrolled network and the heatmap of its hidden state in one: a capsule a step, the error going back."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.reading import Reading
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.equations import equation
from rnnviz.gui.views.tracks.label import LINE, label_width, paint_label, paint_legend
from rnnviz.gui.views.tracks.lettering import (
    SMALL,
    TEXT_BOLD,
    baseline,
    shortened,
    write,
)
from rnnviz.gui.views.tracks.ribbon import Gap, full_width, paint_band, paint_ribbons
from rnnviz.gui.views.tracks.shares import fate, initial_share, shares_left
from rnnviz.gui.views.tracks.track import (
    LABEL_INDENT,
    NO_CONTEXT,
    Context,
    Height,
    Track,
    initial_state_of,
    sight_of,
)
from rnnviz.gui.views.wording import quoted
from rnnviz.probes.trace import Trace

PADDING = 6.0
SHORT, BETWEEN = 28.0, 12.0
"""Height of a layer that is not in focus, and the room between two layers."""
CAPSULE, WIDEST_CAPSULE = 0.48, 44.0
FORWARD_AT, BACKWARD_AT = 0.27, 0.70
"""Where the arrows run, as parts of a state's height."""
LANE = 0.24
"""With closed gaps the way back runs in a lane of its own below the states."""


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


class StatesTrack(Track):
    """One capsule a step and layer, forward arrows in blue, the way back of one word's error in orange."""

    name = "states"
    title = "states"

    def caption(self, trace: Trace, cursor: CursorState, context: Context = NO_CONTEXT) -> tuple[str, ...]:
        """Number of units, equation, order, and how many are dead."""
        units = trace.hidden.shape[2]
        each = f"{units} units each" if units > 1 else "1 unit each"
        if trace.layers > 1:
            each += f", layer {cursor.layer + 1} of {trace.layers}"
        order = {"similarity": "sorted by similarity", "peak": "sorted by their peak"}.get(cursor.unit_order)
        dead = int(self._dead(trace, cursor.layer).sum())
        lines = [each, equation(trace.cell_name, trace.activation)]
        if order:
            lines.append(order)
        if dead:
            lines.append(f"{dead} of {units} dead: f' is 0 throughout")
        return tuple(lines)

    def label_key(self, trace: Trace, cursor: CursorState, context: Context) -> object:
        """The outlines follow the layer in focus, the legend the range of values."""
        carried = bool(trace.hidden[0].any())
        return (super().label_key(trace, cursor, context), cursor.layer, value_range(trace), carried)

    def height(self, trace: Trace, axis: TimeAxis) -> Height:
        """How tall the track wants to be under this axis."""
        extra = (trace.layers - 1) * (SHORT + BETWEEN)
        return Height(96 + extra, 127 + extra, 1.6)

    def _dead(self, trace: Trace, layer: int) -> NDArray[np.bool_]:
        """Units whose slope is exactly 0 at every step: nothing goes back through them. (H,)."""
        if trace.slope is None:
            return np.zeros(trace.hidden.shape[2], dtype=bool)
        dead: NDArray[np.bool_] = (trace.slope[:, layer, :] == 0).all(axis=0)
        return dead

    def layer_rects(self, rect: QRectF, trace: Trace, focus: int) -> list[QRectF]:
        """The band of each layer, the first at the top nearest the words, the one in focus tall."""
        room = rect.height() - 2 * PADDING
        others = trace.layers - 1
        short = min(SHORT, (room * 0.55 - others * BETWEEN) / others) if others else 0.0
        short = max(short, 6.0)
        tall = room - others * (short + BETWEEN)
        rects, y = [], rect.top() + PADDING
        for layer in range(trace.layers):
            height = tall if layer == focus else short
            rects.append(QRectF(rect.left(), y, rect.width(), height))
            y += height + BETWEEN
        return rects

    def capsule(self, step: int, band: QRectF, axis: TimeAxis) -> QRectF:
        """The capsule of one step in a layer's band; the whole column where the gaps are closed."""
        left, right = axis.column(step)
        if not axis.roomy:
            return QRectF(left, band.top(), right - left, band.height() * (1 - LANE))
        width = min(CAPSULE * (right - left), WIDEST_CAPSULE)
        x = axis.snap((left + right - width) / 2)
        return QRectF(x, band.top(), axis.snap(width), band.height())

    def backward_y(self, band: QRectF, axis: TimeAxis) -> float:
        """The height at which the error travels back through a band."""
        return band.top() + band.height() * (BACKWARD_AT if axis.roomy else 1 - LANE / 2 + 0.02)

    def entry(self, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis) -> QPointF:
        """Where the error comes in from the loss: at the top layer's state of the step in error."""
        band = self.layer_rects(rect, trace, cursor.layer)[-1]
        y = self.backward_y(band, axis)
        if not axis.roomy:
            return QPointF(axis.center(cursor.error_step), y)
        return QPointF(self.capsule(cursor.error_step, band, axis).right(), y)

    # The ground: outlines, forward arrows, label.

    def paint_ground(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
        context: Context = NO_CONTEXT,
    ) -> None:
        """Label, outlines of the capsules, forward arrows."""
        y = paint_label(painter, rect, self, trace, cursor, axis, theme, context)
        bands = self.layer_rects(rect, trace, cursor.layer)
        y = self._paint_sampling_note(painter, rect, y, bands[cursor.layer], trace, axis, theme)
        low, high = value_range(trace)
        lowest = 0.0 if trace.activation == "sigmoid" else low
        ends = (f"{lowest:g}".replace("-", "−"), f"+{high:g}")
        stops = (
            theme.states[len(theme.states) // 2 :]
            if trace.activation in ("sigmoid", "relu")
            else theme.states
        )
        paint_legend(
            painter,
            rect,
            y,
            stops,
            ("0" if len(stops) < len(theme.states) else ends[0], ends[1]),
            axis,
            theme,
        )
        painter.save()
        painter.setClipRect(sight_of(rect, axis))
        for layer, band in enumerate(bands):
            self._paint_initial_state(painter, band, trace, layer, axis, theme)
            self._paint_outlines(painter, rect, band, axis, theme)
            self._paint_forward(painter, rect, band, axis, theme)
            if layer:
                self._paint_downward(painter, rect, bands[layer - 1], band, axis, theme)
        painter.restore()

    def _paint_sampling_note(
        self,
        painter: QPainter,
        rect: QRectF,
        y: float,
        band: QRectF,
        trace: Trace,
        axis: TimeAxis,
        theme: Theme,
    ) -> float:
        """Where there are more units than pixels, say how many of them are drawn."""
        pixels = int(self._cells_height(band, axis) * axis.pixel_ratio)
        units = trace.hidden.shape[2]
        if units <= pixels or y + LINE > rect.bottom() - 2:
            return y
        text = shortened(f"{pixels} of them drawn", label_width(rect, axis), SMALL)
        write(painter, text, rect.left() + LABEL_INDENT, y + LINE - 6, SMALL, theme.quiet)
        return y + LINE

    def _paint_initial_state(
        self, painter: QPainter, band: QRectF, trace: Trace, layer: int, axis: TimeAxis, theme: Theme
    ) -> None:
        box = initial_state_of(band, axis)
        if box is None:
            return
        if not axis.roomy:
            box.setHeight(box.height() * (1 - LANE))
        pen = QPen(color(theme.line), 1.2)
        pen.setDashPattern([3.0, 2.2])
        painter.setPen(pen)
        painter.setBrush(color(theme.panel))
        painter.drawRoundedRect(box.adjusted(0.5, 0, -0.5, 0), 6, 6)
        if not trace.hidden[0].any() and box.height() > 14:
            y = baseline(box.top(), box.height(), TEXT_BOLD)
            write(painter, "0", box.center().x(), y, TEXT_BOLD, theme.quiet, "center")

    def _paint_outlines(
        self, painter: QPainter, rect: QRectF, band: QRectF, axis: TimeAxis, theme: Theme
    ) -> None:
        if not axis.roomy:
            return
        painter.setPen(QPen(color(theme.line), 1))
        painter.setBrush(color(theme.panel))
        for step in axis.visible:
            painter.drawRoundedRect(self.capsule(step, band, axis).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)

    def _paint_forward(
        self, painter: QPainter, rect: QRectF, band: QRectF, axis: TimeAxis, theme: Theme
    ) -> None:
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
            start = (
                self.capsule(step - 1, band, axis).right() if step else (initial.right() if initial else 0.0)
            )
            end = self.capsule(step, band, axis).left()
            if start <= 0:
                continue
            lines.append(QLineF(start, y, end - head + 0.5, y))
            heads.append(marks.arrow_head(QPointF(end, y), head, "right"))
        painter.setPen(pen)
        painter.drawLines(lines)
        marks.fill(painter, heads, theme.forward)

    def _paint_downward(
        self, painter: QPainter, rect: QRectF, above: QRectF, below: QRectF, axis: TimeAxis, theme: Theme
    ) -> None:
        if not axis.roomy:
            return
        painter.setPen(QPen(color(theme.forward), 1.5))
        heads = []
        for step in axis.visible:
            box = self.capsule(step, below, axis)
            x = box.center().x() - 0.2 * box.width()
            painter.drawLine(QLineF(x, above.bottom(), x, below.top() - 4))
            heads.append(marks.arrow_head(QPointF(x, below.top()), 4.5, "down"))
        marks.fill(painter, heads, theme.forward)

    # The moment: cells and ribbons.

    def paint_moment(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
        context: Context = NO_CONTEXT,
    ) -> None:
        """The cells of every layer and the way back through them."""
        bands = self.layer_rects(rect, trace, cursor.layer)
        for layer, band in enumerate(bands):
            order = context.unit_order if layer == cursor.layer else None
            self._paint_cells(painter, band, trace, layer, order, axis, theme)
        for layer, band in enumerate(bands):
            self._paint_backward(painter, band, trace, cursor.error_step, layer, axis, theme)
            if layer:
                self._paint_upward(
                    painter, bands[layer - 1], band, trace, cursor.error_step, layer, axis, theme
                )

    def _cells_height(self, band: QRectF, axis: TimeAxis) -> float:
        return band.height() - 6 if axis.roomy else band.height() * (1 - LANE)

    def _paint_cells(
        self,
        painter: QPainter,
        band: QRectF,
        trace: Trace,
        layer: int,
        order: NDArray[np.intp] | None,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        low, high = value_range(trace)
        values = marks.quantised(trace.hidden[:, layer, :], low, high).T  # (H, T+1)
        dead = self._dead(trace, layer)
        if dead.any():
            values[dead, 1:] = marks.MARKED
        if order is not None and len(order) == values.shape[0]:
            values = values[order]
        top = axis.snap(band.top() + (3 if axis.roomy else 0))
        bottom = axis.snap(top + self._cells_height(band, axis))
        ratio = axis.pixel_ratio
        rows = _row_pixels(values.shape[0], top, bottom, ratio)
        table = marks.palette(theme.states, theme.bar)
        shown = self._column_pixels(band, axis)
        marks.draw_cells(painter, values[:, 1:], rows, shown, axis.snap(axis.left), top, ratio, table)
        initial = initial_state_of(band, axis)
        if initial is not None and trace.hidden[0].any():
            x0, x1 = axis.snap(initial.left() + 3), axis.snap(initial.right() - 3)
            one = np.zeros(round((x1 - x0) * ratio), dtype=np.intp)
            marks.draw_cells(painter, values[:, :1], rows, one, x0, top, ratio, table)

    def _column_pixels(self, band: QRectF, axis: TimeAxis) -> NDArray[np.intp]:
        low, high = axis.snap(axis.left), axis.snap(axis.right)
        if not axis.roomy:
            return marks.pixel_cells(axis.edges, low, high, axis.pixel_ratio, 0.0)
        edges: list[float] = []
        for step in range(axis.length):
            box = self.capsule(step, band, axis)
            edges += [box.left() + 2.5, box.right() - 2.5]
        index = marks.pixel_cells(tuple(edges), low, high, axis.pixel_ratio, 0.0)
        return np.where(index % 2 == 0, index // 2, axis.length)

    def _paint_backward(
        self,
        painter: QPainter,
        band: QRectF,
        trace: Trace,
        error_step: int,
        layer: int,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        y = self.backward_y(band, axis)
        shares = shares_left(trace, error_step, layer)
        if not np.isfinite(shares).all():
            return
        first = initial_share(trace, error_step, layer)
        last_way = next((k for k in range(error_step, -1, -1) if not shares[k] > 0), -1)
        initial = initial_state_of(band, axis)
        if not axis.roomy:
            full = full_width(band.height() * LANE / 0.35, shares)
            shown = [k for k in range(max(axis.visible.start - 1, 0), error_step + 1) if k > last_way]
            centers = [axis.center(k) for k in shown]
            parts = [float(shares[k]) for k in shown]
            if initial is not None and first > 0 and last_way < 0:
                centers, parts = [initial.center().x(), *centers], [first, *parts]
            paint_band(painter, centers, parts, y, full, theme)
        else:
            gaps = []
            for k in range(error_step, last_way, -1):
                right = self.capsule(k, band, axis).left()
                if k > 0:
                    gaps.append(Gap(self.capsule(k - 1, band, axis).right(), right, shares[k], shares[k - 1]))
                elif initial is not None and first > 0:
                    gaps.append(Gap(initial.right(), right, shares[0], first))
            gaps = [g for g in gaps if g.right > axis.left - 30 and g.left < axis.right]
            paint_ribbons(painter, gaps, y, full_width(band.height(), shares), theme)
        if 0 <= last_way < error_step:
            self._paint_end(painter, trace, error_step, last_way, layer, y, axis, theme)

    def _paint_end(
        self,
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
        x = axis.column(step)[1]
        draw = {"no path": marks.no_path, "blocked": marks.blocked, "underflow": marks.underflow}
        mark = draw.get(fate(trace, error_step, step, layer))
        if mark is not None and axis.left <= x <= axis.right:
            mark(painter, x, y + (0 if mark is marks.no_path else 14), theme)

    def _paint_upward(
        self,
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
            box = self.capsule(step, above, axis)
            x = box.center().x() + 0.2 * box.width()
            painter.drawLine(QLineF(x, below.top(), x, above.bottom() + 4))
            heads.append(marks.arrow_head(QPointF(x, above.bottom()), 4.5, "up"))
        marks.fill(painter, heads, theme.backward)

    # The mouse.

    def _unit_at(
        self, y: float, band: QRectF, trace: Trace, order: NDArray[np.intp] | None, axis: TimeAxis
    ) -> int | None:
        top = band.top() + (3 if axis.roomy else 0)
        units = trace.hidden.shape[2]
        row = int((y - top) / max(self._cells_height(band, axis), 1.0) * units)
        if not 0 <= row < units:
            return None
        return int(order[row]) if order is not None and len(order) == units else row

    def _layer_at(self, y: float, rect: QRectF, trace: Trace, focus: int) -> int:
        bands = self.layer_rects(rect, trace, focus)
        return min(range(len(bands)), key=lambda i: abs(bands[i].center().y() - y) - bands[i].height() / 2)

    def reading(
        self,
        pos: QPointF,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        context: Context = NO_CONTEXT,
    ) -> Reading | None:
        """The unit under the mouse."""
        initial = initial_state_of(rect, axis)
        at_start = initial is not None and initial.left() <= pos.x() <= initial.right()
        step = -1 if at_start else axis.step_at(pos.x())
        if step is None:
            return None
        layer = self._layer_at(pos.y(), rect, trace, cursor.layer)
        band = self.layer_rects(rect, trace, cursor.layer)[layer]
        order = context.unit_order if layer == cursor.layer else None
        unit = self._unit_at(pos.y(), band, trace, order, axis)
        if unit is None:
            return None
        value = float(trace.hidden[step + 1, layer, unit])
        where = "in the initial state" if step < 0 else f"after {quoted(trace, str(trace.words[step]))}"
        text = f"unit {unit + 1} of layer {layer + 1} {where}: {value:+.3f}".replace("-", "−")
        if step >= 0 and trace.slope is not None:
            text += f", lets {float(trace.slope[step, layer, unit]):.2g} of an error through (f')"
        return Reading(self.name, step, value, "", text)

    def click(
        self, pos: QPointF, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis
    ) -> dict[str, int] | None:
        """A capsule moves the cursor to its step, brings its layer in focus and picks the unit."""
        step = axis.step_at(pos.x())
        if step is None:
            return None
        move = {"time_step": step}
        layer = self._layer_at(pos.y(), rect, trace, cursor.layer)
        if layer != cursor.layer:
            move["layer"] = layer
        return move


def _row_pixels(units: int, top: float, bottom: float, ratio: float) -> NDArray[np.intp]:
    """Which unit each device pixel row shows: (pixels,)."""
    pixels = max(round((bottom - top) * ratio), 1)
    return ((np.arange(pixels) + 0.5) * units / pixels).astype(np.intp)
