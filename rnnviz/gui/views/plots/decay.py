"""decay: what is left of an error after so many words back, the mean of all words and the one in focus."""

import math
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import SIZE_SMALL, SIZE_TEXT, color, font
from rnnviz.gui.views.ghost import ghost_pen
from rnnviz.gui.views.plots.chart_plot import ChartPlot, blend, curve_pen
from rnnviz.gui.views.plots.fading import NO_PATH
from rnnviz.gui.views.plots.half_life import half_life_text, settled_text
from rnnviz.gui.views.plots.labels import Surroundings, place_label, sampled
from rnnviz.gui.views.plots.plot import MARGIN
from rnnviz.gui.views.plots.ticks import log_ticks, nice_ticks
from rnnviz.gui.views.plots.wording import by, share
from rnnviz.gui.views.series import Series
from rnnviz.gui.views.wording import percent, quoted
from rnnviz.probes import bound_per_step
from rnnviz.probes.trace import Floats, Trace

_MOST_LINES = 120  # faint lines; of longer passages every second, third, ... word has one
_LOWEST_DECADE = -12
_HEADROOM = 0.05
"""Part of the axis above its highest label, lest this be cut off."""
_FOOT = 56
_LEFT = 54  # "0.001 %"
_DASHES = (5.0, 4.0)
_DOTS = (1.0, 3.0)


