"""training: loss, gradient norm, spectral radius and speed over the updates, under each other."""

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from PySide6.QtCore import QElapsedTimer, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QBrush, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import SIZE_SMALL, Theme, color, font
from rnnviz.gui.views.plots.chart_plot import NO_PEN, ChartPlot, blend, curve_pen
from rnnviz.gui.views.plots.plot import MARGIN
from rnnviz.gui.views.plots.strips import STRIPS, Strip, short, wide_enough
from rnnviz.gui.views.plots.thinning import ThinnedSeries
from rnnviz.gui.views.plots.ticks import nice_ticks, whole_ticks
from rnnviz.gui.views.plots.unknown_past import (
    paint_unknown_past,
    unknown_past,
    words_for_nothing,
    words_for_past,
)
from rnnviz.gui.views.series import Series
from rnnviz.probes import Trace

if TYPE_CHECKING:
    from rnnviz.gui.views.plots.axes import Panel

_INTERVAL_MS = 100
_MOST_POINTS = 160  # of a smoothed curve
_MOST_DOTS = 40  # validations; of more, only the last has a dot
_MOST_STEPS = 5
_TICK_DISTANCE = 12  # points between labels, at least
_HEAD = 16  # for the name of a panel, above its curve


class TrainingPlot(ChartPlot):
    """Stacked panels that share the updates as x axis."""

    name: ClassVar[str] = "training"
    title: ClassVar[str] = "Training"
    draws_series: ClassVar[bool] = True
    needs: ClassVar[frozenset[str]] = frozenset({"spectrum"})  # each trace measures the radius

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = -1
        self._since = QElapsedTimer()
        self._since.start()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._catch_up)
        self.thinned = {strip.field: ThinnedSeries() for strip in STRIPS}
        self._valid = ThinnedSeries()
        self._answers = ThinnedSeries()  # right answers in the windows learned from
        self.panels: dict[str, Panel] = {}
        self._raw: dict[str, Any] = {}
        self._smooth: dict[str, Any] = {}

    def build(self) -> None:
        """The chart, its panels and its curves."""
        from rnnviz.gui.views.plots.axes import Chart  # pyqtgraph, not before it is needed

        chart = Chart()
        for strip in STRIPS:
            last = strip is STRIPS[-1]
            panel = chart.add_panel(strip.stretch, left_width=42, with_bottom=last)
            self.panels[strip.field] = panel
            self._raw[strip.field] = panel.curve(smooth=False)
            self._smooth[strip.field] = panel.curve(z=2)
        self._guessing = self.panels["loss"].curve(z=1)
        self._chance = self.panels["valid_accuracy"].curve(z=1)
        self._answers_raw = self.panels["valid_accuracy"].curve(smooth=False)
        self._answers_smooth = self.panels["valid_accuracy"].curve(z=2)
        self._answer_dots = self.panels["valid_accuracy"].dots()
        self._valid_line = self.panels["loss"].curve(z=3)
        self._valid_dots = self.panels["loss"].dots()
        self._radius_dot = self.panels["radius"].dots()
        chart.paint_labels = self._paint_labels
        self.set_chart(chart, above=0, below=16)
        self._show_answers(False)

    def show_moment(self, trace: Trace | None, cursor: CursorState, series: Series | None) -> None:
        """Show the run so far, anew at most ten times a second: it changes only at its end."""
        drawn = self.times_drawn > 0 and not self._stale and not self.why_empty()
        if drawn and series is self.series:
            self.trace, self.cursor_state = trace, cursor
        elif (
            drawn and series is not None and series.run == self._run and self._since.elapsed() < _INTERVAL_MS
        ):
            self.trace, self.cursor_state, self.series = trace, cursor, series
            if not self._later.isActive():
                self._later.start(max(_INTERVAL_MS - self._since.elapsed(), 0))
        else:
            super().show_moment(trace, cursor, series)

    def _catch_up(self) -> None:
        if self.is_wanted():
            self.refresh()
        else:
            self._stale = True

    def why_empty(self) -> str:
        """Nothing was trained yet, or nothing since a saved network was opened."""
        if self.series is None or len(self.series.step) == 0:
            return words_for_nothing(0 if self.trace is None else self.trace.step)
        return ""

    def draw(self) -> None:
        """Take what was appended and hand the curves that changed to pyqtgraph."""
        assert self.series is not None
        series = self.series
        if series.run != self._run:
            self._run = series.run
            for thinned in (*self.thinned.values(), self._valid, self._answers):
                thinned.clear()
        self._show_answers(math.isfinite(series.chance))
        last = wide_enough(float(series.step[-1]))
        self._valid.take(series.valid_step, series.valid_loss)
        for strip in STRIPS:
            thinned = self.thinned[strip.field]
            thinned.take(getattr(series, strip.step_field), getattr(series, strip.field))
            self._raw[strip.field].setData(*thinned.envelope())
            every = -(-len(thinned) // _MOST_POINTS)
            self._smooth[strip.field].setData(*(part[:: max(every, 1)] for part in thinned.smoothed()))
            self._set_range(strip, last)
        x, y = self.thinned["radius"].smoothed()
        self._radius_dot.setData(*((x, y) if len(x) == 1 else ([], [])))  # one value makes no line
        self._draw_loss_extras(last)
        self._draw_answers(last)
        self._since.restart()
        self.chart.viewport().update()

    def _show_answers(self, shown: bool) -> None:
        """Make room for the right answers of a memory task, or take it back."""
        strip = next(strip for strip in STRIPS if strip.field == "valid_accuracy")
        self.chart.show_panel(self.panels[strip.field], shown, strip.stretch)

    def _draw_answers(self, last: float) -> None:
        assert self.series is not None
        level = self.series.chance
        known = math.isfinite(level)
        self._chance.setData([0.0, last] if known else [], [level, level] if known else [])
        self._answers.take(self.series.step, self.series.accuracy)
        self._answers_raw.setData(*self._answers.envelope())
        self._answers_smooth.setData(*self._answers.smoothed())
        x, y = self.thinned["valid_accuracy"].smoothed(0.0)
        self._smooth["valid_accuracy"].setData(x, y)
        dotted = slice(None) if len(x) <= _MOST_DOTS else slice(-1, None)
        self._answer_dots.setData(x[dotted], y[dotted])

    def _draw_loss_extras(self, last: float) -> None:
        assert self.series is not None
        level = self.series.guessing
        known = math.isfinite(level)
        self._guessing.setData([0.0, last] if known else [], [level, level] if known else [])
        x, y = self._valid.smoothed(0.0)
        keep = np.isfinite(y)
        self._valid_line.setData(x[keep], y[keep])
        dotted = slice(None) if keep.sum() <= _MOST_DOTS else slice(-1, None)
        self._valid_dots.setData(x[keep][dotted], y[keep][dotted])

    def _set_range(self, strip: Strip, last: float) -> None:
        assert self.series is not None
        low, high = self.thinned[strip.field].bounds()
        if strip.field == "loss":
            known = [v for v in (low, high, *self._valid.bounds(), self.series.guessing) if math.isfinite(v)]
            low, high = (min(known), max(known)) if known else (math.nan, math.nan)
        if strip.field == "valid_accuracy":
            low, high = 0.0, 1.0
        measured = math.isfinite(low)
        if not measured:
            low, high = 0.0, 1.0
        if strip.from_zero:
            low = min(low, 0.0)
        if high - low < 1e-9 + 0.02 * abs(high):
            low, high = (low - 0.05 * abs(low) - 0.01, high + 0.05 * abs(high) + 0.01)
        panel = self.panels[strip.field]
        height = max(panel.area().height(), 20.0)
        head = min(_HEAD / height, 0.6)
        room = height * (1 - head) / _TICK_DISTANCE
        ticks = whole_ticks(low, high, min(max(1, int(room)), _MOST_STEPS))
        low, high = ticks[0], ticks[-1]
        panel.set_range((0.0, last), (low, high + round((high - low) * head / (1 - head), 12)))
        x_ticks = [(tick, short(tick)) for tick in nice_ticks(0, last, 5)]
        panel.set_ticks(left=[(tick, short(tick)) for tick in ticks] if measured else [], bottom=x_ticks)

    def apply_theme(self) -> None:
        """Colours of the curves."""
        if not self.is_built:
            return
        theme = self.theme
        self.chart.set_theme(theme)
        for strip in STRIPS:
            name = _curve_color(strip, theme)
            self._raw[strip.field].setPen(curve_pen(blend(theme.panel, name, 0.35), 1))
            self._smooth[strip.field].setPen(curve_pen(color(name), 1.8))
        dotted = curve_pen(color(theme.quiet), 1.2, (1.0, 3.0))
        self._guessing.setPen(dotted)
        self._chance.setPen(dotted)
        self._answers_raw.setPen(curve_pen(blend(theme.panel, theme.right, 0.35), 1))
        self._answers_smooth.setPen(curve_pen(color(theme.right), 1.8))
        self._smooth["valid_accuracy"].setPen(curve_pen(color(theme.right), 1.6, (4.0, 3.0)))
        self._answer_dots.setPen(curve_pen(color(theme.panel), 1))
        self._answer_dots.setBrush(QBrush(color(theme.right)))
        self._answer_dots.setSize(6)
        self._valid_line.setPen(curve_pen(color(theme.forward), 1.6, (4.0, 3.0)))
        self._radius_dot.setPen(NO_PEN)
        self._radius_dot.setBrush(QBrush(color(theme.quiet)))
        self._radius_dot.setSize(5)
        self._valid_dots.setPen(curve_pen(color(theme.panel), 1))
        self._valid_dots.setBrush(QBrush(color(theme.forward)))
        self._valid_dots.setSize(7)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name the x axis, below the chart."""
        if self.is_built and not self.why_empty():
            painter = QPainter(self)
            painter.setFont(font(SIZE_SMALL))
            painter.setPen(color(self.theme.quiet))
            below = QRectF(MARGIN, self.height() - 17, self.width() - 2 * MARGIN, 15)
            painter.drawText(
                below, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), "updates"
            )
            painter.end()

    # Words.

    def headings(self) -> dict[str, str]:
        """The line above each panel: its name, its unit and its present value."""
        assert self.series is not None
        series = self.series
        last = {strip.field: _last(getattr(series, strip.field)) for strip in STRIPS}
        loss = f"loss, {series.unit}"
        valid = _last(series.valid_loss)
        if math.isfinite(valid):
            accuracy = _last(series.valid_accuracy)
            right = f", {accuracy * 100:.0f} % right" if math.isfinite(accuracy) else ""
            loss += f" · validation {valid:.2f}{right}"
        norm = (
            f"gradient norm {last['grad_norm']:.3g}" if math.isfinite(last["grad_norm"]) else "gradient norm"
        )
        factor = _last(series.clip_factor)
        norm += f" · clipped to × {factor:.2f}" if factor < 0.995 else " · not clipped"
        radius = "spectral radius of W_hh"
        radius += f" {last['radius']:.2f}" if math.isfinite(last["radius"]) else ": not measured yet"
        speed, many = last["tokens_per_s"], f"{self.noun()}s a second"
        live, held_back = _last(self._answers.smoothed()[1]), last["valid_accuracy"]
        answers = " · held back ".join(
            f"{100 * one:.0f} %" for one in (live, held_back) if math.isfinite(one)
        )
        answers = f"right answers {answers}" if answers else "right answers: not measured yet"
        return {
            "loss": loss,
            "valid_accuracy": f"{answers} · guessing {100 * series.chance:.0f} %",
            "grad_norm": norm,
            "radius": radius,
            "tokens_per_s": f"{speed:,.0f} {many}" if math.isfinite(speed) else f"{many}: not measured",
        }

    def _paint_labels(self, painter: QPainter) -> None:
        if self.why_empty():
            return
        painter.setFont(font(SIZE_SMALL))
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        metrics = QFontMetricsF(font(SIZE_SMALL))
        for field, text in self.headings().items():
            if not self.panels[field].shown:
                continue
            area = self.panels[field].area()
            place = QRectF(area.left() + 2, area.top(), area.width() - 2, _HEAD - 2)
            painter.setPen(color(self.theme.backward_text if field == "grad_norm" else self.theme.ink))
            painter.drawText(
                place, left, metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
            )
        assert self.series is not None
        shown = [self.panels[strip.field] for strip in STRIPS if self.panels[strip.field].shown]
        paint_unknown_past(painter, shown, self.series, self.theme, _HEAD)
        self._paint_guessing(painter)

    def _paint_guessing(self, painter: QPainter) -> None:
        assert self.series is not None
        if not math.isfinite(self.series.guessing):
            return
        panel = self.panels["loss"]
        x, y = panel.to_pixels(np.zeros(1), np.array([self.series.guessing]))
        painter.setPen(color(self.theme.quiet))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        place = QRectF(x[0], y[0] + 1, panel.area().width() - 2, 14)
        painter.drawText(place, right, f"guessing {self.series.guessing:.2f}")

    def reading_at(self, position: QPointF) -> str:
        """What stands under a point of the chart, with its unit."""
        if self.series is None or self.why_empty() or not self.is_built:
            return ""
        series = self.series
        for strip in STRIPS:
            x = self.panels[strip.field].x_at(position) if self.panels[strip.field].shown else None
            steps, values = getattr(series, strip.step_field), getattr(series, strip.field)
            if strip.field == "valid_accuracy" and not len(values) and len(series.accuracy):
                steps, values = series.step, series.accuracy  # while nothing was held against it yet
            if x is not None and x < unknown_past(series):
                return words_for_past(series)
            if x is None or not len(values) or not self.panels[strip.field].area().contains(position):
                continue
            at = _nearest(steps, x)
            text = f"update {int(steps[at]):,}: {self._worded(strip, at)}"
            if strip.field == "loss" and len(series.valid_step):
                near = _nearest(series.valid_step, x)
                text += (
                    f"; validation at update {int(series.valid_step[near]):,}: {series.valid_loss[near]:.3f}"
                )
            return text
        return ""

    def _worded(self, strip: Strip, at: int) -> str:
        assert self.series is not None
        if strip.field == "valid_accuracy" and not len(self.series.valid_accuracy):
            return f"{100 * float(self.series.accuracy[at]):.1f} % of the answers right while training"
        value = float(getattr(self.series, strip.field)[at])
        if not math.isfinite(value):
            return f"{strip.name} is not a number"
        if strip.field == "loss":
            return f"loss {value:.3f} {self.series.unit}"
        if strip.field == "valid_accuracy":
            return f"{100 * value:.1f} % of the answers right on text that was held back"
        if strip.field == "grad_norm":
            clip = float(self.series.clip_factor[at]) if at < len(self.series.clip_factor) else 1.0
            return f"gradient norm {value:.3g} before clipping, clip factor {clip:.2f}"
        if strip.field == "radius":
            return f"spectral radius of W_hh {value:.3f}"
        return f"{value:,.0f} {self.noun()}s a second"


def _curve_color(strip: Strip, theme: Theme) -> str:
    if strip.field == "loss":
        return theme.forward
    if strip.field == "valid_accuracy":
        return theme.right
    return theme.backward if strip.backward else theme.quiet


def _last(values: Any) -> float:
    return float(values[-1]) if len(values) else math.nan


def _nearest(steps: Any, x: float) -> int:
    at = int(np.searchsorted(steps, x))
    if at == 0:
        return 0
    if at == len(steps):
        return at - 1
    return at if steps[at] - x < x - steps[at - 1] else at - 1
