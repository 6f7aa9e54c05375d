"""Panels as they stand in the window: dressed by the style sheet, shown and active."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from rnnviz.gui.controls import palette, stylesheet
from rnnviz.gui.theme import LIGHT, Theme, font


@pytest.fixture
def dressed(qtbot: QtBot) -> Iterator[Callable[..., Any]]:
    """Put a panel into a window of some size and show it; gives the panel back."""
    windows: list[QWidget] = []  # qtbot keeps weak references only

    def put(panel: QWidget, width: int = 1280, height: int = 0, theme: Theme = LIGHT) -> Any:
        if QApplication.style().objectName() != "fusion":
            QApplication.setStyle("fusion")
        QApplication.setFont(font())
        QApplication.setPalette(palette(theme))
        window = QWidget()
        windows.append(window)
        window.setStyleSheet(stylesheet(theme))
        column = QVBoxLayout(window)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(panel)
        window.resize(width, height or panel.sizeHint().height())
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        return panel

    yield put
    for window in windows:
        window.close()
