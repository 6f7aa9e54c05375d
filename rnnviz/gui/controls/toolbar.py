"""The toolbar: which text, train or pause, one update, start over, slow motion, learning rate, theme."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.labels import label
from rnnviz.gui.controls.rate import LearningRate
from rnnviz.gui.theme import Theme

HEIGHT = 44
_RECENT_SHOWN = 8


@dataclass(frozen=True, slots=True)
class ToolbarState:
    """What can be pressed now, read off the session's one state machine; reasons go into the tool tips."""

    can_train: bool = False
    running: bool = False  # the primary button says Pause
    can_step: bool = False
    can_start_over: bool = False
    can_slow: bool = False
    slow: bool = False  # slow motion is on
    can_set_rate: bool = True
    can_race: bool = False
    can_change_cause: bool = False
    train_reason: str = ""  # why it cannot be pressed
    step_reason: str = ""
    start_over_reason: str = ""
    slow_reason: str = ""
    race_reason: str = ""
    cause_reason: str = ""


@dataclass(frozen=True, slots=True)
class _Words:
    """The text of a button at the three widths of the toolbar."""

    whole: str
    short: str
    least: str

    def at(self, level: int) -> str:
        return (self.whole, self.short, self.least)[level]


_OPEN = _Words("Open text…", "Open…", "Open…")
_SAMPLES = _Words("Example texts", "Examples", "Examples")
_TRAIN = _Words("Train", "Train", "Train")
_PAUSE = _Words("Pause", "Pause", "Pause")
_STEP = _Words("One update", "One update", "Update")
_OVER = _Words("Start over", "Start over", "Over")
_SLOW = _Words("Slow motion", "Slow motion", "Slow")
_RACE = _Words("Race cells", "Race", "Race")
_CAUSE = _Words("Change the cause", "Cause", "Cause")


