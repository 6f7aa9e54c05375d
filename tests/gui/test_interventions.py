"""Changing the cause in the window: valves dragged, units silenced, words swapped, the ghost of before."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton

from rnnviz.gui.right_answers import RightAnswers
from rnnviz.gui.undoing import Undoing
from rnnviz.gui.views.compared import in_percent
from rnnviz.gui.views.tracks.capsules import capsule, layer_rects
from rnnviz.gui.views.tracks.gates import GatesTrack
from rnnviz.gui.views.tracks.holds import dragged_value, rail_of_valves
from rnnviz.gui.views.tracks.track import Grip
from rnnviz.gui.views.tracks.valves import valve_rect
from rnnviz.text import Passage, Task
from rnnviz.training import (
    HoldGate,
    HoldSlope,
    Intervene,
    ScaleRecurrent,
    SetForgetBias,
    SilenceUnit,
    UndoIntervention,
    Validation,
)
from tests.gui.conftest import Open, User

SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


# -- hands on the picture ---------------------------------------------------------------------------------


def valve(user: User, step: int) -> QPoint:
    """The middle of the valve before a step."""
    score = user.window.score
    rect, axis = score.track_rect("states"), score.axis()
    assert rect is not None and axis is not None
    rail = rail_of_valves(rect, user.trace, user.window.cursor_model.state.layer)
    assert rail is not None
    place = valve_rect(step, rail, axis)
    assert place is not None
    return place.center().toPoint()


def drag(user: User, step: int, down: int, modifiers: Qt.KeyboardModifier = NONE, drop: bool = True) -> None:
    """Drag a valve by some points, down to shut it, and let it go."""
    score, start = user.window.score, valve(user, step)
    QTest.mousePress(score, Qt.MouseButton.LeftButton, modifiers, start)
    for part in (0.3, 0.7, 1.0):
        QTest.mouseMove(score, start + QPoint(0, round(part * down)))
    if drop:
        QTest.mouseRelease(score, Qt.MouseButton.LeftButton, modifiers, start + QPoint(0, down))


def gate_place(user: User, gate: str, step: int) -> QPointF:
    """Where a gate's band has a step."""
    rect, axis = user.window.score.track_rect("gates"), user.window.score.axis()
    assert rect is not None and axis is not None
    band = GatesTrack().bands(rect, user.trace, user.window.cursor_model.state, axis)[gate]
    return QPointF(axis.center(step), band.center().y())


def held(user: User) -> list[object]:
    """What is held in the first lane, in what is shown."""
    frame = user.window.session.shown_frame
    assert frame is not None
    return list(frame.lanes[0].held)


def until_held(user: User, *wanted: object) -> None:
    user.until(lambda: held(user) == list(wanted))


def ink_in(user: User, left: float, top: float, width: float, height: float) -> int:
    """How many pixels of ink a part of the score has."""
    image = user.window.score.grab().toImage()
    ratio, ink = image.devicePixelRatio(), QColor(user.window.theme.ink).rgb()
    columns = range(round(left * ratio), round((left + width) * ratio))
    rows = range(round(top * ratio), round((top + height) * ratio))
    return sum(image.pixel(x, y) == ink for x in columns for y in rows)


def choose(user: User, menu: QMenu | None, words: str) -> None:
    """Choose what a menu offers."""
    assert menu is not None
    found = [action for action in menu.actions() if words in action.text()]
    assert found, [action.text() for action in menu.actions()]
    found[0].trigger()
    menu.deleteLater()


def chips(user: User) -> list[str]:
    return [chip.text().strip() for chip in user.window.interventions.bar.chips]


def ghost_stands(user: User) -> bool:
    return user.window.interventions.bar.ghost_button.isVisible()


def with_cell(user: User, **settings: object) -> User:
    """The same text for another network."""
    before = user.window.session.run
    user.window.session.apply(settings)
    user.until(lambda: user.window.session.run is not before)
    user.until_traced()
    return user


@pytest.fixture
def lstm(user: User) -> User:
    """The window with an untrained LSTM."""
    return with_cell(user, cell="lstm", hidden=8)


@pytest.fixture
def answering(open_window: Open, emperors) -> User:  # type: ignore[no-untyped-def]
    """An LSTM that has learned to answer a memory task over twenty steps."""
    user = open_window(emperors)
    values = {"cell": "lstm", "hidden": 12, "forget_bias": 3.0, "lr": 0.02, "init": "xavier", "seed": 1}
    user.window.session.open(Task("recall", 20, 2000), **values)
    user.until(lambda: user.experiment.corpus.task is not None and user.step == 0)
    user.train_until(60)
    return user


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


