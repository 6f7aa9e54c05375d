from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from rnnviz.gui.controls.rate import HIGHEST, LOWEST, LearningRate, position_of, rate_at
from rnnviz.gui.theme import LIGHT

Dress = Callable[..., Any]


@pytest.fixture
def rate(dressed: Dress) -> LearningRate:
    widget = dressed(LearningRate(LIGHT), 260)
    widget.set_groove(160)
    widget.set_value(0.004)
    return widget  # type: ignore[no-any-return]


def test_equal_ways_on_the_slider_are_equal_factors() -> None:
    assert rate_at(0) == LOWEST
    assert rate_at(position_of(HIGHEST)) == HIGHEST
    decade = position_of(0.01) - position_of(0.001)
    for exponent in range(-5, 1):
        assert position_of(10.0 ** (exponent + 1)) - position_of(10.0**exponent) == decade


@pytest.mark.parametrize("value", [1e-5, 2e-4, 0.004, 0.05, 1.0, 10.0])
def test_a_learning_rate_comes_back_from_its_place(value: float) -> None:
    assert rate_at(position_of(value)) == pytest.approx(value, rel=0.03)


def test_showing_a_value_sends_nothing(rate: LearningRate, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(rate.changed):
        rate.set_value(0.02)
    assert rate.field.text() == "0.02"
    assert rate_at(rate.slider.value()) == pytest.approx(0.02, rel=0.03)


def test_a_value_between_two_places_is_kept_exactly(rate: LearningRate) -> None:
    rate.set_value(0.0012345)
    assert rate.value == 0.0012345
    assert rate.field.text() == "0.0012345"


def test_arrow_keys_move_the_slider_live(rate: LearningRate, qtbot: QtBot) -> None:
    rate.slider.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(rate.changed, timeout=1000) as told:
        qtbot.keyClick(rate.slider, Qt.Key.Key_Right)
    assert told.args is not None
    assert told.args[0] > 0.004
    assert rate.field.text() == f"{told.args[0]:g}"


def test_a_click_on_the_groove_goes_straight_there(rate: LearningRate, qtbot: QtBot) -> None:
    middle = QPoint(rate.slider.width() // 2, rate.slider.height() // 2)
    with qtbot.waitSignal(rate.changed, timeout=1000) as told:
        qtbot.mouseClick(rate.slider, Qt.MouseButton.LeftButton, pos=middle)
    assert told.args is not None
    assert told.args[0] == pytest.approx(0.01, rel=0.1)  # the geometric middle of 1e-5 and 10


def test_a_double_click_lets_a_value_be_typed(rate: LearningRate, qtbot: QtBot) -> None:
    at = QPoint(round(rate.slider.handle_x()), rate.slider.height() // 2)
    qtbot.mouseDClick(rate.slider, Qt.MouseButton.LeftButton, pos=at)
    assert rate.field.hasFocus()
    qtbot.keyClicks(rate.field, "0.0123")
    with qtbot.waitSignal(rate.changed, timeout=1000) as told:
        qtbot.keyClick(rate.field, Qt.Key.Key_Return)
    assert told.args == [0.0123]


@pytest.mark.parametrize("typed", ["nan", "-1", "0", "much", "inf"])
def test_what_is_no_learning_rate_is_refused_and_said(rate: LearningRate, qtbot: QtBot, typed: str) -> None:
    rate.field.setFocus()
    rate.field.selectAll()
    qtbot.keyClicks(rate.field, typed)
    with qtbot.assertNotEmitted(rate.changed):
        qtbot.keyClick(rate.field, Qt.Key.Key_Return)
    assert rate.field.property("wrong") == "true"
    assert rate.field.toolTip().startswith("Learning rate must be")
    assert rate.value == 0.004


def test_escape_brings_the_value_back(rate: LearningRate, qtbot: QtBot) -> None:
    rate.field.setFocus()
    rate.field.selectAll()
    qtbot.keyClicks(rate.field, "7")
    with qtbot.assertNotEmitted(rate.changed), qtbot.waitSignal(rate.released, timeout=1000):
        qtbot.keyClick(rate.field, Qt.Key.Key_Escape)
    assert rate.field.text() == "0.004"
