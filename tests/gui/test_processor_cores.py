"""The rail's processor cores: they go to the run that is open, to every later one, and to the next start."""

from PySide6.QtCore import QSettings

from rnnviz.gui.preferences import Preferences
from rnnviz.gui.session import Session
from rnnviz.gui.window import MainWindow
from rnnviz.text import text_from_string
from rnnviz.training import Experiment, RunSettings, UseWorkers, prepare
from tests.gui.conftest import User


def small() -> Experiment:
    text = text_from_string("The Emperor of France knew the Emperor of Russia . " * 40, "emperors.txt")
    return prepare(text, RunSettings().with_values({"hidden": 4, "window": 4, "batch": 2}))


def test_a_run_and_those_after_it_are_trained_by_so_many(qapp: object) -> None:
    session = Session(lambda: frozenset())
    try:
        session.adopt(small())
        assert session.run is not None and session.run.experiment.workers == 1
        sent: list[object] = []
        session.run.trainer.send = sent.append  # type: ignore[method-assign]
        session.use_workers(2)
        assert sent == [UseWorkers(2)]
        del session.run.trainer.send
        session.adopt(small())
        assert session.run.experiment.workers == 2
    finally:
        session.close()


def test_a_number_that_cannot_be_is_as_good_as_none(tmp_path: object) -> None:
    store = QSettings(f"{tmp_path}/rnnviz.ini", QSettings.Format.IniFormat)
    preferences = Preferences(store)
    assert preferences.workers == 1
    for stored, wanted in (("3", 3), (2, 2), ("many", 1), ("99", 1)):
        store.setValue("workers", stored)
        assert preferences.workers == wanted


def test_the_choice_holds_at_the_next_start(user: User) -> None:
    window = user.window
    assert isinstance(window, MainWindow)
    window.rail.workers_changed.emit(2)
    assert window.session.workers == 2
    assert window.preferences.workers == 2
