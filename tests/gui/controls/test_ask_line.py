from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rnnviz.gui.controls import AskLine
from rnnviz.gui.controls.ask import EMPTY_PASSAGE
from rnnviz.gui.theme import LIGHT

Dress = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton
PASSAGE = "The Emperor Alexander knew that Napoleon was the Emperor of"


@pytest.fixture
def ask(dressed: Dress) -> AskLine:
    line = dressed(AskLine(LIGHT), 712)
    line.show_passage(PASSAGE, "France", False)
    line.show_position(4, 10, "word")
    return line  # type: ignore[no-any-return]


@pytest.mark.parametrize("which", ["first", "previous", "next", "last"])
def test_the_transport_asks_for_a_step(ask: AskLine, qtbot: QtBot, which: str) -> None:
    with qtbot.waitSignal(getattr(ask, f"{which}_clicked"), timeout=1000):
        qtbot.mouseClick(getattr(ask, f"{which}_button"), LEFT)


@pytest.mark.usefixtures("narrow_face")
def test_people_count_from_one(ask: AskLine) -> None:
    assert ask.position_label.text() == "word 5 of 10"
    ask.show_position(1233, 2000, "character")
    assert ask.position_label.text() == "character 1,234 of 2,000"


@pytest.mark.parametrize(("step", "back", "on"), [(0, False, True), (9, True, False), (5, True, True)])
def test_the_transport_ends_where_the_passage_ends(ask: AskLine, step: int, back: bool, on: bool) -> None:
    ask.show_position(step, 10, "word")
    assert (ask.first_button.isEnabled(), ask.previous_button.isEnabled()) == (back, back)
    assert (ask.next_button.isEnabled(), ask.last_button.isEnabled()) == (on, on)


def test_a_long_passage_shows_its_end_until_it_is_edited(ask: AskLine, qtbot: QtBot) -> None:
    shown = ask.passage_field.shown()
    assert shown.startswith("…")
    assert shown.endswith("the Emperor of")
    ask.passage_field.setFocus()
    assert ask.passage_field.shown() == PASSAGE


def test_enter_asks_passage_and_answer(ask: AskLine, qtbot: QtBot) -> None:
    ask.edit()
    qtbot.keyClicks(ask.passage_field, "Alexander was the Emperor of")
    qtbot.keyClick(ask.passage_field, Qt.Key.Key_Tab)
    assert ask.answer_field.hasFocus()
    ask.answer_field.selectAll()
    qtbot.keyClicks(ask.answer_field, " Russia ")
    with qtbot.waitSignal(ask.asked, timeout=1000) as told:
        qtbot.keyClick(ask.answer_field, Qt.Key.Key_Return)
    assert told.args == ["Alexander was the Emperor of", "Russia"]


def test_an_assumed_answer_is_shown_as_such_and_asks_for_none(ask: AskLine, qtbot: QtBot) -> None:
    ask.show_passage(PASSAGE, "the", True)
    assert ask.answer_field.text() == ""
    assert ask.answer_field.placeholderText() == "the (likeliest)"
    ask.passage_field.setFocus()
    with qtbot.waitSignal(ask.asked, timeout=1000) as told:
        qtbot.keyClick(ask.passage_field, Qt.Key.Key_Return)
    assert told.args == [PASSAGE, ""]


@pytest.mark.parametrize("nothing", ["", "   "])
def test_an_empty_passage_is_refused_beside_the_field(ask: AskLine, qtbot: QtBot, nothing: str) -> None:
    ask.edit()
    qtbot.keyClick(ask.passage_field, Qt.Key.Key_Backspace)
    qtbot.keyClicks(ask.passage_field, nothing)
    with qtbot.assertNotEmitted(ask.asked):
        qtbot.keyClick(ask.passage_field, Qt.Key.Key_Return)
    assert ask.error_label.isVisible()
    assert ask.error_label.text() == EMPTY_PASSAGE
    qtbot.keyClicks(ask.passage_field, "x")
    assert not ask.error_label.isVisible()


