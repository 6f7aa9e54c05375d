"""A race on screen: words once, a strip for each lane, keys and mouse."""

import math
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QRegion, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT, Theme, color
from rnnviz.gui.views.headline import plain_text
from rnnviz.gui.views.lanes import LaneShown, race_headline
from rnnviz.gui.views.race_painting import (
    ERROR,
    RaceSheet,
    lane_context,
    lane_cursor,
    lay_out_race,
    numbers_end,
    numbers_of,
    numbers_rect,
    paint_race_figures,
    paint_race_ground,
    paint_race_moment,
    shared_scale,
)
from rnnviz.gui.views.score_painting import LABEL_WIDTH, axis_for, pixel_ratio_of
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import Context
from rnnviz.gui.views.tracks.lettering import TEXT, write
from rnnviz.gui.views.wording import one_in, quoted

EMPTY_TEXT = "The lanes have not been traced yet."


class RaceView(QWidget):
    """Told what to show; says what the user wants moved, and which lane opened."""

    moved = Signal(dict)  # cursor moves wanted, fields of CursorState
    hovered = Signal(str)  # the number under the mouse, "" for none
    lane_opened = Signal(int)
    painted = Signal(int)  # how many frames have been painted

    def __init__(self, parent: QWidget | None = None, theme: Theme = LIGHT) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(420, 320)
        self.setAccessibleName("Race: how far an error travels back in each of the networks")
        self.frames_painted = 0
        self._theme = theme
        self._lanes: tuple[LaneShown, ...] = ()
        self._cursor = CursorState()
        self._context = Context()
        self._scroll = 0.0
        self._ground: QPixmap | None = None
        self._ground_key: object = None

    # What to show.

    def show_moment(self, lanes: Sequence[LaneShown], cursor: CursorState) -> None:
        """Show the lanes under a cursor; none: say so."""
        before, moved = self._cursor, self._lanes == ()
        self._lanes, self._cursor = tuple(lanes), cursor
        if self._lanes:
            if moved or before.time_step != cursor.time_step:
                self._scroll = self._axis().revealing(cursor.time_step).scroll
            text = plain_text(race_headline(self._lanes, cursor))
            if text != self.accessibleDescription():
                self.setAccessibleDescription(text)
        self.update()

    def show_losses(self, losses: Sequence[float]) -> None:
        """Newer losses than the picture's: they come at every tick of the clock, traces do not."""
        sheet, before = self.sheet(), self._lanes
        if sheet is None:
            return
        self._lanes = tuple(
            replace(lane, loss=loss) if math.isfinite(loss) and not lane.failure else lane
            for lane, loss in zip(before, losses, strict=False)
        )
        for place, lane, former in zip(sheet.lanes, self._lanes, before, strict=True):
            if numbers_of(lane) != numbers_of(former):  # and nothing is left of a wider one
                both = [numbers_rect(place, one, self._cursor) for one in (former, lane)]
                self.update(both[0].united(both[1]).toAlignedRect())

    @property
    def lanes(self) -> tuple[LaneShown, ...]:
        """What is shown; none while nothing is."""
        return self._lanes

    @property
    def cursor_shown(self) -> CursorState:
        """The cursor that they are shown under."""
        return self._cursor

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self._theme = theme
        self.update()

    def set_training_window(self, steps: int | None) -> None:
        """How far back truncated BPTT reaches; what lies beyond is hatched."""
        self._context = replace(self._context, training_window=steps)
        self.update()

    def needs(self) -> frozenset[str]:
        """What a race draws every trace has."""
        return frozenset()

    def sheet(self) -> RaceSheet | None:
        """Where everything stands; None while nothing is shown."""
        if not self._lanes:
            return None
        return lay_out_race(self._lanes, QRectF(self.rect()), self._axis())

    def _axis(self) -> TimeAxis:
        trace, ratio = self._lanes[0].trace, self.devicePixelRatioF()
        return axis_for(trace, QRectF(self.rect()), ratio, 1.0, self._scroll)

    def sizeHint(self) -> QSize:
        """The size of the score in a window of 1280x720."""
        return QSize(712, 604)

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cached ground, and over it the present moment."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        sheet = self.sheet()
        if sheet is None:
            painter.fillRect(self.rect(), color(self._theme.ground))
            write(painter, EMPTY_TEXT, 16, 30, TEXT, self._theme.quiet)
        elif self._shows_numbers_alone(event.region(), sheet):
            painter.drawPixmap(0, 0, self._painted_ground(sheet))
            paint_race_figures(painter, sheet, self._lanes, self._cursor, self._theme)
        else:
            painter.drawPixmap(0, 0, self._painted_ground(sheet))
            paint_race_moment(painter, sheet, self._lanes, self._cursor, self._theme, self._context)
        painter.end()
        self.frames_painted += 1
        self.painted.emit(self.frames_painted)

    def _shows_numbers_alone(self, region: QRegion, sheet: RaceSheet) -> bool:
        """Whether nothing but the losses is to be painted anew, a fifth of the time of the whole."""
        end = numbers_end(sheet)
        for place in sheet.lanes:
            rect = numbers_rect(place, self._lanes[place.number], self._cursor)
            if not self._lanes[place.number].failure and rect.right() < end:
                rect.setRight(end)
                region = region.subtracted(QRegion(rect.toAlignedRect()))
        return region.isEmpty()

    def twin(self) -> "RaceView":
        """Another one that shows the same, and goes on to: for pictures."""
        twin = RaceView(theme=self._theme)
        twin.resize(self.size())
        twin._lanes, twin._cursor = self._lanes, self._cursor
        twin._context, twin._scroll = self._context, self._scroll
        return twin

    def paint_picture(self, painter: QPainter, area: QRectF, only: int | None = None) -> None:
        """The race as it stands, or one of its lanes on the same scale, into another place: for pictures."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(area, color(self._theme.ground))
        if not self._lanes:
            write(painter, EMPTY_TEXT, 16, 30, TEXT, self._theme.quiet)
            return
        axis = axis_for(self._lanes[0].trace, area, pixel_ratio_of(painter), 1.0, self._scroll)
        if only is None:
            sheet = lay_out_race(self._lanes, area, axis)
        else:  # as high as it is among the others
            room = QRectF(area.left(), area.top(), area.width(), self.height())
            sheet = lay_out_race(self._lanes, room, axis).alone(only)
        paint_race_ground(painter, sheet, self._lanes, self._cursor, self._theme, self._context)
        paint_race_moment(painter, sheet, self._lanes, self._cursor, self._theme, self._context)

    def _painted_ground(self, sheet: RaceSheet) -> QPixmap:
        trace, cursor = self._lanes[0].trace, self._cursor
        key = (
            sheet, self.size(), self.devicePixelRatioF(), self._theme.name, cursor.error_step, cursor.layer,
            shared_scale(self._lanes, cursor), self._context.training_window,
            trace.words.tobytes(), trace.target_words.tobytes(),
            tuple((lane.title, lane.failure) for lane in self._lanes),
        )  # fmt: skip
        if self._ground is None or key != self._ground_key:
            ratio = self.devicePixelRatioF()
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(color(self._theme.ground))
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_race_ground(painter, sheet, self._lanes, cursor, self._theme, self._context)
            painter.end()
            self._ground, self._ground_key = pixmap, key
        return self._ground

    # Keys and mouse.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor, change the scale, open a lane by its number; other keys are the window's."""
        if not self._lanes or not self._key(event.key(), event.modifiers()):
            super().keyPressEvent(event)

    def _key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        if modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return False
        cursor, last = self._cursor, self._lanes[0].trace.length - 1
        step = "error_step" if modifiers & Qt.KeyboardModifier.ShiftModifier else "time_step"
        here = getattr(cursor, step)
        goals = {
            Qt.Key.Key_Left: here - 1, Qt.Key.Key_Right: here + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last,
        }  # fmt: skip
        if key in goals:
            self.moved.emit({step: min(max(goals[Qt.Key(key)], 0), last)})
        elif key == Qt.Key.Key_L:
            self.moved.emit({"logarithmic": not cursor.logarithmic})
        elif Qt.Key.Key_1 <= key < Qt.Key.Key_1 + len(self._lanes):
            self.lane_opened.emit(key - int(Qt.Key.Key_1))
        else:
            return False
        return True

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll along the passage."""
        if self._lanes:
            turn = event.angleDelta().y() or event.angleDelta().x()
            axis = self._axis()
            self._scroll = axis.scrolled(-turn / 120 * max(axis.column_width, 40.0)).scroll
            self.update()
            event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a lane's name or figures opens it; in the columns it moves the cursor."""
        sheet, at = self.sheet(), event.position()
        if event.button() != Qt.MouseButton.LeftButton or sheet is None:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        place, step = sheet.lane_at(at.y()), sheet.axis.step_at(at.x())
        if place is not None and (at.x() < LABEL_WIDTH or self._lanes[place.number].failure):
            self.lane_opened.emit(place.number)
        elif step is not None:
            self.moved.emit({"time_step": step})

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click anywhere in a lane opens it."""
        sheet = self.sheet()
        place = sheet.lane_at(event.position().y()) if sheet else None
        if place is not None:
            self.lane_opened.emit(place.number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the number under the mouse."""
        at = event.position()
        sheet = self.sheet()
        place = sheet.lane_at(at.y()) if sheet else None
        named = place is not None and at.x() < LABEL_WIDTH
        self.setCursor(Qt.CursorShape.PointingHandCursor if named else Qt.CursorShape.ArrowCursor)
        self.hovered.emit(self.reading_at(at))

    def leaveEvent(self, event: QEvent) -> None:
        """No number is under the mouse any more."""
        self.hovered.emit("")

    def reading_at(self, at: QPointF) -> str:
        """What stands under a point, with its lane and unit."""
        sheet = self.sheet()
        place = sheet.lane_at(at.y()) if sheet else None
        if sheet is None or place is None:
            return ""
        lane = self._lanes[place.number]
        name = f"lane {place.number + 1}, {lane.title}"
        if at.x() < LABEL_WIDTH or lane.failure:
            return f"{name}: {lane.failure or 'click to look at it alone'}"
        cursor, step = lane_cursor(lane, self._cursor), sheet.axis.step_at(at.x())
        if step is None:
            return ""
        trace = lane.trace
        if place.probability.contains(at):
            if trace.targets[step] < 0:
                return f"{name}: no right answer is known after {quoted(trace, str(trace.words[step]))}"
            word = quoted(trace, str(trace.target_words[step]))
            return f"{name}: {word} gets {one_in(float(trace.target_prob[step]))}"
        if place.states.contains(at):
            units = trace.hidden.shape[2]
            top = place.states.top() + (3 if sheet.axis.roomy else 0)
            tall = place.states.height() - (6 if sheet.axis.roomy else 0)
            unit = int((at.y() - top) / max(tall, 1.0) * units)
            if not 0 <= unit < units:
                return name
            value = f"{float(trace.hidden[step + 1, cursor.layer, unit]):+.3f}".replace("-", "−")
            word = quoted(trace, str(trace.words[step]))
            return f"{name}: unit {unit + 1} of layer {cursor.layer + 1} after {word}: {value}"
        context = lane_context(self._context, shared_scale(self._lanes, self._cursor))
        reading = ERROR.reading(at, place.error, trace, cursor, sheet.axis, context)
        return f"{name}: {reading}" if reading else ""
