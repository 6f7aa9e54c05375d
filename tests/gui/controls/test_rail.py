from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rnnviz.gui.controls import Rail, RailFacts
from rnnviz.gui.controls.fields import Choice, Field
from rnnviz.gui.controls.switch import Switch
from rnnviz.gui.theme import LIGHT
from rnnviz.training.settings import SETTINGS, RunSettings

Dress = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def rail(dressed: Dress) -> Rail:
    return dressed(Rail(LIGHT), 170, 900)  # type: ignore[no-any-return]


def typed(qtbot: QtBot, rail: Rail, name: str, text: str, key: Qt.Key = Qt.Key.Key_Return) -> Field:
    field = rail.rows[name].field
    assert isinstance(field, Field)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, key)
    return field


def chosen(qtbot: QtBot, rail: Rail, name: str) -> Choice:
    field = rail.rows[name].field
    assert isinstance(field, Choice)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Down)
    return field


def test_every_setting_of_the_table_has_a_row_with_its_help(rail: Rail) -> None:
    assert set(rail.rows) == set(SETTINGS)
    for name, row in rail.rows.items():
        assert row.name_label.text() == SETTINGS[name].label
        assert SETTINGS[name].help[1:] in row.field.toolTip()
        assert row.field.accessibleName() == SETTINGS[name].label


def test_fields_show_the_settings_of_the_run(rail: Rail) -> None:
    run = RunSettings().with_values(
        {"vocabulary": 12000, "clip": 0, "embedding": 0, "lr": 0.0003, "seed": 1234567, "activation": "relu"}
    )
    rail.show_settings(run)
    texts = {n: r.field.text() for n, r in rail.rows.items() if isinstance(r.field, Field)}
    assert texts["vocabulary"] == "12,000"
    assert texts["clip"] == "off"
    assert texts["embedding"] == "one-hot"
    assert texts["lr"] == "0.0003"
    assert texts["seed"] == "1234567"
    activation = rail.rows["activation"].field
    assert isinstance(activation, Choice)
    assert (activation.currentText(), activation.currentData()) == ("ReLU", "relu")
    assert rail.pending() == {}
    assert not rail.pending_bar.isVisible()


@pytest.mark.parametrize(
    ("name", "text", "value"), [("lr", "0.02", 0.02), ("clip", "1.5", 1.5), ("clip", "off", 0)]
)
def test_what_acts_at_once_is_sent_at_once(
    rail: Rail, qtbot: QtBot, name: str, text: str, value: float
) -> None:
    with qtbot.waitSignal(rail.changed_now, timeout=1000) as told:
        typed(qtbot, rail, name, text)
    assert told.args == [name, value]
    assert not rail.pending_bar.isVisible()


def test_leaving_a_field_finishes_it(rail: Rail, qtbot: QtBot) -> None:
    with qtbot.waitSignal(rail.changed_now, timeout=1000) as told:
        typed(qtbot, rail, "lr", "0.1", Qt.Key.Key_Tab)
    assert told.args == ["lr", 0.1]


