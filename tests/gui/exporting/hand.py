"""Somebody who takes views out of the window, and what is read from the files."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget

from rnnviz.gui.exported_views import View, views_in_sight
from rnnviz.gui.exporting import Exporting
from tests.gui.conftest import User


class Hand:
    """Somebody who takes views out of the window."""

    def __init__(self, user: User, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.user, self.window, self.folder = user, user.window, folder
        self.exporting = user.window.findChild(Exporting)
        self.proposed = self.filters = ""
        self._monkeypatch = monkeypatch

    def names(self, name: str, chosen: str = "") -> Path:
        """What the dialog will be told."""

        def dialog(_parent: QWidget, _title: str, proposed: str, filters: str) -> tuple[str, str]:
            self.proposed, self.filters = Path(proposed).name, filters
            return str(self.folder / name), chosen

        self._monkeypatch.setattr(QFileDialog, "getSaveFileName", dialog)
        return self.folder / name

    def view(self, key: str) -> View:
        return next(view for view in views_in_sight(self.window) if view.key == key)

    def table(self, key: str) -> dict[str, list[str]]:
        """The table of a view as it is read from its file, by the names of its columns."""
        path = self.names(f"{key}.csv")
        self.exporting.save_numbers(self.view(key))
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
        return {name.split(" [")[0]: [row[i] for row in rows[1:]] for i, name in enumerate(rows[0])}


def numbers(texts: list[str]) -> np.ndarray:  # type: ignore[type-arg]
    return np.array([float(text) if text else np.nan for text in texts])


def wide(view: View) -> QSize:
    return QSize(2 * view.size.width(), 2 * view.size.height())


# Menus.
def right_click(widget: QWidget, at: QPoint) -> QMenu:
    """The menu that opens."""
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(widget, QContextMenuEvent(reason, at, widget.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def texts(menu: QMenu) -> list[str]:
    return [action.text().replace("&", "") for action in menu.actions() if action.text()]
