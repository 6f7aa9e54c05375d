"""Another theme while the window is at work: all of it in the end, and no long turn on the way."""

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from rnnviz.gui import dress
from rnnviz.gui.dress import Dress
from rnnviz.gui.theme import DARK, THEMES, Theme
from tests.gui.conftest import User


def test_the_other_theme_is_put_on_everywhere_in_two_turns(user: User) -> None:
    window = user.window
    before = window.grab().toImage()
    name = "dark" if window.theme.name == "light" else "light"
    user.click(window.toolbar.theme_button)
    assert window.theme is THEMES[name] and window.preferences.theme == name
    assert not window.updatesEnabled(), "nothing is painted half in one theme and half in the other"
    user.until(window.updatesEnabled)
    after = window.grab().toImage()
    assert after.pixelColor(3, 3).name() == THEMES[name].panel != before.pixelColor(3, 3).name()
    score = window.score.grab().toImage()
    assert score.pixelColor(2, score.height() - 2).name() == THEMES[name].ground


def test_a_theme_changed_and_changed_back_at_once_is_the_one_of_before(user: User) -> None:
    window = user.window
    before = window.grab().toImage()
    window.toggle_theme()
    window.toggle_theme()
    turns: list[int] = []
    QTimer.singleShot(1, lambda: turns.append(1))  # after those of both changes
    user.until(lambda: bool(turns))
    assert window.updatesEnabled()
    assert window.grab().toImage() == before


class Faulty:
    """A panel that cannot take the theme."""

    def set_theme(self, theme: Theme) -> None:
        raise ValueError(f"no colours for {theme.name}")


def test_a_fault_in_one_panel_leaves_a_window_that_paints(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    with qtbot.captureExceptions() as caught:
        Dress(window, [Faulty()]).change(DARK)
        qtbot.waitUntil(lambda: bool(caught))
    assert "no colours for dark" in str(caught[0][1]) and window.updatesEnabled()


def test_a_fault_in_the_style_sheet_leaves_a_window_that_paints(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(theme: Theme) -> str:
        raise ValueError(f"no style for {theme.name}")

    window = QWidget()
    qtbot.addWidget(window)
    monkeypatch.setattr(dress, "stylesheet", faulty)
    with pytest.raises(ValueError, match="no style for dark"):
        Dress(window, []).change(DARK)
    assert window.updatesEnabled()
