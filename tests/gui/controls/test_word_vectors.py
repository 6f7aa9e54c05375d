"""Word vectors in the rail: the file chosen from a list that ends in a dialog, and what it covers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from rnnviz.gui.controls import Rail, RailFacts
from rnnviz.gui.controls.file_choice import CHOOSE, NONE, FileChoice
from rnnviz.gui.theme import LIGHT
from rnnviz.text import Coverage
from rnnviz.training.settings import RunSettings

Dress = Callable[..., Any]


@pytest.fixture
def rail(dressed: Dress) -> Rail:
    return dressed(Rail(LIGHT), 170, 900)  # type: ignore[no-any-return]


def field_of(rail: Rail) -> FileChoice:
    field = rail.rows["vectors"].field
    assert isinstance(field, FileChoice)
    return field


def choose(field: FileChoice, text: str) -> None:
    """Take an entry of the list, as by hand."""
    index = field.findText(text)
    assert index >= 0
    field.setCurrentIndex(index)
    field.activated.emit(index)


@pytest.fixture
def dialog(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The answers that the file dialog will give, the last one first; "" leaves it."""
    answers: list[str] = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (answers.pop(), ""))
    return answers


def test_a_file_chosen_waits_under_apply(rail: Rail, dialog: list[str], qtbot: QtBot, tmp_path: Path) -> None:
    field, path = field_of(rail), str(tmp_path / "glove.txt")
    assert (field.currentText(), rail.pending()) == (NONE, {})
    dialog.append(path)
    choose(field, CHOOSE)
    assert field.currentText() == "glove.txt" and rail.rows["vectors"].marked
    with qtbot.waitSignal(rail.applied) as applied:
        rail.pending_bar.apply_button.click()
    assert applied.args == [{"vectors": path}]
    rail.show_settings(RunSettings().with_values({"vectors": path, "embedding": 50}))
    assert rail.pending() == {} and path in field.toolTip()
    choose(field, NONE)
    assert rail.pending() == {"vectors": ""}
    rail.discard()
    assert field.currentText() == "glove.txt"


def test_a_dialog_that_is_left_changes_nothing(rail: Rail, dialog: list[str]) -> None:
    field = field_of(rail)
    dialog += ["", "/some/glove.txt", ""]
    choose(field, CHOOSE)
    assert field.currentText() == NONE and rail.pending() == {}
    choose(field, CHOOSE)
    choose(field, CHOOSE)
    assert field.currentText() == "glove.txt" and rail.pending() == {"vectors": "/some/glove.txt"}


def test_arrow_keys_open_the_list_and_no_dialog(rail: Rail, dialog: list[str], qtbot: QtBot) -> None:
    field = field_of(rail)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Down)  # with an empty `dialog` opening one would fail
    assert field.view().isVisible() and field.currentText() == NONE
    field.hidePopup()


def test_what_the_vectors_cover_stands_under_them(rail: Rail) -> None:
    assert rail.coverage_label.isHidden()
    facts = RailFacts(parameters=900, frozen=40_000, coverage=Coverage(4000, 2103, 12, 0.84))
    rail.show_facts(facts)
    said = "84 % of the words met have a vector, 2,103 of 4,000 known words"
    assert rail.coverage_label.text() == said and rail.coverage_label.isVisible()
    assert "12 of them as written in lower case" in rail.coverage_label.toolTip()
    assert rail.parameters_label.text() == "900 parameters,\n40,000 frozen"
    assert rail.minimumSizeHint().width() <= 170
    for text in (rail.coverage_label, rail.parameters_label):
        assert text.mapTo(rail, text.rect().topRight()).x() < 170
    rail.show_facts(RailFacts(parameters=900))
    assert rail.coverage_label.isHidden() and rail.parameters_label.text() == "900 parameters"
