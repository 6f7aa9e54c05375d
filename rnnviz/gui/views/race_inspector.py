"""Beside a race: the decay of all lanes over each other, how they learn, and what was the same."""

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT, Theme, color
from rnnviz.gui.views.lanes import DASHES, Comparison, LaneShown, layer_of
from rnnviz.gui.views.plots.memory_course import QUANTITIES, MemoryLine, Quantity
from rnnviz.gui.views.plots.ticks import log_ticks, nice_ticks
from rnnviz.gui.views.race_memory import (
    WHAT_IS_LEFT,
    Choice,
    choices,
    lines_of,
    paint_choices,
    paint_course,
)
from rnnviz.gui.views.series import Numbers
from rnnviz.gui.views.tracks.lettering import (
    SMALL,
    SMALL_BOLD,
    TITLE_BOLD,
    Face,
    baseline,
    shortened,
    wrapped,
    write,
)
from rnnviz.gui.views.wording import percent, unit_of

Floats = NDArray[np.float64]
Curve = tuple[Floats, Floats]  # x and y of one lane, (N,) each; NaN where nothing is known

MARGIN, LEFT, RIGHT = 15.0, 58.0, 26.0
TITLE_HEIGHT, LINE_HEIGHT, NUMBER_HEIGHT = 28.0, 16.0, 11.0
LOWEST_DECADE = -12.0
TICK_ROOM = 20.0
MOST_POINTS = 60
"""Of a curve of many updates so many means are drawn: dash patterns show on a smooth line only."""
NOTHING = Comparison((), (), ())
CAVEAT = (
    "One seed proves little. A cell keeps an error where its curve stops falling, not where it stands "
    "highest."
)


PARTS = {"decay": 0.42, "loss": 0.31, "accuracy": 0.27}
"""What stands above the table, and how much of the room beside the others each takes."""


