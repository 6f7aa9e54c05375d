"""The gates as levels: in each column the units sorted by value, so that the filled part reads as a share."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.gate_names import gate_name
from rnnviz.gui.views.reading import Reading
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.holds import LOCK_HEIGHT, gate_offers, paint_lock_on_data
from rnnviz.gui.views.tracks.label import paint_label
from rnnviz.gui.views.tracks.lettering import SMALL, TEXT, TEXT_BOLD, baseline, width_of, write
from rnnviz.gui.views.tracks.track import (
    INITIAL_GAP,
    NO_CONTEXT,
    Context,
    CursorMove,
    Height,
    Track,
    columns_of,
)
from rnnviz.gui.views.wishes import Offer
from rnnviz.gui.views.wording import quoted
from rnnviz.probes.trace import Floats, Trace

LEAST, PREFERRED = 15.0, 22.0
"""Heights of one gate's band in points."""
PADDING, APART = 4.0, 3.0
FOLDED = 12.0
"""What the other gates keep while one is unfolded."""


class GatesTrack(Track):
    """One band a gate: blue as far as units are open; those that end in tanh from violet to gold."""

    name = "gates"
    title = "gates"
    weight = 0
    rows_have_labels = True

    def applies(self, trace: Trace) -> bool:
        """Only cells with gates have this track in their score."""
        return bool(trace.gates)

    def caption(self, trace: Trace, cursor: CursorState, context: Context = NO_CONTEXT) -> tuple[str, ...]:
        """How to read a band, or that there is none."""
        if not trace.gates:
            return ("this cell has none",)
        if cursor.unfolded_gate in trace.gates:
            return (f"{cursor.unfolded_gate}: units × time", "click: sorted")
        return ("units sorted", "by their value", "click: units × time")

    def height(self, trace: Trace, axis: TimeAxis) -> Height:
        """A band for each gate."""
        count = max(len(trace.gates), 1)
        rest = 2 * PADDING + (count - 1) * APART
        return Height(max(count * LEAST + rest, 30.0), max(count * PREFERRED + rest, 40.0), 0.5)

    def label_key(self, trace: Trace, cursor: CursorState, context: Context) -> object:
        """The frames follow the gate that is unfolded."""
        return (super().label_key(trace, cursor, context), cursor.unfolded_gate, tuple(trace.gates))

    def bands(self, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis) -> dict[str, QRectF]:
        """The band of each gate, under each other; the one unfolded takes what the others can spare."""
        names = list(trace.gates)
        room = rect.height() - 2 * PADDING - (len(names) - 1) * APART
        heights = dict.fromkeys(names, room / max(len(names), 1))
        if cursor.unfolded_gate in heights:
            low = min(FOLDED, room / len(names))
            heights = dict.fromkeys(names, low)
            heights[cursor.unfolded_gate] = room - low * (len(names) - 1)
        area, y, bands = columns_of(rect, axis), rect.top() + PADDING, {}
        for name, height in heights.items():
            top, bottom = axis.snap(y), axis.snap(y + height)
            bands[name] = QRectF(area.left(), top, area.width(), bottom - top)
            y += height + APART
        return bands

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
        """Label, frames, names of the gates."""
        paint_label(painter, rect, self, trace, cursor, axis, theme, context)
        if not trace.gates:
            y = baseline(rect.top(), rect.height(), TEXT)
            write(
                painter, "This cell has no gates; an LSTM or a GRU has.", axis.left + 7, y, TEXT, theme.quiet
            )
            return
        for name, band in self.bands(rect, trace, cursor, axis).items():
            painter.setPen(QPen(color(theme.line), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(band.adjusted(-0.5, -0.5, 0.5, 0.5))
            y = baseline(band.top(), band.height(), TEXT_BOLD)
            write(painter, name, axis.left - INITIAL_GAP, y, TEXT_BOLD, theme.ink, "right")

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
        """The levels, and beside each name its mean at the step looked at."""
        for name, band in self.bands(rect, trace, cursor, axis).items():
            values = trace.gates[name][:, cursor.layer, :]  # (T, H)
            self._paint_band(
                painter, band, trace, name, cells_of(values, name, trace, cursor, context), axis, theme
            )
            self._paint_locks(painter, band, trace, name, cursor.layer, axis, theme)
            mean = round(float(values[cursor.time_step].mean(dtype=float)), 2) + 0.0  # no "−.00"
            y = baseline(band.top(), band.height(), SMALL)
            right = axis.left - INITIAL_GAP - width_of("m", TEXT_BOLD) - 2
            text = f"{mean:.2f}".replace("0.", ".", 1).replace("-", "−") if math.isfinite(mean) else "–"
            write(painter, text, right, y, SMALL, theme.quiet, "right")

    def _paint_locks(
        self,
        painter: QPainter,
        band: QRectF,
        trace: Trace,
        name: str,
        layer: int,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        """A padlock where somebody holds the gate; held at every step, one at the beginning."""
        held = trace.held.get(name)
        if held is None or band.height() < LOCK_HEIGHT + 2:
            return
        steps = [axis.visible.start] if held[:, layer].all() else [k for k in axis.visible if held[k, layer]]
        for step in steps:
            foot = band.center().y() + LOCK_HEIGHT / 2
            paint_lock_on_data(painter, axis.center(step), foot, theme)

    def _paint_band(
        self,
        painter: QPainter,
        band: QRectF,
        trace: Trace,
        name: str,
        cells: NDArray[np.uint8],
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        pixels = max(round(band.height() * axis.pixel_ratio), 1)
        rows = ((np.arange(pixels) + 0.5) * cells.shape[0] / pixels).astype(np.intp)
        low, high = axis.snap(axis.left), axis.snap(axis.right)
        columns = marks.pixel_cells(axis.edges, low, high, axis.pixel_ratio, 1.0)
        stops = theme.states if name in trace.tanh_gates else (theme.field, theme.forward)
        table = marks.palette(stops, theme.bar)
        marks.draw_cells(painter, cells, rows, columns, low, band.top(), axis.pixel_ratio, table)

    def reading(
        self,
        pos: QPointF,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        context: Context = NO_CONTEXT,
    ) -> Reading | None:
        """The mean of a gate at the step under the mouse; unfolded, the unit."""
        step, name = axis.step_at(pos.x()), self._gate_at(pos.y(), rect, trace, cursor, axis)
        if step is None or name is None:
            return None
        values = trace.gates[name][step, cursor.layer, :].astype(np.float64)
        here = quoted(trace, str(trace.words[step]))
        if name == cursor.unfolded_gate:
            band = self.bands(rect, trace, cursor, axis)[name]
            row = min(max(int((pos.y() - band.top()) / band.height() * len(values)), 0), len(values) - 1)
            order = context.unit_order
            unit = int(order[row]) if order is not None and len(order) == len(values) else row
            text = f"{gate_name(trace, name)} of unit {unit + 1} at {here}: {values[unit]:.3f}"
            return Reading(self.name, step, float(values[unit]), "", text.replace("-", "−"))
        mean = float(values.mean())
        text = f"{gate_name(trace, name)} at {here}: {mean:.3f} on average over {len(values)} units"
        if name not in trace.tanh_gates and math.isfinite(mean):
            text += f", {int((values > 0.5).sum())} of them more than half open"
        return Reading(self.name, step, mean, "", text.replace("-", "−"))

    def offers(
        self, pos: QPointF, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis, context: Context
    ) -> tuple[Offer, ...]:
        """The gate under the mouse can be held there, or at every step."""
        step, name = axis.step_at(pos.x()), self._gate_at(pos.y(), rect, trace, cursor, axis)
        return () if step is None or name is None else gate_offers(trace, name, step, cursor.layer)

    def _gate_at(
        self, y: float, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis
    ) -> str | None:
        bands = self.bands(rect, trace, cursor, axis)
        return next((name for name, band in bands.items() if band.top() <= y <= band.bottom()), None)

    def click(
        self, pos: QPointF, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis
    ) -> CursorMove | None:
        """Look at the step, and unfold the gate into units × time or sort its units again."""
        step, name = axis.step_at(pos.x()), self._gate_at(pos.y(), rect, trace, cursor, axis)
        if step is None:
            return None
        if name is None:
            return {"time_step": step}
        return {"time_step": step, "unfolded_gate": "" if name == cursor.unfolded_gate else name}


def cells_of(
    values: Floats, name: str, trace: Trace, cursor: CursorState, context: Context
) -> NDArray[np.uint8]:
    """A gate's values (T, H) as cells of a palette (H, T): sorted, the lowest at the top, or unit by unit."""
    low = -1.0 if name in trace.tanh_gates else 0.0
    if name != cursor.unfolded_gate:
        values = np.sort(values, axis=1)
    elif context.unit_order is not None and len(context.unit_order) == values.shape[1]:
        values = values[:, context.unit_order]
    return marks.quantised(values, low, 1.0).T
