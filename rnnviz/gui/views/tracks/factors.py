"""Why the error fades: each step back multiplies it twice, an exact product.

For cells with gates there are two ways back instead, straight and round: two norms beside each other, which
are no factors of one product and no shares of a whole. The total is then read off what arrives.
"""

import math

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.reading import Reading
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks.label import paint_label
from rnnviz.gui.views.tracks.lettering import SMALL, SMALL_BOLD, Label, apart, baseline, width_of, write
from rnnviz.gui.views.tracks.shares import hands_on, shares_left, telling_steps
from rnnviz.gui.views.tracks.track import INITIAL_GAP, NO_CONTEXT, Context, Height, Track
from rnnviz.gui.views.wording import factor, quoted
from rnnviz.probes.trace import Floats, Trace

LINE = 14.0
DECADES = 1.0
"""The curve of narrow columns spans this many decades up and down from a factor of 1."""


class FactorsTrack(Track):
    """Between the columns: f' and W_hh, or the straight and the round way, and what they make together."""

    name = "factors"
    title = "each step back"
    weight = 1

    def caption(self, trace: Trace, cursor: CursorState, context: Context = NO_CONTEXT) -> tuple[str, ...]:
        """Name the two factors."""
        if not hands_on(trace):
            return ("no way back: no state is handed on",)
        if _two(trace) is None:
            return ("not known for this cell",)
        first, second = _names(trace)
        if _multiplies(trace):
            return (f"through {first} · {second}",)
        gate = f" ({trace.straight_gate})" if trace.straight_gate else ""
        return (f"straight{gate} | round", "lengths, no shares")

    def height(self, trace: Trace, axis: TimeAxis) -> Height:
        """How tall the track wants to be under this axis."""
        return Height(38, 42 if axis.roomy else 46, 0.2)

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
        """Label, and the line of "x 1" where the factors are drawn as curves."""
        paint_label(painter, rect, self, trace, cursor, axis, theme, context)
        if not axis.roomy and hands_on(trace):
            y = self._curve_y(rect, 1.0)
            painter.setPen(QPen(color(theme.quiet), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QLineF(axis.left, y, axis.right, y))
            write(
                painter,
                "× 1",
                axis.left - INITIAL_GAP,
                baseline(y - 8, 16, SMALL),
                SMALL,
                theme.quiet,
                "right",
            )

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
        """Numbers between the columns, or curves where these are narrow."""
        pair = _two(trace)
        if pair is None or not hands_on(trace):
            return
        if cursor.error_step == 0:
            y = baseline(rect.top(), rect.height(), SMALL)
            write(painter, "no earlier step", axis.edges[0] + 7, y, SMALL, theme.quiet)
            return
        first = pair[0][cursor.error_step, :, cursor.layer]
        second = pair[1][cursor.error_step, :, cursor.layer]
        if not axis.roomy:
            self._paint_curves(painter, rect, trace, first, second, cursor, axis, theme)
        self._paint_numbers(painter, rect, trace, first, second, cursor, axis, theme)

    def _paint_numbers(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        first: Floats,
        second: Floats,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        wanted = telling_steps(shares_left(trace, cursor.error_step, cursor.layer), cursor)
        whole = _totals(trace, cursor.error_step, cursor.layer)
        sign = "·" if _multiplies(trace) else "|"
        totals, parts, tight = [], [], []
        for k in axis.visible:
            if k > cursor.error_step or k == 0 or not math.isfinite(first[k]):
                continue
            if not axis.roomy and k != cursor.time_step:
                continue
            rank = wanted.index(k) if k in wanted else len(wanted)
            x = axis.column(k)[0]
            if x < axis.left + 8:
                continue
            totals.append(Label(k, "×" + factor(float(whole[k])), x, rank))
            parts.append(Label(k, f"{factor(float(first[k]))} {sign} {factor(float(second[k]))}", x, rank))
            tight.append(Label(k, f"{factor(float(first[k]))}{sign}{factor(float(second[k]))}", x, rank))
        low, high = axis.left - 24, axis.right
        totals = apart(totals, SMALL_BOLD, low, high, gap=1.5)
        spaced = apart(parts, SMALL, low, high, gap=6.0)
        if len(spaced) < len(parts):
            spaced = apart(tight, SMALL, low, high, gap=6.0)
        top = rect.top() + max((rect.height() - 3 * LINE) / 2, -1.0)
        if len(spaced) == len(parts) or not axis.roomy:
            top = rect.top() + (rect.height() - 2 * LINE) / 2
            lines = [(spaced, SMALL, theme.quiet), (totals, SMALL_BOLD, theme.backward_text)]
        else:
            lines = [
                (_column(first, totals), SMALL, theme.quiet),
                (_column(second, totals), SMALL, theme.quiet),
                (totals, SMALL_BOLD, theme.backward_text),
            ]
        pitch = LINE if len(lines) == 2 else (rect.height() - 2) / 3
        if len(lines) == 3:
            top = rect.top() + 1
        for row, (labels, face, ink) in enumerate(lines):
            y = baseline(top + row * pitch, pitch, face)
            for label in labels:
                if not axis.roomy:
                    half = width_of(label.text, face) / 2
                    box = QRectF(label.center - half - 2, top + row * pitch, 2 * half + 4, pitch)
                    painter.fillRect(box, color(theme.ground, 0.85))
                write(painter, label.text, label.center, y, face, ink, "center")

    def _curve_y(self, rect: QRectF, value: float) -> float:
        middle, half = rect.center().y(), rect.height() / 2 - 3
        if not value > 0:
            return middle + half
        return middle - half * min(max(math.log10(value) / DECADES, -1.0), 1.0)

    def _paint_curves(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        first: Floats,
        second: Floats,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        """Narrow columns: both factors and the whole step as curves around × 1."""
        steps = [k for k in axis.visible if 0 < k <= cursor.error_step and math.isfinite(first[k])]
        for values, pen in (
            (first, QPen(color(theme.bar), 1)),
            (second, QPen(color(theme.quiet), 1)),
            (_totals(trace, cursor.error_step, cursor.layer), QPen(color(theme.backward), 1.8)),
        ):
            ys = [self._curve_y(rect, float(values[k])) for k in steps]
            xs = [axis.edges[k] for k in steps]
            painter.setPen(pen)
            # Separate lines: a polyline is stroked as one path, which costs ten times as much.
            painter.drawLines([QLineF(*pair) for pair in zip(xs, ys, xs[1:], ys[1:], strict=False)])

    def reading(
        self,
        pos: QPointF,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        context: Context = NO_CONTEXT,
    ) -> Reading | None:
        """Both factors of the step back under the mouse."""
        pair = _two(trace)
        if pair is None or not hands_on(trace) or axis.step_at(pos.x()) is None:
            return None
        step = axis.nearest_step(pos.x() + min(axis.column_width / 2, 40))
        if step == 0 or step > cursor.error_step:
            return None
        a = float(pair[0][cursor.error_step, step, cursor.layer])
        b = float(pair[1][cursor.error_step, step, cursor.layer])
        if not math.isfinite(a):
            return None
        first, second = _names(trace)
        here, before = quoted(trace, str(trace.words[step])), quoted(trace, str(trace.words[step - 1]))
        total = float(_totals(trace, cursor.error_step, cursor.layer)[step])
        text = f"from {here} back to {before}: {first} × {a:.3g}, {second} × {b:.3g}, together × {total:.3g}"
        if not _multiplies(trace):
            rail = "c" if trace.cell is not None else "h"
            text += f" (along {rail} itself, and through gates and weights)"
        return Reading(self.name, step, total, "×", text)


def _two(trace: Trace) -> tuple[Floats, Floats] | None:
    """The two factors of each step back that this cell has."""
    if trace.slope_factor is not None and trace.weight_factor is not None:
        return trace.slope_factor, trace.weight_factor
    if trace.straight_factor is not None and trace.round_factor is not None:
        return trace.straight_factor, trace.round_factor
    return None


def _names(trace: Trace) -> tuple[str, str]:
    if _multiplies(trace):
        return ("f'", "W_hh")
    return ("straight", "round")


def _column(values: Floats, beside: list[Label]) -> list[Label]:
    """The values at the places of labels that found room."""
    return [Label(one.step, factor(float(values[one.step])), one.center, one.rank) for one in beside]


def _multiplies(trace: Trace) -> bool:
    """Whether the two factors are of one product (f' and W_hh), not of two ways side by side."""
    return trace.slope_factor is not None


def _totals(trace: Trace, error_step: int, layer: int) -> Floats:
    """What each step back does to the whole error, (t+1,): from k to k-1; NaN into the initial state.

    For a product that is the product: in a lower layer what comes from above is added after it.
    """
    pair = _two(trace)
    if pair is not None and _multiplies(trace):
        first, second = (np.asarray(f[error_step, : error_step + 1, layer], dtype=np.float64) for f in pair)
        return np.where(first > 0, first * second, first)
    arrives = np.asarray(trace.state_gradient_matrix[error_step, : error_step + 1, layer], dtype=np.float64)
    totals = np.full(error_step + 1, np.nan)
    np.divide(arrives[:-1], arrives[1:], out=totals[1:], where=arrives[1:] > 0)
    return totals
