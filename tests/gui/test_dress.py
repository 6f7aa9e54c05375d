"""Another theme while the window is at work: all of it in the end, and no long turn on the way."""

from PySide6.QtCore import QTimer

from rnnviz.gui.theme import THEMES
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