def test_what_needs_a_new_network_waits_under_apply(rail: Rail, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(rail.changed_now), qtbot.assertNotEmitted(rail.applied):
        typed(qtbot, rail, "hidden", "64")
        typed(qtbot, rail, "vocabulary", "4,000")
        chosen(qtbot, rail, "activation")
    assert rail.pending_bar.text_label.text() == "3 changes need a new network"
    marked = {name for name, row in rail.rows.items() if row.marked}
    assert marked == {"hidden", "vocabulary", "activation"}
    assert "Now 48." in rail.rows["hidden"].field.toolTip()
    with qtbot.waitSignal(rail.applied, timeout=1000) as told:
        qtbot.mouseClick(rail.pending_bar.apply_button, LEFT)
    activation = rail.rows["activation"].value()
    assert activation != "tanh"
    assert told.args == [{"hidden": 64, "vocabulary": 4000, "activation": activation}]


def test_changes_wait_until_the_run_has_them(rail: Rail, qtbot: QtBot) -> None:
    typed(qtbot, rail, "hidden", "64")
    typed(qtbot, rail, "layers", "2")
    qtbot.mouseClick(rail.pending_bar.apply_button, LEFT)
    assert rail.pending() == {"hidden": 64, "layers": 2}  # it may have failed
    rail.show_settings(RunSettings().with_values({"hidden": 64, "layers": 2}))
    assert rail.pending() == {}
    assert not rail.pending_bar.isVisible()


def test_a_learning_rate_from_elsewhere_leaves_what_waits_alone(rail: Rail, qtbot: QtBot) -> None:
    typed(qtbot, rail, "hidden", "64")
    rail.show_settings(RunSettings().with_values({"lr": 0.5}))
    assert rail.pending() == {"hidden": 64}
    field = rail.rows["lr"].field
    assert isinstance(field, Field)
    assert field.text() == "0.5"


def test_a_setting_without_meaning_for_the_cell_is_shut_and_says_why(rail: Rail, qtbot: QtBot) -> None:
    activation, bias, radius = (rail.rows[n] for n in ("activation", "forget_bias", "spectral_radius"))
    assert activation.field.isEnabled() and not bias.field.isEnabled() and not radius.field.isEnabled()
    assert "The plain RNN has no forget gate." in bias.field.toolTip()
    rail.show_settings(RunSettings().with_values({"activation": "sigmoid"}))
    cell, start = rail.rows["cell"].field, rail.rows["init"].field
    assert isinstance(cell, Choice) and isinstance(start, Choice)
    cell.setCurrentIndex(cell.findData("lstm"))
    assert not activation.field.isEnabled() and bias.field.isEnabled()
    assert "The LSTM has functions of its own" in activation.field.toolTip()
    assert rail.pending() == {"cell": "lstm"}
    cell.setCurrentIndex(cell.findData("rnn"))
    assert activation.field.isEnabled() and activation.value() == "sigmoid", "as the run has it"
    assert rail.pending() == {}
    start.setCurrentIndex(start.findData("spectral"))
    assert radius.field.isEnabled()


def test_discard_brings_the_run_back(rail: Rail, qtbot: QtBot) -> None:
    typed(qtbot, rail, "hidden", "64")
    typed(qtbot, rail, "layers", "none")
    with qtbot.assertNotEmitted(rail.applied):
        qtbot.mouseClick(rail.pending_bar.discard_button, LEFT)
    assert rail.pending() == {}
    assert rail.problems() == {}
    field = rail.rows["hidden"].field
    assert isinstance(field, Field)
    assert field.text() == "48"
    assert not rail.pending_bar.isVisible()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("hidden", "0", "Units must be at least 1 and at most 8,192, not 0."),
        ("hidden", "ten", "Units must be a whole number, at least 1 and at most 8,192, not 'ten'."),
        ("hidden", "3.5", "Units must be a whole number, at least 1 and at most 8,192, not 3.5."),
        ("lr", "nan", "Learning rate must be a number, greater than 0 and at most 100, not nan."),
        ("window", "", "Window must be a whole number, at least 1 and at most 10,000, not ''."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(
    rail: Rail, qtbot: QtBot, name: str, text: str, words: str
) -> None:
    typed(qtbot, rail, "batch", "16")
    with qtbot.assertNotEmitted(rail.changed_now):
        field = typed(qtbot, rail, name, text)
        if not text:
            field.clear()
            rail.rows[name].settled.emit(name)
    row = rail.rows[name]
    assert row.problem_label.isVisible()
    assert row.problem_label.text() == words
    assert field.property("wrong") == "true"
    assert not rail.pending_bar.apply_button.isEnabled()
    with qtbot.assertNotEmitted(rail.applied):
        rail.apply()
    typed(qtbot, rail, name, "8")
    assert not row.problem_label.isVisible()
    assert rail.pending_bar.apply_button.isEnabled()


def test_nobody_is_corrected_while_still_typing(rail: Rail, qtbot: QtBot) -> None:
    field = rail.rows["hidden"].field
    assert isinstance(field, Field)
    field.setFocus()
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert not rail.rows["hidden"].problem_label.isVisible()
    qtbot.keyClicks(field, "64")
    assert rail.pending() == {"hidden": 64}


def test_escape_brings_a_field_back(rail: Rail, qtbot: QtBot) -> None:
    with qtbot.waitSignal(rail.released, timeout=1000):
        field = typed(qtbot, rail, "hidden", "99", Qt.Key.Key_Escape)
    assert field.text() == "48"
    assert rail.pending() == {}


def test_arrow_up_counts_and_stops_at_the_end_of_the_range(rail: Rail, qtbot: QtBot) -> None:
    field = rail.rows["layers"].field
    assert isinstance(field, Field)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert rail.pending() == {"layers": 2}
    qtbot.keyClick(field, Qt.Key.Key_PageDown)
    assert field.text() == "1"
    assert rail.pending() == {}


def test_the_session_can_say_what_is_wrong(rail: Rail, qtbot: QtBot) -> None:
    typed(qtbot, rail, "window", "9000")
    rail.show_problem("window", "--window 9000 is longer than the text; choose at most 400.")
    label = rail.rows["window"].problem_label
    assert label.text() == "Window 9000 is longer than the text; choose at most 400."
    assert not rail.pending_bar.apply_button.isEnabled()
    typed(qtbot, rail, "window", "300")
    assert not label.isVisible()
    assert rail.pending_bar.apply_button.isEnabled()


def test_a_complaint_is_over_when_the_run_has_the_value(rail: Rail, qtbot: QtBot) -> None:
    typed(qtbot, rail, "window", "9000")
    rail.show_problem("window", "--window 9000 is longer than the text.")
    rail.show_settings(RunSettings())  # another text was opened; the change still waits
    assert rail.problems() == {"window": "Window 9000 is longer than the text."}
    rail.discard()
    rail.show_problem("window", "--window 16 is longer than the text.")
    rail.show_settings(RunSettings())
    assert rail.problems() == {}


def test_the_slider_of_the_toolbar_mends_a_wrong_learning_rate(rail: Rail, qtbot: QtBot) -> None:
    field = typed(qtbot, rail, "lr", "nan", Qt.Key.Key_Tab)
    assert rail.problems()
    rail.show_settings(RunSettings().with_values({"lr": 0.03}))
    assert field.text() == "0.03"
    assert rail.problems() == {}
    assert not rail.rows["lr"].problem_label.isVisible()


def test_rare_settings_are_under_more(rail: Rail, qtbot: QtBot) -> None:
    switch = rail.rows["lowercase"].field
    assert isinstance(switch, Switch)
    assert not switch.isVisible()
    qtbot.mouseClick(rail.more_button, LEFT)
    assert switch.isVisible()
    qtbot.mouseClick(switch, LEFT)
    assert rail.pending() == {"lowercase": True}
    assert rail.pending_bar.text_label.text() == "1 change needs a new network"


def test_the_wheel_scrolls_and_changes_no_choice(rail: Rail) -> None:
    field = rail.rows["optimizer"].field
    assert isinstance(field, Choice)
    before = field.currentIndex()
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(field, wheel)
    assert field.currentIndex() == before
    assert not wheel.isAccepted()


def test_the_old_network_can_be_had_back(rail: Rail, qtbot: QtBot) -> None:
    rail.offer_undo(True)
    assert rail.pending_bar.isVisible()
    assert rail.pending_bar.text_label.text() == "Old network kept"
    with qtbot.waitSignal(rail.undo_clicked, timeout=1000):
        qtbot.mouseClick(rail.pending_bar.undo_button, LEFT)
    assert not rail.pending_bar.isVisible()


def test_new_changes_go_before_the_offer_to_undo(rail: Rail, qtbot: QtBot) -> None:
    rail.offer_undo(True)
    typed(qtbot, rail, "hidden", "64")
    assert rail.pending_bar.apply_button.isVisible()
    assert not rail.pending_bar.undo_button.isVisible()
    qtbot.mouseClick(rail.pending_bar.discard_button, LEFT)
    assert rail.pending_bar.undo_button.isVisible()


def test_facts_are_shown_and_left_out_when_unknown(rail: Rail) -> None:
    rail.show_facts(RailFacts(0.123, "words", 84321))
    assert (rail.rare_label.text(), rail.parameters_label.text()) == ("12 % rare words", "84,321 parameters")
    rail.show_facts(RailFacts(0.002, "characters"))
    assert rail.rare_label.text() == "under 1 % rare signs"
    assert not rail.parameters_label.isVisible()


def test_the_rail_folds_to_a_strip(rail: Rail, qtbot: QtBot) -> None:
    typed(qtbot, rail, "hidden", "64")
    with qtbot.waitSignal(rail.folded, timeout=1000) as told:
        qtbot.mouseClick(rail.fold_button, LEFT)
    assert told.args == [True]
    assert rail.width() < 40
    assert not rail.pending_bar.isVisible()
    qtbot.mouseClick(rail.fold_button, LEFT)
    assert rail.width() == 170
    assert rail.pending_bar.isVisible()
    assert rail.pending() == {"hidden": 64}


def test_no_field_is_cut_off_at_720_points_with_more_open(dressed: Dress, qtbot: QtBot) -> None:
    rail = dressed(Rail(LIGHT), 170, 640)
    qtbot.mouseClick(rail.more_button, LEFT)
    typed(qtbot, rail, "hidden", "0")
    QApplication.processEvents()
    for row in rail.rows.values():
        if row.isVisible():
            right = row.field.mapTo(rail, QPoint(row.field.width(), 0)).x()
            assert right <= rail.width() - 8, row.setting.name  # the scroll bar's strip
            assert row.name_label.width() >= row.name_label.sizeHint().width(), row.setting.name
            assert row.name_label.geometry().right() < row.field.geometry().left(), row.setting.name


@pytest.mark.parametrize("name", [name for name, setting in SETTINGS.items() if len(setting.choices) > 1])
def test_the_list_of_a_choice_shows_its_words_whole(dressed: Dress, qtbot: QtBot, name: str) -> None:
    rail = dressed(Rail(LIGHT), 170, 900)
    rail.more_button.setChecked(True)
    field = rail.rows[name].field
    field.showPopup()
    for i in range(field.count()):
        needed = field.fontMetrics().horizontalAdvance(field.itemText(i))
        assert field.view().viewport().width() >= needed + 8
    field.hidePopup()


def test_the_processor_cores_are_no_setting_of_the_network_and_act_at_once(qtbot: QtBot, rail: Rail) -> None:
    rail.more_button.setChecked(True)
    field = rail.workers_row.field
    assert isinstance(field, Field) and field.text() == "1"
    heard: list[int] = []
    rail.workers_changed.connect(heard.append)
    for text in ("2", "0", "2", "1"):
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert bool(rail.workers_row.problem_label.text()) == (text == "0")
    assert heard == [2, 1]
    assert rail.pending() == {} and "workers" not in rail.rows
