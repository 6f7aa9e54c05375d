"""The whole window, as `rnnviz` makes it, on texts that it can learn within a second."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QFontInfo, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from rnnviz.gui.app import FIRST_SIZE, application, show_window
from rnnviz.gui.collecting import Collecting
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.theme import font
from rnnviz.gui.window import MainWindow
from rnnviz.probes import Trace
from rnnviz.training import Experiment

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SENTENCES = (
    "Napoleon was the Emperor of France . Alexander was the Emperor of Russia . "
    "The Emperor of Russia knew the Emperor of France . They met on a raft .\n"
)
PATIENCE_MS = 60_000
"""How long a test waits for what takes a moment: other work may have the machine."""


@pytest.fixture(autouse=True)
def _collected_by_this_thread_alone(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    """As in the program: a thread that trains would take closed windows of earlier tests apart."""
    if request.node.get_closest_marker("collects_by_itself"):
        yield
        return
    collecting = Collecting(qapp)
    yield
    collecting.collect()
    collecting.stop()
    collecting.deleteLater()


class User:
    """Somebody in front of the window: clicks, types, and waits for what is to be seen."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self.bot = qtbot
        self.window = window

    # What is to be seen.

    @property
    def trace(self) -> Trace:
        """What the views show."""
        trace = self.window.session.shown_trace
        assert trace is not None
        return trace

    @property
    def step(self) -> int:
        """The update of the newest frame."""
        frame = self.window.session.last_frame
        return -1 if frame is None else frame.step

    @property
    def experiment(self) -> Experiment:
        """The run's; to be read while it is paused."""
        assert self.window.session.run is not None
        return self.window.session.run.experiment

    @property
    def said(self) -> str:
        """Text and remedy of the message in the notice bar; "" when there is none."""
        notice = self.window.notice
        if notice.isHidden():
            return ""
        return f"{notice.text_label.text()} {notice.remedy_label.text()}".strip()

    # What is done.

    def click(self, button: QWidget) -> None:
        """Click a button that can be seen and pressed."""
        assert button.isVisible() and button.isEnabled(), button.accessibleName()
        self.bot.mouseClick(button, Qt.MouseButton.LeftButton)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key wherever the keyboard is, as real keys do."""
        focus = QApplication.focusWidget()
        assert focus is not None and focus.window() is self.window
        self.bot.keyClick(focus, key, modifiers)

    def type_into(self, field: QWidget, text: str) -> None:
        """Click into a field, put other words into it, and press Enter."""
        self.bot.mouseClick(field, Qt.MouseButton.LeftButton)
        self.bot.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        if text.isascii():
            self.bot.keyClicks(field, text)
        else:  # QTest knows no keys for other letters: they come as from an input method
            composed = QInputMethodEvent()
            composed.setCommitString(text)
            QApplication.sendEvent(field, composed)
        self.bot.keyClick(field, Qt.Key.Key_Return)

    def train_until(self, step: int) -> None:
        """Press Train, wait for so many updates, press Pause, wait until the last one is shown."""
        self.click(self.window.toolbar.train_button)
        self.until_state("running")  # or, with so many made before, it would be Train that is pressed again
        self.until_step(step)
        self.click(self.window.toolbar.train_button)
        self.until_settled()

    # What is waited for.

    def until(self, happened: Callable[[], bool]) -> None:
        """Wait until something is so."""
        self.bot.waitUntil(happened, timeout=PATIENCE_MS)

    def until_traced(self) -> None:
        """Wait until no text is being read and the watched passage is shown."""
        self.until(lambda: self.step >= 0 and self.window.loading_bar.isHidden())

    def until_step(self, step: int) -> None:
        """Wait until so many updates have been seen."""
        self.until(lambda: self.step >= step)

    def until_state(self, state: str) -> None:
        """Wait for a state of the session: ready, running, paused or failed."""
        self.until(lambda: self.window.session.state == state)

    def until_settled(self) -> None:
        """Wait until the run is paused and its last update is what is shown."""
        self.until(lambda: self.window.session.state == "paused" and self.step == self.experiment.step)


Open = Callable[..., User]


@pytest.fixture(scope="session")
def emperors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text of some 3,000 words, learned in a few hundred updates."""
    path = tmp_path_factory.mktemp("texts") / "four emperors.txt"
    path.write_text(SENTENCES * 100, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def raft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another text."""
    path = tmp_path_factory.mktemp("texts") / "raft.txt"
    path.write_text("They met on a raft on the river , and the river was cold .\n" * 200, encoding="utf-8")
    return path


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    """Preferences of this test alone, in a file that another `Preferences` can read again."""
    return Preferences(QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def open_window(qtbot: QtBot, preferences: Preferences) -> Iterator[Open]:
    """Make a window as the program does, with its text read; closed at the end, every thread with it."""
    windows: list[MainWindow] = []

    def show(path: Path | None, until_traced: bool = True, remembering: Preferences = preferences) -> User:
        application()
        window = show_window(path, remembering)
        if remembering.geometry.isEmpty():  # the offscreen screen, of 800 points, is too small for it
            window.setWindowState(Qt.WindowState.WindowNoState)
            window.resize(*FIRST_SIZE)
        windows.append(window)  # qtbot keeps weak references only
        qtbot.waitExposed(window)
        window.activateWindow()
        user = User(qtbot, window)
        if until_traced:
            user.until_traced()
        return user

    yield show
    for window in windows:
        run = window.session.run
        window.close()
        assert run is None or not run.trainer.is_alive(), "closing left the training thread behind"
        window.deleteLater()


@pytest.fixture
def user(open_window: Open, emperors: Path) -> User:
    """Somebody in front of the window on the emperors, untrained, its passage traced."""
    return open_window(emperors)


@pytest.fixture
def learned(user: User) -> User:
    """The same window after some updates, paused."""
    user.train_until(60)
    return user


@pytest.fixture
def window(user: User) -> MainWindow:
    """The same window."""
    return user.window


@pytest.fixture
def narrow_face(qapp):
    """Skip where the interface falls back to a face so wide that labels shorten sooner than promised."""
    if QFontInfo(font()).family() == "DejaVu Sans":
        pytest.skip("needs a face as narrow as Liberation Sans, which tools/setup.sh installs")
