"""experiment: right answers against distance for each cell, a table on the same axis, what was matched."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from rnnviz.gui.theme import SIZE_HEADLINE, Theme, color
from rnnviz.gui.views.lanes import DASHES
from rnnviz.gui.views.sheet import Readings
from rnnviz.gui.views.tracks.lettering import (
    SMALL,
    SMALL_BOLD,
    TEXT,
    TEXT_BOLD,
    Face,
    baseline,
    shortened,
    width_of,
    wrapped,
    write,
)

HEADLINE = Face(SIZE_HEADLINE, bold=True)
MARGIN = 20.0
NAMES_WIDTH = 168.0
HEAD_HEIGHT, ROW_HEIGHT, LINE_HEIGHT = 58.0, 23.0, 16.0
LEAST_CHART = 120.0
MORE_DASHES: tuple[tuple[float, ...], ...] = (*DASHES, (2.0, 2.0, 2.0, 5.0), (10.0, 2.5))
DOT_RADIUS, MEAN_RADIUS = 2.1, 3.4
WIDEST_OFFSET = 9.0
"""Points between the marks of two cells at one distance, at most: they would cover each other."""
EMPTY = "No network has been trained yet."


@dataclass(frozen=True, slots=True)
class Entry:
    """One cell at one distance. Accuracies are shares of right answers, 0 to 1."""

    distance: int
    seeds: tuple[float, ...]  # accuracy of each seed that is done; NaN where training broke
    planned: int  # seeds in all
    mean: float  # NaN where none is done
    spread: float  # standard deviation; NaN of fewer than two
    solved: bool  # the median is right
    now: tuple[float, ...] = ()  # of those that are being trained


@dataclass(frozen=True, slots=True)
class CellShown:
    """One cell with its entries, one a distance."""

    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class MemoryShown:
    """A memory experiment as it stands."""

    task: str
    chance: float
    cells: tuple[CellShown, ...]
    notes: tuple[tuple[str, bool], ...]  # lines under the picture; True: in ink, else quiet

    @property
    def distances(self) -> tuple[int, ...]:
        """The columns."""
        return tuple(entry.distance for entry in self.cells[0].entries) if self.cells else ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was measured yet."""
        return not any(entry.seeds or entry.now for cell in self.cells for entry in cell.entries)

    def described(self) -> str:
        """The table in words, and the notes."""
        rows = [
            f"{cell.name}: "
            + ", ".join(f"distance {e.distance} {_worded(e)}" for e in cell.entries if e.seeds)
            for cell in self.cells
        ]
        return ". ".join([f"Right answers on {self.task}", *rows, *(text for text, _ in self.notes)])

    def paint(self, painter: QPainter, rect: QRectF, theme: Theme) -> Readings:
        """Headline, chart, table on the same columns, notes."""
        return _Painting(painter, rect, theme, self).paint()


