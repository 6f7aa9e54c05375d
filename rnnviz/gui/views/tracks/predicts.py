"""What the network expects next at each step: its likeliest words and the place of the right one."""

import math

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.ghost import SEEN, Ghost, former_probability, take_ghost_pen
from rnnviz.gui.views.reading import Reading
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks.ghosts import ghost_in, outline
from rnnviz.gui.views.tracks.label import paint_label
from rnnviz.gui.views.tracks.lettering import (
    SIGN_SMALL,
    SIGN_SMALL_BOLD,
    SMALL,
    SMALL_BOLD,
    Label,
    apart,
    baseline,
    note,
    shortened,
    width_of,
    write,
    write_token,
)
from rnnviz.gui.views.tracks.track import NO_CONTEXT, Context, Height, Track
from rnnviz.gui.views.wording import brief, one_in, quoted, unit_of
from rnnviz.probes import NO_TARGET, Trace

ROW = 16.0
PLACE_ROW = 15.0
TOP = 6.0
STEM_ROOM = 8.0
"""Points at the right of a column that stay free for the stem of the error."""
BESIDE = 4.0
"""Points between the cursor's frame and what stands beside it."""
TICK_ROOM = "00"
"""As wide as a tick."""
GHOST_END = 5.0
ROOM_FOR_PERCENT = 46.0
ROOM_FOR_PLACE = 40.0
ROOM_FOR_WORDS = 40.0


