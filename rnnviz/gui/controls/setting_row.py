"""One row of the settings rail: mark, label, field, and what is wrong with it."""

from contextlib import suppress
from typing import Any

from PySide6.QtCore import QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from rnnviz.gui.controls.fields import Choice, Field
from rnnviz.gui.controls.figures import number, read, written
from rnnviz.gui.controls.file_choice import FileChoice
from rnnviz.gui.controls.labels import label, set_property
from rnnviz.gui.controls.switch import Switch
from rnnviz.gui.theme import SIZE_SMALL, Theme
from rnnviz.training.settings import Setting, SettingError

CHOICE_WORDS = {
    "word": "words", "char": "characters", "rnn": "RNN", "lstm": "LSTM", "gru": "GRU",
    "feedforward": "no recurrence", "relu": "ReLU", "sgd": "SGD", "momentum": "Momentum", "adam": "Adam",
    "adagrad": "AdaGrad", "rmsprop": "RMSProp", "xavier": "Xavier", "all": "all tokens", "marked": "marked",
}  # fmt: skip
"""How a choice is called in the rail where its name on the command line is not a plain word."""

FIELD_WIDTH = 72
_ROW_WIDTH = 143
"""Label and field together, in points."""


class _Mark(QWidget):
    """A dot before the label of a setting that has been changed and not been applied."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme, self.on = theme, False
        self.setFixedSize(QSize(8, 16))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.on:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.ink))
            painter.drawEllipse(QPointF(3, 8.5), 2.5, 2.5)
            painter.end()


class SettingRow(QWidget):
    """Edits one setting. `edited` comes with every key, `settled` when a value was chosen or finished."""

    edited = Signal(str)  # name
    settled = Signal(str)  # name
    released = Signal()  # Enter or Escape: the keyboard may go elsewhere

    def __init__(self, setting: Setting, theme: Theme) -> None:
        super().__init__()
        self.setting = setting
        self._shown: Any = setting.default  # the value of the run
        self._idle = ""  # why the setting says nothing about the network; "" where it does
        self._mark = _Mark(theme)
        self.name_label = label(setting.label)
        self.problem_label = label("", "failure", SIZE_SMALL)
        self.problem_label.setWordWrap(True)
        self.problem_label.setVisible(False)
        self.problem_label.setContentsMargins(8, 0, 0, 0)
        self.field = self._make_field(theme)
        self.field.setAccessibleName(setting.label)
        self.field.setAccessibleDescription(setting.help)
        self.name_label.setBuddy(self.field)
        self._set_tip()
        self._lay_out()
        self._write(setting.default)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._mark)
        row.addWidget(self.name_label)
        row.addSpacing(1)
        row.addStretch(1)
        row.addWidget(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(1)
        column.addLayout(row)
        column.addWidget(self.problem_label)

    def _make_field(self, theme: Theme) -> QWidget:
        setting = self.setting
        if isinstance(setting.default, bool):
            box = Switch(theme)
            box.toggled.connect(lambda _: self.settled.emit(setting.name))
            return box
        if setting.is_path:
            files = FileChoice(theme, f"Choose {setting.label.lower()}")
            files.setFixedWidth(min(FIELD_WIDTH, _ROW_WIDTH - self.name_label.sizeHint().width()))
            files.settled.connect(lambda: self.settled.emit(setting.name))
            return files
        if setting.choices:
            if len(setting.choices) == 1:
                only = label(_choice_word(setting.choices[0]))
                only.setMinimumWidth(FIELD_WIDTH)
                only.setContentsMargins(7, 0, 0, 0)
                return only
            combo = Choice(theme)
            for choice in setting.choices:
                combo.addItem(_choice_word(choice), choice)
            combo.setMinimumWidth(FIELD_WIDTH)
            combo.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            combo.currentIndexChanged.connect(lambda _: self.settled.emit(setting.name))
            return combo
        field = Field()
        field.setProperty("compact", "true")
        field.setFixedWidth(min(FIELD_WIDTH, _ROW_WIDTH - self.name_label.sizeHint().width()))
        field.textEdited.connect(lambda _: self.edited.emit(setting.name))
        field.finished.connect(self._finished)
        field.nudged.connect(self._nudge)
        field.returnPressed.connect(self.released)
        field.escaped.connect(lambda: self.edited.emit(setting.name))
        field.escaped.connect(self.released)
        return field

    @property
    def shown(self) -> Any:
        """The value that the run has."""
        return self._shown

    def value(self) -> Any:
        """The checked value in the field. Raises SettingError, worded for the rail."""
        try:
            return self.setting.check(self._raw())
        except SettingError as error:
            words = str(error).replace(self.setting.option, self.setting.label)
            raise SettingError(self.setting.name, words) from None

    def show_value(self, value: Any, keep_edit: bool) -> None:
        """Show the run's value; what has been typed or chosen and not applied stays if `keep_edit`."""
        self._shown = value
        self._set_tip()
        if not keep_edit:
            self._write(value)

    def set_idle(self, reason: str) -> None:
        """Say nothing to the network for a reason, and cannot be changed; "" gives the field back."""
        if reason == self._idle:
            return
        self._idle = reason
        self.field.setEnabled(not reason)
        self.name_label.setEnabled(not reason)
        self._write(self.setting.default if reason else self._shown)
        self._set_tip()

    @property
    def is_idle(self) -> bool:
        """Whether the setting says nothing about the present network."""
        return bool(self._idle)

    def mark(self, changed: bool) -> None:
        """Mark the row as changed but not applied."""
        if changed != self._mark.on:
            self._mark.on = changed
            self._mark.update()
            self._set_tip()

    @property
    def marked(self) -> bool:
        """Whether the row carries the mark."""
        return self._mark.on

    def show_problem(self, message: str) -> None:
        """Say under the row what is wrong; "" takes it away."""
        self.problem_label.setText(message)
        self.problem_label.setVisible(bool(message))
        if isinstance(self.field, Field):
            set_property(self.field, "wrong", "true" if message else "false")

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._mark.theme = theme
        if isinstance(self.field, (Choice, Switch)):
            self.field.set_theme(theme)
        self.update()

    def _raw(self) -> Any:
        if isinstance(self.field, Switch):
            return self.field.isChecked()
        if isinstance(self.field, FileChoice):
            return self.field.path
        if isinstance(self.field, Choice):
            return self.field.currentData()
        if isinstance(self.field, Field):
            return number(read(self.field.text(), self.setting.name))
        return self.setting.choices[0]

    def _write(self, value: Any) -> None:
        with QSignalBlocker(self.field):
            if isinstance(self.field, Switch):
                self.field.setChecked(bool(value))
            elif isinstance(self.field, FileChoice):
                self.field.show_path(value)
            elif isinstance(self.field, Choice):
                self.field.setCurrentIndex(self.field.findData(value))
            elif isinstance(self.field, Field):
                self.field.settle(written(value, self.setting.name))
            elif isinstance(self.field, QLabel):
                self.field.setText(_choice_word(str(value)))

    def _finished(self, _: str) -> None:
        with suppress(SettingError):  # the rail says what is wrong when it hears of it
            self._write(self.value())
        self.settled.emit(self.setting.name)

    def _nudge(self, by: int) -> None:
        try:
            value = self.value()
        except SettingError:
            return
        if isinstance(self.setting.default, int):
            moved: int | float = value + by
        elif self.setting.high <= 1:
            moved = round(value + by * 0.01, 4)
        else:
            moved = float(f"{value * 10 ** (by / 20):.3g}") if value else 0.1 * max(by, 0)
        self._write(min(max(moved, self.setting.low), self.setting.high))
        self.settled.emit(self.setting.name)

    def _set_tip(self) -> None:
        tip = self.setting.help[0].upper() + self.setting.help[1:] + "."
        if self._idle:
            tip = f"{self._idle} {tip}"
        if self._mark.on:
            tip += f" Now {self._spoken(self._shown)}."
        elif self.setting.is_path and self._shown:
            tip += f" Now {self._shown}."
        for widget in (self.name_label, self.field):
            widget.setToolTip(tip)

    def _spoken(self, value: Any) -> str:
        if isinstance(value, bool) or self.setting.is_path:
            return self.setting.in_words(value)
        return _choice_word(value) if isinstance(value, str) else written(value, self.setting.name)


def _choice_word(choice: str) -> str:
    return CHOICE_WORDS.get(choice, choice)
