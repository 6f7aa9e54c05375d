"""The loss of each step: how wrong the prediction was, in nats."""

import math

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.ghost import SEEN, Ghost, take_ghost_pen
from rnnviz.gui.views.reading import Reading
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.ghosts import ghost_in, outline
from rnnviz.gui.views.tracks.label import paint_label
from rnnviz.gui.views.tracks.lettering import SMALL, SMALL_BOLD, Label, apart, baseline, width_of, write
from rnnviz.gui.views.tracks.track import INITIAL_GAP, NO_CONTEXT, Context, Height, Track
from rnnviz.gui.views.wording import counts, nats, one_in, quoted, unit_of
from rnnviz.probes import Trace

HEADROOM = 1.5
"""The scale ends at this many times the loss of guessing; higher losses get an arrow."""
TOP, BOTTOM = 9.0, 7.0
WIDEST_BAR, NARROWEST_BAR = 30.0, 5.0
ROOM_FOR_ZERO = 36.0
"""In narrower columns .06 stands for 0.06."""
NUMBER_ROOM = 24.0
"""Right of each bar, for its number; the stem passes there too."""
STEM_ROOM = 6.0
DIGITS, BELOW_ARROW = 8.0, 22.0
"""Height of a number; how far below the top of a bar a number stands that has an arrow above it."""
LOW = 15.0
"""Points below which the foot of the stem would cross the number beside its bar."""


