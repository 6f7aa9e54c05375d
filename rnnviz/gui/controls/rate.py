"""The learning rate: a slider on a log scale with its value beside it, which can be typed."""

import math

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rnnviz.gui.controls.fields import Field
from rnnviz.gui.controls.figures import number, plain, read
from rnnviz.gui.controls.labels import set_property
from rnnviz.gui.controls.slider import Slider
from rnnviz.gui.theme import Theme
from rnnviz.training.settings import SETTINGS, SettingError

LOWEST, HIGHEST = 1e-5, 10.0
"""The ends of the slider; more can be typed."""

_PER_DECADE = 50
_DECADES = round(math.log10(HIGHEST / LOWEST))


def rate_at(position: int) -> float:
    """The learning rate of a place on the slider, with two significant figures."""
    return float(f"{LOWEST * 10 ** (position / _PER_DECADE):.2g}")


def position_of(rate: float) -> int:
    """The place on the slider nearest to a learning rate, by its logarithm."""
    clipped = min(max(rate, LOWEST), HIGHEST)
    return round(math.log10(clipped / LOWEST) * _PER_DECADE)


class LearningRate(QWidget):
    """Emits `changed` while the slider moves and when a value has been typed."""

    changed = Signal(float)
    released = Signal()  # Enter or Escape: the keyboard may go elsewhere

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        setting = SETTINGS["lr"]
        tip = f"{setting.label}: {setting.help}. Double click to type a value."
        self.slider = Slider(theme)
        self.slider.setRange(0, _PER_DECADE * _DECADES)
        self.slider.setSingleStep(_PER_DECADE // 10)
        self.slider.setPageStep(_PER_DECADE)
        self.slider.setAccessibleName("Learning rate, log scale")
        self.slider.setToolTip(tip)
        self.field = Field()
        self.field.setProperty("bare", "true")
        self.field.setFixedWidth(74)
        self.field.setAccessibleName("Learning rate")
        self.field.setToolTip(tip)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.slider)
        row.addWidget(self.field)
        self._value = float(setting.default)
        self.set_value(self._value)
        self.slider.valueChanged.connect(self._slid)
        self.slider.double_clicked.connect(self._type)
        self.field.finished.connect(self._typed)
        self.field.nudged.connect(lambda by: self.slider.setValue(self.slider.value() + by))
        self.field.returnPressed.connect(self.released)
        self.field.escaped.connect(self._escaped)

    @property
    def value(self) -> float:
        """The learning rate shown."""
        return self._value

    def set_value(self, rate: float) -> None:
        """Show a learning rate; emits nothing. What is being typed is left alone."""
        self._value = rate
        with QSignalBlocker(self.slider):
            self.slider.setValue(position_of(rate))
        if not self.field.hasFocus():
            self._settle()

    def set_groove(self, width: int) -> None:
        """How wide the slider is, in points."""
        self.slider.setFixedWidth(width)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self.slider.set_theme(theme)

    def _settle(self) -> None:
        self.field.settle(plain(self._value))
        set_property(self.field, "wrong", "false")
        self.field.setToolTip(self.slider.toolTip())

    def _slid(self, position: int) -> None:
        self._value = rate_at(position)
        self._settle()
        self.changed.emit(self._value)

    def _type(self) -> None:
        self.field.setFocus(Qt.FocusReason.MouseFocusReason)
        self.field.selectAll()

    def _typed(self, text: str) -> None:
        try:
            value = float(SETTINGS["lr"].check(number(read(text, "lr"))))
        except SettingError as error:
            set_property(self.field, "wrong", "true")
            self.field.setToolTip(str(error).replace(SETTINGS["lr"].option, SETTINGS["lr"].label))
            return
        changed = value != self._value
        self._value = value
        with QSignalBlocker(self.slider):
            self.slider.setValue(position_of(value))
        self._settle()
        if changed:
            self.changed.emit(value)

    def _escaped(self) -> None:
        self._settle()
        self.released.emit()
