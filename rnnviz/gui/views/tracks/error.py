"""How much of one word's error is left at each step: the question that decides every drawing."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.reading import Reading
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.decades import Scale, scale_for
from rnnviz.gui.views.tracks.ghosts import ghost_in, paint_ghost_shares, with_ghost
from rnnviz.gui.views.tracks.label import paint_label
from rnnviz.gui.views.tracks.lettering import (
    SMALL,
    TEXT_BOLD,
    Label,
    apart,
    baseline,
    metrics,
    shortened,
    width_of,
    write,
)
from rnnviz.gui.views.tracks.shares import fate, shares_left, spoken_fate, telling_steps
from rnnviz.gui.views.tracks.track import INITIAL_GAP, NO_CONTEXT, Context, Height, Track
from rnnviz.gui.views.wording import answer, brief, counts, learned, percent, quoted
from rnnviz.probes import Trace

TOP, BOTTOM = 25.0, 8.0
"""Room above 100 % for its number, and below the base line."""
LEARNED_LINE, NUMBER_ROOM = 18.0, 16.0
"""Points that the line about a learned word takes at the top, and a bar's number above its bar."""
BAR, WIDEST_BAR = 0.5, 40.0
GHOST_BEYOND = 6.0
"""Points by which the outline of before is wider than a bar, lest one hide the other."""
FOOT = 1.4
"""Each bar stands on a foot this thick, *below* the base line: heights above it stay true."""
ARROW = 7.0
"""Room for the mark of what lies below the scale."""
ROOM_FOR_TICK = 34.0
"""Points between caption and axis, as wide as "100 %"."""
ROOM_FOR_ALL = 40.0
"""Columns from this width on carry every number."""


