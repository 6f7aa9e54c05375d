from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rnnviz.gui.controls import LoadingBar, Message, Notice
from rnnviz.gui.theme import LIGHT

Dress = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton
FIRST = Message(
    "error", "The file is empty.", "Choose another one.", (("Open text…", "open"), ("Retry", "retry"))
)
SECOND = Message("note", "Chinese text has no spaces.")


@pytest.fixture
def notice(dressed: Dress) -> Notice:
    bar = dressed(Notice(LIGHT), 712, 80)
    assert not bar.isVisible()
    return bar  # type: ignore[no-any-return]


def test_a_message_says_what_is_wrong_and_what_to_do(notice: Notice) -> None:
    notice.post(FIRST)
    assert notice.isVisible()
    assert (notice.text_label.text(), notice.remedy_label.text()) == (
        "The file is empty.",
        "Choose another one.",
    )
    assert notice.accessibleName() == "Error: The file is empty. Choose another one."


def test_no_message_is_lost(notice: Notice, qtbot: QtBot) -> None:
    notice.post(FIRST)
    notice.post(SECOND)
    assert notice.message == FIRST
    assert notice.count_label.text() == "1 more"
    with qtbot.assertNotEmitted(notice.closed):
        qtbot.mouseClick(notice.close_button, LEFT)
    assert notice.message == SECOND
    assert not notice.count_label.isVisible()
    assert not notice.remedy_label.isVisible()
    with qtbot.waitSignal(notice.closed, timeout=1000):
        qtbot.mouseClick(notice.close_button, LEFT)
    assert notice.message is None
    assert not notice.isVisible()


def test_the_same_message_is_not_queued_twice(notice: Notice) -> None:
    for message in (FIRST, FIRST, SECOND, SECOND):
        notice.post(message)
    assert notice.waiting == 1


def test_escape_closes_from_anywhere_in_the_window(notice: Notice, qtbot: QtBot) -> None:
    notice.post(FIRST)
    qtbot.keyClick(notice.window(), Qt.Key.Key_Escape)
    assert not notice.isVisible()


def test_an_action_is_sent_by_its_key_and_closes_the_message(notice: Notice, qtbot: QtBot) -> None:
    notice.post(FIRST)
    notice.post(SECOND)
    assert [button.text() for button in notice.action_buttons] == ["Open text…", "Retry"]
    with qtbot.waitSignal(notice.action_chosen, timeout=1000) as told:
        qtbot.mouseClick(notice.action_buttons[1], LEFT)
    assert told.args == ["retry"]
    assert notice.message == SECOND
    assert notice.action_buttons == []


def test_clear_takes_all_messages_away(notice: Notice) -> None:
    notice.post(FIRST)
    notice.post(SECOND)
    notice.clear()
    assert notice.message is None
    assert not notice.isVisible()


def test_loading_says_what_and_how_far(dressed: Dress, qtbot: QtBot) -> None:
    bar = dressed(LoadingBar(LIGHT), 712, 50)
    assert not bar.isVisible()
    bar.show_loading("war_and_peace.txt", 0.434)
    assert bar.isVisible()
    assert bar.name_label.whole == "Reading war_and_peace.txt …"
    assert bar.percent_label.text() == "43 %"
    assert bar.bar.value() / bar.bar.maximum() == pytest.approx(0.434)
    bar.show_loading("war_and_peace.txt", None)
    assert (bar.bar.minimum(), bar.bar.maximum()) == (0, 0)  # nobody knows how far
    bar.finish()
    assert not bar.isVisible()


def test_loading_is_cancelled_once_and_can_be_again(dressed: Dress, qtbot: QtBot) -> None:
    bar = dressed(LoadingBar(LIGHT), 712, 50)
    bar.show_loading("a.txt", 0.1)
    with qtbot.waitSignal(bar.cancel_clicked, timeout=1000):
        qtbot.mouseClick(bar.cancel_button, LEFT)
    assert not bar.cancel_button.isEnabled()
    bar.show_loading("a.txt", 0.2)
    assert not bar.cancel_button.isEnabled()
    bar.finish()
    bar.show_loading("b.txt", 0.0)
    assert bar.cancel_button.isEnabled()
    assert bar.cancel_button.text() == "Cancel"
