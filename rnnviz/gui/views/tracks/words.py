"""What is read at each step, and what should be said after it."""

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.reading import Reading
from rnnviz.gui.views.time_axis import DENSE_WORDS, TimeAxis
from rnnviz.gui.views.tracks.lettering import (
    SIGN,
    SIGN_BOLD,
    SMALL,
    SMALL_BOLD,
    TEXT,
    TEXT_BOLD,
    Face,
    baseline,
    metrics,
    shortened,
    width_of,
    write,
    write_token,
)
from rnnviz.gui.views.tracks.shares import hands_on
from rnnviz.gui.views.tracks.track import (
    LABEL_INDENT,
    NO_CONTEXT,
    Context,
    Height,
    Track,
    columns_of,
    initial_state_of,
)
from rnnviz.gui.views.wishes import Offer, SwapWish
from rnnviz.gui.views.wording import brief, counts, is_blank, quoted, rare, stands_for_rare
from rnnviz.probes import Trace

ROW = 20.0
"""Height of a line of level words."""
SLANTED = 52.0
"""Height of the row of slanted words."""
ANGLE = 48.0
"""Degrees by which they slant, down to their column: to the left there is room, to the right none."""
LONGEST_SLANTED = 58.0
"""Points after which a slanted word is shortened."""
PADDING = 1.0
EASE = 5.0
"""Points of a column that a word at full size leaves free beyond that, lest it touch the cursor's frame."""


def level_word(token: str, width: float) -> tuple[str, Face]:
    """A level word by the one rule: at full size if it fits, else small, else small and shortened."""
    token = brief(token)
    if width_of(token, TEXT) <= width - EASE:
        return token, TEXT
    return shortened(token, width, SMALL), SMALL


def paint_rare_mark(painter: QPainter, middle: float, y: float, width: float, ink: str) -> None:
    """Dots under a word that the network does not know: it reads or learns the one unknown token instead."""
    pen = QPen(color(ink), 1.4)
    pen.setDashPattern([1.0, 1.5])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawLine(QLineF(middle - width / 2, y, middle + width / 2, y))


def all_short(trace: Trace) -> bool:
    """Whether each word and answer fits into the narrowest column, as the letters of a memory task do."""
    if max(int(np.strings.str_len(words).max()) for words in (trace.words, trace.target_words)) > 2:
        return False
    shown = {brief(str(word)) for words in (trace.words, trace.target_words) for word in words}
    return max(width_of(word, SMALL) for word in shown) <= DENSE_WORDS - PADDING


