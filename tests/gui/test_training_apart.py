"""The window as `rnnviz` opens it: training in a process of its own; nobody can tell."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rnnviz.gui.app import FIRST_SIZE, application, show_window
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.trainers import BESIDE_TRAINING, ON_A_CORE_OF_ITS_OWN, TrainersApart, frame_share, processors
from rnnviz.training import ApartTrainer, Reserve, Trainer
from tests.gui.conftest import User


@pytest.fixture
def apart(qtbot: QtBot, preferences: Preferences, emperors: Path) -> Iterator[User]:
    application()
    reserve = Reserve(ahead=True)
    reserve.prepare()
    window = show_window(emperors, preferences, TrainersApart(reserve))
    window.resize(*FIRST_SIZE)
    qtbot.waitExposed(window)
    user = User(qtbot, window)
    user.until_traced()
    yield user
    run = window.session.run
    window.close()
    reserve.close()
    assert run is not None and not run.trainer.is_alive(), "closing left the training behind"
    assert isinstance(run.trainer, ApartTrainer) and run.trainer.worker is not None
    assert not run.trainer.worker.process.is_alive()
    window.deleteLater()


def test_train_pause_one_update_and_looking_back(apart: User) -> None:
    assert apart.step == 0 and apart.trace.step == 0
    apart.key(Qt.Key.Key_Space)
    apart.until_step(30)
    apart.key(Qt.Key.Key_Space)
    apart.until_state("paused")
    apart.until_settled()
    before = apart.step
    apart.window.session.one_update()
    apart.until(lambda: apart.step == before + 1)
    apart.window.session.show_moment(0)
    assert apart.trace.step == 0
    assert apart.window.progress_panel.series is not None


def test_a_new_network_and_the_old_one_back_where_it_stood(apart: User) -> None:
    apart.train_until(20)
    apart.until_state("paused")
    apart.until_settled()
    before, old = apart.step, apart.trace
    apart.window.session.apply({"cell": "lstm"})
    apart.until(lambda: apart.trace.cell_name == "lstm")
    apart.window.session.undo()
    apart.until(lambda: apart.trace.cell_name == "rnn")
    assert apart.step == before
    assert (apart.trace.hidden == old.hidden).all() and (apart.trace.loss == old.loss).tolist()[0]


def test_slow_motion_and_writing_on_work_across_the_processes(apart: User) -> None:
    apart.train_until(5)
    apart.until_state("paused")
    with apart.bot.waitSignal(apart.window.session.update_recorded, timeout=15_000) as recorded:
        apart.window.session.record_update()
    assert recorded.args[0].before.step + 1 == recorded.args[0].after.step
    with apart.bot.waitSignal(apart.window.session.written, timeout=15_000) as written:
        apart.window.session.write_on(4, 0.0)
    assert written.args[0].strip()


def test_live_frames_may_cost_more_where_they_do_not_stop_the_training() -> None:
    reserve = Reserve()
    assert frame_share(Trainer) == BESIDE_TRAINING
    assert frame_share(TrainersApart(reserve)) == (
        ON_A_CORE_OF_ITS_OWN if processors() > 1 else BESIDE_TRAINING
    )