# -- units and words --------------------------------------------------------------------------------------


def unit_place(user: User, unit: int) -> tuple[QRectF, QPointF]:
    """The capsule of the third step, and the row of one of its eight units."""
    rect, axis = user.window.score.track_rect("states"), user.window.score.axis()
    assert rect is not None and axis is not None
    box = capsule(2, layer_rects(rect, user.trace, 0)[0], axis)
    return box, QPointF(box.center().x(), box.top() + 3 + (unit + 0.5) / 8 * (box.height() - 6))


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


# -- ghost and undo ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["Esc", "chip"])
def test_the_ghost_stays_until_it_is_dismissed(lstm: User, how: str) -> None:
    window, before = lstm.window, lstm.trace
    window.interventions.intervene(HoldGate("f", 0.0, 3))
    until_held(lstm, HoldGate("f", 0.0, 3))
    ghost = window.score._context.ghost
    assert ghost is not None and ghost.trace is before
    assert all(plot.ghost is ghost for plot in window.inspector.plots.values())
    assert window.interventions.bar.ghost_button.text().strip() == "ghost of update 0"
    with_ghost = window.score.grab().toImage()
    window.train()
    lstm.until_step(5)
    window.session.pause()
    lstm.until_settled()
    assert ghost_stands(lstm)
    if how == "Esc":
        window.focus_picture()
        lstm.key(Qt.Key.Key_Escape)
    else:
        lstm.click(window.interventions.bar.ghost_button)
    assert not ghost_stands(lstm) and window.score._context.ghost is None
    assert "before" not in window.score.accessibleDescription()
    assert held(lstm) == [HoldGate("f", 0.0, 3)] and chips(lstm), "what is held stays held"
    assert window.score.grab().toImage() != with_ghost


def test_a_ghost_of_another_length_is_dropped_with_a_word(lstm: User) -> None:
    lstm.window.interventions.intervene(HoldGate("f", 0.0, 1))
    until_held(lstm, HoldGate("f", 0.0, 1))
    lstm.window.watch(Passage("Napoleon was"))
    lstm.until(lambda: lstm.trace.length == 2)
    assert not ghost_stands(lstm) and "its ghost is gone" in lstm.said


def test_ctrl_z_takes_back_the_last_intervention_and_then_the_new_network(lstm: User) -> None:
    window, before = lstm.window, lstm.trace.state_gradient_matrix
    window.interventions.open(True)
    window.interventions.intervene(ScaleRecurrent(2.0))
    lstm.until(lambda: not np.array_equal(lstm.trace.state_gradient_matrix, before))
    window.interventions.intervene(SilenceUnit(1, 0))
    until_held(lstm, SilenceUnit(1, 0))
    assert "unit 2 silenced" in window.interventions.panel.undo_button.toolTip()
    window.focus_picture()
    lstm.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    until_held(lstm)
    assert "W_hh" in window.interventions.undo_words and not ghost_stands(lstm)
    lstm.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    lstm.until(lambda: np.array_equal(lstm.trace.state_gradient_matrix, before))
    run = window.session.run
    lstm.until(lambda: window.interventions.undo_words == "")
    lstm.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.session.run is not run and window.session.settings.lane.cell == "rnn"


def test_a_refusal_becomes_a_notice_and_leaves_no_ghost(user: User) -> None:
    gru = with_cell(user, cell="gru", hidden=8)
    gru.window.interventions.intervene(SetForgetBias(1.0))
    gru.until(lambda: "forget" in gru.said)
    assert "LSTM" in gru.said and not ghost_stands(gru) and gru.window.interventions.undo_words == ""


def test_looking_back_shows_what_was_held_then(lstm: User) -> None:
    window = lstm.window
    lstm.train_until(10)
    middle = lstm.step
    window.interventions.intervene(HoldGate("f", 0.0))
    until_held(lstm, HoldGate("f", 0.0))
    lstm.train_until(middle + 10)
    assert chips(lstm) == ["forget gate f held at 0.00 at every step"]
    window.session.show_moment(0)
    assert chips(lstm) == [] and not lstm.trace.held and not ghost_stands(lstm)
    window.session.show_live()
    assert chips(lstm) and lstm.trace.held["f"].all()