def test_several_lines_can_be_pasted(ask: AskLine, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("The king is dead.\nLong live\nthe")
    ask.edit()
    qtbot.keyClick(ask.passage_field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(ask.asked, timeout=1000) as told:
        qtbot.keyClick(ask.passage_field, Qt.Key.Key_Return)
    assert told.args == ["The king is dead.\nLong live\nthe", "France"]
    ask.answer_field.setFocus()
    assert "\n" not in ask.passage_field.shown()


def test_what_is_being_typed_is_not_overwritten(ask: AskLine, qtbot: QtBot) -> None:
    ask.edit()
    qtbot.keyClicks(ask.passage_field, "Some")
    ask.show_passage("Another passage", "here", False)
    assert ask.passage_field.text() == "Some"
    assert ask.answer_field.text() == "here"


def test_escape_brings_the_watched_passage_back(ask: AskLine, qtbot: QtBot) -> None:
    ask.edit()
    qtbot.keyClicks(ask.passage_field, "Some")
    ask.show_passage("Another passage", "here", False)
    with qtbot.waitSignal(ask.released, timeout=1000), qtbot.assertNotEmitted(ask.asked):
        qtbot.keyClick(ask.passage_field, Qt.Key.Key_Escape)
    assert ask.passage_field.text() == "Another passage"


def test_write_on_is_asked_for_or_says_why_not(ask: AskLine, qtbot: QtBot) -> None:
    with qtbot.waitSignal(ask.write_on_clicked, timeout=1000):
        qtbot.mouseClick(ask.write_on_button, LEFT)
    ask.set_writing_possible(False, "Open a text first.")
    assert not ask.write_on_button.isEnabled()
    assert ask.write_on_button.toolTip() == "Open a text first."


def test_a_narrower_line_shortens_the_position_first_and_keeps_should_say_the_longest(dressed: Dress) -> None:
    ask = dressed(AskLine(LIGHT), 1000)
    ask.show_passage(PASSAGE, "Constantinople", True)
    met = []
    for width in range(1000, 480, -4):
        ask.window().resize(width, ask.height())
        ask.show_position(4, 10, "word")
        labels = (ask._ask_label, ask.position_label, ask._say_label)
        met.append((ask.position_label.text(), *(widget.isVisible() for widget in labels)))
    assert list(dict.fromkeys(met)) == [
        ("word 5 of 10", True, True, True),
        ("5 of 10", True, True, True),
        ("5 of 10", False, True, True),
        ("5 of 10", False, False, True),
        ("5 of 10", False, False, False),
    ]


def test_a_label_that_comes_back_stands_in_its_place_at_once(dressed: Dress) -> None:
    ask = dressed(AskLine(LIGHT), 480)
    ask.show_passage(PASSAGE, "Constantinople", True)
    ask.show_position(4, 10, "word")
    assert not ask.position_label.isVisible()
    ask.window().resize(1000, ask.height())
    ask.show_position(1233, 2000, "character")  # no event is handled before the line is painted
    assert ask.position_label.isVisible() and ask._ask_label.isVisible()
    assert ask.position_label.geometry().right() < ask._ask_label.geometry().left()
    assert ask._ask_label.geometry().right() < ask.passage_field.geometry().left()


@pytest.mark.parametrize("width", [480, 560, 640, 712, 1200])
def test_nothing_overlaps_at_any_width(dressed: Dress, width: int) -> None:
    ask = dressed(AskLine(LIGHT), width)
    ask.show_passage(PASSAGE, "Constantinople", True)
    ask.show_position(99, 100, "character")
    QApplication.processEvents()
    row = [ask.first_button, ask.last_button, ask.position_label, ask.passage_field, ask.answer_field,
           ask.write_on_button]  # fmt: skip
    row = [widget for widget in row if widget.isVisible()]
    for left, right in pairwise(row):
        assert left.geometry().right() < right.geometry().left()
    assert ask.rect().contains(ask.write_on_button.geometry())
    assert ask.passage_field.width() >= 90
