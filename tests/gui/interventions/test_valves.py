"""Changing the cause in the picture: valves dragged, gates held, units silenced, words swapped."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from rnnviz.gui.views.compared import in_percent
from rnnviz.gui.views.tracks.holds import dragged_value
from rnnviz.gui.views.tracks.track import Grip
from rnnviz.training import (
    HoldGate,
    SilenceUnit,
)
from tests.gui.conftest import User
from tests.gui.interventions.hands import (
    choose,
    drag,
    gate_place,
    ghost_stands,
    held,
    ink_in,
    unit_place,
    until_held,
    valve,
)

SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


# -- valves -----------------------------------------------------------------------------------------------
def test_a_valve_dragged_shut_makes_it_forget_and_opened_again_it_remembers(answering: User) -> None:
    user, window = answering, answering.window
    before, session = user.trace.state_gradient_matrix, window.session
    assert session.settings.experiment.window > 40
    drag(user, 10, 60)
    until_held(user, HoldGate("f", 0.0, 10))
    user.until(lambda: "→" in (text := window.status_line.answers_label.text()) and "…" not in text)
    known = window.interventions._answers
    assert known._before[0] > 0.95 and abs(known._after[0] - 0.25) < 0.1, "about chance"
    assert "chance 25 %" in window.status_line.answers_label.text()
    t = user.trace.last_target_step
    assert user.trace.gates["f"][10].max() == 0 and user.trace.held["f"][:, 0].nonzero()[0].tolist() == [10]
    assert user.trace.cell_carry_matrix[t, 9, 0] == 0, "nothing of the error runs along c past the valve"
    assert not np.array_equal(user.trace.state_gradient_matrix, before)
    shares = [trace.share_left(t, 0)[0] for trace in (user.trace, window.score._context.ghost.trace)]
    text = window.score.accessibleDescription()
    assert text.startswith("With the forget gate shut at ")
    assert f"with {in_percent(shares[0])} of its strength; before: {in_percent(shares[1])}." in text

    # What is left goes round through h and the gates; the input gate shuts that way, too.
    choose(user, window.score.menu_at(gate_place(user, "i", 10)), "Hold the input gate shut at")
    until_held(user, HoldGate("f", 0.0, 10), HoldGate("i", 0.0, 10))
    assert not user.trace.state_gradient_matrix[t, :10].any() and user.trace.state_gradient_matrix[t, 10] > 0
    assert "nothing" in window.score.accessibleDescription() or " 0 %" in window.score.accessibleDescription()
    user.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    until_held(user, HoldGate("f", 0.0, 10))

    user.bot.mouseDClick(window.score, Qt.MouseButton.LeftButton, pos=valve(user, 10))
    until_held(user)
    np.testing.assert_array_equal(user.trace.state_gradient_matrix, before)
    user.until(lambda: known._after.get(0, 0.0) > 0.95)
    assert session.state == "paused" and user.said == ""


def test_the_picture_follows_the_valve_and_its_value_is_shown(lstm: User) -> None:
    user, start = lstm, float(lstm.trace.gates["f"][2, 0].mean())
    drag(user, 2, -8, drop=False)
    value = dragged_value(Grip("f", 2, 0, start, held=False), 8)
    until_held(user, HoldGate("f", value, 2))
    assert not user.window.interventions.bar.isVisible(), "nothing moves under the hand"
    assert user.trace.gates["f"][2, 0] == pytest.approx(value)
    valve_at = valve(user, 2)
    label = ink_in(user, valve_at.x() + 12, valve_at.y() - 14, 150, 18)
    assert label > 800, "a box of ink with the value stands beside the valve"
    user.key(Qt.Key.Key_Escape)
    until_held(user)
    QTest.mouseRelease(user.window.score, Qt.MouseButton.LeftButton, NONE, valve_at)
    assert held(user) == [] and not ghost_stands(user)


def test_with_shift_the_gate_is_held_at_all_words(lstm: User) -> None:
    drag(lstm, 3, -60, SHIFT)
    until_held(lstm, HoldGate("f", 1.0))
    assert lstm.trace.held["f"].all() and (lstm.trace.gates["f"] == 1).all()
    assert "at every word" in lstm.window.score.accessibleDescription()


def test_a_click_on_a_valve_only_moves_the_cursor(lstm: User) -> None:
    lstm.bot.mouseClick(lstm.window.score, Qt.MouseButton.LeftButton, pos=valve(lstm, 2))
    assert held(lstm) == [] and lstm.window.cursor_model.state.time_step in (1, 2)


def test_a_held_valve_is_drawn_locked(lstm: User) -> None:
    at = valve(lstm, 2)
    above = (at.x() - 5, at.y() - 30, 10, 16)
    free = ink_in(lstm, *above)
    lstm.window.interventions.intervene(HoldGate("f", 1.0, 2))
    until_held(lstm, HoldGate("f", 1.0, 2))
    assert ink_in(lstm, *above) > free + 10
    reading = lstm.window.score
    reading._read(QPointF(at))
    assert "forget gate held at 1.00" in lstm.window.status_line.reading_label.whole


def test_the_menu_holds_a_valve_and_lets_it_go(lstm: User) -> None:
    score = lstm.window.score
    choose(lstm, score.menu_at(QPointF(valve(lstm, 4))), "Hold the forget gate shut at")
    until_held(lstm, HoldGate("f", 0.0, 4))
    choose(lstm, score.menu_at(QPointF(valve(lstm, 4))), "Let the forget gate go at")
    until_held(lstm)


def test_any_gate_is_held_by_the_menu_of_its_band_and_marked_there(lstm: User) -> None:
    menu = lstm.window.score.menu_at(gate_place(lstm, "o", 2))
    choose(lstm, menu, "Hold the output gate shut at")
    until_held(lstm, HoldGate("o", 0.0, 2))
    assert (lstm.trace.hidden[3] == 0).all()
    here, beside = gate_place(lstm, "o", 2), gate_place(lstm, "o", 3)
    assert ink_in(lstm, here.x() - 5, here.y() - 6, 10, 12) > 15, "a padlock"
    assert ink_in(lstm, beside.x() - 5, beside.y() - 6, 10, 12) == 0


def test_the_menu_key_offers_what_can_be_changed_at_the_cursor(lstm: User) -> None:
    lstm.window.cursor_model.move(time_step=3)
    menu = lstm.window.score.menu_at(None)
    assert menu is not None
    texts = " ".join(action.text() for action in menu.actions())
    word = str(lstm.trace.words[3])
    assert "Swap this word…" in texts and f"Hold the forget gate shut at “{word}”" in texts
    choose(lstm, menu, "Hold the forget gate open at")
    until_held(lstm, HoldGate("f", 1.0, 3))


def test_a_unit_is_silenced_in_its_capsule_and_let_speak_again(lstm: User) -> None:
    score = lstm.window.score
    box, at = unit_place(lstm, 4)
    free = ink_in(lstm, box.left() - 5, box.top(), 4, box.height())
    choose(lstm, score.menu_at(at), "Silence unit 5")
    until_held(lstm, SilenceUnit(4, 0))
    assert (lstm.trace.hidden[1:, 0, 4] == 0).all() and (lstm.trace.hidden[1:, 0, 3] != 0).any()
    box, at = unit_place(lstm, 4)
    assert ink_in(lstm, box.left() - 5, box.top(), 4, box.height()) > free, "its row is marked"
    assert "With unit 5 silent" in score.accessibleDescription()
    choose(lstm, score.menu_at(at), "Let unit 5 speak")
    until_held(lstm)


def test_a_word_is_swapped_and_undo_brings_it_back(lstm: User) -> None:
    window = lstm.window
    passage, words = window.session.run.passage, lstm.trace.words.tolist()  # type: ignore[union-attr]
    dialog = window.interventions.choose_swap(1)
    assert dialog is not None
    dialog.field.setText("xyzzy")
    dialog.swap_button.click()
    assert "does not know “xyzzy”" in dialog.problem_label.text() and dialog.isVisible()
    dialog.field.setText("raft")
    lstm.bot.keyClick(dialog.field, Qt.Key.Key_Return)
    lstm.until(lambda: lstm.trace.words.tolist() == [words[0], "raft", *words[2:]])
    assert ghost_stands(lstm)
    text = window.score.accessibleDescription()
    assert text.startswith(f"With raft instead of {words[1]} the error of")
    assert window.interventions.undo_words == f"raft instead of {words[1]}"
    window.activateWindow()
    lstm.until(lambda: window.score.hasFocus())
    lstm.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    lstm.until(lambda: lstm.trace.words.tolist() == words)
    assert window.session.run.passage == passage and not ghost_stands(lstm)  # type: ignore[union-attr]


def test_likely_words_are_a_click_away(lstm: User) -> None:
    dialog = lstm.window.interventions.choose_swap(2)
    assert dialog is not None and dialog.buttons
    word = dialog.buttons[0].text()
    lstm.bot.mouseClick(dialog.buttons[0], Qt.MouseButton.LeftButton)
    lstm.until(lambda: str(lstm.trace.words[2]) == word)


@pytest.mark.parametrize(
    ("points", "value"), [(0, 0.5), (20, 1.0), (-20, 0.0), (6, 0.65), (-19, 0.0), (400, 1.0)]
)
def test_a_valve_follows_the_hand_and_snaps_in_at_both_ends(points: float, value: float) -> None:
    assert dragged_value(Grip("f", 0, 0, 0.5, held=False), points) == pytest.approx(value)