# -- the panel --------------------------------------------------------------------------------------------


def test_the_panel_takes_the_place_of_the_settings(lstm: User) -> None:
    window = lstm.window
    lstm.click(window.toolbar.cause_button)
    panel = window.interventions.panel
    assert panel.isVisible() and not window.rail.isVisible() and window.size().toTuple() == (1280, 720)
    lstm.until(lambda: panel.radius.figure.text() != "")
    assert float(panel.radius.figure.text()) == pytest.approx(float(lstm.trace.spectral_radius[0]), abs=0.01)
    lstm.click(panel.close_button)
    assert not panel.isVisible() and window.rail.isVisible() and not window.toolbar.cause_button.isChecked()


def test_the_radius_slider_acts_when_it_is_let_go_and_at_a_key(lstm: User) -> None:
    window = lstm.window
    window.interventions.open(True)
    slider = window.interventions.panel.radius.slider
    lstm.until(lambda: lstm.trace.spectral_radius is not None)
    at = QPoint(round(slider.MARGIN + 0.8 * (slider.width() - 2 * slider.MARGIN)), 12)
    generation = lstm.window.interventions._change
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, NONE, at)
    assert window.interventions._change == generation, "not while it is in hand"
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, NONE, at)
    wanted = 0.1 * 40**0.8
    lstm.until(lambda: abs(float(lstm.trace.spectral_radius[0]) - wanted) < 0.02 * wanted)
    assert "With W_hh at a spectral radius of" in window.score.accessibleDescription()
    slider.setFocus()
    lstm.bot.keyClick(slider, Qt.Key.Key_Right)
    lstm.until(lambda: float(lstm.trace.spectral_radius[0]) > wanted * 1.01)


def test_gates_are_shut_opened_and_freed_at_all_words(lstm: User) -> None:
    window = lstm.window
    window.interventions.open(True)
    rows = window.interventions.panel.gate_rows
    assert list(rows) == ["i", "f", "g", "o"]
    lstm.click(rows["i"].buttons["shut"])
    until_held(lstm, HoldGate("i", 0.0))
    assert rows["i"].buttons["shut"].isChecked() and not rows["i"].buttons["free"].isChecked()
    lstm.click(rows["f"].buttons["open"])
    until_held(lstm, HoldGate("i", 0.0), HoldGate("f", 1.0))
    lstm.click(window.interventions.panel.lift_all_button)
    until_held(lstm)
    lstm.click(window.interventions.panel.undo_button)
    until_held(lstm, HoldGate("i", 0.0), HoldGate("f", 1.0))
    lstm.click(rows["i"].buttons["free"])
    until_held(lstm, HoldGate("f", 1.0))
    lstm.click(window.interventions.panel.lift_all_button)
    until_held(lstm)
    lstm.until(lambda: not window.interventions.panel.lift_all_button.isEnabled())


def test_units_are_silenced_by_number_and_lifted_by_their_x(lstm: User) -> None:
    panel = lstm.window.interventions.panel
    lstm.window.interventions.open(True)
    lstm.type_into(panel.unit_field, "9")
    assert "from 1 to 8" in panel.unit_note.text() and held(lstm) == []
    lstm.type_into(panel.unit_field, "8")
    until_held(lstm, SilenceUnit(7, 0))
    ((_, _, button),) = panel.active_rows
    lstm.click(button)
    until_held(lstm)


def test_what_a_cell_has_not_is_disabled_with_its_reason(user: User) -> None:
    panel = user.window.interventions.panel
    user.window.interventions.open(True)
    assert not panel.bias.isEnabled() and "no forget gate" in panel.bias.note.text()
    assert not panel.gate_rows and "no gates" in panel.gates_note.text()
    assert panel.radius.isEnabled() and panel.slope.isEnabled()
    user.bot.mouseClick(panel.slope, Qt.MouseButton.LeftButton)
    until_held(user, HoldSlope())
    assert user.trace.slope_held
    user.bot.mouseClick(panel.slope, Qt.MouseButton.LeftButton)
    until_held(user)
    lstm = with_cell(user, cell="lstm", hidden=8)
    assert panel.bias.isEnabled() and not panel.slope.isEnabled()
    assert "several ways back" in panel.slope_note.text() and len(panel.gate_rows) == 4
    assert lstm.window.interventions.panel is panel