class ErrorTrack(Track):
    """Bars in per cent of what set out; with L points on labelled decades."""

    name = "error"
    title = "error"
    weight = 5

    def heading(self, trace: Trace, cursor: CursorState) -> str:
        """Name the word whose error is drawn."""
        target = answer(trace, cursor.error_step)
        return f"error of {quoted(trace, brief(target))}" if target else "error"

    def caption(self, trace: Trace, cursor: CursorState, context: Context = NO_CONTEXT) -> tuple[str, ...]:
        """Say what the bars are, and whether the word is assumed or learned."""
        step = cursor.error_step
        if not answer(trace, step):
            return ("no right answer is known here, so no error sets out",)
        lines = ["left at h_t, in %", "of what set out"]
        if trace.assumed_answer and step == trace.last_target_step:
            lines.append("(answer assumed)")
        if not counts(trace, step):
            lines.append("not counted: training leaves it out")
        if learned(trace, step):
            lines.append("learned: little leaves")
        lines.append("L  linear scale" if cursor.logarithmic else "L  log scale")
        return tuple(lines)

    def label_key(self, trace: Trace, cursor: CursorState, context: Context) -> object:
        """The scale and what is out of reach belong to the ground, too."""
        scale = self.scale(trace, cursor, context)
        return (super().label_key(trace, cursor, context), cursor.error_step, scale, context.training_window)

    def scale(self, trace: Trace, cursor: CursorState, context: Context) -> Scale:
        """The scale of the bars: that of a race, or the one that suits this error."""
        if context.scale is not None:
            return context.scale
        shares = shares_left(trace, cursor.error_step, cursor.layer)
        return scale_for(with_ghost(shares, ghost_in(context, trace), cursor), cursor.logarithmic)

    def height(self, trace: Trace, axis: TimeAxis) -> Height:
        """How tall the track wants to be under this axis."""
        return Height(72, 95, 1.0)

    def span(self, rect: QRectF) -> tuple[float, float]:
        """The y of the top of the scale and of the base line."""
        return rect.top() + TOP, rect.bottom() - BOTTOM

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
        """Label, base line, grid, and what is out of training's reach."""
        paint_label(painter, rect, self, trace, cursor, axis, theme, context)
        self.paint_grid(painter, rect, trace, cursor, axis, theme, context)

    def paint_grid(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
        context: Context = NO_CONTEXT,
    ) -> None:
        """Base line, grid, and what is out of training's reach."""
        top, bottom = self.span(rect)
        self._paint_out_of_reach(painter, rect, cursor.error_step, axis, theme, context)
        scale = self.scale(trace, cursor, context)
        painter.setPen(QPen(color(theme.line), 1))
        painter.drawLine(QLineF(axis.left, bottom + 0.5, axis.right, bottom + 0.5))
        dotted = QPen(color(theme.line), 1)
        dotted.setDashPattern([3.0, 3.0])
        for share, text in scale.ticks(int((bottom - top) / 13)):
            y = axis.snap(bottom - (bottom - top) * scale.height(share)) + 0.5
            painter.setPen(dotted)
            painter.drawLine(QLineF(axis.left, y, axis.right, y))
            if scale.logarithmic or scale.top > 1:
                self.write_tick(painter, text, y, scale, axis, theme)
        if not scale.logarithmic and scale.top > 1:
            y = bottom - (bottom - top) / scale.top
            painter.setPen(QPen(color(theme.quiet), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QLineF(axis.left, y, axis.right, y))
            if bottom - y > 12 and scale.top > 1.25:
                self.write_tick(painter, "100 %", y, scale, axis, theme)

    def write_tick(
        self, painter: QPainter, text: str, y: float, scale: Scale, axis: TimeAxis, theme: Theme
    ) -> None:
        """The label of a grid line, left of the axis."""
        if width_of(text, SMALL) > ROOM_FOR_TICK:
            text = text.removesuffix(" %")  # the caption has the unit
        x = axis.left - INITIAL_GAP
        write(painter, text, x, baseline(y - 8, 16, SMALL), SMALL, theme.quiet, "right")

    def _paint_out_of_reach(
        self,
        painter: QPainter,
        rect: QRectF,
        error_step: int,
        axis: TimeAxis,
        theme: Theme,
        context: Context,
    ) -> None:
        """Hatch the steps so far back that training never sends this error there."""
        window = context.training_window
        if window is None or error_step - window < 0:
            return
        right = min(axis.column(error_step - window)[1], axis.right)
        if right <= axis.left:
            return
        area = QRectF(axis.left, rect.top() + 3, right - axis.left, rect.height() - BOTTOM - 3)
        marks.hatch(painter, area, theme.faint)
        text = f"beyond the training window of {window}"
        if width_of(text, SMALL) > area.width() - 10:
            text = "beyond training"
        if width_of(text, SMALL) <= area.width() - 10:
            width = width_of(text, SMALL)
            box = QRectF(area.left() + 4, area.top() + 1, width + 6, 14)
            painter.fillRect(box, color(theme.ground))
            write(painter, text, area.left() + 7, baseline(box.top(), 14, SMALL), SMALL, theme.quiet)

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
        """Bars or points with their numbers."""
        error_step = cursor.error_step
        shares = shares_left(trace, error_step, cursor.layer)
        self._paint_reasons(painter, rect, trace, cursor, axis, theme)
        scale, (top, bottom) = self.scale(trace, cursor, context), self.span(rect)
        ghost, wide = ghost_in(context, trace), WIDEST_BAR + GHOST_BEYOND if axis.roomy else 0.0
        if ghost is not None:
            wide = min(wide, BAR * axis.column_width + GHOST_BEYOND)
            paint_ghost_shares(painter, ghost, shares, cursor, scale, (top, bottom), wide, axis, theme)
        if not np.isfinite(shares).any():
            return
        heights = scale.heights(shares) * (bottom - top)
        shown = [k for k in axis.visible if k <= error_step and shares[k] > 0]
        if cursor.logarithmic:
            self._paint_points(painter, shown, shares, heights, scale, bottom, axis, theme)
        else:
            self._paint_bars(painter, shown, heights, bottom, axis, theme)
        self._paint_numbers(painter, shown, shares, heights, scale, bottom, cursor, axis, theme)
        if learned(trace, error_step):
            self._paint_learned(painter, rect, trace, error_step, heights, axis, theme)

    def _paint_bars(
        self,
        painter: QPainter,
        shown: list[int],
        heights: NDArray[np.float64],
        bottom: float,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        bars, feet, lines = [], [], []
        for k in shown:
            left, right = axis.column(k)
            if axis.roomy:
                width = axis.snap(min(BAR * (right - left), WIDEST_BAR))
                left = axis.snap((left + right - width) / 2)
            else:
                width = max(right - left - 2, 1.0)
                left += 1
            height = float(heights[k])
            bars.append(QRectF(left, bottom - height, width, height))
            feet.append(QRectF(left, bottom, width, FOOT))
            if height > 5 and width > 5:
                inner = bars[-1].adjusted(1.6, 1.6, -1.6, -0.6)
                lines += marks.hatch_rect(inner)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(theme.backward))
        painter.drawRects(bars)
        painter.drawRects(feet)
        if lines:
            painter.setPen(marks.hatch_pen(theme.ground))
            painter.drawLines(lines)

    def _paint_points(
        self,
        painter: QPainter,
        shown: list[int],
        shares: NDArray[np.float64],
        heights: NDArray[np.float64],
        scale: Scale,
        bottom: float,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        inside = [k for k in shown if shares[k] >= scale.bottom]
        points = [QPointF(axis.center(k), bottom - float(heights[k])) for k in inside]
        painter.setPen(QPen(color(theme.backward, 0.45), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(theme.backward))
        radius = 3.2 if axis.roomy else 2.2
        for point in points:
            painter.drawEllipse(point, radius, radius)
        for k in shown:
            if shares[k] < scale.bottom:
                marks.below_scale(painter, axis.center(k), bottom, theme)

    def _paint_numbers(
        self,
        painter: QPainter,
        shown: list[int],
        shares: NDArray[np.float64],
        heights: NDArray[np.float64],
        scale: Scale,
        bottom: float,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        wanted = telling_steps(shares, cursor)
        everything = axis.column_width >= ROOM_FOR_ALL
        lift = 5.0 if cursor.logarithmic else 3.5
        labels = []
        for k in shown:
            if everything or k in wanted:
                rank = wanted.index(k) if k in wanted else len(wanted)
                labels.append(Label(k, percent(float(shares[k])), axis.center(k), rank))
        for label in apart(labels, TEXT_BOLD, axis.left, axis.right + (0 if axis.scrolls else 6), gap=1.0):
            tall = heights[label.step]
            if not axis.roomy and not cursor.logarithmic:  # wider than its bar: above its neighbours, too
                half = width_of(label.text, TEXT_BOLD) / 2
                tall = heights[_under(label.center - half, label.center + half, axis)].max()
            y = bottom - float(tall) - lift
            if shares[label.step] < scale.bottom:
                y -= ARROW
            write(painter, label.text, label.center, y, TEXT_BOLD, theme.backward_text, "center")

    def _paint_reasons(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        """Where nothing is left, draw why."""
        _, bottom = self.span(rect)
        draw = {"no path": marks.no_path, "blocked": marks.blocked, "underflow": marks.underflow}
        first_cut = True
        for k in reversed(axis.visible):
            if k > cursor.error_step:
                continue
            what = fate(trace, cursor.error_step, k, cursor.layer)
            x = axis.center(k)
            if what in ("no target", "broken", "nothing sets out"):
                marks.no_target(painter, x, bottom - 6, theme)
            elif what in draw and (axis.roomy or first_cut):
                draw[what](painter, x, bottom - (5 if what == "no path" else 1), theme)
                first_cut = False

    def _paint_learned(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        error_step: int,
        heights: NDArray[np.float64],
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        """Say in the picture that a small error set out, lest the bars look like a large one.

        It stands over the longest stretch of bars whose numbers leave room for it.
        """
        word = quoted(trace, brief(answer(trace, error_step)))
        sets_out = percent(1 - float(trace.target_prob[error_step]))
        tallest = self.span(rect)[1] - rect.top() - LEARNED_LINE - NUMBER_ROOM
        low = [k for k in axis.visible if k > error_step or not heights[k] > tallest]
        first, last = _longest_run(low)
        left = max(axis.column(first)[0], axis.left) + 7 if low else axis.right
        room = min(axis.column(last)[1], axis.right) - left - 7 if low else 0.0
        text = f"{word} is learned: only {sets_out} % is missing, so little error sets out"
        if width_of(text, SMALL) > room:
            text = f"{word} is learned: little error sets out"
        if room > 90:
            y = rect.top() + 4 + metrics(SMALL).ascent()
            text = shortened(text, room, SMALL)
            box = QRectF(left - 3, rect.top() + 3, width_of(text, SMALL) + 6, LEARNED_LINE - 3)
            painter.fillRect(box, color(theme.ground))
            write(painter, text, left, y, SMALL, theme.right)

    def reading(
        self,
        pos: QPointF,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        context: Context = NO_CONTEXT,
    ) -> Reading | None:
        """How much is left at the step under the mouse."""
        step = axis.step_at(pos.x())
        if step is None:
            return None
        value = math.nan
        if step <= cursor.error_step:
            value = float(shares_left(trace, cursor.error_step, cursor.layer)[step]) * 100
        text = spoken_fate(trace, cursor.error_step, step, cursor.layer)
        window = context.training_window
        if window is not None and cursor.error_step - step >= window:
            text += f"; beyond the training window of {window}"
        return Reading(self.name, step, value, "%", text)


def _longest_run(steps: list[int]) -> tuple[int, int]:
    """The first and the last of the longest run of neighbours; (0, 0) of none."""
    runs: list[list[int]] = []
    for step in steps:
        if runs and step == runs[-1][-1] + 1:
            runs[-1].append(step)
        else:
            runs.append([step])
    longest = max(runs, key=len, default=[0])
    return longest[0], longest[-1]


def _under(left: float, right: float, axis: TimeAxis) -> slice:
    """The steps whose columns lie under a stretch of the axis."""
    return slice(axis.nearest_step(left), axis.nearest_step(right) + 1)