class PredictsTrack(Track):
    """Rows of the likeliest words over bars of their probability; below, the place of the right word."""

    name = "predicts"
    title = "predicts"
    weight = 2

    def caption(self, trace: Trace, cursor: CursorState, context: Context = NO_CONTEXT) -> tuple[str, ...]:
        """What the rows are."""
        unit = unit_of(trace)
        return ("likeliest, in %,", f"right {unit}'s place")

    def height(self, trace: Trace, axis: TimeAxis) -> Height:
        """How tall the track wants to be under this axis."""
        return Height(TOP + 2 * ROW + PLACE_ROW + 4, TOP + 3 * ROW + PLACE_ROW + 6, 0.35)

    def rows(self, rect: QRectF, trace: Trace) -> int:
        """How many candidates fit."""
        fitting = int((rect.height() - TOP - PLACE_ROW - 3) / ROW)
        return max(1, min(fitting, int(trace.candidates.shape[1]), 8))

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
        """The label."""
        paint_label(painter, rect, self, trace, cursor, axis, theme, context)

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
        """Candidates, their bars, and the place of the right word."""
        ghost = ghost_in(context, trace)
        if not _lists(axis):
            self._paint_bars(painter, rect, trace, cursor, axis, theme, ghost)
            return
        rows = self.rows(rect, trace)
        for step in axis.visible:
            self._paint_column(painter, rect, trace, step, rows, cursor, axis, theme, ghost)
        self._paint_places(painter, rect, trace, cursor, axis, theme)

    def _paint_column(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        step: int,
        rows: int,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
        ghost: Ghost | None,
    ) -> None:
        left, right = axis.column(step)
        margin = STEM_ROOM if step == cursor.error_step else 3.0
        left, right = left + (3 if axis.roomy else 1), right - (margin if axis.roomy else 1)
        width = right - left
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(theme.forward_soft))
        tops = [rect.top() + TOP + row * ROW for row in range(rows)]
        probs = trace.candidate_probs[step, :rows].tolist()
        for y, prob in zip(tops, probs, strict=True):
            if math.isfinite(prob):
                painter.drawRoundedRect(QRectF(left, y, max(width * prob, 1.6), ROW - 2), 2.5, 2.5)
        ids = trace.candidates[step, :rows].tolist()
        if ghost is not None:
            before = [former_probability(ghost, step, token) for token in ids]
            rows_of = zip(tops, before, probs, strict=True)
            moved = [(y, former) for y, former, now in rows_of if width * abs(former - now) > SEEN]
            take_ghost_pen(painter, theme)
            lines = [line for y, former in moved for line in _foot(left, y + ROW - 1.5, width * former)]
            painter.drawLines(lines)
        right_id = int(trace.targets[step])
        for row, token in enumerate(trace.candidate_words[step, :rows].tolist()):
            hit = ids[row] == right_id
            y = baseline(tops[row], ROW - 2, SMALL)
            number = whole_percent(probs[row]) if width >= ROOM_FOR_PERCENT - 8 else ""
            self._paint_candidate(painter, token, number, left, right, y, hit, axis, theme)

    def _paint_candidate(
        self,
        painter: QPainter,
        token: str,
        number: str,
        left: float,
        right: float,
        y: float,
        hit: bool,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        ink = theme.right if hit else theme.ink
        if axis.characters:
            face = SIGN_SMALL_BOLD if hit else SIGN_SMALL
            if number:
                write_token(painter, token, left + 3, y, face, ink, "left")
            else:
                write_token(painter, token, (left + right) / 2, y, face, ink)
        else:
            face, text, whole = SMALL_BOLD if hit else SMALL, brief(token), right - left - 3
            room = whole - (width_of(number, SMALL) + 2 if number else 0)
            if width_of(text, face) > room:
                face = SMALL  # bold would cost another letter; the colour says enough
            if room < width_of(text, face) <= whole:
                number = ""  # the bar shows it; a word cut short could be any
                room = whole
            write(painter, shortened(text, room, face), left + 3, y, face, ink)
        if number:
            write(painter, number, right, y, SMALL, theme.quiet, "right")

    def _paint_bars(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
        ghost: Ghost | None,
    ) -> None:
        """Narrow columns of words: the likeliest word's probability, the right word's before it.

        Of a ghost the right word's.
        """
        top, bottom = rect.top() + TOP + ROW, rect.bottom() - PLACE_ROW - 3
        likeliest: list[QRectF] = []
        rights: list[QRectF] = []
        for step in axis.visible:
            left, right = axis.column(step)
            for probability, inset, bars in (
                (float(trace.candidate_probs[step, 0]), 2.0, likeliest),
                (float(trace.target_prob[step]), 4.0, rights),
            ):
                if math.isfinite(probability):
                    height = probability * (bottom - top)
                    bars.append(QRectF(left + inset, bottom - height, right - left - 2 * inset, height))
        painter.setPen(Qt.PenStyle.NoPen)
        for bars, ink in ((likeliest, theme.forward_soft), (rights, theme.right)):
            painter.setBrush(color(ink))
            painter.drawRects(bars)
        if ghost is not None:
            former = ghost.trace.target_prob
            take_ghost_pen(painter, theme)
            for step in axis.visible:
                left, right = axis.column(step)
                if abs(former[step] - trace.target_prob[step]) * (bottom - top) > SEEN:
                    height = float(former[step]) * (bottom - top)
                    painter.drawLines(outline(QRectF(left + 3, bottom - height, right - left - 6, height)))
            painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(theme.line))
        painter.drawRect(QRectF(axis.left, bottom, axis.right - axis.left, 1))
        if cursor.time_step in axis.visible:
            step = cursor.time_step
            likely = whole_percent(float(trace.candidate_probs[step, 0]))
            text = f"{brief(str(trace.candidate_words[step, 0]))} {likely} %"
            hit = trace.candidates[step, 0] == trace.targets[step]
            left, right = axis.column(step)
            y = baseline(rect.top() + 3, ROW, SMALL_BOLD)
            fits = left - BESIDE - width_of(text, SMALL_BOLD) >= axis.left  # beside the cursor's frame
            at = left - BESIDE if fits else right + BESIDE
            ink = theme.right if hit else theme.ink
            write(painter, text, at, y, SMALL_BOLD, ink, "right" if fits else "left")
        self._paint_places(painter, rect, trace, cursor, axis, theme)

    def _paint_places(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        top = rect.bottom() - PLACE_ROW - 2
        y = baseline(top, PLACE_ROW, SMALL_BOLD)
        labels = []
        widest = max(
            (self._place(int(p)) for p in trace.target_place[axis.visible.start : axis.visible.stop]), key=len
        )
        with_sign = width_of(widest, SMALL_BOLD) + width_of("no. ", SMALL_BOLD) <= axis.column_width - 8
        ranks = {cursor.time_step: 0, cursor.error_step: 1, 0: 2}
        for step in axis.visible:
            place = int(trace.target_place[step])
            near = step in ranks or axis.column_width >= ROOM_FOR_PLACE
            if trace.targets[step] == NO_TARGET or place <= 0 or not near:
                continue
            middle = axis.center(step) - (2.5 if axis.roomy else 3.0 if step == cursor.error_step else 0)
            text = ("no. " if with_sign else "") + self._place(place) if place > 1 else TICK_ROOM
            labels.append(Label(step, text, middle, ranks.get(step, 3)))
        for label in apart(labels, SMALL_BOLD, axis.left, axis.right - STEM_ROOM, gap=2.0):
            if trace.target_place[label.step] == 1:
                self._paint_tick(painter, label.center, y, theme)
            else:
                write(painter, label.text, label.center, y, SMALL_BOLD, theme.right, "center")

    def _place(self, place: int) -> str:
        return f"{place:,}" if place < 100_000 else f"{place // 1000:,}k"

    def _paint_tick(self, painter: QPainter, x: float, y: float, theme: Theme) -> None:
        """The right word is the likeliest: a drawn tick."""
        pen = painter.pen()
        pen.setColor(color(theme.right))
        pen.setWidthF(2.0)
        pen.setStyle(Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        note(QRectF(x - 5, y - 8.5, 10.5, 9))
        painter.drawPolyline([QPointF(x - 4, y - 4), QPointF(x - 1, y - 0.8), QPointF(x + 4.5, y - 7.8)])

    def reading(
        self,
        pos: QPointF,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        context: Context = NO_CONTEXT,
    ) -> Reading | None:
        """The candidate, or the right word's probability, under the mouse."""
        step = axis.step_at(pos.x())
        if step is None:
            return None
        here = quoted(trace, str(trace.words[step]))
        row = int((pos.y() - rect.top() - TOP) // ROW)
        if _lists(axis) and 0 <= row < self.rows(rect, trace):
            prob = float(trace.candidate_probs[step, row])
            word = quoted(trace, str(trace.candidate_words[step, row]))
            text = f"after {here} the network expects {word} with {one_in(prob)}, place {row + 1}"
            return Reading(self.name, step, prob * 100, "%", text)
        prob = float(trace.target_prob[step])
        if trace.targets[step] == NO_TARGET or math.isnan(prob):
            return Reading(self.name, step, math.nan, "%", f"after {here} no right answer is known")
        target = quoted(trace, str(trace.target_words[step]))
        text = (
            f"after {here} the right answer {target} has {one_in(prob)}, "
            f"place {int(trace.target_place[step]):,} of {trace.vocabulary_size:,}"
        )
        return Reading(self.name, step, prob * 100, "%", text)


def _foot(left: float, y: float, width: float) -> list[QLineF]:
    """Where a bar's lower edge stood, with the beginning of its end: through no word and no number."""
    return [QLineF(left, y, left + width, y), QLineF(left + width, y, left + width, y - GHOST_END)]


def whole_percent(probability: float) -> str:
    """A probability in whole per cent: 30, 1, and "<1" rather than a 0 that is not true."""
    return "<1" if 0 < probability < 0.005 else f"{probability * 100:.0f}"


def _lists(axis: TimeAxis) -> bool:
    """Whether columns have room for candidates as text."""
    return axis.characters or axis.column_width >= ROOM_FOR_WORDS
