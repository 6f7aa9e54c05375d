from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rnnviz.gui.controls import Progress, StatusLine
from rnnviz.gui.controls.history_slider import thinned_curve
from rnnviz.gui.theme import LIGHT

Dress = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton
RUNNING = Progress("training", 700, None, 5.061, 5.208, 81200.4, "words", "war_and_peace.txt")


@pytest.fixture
def status(dressed: Dress) -> StatusLine:
    line = dressed(StatusLine(LIGHT))
    line.show_curve(np.arange(1, 701), np.linspace(8, 5, 700))
    line.show_history(range(0, 701, 20), 700)
    line.show_progress(RUNNING)
    return line  # type: ignore[no-any-return]


def at(status: StatusLine, step: float) -> QPoint:
    return QPoint(round(status.history.step_x(step)), status.history.height() // 2)


def test_the_figures_are_those_of_the_run(status: StatusLine) -> None:
    assert status.state_label.text() == "training"
    assert status.update_label.text() == "update 700"
    assert status.loss_figure.text() == "5.06"
    assert status.valid_figure.text() == "5.21"
    assert status.speed_label.text() == "81,200 words/s"
    assert status.file_label.whole == "war_and_peace.txt"
    assert status.live_label.isVisible()
    assert not status.live_button.isVisible()


def test_what_is_not_known_is_a_dash(status: StatusLine) -> None:
    status.show_progress(Progress("ready", 0, None, float("nan"), None, None))
    assert (status.loss_figure.text(), status.valid_figure.text()) == ("–", "–")
    assert status.speed_label.text() == ""


def test_clipping_is_said_when_it_acts(status: StatusLine) -> None:
    assert not status.clip_label.isVisible()
    status.show_progress(replace(RUNNING, clip_factor=0.42))
    assert status.clip_label.isVisible()
    assert status.clip_label.text() == "clipped to 42 %"
    status.show_progress(replace(RUNNING, clip_factor=1.0))
    assert not status.clip_label.isVisible()


def test_a_click_on_the_curve_goes_to_the_nearest_moment(status: StatusLine, qtbot: QtBot) -> None:
    with qtbot.waitSignal(status.history_moved, timeout=1000) as told:
        qtbot.mouseClick(status.history, LEFT, pos=at(status, 237))
    assert told.args == [240]


def test_looking_back_says_so_and_leads_back_to_live(status: StatusLine, qtbot: QtBot) -> None:
    status.show_progress(replace(RUNNING, step=240, loss=6.5))
    assert status.update_label.text() == "update 240"
    assert status.live_button.isVisible()
    assert not status.live_label.isVisible()
    assert status.live_button.text() == "live 700"
    assert status.history.step == 240
    with qtbot.waitSignal(status.history_moved, timeout=1000) as told:
        qtbot.mouseClick(status.live_button, LEFT)
    assert told.args == [None]
    assert status.history.step is None


def test_dragging_to_the_right_end_is_live(status: StatusLine, qtbot: QtBot) -> None:
    qtbot.mousePress(status.history, LEFT, pos=at(status, 100))
    assert status.history.step == 100
    qtbot.mouseMove(status.history, at(status, 400))
    assert status.history.step == 400
    with qtbot.waitSignal(status.history_moved, timeout=1000) as told:
        qtbot.mouseMove(status.history, at(status, 700))
    assert told.args == [None]
    qtbot.mouseRelease(status.history, LEFT, pos=at(status, 700))


def test_keys_walk_through_the_moments(status: StatusLine, qtbot: QtBot) -> None:
    moved: list[int | None] = []
    status.history_moved.connect(moved.append)
    status.history.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_End):
        qtbot.keyClick(status.history, key)
    assert moved == [680, 660, 0, 20, None]


def test_training_goes_on_while_somebody_looks_back(status: StatusLine, qtbot: QtBot) -> None:
    qtbot.mouseClick(status.history, LEFT, pos=at(status, 240))
    x = status.history.handle_x()
    with qtbot.assertNotEmitted(status.history_moved):
        status.show_history(range(0, 1401, 40), 1400)  # thinned: 240 is still there
        status.show_progress(replace(RUNNING, live_step=1400, step=240))
    assert status.history.step == 240
    assert status.history.handle_x() < x
    assert status.live_button.text() == "live 1,400"


def test_live_stays_live_while_training_goes_on(status: StatusLine, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(status.history_moved):
        status.show_history(range(0, 1401, 40), 1400)
        status.show_progress(replace(RUNNING, live_step=1400))
    assert status.history.step is None
    assert status.history.handle_x() == status.history.step_x(1400)


def test_the_groove_is_the_loss_curve(status: StatusLine) -> None:
    curve = status.history._curve()
    ys = [curve.at(i).y() for i in range(curve.count())]
    assert curve.count() > 60
    assert ys == sorted(ys)  # a falling loss falls on the screen
    assert curve.at(0).x() == pytest.approx(status.history.step_x(1), abs=4)
    assert curve.at(curve.count() - 1).x() == pytest.approx(status.history.step_x(700), abs=4)


def test_an_update_that_moves_nothing_repaints_nothing(status: StatusLine) -> None:
    status.show_history(range(0, 100_000, 1000), 100_000)
    QApplication.processEvents()
    curve = status.history._curve()
    status.show_history(range(0, 100_000, 1000), 100_003)
    assert status.history._curve() is curve
    status.show_history(range(0, 100_000, 1000), 101_000)
    assert status.history._curve() is not curve
    assert status.history._curve().at(0).x() < status.history.step_x(3000)


def test_a_million_updates_thin_to_the_mean_of_each_column() -> None:
    steps = np.arange(1_000_000, dtype=np.float64)
    losses = np.where(steps % 2 == 0, 4.0, 6.0)
    losses[500] = np.nan
    x, y = thinned_curve(steps, losses, 300)
    assert len(x) == len(y) == 300
    assert np.allclose(y, 5.0, atol=0.01)
    assert np.all(np.diff(x) > 0)


def test_the_reading_takes_the_place_of_the_file_name(status: StatusLine) -> None:
    x = status.history.geometry()
    status.show_reading("2.3 % of the error of France is left at knew")
    QApplication.processEvents()
    assert status.reading_label.isVisible()
    assert status.reading_label.text() == "2.3 % of the error of France is left at knew"
    assert not status.file_label.isVisible()
    assert status.history.geometry() == x
    status.show_reading("")
    assert status.file_label.isVisible()


def test_nothing_moves_while_figures_change(status: StatusLine) -> None:
    QApplication.processEvents()
    before = status.history.geometry()
    status.show_progress(
        replace(
            RUNNING, state="paused", live_step=12345, step=7, loss=11.5, valid_loss=None, tokens_per_s=1.0
        )
    )
    QApplication.processEvents()
    assert status.history.geometry() == before


@pytest.mark.parametrize("width", [560, 820, 960, 1280, 1920])
def test_figures_fit_at_every_width(status: StatusLine, width: int) -> None:
    status.window().resize(width, status.height())
    status.show_progress(replace(RUNNING, clip_factor=0.05, step=240, lane=4, lane_title="LSTM"))
    QApplication.processEvents()
    named = (status.state_label, status.update_label, status.loss_label)
    for figure in (*named, status.loss_figure, status.valid_figure):
        if figure.isVisible():
            assert figure.width() >= figure.fontMetrics().horizontalAdvance(figure.text())
            assert status.rect().contains(figure.geometry())
    assert status.history.width() >= 80
