"""The lanes of a race, folded to a row of buttons, while one of them is looked at alone."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.theme import Theme

HEIGHT = 40


class LaneBar(QWidget):
    """Emits which lane is wanted; None is all of them beside each other."""

    lane_chosen = Signal(object)  # int | None

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", "top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Lanes of the race")
        self._theme = theme
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 0, 10, 0)
        self._row.setSpacing(6)
        tip = "Back to the race, all lanes beside each other (Esc)"
        self.all_button = Button("All lanes", theme, tip=tip)
        self.all_button.clicked.connect(lambda: self.lane_chosen.emit(None))
        self._row.addWidget(self.all_button)
        self.buttons: list[Button] = []
        self._row.addStretch(1)

    def show_lanes(self, titles: Sequence[str], opened: int, notes: Sequence[str]) -> None:
        """Show each lane's title, with its reason where it has dropped out as the tool tip."""
        if len(titles) != len(self.buttons):
            self._make_buttons(len(titles))
        for number, (button, title, note) in enumerate(zip(self.buttons, titles, notes, strict=True)):
            button.setText(f"{number + 1}  {title}".replace("&", "&&"))
            button.setAccessibleName(f"Lane {number + 1}: {title}")
            button.setChecked(number == opened)
            button.setToolTip(note or f"Look at this lane alone (key {number + 1})")

    def _make_buttons(self, count: int) -> None:
        for button in self.buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self.buttons = []
        for number in range(count):
            button = Button("", self._theme)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, wanted=number: self.lane_chosen.emit(wanted))
            self._row.insertWidget(1 + number, button)
            button.show()  # at once, though the row is already in sight
            self.buttons.append(button)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        for button in (self.all_button, *self.buttons):
            button.set_theme(theme)
