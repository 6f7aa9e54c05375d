"""The loading bar: how far the reading of a text has come, and a way to stop it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.labels import ElidedLabel, label
from rnnviz.gui.theme import Theme

_FINENESS = 1000


class LoadingBar(QWidget):
    """Says "Reading war_and_peace.txt … 43 %"; hidden while nothing is loading."""

    cancel_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", "raised")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.name_label = ElidedLabel(bold=True)
        self.percent_label = label("", "quiet")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.cancel_button = Button(
            "Cancel", theme, role="small", tip="Stop reading; what was open stays open"
        )
        column = QVBoxLayout()
        column.setSpacing(6)
        words = QHBoxLayout()
        words.setSpacing(6)
        words.addWidget(self.name_label, 0)
        words.addWidget(self.percent_label)
        words.addStretch(1)
        column.addLayout(words)
        column.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(12)
        row.addLayout(column, 1)
        row.addWidget(self.cancel_button)
        self.cancel_button.clicked.connect(self._cancel)
        self.hide()

    def show_loading(self, file_name: str, share: float | None, doing: str = "Reading") -> None:
        """Show how far it has come, from 0 to 1; None where nobody knows."""
        self.name_label.set_whole(f"{doing} {file_name}".rstrip() + " …")
        self.percent_label.setText("" if share is None else f"{100 * share:.0f} %")
        self.bar.setRange(0, 0 if share is None else _FINENESS)
        self.bar.setValue(0 if share is None else round(share * _FINENESS))
        self.bar.setAccessibleName(f"{doing} {file_name}".rstrip())
        if not self.isVisible():
            self.cancel_button.setEnabled(True)
            self.cancel_button.setText("Cancel")
        self.show()
        self.raise_()

    def finish(self) -> None:
        """Loading is over, however it ended."""
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self.cancel_button.set_theme(theme)

    def _cancel(self) -> None:
        self.cancel_button.setEnabled(False)
        self.cancel_button.setText("Stopping…")
        self.cancel_clicked.emit()
