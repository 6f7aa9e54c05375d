"""Same start, but: the network once more from update 0 with one thing changed, beside it or in its place."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.fields import Choice
from rnnviz.gui.controls.labels import label
from rnnviz.gui.controls.setting_row import SettingRow
from rnnviz.gui.run import Message
from rnnviz.gui.theme import SIZE_SMALL, Theme
from rnnviz.training import SETTINGS, ExperimentSettings, LaneSettings, RunSettings, SettingError

if TYPE_CHECKING:  # the window opens its dialog; only its type is needed here
    from rnnviz.gui.window import MainWindow

WIDTH = 400
USUAL_RADIUS = 0.9
"""Of a spectral start that is chosen here without one."""
OFFERED = (
    "cell", "activation", "init", "spectral_radius", "forget_bias", "hidden", "layers", "embedding",
    "dropout", "optimizer", "lr", "clip", "window", "batch", "reset", "loss",
)  # fmt: skip
"""One thing that a teacher changes. The seed is not among them: it is what makes the start the same."""
SHARED = frozenset(ExperimentSettings.__dataclass_fields__)
_SIDE_BY_SIDE, _INSTEAD = "Side by side with this network", "In place of this network"


SHARED_BY_LANES = (
    "Both networks of a race read the same windows, so this is changed in place: from update 0, with the "
    "same seed. Undo brings the present network back."
)
WAYS = {
    True: "A race of two from update 0: this network as it is set now, and the changed one, with the same "
    "seed and the same batches. Undo brings the present network back.",
    False: "The changed network from update 0, with the same seed. Undo brings the present one back.",
}
"""What will happen, side by side or not."""


def _written_in(field: QWidget) -> str:
    """What a field shows."""
    return field.currentText() if isinstance(field, Choice) else getattr(field, "text", str)()


def _in_labels(message: str) -> str:
    """A refusal in the words of the window instead of those of the command line."""
    for setting in sorted(SETTINGS.values(), key=lambda one: -len(one.option)):
        message = message.replace(setting.option, setting.label)
    return message


def changed_run(present: RunSettings, name: str, value: Any) -> RunSettings:
    """The run of one network with one setting changed. Raises SettingError."""
    values = {name: value}
    if name == "init" and value == "spectral" and not present.lane.spectral_radius:
        values["spectral_radius"] = USUAL_RADIUS
    if name == "spectral_radius" and value:
        values["init"] = "spectral"
    changed = present.with_values(values)
    if changed == present:
        raise SettingError(name, f"{SETTINGS[name].label} is that already: choose another value.")
    return changed


class SameStartDialog(QDialog):
    """What to change, to what, and whether beside the present network or in its place."""

    chosen = Signal(object, bool)  # RunSettings of the changed network, side by side

    def __init__(self, present: RunSettings, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Same start, but…")
        self.setFixedWidth(WIDTH)
        self._present = present
        self.what, self.way = Choice(theme), Choice(theme)
        self.what.setAccessibleName("What to change")
        self.way.setAccessibleName("Beside this network or in its place")
        self.rows = {name: SettingRow(SETTINGS[name], theme) for name in OFFERED}
        self._stack = QStackedWidget()
        for name, row in self.rows.items():
            self.what.addItem(SETTINGS[name].label, name)
            row.show_value(present.get(name), keep_edit=False)
            row.name_label.setText(f"now {_written_in(row.field)}")
            if isinstance(row.field, Choice):  # what is there already would be no change
                row.field.setCurrentIndex((row.field.currentIndex() + 1) % row.field.count())
            row.settled.connect(lambda _: self._check())
            row.edited.connect(lambda _: self._check())
            self._stack.addWidget(row)
        self.way.addItem(_SIDE_BY_SIDE, True)
        self.way.addItem(_INSTEAD, False)
        self.explanation = label("", "quiet", SIZE_SMALL)
        self.explanation.setWordWrap(True)
        self.start_button = Button("Start", theme, role="primary", tip="Build it, and train at once")
        self.cancel_button = Button("Cancel", theme)
        self.start_button.setDefault(True)
        self._lay_out()
        self.what.currentIndexChanged.connect(lambda _: self._show_setting())
        self.way.currentIndexChanged.connect(lambda _: self._check())
        self.start_button.clicked.connect(self._start)
        self.cancel_button.clicked.connect(self.reject)
        self._show_setting()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        for name, widget in (("Change", self.what), ("To", self._stack), ("Show it", self.way)):
            row, word = QHBoxLayout(), label(name)
            word.setFixedWidth(64)
            row.addWidget(word)
            row.addWidget(widget, 1)
            column.addLayout(row)
        column.addWidget(self.explanation)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.start_button)
        column.addLayout(buttons)

    @property
    def row(self) -> SettingRow:
        """The field of the setting that is to be changed."""
        return self.rows[str(self.what.currentData())]

    @property
    def is_shared(self) -> bool:
        """Whether all lanes of a race have the setting in common, so that it cannot differ between two."""
        return self.what.currentData() in SHARED

    def _show_setting(self) -> None:
        self._stack.setCurrentWidget(self.row)
        self.way.setCurrentIndex(1 if self.is_shared else 0)
        self.way.setEnabled(not self.is_shared)
        self._check()

    def _changed(self) -> RunSettings:
        """What is asked for. Raises SettingError."""
        return changed_run(self._present, self.row.setting.name, self.row.value())

    def _check(self) -> None:
        """Say what will happen, or why it cannot."""
        try:
            self._changed()
        except SettingError as error:
            self.start_button.setEnabled(False)
            self.explanation.setText(_in_labels(str(error)))
            return
        self.start_button.setEnabled(True)
        self.explanation.setText(SHARED_BY_LANES if self.is_shared else WAYS[bool(self.way.currentData())])

    def _start(self) -> None:
        self.chosen.emit(self._changed(), bool(self.way.currentData()))
        self.accept()


def choose_same_start(window: "MainWindow") -> SameStartDialog:
    """Ask what to change, without stopping anything meanwhile."""
    session = window.session
    present = session.settings.of_lane(session.lane or 0)
    dialog = SameStartDialog(present, window.theme, window)
    dialog.chosen.connect(lambda changed, beside: start_same(window, present, changed, beside))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def start_same(window: "MainWindow", present: RunSettings, changed: RunSettings, beside: bool) -> None:
    """Build both networks, or the changed one, from the same start, and train as soon as they stand."""
    session, before = window.session, window.session.run
    lanes = [present.lane, changed.lane]
    try:
        session.build(present.with_lanes(lanes) if beside else changed)
    except SettingError as error:
        session.message.emit(Message(str(error), severity="warning"))
        return
    _when_built(window, lambda: session.run is not before, session.train)


def _when_built(window: "MainWindow", succeeded: Callable[[], bool], then: Callable[[], None]) -> None:
    """Once the networks stand; never where building them failed or was given up."""

    def ended(progress: object) -> None:
        if progress is None:
            window.session.loading.disconnect(ended)
            if succeeded():
                then()

    window.session.loading.connect(ended)


assert set(OFFERED) <= SHARED | set(LaneSettings.__dataclass_fields__)
