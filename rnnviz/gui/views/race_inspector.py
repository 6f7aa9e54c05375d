"""Beside a race: the decay of all lanes over each other, how they learn, and what was the same."""

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT, Theme, color
from rnnviz.gui.views.lanes import Comparison, LaneShown, layer_of
from rnnviz.gui.views.plots.memory_course import QUANTITIES, MemoryLine, Quantity
from rnnviz.gui.views.plots.memory_painting import axes_for
from rnnviz.gui.views.plots.ticks import log_ticks, nice_ticks
from rnnviz.gui.views.race_curves import (
    TITLE_HEIGHT,
    Curve,
    Frame,
    log_percent,
    measured,
    paint_axes,
    paint_curves,
    paint_numbers,
    plot_in,
    thinned,
    values_between,
)
from rnnviz.gui.views.race_memory import (
    WHAT_IS_LEFT,
    Choice,
    choices,
    lines_of,
    paint_choices,
    paint_course,
)
from rnnviz.gui.views.race_reading import (
    Reader,
    course_in_words,
    distances_in_words,
    updates_in_words,
)
from rnnviz.gui.views.series import Numbers, Series
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
from rnnviz.gui.views.wording import nats, percent, unit_of

MARGIN, LINE_HEIGHT = 15.0, 16.0
LOWEST_DECADE = -12.0
TICK_ROOM = 20.0
NOTHING = Comparison((), (), ())
CAVEAT = (
    "One seed proves little. A cell keeps an error where its curve stops falling, not where it stands "
    "highest."
)


PARTS = {"decay": 0.42, "loss": 0.31, "accuracy": 0.27}
"""What stands above the table, and how much of the room beside the others each takes."""