class WordsTrack(Track):
    """Two rows: the words read, level or slanting, and under each the right word in green."""

    name = "words"
    title = "reads"
    weight = 6

    def height(self, trace: Trace, axis: TimeAxis) -> Height:
        """How tall the track wants to be under this axis."""
        rows = 2 * ROW + 6 if axis.level_words else SLANTED + ROW + 4
        return Height(rows, rows)

    def reads_row(self, rect: QRectF, axis: TimeAxis) -> QRectF:
        """Where the words read stand."""
        height = ROW if axis.level_words else rect.height() - ROW - 4
        return QRectF(rect.left(), rect.top() + 2, rect.width(), height)

    def should_say_row(self, rect: QRectF) -> QRectF:
        """Where the right words stand."""
        return QRectF(rect.left(), rect.bottom() - ROW - 2, rect.width(), ROW)

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
        """All words and answers."""
        reads, says = self.reads_row(rect, axis), self.should_say_row(rect)
        first_line = QRectF(reads.left(), reads.bottom() - ROW, reads.width(), ROW)
        x = rect.left() + LABEL_INDENT
        write(painter, "reads", x, baseline(first_line.top(), ROW, TEXT_BOLD), TEXT_BOLD, theme.ink)
        if any(
            stands_for_rare(trace, step, of_target) for step in axis.visible for of_target in (False, True)
        ):
            beside = x + width_of("reads", TEXT_BOLD) + 8
            write(painter, "dots: rare", beside, baseline(first_line.top(), ROW, SMALL), SMALL, theme.quiet)
        write(painter, "should say", x, baseline(says.top(), ROW, TEXT_BOLD), TEXT_BOLD, theme.right)
        initial = initial_state_of(first_line, axis)
        if initial is not None and hands_on(trace):
            y = baseline(first_line.top(), ROW, TEXT)
            start = initial.center().x() - (width_of("h", TEXT) + 5) / 2
            write(painter, "h", start, y, TEXT, theme.quiet)
            write(painter, "0", start + width_of("h", TEXT), y + 3, SMALL, theme.quiet)
        painter.save()
        if axis.scrolls:
            lean = 0.0 if axis.level_words else LONGEST_SLANTED
            painter.setClipRect(columns_of(rect, axis).adjusted(-lean, 0, 0, 0))
        for step in axis.visible:
            is_rare = stands_for_rare(trace, step, of_target=False)
            ink = theme.quiet if is_rare else theme.ink
            self.paint_read(painter, reads, step, str(trace.words[step]), axis, ink, is_rare)
        if axis.level_words:
            for step in axis.visible:
                self._paint_answer(painter, says, step, trace, axis, theme, bold=False)
        painter.restore()

    def paint_read(
        self,
        painter: QPainter,
        reads: QRectF,
        step: int,
        token: str,
        axis: TimeAxis,
        ink: str,
        is_rare: bool = False,
    ) -> None:
        """One word in its row, level or slanting, with dots under one that the network does not know."""
        left, right = axis.column(step)
        middle = (left + right) / 2
        if axis.characters:
            y = baseline(reads.top(), reads.height(), SIGN)
            write_token(painter, token, middle, y, SIGN, ink)
            if is_rare:
                paint_rare_mark(painter, middle, y + 4, width_of("n", SIGN), ink)
        elif axis.level_words:
            text, face = level_word(token, right - left - PADDING)
            y = baseline(reads.top(), ROW, face)
            write(painter, text, middle, y, face, ink, "center")
            if is_rare:
                paint_rare_mark(painter, middle, y + 4, width_of(text, face), ink)
        else:
            self._paint_slanted(painter, reads, step, token, axis, ink, is_rare=is_rare)

    def _paint_slanted(
        self,
        painter: QPainter,
        reads: QRectF,
        step: int,
        token: str,
        axis: TimeAxis,
        ink: str,
        box: str | None = None,
        is_rare: bool = False,
    ) -> None:
        """A word on its way down to its column; with a box it is the cursor's."""
        text = shortened(brief(token), LONGEST_SLANTED, SMALL)
        painter.save()
        painter.translate(axis.center(step) + 5, reads.bottom() - 4)
        painter.rotate(ANGLE)
        if box is not None:
            height = metrics(SMALL).ascent() + 4
            width = width_of(text, SMALL) + 8
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(box))
            painter.drawRoundedRect(QRectF(4 - width, 2.5 - height, width, height), 4, 4)
        write(painter, text, 0, 0, SMALL, ink, "right")
        if is_rare:
            width = width_of(text, SMALL)
            paint_rare_mark(painter, -width / 2, 2, width, ink)
        painter.restore()

    def _paint_answer(
        self,
        painter: QPainter,
        says: QRectF,
        step: int,
        trace: Trace,
        axis: TimeAxis,
        theme: Theme,
        bold: bool,
    ) -> None:
        token = str(trace.target_words[step])
        if not token:
            return
        left, right = axis.column(step)
        middle = (left + right) / 2
        ink = theme.right if counts(trace, step) else theme.quiet
        if axis.characters:
            face = SIGN_BOLD if bold else SIGN
            y = baseline(says.top(), ROW, face)
            write_token(painter, token, middle, y, face, ink)
            if stands_for_rare(trace, step, of_target=True):
                paint_rare_mark(painter, middle, y + 4, width_of("n", face), ink)
            return
        face = SMALL_BOLD if bold else SMALL
        text = shortened(brief(token), right - left - PADDING, face)
        y = baseline(says.top(), ROW, face)
        write(painter, text, middle, y, face, ink, "center")
        if stands_for_rare(trace, step, of_target=True):
            paint_rare_mark(painter, middle, y + 4, width_of(text, face), ink)

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
        """The word of the cursor in an ink box; the answer whose error is drawn in bold."""
        reads, says = self.reads_row(rect, axis), self.should_say_row(rect)
        shown = axis.visible
        if cursor.error_step in shown:
            if axis.level_words:
                box = self._cell(says, cursor.error_step, axis)
                painter.fillRect(box, color(theme.ground))
                self._paint_answer(painter, says, cursor.error_step, trace, axis, theme, bold=True)
            else:
                self._paint_floating_answer(painter, says, trace, cursor.error_step, axis, theme)
        if cursor.time_step in shown:
            self._paint_cursor_word(painter, reads, trace, cursor.time_step, axis, theme)

    def _cell(self, row: QRectF, step: int, axis: TimeAxis) -> QRectF:
        left, right = axis.column(step)
        return QRectF(left, row.top(), right - left, row.height())

    def _paint_floating_answer(
        self, painter: QPainter, says: QRectF, trace: Trace, step: int, axis: TimeAxis, theme: Theme
    ) -> None:
        text = brief(str(trace.target_words[step]))
        half = width_of(text, SMALL_BOLD) / 2
        middle = min(max(axis.center(step), axis.left + half), axis.right - half)
        write(painter, text, middle, baseline(says.top(), ROW, SMALL_BOLD), SMALL_BOLD, theme.right, "center")

    def _paint_cursor_word(
        self, painter: QPainter, reads: QRectF, trace: Trace, step: int, axis: TimeAxis, theme: Theme
    ) -> None:
        token, is_rare = str(trace.words[step]), stands_for_rare(trace, step, of_target=False)
        if not axis.level_words:
            self._paint_slanted(painter, reads, step, token, axis, theme.on_ink, theme.ink, is_rare)
            return
        cell = self._cell(reads, step, axis)
        face = SIGN if axis.characters else TEXT
        text = token
        if not axis.characters:
            text, face = level_word(token, cell.width() - PADDING)
        box = QRectF(cell.left() + 1, cell.top() + 1, cell.width() - 2, cell.height() - 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(theme.ink))
        painter.drawRoundedRect(box, 4, 4)
        y = baseline(box.top(), box.height(), face)
        if axis.characters and is_blank(token):
            y = box.center().y() + 0.35 * metrics(face).ascent()
        write_token(painter, text, box.center().x(), y, face, theme.on_ink)
        if is_rare:
            paint_rare_mark(painter, box.center().x(), y + 3.5, width_of(text, face), theme.on_ink)

    def reading(
        self,
        pos: QPointF,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        context: Context = NO_CONTEXT,
    ) -> Reading | None:
        """The word under the mouse."""
        step = axis.step_at(pos.x())
        if step is None:
            return None
        kind = "character" if axis.characters else "word"
        text = f"{kind} {step + 1} of {trace.length}: reads {quoted(trace, str(trace.words[step]))}"
        text += _as_rare(trace, step, of_target=False)
        target = str(trace.target_words[step])
        if not target:
            text += ", no right answer known"
        elif trace.assumed_answer and step == trace.last_target_step:
            text += f", {quoted(trace, target)} assumed as the answer, being the likeliest"
        else:
            text += f", should say {quoted(trace, target)}" + _as_rare(trace, step, of_target=True)
            text += "" if counts(trace, step) else " (not counted: training leaves it out)"
        return Reading(self.name, step, float(step + 1), "", text)

    def click(
        self, pos: QPointF, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis
    ) -> dict[str, int] | None:
        """A word moves the cursor; a right answer moves the error that is drawn, too."""
        step = axis.step_at(pos.x())
        if step is None:
            return None
        if pos.y() >= self.should_say_row(rect).top() and trace.target_words[step]:
            return {"time_step": step, "error_step": step}
        return {"time_step": step}

    def offers(
        self, pos: QPointF, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis, context: Context
    ) -> tuple[Offer, ...]:
        """A word that is read can be swapped for another."""
        step = axis.step_at(pos.x())
        if step is None:
            return ()
        kind = "character" if axis.characters else "word"
        return (Offer(f"Swap this {kind}…", SwapWish(step)),)


def _as_rare(trace: Trace, step: int, of_target: bool) -> str:
    """What the network makes of a word that it does not know; "" of any other."""
    token = str((trace.target_words if of_target else trace.words)[step])
    own_name = quoted(trace, token) == rare(trace)
    return f" as {rare(trace)}" if stands_for_rare(trace, step, of_target) and not own_name else ""
