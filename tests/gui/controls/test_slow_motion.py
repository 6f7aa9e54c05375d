from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from rnnviz.gui.controls import PHASES, SlowMotionBar
from rnnviz.gui.theme import LIGHT

Dress = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bar(dressed: Dress) -> SlowMotionBar:
    return dressed(SlowMotionBar(LIGHT), 712)  # type: ignore[no-any-return]


def test_an_update_has_seven_steps() -> None:
    assert [phase.name for phase in PHASES] == [
        "read", "remember", "predict", "compare", "send back", "collect", "adjust",
    ]  # fmt: skip


@pytest.mark.parametrize("step", range(7))
def test_a_click_on_a_name_goes_to_that_step(bar: SlowMotionBar, qtbot: QtBot, step: int) -> None:
    bar.show_phase(6.9 if step == 0 else 0.0)
    width = bar.slider.width() - 2 * bar.slider.MARGIN
    place = QPoint(round(bar.slider.MARGIN + (step + 0.5) / 7 * width), bar.slider.height() - 8)
    with qtbot.waitSignal(bar.phase_changed, timeout=1000) as told:
        qtbot.mouseClick(bar.slider, LEFT, pos=place)
    assert told.args == [pytest.approx(step + 0.5, abs=0.02)]
    assert PHASES[step].name in bar.step_label.text()
    assert bar.sentence_label.whole == PHASES[step].sentence


def test_the_phase_stays_below_seven(bar: SlowMotionBar, qtbot: QtBot) -> None:
    bar.slider.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(bar.slider, Qt.Key.Key_End)
    assert 6.99 < bar.phase < 7
    bar.show_phase(12.0)
    assert 6.99 < bar.phase < 7


def test_page_keys_go_from_step_to_step(bar: SlowMotionBar, qtbot: QtBot) -> None:
    bar.slider.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(bar.slider, Qt.Key.Key_PageUp)
    assert bar.phase == 1.0
    qtbot.keyClick(bar.slider, Qt.Key.Key_Right)
    assert bar.phase == pytest.approx(1.1)


def test_showing_a_phase_sends_nothing(bar: SlowMotionBar, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(bar.phase_changed):
        bar.show_phase(3.4)
    assert bar.phase == 3.4
    assert "compare" in bar.step_label.text()


def test_playing_moves_on_by_itself_until_paused(bar: SlowMotionBar, qtbot: QtBot) -> None:
    qtbot.mouseClick(bar.play_button, LEFT)
    assert bar.playing
    assert bar.play_button.symbol == "pause"
    qtbot.waitUntil(lambda: bar.phase > 0.05)
    qtbot.mouseClick(bar.play_button, LEFT)
    assert not bar.playing
    assert bar.play_button.symbol == "play"


def test_speed_is_a_factor_and_the_end_stops_it(bar: SlowMotionBar) -> None:
    bar.advance(1.0)
    once = bar.phase
    bar.speed.setCurrentIndex(bar.speed.findData(2.0))
    bar.advance(1.0)
    assert bar.phase - once == pytest.approx(2 * once)
    bar.play()
    bar.advance(1000.0)
    assert not bar.playing
    assert bar.phase == pytest.approx(7, abs=0.01)
    bar.play()
    assert bar.playing
    assert bar.phase < 1  # once more from the start


def test_closing_and_hiding_stop_it(bar: SlowMotionBar, qtbot: QtBot) -> None:
    bar.play()
    with qtbot.waitSignal(bar.closed, timeout=1000):
        qtbot.mouseClick(bar.close_button, LEFT)
    assert not bar.playing
    bar.play()
    bar.hide()
    assert not bar.playing
