"""Slow motion as the window runs it: one real update is asked for, recorded, and shown by its phase."""

from PySide6.QtCore import QObject, Signal

from rnnviz.gui.controls import SlowMotionBar
from rnnviz.gui.cursor import Cursor, CursorState
from rnnviz.gui.session import Session
from rnnviz.gui.views.slow_motion import shown_trace
from rnnviz.probes import Trace, UpdateRecord


class SlowMotionShow(QObject):
    """Holds the record while it is shown, and puts the cursor back afterwards."""

    began = Signal()
    ended = Signal()

    def __init__(self, session: Session, cursor: Cursor, bar: SlowMotionBar, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._cursor, self._bar = session, cursor, bar
        self.record: UpdateRecord | None = None
        self._is_awaited = False  # an update was asked for, and nobody has turned to something else since
        self._cursor_before = CursorState()
        session.update_recorded.connect(self._begin)
        bar.phase_changed.connect(lambda phase: cursor.move(phase=phase))
        bar.closed.connect(self.leave)
        bar.hide()

    @property
    def shown_record(self) -> UpdateRecord | None:
        """The record if it is on show now."""
        return self.record if self._cursor.state.phase is not None else None

    def beside(self, trace: Trace | None) -> Trace | None:
        """What the inspector shows beside the score."""
        record = self.shown_record
        return trace if record is None else shown_trace(record, self._cursor.state)

    def show(self, on: bool = True) -> None:
        """Make one update and show it step by step, or go back to the score."""
        if not on:
            self.leave()
            return
        self._is_awaited = True
        self._session.pause()
        self._session.show_live()
        self._session.record_update()

    def _begin(self, record: UpdateRecord) -> None:
        if not self._is_awaited:
            return
        self._is_awaited = False
        if self.record is None:
            self._cursor_before = self._cursor.state
        self.record = record
        self._bar.show_phase(0.0)
        self._bar.show()
        self.began.emit()
        self._cursor.move(phase=0.0)
        self._bar.play()

    def leave(self) -> None:
        """Back to the watched passage; an update that was asked for and comes later is not shown."""
        self._is_awaited = False
        if self.record is None:
            return
        self.record = None
        self._bar.hide()
        back = self._cursor_before
        self._cursor.move(phase=None)
        self._cursor.move(time_step=back.time_step, error_step=back.error_step, pinned=back.pinned)
        self.ended.emit()