class _Painting:
    """One picture being painted."""

    def __init__(self, painter: QPainter, rect: QRectF, theme: Theme, shown: MemoryShown) -> None:
        self.painter, self.rect, self.theme, self.shown = painter, rect, theme, shown
        self.left, self.right = rect.left() + NAMES_WIDTH, rect.right() - MARGIN - 14
        self.readings: Readings = []

    def paint(self) -> Readings:
        room = self.rect.width() - 2 * MARGIN
        notes = [(line, ink) for text, ink in self.shown.notes for line in wrapped(text, room, SMALL)]
        table = ROW_HEIGHT * (len(self.shown.cells) + 1)
        most = self.rect.height() - HEAD_HEIGHT - LEAST_CHART - table - 30
        fitting = max(int(most / LINE_HEIGHT), 0)
        if len(notes) > fitting:
            notes = [*notes[: max(fitting - 1, 0)], ("…", False)]
        bottom = self.rect.bottom() - 12 - LINE_HEIGHT * len(notes)
        chart = QRectF(
            self.left, self.rect.top() + HEAD_HEIGHT, self.right - self.left,
            bottom - 10 - table - self.rect.top() - HEAD_HEIGHT,
        )  # fmt: skip
        self._head()
        self._axes(chart)
        self._curves(chart)
        self._table(chart.bottom())
        self._notes(notes, bottom)
        return self.readings

    def _write(self, text: str, x: float, y: float, face: Face, ink: str, align: str = "left") -> None:
        write(self.painter, text, x, baseline(y, ROW_HEIGHT, face), face, ink, align)  # type: ignore[arg-type]

    def _head(self) -> None:
        shown, top, x = self.shown, self.rect.top(), self.rect.left() + MARGIN
        self._write(
            f"How far back can it remember?  {shown.task.capitalize()}", x, top + 8, HEADLINE, self.theme.ink
        )
        said = (
            "right answers on held-back text: mean over the seeds ± standard deviation; dots: single seeds; "
            "bold: the median is right"
        )
        if shown.is_empty:
            said = EMPTY
        self._write(
            shortened(said, self.rect.width() - 2 * MARGIN, SMALL), x, top + 31, SMALL, self.theme.quiet
        )

    def _x(self, column: int, cell: int = -1) -> float:
        """The middle of a column; of a cell's own place in it."""
        wide = (self.right - self.left) / max(len(self.shown.distances), 1)
        n = len(self.shown.cells)
        apart = min(WIDEST_OFFSET, 0.5 * wide / max(n, 1))
        return self.left + (column + 0.5) * wide + (0 if cell < 0 else (cell - (n - 1) / 2) * apart)

    @staticmethod
    def _y(chart: QRectF, share: float) -> float:
        return chart.bottom() - min(max(share, 0.0), 1.0) * (chart.height() - 8)

    def _axes(self, chart: QRectF) -> None:
        painter, theme = self.painter, self.theme
        for share in (0.0, 0.25, 0.5, 0.75, 1.0) if chart.height() > 90 else (0.0, 0.5, 1.0):
            y = self._y(chart, share)
            painter.setPen(QPen(color(theme.line if not share else theme.faint), 1))
            painter.drawLine(QLineF(chart.left(), y, chart.right(), y))
            self._write(
                f"{100 * share:.0f} %", chart.left() - 8, y - ROW_HEIGHT / 2, SMALL, theme.quiet, "right"
            )
        y = self._y(chart, self.shown.chance)
        pen = QPen(color(theme.quiet), 1.3)
        pen.setDashPattern([1.0, 3.0])
        painter.setPen(pen)
        painter.drawLine(QLineF(chart.left(), y, chart.right(), y))
        self._write(
            f"guessing {100 * self.shown.chance:.0f} %",
            chart.left() + 4,
            y - ROW_HEIGHT + 4,
            SMALL,
            theme.quiet,
        )

    def _curves(self, chart: QRectF) -> None:
        painter, ink = self.painter, color(self.theme.right)
        ends: list[tuple[float, int, int]] = []  # y, column, cell
        for number, cell in enumerate(self.shown.cells):
            known = [(i, e) for i, e in enumerate(cell.entries) if math.isfinite(e.mean)]
            points = [QPointF(self._x(i, number), self._y(chart, e.mean)) for i, e in known]
            pen = QPen(ink, 1.8)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if dashes := MORE_DASHES[number % len(MORE_DASHES)]:
                pen.setDashPattern(list(dashes))
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if len(points) > 1:
                painter.drawPolyline(QPolygonF(points))
            for (i, entry), at in zip(known, points, strict=True):
                self._marks(chart, self._x(i, number), at, entry, cell.name)
            for i, entry in enumerate(cell.entries):
                self._under_way(chart, self._x(i, number), entry)
            if points:
                ends.append((points[-1].y(), known[-1][0], number))
        self._name_ends(ends, chart)

    def _marks(self, chart: QRectF, x: float, mean: QPointF, entry: Entry, name: str) -> None:
        painter, theme = self.painter, self.theme
        if math.isfinite(entry.spread) and entry.spread > 0:
            low, high = (self._y(chart, entry.mean + sign * entry.spread) for sign in (-1, 1))
            painter.setPen(QPen(color(theme.right), 1.2))
            painter.drawLine(QLineF(x, low, x, high))
            for y in (low, high):
                painter.drawLine(QLineF(x - 2.5, y, x + 2.5, y))
        painter.setPen(QPen(color(theme.right), 1))
        painter.setBrush(color(theme.ground))
        for accuracy in entry.seeds:
            if math.isfinite(accuracy):
                painter.drawEllipse(QPointF(x, self._y(chart, accuracy)), DOT_RADIUS, DOT_RADIUS)
        painter.setPen(QPen(color(theme.ground), 1))
        painter.setBrush(color(theme.right))
        painter.drawEllipse(mean, MEAN_RADIUS, MEAN_RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        place = QRectF(x - 5, chart.top(), 10, chart.height())
        self.readings.append((place, f"{name}, distance {entry.distance}: {_worded(entry)}"))

    def _under_way(self, chart: QRectF, x: float, entry: Entry) -> None:
        """Networks that are being trained: rings without a fill in grey, where they stand now."""
        self.painter.setPen(QPen(color(self.theme.quiet), 1.2))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        for accuracy in entry.now:
            self.painter.drawEllipse(QPointF(x, self._y(chart, accuracy)), MEAN_RADIUS, MEAN_RADIUS)

    def _name_ends(self, ends: list[tuple[float, int, int]], chart: QRectF) -> None:
        """The number of each cell beside the end of its line, clear of the others."""
        least = chart.top() - 6
        floor = chart.bottom() - 11.0 * (len(ends) - 1)
        wide = (self.right - self.left) / max(len(self.shown.distances), 1)
        for y, column, number in sorted(ends):
            at = max(min(y, floor), least)
            text = str(number + 1)
            write(
                self.painter,
                text,
                self.left + (column + 1) * wide + 4,
                baseline(at - 7, 14, SMALL_BOLD),
                SMALL_BOLD,
                self.theme.ink,
            )
            least, floor = at + 11.0, floor + 11.0

    def _table(self, top: float) -> None:
        theme, x = self.theme, self.rect.left() + MARGIN
        self._write("distance, time steps", x, top + 2, SMALL, theme.quiet)
        for column, distance in enumerate(self.shown.distances):
            self._write(f"{distance:,}", self._x(column), top + 2, TEXT_BOLD, theme.ink, "center")
        wide = (self.right - self.left) / max(len(self.shown.distances), 1)
        for number, cell in enumerate(self.shown.cells):
            y = top + ROW_HEIGHT * (number + 1)
            self.painter.setPen(QPen(color(theme.faint), 1))
            self.painter.drawLine(QLineF(x, y + 1, self.right, y + 1))
            self._name(number, cell.name, x, y)
            for column, entry in enumerate(cell.entries):
                self._entry(entry, self._x(column), y, wide - 6)
                place = QRectF(self._x(column) - wide / 2, y, wide, ROW_HEIGHT)
                self.readings.append((place, f"{cell.name}, distance {entry.distance}: {_worded(entry)}"))

    def _name(self, number: int, name: str, x: float, y: float) -> None:
        self._write(str(number + 1), x, y + 1, SMALL_BOLD, self.theme.ink)
        pen = QPen(color(self.theme.right), 1.8)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dashes := MORE_DASHES[number % len(MORE_DASHES)]:
            pen.setDashPattern(list(dashes))
        self.painter.setPen(pen)
        self.painter.drawLine(QLineF(x + 12, y + ROW_HEIGHT / 2 + 1, x + 40, y + ROW_HEIGHT / 2 + 1))
        room = NAMES_WIDTH - MARGIN - 46
        self._write(shortened(name, room, TEXT), x + 46, y + 1, TEXT, self.theme.ink)

    def _entry(self, entry: Entry, x: float, y: float, room: float) -> None:
        text, ink, face = _cell_text(entry), self.theme.ink, TEXT
        if entry.solved:
            ink, face = self.theme.right, TEXT_BOLD
        elif not entry.seeds:
            ink, face = self.theme.quiet, SMALL
        if width_of(text, face) > room:
            face = SMALL_BOLD if entry.solved else SMALL
        if width_of(text, face) > room:
            text = text.split(" ±")[0]
        self._write(text, x, y + 1, face, ink, "center")

    def _notes(self, notes: list[tuple[str, bool]], y: float) -> None:
        for line, is_ink in notes:
            ink = self.theme.ink if is_ink else self.theme.quiet
            write(self.painter, line, self.rect.left() + MARGIN, baseline(y, LINE_HEIGHT, SMALL), SMALL, ink)
            y += LINE_HEIGHT


def _cell_text(entry: Entry) -> str:
    """What stands in the table: "83 ± 29", with "2 of 3" while seeds are missing."""
    if not entry.seeds:
        return f"{100 * entry.now[0]:.0f} so far" if entry.now else "·"
    if not math.isfinite(entry.mean):
        return "broke"
    text = f"{100 * entry.mean:.0f}"
    if math.isfinite(entry.spread):
        text += f" ± {100 * entry.spread:.0f}"
    missing = len(entry.seeds) < entry.planned
    return f"{text}  ({len(entry.seeds)} of {entry.planned})" if missing and entry.planned > 1 else text


def _worded(entry: Entry) -> str:
    """The same in words."""
    broken = sum(not math.isfinite(a) for a in entry.seeds)
    if entry.now and not entry.seeds:
        return f"in training, {100 * entry.now[0]:.0f} % right so far"
    if not entry.seeds:
        return "not trained yet"
    each = ", ".join(f"{100 * a:.0f} %" if math.isfinite(a) else "broke" for a in entry.seeds)
    if broken == len(entry.seeds):
        return "training broke"
    spread = f" ± {100 * entry.spread:.1f}" if math.isfinite(entry.spread) else ""
    return f"{100 * entry.mean:.1f}{spread} % right (seeds: {each})"