class DecayPlot(ChartPlot):
    """Logarithmic unless its scale button says linear; turning the cursor to logarithmic turns it back."""

    name: ClassVar[str] = "decay"
    title: ClassVar[str] = "Decay"
    needs: ClassVar[frozenset[str]] = frozenset({"spectrum"})

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.linear = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._former: tuple[Floats, Floats] = (np.empty(0), np.empty(0))  # mean and focus of the ghost
        self._label_places: dict[str, QRectF] = {}
        self._bound_values: Floats = np.empty(0)

    def build(self) -> None:
        """The chart and its lines."""
        from rnnviz.gui.views.plots.axes import Chart  # pyqtgraph, not before it is needed

        chart = Chart()
        self.panel = chart.add_panel(left_width=_LEFT)
        self.faint = self.panel.curve()
        self.bound = self.panel.curve(z=1)
        self.mean = self.panel.curve(z=2)
        self.focused = self.panel.curve(z=3)
        self.former_mean, self.former_focused = self.panel.curve(z=4), self.panel.curve(z=4)
        chart.paint_labels = self._paint_labels
        chart.clicked.connect(self._click)
        self.set_chart(chart, above=4, below=_FOOT)

    def show_moment(self, trace: Trace | None, cursor: CursorState, series: Series | None) -> None:
        """Show this moment; when the cursor turns logarithmic, so does this plot."""
        if cursor.logarithmic and not self.cursor_state.logarithmic:
            self.linear = False
        super().show_moment(trace, cursor, series)

    def twin(self) -> ChartPlot:
        """With the same scale."""
        twin = super().twin()
        assert isinstance(twin, DecayPlot)
        twin.linear = self.linear
        return twin

    def why_empty(self) -> str:
        """A passage of one word has no way back."""
        if self.trace is not None and self.trace.length < 2:
            return f"A passage of one {self.noun()} has no way back. Watch a longer one."
        if self.trace is not None and not self.trace.recurrent:
            return NO_PATH
        return super().why_empty()

    def set_linear(self, linear: bool) -> None:
        """Choose the scale of this plot."""
        self.linear = linear
        self._stale = True
        if self.is_wanted():
            self.refresh()

    def _share_of(self, t: int) -> Floats:
        assert self.trace is not None
        return self.trace.share_left(t, self.layer())[::-1]  # by distance, (t+1,)

    def _error_step(self) -> int:
        assert self.trace is not None
        return min(self.cursor_state.error_step, self.trace.length - 1)

    def draw(self) -> None:
        """Hand the lines to pyqtgraph."""
        assert self.trace is not None
        trace, layer = self.trace, self.layer()
        every = max(1, -(-trace.length // _MOST_LINES))
        rows = [(np.arange(t + 1.0), self._share_of(t)) for t in range(trace.length - 1, 0, -every)]
        gap = np.full(1, np.nan)
        xs = np.concatenate([part for x, _ in rows for part in (x, gap)])
        ys = np.concatenate([part for _, y in rows for part in (y, gap)])
        self._distance = np.arange(float(trace.length))
        self._mean_share = trace.decay[:, layer].astype(np.float64)
        self._focus_share = self._share_of(self._error_step())
        self._former = self._former_shares()
        self._set_range()
        for curve, former in zip((self.former_mean, self.former_focused), self._former, strict=True):
            curve.setData(self._distance[: len(former)], self._scaled(former))
        self.faint.setData(xs, self._scaled(ys))
        self.mean.setData(self._distance, self._scaled(self._mean_share))
        self.focused.setData(self._distance[: len(self._focus_share)], self._scaled(self._focus_share))
        per_step = bound_per_step(trace, layer)
        if per_step is None or per_step <= 0:
            self._bound_values = np.empty(0)
            self.bound.setData([], [])
        else:
            exponent = self._distance * math.log10(per_step)
            bound = exponent + 2 if not self.linear else 100 * 10.0 ** np.minimum(exponent, 30)
            self._bound_values = bound
            self.bound.setData(self._distance, bound)
        self.chart.viewport().update()
        self.update()

    def _former_shares(self) -> tuple[Floats, Floats]:
        """The mean and the focused error before something was changed, by distance; empty without a ghost."""
        if self.ghost is None:
            return np.empty(0), np.empty(0)
        trace = self.ghost.trace
        mean: Floats = trace.decay[:, self.layer()].astype(np.float64)
        return mean, trace.share_left(self._error_step(), self.layer())[::-1]

    def _scaled(self, share_left: Floats) -> Floats:
        """Shares on the axis: per cent, or its logarithm. An exact zero has a mark of its own."""
        if self.linear:
            return 100 * share_left
        with np.errstate(divide="ignore"):
            logarithm: Floats = np.log10(100 * share_left)
        logarithm[~np.isfinite(logarithm)] = np.nan
        return logarithm

    def _set_range(self) -> None:
        shares = np.concatenate([self._mean_share, self._focus_share, *self._former])
        known = shares[np.isfinite(shares) & (shares > 0)]
        high = float(known.max()) if known.size else 1.0
        low = float(known.min()) if known.size else 0.1
        x = (0.0, max(float(len(self._distance) - 1), 1.0))
        if self.linear:
            top = max(100.0, 100 * high)
            ticks = nice_ticks(0, top, 5)
            y = (0.0, top * 1.04)
            labels = [(tick, f"{percent(tick / 100)} %") for tick in ticks]
        else:
            y = self._log_range(math.log10(100 * low), math.log10(100 * high))
            labels = [(at, f"{percent(10.0 ** (at - 2))} %") for at in log_ticks(*y)]
        self.panel.set_range(x, y)
        self.panel.set_ticks(left=labels, bottom=[(tick, f"{tick:.0f}") for tick in self._x_ticks(x[1])])

    @staticmethod
    def _x_ticks(last: float) -> list[float]:
        ticks = [tick for tick in nice_ticks(0, last, 6) if tick == round(tick)]
        return [*[tick for tick in ticks if last - tick > last / 12], last]

    def _log_range(self, low: float, high: float) -> tuple[float, float]:
        """From a little below the lowest line, widened at once and narrowed when almost half is idle."""
        bottom = max(min(math.floor(low + 0.3) - 0.3, 0.7), _LOWEST_DECADE)
        top = max(2.0, math.ceil(high - 0.1))
        top += max(0.15, _HEADROOM * (top - bottom))
        before = self.panel.range
        if before is not None and not self.linear and before[2] < 1 and before[3] < 20:
            used, kept = top - bottom, before[3] - before[2]
            if before[2] <= bottom and before[3] >= top and used > 0.6 * kept:
                return before[2], before[3]
        return bottom, top

    # Labels.

    def apply_theme(self) -> None:
        """Colours of the lines."""
        if not self.is_built:
            return
        theme = self.theme
        self.chart.set_theme(theme)
        self.faint.setPen(curve_pen(blend(theme.panel, theme.backward, 0.38), 1))
        self.mean.setPen(curve_pen(color(theme.backward), 2.6))
        self.focused.setPen(curve_pen(color(theme.ink), 1.8, _DASHES))
        for curve in (self.former_mean, self.former_focused):
            curve.setPen(ghost_pen(theme))
        self.bound.setPen(curve_pen(color(theme.quiet), 1.2, _DOTS))

    def labels(self) -> list[tuple[str, str, str]]:
        """Name, text and colour of the labels beside the lines."""
        assert self.trace is not None
        word = str(self.trace.target_words[self._error_step()])
        mean = ("mean", f"mean of all {self.noun()}s", self.theme.backward_text)
        known = len(self._focus_share) > 1 and np.isfinite(self._focus_share[0])
        focus = ("focus", quoted(self.trace, word), self.theme.ink)
        before = [("before", "before", self.theme.quiet)] if self.ghost is not None else []
        return [mean, focus, *before] if known and word else [mean, *before]

    def _paint_labels(self, painter: QPainter) -> None:
        if self.trace is None or self.why_empty():
            return
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        own_values = {
            "mean": self._scaled(self._mean_share),
            "focus": self._scaled(self._focus_share),
            "before": self._scaled(self._former[0]),
            "": self._bound_values,
        }
        sampled_lines = {
            name: sampled(*self.panel.to_pixels(self._distance[: len(values)], values))
            for name, values in own_values.items()
        }
        lines = [line for name, line in sampled_lines.items() if name != "before"]  # thin enough to cross
        face = font(SIZE_SMALL, bold=True)
        taken: list[QRectF] = []
        for name, text, ink in self.labels():
            place = place_label(
                QFontMetricsF(face).size(0, text),
                sampled_lines[name],
                Surroundings(self.panel.area(), lines, taken),
                above=name == "mean",
                before=self._label_places.get(name),
            )
            self._label_places[name] = place
            taken.append(place)
            painter.setFont(face)
            painter.fillRect(place.adjusted(-1, 1, 1, -1), color(self.theme.panel, 0.8))  # over faint lines
            painter.setPen(color(ink))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip), text)
        self._paint_zeros(painter)

    def _paint_zeros(self, painter: QPainter) -> None:
        """Where the focused error is exactly zero a small cross stands at the foot: not small, gone."""
        if self.linear:
            return
        gone = np.flatnonzero(self._focus_share == 0)
        if gone.size:
            x, _ = self.panel.to_pixels(self._distance[gone], np.zeros(gone.size))
            foot = self.panel.area().bottom() - 5
            painter.setPen(color(self.theme.ink))
            for at in x:
                painter.drawLine(QPointF(at - 3, foot - 3), QPointF(at + 3, foot + 3))
                painter.drawLine(QPointF(at - 3, foot + 3), QPointF(at + 3, foot - 3))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the half-life, the small print and the scale button below the chart."""
        if self.trace is None or self.why_empty() or not self.is_built:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bottom = self.height()
        room = QRectF(MARGIN, bottom - 38, self.width() - 2 * MARGIN, 20)
        said = half_life_text(self.trace, self.layer(), self.noun())
        fits = QFontMetricsF(font(SIZE_TEXT, bold=True)).horizontalAdvance(said) <= room.width()
        painter.setFont(font(SIZE_TEXT if fits else SIZE_SMALL, bold=True))
        painter.setPen(color(self.theme.ink))
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(room, left, said)
        painter.setFont(font(SIZE_SMALL))
        painter.setPen(color(self.theme.quiet))
        painter.drawText(QRectF(MARGIN, bottom - _FOOT - 2, room.width(), 16), right, f"{self.noun()}s back")
        painter.drawText(QRectF(MARGIN, bottom - 20, room.width(), 16), left, self.small_print())
        settled = settled_text(self.trace, self.layer(), self.noun())
        painter.drawText(QRectF(MARGIN, bottom - _FOOT - 2, room.width(), 16), left, settled)
        painter.drawText(self.scale_rect(), right, "to log" if self.linear else "to linear")
        if self.hasFocus():
            painter.setPen(color(self.theme.ink))
            painter.drawRoundedRect(self.scale_rect().adjusted(-0.5, -0.5, 4.5, 0.5), 4, 4)
        painter.end()

    def small_print(self) -> str:
        """The bound in words."""
        assert self.trace is not None
        per_step = bound_per_step(self.trace, self.layer())
        if per_step is None:
            return ""
        return f"dotted: the bound, at most {by(per_step)} a step"

    def scale_rect(self) -> QRectF:
        """The words that change the scale."""
        return QRectF(self.width() - MARGIN - 60, self.height() - 20, 60, 16)

    # The mouse.

    def _distance_at(self, position: QPointF) -> int | None:
        if self.trace is None or self.why_empty() or not self.is_built:
            return None
        x = self.panel.x_at(position)
        return None if x is None else round(x)

    def reading(self, distance: int) -> str:
        """What is left after so many steps back, with its unit."""
        assert self.trace is not None
        noun = self.noun() + ("" if distance == 1 else "s")
        parts = [f"mean of all {share(float(self._mean_share[distance]))} left"]
        if distance < len(self._focus_share):
            word = str(self.trace.target_words[self._error_step()])
            parts.append(f"{quoted(self.trace, word)} {share(float(self._focus_share[distance]))} left")
            if self.ghost is not None:
                parts.append(f"before {share(float(self._former[1][distance]))}")
        return f"{distance} {noun} back: " + ", ".join(parts)

    def reading_at(self, position: QPointF) -> str:
        """What is left at the distance under a point of the chart."""
        distance = self._distance_at(position)
        return "" if distance is None else self.reading(distance)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Outside of the chart there is nothing to read."""
        self.point_at(None)

    def _click(self, position: QPointF) -> None:
        distance = self._distance_at(position)
        if distance is not None and distance <= self._error_step():
            self.moved.emit({"time_step": self._error_step() - distance})

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter changes the scale."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.set_linear(not self.linear)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Change the scale."""
        if self.scale_rect().contains(event.position()):
            self.set_linear(not self.linear)
