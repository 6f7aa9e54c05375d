"""Slow motion: one real update as seven steps on a slider, played or scrubbed."""

from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.fields import Choice
from rnnviz.gui.controls.labels import ElidedLabel, label
from rnnviz.gui.controls.slider import Slider
from rnnviz.gui.theme import SIZE_SMALL, Theme, font


@dataclass(frozen=True, slots=True)
class Phase:
    """One of the seven steps of an update."""

    name: str
    sentence: str


PHASES = (
    Phase("read", "The words of the passage drop in, one at each time step."),
    Phase("remember", "Each state is made from its word and from the state before it."),
    Phase("predict", "From each state the network says how likely every word is to come next."),
    Phase("compare", "What it said, less what was right, is the error."),
    Phase("send back", "The error walks back through time: first through f′, then through the weights."),
    Phase("collect", "Every time step sends its share to the one matrix that all of them use."),
    Phase("adjust", "The weights move a little, and the new prediction stands before the old."),
)
"""Phase p of slow motion, in [0, 7), is in PHASES[int(p)]."""

_FINENESS = 200  # positions of the slider in one phase
_END = len(PHASES) * _FINENESS - 1
_SECONDS_A_PHASE = 2.5
_TICK_MS = 33
_SPEEDS = (("¼×", 0.25), ("½×", 0.5), ("1×", 1.0), ("2×", 2.0), ("4×", 4.0))


class PhaseSlider(Slider):
    """A slider with the names of the seven steps under their stretches."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setRange(0, _END)
        self.setSingleStep(_FINENESS // 10)
        self.setPageStep(_FINENESS)
        self.setFixedHeight(40)
        self.setMinimumWidth(300)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Step of the update")

    def paint_groove(self, painter: QPainter, y: float, x: float) -> None:
        """Groove with a tick between the steps and their names; the present one stands out."""
        del y  # the names need the lower half
        level = self._level()
        super().paint_groove(painter, level, x)
        width = (self.width() - 2 * self.MARGIN) / len(PHASES)
        present = self.value() // _FINENESS
        for i, phase in enumerate(PHASES):
            left = self.MARGIN + i * width
            painter.setPen(QPen(QColor(self._theme.quiet), 1))
            if i:
                painter.drawLine(QPointF(left, level - 4), QPointF(left, level + 4))
            painter.setFont(font(SIZE_SMALL, bold=i == present))
            painter.setPen(QColor(self._theme.ink if i == present else self._theme.quiet))
            place = QRectF(left, level + 8, width, self.height() - level - 8)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, phase.name)

    def paint_handle(self, painter: QPainter, at: QPointF) -> None:
        """The handle stands on the groove, above the names."""
        super().paint_handle(painter, QPointF(at.x(), self._level()))

    def _level(self) -> float:
        return 13.0


class SlowMotionBar(QWidget):
    """Holds the phase and plays it; `phase_changed` carries it, in [0, 7)."""

    phase_changed = Signal(float)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", "bottom")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Slow motion")
        self._phase = 0.0
        self.slider = PhaseSlider(theme)
        self.play_button = Button("", theme, role="icon", symbol="play", name="Play", tip="Play this update")
        self.speed = Choice(theme)
        for text, factor in _SPEEDS:
            self.speed.addItem(text, factor)
        self.speed.setCurrentIndex([factor for _, factor in _SPEEDS].index(1.0))
        self.speed.setAccessibleName("Speed of slow motion")
        self.speed.setToolTip("How fast it plays")
        self.close_button = Button("", theme, role="icon", symbol="close", name="Leave slow motion",
                                   tip="Leave slow motion (Esc)")  # fmt: skip
        self.step_label = label("", bold=True)
        self.sentence_label = ElidedLabel("quiet")
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._last_tick = 0.0
        self._lay_out()
        self.slider.valueChanged.connect(self._slid)
        self.play_button.clicked.connect(self._play_or_pause)
        self.close_button.clicked.connect(self._close)
        self._show_phase()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 4)
        column.setSpacing(0)
        words = QHBoxLayout()
        words.setSpacing(8)
        words.addWidget(self.step_label)
        words.addWidget(self.sentence_label, 1)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.play_button)
        row.addWidget(self.slider, 1)
        row.addWidget(self.speed)
        row.addWidget(self.close_button)
        column.addLayout(words)
        column.addLayout(row)

    @property
    def phase(self) -> float:
        """Where the update stands, in [0, 7)."""
        return self._phase

    @property
    def playing(self) -> bool:
        """Whether it moves by itself."""
        return self._timer.isActive()

    def show_phase(self, phase: float) -> None:
        """Go to a phase; emits nothing."""
        self._phase = min(max(phase, 0.0), _END / _FINENESS)
        with QSignalBlocker(self.slider):
            self.slider.setValue(int(self._phase * _FINENESS))
        self._show_phase()

    def play(self) -> None:
        """Let it run, from the start if it stands at the end."""
        if self.slider.value() >= _END:
            self._go(0.0)
        self._last_tick = perf_counter()
        self._timer.start()
        self._show_phase()

    def pause(self) -> None:
        """Hold it where it is."""
        self._timer.stop()
        self._show_phase()

    def advance(self, seconds: float) -> None:
        """Move on by so much time at the chosen speed; stops at the end."""
        phase = self._phase + seconds * float(self.speed.currentData()) / _SECONDS_A_PHASE
        self._go(phase)
        if self.slider.value() >= _END:
            self.pause()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self.slider.set_theme(theme)
        self.play_button.set_theme(theme)
        self.close_button.set_theme(theme)
        self.speed.set_theme(theme)

    def minimumSizeHint(self) -> QSize:
        """Room for the seven names."""
        return QSize(440, super().minimumSizeHint().height())

    def hideEvent(self, event: QHideEvent) -> None:
        """What cannot be seen does not run."""
        super().hideEvent(event)
        self.pause()

    def _tick(self) -> None:
        now = perf_counter()
        elapsed, self._last_tick = now - self._last_tick, now
        # After a stall it goes on where it was, rather than leaping over a step.
        self.advance(min(elapsed, 0.2))

    def _go(self, phase: float) -> None:
        before = self._phase
        self.show_phase(phase)
        if self._phase != before:
            self.phase_changed.emit(self._phase)

    def _slid(self, position: int) -> None:
        self._phase = position / _FINENESS
        self._show_phase()
        self.phase_changed.emit(self._phase)

    def _play_or_pause(self) -> None:
        if self.playing:
            self.pause()
        else:
            self.play()

    def _close(self) -> None:
        self.pause()
        self.closed.emit()

    def _show_phase(self) -> None:
        step = int(self._phase)
        self.step_label.setText(f"{step + 1} of {len(PHASES)}  {PHASES[step].name}")
        self.sentence_label.set_whole(PHASES[step].sentence)
        self.play_button.set_symbol("pause" if self.playing else "play")
        self.play_button.setAccessibleName("Pause" if self.playing else "Play")