class RaceInspector(QWidget):
    """The right part of the window while lanes race. It is told moments and decides nothing."""

    def __init__(
        self, parent: QWidget | None = None, theme: Theme = LIGHT, parts: Sequence[str] = tuple(PARTS)
    ) -> None:
        super().__init__(parent)
        self._parts = tuple(parts)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Race: decay, learning, and what was the same")
        self._theme = theme
        self._lanes: tuple[LaneShown, ...] = ()
        self._cursor = CursorState()
        self._comparison = NOTHING
        self.shown_quantity: Quantity | None = None
        """What the upper plot follows over the updates; None: what is left by distance, at this moment."""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        """As the inspector."""
        return QSize(398, 646)

    def show_moment(self, lanes: Sequence[LaneShown], cursor: CursorState, comparison: Comparison) -> None:
        """Show the lanes of this moment."""
        self._lanes, self._cursor, self._comparison = tuple(lanes), cursor, comparison
        text = "; ".join((*comparison.same, *comparison.different))
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.update()

    # What the curves are.

    def decay_curves(self) -> list[Curve]:
        """What is left of an error by distance, the mean of all words, of each lane that learns."""
        curves = []
        for lane in self._lanes:
            decay = lane.trace.decay[:, layer_of(lane, self._cursor)].astype(np.float64)
            decay = np.full_like(decay, np.nan) if lane.failure else decay
            curves.append((np.arange(float(len(decay))), decay))
        return curves

    def loss_curves(self) -> list[Curve]:
        """The training loss of each lane, thinned to means."""
        return [thinned(series.step, series.loss) for series in self._comparison.series]

    def accuracy_curves(self) -> list[Curve]:
        """The share of right answers of each lane: of a memory task's in every update, else held back."""
        if self._answers_live():
            return [_known(thinned(series.step, series.accuracy)) for series in self._comparison.series]
        return [
            (
                np.asarray(series.valid_step, dtype=np.float64),
                np.asarray(series.valid_accuracy, dtype=np.float64),
            )
            for series in self._comparison.series
        ]

    def _answers_live(self) -> bool:
        """Whether every update tells how many answers were right."""
        return any(np.isfinite(series.accuracy).any() for series in self._comparison.series)

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        """Three plots and a table under each other."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), color(self._theme.panel))
        if self._lanes:
            self._paint_all(painter)
        painter.end()

    def _paint_all(self, painter: QPainter) -> None:
        lines = self._table_lines()
        table = TITLE_HEIGHT + LINE_HEIGHT * len(lines) + 8
        room = self.height() - table
        paints: dict[str, Callable[[QPainter, QRectF], None]] = {
            "decay": self._paint_upper if self._parts == tuple(PARTS) else self._paint_decay,
            "loss": self._paint_loss,
            "accuracy": self._paint_accuracy,
            **{quantity.name: partial(self._paint_memory, quantity) for quantity in QUANTITIES},
        }
        heights = [PARTS.get(name, 1.0) for name in self._parts]
        whole, top = sum(heights), 0.0
        for name, height in zip(self._parts, heights, strict=True):
            area = QRectF(0, top, self.width(), height / whole * room)
            paints[name](painter, area)
            top = area.bottom()
            painter.setPen(QPen(color(self._theme.line), 1))
            painter.drawLine(QLineF(0, top - 0.5, self.width(), top - 0.5))
        self._title(painter, top, "What was the same")
        y = top + TITLE_HEIGHT
        for text, face, ink in lines:
            write(painter, text, MARGIN, baseline(y, LINE_HEIGHT, face), face, ink)
            y += LINE_HEIGHT

    def _title(self, painter: QPainter, top: float, text: str) -> None:
        y = baseline(top + 3, TITLE_HEIGHT, TITLE_BOLD)
        write(painter, text, MARGIN, y, TITLE_BOLD, self._theme.ink)

    def choices(self) -> list[Choice]:
        """What the upper plot can show, and where each is clicked."""
        return choices(MARGIN, self.width(), TITLE_HEIGHT)

    def show_quantity(self, quantity: Quantity | None) -> None:
        """Follow another number over the updates in the upper plot, or none."""
        self.shown_quantity = quantity
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what the upper plot shows."""
        for quantity, _, place in self.choices():
            if place.contains(event.position()):
                self.show_quantity(quantity)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right walk through what the upper plot can show."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        kinds = [quantity for quantity, _, _ in self.choices()]
        if step:
            self.show_quantity(kinds[(kinds.index(self.shown_quantity) + step) % len(kinds)])
        else:
            super().keyPressEvent(event)

    def memory_lines(self) -> list[MemoryLine]:
        """The course of each lane."""
        return lines_of(self._lanes, self._comparison.series, self._cursor)

    def _paint_upper(self, painter: QPainter, area: QRectF) -> None:
        self._title(painter, area.top(), WHAT_IS_LEFT)
        paint_choices(painter, self.choices(), self.shown_quantity, self.hasFocus(), self._theme)
        if self.shown_quantity is None:
            self._paint_distances(painter, area)
        else:
            self._paint_course(painter, area, self.shown_quantity)

    def _paint_memory(self, quantity: Quantity, painter: QPainter, area: QRectF) -> None:
        self._title(painter, area.top(), f"{quantity.title[0].upper()}{quantity.title[1:]}")
        self._paint_course(painter, area, quantity)

    def _paint_course(self, painter: QPainter, area: QRectF, quantity: Quantity) -> None:
        step, plot = self._lanes[0].trace.step, _plot_in(area)
        ends = paint_course(painter, plot, self.memory_lines(), quantity, step, self._theme)
        self._paint_numbers(painter, ends, plot)

    def _paint_decay(self, painter: QPainter, area: QRectF) -> None:
        self._title(painter, area.top(), "What is left, by distance")
        self._paint_distances(painter, area)

    def _paint_distances(self, painter: QPainter, area: QRectF) -> None:
        plot = _plot_in(area)
        curves = self.decay_curves()
        logs = [(x, _log_percent(y)) for x, y in curves]
        known = np.concatenate([y[np.isfinite(y)] for _, y in logs])
        length = max(float(self._lanes[0].trace.length - 1), 1.0)
        if not known.size or length < 2:
            self._say(painter, plot, "No error has a way back here.")
            return
        low = max(math.floor(float(known.min()) + 0.2) - 0.2, LOWEST_DECADE)
        high = max(2.1, float(known.max()) + 0.1)
        ticks = [(at, f"{percent(10.0 ** (at - 2))} %") for at in log_ticks(low, high)]
        frame = _Frame(plot, (0.0, length), (min(low, 0.9), high))
        self._axes(painter, frame, ticks, f"{unit_of(self._lanes[0].trace)}s back")
        self._curves(painter, frame, logs, self._theme.backward)

    def _paint_loss(self, painter: QPainter, area: QRectF) -> None:
        self._title(painter, area.top(), "Loss while training")
        curves, plot = self.loss_curves(), _plot_in(area)
        self._paint_learning(painter, plot, curves, self._theme.forward, "", None)

    def _paint_accuracy(self, painter: QPainter, area: QRectF) -> None:
        live = self._answers_live()
        title = "Right answers while training" if live else "Right answers, on held-back text"
        self._title(painter, area.top(), title)
        curves, plot = self.accuracy_curves(), _plot_in(area)
        self._paint_learning(painter, plot, curves, self._theme.right, " %", 1.0)

    def _paint_learning(
        self,
        painter: QPainter,
        plot: QRectF,
        curves: Sequence[Curve],
        ink: str,
        unit: str,
        most: float | None,
    ) -> None:
        known = [y[np.isfinite(y)] for _, y in curves]
        values = np.concatenate(known) if known else np.empty(0)
        last = max((float(x[-1]) for x, _ in curves if len(x)), default=0.0)
        if not values.size or last <= 0:
            first = "Measured at the end of each epoch." if most else "Nothing was trained yet."
            self._say(painter, plot, first)
            return
        if most is None:
            low, high = float(values.min()), float(values.max())
            pad = 0.06 * (high - low) + 1e-6
            low, high = max(low - pad, 0.0), high + pad
        else:
            low, high = 0.0, max(most * min(1.0, 1.25 * float(values.max())), 0.05)
        frame = _Frame(plot, (0.0, last), (low, high))
        scale = 100.0 if unit else 1.0
        ticks = [
            (at, f"{at * scale:g}{unit}")
            for at in nice_ticks(low, high, min(max(int(plot.height() / TICK_ROOM), 1), 4))
        ]
        self._axes(painter, frame, ticks, f"{math.ceil(last):,} updates")
        self._curves(painter, frame, curves, ink)

    def _say(self, painter: QPainter, plot: QRectF, text: str) -> None:
        write(painter, text, MARGIN, plot.top() + 14, SMALL, self._theme.quiet)

    def _axes(
        self, painter: QPainter, frame: "_Frame", ticks: Sequence[tuple[float, str]], below: str
    ) -> None:
        plot = frame.plot
        for at, text in ticks:
            y = frame.y(at)
            painter.setPen(QPen(color(self._theme.faint), 1))
            painter.drawLine(QLineF(plot.left(), y, plot.right(), y))
            write(
                painter, text, plot.left() - 6, baseline(y - 8, 16, SMALL), SMALL, self._theme.quiet, "right"
            )
        write(painter, below, plot.right(), plot.bottom() + 13, SMALL, self._theme.quiet, "right")

    def _curves(self, painter: QPainter, frame: "_Frame", curves: Sequence[Curve], ink: str) -> None:
        ends: list[tuple[float, float, int]] = []
        painter.save()
        painter.setClipRect(frame.plot.adjusted(-2, -2, 2, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number, (x, y) in enumerate(curves):
            keep = np.isfinite(y)
            if not keep.any():
                continue
            points = [QPointF(frame.x(a), frame.y(b)) for a, b in zip(x[keep], y[keep], strict=True)]
            pen = QPen(color(ink), 1.8)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if DASHES[number]:
                pen.setDashPattern(list(DASHES[number]))
            painter.setPen(pen)
            if len(points) == 1:
                painter.drawEllipse(points[0], 2, 2)
            else:
                painter.drawPolyline(QPolygonF(points))
            seen = [point for point in points if point.y() <= frame.plot.bottom() + 1] or points[-1:]
            ends.append((seen[-1].y(), seen[-1].x(), number))
        painter.restore()
        self._paint_numbers(painter, ends, frame.plot)

    def _paint_numbers(
        self, painter: QPainter, ends: Sequence[tuple[float, float, int]], plot: QRectF
    ) -> None:
        """The number of each lane beside the end of its curve."""
        for top, right, text in names_apart(ends, plot):
            write(painter, text, right + 6, baseline(top - 7, 14, SMALL_BOLD), SMALL_BOLD, self._theme.ink)

    def _table_lines(self) -> list[tuple[str, Face, str]]:
        """What was the same, what was not, and what that is worth."""
        theme, room = self._theme, self.width() - 2 * MARGIN
        same = wrapped(", ".join(self._comparison.same), room, SMALL)
        lines = [(text, SMALL, theme.ink) for text in same]
        if self._comparison.different:
            head, *lanes = self._comparison.different
            lines.append((shortened(head, room, SMALL_BOLD), SMALL_BOLD, theme.ink))
            for text, lane in zip(lanes, self._lanes, strict=True):
                told = f"{text}, dropped out" if lane.failure else text
                ink = theme.failure if lane.failure else theme.ink
                lines.append((shortened(told, room, SMALL), SMALL, ink))
        lines += [(text, SMALL, theme.quiet) for text in wrapped(CAVEAT, room, SMALL)]
        return lines


class _Frame:
    """A rectangle with axes."""

    def __init__(self, plot: QRectF, x: tuple[float, float], y: tuple[float, float]) -> None:
        self.plot, self._x, self._y = plot, x, y

    def x(self, value: float) -> float:
        """Where a value stands from left to right."""
        return self.plot.left() + (value - self._x[0]) / (self._x[1] - self._x[0]) * self.plot.width()

    def y(self, value: float) -> float:
        """Where a value stands from bottom to top."""
        return self.plot.bottom() - (value - self._y[0]) / (self._y[1] - self._y[0]) * self.plot.height()


def _plot_in(area: QRectF) -> QRectF:
    return area.adjusted(LEFT, TITLE_HEIGHT + 8, -RIGHT - 6, -22)


def _log_percent(shares: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        logs: Floats = np.log10(100 * shares)
    logs[~np.isfinite(logs)] = np.nan
    return logs


def _known(curve: Curve) -> Curve:
    """The points of a curve that have a value."""
    x, y = curve
    keep = np.isfinite(y)
    return x[keep], y[keep]


def thinned(steps: Numbers, values: Numbers) -> Curve:
    """A long curve as the means of neighbours, at most MOST_POINTS of them."""
    x, y = np.asarray(steps, dtype=np.float64), np.asarray(values, dtype=np.float64)
    every = -(-len(x) // MOST_POINTS)
    if every <= 1:
        return x, y
    starts = np.arange(0, len(x), every)
    counts = np.diff(np.append(starts, len(x)))
    return np.add.reduceat(x, starts) / counts, np.add.reduceat(y, starts) / counts


def names_apart(ends: Sequence[tuple[float, float, int]], plot: QRectF) -> list[tuple[float, float, str]]:
    """Where the number of each curve stands, beside its end and clear of the others: y, x and text."""
    placed: list[tuple[float, float, str]] = []
    floor = plot.bottom() - NUMBER_HEIGHT * (len(ends) - 1)
    least = plot.top()
    for y, x, number in sorted(ends):
        at = max(min(y, floor), least)
        placed.append((at, x, str(number + 1)))
        least, floor = at + NUMBER_HEIGHT, floor + NUMBER_HEIGHT
    return placed
