"""The heart of the window: one time axis, and under each other the tracks that share it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from rnnviz.gui.theme import LIGHT, Theme
from rnnviz.gui.views.arrangement import Arrangement, Placed
from rnnviz.gui.views.score_painting import (
    LABEL_WIDTH,
)
from rnnviz.gui.views.score_view import ScoreView
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import TRACKS, Track
from rnnviz.gui.views.tracks.holds import dragged_value, own_layer
from rnnviz.gui.views.tracks.track import Grip
from rnnviz.gui.views.wishes import GiveUpWish, HoldWish, LetGoWish, Offer
from rnnviz.probes import Trace

ZOOM_STEP = 1.25
GRIP = 4.0
"""Points around a separator within which it can be dragged."""
DRAG_FROM = 6.0
"""Points after which a press on a title is a drag and no click."""


@dataclass(slots=True)
class _Drag:
    """What the pressed mouse is doing."""

    kind: str  # "columns", "border", "title", "strip", "valve"
    placed: Placed | None
    start: QPointF
    moved: bool = False
    grip: Grip | None = None  # of a valve
    everywhere: bool = False  # with Shift: the valves of all words


class Score(ScoreView):
    """The score under keys and mouse: says what the user wants moved, folds and drags its tracks."""

    menu_made = Signal(QMenu, str)  # before it opens, and the track it is for; "" for all of them

    def __init__(
        self, parent: QWidget | None = None, theme: Theme = LIGHT, tracks: Sequence[Track] = TRACKS
    ) -> None:
        super().__init__(parent, theme, tracks)
        self._drag: _Drag | None = None

    # Keys.

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The score has the focus from the start; a frame shows it only to those who walk by keyboard."""
        self._focus_shown = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The frame goes with the focus."""
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor, change scale or zoom; other keys are left to the window."""
        if self._trace is None or not self._key(event.key(), event.modifiers()):
            super().keyPressEvent(event)

    def _key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Do what a key asks for; False leaves it to the window."""
        cursor, trace = self._cursor, self._trace
        assert trace is not None
        if modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return False
        if key == Qt.Key.Key_Escape and self._context.dragged is not None:
            self._let_go()
            self._drag = None
            self.wished.emit(GiveUpWish())
            return True
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        step = "error_step" if shift else "time_step"
        here, last = (cursor.error_step if shift else cursor.time_step), trace.length - 1
        goals = {
            Qt.Key.Key_Left: here - 1,
            Qt.Key.Key_Right: here + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if key in goals:
            self.moved.emit({step: min(max(goals[Qt.Key(key)], 0), last)})
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            layer = cursor.layer + (1 if key == Qt.Key.Key_Down else -1)
            self.moved.emit({"layer": min(max(layer, 0), trace.layers - 1)})
        elif key == Qt.Key.Key_L:
            self.moved.emit({"logarithmic": not cursor.logarithmic})
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._adopt(self._zoomed(trace, ZOOM_STEP))
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self._adopt(self._zoomed(trace, 1 / ZOOM_STEP))
        elif key == Qt.Key.Key_0:
            self._adopt(replace(self._axis(trace), zoom=1.0).revealing(cursor.time_step))
        else:
            return False
        return True

    def _zoomed(self, trace: Trace, by: float) -> TimeAxis:
        axis = self._axis(trace)
        return axis.zoomed(by, axis.center(self._cursor.time_step) if self._in_sight(axis) else None)

    def _in_sight(self, axis: TimeAxis) -> bool:
        return self._cursor.time_step in axis.visible

    # Mouse.

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl zoom around the mouse."""
        if self._trace is None:
            return
        turn = event.angleDelta().y() or event.angleDelta().x()
        axis = self._axis(self._trace)
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._adopt(axis.zoomed(ZOOM_STEP ** (turn / 120), event.position().x()))
        else:
            self._adopt(axis.scrolled(-turn / 120 * max(axis.column_width, 40.0)))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Click into a track, or take hold of a title, a border or the overview."""
        if event.button() != Qt.MouseButton.LeftButton or self.sheet() is None:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._drag = self._grabbed(event.position())
        self._drag.everywhere = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self._drag.kind == "columns":
            self._click(event.position())
        elif self._drag.kind == "strip":
            self._scroll_strip(event.position())

    def _grabbed(self, pos: QPointF) -> _Drag:
        sheet = self.sheet()
        assert sheet is not None
        if sheet.strip is not None and sheet.strip.adjusted(-4, -2, 4, 2).contains(pos):
            return _Drag("strip", None, pos)
        border = self._border_at(pos)
        if border is not None:
            return _Drag("border", border, pos)
        placed = sheet.at(pos.y())
        grip = self._grip_at(pos)
        if grip is not None:
            return _Drag("valve", placed, pos, grip=grip)
        titled = placed is not None and pos.x() < LABEL_WIDTH - 30 and pos.y() < placed.rect.top() + 22
        return _Drag("title" if titled else "columns", placed, pos)

    def _border_at(self, pos: QPointF) -> Placed | None:
        """The track whose lower border is under the mouse, in the label column."""
        sheet = self.sheet()
        if sheet is None or pos.x() > LABEL_WIDTH - 30:
            return None
        near = [
            one for one in sheet.placed[:-1] if abs(one.rect.bottom() - pos.y()) <= GRIP and not one.folded
        ]
        return near[0] if near else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the number under the mouse, or go on with a drag."""
        pos = event.position()
        self._mouse = pos
        drag = self._drag
        if drag is None:
            if self._border_at(pos) is not None:
                self.setCursor(Qt.CursorShape.SplitVCursor)
            else:
                over_valve = self._grip_at(pos) is not None
                self.setCursor(Qt.CursorShape.SizeVerCursor if over_valve else Qt.CursorShape.ArrowCursor)
            self._read(pos)
            return
        drag.moved = drag.moved or (pos - drag.start).manhattanLength() > DRAG_FROM
        if drag.kind == "strip":
            self._scroll_strip(pos)
        elif drag.kind == "valve":
            self._drag_valve(pos, drag)
        elif drag.kind == "columns":
            self._drag_column(pos, drag)
        elif drag.kind == "border" and drag.placed is not None:
            name, top = drag.placed.track.name, drag.placed.rect.top()
            least = (
                drag.placed.track.height(self._trace, self._axis(self._trace)).minimum if self._trace else 20
            )
            self._set_arrangement(self._arrangement.resized(name, max(pos.y() - top, least)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag; a click on a title folds its track."""
        drag, self._drag = self._drag, None
        if drag is not None and drag.kind == "valve":
            self._drop_valve(drag, event.position())
        if drag is None or drag.kind != "title" or drag.placed is None:
            return
        name = drag.placed.track.name
        if not drag.moved:
            self._set_arrangement(self._arrangement.toggled(name, drag.placed.folded))
            return
        sheet = self.sheet()
        over = sheet.at(event.position().y()) if sheet else None
        if over is not None and sheet is not None:
            names = [one.track.name for one in sheet.placed]
            self._move_track(name, names.index(over.track.name) - names.index(name))

    # Valves.

    def _grip_at(self, pos: QPointF) -> Grip | None:
        """The valve under the mouse; none in slow motion, which shows an update that is over."""
        sheet, trace = self.sheet(), self._trace
        placed = sheet.at(pos.y()) if sheet else None
        if sheet is None or trace is None or placed is None or placed.folded:
            return None
        if self._context.update_record is not None:
            return None
        return placed.track.grip(pos, placed.rect, trace, self._cursor, sheet.axis)

    def _drag_valve(self, pos: QPointF, drag: _Drag) -> None:
        """Hold the valve where the mouse has it, again and again: the picture follows."""
        grip, trace = drag.grip, self._trace
        if grip is None or trace is None or not drag.moved:
            return
        value = dragged_value(grip, drag.start.y() - pos.y())
        step = None if drag.everywhere else grip.step
        wish = HoldWish(grip.gate, value, step, own_layer(trace, grip.layer), settled=False)
        if wish != self._context.dragged:
            self._context = replace(self._context, dragged=wish, dragged_at=grip.step)
            self.wished.emit(wish)
            self.update()

    def _drop_valve(self, drag: _Drag, pos: QPointF) -> None:
        """The valve stays where it is let go of; a press that did not move it is a click."""
        if not drag.moved:
            self._click(pos)
            return
        self._drag_valve(pos, drag)
        wish = self._context.dragged
        self._let_go()
        if wish is not None:
            self.wished.emit(replace(wish, settled=True))

    def _let_go(self) -> None:
        self._context = replace(self._context, dragged=None, dragged_at=None)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A valve that is held is let go; anywhere else it is a second click."""
        grip, trace = self._grip_at(event.position()), self._trace
        if grip is None or trace is None or event.button() != Qt.MouseButton.LeftButton:
            self.mousePressEvent(event)
        elif grip.held:
            self.wished.emit(LetGoWish(grip.gate, grip.step, own_layer(trace, grip.layer)))

    # The menu.

    def _offers_at(self, pos: QPointF) -> tuple[Offer, ...]:
        """What can be changed at a point."""
        sheet, trace = self.sheet(), self._trace
        placed = sheet.at(pos.y()) if sheet else None
        if sheet is None or trace is None or placed is None or placed.folded:
            return ()
        if self._context.update_record is not None:
            return ()
        return placed.track.offers(pos, placed.rect, trace, self._cursor, sheet.axis, self._context)

    def _offers_at_cursor(self) -> tuple[Offer, ...]:
        """The same for those who point with the keys: at the step of the cursor."""
        sheet, trace = self.sheet(), self._trace
        if sheet is None or trace is None or self._cursor.time_step not in sheet.axis.visible:
            return ()
        x = sheet.axis.center(self._cursor.time_step)
        found = (self._offers_at(QPointF(x, one.rect.top() + 1)) for one in sheet.placed)
        return tuple(offer for offers in found for offer in offers)

    def _move_track(self, name: str, by: int) -> None:
        """Some places further down (or up, when negative)."""
        sheet = self.sheet()
        if sheet is not None:
            shown = [one.track.name for one in sheet.placed]
            self._set_arrangement(self._arrangement.moved(name, by, self._tracks, shown))

    def leaveEvent(self, event: QEvent) -> None:
        """No number is under the mouse any more."""
        self._mouse = None
        self.hovered.emit(None)

    def _scroll_strip(self, pos: QPointF) -> None:
        sheet = self.sheet()
        if sheet is None or sheet.strip is None:
            return
        part = (pos.x() - sheet.strip.left()) / sheet.strip.width()
        axis = sheet.axis
        self._adopt(replace(axis, scroll=part * axis.total - axis.width / 2).settled())

    def _click(self, pos: QPointF) -> None:
        sheet, trace = self.sheet(), self._trace
        placed = sheet.at(pos.y()) if sheet else None
        if sheet is None or trace is None or placed is None or placed.folded:
            return
        move = placed.track.click(pos, placed.rect, trace, self._cursor, sheet.axis)
        if move:
            self.moved.emit(move)

    def _drag_column(self, pos: QPointF, drag: _Drag) -> None:
        """Dragging over the columns moves the cursor along."""
        sheet = self.sheet()
        if sheet is None or not drag.moved or drag.start.x() < sheet.axis.left:
            return
        step = sheet.axis.nearest_step(pos.x())
        if step != self._cursor.time_step:
            self.moved.emit({"time_step": step})

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Change what is under the mouse, fold and move its track; by the menu key what is at the cursor."""
        by_keys = event.reason() is QContextMenuEvent.Reason.Keyboard
        menu = self.menu_at(None if by_keys else QPointF(event.pos()))
        if menu is not None:
            menu.exec(event.globalPos())
            menu.deleteLater()

    def menu_at(self, pos: QPointF | None) -> QMenu | None:
        """The menu at a point, or by the keyboard: what can be changed there, then what the tracks can do."""
        sheet = self.sheet()
        menu = self.tracks_menu(None if pos is None else pos.y())
        offers = self._offers_at_cursor() if pos is None else self._offers_at(pos)
        if menu is None or sheet is None:
            return menu
        placed = sheet.at(pos.y()) if pos is not None else None
        self.menu_made.emit(menu, placed.track.name if placed is not None else "")
        if not offers:
            return menu
        first = menu.actions()[0]
        for offer in offers:
            action = QAction(offer.text.replace("&", "&&"), menu)
            action.triggered.connect(lambda _=False, wish=offer.wish: self.wished.emit(wish))
            menu.insertAction(first, action)
        menu.insertSeparator(first)
        return menu

    def tracks_menu(self, y: float | None) -> QMenu | None:
        """The menu of the track at a height, or of every track below each other; None where there is none."""
        sheet = self.sheet()
        placed = sheet.placed if sheet is not None else ()
        if sheet is not None and y is not None:
            placed = tuple(one for one in (sheet.at(y),) if one is not None)
        if not placed:
            return None
        menu = QMenu(self)
        for one in placed:
            into = menu if y is not None else menu.addMenu(one.track.title)
            self._add_track_actions(into, one)
        menu.addSeparator()
        menu.addAction("All tracks as at first").triggered.connect(
            lambda: self._set_arrangement(Arrangement())
        )
        return menu

    def _add_track_actions(self, menu: QMenu, placed: Placed) -> None:
        name = placed.track.name
        fold = menu.addAction("Unfold" if placed.folded else "Fold")
        fold.triggered.connect(lambda: self._set_arrangement(self._arrangement.toggled(name, placed.folded)))
        for text, by in (("Move up", -1), ("Move down", 1)):
            menu.addAction(text).triggered.connect(lambda _=False, by=by: self._move_track(name, by))
