"""The unrolled network and the heatmap of its hidden state in one: a capsule a step, the error going back."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme
from rnnviz.gui.views.gate_names import gate_name
from rnnviz.gui.views.reading import Reading
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.arrows import (
    backward_y,
    paint_downward,
    paint_forward,
    paint_reading_off,
    paint_upward,
    paint_way_back,
)
from rnnviz.gui.views.tracks.capsules import (
    BETWEEN,
    SHORT,
    capsule,
    carry_rect,
    cells_height,
    dead_units,
    has_valve,
    layer_rects,
    paint_cell_state,
    paint_cells,
    paint_initial_state,
    paint_outlines,
    value_range,
    whole_rects,
)
from rnnviz.gui.views.tracks.holds import (
    caption_of_holds,
    grip_at,
    paint_dragged,
    paint_locks,
    paint_silenced,
    rail_of_valves,
    spoken_valve,
    unit_offers,
    valve_offers,
)
from rnnviz.gui.views.tracks.label import LINE, label_width, paint_label, paint_legend
from rnnviz.gui.views.tracks.lettering import (
    SMALL,
    shortened,
    write,
)
from rnnviz.gui.views.tracks.shares import hands_on
from rnnviz.gui.views.tracks.track import (
    LABEL_INDENT,
    NO_CONTEXT,
    Context,
    Grip,
    Height,
    Track,
    initial_state_of,
    sight_of,
)
from rnnviz.gui.views.tracks.valves import paint_valves
from rnnviz.gui.views.wishes import Offer
from rnnviz.gui.views.wording import quoted
from rnnviz.probes.trace import Floats, Trace


class StatesTrack(Track):
    """One capsule a step and layer, forward arrows in blue, the way back of one word's error in orange."""

    name = "states"
    title = "states"
    weight = 4

    def caption(self, trace: Trace, cursor: CursorState, context: Context = NO_CONTEXT) -> tuple[str, ...]:
        """Number of units, equation, order, and how many are dead."""
        units = trace.hidden.shape[2]
        each = f"{units} units each" if units > 1 else "1 unit each"
        if trace.layers > 1:
            each += f", layer {cursor.layer + 1} of {trace.layers}"
        order = {"similarity": "sorted by similarity", "peak": "sorted by their peak"}.get(cursor.unit_order)
        dead = int(dead_units(trace, cursor.layer).sum())
        lines = [each]
        if trace.state_equation:
            lines += trace.state_equation.replace("~", "\u00a0").split(", ")
        if has_valve(trace):
            lines.append(f"valve: mean {trace.straight_gate}")
        if trace.cell is not None:
            lines.append("above: tanh(c)")
        if order:
            lines.append(order)
        lines += caption_of_holds(trace, cursor.layer)
        if dead:
            lines.append(f"{dead} of {units} dead: f' is 0 throughout")
        return tuple(lines)

    def label_key(self, trace: Trace, cursor: CursorState, context: Context) -> object:
        """The outlines follow the layer in focus, the legend the range of values."""
        carried = bool(trace.hidden[0].any()), trace.cell is not None and bool(trace.cell[0].any())
        return (super().label_key(trace, cursor, context), cursor.layer, value_range(trace), carried)

    def height(self, trace: Trace, axis: TimeAxis) -> Height:
        """How tall the track wants to be under this axis."""
        extra = (trace.layers - 1) * (SHORT + BETWEEN)
        if trace.cell is not None:
            return Height(130 + extra, 172 + extra, 2.0)
        return Height(96 + extra, 127 + extra, 1.6)

    def entry(self, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis) -> QPointF:
        """Where the error comes in from the loss: at the top layer's state of the step in error."""
        band = layer_rects(rect, trace, cursor.layer)[-1]
        y = backward_y(band, axis)
        if not axis.roomy:
            return QPointF(axis.center(cursor.error_step), y)
        return QPointF(capsule(cursor.error_step, band, axis).right(), y)

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
        bands = layer_rects(rect, trace, cursor.layer)
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
        if axis.scrolls:
            painter.setClipRect(sight_of(rect, axis))
        self._paint_rails(painter, rect, trace, cursor, axis, theme)
        painter.restore()

    def _paint_rails(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        """Outlines and forward arrows of every layer's h, and of c in the layer in focus."""
        bands, wholes = layer_rects(rect, trace, cursor.layer), whole_rects(rect, trace, cursor.layer)
        valves = has_valve(trace) and trace.cell is None
        for layer, band in enumerate(bands):
            paint_outlines(painter, rect, band, axis, theme)
            if layer:
                paint_downward(painter, wholes[layer - 1], wholes[layer], axis, theme)
            if hands_on(trace):
                paint_initial_state(painter, band, trace.hidden[0], axis, theme)
                paint_forward(painter, band, axis, theme, valves=valves)
        carry = carry_rect(rect, trace, cursor.layer)
        if carry is None or trace.cell is None:
            return
        paint_initial_state(painter, carry, trace.cell[0], axis, theme)
        paint_outlines(painter, rect, carry, axis, theme)
        paint_forward(painter, carry, axis, theme, valves=has_valve(trace))
        if axis.roomy:
            paint_reading_off(painter, carry, bands[cursor.layer], axis, theme)
        start = initial_state_of(carry, axis)
        if start is not None:
            for name, band, initial in (("c", carry, trace.cell), ("h", bands[cursor.layer], trace.hidden)):
                if not initial[0].any() and cells_height(band, axis) > 52:
                    write(painter, name, start.center().x(), band.top() + 15, SMALL, theme.quiet, "center")

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
        pixels = int(cells_height(band, axis) * axis.pixel_ratio)
        units = trace.hidden.shape[2]
        if units <= pixels or y + LINE > rect.bottom() - 2:
            return y
        text = shortened(f"{pixels} of them drawn", label_width(rect, axis), SMALL)
        write(painter, text, rect.left() + LABEL_INDENT, y + LINE - 6, SMALL, theme.quiet)
        return y + LINE

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
        self.paint_states(painter, rect, trace, cursor, axis, theme, context)
        self.paint_error(painter, rect, trace, cursor, axis, theme)
        last = cursor.error_step - (context.training_window or trace.length)
        if last >= 0 and hands_on(trace):
            marks.out_of_reach(painter, rect, axis.left, min(axis.column(last)[1], axis.right), theme)
        self._paint_holds(painter, rect, trace, cursor, axis, theme, context)

    def _paint_holds(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
        context: Context,
    ) -> None:
        """What somebody holds, over all else: it is no data."""
        band = layer_rects(rect, trace, cursor.layer)[cursor.layer]
        paint_silenced(painter, band, trace, cursor.layer, context.unit_order, axis, theme)
        rail = rail_of_valves(rect, trace, cursor.layer)
        if rail is None:
            return
        paint_locks(painter, rail, trace, cursor.layer, axis, theme)
        wish = context.dragged
        if wish is not None and context.dragged_at is not None:
            paint_dragged(painter, rail, trace, wish, context.dragged_at, axis, theme)

    def paint_states(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
        context: Context = NO_CONTEXT,
    ) -> None:
        """The cells of every layer."""
        bands = layer_rects(rect, trace, cursor.layer)
        carry = carry_rect(rect, trace, cursor.layer)
        for layer, band in enumerate(bands):
            order = context.unit_order if layer == cursor.layer else None
            paint_cells(painter, band, trace, layer, order, axis, theme)
        if carry is not None:
            paint_cell_state(painter, carry, trace, cursor.layer, context.unit_order, axis, theme)
        rail = rail_of_valves(rect, trace, cursor.layer)
        if rail is not None:
            paint_valves(painter, rail, trace, cursor.layer, axis, theme)

    def paint_error(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        """The error's way back through every layer."""
        bands = whole_rects(rect, trace, cursor.layer)
        paint_way_back(painter, rect, trace, cursor.error_step, cursor.layer, axis, theme)
        for layer in range(1, trace.layers):
            above, below = bands[layer - 1], bands[layer]
            paint_upward(painter, above, below, trace, cursor.error_step, layer, axis, theme)

    # The mouse.

    def _unit_at(
        self, y: float, band: QRectF, trace: Trace, order: NDArray[np.intp] | None, axis: TimeAxis
    ) -> int | None:
        top = band.top() + (3 if axis.roomy else 0)
        units = trace.hidden.shape[2]
        row = int((y - top) / max(cells_height(band, axis), 1.0) * units)
        if not 0 <= row < units:
            return None
        return int(order[row]) if order is not None and len(order) == units else row

    def _layer_at(self, y: float, rect: QRectF, trace: Trace, focus: int) -> int:
        bands = whole_rects(rect, trace, focus)
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
        """The valve or the unit under the mouse."""
        grip = grip_at(pos, rect, trace, cursor, axis)
        if grip is not None:
            return Reading(self.name, grip.step, grip.value, "", spoken_valve(trace, grip))
        initial = initial_state_of(rect, axis)
        at_start = initial is not None and initial.left() <= pos.x() <= initial.right()
        step = -1 if at_start else axis.step_at(pos.x())
        if step is None:
            return None
        layer = self._layer_at(pos.y(), rect, trace, cursor.layer)
        band = layer_rects(rect, trace, cursor.layer)[layer]
        order = context.unit_order if layer == cursor.layer else None
        carry = carry_rect(rect, trace, cursor.layer)
        if carry is not None and trace.cell is not None and layer == cursor.layer and pos.y() < band.top():
            unit = self._unit_at(pos.y(), carry, trace, order, axis)
            return None if unit is None else self._cell_reading(trace, trace.cell, step, layer, unit)
        unit = self._unit_at(pos.y(), band, trace, order, axis)
        if unit is None:
            return None
        value = float(trace.hidden[step + 1, layer, unit])
        where = "in the initial state" if step < 0 else f"after {quoted(trace, str(trace.words[step]))}"
        text = f"unit {unit + 1} of layer {layer + 1} {where}: {value:+.3f}".replace("-", "−")
        if step >= 0 and trace.slope is not None:
            text += f", lets {float(trace.slope[step, layer, unit]):.2g} of an error through (f')"
        return Reading(self.name, step, value, "", text)

    def _cell_reading(self, trace: Trace, cell: Floats, step: int, layer: int, unit: int) -> Reading:
        """A unit of the cell state, and what its gate on the direct path let through before."""
        value = float(cell[step + 1, layer, unit])
        where = "in the initial state" if step < 0 else f"after {quoted(trace, str(trace.words[step]))}"
        text = f"cell state of unit {unit + 1} {where}: {value:+.3f}".replace("-", "−")
        if step >= 0 and has_valve(trace):
            gate = trace.gates[trace.straight_gate][step, layer]
            text += f"; {gate_name(trace, trace.straight_gate)} {float(gate[unit]):.2f} here"
            text += f", {float(gate.mean(dtype=float)):.2f} on average"
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

    def grip(
        self, pos: QPointF, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis
    ) -> Grip | None:
        """A valve can be dragged shut and open."""
        return grip_at(pos, rect, trace, cursor, axis)

    def offers(
        self, pos: QPointF, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis, context: Context
    ) -> tuple[Offer, ...]:
        """The valve of the step under the mouse, and the unit."""
        grip, step = grip_at(pos, rect, trace, cursor, axis), axis.step_at(pos.x())
        if grip is not None:
            return valve_offers(trace, grip.step, grip.layer)
        if step is None:
            return ()
        unit = self._pointed_unit(pos, rect, trace, cursor, axis, context)
        units = () if unit is None else unit_offers(trace, *unit)
        return (*units, *valve_offers(trace, step, cursor.layer))

    def _pointed_unit(
        self, pos: QPointF, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis, context: Context
    ) -> tuple[int, int] | None:
        """Unit and layer under the mouse, in the rail of h or of c."""
        layer = self._layer_at(pos.y(), rect, trace, cursor.layer)
        band = layer_rects(rect, trace, cursor.layer)[layer]
        carry = carry_rect(rect, trace, cursor.layer)
        if carry is not None and layer == cursor.layer and pos.y() < band.top():
            band = carry
        order = context.unit_order if layer == cursor.layer else None
        unit = self._unit_at(pos.y(), band, trace, order, axis)
        return None if unit is None else (unit, layer)
