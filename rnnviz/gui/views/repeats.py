"""repeats: the lanes of a race from several seeds, each seed a dot: loss, right answers, error left."""

import math
import statistics
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.theme import SIZE_HEADLINE, Theme, color
from rnnviz.gui.views.lanes import DASHES
from rnnviz.gui.views.plots.ticks import nice_ticks
from rnnviz.gui.views.sheet import Readings
from rnnviz.gui.views.tracks.lettering import (
    SMALL,
    SMALL_BOLD,
    TEXT,
    TEXT_BOLD,
    Align,
    Face,
    baseline,
    shortened,
    wrapped,
    write,
)
from rnnviz.gui.views.wording import percent

HEADLINE = Face(SIZE_HEADLINE, bold=True)
MARGIN, NAMES_WIDTH, GAP = 20.0, 190.0, 34.0
HEAD_HEIGHT, COLUMN_HEAD, AXIS_HEIGHT, LINE_HEIGHT = 62.0, 26.0, 26.0, 16.0
TALLEST_ROW, LEAST_ROW = 96.0, 48.0
DOT_RADIUS = 3.2
NOTHING = "no seed is done yet"


@dataclass(frozen=True, slots=True)
class Measure:
    """One quantity of every lane and seed."""

    name: str
    unit: str  # "%" or "nats"
    kind: str  # forward, right, backward: its colour
    values: tuple[tuple[float, ...], ...]  # [lane][seed]; NaN where there is none
    floor: float | None = None  # where the axis begins; None: just below the least value
    ceiling: float | None = None


@dataclass(frozen=True, slots=True)
class RepeatsShown:
    """Lanes repeated over seeds, as they stand."""

    headline: str
    said: str  # what the dots are
    lanes: tuple[str, ...]
    broken: tuple[int, ...]  # runs of each lane in which training broke
    measures: tuple[Measure, ...]
    notes: tuple[str, ...]

    def described(self) -> str:
        """The table in words, and the notes."""
        rows = [
            f"{name}: " + ", ".join(f"{m.name} {summed_up(m, lane)}" for m in self.measures)
            for lane, name in enumerate(self.lanes)
        ]
        return ". ".join([self.headline, *rows, *self.notes])

    def paint(self, painter: QPainter, rect: QRectF, theme: Theme) -> Readings:
        """Headline, a row for each lane with its dots on shared axes, notes."""
        return _Painting(painter, rect, theme, self).paint()


def summed_up(measure: Measure, lane: int) -> str:
    """Mean and standard deviation; of shares that lie decades apart the median, and least and most."""
    values = [v for v in measure.values[lane] if math.isfinite(v)]
    if not values:
        return "–"
    if measure.kind == "backward":
        middle = f"{percent(statistics.median(values))} %"
        if len(values) < 2:
            return middle
        return f"{middle} ({percent(min(values))} to {percent(max(values))})"
    scale, digits = (100.0, 0) if measure.unit == "%" else (1.0, 2)
    if len(values) < 2:
        return f"{scale * values[0]:.{digits}f}{' %' if measure.unit == '%' else ''}"
    spread = scale * statistics.stdev(values)
    digits += 1 if 0 < spread < 10.0**-digits else 0
    middle = f"{scale * statistics.fmean(values):.{digits}f} ± {spread:.{digits}f}"
    return f"{middle}{' %' if measure.unit == '%' else ''}"


