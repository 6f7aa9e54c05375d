"""One life of a window under a monkey; ends with what was measured of it in a file."""

import argparse
import faulthandler
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

import rnnviz.one_blas_thread  # noqa: F401  # first: as the program does
from attacks.monkey_actions import QUIT, Monkey
from attacks.monkey_meters import Faults, Findings, Heartbeat, take_sample
from rnnviz.gui.app import application, keep_by_itself, show_window
from rnnviz.gui.kept import KeptNetworks
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.trainers import TrainersApart
from rnnviz.gui.window import MainWindow
from rnnviz.text import Task, samples
from rnnviz.training import Failed, Reserve, RunSettings, Trainer

CONFIGURATIONS = ("thread", "apart", "race", "task", "large")
PAUSE_MS = 12
HOME_EVERY_S = 15.0
PATIENCE_S = 60.0
LOG_LINES = 400


class Life:
    """A window, its monkey and the meters."""

    def __init__(self, configuration: str, seed: int, seconds: float, folder: Path) -> None:
        self.found = Findings()
        self.faults = Faults(self.found)
        self._configuration, self._seed, self._seconds, self._folder = configuration, seed, seconds, folder
        self._reserve = Reserve(ahead=True)
        self._log = (folder / "actions.log").open("w", encoding="utf-8", buffering=1)
        application()
        QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
        QApplication.setQuitOnLastWindowClosed(False)
        self.window = self._open()
        self.monkey = Monkey(self.window, seed, folder)
        self._heart = Heartbeat(self.found)
        self._begun = time.monotonic()
        self._last_home = self._begun
        self._over = self._acting = False

    def _open(self) -> MainWindow:
        preferences = Preferences(
            QSettings(str(self._folder / "preferences.ini"), QSettings.Format.IniFormat)
        )
        apart = self._configuration == "apart"
        window = show_window(None, preferences, TrainersApart(self._reserve) if apart else Trainer)
        keep_by_itself(window, KeptNetworks(self._folder / "kept"), interval_s=5.0)
        window.session.heard.connect(self._on_event)
        for action in window.actions():
            if action.text() == QUIT:
                action.setEnabled(False)  # a click in the menu may find it, and the life would be over
        return window

    def _on_event(self, event: object) -> None:
        """A fault in the program that the trainer caught is one all the same."""
        if isinstance(event, Failed) and event.detail:
            self.faults.note(event.detail)

    def live(self) -> Findings:
        """Act until the time is over, then close."""
        self._wait(lambda: self.window.session.run is not None)
        self._furnish()
        self._heart.start()
        QTimer.singleShot(PAUSE_MS, self._act)
        self._wait(lambda: self._over, forever=True)
        self._go_home()
        self._heart.stop()
        self.found.seconds = time.monotonic() - self._begun
        self.window.close()
        self._reserve.close()
        left = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        self.found.ended = f"with windows left: {left}" if left else "well"
        return self.found

    def _furnish(self) -> None:
        window = self.window
        if self._configuration == "race":
            run = RunSettings().with_values({"hidden": 16})
            lanes = [replace(run.lane, cell=cell) for cell in ("rnn", "lstm", "gru")]
            self._replace(lambda: window.session.build(run.with_lanes(lanes)))
        elif self._configuration == "task":
            self._replace(lambda: window.opening.task(Task("recall", 10)))
        elif self._configuration == "large":
            window.resize(1920, 1080)
            self._replace(lambda: window.session.apply({"cell": "lstm", "hidden": 256, "layers": 2}))

    def _replace(self, begin: Callable[[], object]) -> None:
        before = self.window.session.run
        begin()
        self._wait(lambda: self.window.session.run is not before)

    def _wait(self, happened: Callable[[], bool], forever: bool = False) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not happened():
            QApplication.processEvents()
            if not forever and time.monotonic() > deadline:
                raise TimeoutError("the window did not get there")
            time.sleep(0.001)

    def _act(self) -> None:
        """On the timer. It is set anew first, since what is done may open a dialog that waits in here."""
        if self._over:
            return
        now = time.monotonic()
        if now - self._begun > self._seconds:
            self._over = True
            return
        QTimer.singleShot(PAUSE_MS, self._act)
        if QApplication.activeModalWidget() is None and now - self._last_home > HOME_EVERY_S:
            self._last_home = now + 1e9  # not again within itself
            QTimer.singleShot(0, self._at_home)
            return
        waits_in_dialog = QApplication.activeModalWidget() or QApplication.activePopupWidget()
        if self._last_home > now or (self._acting and not waits_in_dialog):
            return  # the deed before this one lets the window live in the middle of itself
        self._acting = True
        self.found.actions += 1
        try:
            deed = self.monkey.act()
        finally:
            self._acting = False
        self._log.write(f"{now - self._begun:8.2f} {self.found.actions} {deed}\n")

    def _at_home(self) -> None:
        try:
            self._go_home()
        except TimeoutError as error:
            self.faults.note(f"{error}; top {self.monkey.top}, run {self.window.session.run}")
        self._last_home = time.monotonic()

    def _go_home(self) -> None:
        """Everything closed, the first example open twice (the run before is kept for undo): count."""
        while (open_now := QApplication.activePopupWidget() or QApplication.activeModalWidget()) is not None:
            open_now.close()
            QApplication.processEvents()
        for other in QApplication.topLevelWidgets():
            if other is not self.window and other.isVisible():
                other.close()
        session, pages = self.window.session, self.window.pages
        for show in (pages.experiment, pages.repeats):
            show.background.stop()
        for _ in range(2):
            session.settings = RunSettings()
            self._replace(lambda: session.open(samples()[0].path))
        self._wait(lambda: session.last_frame is not None)
        calm_until = time.monotonic() + 0.5
        self._wait(lambda: time.monotonic() > calm_until)
        self.found.samples.append(take_sample(self.found.actions, time.monotonic() - self._begun))


def main(argv: Sequence[str]) -> int:
    """Live once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("configuration", choices=CONFIGURATIONS)
    parser.add_argument("seed", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("folder", type=Path)
    told = parser.parse_args(argv)
    told.folder.mkdir(parents=True, exist_ok=True)
    faulthandler.enable((told.folder / "crash.log").open("w"))
    os.chdir(told.folder)
    life = Life(told.configuration, told.seed, told.seconds, told.folder)
    try:
        life.live()
    finally:
        (told.folder / "found.json").write_text(json.dumps(life.found.as_dict(), indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
