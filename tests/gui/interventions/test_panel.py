"""Changing the cause from the panel, in one network and in a race."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from rnnviz.training import (
    HoldGate,
    HoldSlope,
    SilenceUnit,
)
from tests.gui.conftest import User
from tests.gui.interventions.hands import chips, drag, held, until_held, with_cell

NONE = Qt.KeyboardModifier.NoModifier


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
