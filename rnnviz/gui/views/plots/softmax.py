"""softmax: what the network expects after the word under the cursor, the right word always among it."""

import math
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from rnnviz.gui.theme import SIZE_SMALL, SIZE_TEXT, SIZE_TITLE, color, font
from rnnviz.gui.views.ghost import SEEN, former_probability, take_ghost_pen
from rnnviz.gui.views.plots.plot import MARGIN, Plot
from rnnviz.gui.views.plots.signs import draw_tick, draw_token, token_width
from rnnviz.gui.views.plots.wording import probability, share
from rnnviz.gui.views.wording import one_in, quoted
from rnnviz.probes import NO_TARGET, Trace

_TOP, _ROW, _GAP, _BAR = 38, 22, 5, 14
_TICK = 14
"""Points before the right word, for the tick and the frame."""
_FULL_SCALES = (0.1, 1 / 3, 1.0)
"""The probability that fills the width: few steps, so that a growing bar is seen to grow."""


_ROOM_FOR_REMARK = 130.0
"""A bar longer than this, in points, leaves no room for more than its probability."""


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate as it is drawn."""

    token: int
    word: str
    probability: float
    place: int  # 1 = likeliest
    right: bool  # the word that ought to come


def rows_for(trace: Trace, step: int, room: int) -> list[Row]:
    """The likeliest words after `step`, at most `room`; the right word is the last if it is none of them."""
    target = int(trace.targets[step])
    shown_rows = [
        Row(int(token), str(word), float(p), place + 1, int(token) == target != NO_TARGET)
        for place, (token, word, p) in enumerate(
            zip(trace.candidates[step], trace.candidate_words[step], trace.candidate_probs[step], strict=True)
        )
    ][: max(room, 1)]
    if target == NO_TARGET or any(row.right for row in shown_rows):
        return shown_rows
    right = Row(
        target,
        str(trace.target_words[step]),
        float(trace.target_prob[step]),
        int(trace.target_place[step]),
        True,
    )
    return [*shown_rows[: max(room - 1, 0)], right]


class SoftmaxPlot(Plot):
    """Bars of the candidates; a click on one makes it the answer of the watched passage."""

    name: ClassVar[str] = "softmax"
    title: ClassVar[str] = "What the network expects"

    answer_chosen = Signal(str, int)
    """A candidate was chosen as the word that ought to come: the word and its id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._marked = -1  # the row under the mouse or chosen with the keys
        self._label_end = 0.0  # where the bars' names end
        self._full_scale = 1.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        """Six rows."""
        return QSize(398, 195)

    def minimumSizeHint(self) -> QSize:
        """Three rows."""
        return QSize(260, _TOP + 3 * _ROW + 2 * _GAP + 4)

    def empty_rect(self) -> QRect:
        """Below the heading."""
        return QRect(0, _TOP - 4, self.width(), max(self.height() - _TOP, 0))

    def heading(self) -> str:
        """The sentence above the bars."""
        if self.trace is None:
            return self.title
        return f"After {quoted(self.trace, str(self.trace.words[self._step()]))} the network expects"

    def rows(self) -> list[Row]:
        """The candidates as they are drawn now, from top to bottom."""
        return self._rows

    def row_rect(self, index: int) -> QRectF:
        """Where a row stands."""
        gap = _GAP if self._rows[index].right else 0
        before = any(row.right for row in self._rows[:index])
        return QRectF(0, _TOP + index * _ROW + gap + (2 * _GAP if before else 0), self.width(), _ROW)

    def draw(self) -> None:
        """Choose the rows for the present size."""
        assert self.trace is not None
        trace = self.trace
        room = int((self.height() - _TOP - 2 * _GAP - 4) // _ROW)
        self._rows = rows_for(self.trace, self._step(), room)
        self._label_end = self._end_of_labels()
        largest = max((row.probability for row in self._rows), default=1.0)
        if self.ghost is not None:
            former = [former_probability(self.ghost, self._step(), row.token) for row in self._rows]
            largest = max([largest, *(p for p in former if not math.isnan(p))])
        self._full_scale = next((full for full in _FULL_SCALES if largest <= full), 1.0)
        self.setAccessibleDescription(
            ", ".join(f"{quoted(trace, r.word)} {probability(r.probability)}" for r in self._rows)
        )
        self.update()

    def _step(self) -> int:
        assert self.trace is not None
        return min(self.cursor_state.time_step, self.trace.length - 1)

    def full_scale(self) -> float:
        """The probability whose bar fills the width."""
        beside = (plot._full_scale for plot in self.beside if isinstance(plot, SoftmaxPlot))
        return max([self._full_scale, *beside])

    def bar_width(self, row: Row) -> float:
        """Length of a row's bar in points."""
        return self._bar_room() * row.probability / self.full_scale()

    def _end_of_labels(self) -> float:
        noun = self.noun()
        widest = max(
            (token_width(row.word, noun, row.right) + (_TICK if row.right else 0) for row in self._rows),
            default=0.0,
        )
        return MARGIN + min(max(widest, 75.0) + 0.5, 0.36 * self.width())

    def _bar_room(self) -> float:
        return max(self.width() - self._label_end - 9 - 62, 20.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw heading and rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SIZE_TITLE, bold=True))
        painter.setPen(color(self.theme.ink))
        metrics = painter.fontMetrics()
        text = metrics.elidedText(self.heading(), Qt.TextElideMode.ElideMiddle, self.width() - 2 * MARGIN)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(MARGIN, 11, self.width() - 2 * MARGIN, 24), int(left), text)
        if self.trace is not None:
            for index, row in enumerate(self._rows):
                self._paint_row(painter, index, row)
        painter.end()

    def _paint_row(self, painter: QPainter, index: int, row: Row) -> None:
        theme, rect, end = self.theme, self.row_rect(index), self._label_end
        middle = rect.center().y()
        if index == self._marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(theme.field))
            painter.drawRoundedRect(rect.adjusted(8, 0, -8, 0), 5, 5)
        ink = theme.right if row.right else theme.ink
        known = row.right and not self._assumed()
        label = QRectF(MARGIN + (_TICK if row.right else 0), rect.top(), end - MARGIN, rect.height())
        label.setRight(end)
        if row.right:
            pen = QPen(color(theme.right), 1.3)
            if not known:
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(10.5, -0.5, -10.5, 0.5), 6, 6)
        place = draw_token(painter, label, row.word, self.noun(), ink, bold=row.right)
        if known:
            draw_tick(painter, QPointF(place.left() - 9, middle), color(ink))
        width = self.bar_width(row)
        bar = QRectF(end + 9, middle - _BAR / 2, width, _BAR)
        painter.setFont(font(SIZE_TEXT if row.right else SIZE_SMALL))
        painter.setPen(color(ink if row.right else theme.quiet))
        text_left = bar.left()
        if width >= 0.5:
            painter.save()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(theme.right if row.right else theme.forward))
            painter.drawRoundedRect(bar, min(2.0, width / 2), 2)
            painter.restore()
            text_left = bar.right() + 8 if width >= 3 or not row.right else bar.right() + 5
        former = self._former(row)
        if former is not None:
            painter.save()
            take_ghost_pen(painter, theme)
            outline = QRectF(bar.left(), middle - _BAR / 2 - 2, self._bar_room() * former, _BAR + 4)
            painter.drawRect(outline)
            painter.restore()
            painter.setPen(color(ink if row.right else theme.quiet))
            needed = painter.fontMetrics().horizontalAdvance(self.row_text(row)) + 8
            if text_left < outline.right() < text_left + needed:
                text_left = outline.right() + 8
        text = painter.fontMetrics().elidedText(
            self.row_text(row), Qt.TextElideMode.ElideRight, int(self.width() - 14 - text_left)
        )
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(text_left, rect.top(), self.width() - text_left, _ROW), int(flags), text)

    def _former(self, row: Row) -> float | None:
        """Part of the width that a row's bar had before something was changed; None if it has not moved."""
        if self.ghost is None:
            return None
        former = former_probability(self.ghost, self._step(), row.token)
        moved = abs(former - row.probability) / self.full_scale() * self._bar_room() > SEEN
        return former / self.full_scale() if moved else None

    def _assumed(self) -> bool:
        trace = self.trace
        return trace is not None and trace.assumed_answer and self._step() == trace.length - 1

    def row_text(self, row: Row) -> str:
        """What stands beside a row's bar."""
        if not row.right:
            return probability(row.probability)
        if self._assumed():
            said = ", taken as answer" if self.bar_width(row) < _ROOM_FOR_REMARK else ""
            return probability(row.probability) + said
        if row.probability >= 0.0095:
            place = "" if row.place == 1 else f" · place {row.place:,}"
            return probability(row.probability) + (place if self.bar_width(row) < _ROOM_FOR_REMARK else "")
        assert self.trace is not None
        return f"{one_in(row.probability)} · place {row.place:,} of {self.trace.vocabulary_size:,}"

    def reading(self, row: Row) -> str:
        """The number of a row with its unit, for the status line."""
        assert self.trace is not None
        place = f"place {row.place:,} of {self.trace.vocabulary_size:,}"
        text = f"{quoted(self.trace, row.word)}: probability {share(row.probability)}, {place}"
        if self.ghost is not None:
            former = former_probability(self.ghost, self._step(), row.token)
            text += "" if math.isnan(former) else f"; before {share(former)}"
        return text + (" · click to make it the answer" if self._can_answer() and not row.right else "")

    def _can_answer(self) -> bool:
        return self.trace is not None and self._step() == self.trace.length - 1

    def row_at(self, position: QPointF) -> int:
        """Index of the row at a position; -1 where there is none."""
        inside = (i for i in range(len(self._rows)) if self.row_rect(i).contains(position))
        return next(inside, -1) if self.trace is not None else -1

    def choose(self, index: int) -> None:
        """A candidate was clicked: the cursor takes it, and after the last word it becomes the answer."""
        row = self._rows[index]
        self.moved.emit({"candidate": row.token})
        if self._can_answer():
            self.answer_chosen.emit(row.word, row.token)

    def reading_at(self, position: QPointF) -> str:
        """The row at a position."""
        index = self.row_at(position)
        return self.reading(self._rows[index]) if index >= 0 else ""

    def _mark(self, index: int) -> None:
        if index != self._marked:
            self._marked = index
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark and read the row under the mouse."""
        self._mark(self.row_at(event.position()))
        super().mouseMoveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the row under the mouse."""
        index = self.row_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and index >= 0:
            self.choose(index)

    def leaveEvent(self, event: QEvent) -> None:
        """Unmark."""
        self._mark(-1)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down walk the rows, Enter chooses."""
        key = event.key()
        if self.trace is None:  # the rows are those of before, and drawn no more
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self._rows:
            step = 1 if key == Qt.Key.Key_Down else -1
            self._mark(min(max(self._marked + step, 0), len(self._rows) - 1))
            self.say(self.reading(self._rows[self._marked]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and 0 <= self._marked < len(self._rows):
            self.choose(self._marked)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Unmark."""
        super().focusOutEvent(event)
        self._mark(-1)
