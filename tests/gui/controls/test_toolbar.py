from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from rnnviz.gui.controls import Toolbar, ToolbarState
from rnnviz.gui.theme import DARK, LIGHT

Dress = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton
EVERYTHING = ToolbarState(can_train=True, can_step=True, can_start_over=True, can_slow=True)


@pytest.fixture
def toolbar(dressed: Dress) -> Toolbar:
    bar = dressed(Toolbar(LIGHT))
    bar.set_samples([("Rulers", "Who ruled what", "rulers"), ("Letters", "Letters to keep", "letters")])
    bar.set_state(EVERYTHING)
    return bar  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("button", "signal"),
    [
        ("open_button", "open_clicked"),
        ("train_button", "train_clicked"),
        ("step_button", "step_clicked"),
        ("start_over_button", "start_over_clicked"),
        ("theme_button", "theme_clicked"),
    ],
)
def test_a_click_and_enter_each_send_the_command(
    toolbar: Toolbar, qtbot: QtBot, button: str, signal: str
) -> None:
    pressed = getattr(toolbar, button)
    with qtbot.waitSignal(getattr(toolbar, signal), timeout=1000):
        qtbot.mouseClick(pressed, LEFT)
    pressed.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(getattr(toolbar, signal), timeout=1000):
        qtbot.keyClick(pressed, Qt.Key.Key_Return)


def test_while_running_the_primary_button_pauses(toolbar: Toolbar, qtbot: QtBot) -> None:
    toolbar.set_state(ToolbarState(running=True, can_train=False))
    assert toolbar.train_button.text().strip() == "Pause"
    assert toolbar.train_button.symbol == "pause"
    assert toolbar.train_button.isEnabled()
    with qtbot.assertNotEmitted(toolbar.train_clicked), qtbot.waitSignal(toolbar.pause_clicked, timeout=1000):
        qtbot.mouseClick(toolbar.train_button, LEFT)


def test_what_cannot_be_done_is_disabled_and_says_why(toolbar: Toolbar, qtbot: QtBot) -> None:
    toolbar.set_state(ToolbarState(train_reason="Open a text first.", step_reason="Pause first."))
    for button in (toolbar.train_button, toolbar.step_button, toolbar.start_over_button, toolbar.slow_button):
        assert not button.isEnabled()
    assert toolbar.train_button.toolTip() == "Open a text first."
    assert toolbar.step_button.toolTip() == "Pause first."
    with qtbot.assertNotEmitted(toolbar.train_clicked):
        qtbot.mouseClick(toolbar.train_button, LEFT)


def test_train_and_pause_are_equally_wide(toolbar: Toolbar) -> None:
    width = toolbar.train_button.width()
    toolbar.set_state(ToolbarState(running=True))
    QApplication.processEvents()
    assert toolbar.train_button.width() == width


def test_slow_motion_toggles_and_can_always_be_left(toolbar: Toolbar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(toolbar.slow_motion_toggled, timeout=1000) as told:
        qtbot.mouseClick(toolbar.slow_button, LEFT)
    assert told.args == [True]
    toolbar.set_state(ToolbarState(slow=True, can_slow=False))
    assert toolbar.slow_button.isChecked()
    assert toolbar.slow_button.isEnabled()
    with qtbot.waitSignal(toolbar.slow_motion_toggled, timeout=1000) as told:
        qtbot.mouseClick(toolbar.slow_button, LEFT)
    assert told.args == [False]


def test_the_menu_offers_samples_and_recent_files(toolbar: Toolbar, qtbot: QtBot) -> None:
    toolbar.set_recent(["/books/war & peace.txt", "/books/emma.txt"])
    menu = toolbar.samples_button.menu()
    assert isinstance(menu, QMenu)
    by_text = {action.text(): action for action in menu.actions() if action.text()}
    assert list(by_text) == [
        "Rulers", "Letters", "Memory task…", "Recent files", "war && peace.txt", "emma.txt",
    ]  # fmt: skip
    assert by_text["Rulers"].toolTip() == "Who ruled what"
    with qtbot.waitSignal(toolbar.sample_chosen, timeout=1000) as told:
        by_text["Letters"].trigger()
    assert told.args == ["letters"]
    with qtbot.waitSignal(toolbar.recent_chosen, timeout=1000) as told:
        by_text["war && peace.txt"].trigger()
    assert told.args == ["/books/war & peace.txt"]


def test_a_click_on_a_button_leaves_the_keyboard_where_it_was(toolbar: Toolbar, qtbot: QtBot) -> None:
    toolbar.rate.field.setFocus()
    qtbot.mouseClick(toolbar.step_button, LEFT)
    assert toolbar.rate.field.hasFocus()


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("width", [640, 760, 900, 1000, 1280, 1920])
def test_at_every_width_labels_are_shortened_rather_than_cut(
    dressed: Dress, width: int, running: bool
) -> None:
    bar = dressed(Toolbar(LIGHT))
    bar.set_samples([("Rulers", "", "rulers")])
    bar.set_state(ToolbarState(running=running, can_train=True))
    width = max(width, bar.minimumSizeHint().width())
    bar.window().resize(width, bar.height())
    QApplication.processEvents()
    buttons = [bar.open_button, bar.samples_button, bar.train_button, bar.step_button,
               bar.start_over_button, bar.slow_button, bar.theme_button]  # fmt: skip
    for button in buttons:
        icon = 14 if button.symbol else 0
        assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()) + icon + 6
        assert bar.rect().contains(button.geometry())
    for left, right in pairwise(buttons):
        assert left.geometry().right() < right.geometry().left()
    assert bar.rate.geometry().right() < bar.theme_button.geometry().left()


@pytest.mark.parametrize("width", [960, 1110])
@pytest.mark.usefixtures("narrow_face")
def test_labels_stay_while_there_is_room_for_them(dressed: Dress, width: int) -> None:
    bar = dressed(Toolbar(LIGHT))
    bar.window().resize(width, bar.height())
    QApplication.processEvents()
    assert bar.start_over_button.text() == "Start over"  # at 960 points, a projector at 200 %, not "Over"
    assert bar.open_button.text() == ("Open text…" if width > 960 else "Open…")
    row = bar.layout()
    assert row is not None and row.minimumSize().width() <= width


def test_labels_are_whole_at_1280_points(toolbar: Toolbar) -> None:
    assert toolbar.minimumSizeHint().width() < 900
    texts = [b.text().strip() for b in (toolbar.open_button, toolbar.step_button, toolbar.slow_button)]
    assert texts == ["Open text…", "One update", "Slow motion"]


def test_the_theme_button_offers_the_other_theme(toolbar: Toolbar) -> None:
    assert (toolbar.theme_button.symbol, toolbar.theme_button.accessibleName()) == ("moon", "Dark theme")
    toolbar.set_theme(DARK)
    assert (toolbar.theme_button.symbol, toolbar.theme_button.accessibleName()) == ("sun", "Light theme")
