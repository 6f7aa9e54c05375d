"""The menu follows the state of the session, and the sheet of keys says what there is and nothing else."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QLabel

from rnnviz.gui.keys_sheet import CLICKS, COLUMNS, KeysSheet, show_keys
from rnnviz.gui.task_dialog import TaskDialog

TEXT = {"Save network…", "Ask", "Find in the text", "Same start, but…"}
"""What needs a text and nothing else, without the letters underlined."""


def actions(window):
    return {one.text().replace("&", ""): one for one in window.actions() if one.text()}


def greyed(window):
    return {text for text, action in actions(window).items() if not action.isEnabled()}


def test_the_menu_follows_the_state(open_window, tmp_path):
    (tmp_path / "empty.txt").write_text("")
    user = open_window(tmp_path / "empty.txt", until_traced=False)  # refused: no text is open
    training = {"Train / Pause", "One update", "Start over", "Slow motion", "Validate now"}
    assert greyed(user.window) == TEXT | training | {"Change the cause"}
    assert all(actions(user.window)[text].toolTip() == "No text is open yet." for text in TEXT)


def test_what_can_be_done_follows_training(user):
    window = user.window
    assert greyed(window) == {"Start over"}
    assert actions(window)["Start over"].toolTip() == "Nothing has been learned yet."
    user.key(Qt.Key.Key_Space)
    user.until_state("running")
    assert greyed(window) == {"One update"}
    assert actions(window)["One update"].toolTip() == "Pause first."
    user.key(Qt.Key.Key_Space)
    user.until_state("paused")
    assert greyed(window) == set()


def test_a_key_of_a_greyed_action_does_nothing(user):
    user.key(Qt.Key.Key_Backspace, Qt.KeyboardModifier.ControlModifier)
    assert user.window.session.state == "ready"
    user.train_until(5)
    user.key(Qt.Key.Key_Backspace, Qt.KeyboardModifier.ControlModifier)
    user.until_state("ready")


def test_memory_tasks_stand_among_the_example_texts(user):
    menu = user.window.toolbar.samples_button.menu()
    entry = next(action for action in menu.actions() if action.text() == "Memory task…")
    entry.trigger()
    dialog = user.window.findChild(TaskDialog)
    assert dialog is not None and dialog.isVisible()
    dialog.close()


@pytest.mark.parametrize(
    ("key", "modifiers"),
    [
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier),
    ],
)
def test_a_key_shows_the_sheet_and_escape_closes_it(user, key, modifiers):
    user.key(key, modifiers)
    sheet = user.window.findChild(KeysSheet)
    assert sheet is not None and sheet.isVisible() and not sheet.isModal()
    user.bot.keyClick(sheet, Qt.Key.Key_Escape)
    user.until(lambda: user.window.findChild(KeysSheet) is None)


def test_a_question_mark_can_still_be_asked(user):
    field = user.window.ask_line.passage_field
    user.bot.mouseClick(field, Qt.MouseButton.LeftButton)
    user.bot.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    user.bot.keyClicks(field, "who ?")
    assert field.text() == "who ?"
    assert user.window.findChild(KeysSheet) is None


def keys_told():
    """Every key of the sheet, as text."""
    groups = [group for column in COLUMNS for group in column if group is not CLICKS]
    return [key.strip() for _, rows in groups for keys, _ in rows for key in re.split(r", ", keys)]


def test_every_key_of_the_menu_stands_on_the_sheet(window):
    told = {QKeySequence(key).toString() for key in keys_told()}
    there = {key.toString() for action in window.actions() for key in action.shortcuts() if not key.isEmpty()}
    assert len(there) > 15
    assert there - {"Shift+?"} <= told


def test_every_key_with_ctrl_on_the_sheet_belongs_to_an_action(window):
    there = {key.toString() for action in window.actions() for key in action.shortcuts()}
    told = {QKeySequence(key).toString() for key in keys_told() if key.startswith(("Ctrl", "F1"))}
    assert told <= there


def test_the_sheet_fits_the_smallest_screen_and_cuts_nothing_off(user):
    user.key(Qt.Key.Key_F1)
    sheet = user.window.findChild(KeysSheet)
    QApplication.processEvents()
    assert sheet.width() <= 1000 and sheet.height() <= 600
    for words in sheet.findChildren(QLabel):
        needed = words.heightForWidth(words.width()) if words.wordWrap() else words.sizeHint().height()
        assert words.height() >= needed, words.text()
        longest = max(words.text().split(), key=len)
        assert words.fontMetrics().horizontalAdvance(longest) <= words.width(), longest
    sheet.close()


def test_the_sheet_of_keys_closes_with_the_window(user, window, qapp):
    show_keys(window)
    assert any(isinstance(w, KeysSheet) and w.isVisible() for w in qapp.topLevelWidgets())
    window.close()
    assert [w for w in qapp.topLevelWidgets() if w.isVisible()] == []
