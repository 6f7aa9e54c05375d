"""The panel "Change the cause": weights that are changed once, gates, slopes and units that are held."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.cause_rows import FREE, OPEN, Dial, GateRow, GateShown
from rnnviz.gui.controls.fields import Field
from rnnviz.gui.controls.labels import ElidedLabel, label, set_property
from rnnviz.gui.controls.switch import Switch
from rnnviz.gui.theme import SIZE_SMALL, Theme
from rnnviz.training import HoldGate, Intervention, ScaleRecurrent, SetForgetBias

WIDTH = 232
LEAST_RADIUS, MOST_RADIUS = 0.1, 4.0
LEAST_BIAS, MOST_BIAS = -6.0, 6.0
_BIAS_STEP = 0.5


@dataclass(frozen=True, slots=True)
class Active:
    """One thing that is held now."""

    text: str
    intervention: Intervention


@dataclass(frozen=True, slots=True)
class CauseShown:
    """What the panel shows. A reason says why something cannot be changed here; "" where it can."""

    subject: str = ""  # on which network it acts, of a race
    radius: float = math.nan  # of the named recurrent block now
    radius_text: str = ""
    radius_reason: str = "No text is open yet."
    bias: float = 0.0  # what it was set to last
    bias_is_first: bool = True  # by the settings, and learned on from there
    bias_text: str = ""
    bias_reason: str = "No text is open yet."
    gates: tuple[GateShown, ...] = ()
    gates_reason: str = "No text is open yet."
    slope_held: bool = False
    slope_reason: str = "No text is open yet."
    units: int = 0
    unit_reason: str = "No text is open yet."
    active: tuple[Active, ...] = ()
    undo: str = ""  # what undo would take back, in words
    answers: str = ""  # right answers before and after, of a memory task
    chance: str = ""


class CausePanel(QWidget):
    """Emits what is to be changed; is told what can be, and what is held."""

    intervened = Signal(object)  # Intervention
    gate_freed = Signal(str)
    slope_toggled = Signal(bool)
    unit_silenced = Signal(int)  # from 0
    lifted = Signal(object)  # Intervention
    lift_all_clicked = Signal()
    undo_clicked = Signal()
    closed = Signal()
    released = Signal()  # the keyboard may go back to the picture

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown = CauseShown()
        self.setProperty("panel", "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Change the cause")
        self.setFixedWidth(WIDTH)
        self.close_button = Button("", theme, role="bare", symbol="close", name="Close this panel",
                                   tip="Back to the settings; what is held stays held")  # fmt: skip
        self.subject_label = ElidedLabel("quiet", SIZE_SMALL)
        self.radius = Dial("Spectral radius of W_hh", theme, _radius_at)
        self.bias = Dial("Forget bias", theme, _bias_at)
        self.gate_rows: dict[str, GateRow] = {}
        self._gates, self.gates_note = QVBoxLayout(), label("", "quiet", SIZE_SMALL)
        self.slope = Switch(theme)
        self.slope.setAccessibleName("Hold f′ at 1 on the way back")
        self.slope_note = label("", "quiet", SIZE_SMALL)
        self.unit_field = Field()
        self.unit_button = Button("Silence", theme, role="small", name="Silence this unit")
        self.unit_note = label("", "quiet", SIZE_SMALL)
        self.active_rows: list[tuple[Active, QWidget, Button]] = []
        self._active, self.nothing_label = QVBoxLayout(), label("Nothing is held.", "quiet", SIZE_SMALL)
        self.undo_button = Button("Undo", theme, symbol="undo")
        self.lift_all_button = Button("Lift all", theme)
        self.answers_label, self.chance_label = label("", "right", bold=True), label("", "quiet", SIZE_SMALL)
        self._lay_out()
        self._connect()
        self.show_cause(self._shown)

    # -- layout -------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setProperty("panel", "plain")
        column = QVBoxLayout(inside)
        column.setContentsMargins(14, 0, 12, 8)
        column.setSpacing(3)
        _heading(column, "Weights, changed once")
        column.addWidget(self.radius)
        column.addSpacing(4)
        column.addWidget(self.bias)
        _heading(column, "Gates, at all words")
        self._gates.setSpacing(0)
        column.addLayout(self._gates)
        column.addWidget(self.gates_note)
        _heading(column, "On the way back")
        column.addLayout(_row(label("hold f′ at 1"), None, self.slope))
        column.addWidget(self.slope_note)
        _heading(column, "Units")
        self.unit_field.setFixedWidth(58)
        self.unit_field.setAccessibleName("Number of the unit to silence")
        column.addLayout(_row(label("unit no."), self.unit_field, self.unit_button, None))
        column.addWidget(self.unit_note)
        _heading(column, "Held now")
        self._active.setSpacing(0)
        column.addWidget(self.nothing_label)
        column.addLayout(self._active)
        column.addStretch(1)
        for note in (self.gates_note, self.slope_note, self.unit_note, self.answers_label):
            note.setWordWrap(True)
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 1, 8)
        whole.setSpacing(2)
        head = _row(label("Change the cause", bold=True), None, self.close_button)
        head.setContentsMargins(14, 8, 8, 0)
        whole.addLayout(head)
        self.subject_label.setContentsMargins(14, 0, 8, 0)
        whole.addWidget(self.subject_label)
        whole.addWidget(scroll, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(14, 2, 12, 2)
        foot.setSpacing(0)
        foot.addWidget(self.answers_label)
        foot.addWidget(self.chance_label)
        whole.addLayout(foot)
        buttons = _row(self.undo_button, self.lift_all_button, None)
        buttons.setContentsMargins(14, 2, 12, 0)
        whole.addLayout(buttons)

    def _connect(self) -> None:
        self.close_button.clicked.connect(self.closed)
        self.radius.chosen.connect(lambda value: self.intervened.emit(ScaleRecurrent(round(value, 3))))
        self.bias.chosen.connect(lambda value: self.intervened.emit(SetForgetBias(value)))
        self.slope.toggled.connect(self.slope_toggled)
        self.unit_button.clicked.connect(self._silence)
        self.unit_field.returnPressed.connect(self._silence)
        self.unit_field.escaped.connect(self.released)
        self.undo_button.clicked.connect(self.undo_clicked)
        self.lift_all_button.clicked.connect(self.lift_all_clicked)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        lifts = [button for _, _, button in self.active_rows]
        for button in (self.close_button, self.unit_button, self.undo_button, self.lift_all_button, *lifts):
            button.set_theme(theme)
        for dial in (self.radius, self.bias):
            dial.slider.set_theme(theme)
        self.slope.set_theme(theme)
        for row in self.gate_rows.values():
            row.set_theme(theme)

    # -- what is shown ----------------------------------------------------------------------------------

    @property
    def shown(self) -> CauseShown:
        """What was shown last."""
        return self._shown

    def show_cause(self, shown: CauseShown) -> None:
        """Show what can be changed and what is held. Cheap when little has changed."""
        self._shown = shown
        self.subject_label.set_whole(shown.subject)
        self.subject_label.setVisible(bool(shown.subject))
        figure = "" if math.isnan(shown.radius) else f"{shown.radius:.2f}"
        self.radius.show_value(share_of_radius(shown.radius), figure, shown.radius_text, shown.radius_reason)
        share = (shown.bias - LEAST_BIAS) / (MOST_BIAS - LEAST_BIAS)
        figure = f"{shown.bias:.1f}".replace("-", "−") + (" at first" if shown.bias_is_first else "")
        self.bias.show_value(share, figure, shown.bias_text, shown.bias_reason)
        self._show_gates(shown)
        with QSignalBlocker(self.slope):
            self.slope.setChecked(shown.slope_held)
        self.slope.setEnabled(not shown.slope_reason)
        _say(self.slope_note, shown.slope_reason)
        for part in (self.unit_field, self.unit_button):
            part.setEnabled(not shown.unit_reason)
        self.unit_field.setPlaceholderText(f"1–{shown.units}" if shown.units else "")
        _say(self.unit_note, shown.unit_reason)
        self._show_active(shown.active)
        self.undo_button.setEnabled(bool(shown.undo))
        tip = f"Take back: {shown.undo} (Ctrl+Z)" if shown.undo else "There is nothing to take back."
        self.undo_button.setToolTip(tip)
        self.lift_all_button.setEnabled(bool(shown.active))
        self.lift_all_button.setToolTip("Let everything go" if shown.active else "Nothing is held.")
        _say(self.answers_label, shown.answers)
        _say(self.chance_label, shown.chance if shown.answers else "")

    def _show_gates(self, shown: CauseShown) -> None:
        letters = [gate.letter for gate in shown.gates]
        if letters != list(self.gate_rows):
            for row in self.gate_rows.values():
                self._gates.removeWidget(row)
                row.hide()
                row.deleteLater()
            self.gate_rows = {gate.letter: GateRow(gate, self._theme) for gate in shown.gates}
            for row in self.gate_rows.values():
                row.chosen.connect(self._hold)
                self._gates.addWidget(row)
                row.show()  # at once, though the panel is already in sight
        for gate in shown.gates:
            self.gate_rows[gate.letter].show_gate(gate)
        _say(self.gates_note, shown.gates_reason)

    def _show_active(self, active: Sequence[Active]) -> None:
        if tuple(one for one, _, _ in self.active_rows) == tuple(active):
            return
        for _, row, _ in self.active_rows:
            self._active.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.active_rows = []
        for one in active:
            text = label(one.text, size=SIZE_SMALL)
            text.setWordWrap(True)
            button = Button("", self._theme, role="bare", symbol="close", name=f"Lift: {one.text}",
                            tip="Lift this")  # fmt: skip
            button.clicked.connect(lambda _=False, held=one.intervention: self.lifted.emit(held))
            row = QWidget()
            inside = _row(text, button)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setStretch(0, 1)
            row.setLayout(inside)
            self._active.addWidget(row)
            row.show()
            self.active_rows.append((one, row, button))
        self.nothing_label.setVisible(not active)

    # -- what is wanted -----------------------------------------------------------------------------------

    def _hold(self, letter: str, way: str) -> None:
        if way == FREE:
            self.gate_freed.emit(letter)
        else:
            self.intervened.emit(HoldGate(letter, 1.0 if way == OPEN else 0.0))

    def _silence(self) -> None:
        text, units = self.unit_field.text().strip(), self._shown.units
        wrong = not text.isdecimal() or not 1 <= int(text) <= units
        set_property(self.unit_field, "wrong", "true" if wrong else "false")
        _say(self.unit_note, f"Type a number from 1 to {units}." if wrong else "")
        if not wrong:
            self.unit_silenced.emit(int(text) - 1)
            self.unit_field.settle("")


def share_of_radius(radius: float) -> float:
    """Where a spectral radius stands on its groove, 0 to 1; NaN where none is known."""
    if not radius > 0:
        return math.nan
    return math.log(radius / LEAST_RADIUS) / math.log(MOST_RADIUS / LEAST_RADIUS)


def _radius_at(share: float) -> float:
    return LEAST_RADIUS * math.exp(share * math.log(MOST_RADIUS / LEAST_RADIUS))


def _bias_at(share: float) -> float:
    return round((LEAST_BIAS + share * (MOST_BIAS - LEAST_BIAS)) / _BIAS_STEP) * _BIAS_STEP


def _heading(column: QVBoxLayout, text: str) -> None:
    heading = label(text.upper(), "heading", SIZE_SMALL, bold=True)
    heading.setContentsMargins(0, 8, 0, 1)
    column.addWidget(heading)


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    """Widgets beside each other; None is room that gives way."""
    row = QHBoxLayout()
    row.setSpacing(6)
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row


def _say(words: QLabel, text: str) -> None:
    """Write into a label that is not there while it has nothing to say."""
    words.setText(text)
    words.setVisible(bool(text))
