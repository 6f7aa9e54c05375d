"""The status line: what the training does, which moment is shown, and the figures of that moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from numpy.typing import ArrayLike
from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.history_slider import HistorySlider
from rnnviz.gui.controls.labels import ElidedLabel, label
from rnnviz.gui.theme import Theme

HEIGHT = 31
SAID_MS = 4000
"""For so long what has just been done is shown."""
_ROOM_FOR_CLIP, _ROOM_FOR_SPEED, _ROOM_FOR_VALIDATION = 1200, 960, 820
"""From which width of the window, in points, these figures are shown."""

RunState = Literal["empty", "loading", "ready", "training", "paused", "stopped"]

STATE_WORDS: dict[RunState, str] = {
    "empty": "no text", "loading": "loading…", "ready": "ready", "training": "training",
    "paused": "paused", "stopped": "stopped",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """The figures of the status line; None and NaN are shown as a dash or left out."""

    state: RunState = "empty"
    live_step: int = 0  # updates done so far
    step: int | None = None  # the update looked at; None is the live one
    loss: float | None = None  # nats per token
    valid_loss: float | None = None  # nats per token
    tokens_per_s: float | None = None
    unit: str = "words"  # what a token is, in the plural
    file_name: str = ""
    clip_factor: float | None = None  # by which the last gradient was shortened; 1 or None: it was not
    lane: int | None = None  # of a race: whose figures they are, from 1
    lane_title: str = ""  # "tanh RNN"


class StateDot(QWidget):
    """A dot whose form says it too: full while training, a ring when ready or paused, barred when stopped."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._state: RunState = "empty"
        self.setFixedSize(QSize(12, 12))

    def show_state(self, state: RunState) -> None:
        """Draw another state."""
        if state != self._state:
            self._state = state
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The dot."""
        theme = self._theme
        colour = {"training": theme.right, "stopped": theme.failure}.get(self._state, theme.quiet)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colour), 1.8))
        if self._state in ("training", "stopped"):
            painter.setBrush(QColor(colour))
        painter.drawEllipse(QPointF(6, 6), 4.2, 4.2)
        if self._state == "stopped":
            painter.setPen(QPen(QColor(theme.panel), 1.8))
            painter.drawLine(QPointF(3.8, 6), QPointF(8.2, 6))
        painter.end()


class StatusLine(QWidget):
    """Shows progress; the history slider in it asks for earlier moments."""

    history_moved = Signal(object)  # int: the update to look at; None: live again

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", "bottom")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Status line")
        self.dot = StateDot(theme)
        self.state_label = label("", bold=True)
        self.update_label = label("", "quiet")
        self.history = HistorySlider(theme)
        self.live_label = label("live", "right", bold=True)
        self.live_button = Button("", theme, role="bare", symbol="next", tip="Back to the live network")
        self.live_button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.loss_label, self.loss_figure = label("loss", "quiet"), label("", bold=True)
        self.valid_label, self.valid_figure = label("validation", "quiet"), label("", bold=True)
        self.answers_label = label("", "right", bold=True)
        self.clip_label = label("", "quiet")
        self.clip_label.setToolTip("The gradient was longer than the clip norm and was shortened to this")
        self.speed_label = label("")
        self.file_label = ElidedLabel()
        self.reading_label = ElidedLabel()
        self._live = QStackedWidget()
        self._figures, self._right_figures = QStackedWidget(), QWidget()
        self._progress = Progress()
        self._reading = ""
        self._lay_out()
        self.history.moved.connect(self._moved)
        self.live_button.clicked.connect(self._back_to_live)
        self.show_progress(self._progress)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(5)
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        row.addWidget(self.dot)
        row.addWidget(self.state_label)
        row.addSpacing(8)
        row.addWidget(self.update_label)
        row.addSpacing(4)
        row.addWidget(self.history, 3)
        for widget in (self.live_label, self.live_button):
            self._live.addWidget(widget)
        self._live.setFixedWidth(self.live_button.fontMetrics().horizontalAdvance("live 000,000") + 26)
        row.addWidget(self._live)
        row.addWidget(self.loss_label)
        row.addWidget(self.loss_figure)
        row.addSpacing(6)
        # The reading takes the place of what follows, and nothing beside it moves.
        right = QHBoxLayout(self._right_figures)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(10)
        valid = QHBoxLayout()
        valid.setSpacing(5)
        valid.addWidget(self.valid_label)
        valid.addWidget(self.valid_figure)
        right.addLayout(valid)
        right.addWidget(self.answers_label)
        right.addWidget(self.speed_label)
        right.addWidget(self.clip_label)
        right.addWidget(self.file_label, 1)
        self._figures.addWidget(self._right_figures)
        self._figures.addWidget(self.reading_label)
        self._figures.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self._figures, 3)
        self._reserve(self.state_label, "training", "loading…", "stopped")
        self._reserve(self.update_label, "update 00,000")
        self._reserve(self.loss_figure, "00.00")
        for figure in (self.update_label, self.loss_figure):
            figure.setFixedSize(figure.minimumWidth(), figure.sizeHint().height())
        self._reserve(self.valid_figure, "00.00")
        self._reserve(self.speed_label, "000,000 words/s")
        self.file_label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @staticmethod
    def _reserve(widget: QLabel, *texts: str) -> None:
        # So that nothing moves while figures change.
        widget.setMinimumWidth(max(widget.fontMetrics().horizontalAdvance(text) for text in texts) + 2)

    @staticmethod
    def _set_figure(figure: QLabel, text: str) -> None:
        """Set what changes at every tick. Of a label without a fixed size Qt lays the window out anew."""
        if text != figure.text():
            wide = figure.fontMetrics().horizontalAdvance(text) + 2
            if wide > figure.width():
                figure.setFixedWidth(wide)
            figure.setText(text)

    def show_progress(self, progress: Progress) -> None:
        """Show the figures of a moment. Cheap when little has changed; meant for every tick of the clock."""
        self._progress = progress
        self.dot.show_state(progress.state)
        self.state_label.setText(STATE_WORDS[progress.state])
        looking_back = progress.step is not None and progress.step != progress.live_step
        shown = progress.step if looking_back else progress.live_step
        self._set_figure(self.update_label, f"update {shown:,}")
        self._live.setCurrentWidget(self.live_button if looking_back else self.live_label)
        self.live_button.setText(f"live {progress.live_step:,}")
        self.live_button.setAccessibleName(f"Back to live, update {progress.live_step:,}")
        self._name_lane(progress.lane, progress.lane_title)
        self._set_figure(self.loss_figure, _figure(progress.loss))
        self.valid_figure.setText(_figure(progress.valid_loss))
        clip = progress.clip_factor
        self.clip_label.setText(f"clipped to {_percent(clip)}" if clip is not None and clip < 1 else "")
        speed = progress.tokens_per_s
        self.speed_label.setText(
            f"{speed:,.0f} {progress.unit}/s" if speed is not None and isfinite(speed) else ""
        )
        self._show_file_or_reading()
        self._make_room()
        if progress.step != self.history.step:
            self.history.show_step(progress.step)

    def _name_lane(self, lane: int | None, title: str) -> None:
        """Say whose figures they are, where several networks learn."""
        said = "loss" if lane is None else f"lane {lane} loss"
        if said != self.loss_label.text():
            self.loss_label.setText(said)
        tip = "" if lane is None else f"Loss, validation and curve of lane {lane}, {title}".removesuffix(", ")
        for widget in (self.loss_label, self.loss_figure, self.valid_label, self.valid_figure):
            widget.setToolTip(tip)

    def show_numbers(self, live_step: int, loss: float) -> None:
        """Show how far the live network is, and its loss, at once; so is all that waits to be painted.

        Painted with the next picture they would wait for it. Where `loss` is NaN the one of before stands.
        """
        self._set_figure(self.update_label, f"update {live_step:,}")
        if isfinite(loss):
            self._set_figure(self.loss_figure, _figure(loss))
        self.update_label.repaint()

    def show_history(self, moments: Sequence[int], live_step: int) -> None:
        """The updates that can be looked at, rising, and the live one."""
        self.history.show_moments(moments, live_step)

    def show_curve(self, steps: ArrayLike, losses: ArrayLike) -> None:
        """The loss of each update, (N,) and (N,): the groove of the history slider."""
        self.history.show_curve(steps, losses)

    def show_answers(self, text: str) -> None:
        """Say how many right answers there were before something was changed, and are now; "" for nothing."""
        self.answers_label.setText(text)
        self._make_room()

    def show_reading(self, reading: str) -> None:
        """Show the number under the mouse in place of the file name; "" brings the file name back."""
        self._reading = reading
        self._show_file_or_reading()

    def say(self, text: str) -> None:
        """Show what has just been done in the same place, for a while unless the mouse reads a number."""
        self.show_reading(text)
        QTimer.singleShot(SAID_MS, self, lambda: self.show_reading("") if self._reading == text else None)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self.dot.set_theme(theme)
        self.history.set_theme(theme)
        self.live_button.set_theme(theme)

    def minimumSizeHint(self) -> QSize:
        """Narrow: validation, speed and clip note give way first."""
        return QSize(520, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Drop the least important figures where there is no room."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        width = self.width()
        self.clip_label.setVisible(width >= _ROOM_FOR_CLIP and bool(self.clip_label.text()))
        compares = bool(self.answers_label.text())
        self.answers_label.setVisible(compares)
        self.speed_label.setVisible(width >= _ROOM_FOR_SPEED and not compares)
        for widget in (self.valid_label, self.valid_figure):
            widget.setVisible(width >= _ROOM_FOR_VALIDATION)

    def _show_file_or_reading(self) -> None:
        self.file_label.set_whole(self._progress.file_name)
        self.reading_label.set_whole(self._reading)
        self._figures.setCurrentWidget(self.reading_label if self._reading else self._right_figures)

    def _moved(self, step: int | None) -> None:
        self.history_moved.emit(step)

    def _back_to_live(self) -> None:
        self.history.show_step(None)
        self.history_moved.emit(None)


def _figure(value: float | None) -> str:
    return f"{value:.2f}" if value is not None and isfinite(value) else "–"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "under 1 %"
