"""A file, or none, chosen from a short list that ends in a dialog."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog

from rnnviz.gui.controls.fields import Choice
from rnnviz.gui.theme import Theme

NONE, CHOOSE = "none", "Choose file…"
KINDS = "Word vectors (*.txt *.vec *.bin);;All files (*)"


class FileChoice(Choice):
    """Shows a file's name, or "none". `settled` comes when another one has been chosen."""

    settled = Signal()

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__(theme)
        self._title = title  # of the dialog
        self._path = ""
        self.activated.connect(self._chosen)  # by hand only
        self.show_path("")

    @property
    def path(self) -> str:
        """Of the file chosen; "" for none."""
        return self._path

    def show_path(self, path: str) -> None:
        """Show a file as the one that is chosen; "" for none."""
        self._path = path
        self.clear()
        self.addItem(NONE, "")
        if path:
            self.addItem(Path(path).name, path)
            self.setItemData(1, path, Qt.ItemDataRole.ToolTipRole)
        self.addItem(CHOOSE, None)
        self.setCurrentIndex(1 if path else 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys open the list: to walk through it closed would open the dialog in passing."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.showPopup()
        else:
            super().keyPressEvent(event)

    def _chosen(self, index: int) -> None:
        path = self.itemData(index)
        if path is None:
            folder = str(Path(self._path).parent if self._path else Path.home())
            path, _ = QFileDialog.getOpenFileName(self.window(), self._title, folder, KINDS)
            path = path or self._path  # the dialog was left without a choice
        before = self._path
        self.show_path(path)
        if path != before:
            self.settled.emit()
