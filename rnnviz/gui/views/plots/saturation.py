"""saturation: how much of the time each unit's gates, or its activation, stand at an end of their range.

After Karpathy, Johnson and Fei-Fei 2016, who drew the two shares of each unit against each other. Here each
unit is a column, filled from below by its time near the one end and from above by its time near the other.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent

from rnnviz.gui.theme import SIZE_SMALL, SIZE_TEXT, Theme, color, font
from rnnviz.gui.views.gate_names import gate_name
from rnnviz.gui.views.plots.plot import MARGIN, Plot
from rnnviz.gui.views.wording import percent

_TOP, _FOOT, _LABEL, _NUMBERS, _APART = 10, 52, 34, 92, 8
_ACTIVATION = "h"


class SaturationPlot(Plot):
    """One strip a gate, the units in it from most open to most shut."""

    name: ClassVar[str] = "saturation"
    title: ClassVar[str] = "Saturation"

    def why_empty(self) -> str:
        """Nothing traced, or a trace that was recorded elsewhere."""
        if self.trace is not None and self.trace.saturation_high is None:
            return "This trace came without counts of saturation."
        return super().why_empty()

    def strips(self) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Name -> shares of the time (H,) above 0.9 and below 0.1 (tanh: below -0.9), most open first."""
        trace = self.trace
        if trace is None or trace.saturation_high is None or trace.saturation_low is None:
            return {}
        found = {}
        for name, high in trace.saturation_high.items():
            one = np.asarray(high[self.layer()], dtype=np.float64)
            other = np.asarray(trace.saturation_low[name][self.layer()], dtype=np.float64)
            order = self.order(name)
            found[name] = one[order], other[order]
        return found

    def order(self, name: str) -> NDArray[np.intp]:
        """Which unit stands in each column of a strip: (H,)."""
        trace = self.trace
        assert trace is not None and trace.saturation_high is not None and trace.saturation_low is not None
        high, low = trace.saturation_high[name][self.layer()], trace.saturation_low[name][self.layer()]
        return np.argsort(low - high, kind="stable")

    def strip_rect(self, name: str) -> QRectF:
        """Where a strip stands."""
        assert self.trace is not None and self.trace.saturation_high is not None
        names = list(self.trace.saturation_high)
        room = self.height() - _TOP - _FOOT - (len(names) - 1) * _APART
        height = min(room / len(names), 90.0)
        top = _TOP + names.index(name) * (height + _APART)
        width = self.width() - 2 * MARGIN - _LABEL - _NUMBERS
        return QRectF(MARGIN + _LABEL, top, width, height)

    def is_tanh(self, name: str) -> bool:
        """Whether the two ends are -1 and 1 rather than shut and open."""
        assert self.trace is not None
        if name == _ACTIVATION and not self.trace.gates:
            return self.trace.activation == "tanh"
        return name in self.trace.tanh_gates

    def inks(self, name: str, theme: Theme) -> tuple[str, str]:
        """Colours of the high and the low end: as in the states where the range is -1 to 1."""
        return (theme.states[-1], theme.states[0]) if self.is_tanh(name) else (theme.forward, theme.quiet)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the strips, their means, and what the colours are."""
        if self.trace is None or self.why_empty():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for name, (high, low) in self.strips().items():
            self._paint_strip(painter, name, high, low)
        self._paint_legend(painter)
        painter.end()

    def _paint_strip(
        self, painter: QPainter, name: str, high: NDArray[np.float64], low: NDArray[np.float64]
    ) -> None:
        rect, theme = self.strip_rect(name), self.theme
        up, down = self.inks(name, theme)
        painter.fillRect(rect, color(theme.field))
        edges = rect.left() + rect.width() * np.arange(len(high) + 1) / len(high)
        gap = 1.0 if rect.width() / len(high) >= 4 else 0.0
        painter.setPen(Qt.PenStyle.NoPen)
        for shares, ink, from_below in ((high, up, True), (low, down, False)):
            painter.setBrush(color(ink))
            heights = shares * rect.height()
            tops = rect.bottom() - heights if from_below else np.full(len(shares), rect.top())
            columns = zip(
                edges.tolist(), np.diff(edges).tolist(), tops.tolist(), heights.tolist(), strict=False
            )
            painter.drawRects([QRectF(x, y, w - gap, h) for x, w, y, h in columns if h > 0])
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(font(SIZE_TEXT, bold=True))
        painter.setPen(color(theme.ink))
        label = QRectF(MARGIN, rect.top(), _LABEL - 6, rect.height())
        painter.drawText(label, middle | int(Qt.AlignmentFlag.AlignLeft), name)
        painter.setFont(font(SIZE_SMALL))
        painter.setPen(color(theme.quiet))
        numbers = QRectF(rect.right() + 8, rect.top(), _NUMBERS - 8, rect.height())
        said = f"{self._ends(name)[0]} {percent(float(high.mean()))} %\n"
        said += f"{self._ends(name)[1]} {percent(float(low.mean()))} %"
        painter.drawText(numbers, middle | int(Qt.AlignmentFlag.AlignLeft), said)

    def _ends(self, name: str) -> tuple[str, str]:
        """What the two ends are called."""
        if self.is_tanh(name):
            return "near +1:", "near −1:"
        return ("high:", "low:") if name == _ACTIVATION else ("open:", "shut:")

    def legend(self) -> list[tuple[str, str]]:
        """Colour and meaning of each kind of end that is drawn, each once, with the strips that it is of."""
        assert self.trace is not None and self.trace.saturation_high is not None
        found: dict[tuple[str, str], list[str]] = {}
        for name in self.trace.saturation_high:
            up, down = self.inks(name, self.theme)
            low = "below −0.9" if self.is_tanh(name) else "below 0.1"
            found.setdefault((up, "above 0.9, from below"), []).append(name)
            found.setdefault((down, f"{low}, from above"), []).append(name)
        several = len(found) > 2
        return [(ink, f"{' '.join(of)} {text}" if several else text) for (ink, text), of in found.items()]

    def _paint_legend(self, painter: QPainter) -> None:
        assert self.trace is not None
        painter.setFont(font(SIZE_SMALL))
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        steps = f"{self.trace.length} {self.noun()}{'' if self.trace.length == 1 else 's'}"
        painter.setPen(color(self.theme.quiet))
        place = QRectF(MARGIN, self.height() - _FOOT + 3, self.width() - 2 * MARGIN, 15)
        painter.drawText(place, left, f"a column a unit: the share of the {steps} at which it stands")
        x, row = float(MARGIN), 0
        for ink, text in self.legend():
            width = painter.fontMetrics().horizontalAdvance(text) + 26
            if x + width > self.width() - MARGIN + 12:
                x, row = float(MARGIN), row + 1
            top = self.height() - _FOOT + 18 + 15 * row
            painter.fillRect(QRectF(x, top + 3, 9, 9), color(ink))
            painter.setPen(color(self.theme.quiet))
            painter.drawText(QRectF(x + 13, top, width, 15), left, text)
            x += width

    def reading_at(self, position: QPointF) -> str:
        """The unit under a point, and its shares of the time."""
        if self.trace is None or self.why_empty():
            return ""
        for name, (high, low) in self.strips().items():
            rect = self.strip_rect(name)
            if rect.contains(position):
                column = min(int((position.x() - rect.left()) / rect.width() * len(high)), len(high) - 1)
                unit, (first, second) = int(self.order(name)[column]) + 1, self._ends(name)
                title = gate_name(self.trace, name) if self.trace.gates else f"state {name}"
                return (
                    f"unit {unit}, {title}: {first} {percent(float(high[column]))} % of the time, "
                    f"{second} {percent(float(low[column]))} %"
                )
        return ""
