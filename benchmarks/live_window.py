"""A window that trains under a hand that moves its cursor, and the times of what is painted in it."""

import itertools
import time
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

from rnnviz.gui.window import MainWindow

CLICKS_EVERY = 3
"""So often the cursor is moved by a click instead."""


class LiveWindow(QObject):
    """A window that trains, with a hand that walks the cursor; collects the times of both.

    A frame is a tick of the clock in which something that had newly arrived was painted: a picture of the
    network, or newer numbers. What is painted again unchanged, or for a key, is none.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self.window = window
        self.frames: list[float] = []
        self.pictures: list[float] = []
        self.answers: list[float] = []
        self.pressed: float | None = None
        self.measuring = False
        self.from_step, self.began, self.cpu = 0, 0.0, 0.0
        self._hand = 0
        self._numbers = self._numbers_shown()
        self._counted = False  # this tick is a frame already
        self._picture_is_new = False
        window.score.painted.connect(self._on_painted)
        window.race.view.painted.connect(self._on_painted)
        window.session.frame_arrived.connect(self._on_arrived)
        for timer in window.session.clock.findChildren(QTimer):
            timer.installEventFilter(self)
        window.status_line.update_label.installEventFilter(self)
        window.status_line.loss_figure.installEventFilter(self)

    def _numbers_shown(self) -> tuple[object, ...]:
        line, race = self.window.status_line, self.window.race
        losses = tuple(lane.loss for lane in race.view.lanes) if race.is_shown else ()
        return line.update_label.text(), line.loss_figure.text(), *losses

    def _on_arrived(self) -> None:
        self._picture_is_new = True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """A tick of the clock begins, or a number is being painted."""
        if event.type() == QEvent.Type.Timer:
            self._counted = False
        elif event.type() == QEvent.Type.Paint:
            self._count_numbers(time.perf_counter())
        return False

    def _count_numbers(self, now: float) -> None:
        shown = self._numbers_shown()
        if shown != self._numbers:
            self._numbers = shown
            self._count_frame(now)

    def _count_frame(self, now: float) -> None:
        if self.measuring and not self._counted:
            self.frames.append(now)
        self._counted = True

    def _on_painted(self) -> None:
        """A picture of the network is finished, or only its numbers are."""
        now = time.perf_counter()
        self._count_numbers(now)
        if self._picture_is_new:
            self._picture_is_new = False
            self._count_frame(now)
            if self.measuring:
                self.pictures.append(now)
        if self.pressed is not None:
            self.answers.append(now - self.pressed)
            self.pressed = None

    def press(self) -> None:
        """Walk the cursor to the left, and from the beginning to the end; every third time with the mouse."""
        if self.pressed is not None or not self.measuring:
            return
        self._hand += 1
        window = self.window
        picture = window.race.view if window.race.is_shown else window.score
        step = window.cursor_model.state.time_step
        self.pressed = time.perf_counter()
        if self._hand % CLICKS_EVERY == 0 and step > 0:
            place = self._column(step - 1)
            for kind, held in (
                (QEvent.Type.MouseButtonPress, Qt.MouseButton.LeftButton),
                (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton),
            ):
                button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
                there = QPointF(picture.mapToGlobal(place))
                QApplication.postEvent(picture, QMouseEvent(kind, place, there, button, held, none))
            return
        key = Qt.Key.Key_Left if step > 0 else Qt.Key.Key_End
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.postEvent(picture, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier))

    def _column(self, step: int) -> QPointF:
        """A point in the column of a time step."""
        window = self.window
        if window.race.is_shown:
            lanes = window.race.view.sheet()
            assert lanes is not None
            return QPointF(lanes.axis.center(step), lanes.lanes[0].error.center().y())
        axis, rect = window.score.axis(), window.score.track_rect("error")
        assert axis is not None and rect is not None
        return QPointF(axis.center(step), rect.center().y())

    def begin(self) -> None:
        """From now on times count."""
        run = self.window.session.run
        assert run is not None
        self.from_step, self.began, self.cpu = run.experiment.step, time.perf_counter(), time.thread_time()
        self.measuring = True

    def result(self) -> dict[str, Any]:
        """What was measured since; milliseconds."""
        run = self.window.session.run
        assert run is not None
        took = time.perf_counter() - self.began
        cpu = time.thread_time() - self.cpu
        updates = run.experiment.step - self.from_step
        return {
            "tokens_per_s": updates * run.experiment.tokens_per_update / took,
            "frame_interval_ms": [1000 * (b - a) for a, b in itertools.pairwise(self.frames)],
            "picture_interval_ms": [1000 * (b - a) for a, b in itertools.pairwise(self.pictures)],
            "input_to_paint_ms": [1000 * a for a in self.answers],
            "cpu_share": cpu / took,
            "platform": QApplication.platformName(),
        }
