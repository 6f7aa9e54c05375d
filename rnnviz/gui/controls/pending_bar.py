"""The foot of the settings rail: changes that wait under Apply, or the offer to undo the last ones."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.labels import label
from rnnviz.gui.theme import SIZE_SMALL, Theme


class PendingBar(QWidget):
    """Shows how many changes need a new network; with none pending, that the old network can be had back."""

    apply_clicked = Signal()
    discard_clicked = Signal()
    undo_clicked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("panel", "bottom")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._count = 0
        self._undo_offered, self._undo_text = False, ""
        self.text_label = label("", size=SIZE_SMALL)
        self.text_label.setWordWrap(True)
        self.apply_button = Button("Apply", theme, role="primary", name="Apply the changes")
        self.discard_button = Button("Discard", theme, name="Discard the changes")
        self.undo_button = Button(" Undo", theme, symbol="undo", name="Bring the old network back")
        self.discard_button.setToolTip("Back to the settings of the network that is shown")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(6)
        column.addWidget(self.text_label)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.apply_button, self.discard_button, self.undo_button):
            buttons.addWidget(button, 1)
        column.addLayout(buttons)
        self.apply_button.clicked.connect(self.apply_clicked)
        self.discard_button.clicked.connect(self.discard_clicked)
        self.undo_button.clicked.connect(self._undo)
        self._show()

    @property
    def needed(self) -> bool:
        """Whether there is anything to show."""
        return self._count > 0 or self._undo_offered

    def show_pending(self, count: int, possible: bool) -> None:
        """Show how many changes wait, and whether they can be applied."""
        self._count = count
        self.apply_button.setEnabled(possible)
        self.apply_button.setToolTip(
            "Make a new network; the old one can be had back" if possible else "First mend what is marked"
        )
        self._show()

    def offer_undo(self, offered: bool, text: str) -> None:
        """Offer to bring the old network back; shown while no changes wait."""
        self._undo_offered = offered
        self._undo_text = text
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        for button in (self.apply_button, self.discard_button, self.undo_button):
            button.set_theme(theme)

    def _show(self) -> None:
        pending = self._count > 0
        self.apply_button.setVisible(pending)
        self.discard_button.setVisible(pending)
        self.undo_button.setVisible(not pending)
        noun = "change needs" if self._count == 1 else "changes need"
        self.text_label.setText(f"{self._count} {noun} a new network" if pending else self._undo_text)

    def _undo(self) -> None:
        self.offer_undo(False, "")
        self.undo_clicked.emit()