def paint_hollow(painter: QPainter, bar: QRectF, ink: str) -> None:
    """A bar of which only the outline stands: a loss that training leaves out."""
    painter.setPen(QPen(color(ink), 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(bar.adjusted(0.6, 0.6, -0.6, -0.6))


class LossTrack(Track):
    """Grey bars, the one of the word in focus orange; a dotted line is the level of guessing, ln V."""

    name = "loss"
    title = "loss"
    weight = 3

    def caption(self, trace: Trace, cursor: CursorState, context: Context = NO_CONTEXT) -> tuple[str, ...]:
        """The unit."""
        unit = unit_of(trace)
        lines = (f"nats per {unit}",) if unit == "word" else ("nats per", unit)  # beside "guessing"
        return lines if trace.counted is None else (*lines, "hollow: left out")

    def height(self, trace: Trace, axis: TimeAxis) -> Height:
        """How tall the track wants to be under this axis."""
        return Height(44, 50, 0.15)

    def scale(self, trace: Trace) -> float:
        """The loss at the top of the track, in nats: steady while the network learns."""
        return HEADROOM * max(math.log(max(trace.vocabulary_size, 2)), 0.5)

    def _span(self, rect: QRectF) -> tuple[float, float]:
        return rect.top() + TOP, rect.bottom() - BOTTOM

    def _paint_ghost(
        self, painter: QPainter, rect: QRectF, trace: Trace, ghost: Ghost, axis: TimeAxis, theme: Theme
    ) -> None:
        """The losses of before, as outlines."""
        lines: list[QLineF] = []
        for step in axis.visible:
            if not math.isnan(ghost.trace.loss[step]):
                before = self.bar(rect, ghost.trace, step, axis)
                if abs(before.height() - self.bar(rect, trace, step, axis).height()) > SEEN:
                    lines += outline(before.adjusted(-2, 0, 2, 0))
        take_ghost_pen(painter, theme)
        painter.drawLines(lines)

    def bar(self, rect: QRectF, trace: Trace, step: int, axis: TimeAxis) -> QRectF:
        """The bar of one step; empty where there is no loss."""
        top, bottom = self._span(rect)
        left, right = axis.column(step)
        loss = float(trace.loss[step])
        share = 0.0 if math.isnan(loss) else min(loss / self.scale(trace), 1.0)
        height = max((bottom - top) * share, 1.0)
        if not axis.roomy:
            return QRectF(left + 0.5, bottom - height, max(right - left - 1.5, 1), height)
        width = min(0.38 * (right - left), WIDEST_BAR, max(right - left - NUMBER_ROOM - 3, NARROWEST_BAR))
        start = (left + right - width - NUMBER_ROOM) / 2
        return QRectF(max(start, left + 3), bottom - height, width, height)

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
        """Label and the level of guessing."""
        paint_label(painter, rect, self, trace, cursor, axis, theme, context)
        top, bottom = self._span(rect)
        y = bottom - (bottom - top) / HEADROOM
        painter.setPen(QPen(color(theme.quiet), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QLineF(axis.left, y, axis.right, y))
        text = "guessing"
        write(
            painter, text, axis.left - INITIAL_GAP - width_of(text, SMALL), baseline(y - 8, 16, SMALL), SMALL,
            theme.quiet,
        )  # fmt: skip

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
        """The bars and their numbers."""
        top, bottom = self._span(rect)
        labels = []
        highest = int(np.nanargmax(trace.loss)) if np.isfinite(trace.loss).any() else -1
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(theme.bar))
        gaps, focus = [], None
        for step in axis.visible:
            loss = float(trace.loss[step])
            if math.isnan(loss):
                gaps.append(step)
                continue
            bar = self.bar(rect, trace, step, axis)
            if not counts(trace, step):
                paint_hollow(painter, bar, theme.backward if step == cursor.error_step else theme.bar)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color(theme.bar))
            elif step == cursor.error_step:
                focus = bar
            elif axis.roomy:
                painter.drawRoundedRect(bar, 2, 2)
            else:
                painter.fillRect(bar, color(theme.bar))
            rank = 0 if step == cursor.error_step else 1 if step == cursor.time_step else 2
            if rank < 2 or axis.roomy or step == highest:
                labels.append(self._label(step, loss, rank, bar, axis, top))
        if focus is not None:
            painter.setBrush(color(theme.backward))
            painter.drawRoundedRect(focus, 2, 2)
        ghost = ghost_in(context, trace)
        if ghost is not None:
            self._paint_ghost(painter, rect, trace, ghost, axis, theme)
        for step in gaps:
            marks.no_target(painter, axis.center(step), bottom - 3, theme)
        self._paint_labels(painter, rect, labels, trace, cursor, axis, theme)
        for step in axis.visible:
            if trace.loss[step] > self.scale(trace):
                marks.above_scale(
                    painter, self.bar(rect, trace, step, axis).center().x(), top + 2, theme.ground
                )

    def _label(self, step: int, loss: float, rank: int, bar: QRectF, axis: TimeAxis, top: float) -> Label:
        """The number of a bar and where it would stand; of rank 0 it leaves the stem its room."""
        text = nats(loss)
        if axis.column_width < ROOM_FOR_ZERO:
            text = text.removeprefix("0") or text
        width, own_width = width_of(text, SMALL), width_of(text, SMALL_BOLD)
        at = bar.right() + 2.5 if axis.roomy else bar.center().x() - width / 2
        if rank == 0 and not axis.roomy:
            inside = bar.top() - 3 < top + 5  # no room above: beside it
            at = (bar.left() - 2 if inside else bar.right() - STEM_ROOM) - own_width
        elif rank == 0:
            at = min(at, axis.column(step)[1] - STEM_ROOM - 1 - own_width)
        return Label(step, text, at + width / 2, rank)

    def _paint_labels(
        self,
        painter: QPainter,
        rect: QRectF,
        labels: list[Label],
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        """The numbers that have room beside each other."""
        top, bottom = self._span(rect)
        for label in apart(labels, SMALL, axis.left, axis.right + 14, gap=2):
            own = label.step == cursor.error_step
            bar = self.bar(rect, trace, label.step, axis)
            above = not axis.roomy or (own and bar.height() < LOW)  # not through the foot of the stem
            y = max(bar.top() - 3, top + 8) if above else bottom
            if above and not own:  # on the bar, below its arrow, where there is no room above it
                high = BELOW_ARROW if trace.loss[label.step] > self.scale(trace) else DIGITS + 3
                y = bar.top() + (high if bar.top() < top + 3 else -3)
            x = label.center - width_of(label.text, SMALL) / 2
            ink = theme.backward_text if own else theme.quiet
            if not own and y > bar.top() + 1 and bar.left() < x + 2 < bar.right():
                ink = theme.ink  # on the bar itself
            write(painter, label.text, x, y, SMALL_BOLD if own else SMALL, ink)

    def reading(
        self,
        pos: QPointF,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        context: Context = NO_CONTEXT,
    ) -> Reading | None:
        """The loss under the mouse."""
        step = axis.step_at(pos.x())
        if step is None:
            return None
        loss = float(trace.loss[step])
        if math.isnan(loss):
            text = f"no loss after {quoted(trace, str(trace.words[step]))}: no right answer is known there"
        else:
            guess = math.log(max(trace.vocabulary_size, 1))
            text = (
                f"loss of {quoted(trace, str(trace.target_words[step]))}: {loss:.3g} nats "
                f"(probability {one_in(float(trace.target_prob[step]))}; guessing: {guess:.3g} nats)"
            )
            text += "" if counts(trace, step) else ", not counted: training leaves it out"
        return Reading(self.name, step, loss, "nats", text)

    def click(
        self, pos: QPointF, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis
    ) -> dict[str, int] | None:
        """A bar chooses the error that is drawn."""
        step = axis.step_at(pos.x())
        if step is None:
            return None
        if trace.target_words[step]:
            return {"time_step": step, "error_step": step}
        return {"time_step": step}
