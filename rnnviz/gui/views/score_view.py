"""The score as a picture on screen: layout, caches, painting. What hands do with it is in score.py."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT, Theme, color
from rnnviz.gui.views.arrangement import Arrangement
from rnnviz.gui.views.ghost import Ghost
from rnnviz.gui.views.headline import plain_text
from rnnviz.gui.views.score_painting import (
    Sheet,
    axis_for,
    lay_out,
    paint_ground,
    paint_moment,
    pixel_ratio_of,
    repaint_ground,
    sentence,
)
from rnnviz.gui.views.slow_motion import stage_of
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import TRACKS, Context, Track
from rnnviz.gui.views.tracks.lettering import TEXT, write
from rnnviz.gui.views.tracks.order import unit_order
from rnnviz.probes import Trace, UpdateRecord

EMPTY_TEXT = "Nothing is watched yet: open a text, or type a passage in the Ask line below."


class ScoreView(QWidget):
    """Headline and tracks as a picture: told what to show, lays it out, paints it, keeps what can be kept."""

    moved = Signal(dict)  # cursor moves wanted, fields of CursorState
    hovered = Signal(object)  # Reading | None
    wished = Signal(object)  # Wish: something to hold, to let go or to swap
    arrangement_changed = Signal()
    painted = Signal(int)  # how many frames have been painted

    def __init__(
        self, parent: QWidget | None = None, theme: Theme = LIGHT, tracks: Sequence[Track] = TRACKS
    ) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(420, 320)
        self.setAccessibleName("Score: what the network reads, predicts and how its error travels back")
        self.frames_painted = 0
        self._tracks = tuple(tracks)
        self._theme = theme
        self._trace: Trace | None = None
        self._cursor = CursorState()
        self._context = Context()
        self._arrangement = Arrangement()
        self._zoom, self._scroll = 1.0, 0.0
        self._sheet: Sheet | None = None
        self._sheet_key: object = None
        self._ground: QPixmap | None = None
        self._ground_key: object = None
        self._labels: dict[str, object] = {}  # of the tracks, as they stand on the ground
        self._order_key: object = None
        self._mouse: QPointF | None = None
        self._focus_shown = False

    # What to show.

    def show_moment(self, trace: Trace | None, cursor: CursorState) -> None:
        """Show a trace under a cursor; the passage may be another one than before."""
        before, self._trace = self._trace, trace
        cursor_before, self._cursor = self._cursor, cursor
        if trace is None:
            self._sheet = None
            self.update()
            return
        new_passage = before is None or not np.array_equal(before.words, trace.words)
        if new_passage:
            self._zoom, self._scroll = 1.0, 0.0
        self._cursor = replace(
            cursor,
            time_step=min(cursor.time_step, trace.length - 1),
            error_step=min(cursor.error_step, trace.length - 1),
            layer=min(cursor.layer, trace.layers - 1),
        )
        if trace is before and self._cursor == cursor_before:
            return
        self._sort_units(trace, new_passage)
        if new_passage or cursor.time_step != cursor_before.time_step:
            self._adopt(self._axis(trace).revealing(self._cursor.time_step))
        stage = stage_of(self._context.update_record, self._cursor)
        if stage is not None and cursor.phase != cursor_before.phase:
            self._adopt(stage.scrolled(self._axis(trace)))
        self._describe(trace)
        if self._mouse is not None:
            self._read(self._mouse)
        self.update()

    def _describe(self, trace: Trace) -> None:
        """For those who hear the picture: its headline."""
        text = plain_text(sentence(trace, self._cursor, self._context))
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    @property
    def trace(self) -> Trace | None:
        """What is shown; None while nothing is."""
        return self._trace

    @property
    def cursor_shown(self) -> CursorState:
        """The cursor that it is shown under."""
        return self._cursor

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self._theme = theme
        self.update()

    def set_training_window(self, steps: int | None) -> None:
        """How far back truncated BPTT reaches; what lies beyond is hatched. None: not known."""
        self._context = replace(self._context, training_window=steps)
        self.update()

    def set_update_record(self, record: UpdateRecord | None) -> None:
        """The update that slow motion shows, or None outside it; `cursor.phase` says how far it has come."""
        if record is not self._context.update_record:
            self._context = replace(self._context, update_record=record)
            self.update()

    def set_ghost(self, ghost: Ghost | None) -> None:
        """The picture before something was changed, drawn as an outline; None without."""
        if ghost is not self._context.ghost:
            self._context = replace(self._context, ghost=ghost)
            if self._trace is not None:
                self._describe(self._trace)
            self.update()

    def needs(self) -> frozenset[str]:
        """The optional fields of a Trace that the open tracks draw."""
        shown = [track for track in self._tracks if track.name not in self._arrangement.folded]
        return frozenset().union(*(track.needs for track in shown))

    def arrangement(self) -> dict[str, Any]:
        """Order, folding and heights of the tracks, for the preferences."""
        return self._arrangement.to_dict()

    def set_arrangement(self, saved: dict[str, Any]) -> None:
        """Take up what `arrangement` gave."""
        self._set_arrangement(Arrangement.from_dict(saved))

    def fold(self, name: str, folded: bool = True) -> None:
        """Fold or unfold a track."""
        if (name in self._arrangement.folded) != folded:
            self._set_arrangement(self._arrangement.toggled(name, not folded))

    def axis(self) -> TimeAxis | None:
        """The time axis as painted last; None while nothing is shown."""
        sheet = self.sheet()
        return None if sheet is None else sheet.axis

    def track_rect(self, name: str) -> QRectF | None:
        """Where a track stands."""
        sheet = self.sheet()
        found = [one.rect for one in sheet.placed if one.track.name == name] if sheet else []
        return found[0] if found else None

    def sizeHint(self) -> QSize:
        """The size of the score in a window of 1280x720."""
        return QSize(712, 604)

    # Layout.

    def _set_arrangement(self, arrangement: Arrangement) -> None:
        self._arrangement = arrangement
        self.update()
        self.arrangement_changed.emit()

    def _area(self) -> QRectF:
        return QRectF(self.rect())

    def _axis(self, trace: Trace) -> TimeAxis:
        return axis_for(trace, self._area(), self.devicePixelRatioF(), self._zoom, self._scroll)

    def _adopt(self, axis: TimeAxis) -> None:
        self._zoom, self._scroll = axis.zoom, axis.scroll
        self.update()

    def sheet(self) -> Sheet | None:
        """The score laid out for the present size, made anew only when something of it changed."""
        trace = self._trace
        if trace is None:
            return None
        axis = self._axis(trace)
        key = (axis, self.size(), self._arrangement, trace.layers, trace.cell_name)
        if self._sheet is None or key != self._sheet_key:
            self._sheet = lay_out(trace, self._area(), axis, self._tracks, self._arrangement)
            self._sheet_key = key
        return self._sheet

    def _sort_units(self, trace: Trace, new_passage: bool) -> None:
        """Sort the units when asked to, not at every frame: a picture that jumps cannot be read."""
        key = (self._cursor.unit_order, self._cursor.layer, trace.generation, trace.hidden.shape)
        if not new_passage and key == self._order_key:
            return
        self._order_key = key
        order: NDArray[np.intp] | None = None
        if self._cursor.unit_order != "network":
            order = unit_order(trace, self._cursor.layer, self._cursor.unit_order)
        self._context = replace(self._context, unit_order=order)

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cached ground, and over it the present moment."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        sheet, trace = self.sheet(), self._trace
        if sheet is None or trace is None:
            painter.fillRect(self.rect(), color(self._theme.ground))
            write(painter, EMPTY_TEXT, 16, 30, TEXT, self._theme.quiet)
        else:
            painter.drawPixmap(0, 0, self._painted_ground(sheet, trace))
            paint_moment(painter, self._area(), sheet, trace, self._cursor, self._theme, self._context)
        if self.hasFocus() and self._focus_shown:
            self._paint_focus(painter)
        painter.end()
        self.frames_painted += 1
        self.painted.emit(self.frames_painted)

    def twin(self) -> "ScoreView":
        """Another one that shows the same, and goes on to: for pictures."""
        twin = ScoreView(theme=self._theme, tracks=self._tracks)
        twin._trace, twin._cursor, twin._context = self._trace, self._cursor, self._context
        twin._arrangement, twin._zoom, twin._scroll = self._arrangement, self._zoom, self._scroll
        return twin

    def paint_picture(self, painter: QPainter, area: QRectF, tracks: Sequence[Track] | None = None) -> None:
        """The score as it stands, or some of its tracks unfolded, into another place: for pictures."""
        trace = self._trace
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(area, color(self._theme.ground))
        if trace is None:
            write(painter, EMPTY_TEXT, 16, 30, TEXT, self._theme.quiet)
            return
        axis = axis_for(trace, area, pixel_ratio_of(painter), self._zoom, self._scroll)
        arrangement = self._arrangement if tracks is None else Arrangement()
        sheet = lay_out(trace, area, axis, tracks or self._tracks, arrangement)
        paint_ground(painter, area, sheet, trace, self._cursor, self._theme, self._context)
        paint_moment(painter, area, sheet, trace, self._cursor, self._theme, self._context)

    def _paint_focus(self, painter: QPainter) -> None:
        """A thin frame: four filled strips, since stroking a rectangle of this size costs a millisecond."""
        width, height, ink = self.width(), self.height(), color(self._theme.quiet)
        for y in (0, height - 1):
            painter.fillRect(QRectF(0, y, width, 1), ink)
        for x in (0, width - 1):
            painter.fillRect(QRectF(x, 0, 1, height), ink)

    def _painted_ground(self, sheet: Sheet, trace: Trace) -> QPixmap:
        """What stays while the network learns; where a track's label or scale has changed, that track anew.

        A scale changes in up to every other frame: with 27 characters 0.9 ms each time instead of 4.
        """
        labels = {
            one.track.name: one.track.label_key(trace, self._cursor, self._context)
            for one in sheet.placed
            if not one.folded
        }
        key = (
            self._sheet_key, self._theme.name, trace.words.tobytes(), trace.target_words.tobytes(),
            trace.vocabulary_size, trace.hidden.shape, trace.cell_name, trace.activation,
            self._context.training_window, self.devicePixelRatioF(),
        )  # fmt: skip
        before, self._labels = self._labels, labels
        if self._ground is None or key != self._ground_key:
            ratio = self.devicePixelRatioF()
            self._ground, self._ground_key = QPixmap(self.size() * ratio), key
            self._ground.setDevicePixelRatio(ratio)
            self._ground.fill(color(self._theme.ground))
            stale = None
        else:
            stale = {name for name in labels if labels[name] != before.get(name)}
            if not stale:
                return self._ground
        painter = QPainter(self._ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = trace, self._cursor, self._theme, self._context
        if stale is None:
            paint_ground(painter, self._area(), sheet, *shown)
        else:
            repaint_ground(painter, sheet, stale, *shown)
        painter.end()
        return self._ground

    def _read(self, pos: QPointF) -> None:
        """Say what is under the mouse; the moment below it may have changed."""
        sheet, trace = self.sheet(), self._trace
        placed = sheet.at(pos.y()) if sheet else None
        if sheet is None or trace is None or placed is None or placed.folded:
            self.hovered.emit(None)
            return
        reading = placed.track.reading(pos, placed.rect, trace, self._cursor, sheet.axis, self._context)
        self.hovered.emit(reading)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the step looked at in sight."""
        if self._trace is not None:
            self._adopt(self._axis(self._trace).revealing(self._cursor.time_step))