class Toolbar(QWidget):
    """Emits what was pressed; shows what it is told. Labels shorten before anything is cut off."""

    open_clicked = Signal()
    sample_chosen = Signal(str)  # id
    task_wanted = Signal()
    recent_chosen = Signal(str)  # path
    train_clicked = Signal()
    pause_clicked = Signal()
    step_clicked = Signal()
    start_over_clicked = Signal()
    slow_motion_toggled = Signal(bool)
    learning_rate_changed = Signal(float)
    cause_toggled = Signal(bool)
    theme_clicked = Signal()
    released = Signal()  # the keyboard may go back to the score

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", "top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Toolbar")
        self.open_button = Button(_OPEN.whole, theme, name="Open text", tip="Open a text file (Ctrl+O)")
        self.samples_button = Button(
            _SAMPLES.whole,
            theme,
            symbol="down",
            tip="Texts that come with the program, memory tasks, recent files",
        )
        self.samples_button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the chevron stands last
        self.train_button = Button(_TRAIN.whole, theme, role="primary", symbol="play")
        self.step_button = Button(_STEP.whole, theme)
        self.start_over_button = Button(_OVER.whole, theme)
        self.slow_button = Button(_SLOW.whole, theme)
        self.slow_button.setCheckable(True)
        self.rate = LearningRate(theme)
        self.race_button = Button(_RACE.whole, theme, symbol="down", name="Race cells")
        self.race_button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.cause_button = Button(_CAUSE.whole, theme, name="Change the cause")
        self.cause_button.setCheckable(True)
        self.theme_button = Button("", theme, role="icon", symbol="moon", name="Dark theme")
        self.menu_button = Button(
            "", theme, role="icon", symbol="menu", name="Menu", tip="Everything there is"
        )
        self._rate_label = label("Learning rate", "quiet")
        self._rate_label.setBuddy(self.rate.field)
        self._samples: tuple[tuple[str, str, str], ...] = ()
        self._recent: tuple[str, ...] = ()
        self._state = ToolbarState()
        self._level = 0
        self._lay_out()
        self._connect()
        self._make_menu()
        self.set_theme(theme)
        self.set_state(self._state)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 10, 0)
        row.setSpacing(6)
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        for widget, gap in (
            (self.open_button, 0), (self.samples_button, 8), (self.train_button, 0), (self.step_button, 0),
            (self.start_over_button, 8), (self.slow_button, 8),
        ):  # fmt: skip
            widget.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            row.addWidget(widget)
            row.addSpacing(gap)
        row.addWidget(self._rate_label)
        row.addWidget(self.rate)
        row.addSpacing(8)
        for widget in (self.race_button, self.cause_button):
            widget.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.theme_button)
        row.addWidget(self.menu_button)

    def _connect(self) -> None:
        self.open_button.clicked.connect(self.open_clicked)
        self.train_button.clicked.connect(self._train_or_pause)
        self.step_button.clicked.connect(self.step_clicked)
        self.start_over_button.clicked.connect(self.start_over_clicked)
        self.slow_button.clicked.connect(self.slow_motion_toggled)
        self.cause_button.clicked.connect(self.cause_toggled)
        self.theme_button.clicked.connect(self.theme_clicked)
        self.rate.changed.connect(self.learning_rate_changed)
        self.rate.released.connect(self.released)

    @property
    def state(self) -> ToolbarState:
        """What was last set."""
        return self._state

    def set_state(self, state: ToolbarState) -> None:
        """Enable what can be pressed, and turn the primary button into Train or Pause."""
        self._state = state
        self.train_button.setEnabled(state.running or state.can_train)
        self.step_button.setEnabled(state.can_step)
        self.start_over_button.setEnabled(state.can_start_over)
        self.slow_button.setEnabled(state.can_slow or state.slow)
        self.slow_button.setChecked(state.slow)
        self.rate.setEnabled(state.can_set_rate)
        self.race_button.setEnabled(state.can_race)
        self.cause_button.setEnabled(state.can_change_cause)
        self.train_button.set_symbol("pause" if state.running else "play")
        self.train_button.setAccessibleName("Pause" if state.running else "Train")
        self._write_labels()
        train_tip = "Stop after this update (Space)" if state.running else "Let the network learn (Space)"
        for button, tip, reason in (
            (self.train_button, train_tip, "" if state.running else state.train_reason),
            (self.step_button, "Read one batch and adjust the weights once", state.step_reason),
            (self.start_over_button, "Back to the same first weights, update 0", state.start_over_reason),
            (self.slow_button, "Watch one real update in seven steps", state.slow_reason),
            (self.race_button, "Let up to four networks learn the same text side by side", state.race_reason),
            (
                self.cause_button,
                "Change weights, hold gates, silence units, and see (Ctrl+I)",
                state.cause_reason,
            ),
        ):
            button.setToolTip(tip if button.isEnabled() or not reason else reason)

    def set_samples(self, samples: Sequence[tuple[str, str, str]]) -> None:
        """Fill the menu of example texts with (title, description, id)."""
        self._samples = tuple(samples)
        self._make_menu()

    def set_recent(self, paths: Sequence[str]) -> None:
        """Add the files opened lately to the menu, the latest first."""
        self._recent = tuple(paths)[:_RECENT_SHOWN]
        self._make_menu()

    def set_menu(self, menu: QMenu) -> None:
        """The menu of the whole program, behind the last button."""
        self.menu_button.setMenu(menu)

    def show_cause_open(self, is_open: bool) -> None:
        """Whether the panel behind the button is in sight."""
        self.cause_button.setChecked(is_open)

    def set_race_menu(self, menu: QMenu) -> None:
        """What can be raced, behind its button."""
        self.race_button.setMenu(menu)

    def set_learning_rate(self, rate: float) -> None:
        """Show a learning rate; emits nothing."""
        self.rate.set_value(rate)

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in a theme, and offer the other one."""
        for button in (self.open_button, self.samples_button, self.train_button, self.step_button,
                       self.start_over_button, self.slow_button, self.race_button, self.cause_button,
                       self.theme_button, self.menu_button):  # fmt: skip
            button.set_theme(theme)
        self.rate.set_theme(theme)
        other = "light" if theme.name == "dark" else "dark"
        self.theme_button.set_symbol("sun" if theme.name == "dark" else "moon")
        self.theme_button.setAccessibleName(f"{other.capitalize()} theme")
        self.theme_button.setToolTip(f"Change to the {other} theme")

    def minimumSizeHint(self) -> QSize:
        """The width at which even the shortest labels still fit."""
        return QSize(self._width_at(len(_LEVELS) - 1), HEIGHT)

    def sizeHint(self) -> QSize:
        """The width at which every label is whole."""
        return QSize(self._width_at(0), HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the longest labels that fit."""
        super().resizeEvent(event)
        fitting = (level for level in range(len(_LEVELS)) if self._width_at(level) <= self.width())
        self._level = next(fitting, len(_LEVELS) - 1)
        self._write_labels()

    def _train_or_pause(self) -> None:
        (self.pause_clicked if self._state.running else self.train_clicked).emit()

    def _texts(self, level: int) -> tuple[tuple[Button, str], ...]:
        primary = _PAUSE if self._state.running else _TRAIN
        pairs = (
            (self.open_button, _OPEN), (self.samples_button, _SAMPLES), (self.train_button, primary),
            (self.step_button, _STEP), (self.start_over_button, _OVER), (self.slow_button, _SLOW),
        )  # fmt: skip
        last = ((self.race_button, _RACE), (self.cause_button, _CAUSE))
        shape = _LEVELS[level]
        texts = [(button, words.at(shape.words)) for button, words in pairs]
        return (*texts, *((button, words.at(shape.menu_words)) for button, words in last))

    def _write_labels(self) -> None:
        for button, text in self._texts(self._level):
            # The icon stands before the primary button's text, the chevron after that of the examples.
            spaced = {
                self.train_button: " " + text,
                self.samples_button: text + " ",
                self.race_button: text + " ",
            }
            button.setText(spaced.get(button, text))
        # Train and Pause are of one width, so that nothing moves under the mouse.
        metrics = self.train_button.fontMetrics()
        widest = max(metrics.horizontalAdvance(" " + words.at(0)) for words in (_TRAIN, _PAUSE))
        self.train_button.setFixedWidth(widest + _PRIMARY_ROOM)
        level = _LEVELS[self._level]
        self._rate_label.setText(level.rate_label)
        self._rate_label.setVisible(bool(level.rate_label))
        self.rate.set_groove(level.groove)

    def _width_at(self, level: int) -> int:
        width = 2 * 10 + 8 * 6 + 4 * 8 + 8  # margins, spacing and gaps of the row, focus ring
        for button, text in self._texts(level):
            room = _PRIMARY_ROOM if button is self.train_button else _BUTTON_ROOM
            room += _CHEVRON_ROOM if button in (self.samples_button, self.race_button) else 0
            width += button.fontMetrics().horizontalAdvance(" " + text) + room
        shape = _LEVELS[level]
        width += self._rate_label.fontMetrics().horizontalAdvance(shape.rate_label)
        width += shape.groove + self.rate.field.width() + 6
        return width + self.theme_button.sizeHint().width() + self.menu_button.sizeHint().width() + 6

    def _make_menu(self) -> None:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for title, description, sample_id in self._samples:
            action = QAction(title, menu)
            action.setToolTip(description)
            action.setStatusTip(description)
            action.triggered.connect(lambda _=False, chosen=sample_id: self.sample_chosen.emit(chosen))
            menu.addAction(action)
        if self._samples:
            task = QAction("Memory task…", menu)
            task.setToolTip("A text made for you, whose answers lie as many time steps back as you choose")
            task.triggered.connect(lambda _=False: self.task_wanted.emit())
            menu.addSeparator()
            menu.addAction(task)
        if self._recent:
            menu.addSeparator()
            heading = QAction("Recent files", menu)
            heading.setEnabled(False)
            menu.addAction(heading)
        for path in self._recent:
            action = QAction(Path(path).name.replace("&", "&&"), menu)
            action.setToolTip(path)
            action.triggered.connect(lambda _=False, chosen=path: self.recent_chosen.emit(chosen))
            menu.addAction(action)
        old = self.samples_button.menu()
        self.samples_button.setMenu(menu)
        self.samples_button.setEnabled(bool(menu.actions()))
        if old is not None:
            old.deleteLater()


@dataclass(frozen=True, slots=True)
class _Level:
    """What the toolbar's right half looks like at one of its widths."""

    words: int  # which of a button's texts
    menu_words: int  # the same of the last two buttons, which shorten first
    rate_label: str
    groove: int  # of the learning rate, in points


_LEVELS = (
    _Level(0, 0, "Learning rate", 112),
    _Level(0, 1, "Rate", 96),
    _Level(1, 1, "Rate", 96),
    _Level(1, 1, "", 64),
    _Level(2, 2, "", 64),
)
_PRIMARY_ROOM, _BUTTON_ROOM, _CHEVRON_ROOM = 46, 20, 18
