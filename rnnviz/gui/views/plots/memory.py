"""memory: how far back an error reaches, followed over training.

Half-life, the lag at which 1 % is left, and the loss per step once the first few are past, each over the
updates: what was measured of the watched passage at the moments that were kept.
"""

from typing import ClassVar

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent

from rnnviz.gui.theme import SIZE_SMALL, color, font
from rnnviz.gui.views.plots.fading import NO_PATH
from rnnviz.gui.views.plots.memory_course import (
    QUANTITIES,
    MemoryLine,
    Quantity,
    in_words,
    nearest,
    points_of,
)
from rnnviz.gui.views.plots.memory_painting import MemoryAxes, axes_for, paint_key, paint_memory
from rnnviz.gui.views.plots.plot import MARGIN, Plot
from rnnviz.gui.views.plots.strips import short
from rnnviz.gui.views.plots.ticks import nice_ticks
from rnnviz.probes import Moment, moment_of

_LEFT, _RIGHT, _TOP, _HEAD, _APART, _FOOT = 44.0, 4.0, 4.0, 17.0, 4.0, 34.0
_SOLID: tuple[tuple[float, ...], ...] = ((),)


class MemoryPlot(Plot):
    """Three panels under each other that share the updates as x axis."""

    name: ClassVar[str] = "memory"
    title: ClassVar[str] = "Memory"
    draws_series: ClassVar[bool] = True

    def why_empty(self) -> str:
        """Nothing traced, no way back, or nothing followed yet."""
        if self.trace is not None and not self.trace.recurrent:
            return NO_PATH
        if self.trace is not None and self.trace.length < 2:
            return f"A passage of one {self.noun()} has no way back. Watch a longer one."
        return super().why_empty()

    def line(self) -> MemoryLine:
        """The moments that were kept, and the one that is shown."""
        kept = () if self.series is None else self.series.moments
        present = self.present()
        if all(moment.step != present.step for moment in kept):
            kept = tuple(sorted((*kept, present), key=lambda moment: moment.step))
        return MemoryLine(kept, self.layer())

    def present(self) -> Moment:
        """The numbers of the trace that is shown."""
        assert self.trace is not None
        return moment_of(self.trace)

    # Where things stand.

    def panel_rect(self, index: int) -> QRectF:
        """One panel with its heading."""
        room = self.height() - _TOP - _FOOT - _APART * (len(QUANTITIES) - 1)
        height = room / len(QUANTITIES)
        return QRectF(MARGIN, _TOP + index * (height + _APART), self.width() - 2 * MARGIN, height)

    def axes(self, index: int) -> MemoryAxes:
        """The axes of one panel."""
        plot = self.panel_rect(index).adjusted(_LEFT, _HEAD, -_RIGHT, 0)
        return axes_for(plot, [self.line()], QUANTITIES[index])

    def heading(self, quantity: Quantity) -> str:
        """Name and present value: "half-life: 3.2 words"."""
        return f"{quantity.title}: {in_words(self.present(), self.layer(), quantity, self.noun())}"

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the panels and what the marks mean."""
        if self.trace is None or self.why_empty():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.line()
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for index, quantity in enumerate(QUANTITIES):
            axes = self.axes(index)
            paint_memory(painter, axes, [line], quantity, self.trace.step, _SOLID, self.theme)
            rect = self.panel_rect(index)
            painter.setFont(font(SIZE_SMALL, bold=True))
            painter.setPen(color(self.theme.ink))
            place = QRectF(rect.left(), rect.top(), rect.width(), _HEAD)
            cut = QFontMetricsF(painter.font()).elidedText(
                self.heading(quantity), Qt.TextElideMode.ElideRight, place.width()
            )
            painter.drawText(place, left, cut)
        painter.setFont(font(SIZE_SMALL))
        painter.setPen(color(self.theme.quiet))
        foot = QRectF(MARGIN, self.height() - 17, self.width() - 2 * MARGIN, 15)
        painter.drawText(foot, right, "updates")
        for tick in nice_ticks(0, axes.last, 5):
            place = QRectF(axes.x(tick) - 40, axes.plot.bottom() + 2, 80, 14)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), short(tick))
        paint_key(painter, foot, [line], QUANTITIES, self.theme)
        painter.end()

    def reading_at(self, position: QPointF) -> str:
        """The number of the moment nearest to a point."""
        if self.trace is None or self.why_empty():
            return ""
        line = self.line()
        for index, quantity in enumerate(QUANTITIES):
            axes = self.axes(index)
            if axes.plot.adjusted(-4, -_HEAD, 4, 2).contains(position):
                at = nearest(points_of(line, quantity), axes.step_at(position.x()))
                if at is None:
                    return ""
                moment = line.moments[at]
                words = in_words(moment, line.layer, quantity, self.noun())
                return f"update {moment.step:,}: {quantity.title} {words}"
        return ""