class _Painting:
    """One picture being painted."""

    def __init__(self, painter: QPainter, rect: QRectF, theme: Theme, shown: RepeatsShown) -> None:
        self.painter, self.rect, self.theme, self.shown = painter, rect, theme, shown
        self.readings: Readings = []
        self.first = rect.left() + MARGIN + NAMES_WIDTH
        columns = max(len(shown.measures), 1)
        self.wide = (rect.right() - MARGIN - self.first - GAP * (columns - 1)) / columns
        self.inks = {"forward": theme.forward, "right": theme.right, "backward": theme.backward}

    def paint(self) -> Readings:
        shown, left = self.shown, self.rect.left() + MARGIN
        room = self.rect.width() - 2 * MARGIN
        notes = [line for text in shown.notes for line in wrapped(text, room, SMALL)]
        top = self.rect.top()
        self._write(shown.headline, left, top + 8, 24, HEADLINE, self.theme.ink)
        self._write(shortened(shown.said, room, SMALL), left, top + 36, 16, SMALL, self.theme.quiet)
        top += HEAD_HEIGHT
        spare = self.rect.bottom() - top - COLUMN_HEAD - AXIS_HEIGHT - 24 - LINE_HEIGHT * len(notes)
        each = min(max(spare / max(len(shown.lanes), 1), LEAST_ROW), TALLEST_ROW)
        rows = QRectF(left, top + COLUMN_HEAD, room, each * len(shown.lanes))
        for lane, name in enumerate(shown.lanes):
            self._name(lane, name, rows.top() + lane * each, each)
        for number, measure in enumerate(shown.measures):
            x = self.first + number * (self.wide + GAP)
            self._column(measure, QRectF(x, rows.top(), self.wide, rows.height()), each)
        y = rows.bottom() + AXIS_HEIGHT + 12
        for line in notes:
            self._write(line, left, y, LINE_HEIGHT, SMALL, self.theme.quiet)
            y += LINE_HEIGHT
        return self.readings

    def _write(
        self, text: str, x: float, top: float, height: float, face: Face, ink: str, align: Align = "left"
    ) -> None:
        write(self.painter, text, x, baseline(top, height, face), face, ink, align)

    def _name(self, lane: int, name: str, top: float, height: float) -> None:
        left, middle = self.rect.left() + MARGIN, top + height / 2
        self.painter.setPen(QPen(color(self.theme.line), 1))
        self.painter.drawLine(QLineF(left, top, self.rect.right() - MARGIN, top))
        self._write(str(lane + 1), left, middle - 10, 20, SMALL_BOLD, self.theme.ink)
        pen = QPen(color(self.theme.quiet), 1.8)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dashes := DASHES[lane % len(DASHES)]:
            pen.setDashPattern(list(dashes))
        self.painter.setPen(pen)
        self.painter.drawLine(QLineF(left + 12, middle, left + 38, middle))
        self._write(
            shortened(name, NAMES_WIDTH - 56, TEXT_BOLD),
            left + 44,
            middle - 10,
            20,
            TEXT_BOLD,
            self.theme.ink,
        )
        if self.shown.broken[lane]:
            text = (
                f"broke in {self.shown.broken[lane]} runs"
                if self.shown.broken[lane] > 1
                else "broke in 1 run"
            )
            self._write(text, left + 44, middle + 8, 16, SMALL, self.theme.failure)

    def _column(self, measure: Measure, area: QRectF, each: float) -> None:
        top = area.top() - COLUMN_HEAD
        self._write(
            shortened(measure.name, area.width(), TEXT_BOLD),
            area.left(),
            top,
            COLUMN_HEAD,
            TEXT_BOLD,
            self.theme.ink,
        )
        known = [v for lane in measure.values for v in lane if math.isfinite(v)]
        if not known:
            self._write(NOTHING, area.left(), area.top() + 8, 16, SMALL, self.theme.quiet)
            return
        low, high = _range(measure, known)
        scale = 100.0 if measure.unit == "%" else 1.0
        for tick in nice_ticks(low, high, max(int(area.width() / 64), 2)):
            x = area.left() + (tick - low) / (high - low) * area.width()
            self.painter.setPen(QPen(color(self.theme.faint), 1))
            self.painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
            text = f"{scale * tick:g}{' %' if measure.unit == '%' else ''}"
            self._write(text, x, area.bottom() + 3, 16, SMALL, self.theme.quiet, "center")
        for lane, values in enumerate(measure.values):
            row = QRectF(area.left(), area.top() + lane * each, area.width(), each)
            self._row(measure, lane, [v for v in values if math.isfinite(v)], row, low, high)

    def _row(
        self, measure: Measure, lane: int, values: list[float], row: QRectF, low: float, high: float
    ) -> None:
        ink, painter = self.inks[measure.kind], self.painter
        text = summed_up(measure, lane)
        self._write(text, row.left(), row.top() + 5, 18, TEXT, self.theme.ink)
        self.readings.append((row, f"{self.shown.lanes[lane]}, {measure.name}: {text}"))
        if not values:
            return

        def x(value: float) -> float:
            return row.left() + min(max((value - low) / (high - low), 0.0), 1.0) * row.width()

        y = row.bottom() - 0.32 * row.height()
        backward = measure.kind == "backward"
        middle = statistics.median(values) if backward else statistics.fmean(values)
        if len(values) > 1:
            spread = 0.0 if backward else statistics.stdev(values)
            ends = (min(values), max(values)) if backward else (middle - spread, middle + spread)
            painter.setPen(QPen(color(ink), 1.4))
            painter.drawLine(QLineF(x(ends[0]), y, x(ends[1]), y))
        painter.setPen(QPen(color(ink), 2.4))
        painter.drawLine(QLineF(x(middle), y - 8, x(middle), y + 8))
        painter.setPen(QPen(color(ink), 1.2))
        painter.setBrush(color(self.theme.ground))
        for value in values:
            painter.drawEllipse(QPointF(x(value), y), DOT_RADIUS, DOT_RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _range(measure: Measure, known: list[float]) -> tuple[float, float]:
    low, high = min(known), max(known)
    pad = 0.08 * (high - low) or 0.05 * abs(high) or 0.05
    low = low - pad if measure.floor is None else measure.floor
    high = high + pad if measure.ceiling is None else measure.ceiling
    return low, max(high, low + 1e-6)
