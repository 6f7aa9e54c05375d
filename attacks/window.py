"""A real window without a screen, driven by commands: for the attacks that need one."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from rnnviz.gui.app import application, show_window
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.trainers import Trainers
from rnnviz.gui.window import MainWindow
from rnnviz.training import Save, Saved, Train, Trainer

PATIENCE_S = 300.0


def wait_for(happened: Callable[[], bool]) -> None:
    """Let the window live until something is so. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        QApplication.processEvents()
        if time.monotonic() > deadline:
            raise TimeoutError("the window did not get there")
        time.sleep(0.001)


@contextmanager
def open_window(text: Path, folder: Path, trainers: Trainers = Trainer) -> Iterator[MainWindow]:
    """A window on a text, with preferences of its own; closed at the end."""
    application()
    preferences = Preferences(QSettings(str(folder / "preferences.ini"), QSettings.Format.IniFormat))
    window = show_window(text, preferences, trainers)
    wait_for(lambda: window.session.run is not None)
    try:
        yield window
    finally:
        window.close()
        window.deleteLater()


def go_on(window: MainWindow, network: Path, until: int, out: Path) -> None:
    """Open a saved network, train until so many updates, save it."""
    session = window.session
    before, saved = session.run, list[Saved]()
    session.heard.connect(lambda event: saved.append(event) if isinstance(event, Saved) else None)
    window.open_file(network)
    wait_for(lambda: session.run is not before)
    session.send(Train(until=until))
    wait_for(lambda: session.run is not None and session.run.experiment.step == until)
    wait_for(lambda: session.state == "paused")
    session.send(Save(out))
    wait_for(lambda: any(event.path == out for event in saved))
