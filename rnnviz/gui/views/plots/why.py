"""why: the two factors (or ways) of each step back, their means, and what would have been without f'."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from rnnviz.gui.theme import SIZE_SMALL, SIZE_TEXT, SIZE_TITLE, color, font
from rnnviz.gui.views.plots.equations import Equations
from rnnviz.gui.views.plots.fading import (
    Fading,
    closing,
    fading_of,
    names,
    opening,
    verb,
    why_no_fading,
)
from rnnviz.gui.views.plots.plot import MARGIN, Plot
from rnnviz.gui.views.plots.signs import draw_chevron
from rnnviz.gui.views.plots.wording import by, share
from rnnviz.gui.views.wording import quoted

_HEIGHT, _FIRST_ROW, _ROW = 147, 53, 22
_BAR_WIDTH, _BAR_HEIGHT, _NUMBER_WIDTH = 78, 9, 58
_ORDINARY_SCALE = 1.32  # the factor that fills a bar, unless one is larger
_SHORTER = (
    (" turn and stretch it", ""),
    ("Lengths, which do not add up.", "Lengths, no sum."),
    (" open on average", " open"),
    (" through gates and weights", " through gates"),
    (", each goes two ways:", ", two ways each:"),
    (" let little pass", ""),
    (" let nothing pass", ""),
    ("at most a quarter passes", "at most ¼ passes"),
    (" let everything through", " were open"),
    (", it would have grown", ": grown"),
    (", each multiplies it twice:", ":"),
    ("the layer above adds to it", "more from above"),
)
_HEAD, _LEAST_ROOM = 34, 120
"""Height of the question, and room that equations below the factors need at least, in points."""
_KEYS = {
    Qt.Key.Key_Down: 24,
    Qt.Key.Key_Up: -24,
    Qt.Key.Key_PageDown: 120,
    Qt.Key.Key_PageUp: -120,
    Qt.Key.Key_Home: -10_000,
    Qt.Key.Key_End: 10_000,
}
"""Points that a key scrolls the equations by."""


def fitting(text: str, size: int, bold: bool, width: float) -> tuple[str, int]:
    """A wording that fits, and its size: the text, smaller, or without what a narrow window can spare."""
    shorter = text
    for long, short in _SHORTER:
        shorter = shorter.replace(long, short)
    for wording, at in ((text, size), (text, SIZE_SMALL), (shorter, size), (shorter, SIZE_SMALL)):
        if QFontMetricsF(font(at, bold=bold)).horizontalAdvance(wording) <= width:
            return wording, at
    return shorter, SIZE_SMALL


@dataclass(frozen=True, slots=True)
class Bar:
    """One factor as it is drawn."""

    name: str
    factor: float
    backward: bool  # in the colour of the error: the two together


class WhyPlot(Plot):
    """Three bars, a sentence before and one after them, and the equations of the cell folded away below."""

    name: ClassVar[str] = "why"
    title: ClassVar[str] = "Why did its error fade?"
    needs: ClassVar[frozenset[str]] = frozenset({"counterfactual_matrix"})

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fading: Fading | None = None
        self.equations_open = False
        self._equations = Equations()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_equations(self, equations: Sequence[tuple[str, str]]) -> None:
        """The equations of the cell, forward and backward: formula and what it says, in order."""
        self._equations.set_lines(equations)
        self.updateGeometry()
        self.update()

    def twin(self) -> Plot:
        """With the same equations, unfolded or not."""
        twin = super().twin()
        assert isinstance(twin, WhyPlot)
        twin.set_equations(self._equations.lines)
        twin.equations_open = self.equations_open
        return twin

    def paint_into(self, painter: QPainter, size: QSize, at: QPoint | None = None) -> None:
        """In a picture there is nothing to click: the equations are unfolded where there is room."""
        self.resize(size)
        before = self.equations_open
        self.equations_open = bool(self._equations.lines)
        self.equations_open = before or self._height() <= size.height()
        super().paint_into(painter, size, at)
        self.equations_open = before

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        return QSize(398, self._height())

    def minimumSizeHint(self) -> QSize:
        """As high as its sentences, which are never cut; the equations scroll."""
        return QSize(260, _HEIGHT)

    def _height(self) -> int:
        if not (self.equations_open and self._equations.lines):
            return _HEIGHT
        return _HEIGHT + 4 + self._equations.height(self._page_width())

    def why_empty(self) -> str:
        """No error, no way back, or not this cell."""
        if self.trace is None:
            return super().why_empty()
        return why_no_fading(self.trace, self.cursor_state, self.layer())

    def empty_rect(self) -> QRect:
        """Below the heading, which still says what is asked."""
        return QRect(0, 32, self.width(), min(self.height(), _HEIGHT) - 32)

    def refresh(self) -> None:
        """Work the numbers out, then draw."""
        if self.why_empty():
            self.fading = None
            self.update()
        super().refresh()

    def draw(self) -> None:
        """Work the numbers out."""
        assert self.trace is not None
        self.fading = fading_of(self.trace, self.cursor_state, self.layer())
        self.setAccessibleDescription("; ".join(f"{bar.name}: {by(bar.factor)}" for bar in self.bars()))
        self.update()

    def heading(self) -> str:
        """The question, which says what became of the error."""
        return self.title if self.fading is None else f"Why did its error {verb(self.fading)}?"

    def bars(self) -> tuple[Bar, ...]:
        """The factors as they are drawn now."""
        if self.fading is None or self.trace is None:
            return ()
        first, second = names(self.trace, self.fading)
        return (
            Bar(first, self.fading.slope, False),
            Bar(second, self.fading.weight, False),
            Bar("together, per step", self.fading.together, True),
        )

    def full_scale(self) -> float:
        """The factor that fills a bar."""
        bars = [bar for plot in (self, *self.beside) if isinstance(plot, WhyPlot) for bar in plot.bars()]
        return max([_ORDINARY_SCALE, *(1.1 * bar.factor for bar in bars if bar.factor < 1e9)])

    def bar_rect(self, index: int) -> QRectF:
        """The groove in which a factor's bar lies."""
        right = self.width() - MARGIN - _NUMBER_WIDTH - 6
        middle = _FIRST_ROW + index * _ROW + _ROW / 2
        width = _BAR_WIDTH * min(1.0, max(self.width() / 398, 0.5))
        return QRectF(right - width, middle - _BAR_HEIGHT / 2, width, _BAR_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the question, the bars and the sentences."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, inner = self.theme, self.width() - 2 * MARGIN
        self._text(painter, QRectF(MARGIN, 9, inner - 90, 24), self.heading(), SIZE_TITLE, theme.ink, True)
        if self._equations.lines:
            self._paint_switch(painter)
        if self.fading is not None and self.trace is not None and not self._covers_factors():
            first = opening(self.trace, self.fading)
            self._text(painter, QRectF(MARGIN, 32, inner, 20), first, SIZE_TEXT, theme.quiet)
            for index, bar in enumerate(self.bars()):
                self._paint_bar(painter, index, bar)
            last = closing(self.trace, self.fading)
            self._text(painter, QRectF(MARGIN, 122, inner + 9, 18), last, SIZE_SMALL, theme.quiet)
        if self.equations_open:
            self._equations.paint(painter, self.equations_area(), theme)
        painter.end()

    @staticmethod
    def _text(
        painter: QPainter,
        rect: QRectF,
        text: str,
        size: int,
        ink: str,
        bold: bool = False,
        right: bool = False,
    ) -> None:
        wording, size = fitting(text, size, bold, rect.width() + 1)
        painter.setFont(font(size, bold=bold))
        painter.setPen(color(ink))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        cut = painter.fontMetrics().elidedText(wording, Qt.TextElideMode.ElideRight, int(rect.width()) + 1)
        painter.drawText(rect, int(side | Qt.AlignmentFlag.AlignVCenter), cut)

    def _paint_bar(self, painter: QPainter, index: int, bar: Bar) -> None:
        theme, groove = self.theme, self.bar_rect(index)
        top = _FIRST_ROW + index * _ROW
        name = QRectF(MARGIN, top, groove.left() - MARGIN - 6, _ROW)
        self._text(painter, name, bar.name, SIZE_TEXT, theme.ink)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(theme.faint))
        painter.drawRoundedRect(groove, 2.5, 2.5)
        width = groove.width() * min(bar.factor / self.full_scale(), 1.0) if bar.factor > 0 else 0.0
        painter.setBrush(color(theme.backward if bar.backward else theme.quiet))
        filled = QRectF(groove.left(), groove.top(), width, groove.height())
        painter.drawRoundedRect(filled, min(2.5, width / 2), 2.5)
        one = groove.left() + groove.width() / self.full_scale()
        painter.fillRect(QRectF(round(one), groove.top() - 4, 1.5, groove.height() + 8), color(theme.ink))
        number = QRectF(self.width() - MARGIN - _NUMBER_WIDTH, top, _NUMBER_WIDTH, _ROW)
        self._text(painter, number, by(bar.factor), SIZE_TEXT, theme.ink, bold=True, right=True)

    # The equations.

    def switch_rect(self) -> QRectF:
        """Where the equations are unfolded."""
        return QRectF(self.width() - MARGIN - 84, 10, 90, 22)

    def _paint_switch(self, painter: QPainter) -> None:
        rect = self.switch_rect()
        if self.hasFocus():
            painter.setPen(color(self.theme.ink))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        self._text(
            painter, rect.adjusted(6, 0, -18, 0), "equations", SIZE_SMALL, self.theme.quiet, right=True
        )
        draw_chevron(
            painter,
            QPointF(rect.right() - 9, rect.center().y()),
            color(self.theme.quiet),
            self.equations_open,
        )

    def equations_area(self) -> QRectF:
        """Where the equations stand: below the factors, or in their place where little room is left."""
        room = self.height() - _HEIGHT
        whole = self._equations.height(self._page_width())
        top = _HEIGHT if room >= min(whole, _LEAST_ROOM) else _HEAD
        return QRectF(MARGIN, top, self._page_width(), self.height() - top - 4)

    def _page_width(self) -> int:
        return max(self.width(), 260) - 2 * MARGIN

    def _covers_factors(self) -> bool:
        return self.equations_open and self.equations_area().top() < _HEIGHT

    def toggle_equations(self) -> None:
        """Unfold or fold the equations."""
        if self._equations.lines:
            self.equations_open = not self.equations_open
            self.updateGeometry()
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Unfold the equations."""
        if event.button() is Qt.MouseButton.LeftButton and self.switch_rect().contains(event.position()):
            self.toggle_equations()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter unfolds the equations, arrows and page keys scroll them."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.toggle_equations()
        elif self.equations_open and event.key() in _KEYS:
            self._scroll(_KEYS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the equations, where they are unfolded and longer than their room."""
        if not self.equations_open or not self._scroll(-event.angleDelta().y() / 2):
            super().wheelEvent(event)

    def _scroll(self, points: float) -> bool:
        moved = self._equations.scroll_by(points, self.equations_area())
        if moved:
            self.update()
        return moved

    def reading_at(self, position: QPointF) -> str:
        """The factor in whose row a position lies."""
        index = int((position.y() - _FIRST_ROW) // _ROW)
        if self.fading is None or self.trace is None or not 0 <= index < 3:
            return ""
        bar, fading = self.bars()[index], self.fading
        word = quoted(self.trace, str(self.trace.target_words[fading.error_step]))
        steps = f"{fading.steps} step{'' if fading.steps == 1 else 's'}"
        mean = "geometric mean of" if fading.steps > 1 else "over"
        text = f"{bar.name}: {by(bar.factor)}, {mean} {steps} back from {word}"
        return f"{text}; {share(fading.left)} is left" if bar.backward else text
