"""One life of a window under a monkey; ends with what was measured of it in a file."""

import argparse
import faulthandler
import json
import multiprocessing
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

import rnnviz.one_blas_thread  # noqa: F401  # first: as the program does
from attacks.monkey_actions import Monkey
from attacks.monkey_meters import Faults, Findings, Heartbeat, left_over, take_sample
from attacks.monkey_report import CONFIGURATIONS
from attacks.monkey_wishes import QUIT
from rnnviz.gui.app import application, keep_by_itself, show_window
from rnnviz.gui.collecting import Collecting
from rnnviz.gui.kept import KeptNetworks
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.trainers import TrainersApart
from rnnviz.gui.window import MainWindow
from rnnviz.text import Task, samples
from rnnviz.training import ApartTrainer, Failed, Reserve, RunSettings, Trainer

PAUSE_MS = 12
HOME_EVERY_S = 15.0
REOPEN_EVERY_ACTIONS = 150
PATIENCE_S = 180.0
END_WITHIN_S = 20.0
"""Of threads and processes after their window was closed, on a busy machine; what it took is told."""


class Life:
    """A window, its monkey and the meters."""

    def __init__(self, configuration: str, seed: int, seconds: float, folder: Path) -> None:
        self.found = Findings()
        self.faults = Faults(self.found)
        self._configuration, self._seed, self._seconds, self._folder = configuration, seed, seconds, folder
        self._reserve = Reserve(ahead=True)
        self._log = (folder / "actions.log").open("w", encoding="utf-8", buffering=1)
        Collecting(application())
        QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
        QApplication.setQuitOnLastWindowClosed(False)
        self.window = self._open()
        self.monkey = Monkey(self.window, seed, folder)
        self._heart = Heartbeat(self.found)
        self._begun = time.monotonic()
        self._last_home = self._begun
        self._over = self._acting = False
        self._chance = random.Random(f"reopen {seed}")  # of its own: the deeds between stay what they were

    def _open(self) -> MainWindow:
        preferences = Preferences(
            QSettings(str(self._folder / "preferences.ini"), QSettings.Format.IniFormat)
        )
        apart = self._configuration != "thread"
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
        self._heart.start()
        self._visit_home()
        self._begun = self._last_home = time.monotonic()
        QTimer.singleShot(PAUSE_MS, self._act)
        self._wait(lambda: self._over, forever=True)
        self._go_home()
        self._heart.stop()
        self.found.seconds = time.monotonic() - self._begun
        self.found.counts = dict(self.monkey.counts)
        self._close()
        self._reserve.close()
        self.found.ended = "well"
        return self.found

    def _close(self) -> None:
        """Close the window, and see that all ends that it had begun."""
        begun, window = time.monotonic(), self.window
        window.close()
        if left := [w for w in QApplication.topLevelWidgets() if w.isVisible()]:
            self.faults.note(f"windows left by the closed one: {left}")
        if left_behind := left_over(self._heart.threads, self._in_reserve, END_WITHIN_S):
            self.faults.note(f"left by the closed window: {left_behind}")
        self.found.slowest_end_s = max(self.found.slowest_end_s, time.monotonic() - begun)
        window.deleteLater()

    def _in_reserve(self) -> list[int]:
        """Asked anew at each look: a trainer that is being closed may still be filling the reserve."""
        waiting = self._reserve.waiting
        return [] if waiting is None or waiting.process.pid is None else [waiting.process.pid]

    def _reopen(self) -> None:
        """Close the window in the middle of what it does, and open another."""
        if QApplication.activeModalWidget() or QApplication.activePopupWidget():
            return  # which came in this very moment, and waits for its end inside of itself
        with self._heart.resting():
            self._close()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            self.window = self.monkey.window = self._open()
            self._furnish()
        self.monkey.counts["reopen"] += 1

    def _furnish(self) -> None:
        window = self.window
        self._wait(lambda: window.session.run is not None)
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
        is_free = QApplication.activeModalWidget() is None and QApplication.activePopupWidget() is None
        if is_free and not self._acting and self._last_home < now:
            if now - self._last_home > HOME_EVERY_S:
                self._apart(self._visit_home)
                return
            if self._chance.random() < 1 / REOPEN_EVERY_ACTIONS:
                self._log.write(f"{now - self._begun:8.2f} {self.found.actions} reopen\n")
                self._apart(self._reopen)
                return
        if self._last_home > now or (self._acting and is_free):
            return  # the deed before this one lets the window live in the middle of itself
        self._do_something(now)

    def _do_something(self, now: float) -> None:
        """What it is stands in the log before it is done: it may be the last."""
        self._acting = True
        self.found.actions += 1
        try:
            kind = self.monkey.choose()
            self._log.write(f"{now - self._begun:8.2f} {self.found.actions} {kind} ...\n")
            self._log.write(f"         {self.found.actions} {self.monkey.act(kind)}\n")
        finally:
            self._acting = False

    def _apart(self, what: Callable[[], None]) -> None:
        """Do something that nothing may come into, from the event loop and not from within a deed."""
        self._last_home += 1e9  # not again within itself, and no deeds

        def do() -> None:
            try:
                what()
            except TimeoutError as error:
                self.faults.note(f"{error}; top {self.monkey.top}, run {self.window.session.run}")
            self._last_home = time.monotonic() if what == self._visit_home else self._last_home - 1e9

        QTimer.singleShot(0, do)

    def _visit_home(self) -> None:
        self._go_home()
        self._furnish()

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
        deadline = time.monotonic() + PATIENCE_S  # those of the run before may take a moment to end
        self._wait(lambda: time.monotonic() > deadline or self._is_as_at_first())
        trainer = session.run.trainer if session.run is not None else None
        worker = trainer.worker if isinstance(trainer, ApartTrainer) else None
        seconds = time.monotonic() - self._begun
        self.found.samples.append(
            take_sample(self.found.actions, seconds, None if worker is None else worker.process.pid)
        )
        self.found.heaviest_load = max(self.found.heaviest_load, os.getloadavg()[0])

    def _is_as_at_first(self) -> bool:
        """No more threads than at the first rest; a worker that trains and one that waits, if any."""
        processes = 0 if self._configuration == "thread" else 2
        most = self.found.samples[0].threads if self.found.samples else threading.active_count()
        return threading.active_count() <= most and len(multiprocessing.active_children()) == processes


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
