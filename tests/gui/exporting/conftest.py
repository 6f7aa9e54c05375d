"""One window for the tests of a file, and one with a race, that are only looked at.

They go with their file: a window that stays open lies over those of the tests that follow, and takes their
mouse.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot

from rnnviz.gui.app import FIRST_SIZE, application, show_window
from rnnviz.gui.preferences import Preferences
from tests.gui.conftest import User
from tests.gui.exporting.hand import Hand
from tests.gui.test_race import choose


@contextmanager
def opened(request: pytest.FixtureRequest, path: Path, kept: Path) -> Iterator[User]:
    """One window for many tests, which only look."""
    application()
    window = show_window(path, Preferences(QSettings(str(kept), QSettings.Format.IniFormat)))
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(*FIRST_SIZE)
    user = User(QtBot(request), window)
    user.until_traced()
    yield user
    run = window.session.run
    window.close()
    assert run is None or not run.trainer.is_alive()
    window.deleteLater()


@pytest.fixture(scope="module")
def learned(
    request: pytest.FixtureRequest, emperors: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[User]:
    """A window whose network has learned for a while, paused."""
    with opened(request, emperors, tmp_path_factory.mktemp("one") / "preferences.ini") as user:
        user.train_until(60)
        yield user


@pytest.fixture(scope="module")
def racing(
    request: pytest.FixtureRequest, emperors: Path, learned: User, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[User]:
    """A window with four networks that have learned for a while, paused; the other one out of its way."""
    learned.window.hide()
    with opened(request, emperors, tmp_path_factory.mktemp("four") / "preferences.ini") as user:
        choose(user, "Four cells")
        user.train_until(12)
        yield user


@pytest.fixture
def hand(learned: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hand:
    """At the score, live, with nothing said."""
    window = learned.window
    window.pages.show_network()
    window.session.show_live()
    window.inspector.show_tab("decay")
    window.notice.clear()
    window.show()
    window.activateWindow()
    window.focus_picture()
    return Hand(learned, tmp_path, monkeypatch)


# A race.
@pytest.fixture
def race(racing: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hand:
    """At the lanes side by side."""
    racing.window.activateWindow()
    racing.window.focus_picture()
    return Hand(racing, tmp_path, monkeypatch)