def test_every_part_of_the_panel_has_a_name_and_is_reached_by_tab(lstm: User) -> None:
    panel = lstm.window.interventions.panel
    lstm.window.interventions.open(True)
    for button in panel.findChildren(QPushButton):
        assert button.accessibleName(), button.text()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    key = next(a for a in lstm.window.findChildren(QAction) if a.text() == "&Change the cause")
    assert key.shortcut().toString() == "Ctrl+I"


# -- a race -----------------------------------------------------------------------------------------------


def test_in_a_race_it_acts_on_every_lane_that_can_or_on_the_open_one(user: User) -> None:
    window = user.window
    settings = window.session.settings.with_values({"hidden": 8})
    lanes = [
        settings.lane,
        settings.with_values({"cell": "lstm"}).lane,
        settings.with_values({"cell": "gru"}).lane,
    ]
    before = window.session.run
    window.session.build(settings.with_lanes(lanes))
    user.until(lambda: window.session.run is not before)
    user.until_traced()
    frame = lambda: window.session.last_frame  # noqa: E731
    window.interventions.intervene(HoldGate("f", 0.0))
    user.until(lambda: frame().lanes[1].held == (HoldGate("f", 0.0),))
    assert frame().lanes[0].held == frame().lanes[2].held == ()
    assert chips(user) == ["forget gate f held at 0.00 at every step (lane 2)"]
    ghosts = [lane.ghost for lane in window.race.view._lanes]
    assert all(ghost is not None for ghost in ghosts)
    assert "With the forget gate shut at every word" in window.race.view.accessibleDescription()
    window.focus_picture()
    user.key(Qt.Key.Key_Escape)
    assert window.race.view._lanes[1].ghost is None
    window.race.open_lane(2)
    user.until(lambda: user.trace.cell_name == "gru")
    drag(user, 2, -60)
    user.until(lambda: frame().lanes[2].held == (HoldGate("z", 1.0, 2),))
    assert frame().lanes[0].held == () and frame().lanes[1].held == (HoldGate("f", 0.0),)


# -- what has no window -----------------------------------------------------------------------------------


def test_right_answers_are_those_of_before_and_after() -> None:
    answers = RightAnswers()
    answers.note(Validation(50, 0.1, 1.0, 100))
    answers.note(Validation(50, 0.1, 0.5, 100, lane=1))
    assert answers.knows([0, 1], 50) and not answers.knows([0, 1], 51) and answers.text([0]) == ""
    answers.change_comes()
    answers.change_came()
    assert answers.text([0]) == "right answers 100 % → …" and not answers.knows([0], 50)
    answers.note(Validation(50, 3.0, 0.26, 100))
    answers.note(Validation(50, 3.0, 0.5, 100, lane=1))
    assert answers.text([0]) == "right answers 100 % → 26 %"
    assert answers.text([0, 1]) == "right answers 1: 100 % → 26 %, 2: 50 % → 50 %"
    assert answers.text([0, 1], brief=True) == "right answers 1: 100 % → 26 %"
    answers.dismiss()
    assert answers.text([0]) == ""


def test_undo_takes_swaps_and_interventions_in_their_order() -> None:
    undoing, first, second = Undoing(), Passage("a b"), Passage("a c")
    undoing.will_do(Intervene(HoldGate("f", 0.5, 1)))
    undoing.done("the gate")
    undoing.will_do(Intervene(HoldGate("f", 0.0, 1)))
    undoing.done("the gate, dragged on")
    undoing.did_swap(first, second, "c instead of b")
    assert undoing.words(second) == "c instead of b" and undoing.take_back(second) == first
    assert undoing.words(first) == "the gate, dragged on"
    assert undoing.take_back(first) == (UndoIntervention(),)
    undoing.done("")
    assert undoing.words(first) == ""
    undoing.did_swap(first, second, "c instead of b")
    assert undoing.words(Passage("quite another")) == "", "a swap that was left behind is none to take back"


@pytest.mark.parametrize(
    ("points", "value"), [(0, 0.5), (20, 1.0), (-20, 0.0), (6, 0.65), (-19, 0.0), (400, 1.0)]
)
def test_a_valve_follows_the_hand_and_snaps_in_at_both_ends(points: float, value: float) -> None:
    assert dragged_value(Grip("f", 0, 0, 0.5, held=False), points) == pytest.approx(value)
