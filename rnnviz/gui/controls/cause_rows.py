"""Rows of the panel that changes the cause: a slider that acts when it is let go, a gate with three ways."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.labels import label
from rnnviz.gui.controls.slider import Slider
from rnnviz.gui.theme import SIZE_SMALL, Theme

FINENESS = 240
"""Positions of a slider."""
SHUT, FREE, OPEN = "shut", "free", "open"
WAYS = (SHUT, FREE, OPEN)


@dataclass(frozen=True, slots=True)
class GateShown:
    """One gate of the cell as the panel shows it."""

    letter: str
    name: str  # "forget gate"
    way: str = FREE  # how it is held at every step: one of WAYS, or "" in some other way
    level: float = math.nan  # how far it is open on average
    lowest: float = 0.0  # what shut means: 0, also for a gate that lies between -1 and 1


class Dial(QWidget):
    """A slider with its name and its number; acts once it is let go, or at each key."""

    chosen = Signal(float)

    def __init__(self, name: str, theme: Theme, to_value: Callable[[float], float]) -> None:
        super().__init__()
        self._to_value = to_value
        self.slider = Slider(theme)
        self.slider.setRange(0, FINENESS)
        self.slider.setPageStep(FINENESS // 12)
        self.slider.setSingleStep(FINENESS // 60)
        self.slider.setAccessibleName(name)
        self.name_label, self.figure = label(name), label("", "strong")
        self.note = label("", "quiet", SIZE_SMALL)
        self.note.setWordWrap(True)
        head = QHBoxLayout()
        head.addWidget(self.name_label)
        head.addStretch(1)
        head.addWidget(self.figure)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.slider)
        column.addWidget(self.note)
        self.slider.valueChanged.connect(self._moved)
        self.slider.sliderReleased.connect(lambda: self.chosen.emit(self.value))

    @property
    def value(self) -> float:
        """What the handle stands at."""
        return self._to_value(self.slider.value() / FINENESS)

    def show_value(self, share: float, figure: str, note: str, reason: str) -> None:
        """Put the handle to a share of the groove, unless somebody has it in hand; NaN: leave it."""
        self.setEnabled(not reason)
        self.setToolTip(reason)
        self.note.setText(reason or note)
        self.note.setVisible(bool(reason or note))
        if self.slider.isSliderDown():
            return
        self.figure.setText("" if reason else figure)
        if math.isfinite(share):
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(min(max(share, 0.0), 1.0) * FINENESS))
            self.slider.update()

    def _moved(self) -> None:
        self.figure.setText(f"{self.value:.2f}".replace("-", "−"))
        if not self.slider.isSliderDown():
            self.chosen.emit(self.value)


class GateRow(QWidget):
    """One gate: its name, and whether it is held shut or open at all words."""

    chosen = Signal(str, str)  # letter, one of WAYS

    def __init__(self, gate: GateShown, theme: Theme) -> None:
        super().__init__()
        self.letter = gate.letter
        self.buttons: dict[str, Button] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 1, 0, 1)
        grid.setHorizontalSpacing(3)
        self._name = label(gate.letter, bold=True)
        self._name.setFixedWidth(13)
        self.level = label("", "quiet", SIZE_SMALL)
        grid.addWidget(self._name, 0, 0)
        grid.addWidget(self.level, 0, 1)
        grid.setColumnStretch(1, 1)
        for column, way in enumerate(WAYS, 2):
            button = Button(way, theme, role="small", name=f"{gate.name} {gate.letter} {way} at all words")
            button.setCheckable(True)
            button.setToolTip(
                f"Let the {gate.name} move by itself"
                if way == FREE
                else f"Hold the {gate.name} {way} at all words"
            )
            button.clicked.connect(lambda _=False, chosen=way: self._choose(chosen))
            self.buttons[way] = button
            grid.addWidget(button, 0, column)
        self._name.setToolTip(gate.name)

    def show_gate(self, gate: GateShown) -> None:
        """Press the button of how it is held; none where it is held in some other way."""
        self.level.setText("" if math.isnan(gate.level) else f"{gate.level:.2f}".replace("-", "−"))
        self.level.setToolTip(f"The {gate.name}, on average over units and words")
        self._press(gate.way)

    def _choose(self, way: str) -> None:
        self._press(way)
        self.chosen.emit(self.letter, way)

    def _press(self, way: str) -> None:
        """No button group: in one, Tab would reach only the button that is pressed."""
        for name, button in self.buttons.items():
            button.setChecked(name == way)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        for button in self.buttons.values():
            button.set_theme(theme)