class RaceInspector(QWidget):
    """The right part of the window while lanes race. It is told moments and decides nothing."""

    hovered = Signal(str)  # the numbers under the mouse, with their unit; "" for none

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
        self._readable: list[tuple[QRectF, Reader]] = []  # plots as painted last, and what stands in them
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)

    def twin(self, parts: Sequence[str] = ()) -> "RaceInspector":
        """Another one that shows the same, or some of its parts: for pictures."""
        twin = RaceInspector(theme=self._theme, parts=parts or self._parts)
        twin.show_moment(self._lanes, self._cursor, self._comparison)
        twin.shown_quantity = self.shown_quantity
        return twin

    @property
    def series(self) -> tuple[Series, ...]:
        """The numbers of every update, one a lane; none before they were read."""
        return self._comparison.series

    def height_of(self, part: str) -> int:
        """Points that a part and the table below it take, as they stand."""
        room = self.height() - self._table_height()
        return round(PARTS[part] * room + self._table_height())

    def part_at(self, y: float) -> int:
        """The number of the part at a height; of the table below all, the last."""
        room, bottom = self.height() - self._table_height(), 0.0
        for number, share in enumerate(PARTS.values()):
            bottom += share * room
            if y < bottom:
                return number
        return len(PARTS) - 1

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
            return [measured(thinned(series.step, series.accuracy)) for series in self._comparison.series]
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
        self._readable = []
        if self._lanes:
            self._paint_all(painter)
        painter.end()

    def _paint_all(self, painter: QPainter) -> None:
        lines, room = self._table_lines(), self.height() - self._table_height()
        paints: dict[str, Callable[[QPainter, QRectF], None]] = {
            "decay": self._paint_decay if self._parts == ("decay",) else self._paint_upper,
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

    def _table_height(self) -> float:
        return TITLE_HEIGHT + LINE_HEIGHT * len(self._table_lines()) + 8

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

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the numbers under the mouse."""
        self.hovered.emit(self.reading_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        self.hovered.emit("")

    def reading_at(self, at: QPointF) -> str:
        """The number of every lane at a point of a plot, with its unit; "" between the plots."""
        return next((read(at.x()) for plot, read in self._readable if plot.contains(at)), "")

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
        step, plot = self._lanes[0].trace.step, plot_in(area)
        lines = self.memory_lines()
        ends = paint_course(painter, plot, lines, quantity, step, self._theme)
        axes, noun = axes_for(plot, lines, quantity), unit_of(self._lanes[0].trace)
        self._let_read(plot, lambda x: course_in_words(lines, quantity, axes.step_at(x), noun))
        paint_numbers(painter, ends, plot, self._theme)

    def _paint_decay(self, painter: QPainter, area: QRectF) -> None:
        self._title(painter, area.top(), "What is left, by distance")
        self._paint_distances(painter, area)

    def _paint_distances(self, painter: QPainter, area: QRectF) -> None:
        plot = plot_in(area)
        curves = self.decay_curves()
        logs = [(x, log_percent(y)) for x, y in curves]
        known = np.concatenate([y[np.isfinite(y)] for _, y in logs])
        length = max(float(self._lanes[0].trace.length - 1), 1.0)
        if not known.size or length < 2:
            self._say(painter, plot, "No error has a way back here.")
            return
        low = max(math.floor(float(known.min()) + 0.2) - 0.2, LOWEST_DECADE)
        high = max(2.1, float(known.max()) + 0.1)
        ticks = [(at, f"{percent(10.0 ** (at - 2))} %") for at in log_ticks(low, high)]
        frame = Frame(plot, (0.0, length), (min(low, 0.9), high))
        paint_axes(painter, frame, ticks, f"{unit_of(self._lanes[0].trace)}s back", self._theme)
        paint_curves(painter, frame, logs, self._theme.backward, self._theme)
        noun = unit_of(self._lanes[0].trace)
        self._let_read(plot, lambda x: distances_in_words(curves, frame.x_at(x), noun))

    def _paint_loss(self, painter: QPainter, area: QRectF) -> None:
        self._title(painter, area.top(), "Loss while training")
        curves, plot = self.loss_curves(), plot_in(area)
        self._paint_learning(painter, plot, curves, self._theme.forward, "", None)
        series = self._comparison.series
        unit = series[0].unit if series else ""
        self._let_read_updates(plot, [(one.step, one.loss) for one in series], nats, f"loss ({unit})")

    def _paint_accuracy(self, painter: QPainter, area: QRectF) -> None:
        live = self._answers_live()
        title = "Right answers while training" if live else "Right answers, on held-back text"
        self._title(painter, area.top(), title)
        curves, plot = self.accuracy_curves(), plot_in(area)
        self._paint_learning(painter, plot, curves, self._theme.right, " %", 1.0)
        series = self._comparison.series
        exact = [(one.step, one.accuracy) for one in series] if live else curves
        self._let_read_updates(plot, exact, lambda share: f"{percent(share)} %", "right answers")

    def _paint_learning(
        self,
        painter: QPainter,
        plot: QRectF,
        curves: Sequence[Curve],
        ink: str,
        unit: str,
        most: float | None,
    ) -> None:
        dropped = self._comparison.dropped if most is None else ()
        between = values_between(curves, dropped)
        last = max((float(x[-1]) for x, _ in curves if len(x)), default=0.0)
        if between is None or last <= 0:
            first = "Measured at the end of each epoch." if most else "Nothing was trained yet."
            self._say(painter, plot, first)
            return
        low, high = between
        if most is None:
            pad = 0.06 * (high - low) + 1e-6
            low, high = max(low - pad, 0.0), high + pad
        else:
            low, high = 0.0, max(most * min(1.0, 1.25 * high), 0.05)
        frame = Frame(plot, (0.0, last), (low, high))
        scale = 100.0 if unit else 1.0
        ticks = [
            (at, f"{at * scale:g}{unit}")
            for at in nice_ticks(low, high, min(max(int(plot.height() / TICK_ROOM), 1), 4))
        ]
        paint_axes(painter, frame, ticks, f"{math.ceil(last):,} updates", self._theme)
        paint_curves(painter, frame, curves, ink, self._theme)

    def _let_read(self, plot: QRectF, read: Reader) -> None:
        self._readable.append((plot.adjusted(-4, -8, 4, 4), read))

    def _let_read_updates(
        self,
        plot: QRectF,
        curves: Sequence[tuple[Numbers, Numbers]],
        worded: Callable[[float], str],
        what: str,
    ) -> None:
        last = max((float(x[-1]) for x, _ in curves if len(x)), default=0.0)
        frame = Frame(plot, (0.0, max(last, 1.0)), (0.0, 1.0))
        self._let_read(plot, lambda x: updates_in_words(curves, frame.x_at(x), worded, what))

    def _say(self, painter: QPainter, plot: QRectF, text: str) -> None:
        write(painter, text, MARGIN, plot.top() + 14, SMALL, self._theme.quiet)

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
