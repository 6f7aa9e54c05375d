"""Close the window, open it again, switch text, cell or lanes in the middle of an epoch, two thousand times.

Each time the trainer that was at work must end, its thread and its process; whenever the window is closed no
thread and no process may be left but the worker that waits for the next window. Threads, processes, file
handles and memory are counted while no window is open.

    python -m attacks.reopen [--times 2000] [--seed 0] [--thread]

Training is done by a process of its own, as in the program; with `--thread` by a thread. Ends with 1 where
anything was left, raised an exception, or memory grew.
"""

import argparse
import os
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication

import rnnviz.one_blas_thread  # noqa: F401  # first: as the program does
from attacks.monkey_meters import Faults, Findings, Sample, left_over, take_sample
from attacks.monkey_wishes import cell, lanes, text
from attacks.window import wait_for
from rnnviz.gui.app import application, keep_by_itself, show_window
from rnnviz.gui.collecting import Collecting
from rnnviz.gui.kept import KeptNetworks
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.run import Run
from rnnviz.gui.trainers import TrainersApart
from rnnviz.gui.window import MainWindow
from rnnviz.training import ApartTrainer, Failed, Reserve, Trainer

DEEDS = {"reopen": 25, "reopen while reading": 5, "text": 22, "cell": 28, "lanes": 10, "undo": 6, "reset": 4}
END_WITHIN_S = 20.0
"""Of threads and processes, on a busy machine; what it took at most is told."""
SAMPLE_EVERY = 100
MOST_KB_A_HUNDRED = 1024.0
"""Memory in a hundred deeds, after warming up."""
FEWEST_SAMPLES = 8
MOST_UPDATES_MORE = 6


@dataclass(slots=True)
class Reopenings:
    """What they came to."""

    found: Findings = field(default_factory=Findings)
    counts: Counter[str] = field(default_factory=Counter)
    in_mid_epoch: int = 0
    trainers: int = 0
    slowest_trainer_s: float = 0.0
    samples: list[Sample] = field(default_factory=list)

    @property
    def kb_a_hundred(self) -> float:
        """Memory gained in a hundred deeds, over the second half: the median of all pairs of samples."""
        late = self.samples[len(self.samples) // 2 :]
        slopes = [
            1024 * 100 * (b.resident_mb - a.resident_mb) / (b.actions - a.actions)
            for i, a in enumerate(late)
            for b in late[i + 1 :]
        ]
        return statistics.median(slopes) if slopes else 0.0

    def wrong(self) -> list[str]:
        """What is not as it should be."""
        wrong = list(self.found.faults)
        if len(self.samples) >= FEWEST_SAMPLES and self.kb_a_hundred > MOST_KB_A_HUNDRED:
            wrong.append(f"memory grows by {self.kb_a_hundred:.0f} KB in a hundred deeds")
        if self.samples and self.samples[-1].handles > self.samples[0].handles + 2:
            wrong.append(f"file handles went from {self.samples[0].handles} to {self.samples[-1].handles}")
        return wrong


class Attack:
    """One window after the other, in one process."""

    def __init__(self, seed: int, folder: Path, apart: bool) -> None:
        self.told = Reopenings()
        self._faults = Faults(self.told.found)
        self._chance = random.Random(seed)
        self._folder = folder
        self._reserve = Reserve(ahead=True)
        self._trainers = TrainersApart(self._reserve) if apart else Trainer
        Collecting(application())
        QApplication.setQuitOnLastWindowClosed(False)
        self._before = tuple(threading.enumerate())
        self._window = self._open()

    def _open(self) -> MainWindow:
        settings = QSettings(str(self._folder / "preferences.ini"), QSettings.Format.IniFormat)
        window = show_window(None, Preferences(settings), self._trainers)
        keep_by_itself(window, KeptNetworks(self._folder / "kept"), interval_s=1.0)
        window.session.heard.connect(self._on_event)
        wait_for(lambda: window.session.last_frame is not None)
        return window

    def _on_event(self, event: object) -> None:
        if isinstance(event, Failed) and event.detail:
            self._faults.note(event.detail)

    def run(self, times: int) -> Reopenings:
        """So many deeds; then close for good."""
        for number in range(1, times + 1):
            self.told.found.actions = number
            deed = self._chance.choices(list(DEEDS), list(DEEDS.values()))[0]
            try:
                self._learn()
                self._do(deed)
            except TimeoutError as error:
                self._faults.note(f"{deed}: {error}")
                self._reopen()
            self.told.counts[deed] += 1
            if number % SAMPLE_EVERY == 0:
                self._reopen(sampling=True)
                print(f"{number}: {len(self.told.wrong())} violations", flush=True)
        self._close()
        self._reserve.close()
        if left := left_over(self._before, list, END_WITHIN_S):
            self._faults.note(f"left at the end: {left}")
        return self.told

    def _learn(self) -> None:
        """Some updates into an epoch."""
        session = self._window.session
        session.train()
        assert session.run is not None
        experiment = session.run.experiment
        wanted = experiment.step + self._chance.randrange(1, MOST_UPDATES_MORE)
        wait_for(lambda: (experiment.step >= wanted and experiment.position > 0) or session.state == "failed")
        self.told.in_mid_epoch += experiment.position > 0

    def _do(self, deed: str) -> None:
        window, chance = self._window, self._chance
        session = window.session
        if deed == "reopen":
            self._reopen()
        elif deed == "reopen while reading":
            text(window, chance)
            self._reopen()
        elif deed == "reset":
            session.start_over()
        elif deed == "undo":
            if session.can_undo:
                assert session.run is not None
                self._replace(session.undo)
        else:
            wishes = {"text": text, "cell": cell, "lanes": lanes}
            self._replace(lambda: wishes[deed](window, chance))

    def _replace(self, begin: Callable[[], object]) -> None:
        """Another run; the trainer of the one before must end."""
        session = self._window.session
        before = session.run
        assert before is not None
        if str(begin()).startswith("refused"):
            return
        wait_for(lambda: session.run is not before)
        self._must_end(before)
        wait_for(lambda: session.last_frame is not None)

    def _must_end(self, run: Run) -> None:
        begun = time.monotonic()
        trainer = run.trainer
        trainer.join(END_WITHIN_S)
        worker = trainer.worker if isinstance(trainer, ApartTrainer) else None
        if trainer.is_alive() or (worker is not None and worker.process.is_alive()):
            self._faults.note(f"{trainer} has not ended, worker {worker}")
        self.told.trainers += 1
        self.told.slowest_trainer_s = max(self.told.slowest_trainer_s, time.monotonic() - begun)

    def _close(self) -> None:
        window, begun = self._window, time.monotonic()
        window.close()
        waiting = self._reserve.waiting
        staying = [] if waiting is None or waiting.process.pid is None else [waiting.process.pid]
        if left := left_over(self._before, lambda: staying, END_WITHIN_S):
            self._faults.note(f"left by the closed window: {left}")
        self.told.found.slowest_end_s = max(self.told.found.slowest_end_s, time.monotonic() - begun)
        window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def _reopen(self, sampling: bool = False) -> None:
        self._close()
        if sampling:
            del self._window
            QApplication.processEvents()
            self.told.samples.append(take_sample(self.told.found.actions, 0.0))
        self._window = self._open()


def report(told: Reopenings) -> list[str]:
    """Print what it came to; return what is wrong."""
    print(", ".join(f"{deed} {n}" for deed, n in told.counts.most_common()))
    print(f"{told.in_mid_epoch} in the middle of an epoch")
    print(
        f"{told.trainers} trainers ended beside an open window, the slowest in {told.slowest_trainer_s:.2f} s"
    )
    print(f"of a closed window all had ended after {told.found.slowest_end_s:.2f} s at most")
    for name, sample in (("first", told.samples[:1]), ("last", told.samples[-1:])):
        for at in sample:
            print(
                f"{name} rest, after {at.actions}: {at.threads} threads, {at.processes} processes, "
                f"{at.handles} file handles, {at.windows} windows, {at.blocks // 1000}k blocks, "
                f"{at.resident_mb:.0f} MB"
            )
    print(f"memory: {told.kb_a_hundred:.0f} KB in a hundred deeds, after warming up")
    wrong = told.wrong()
    print(f"{len(wrong)} violations")
    for line in wrong:
        print(f"  {line}")
    return wrong


def main(argv: Sequence[str]) -> int:
    """Run the attack; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--times", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--thread", action="store_true", help="train on a thread")
    told = parser.parse_args(argv)
    print(f"seed {told.seed}, training {'on a thread' if told.thread else 'in a process of its own'}")
    with TemporaryDirectory() as folder:
        return int(bool(report(Attack(told.seed, Path(folder), not told.thread).run(told.times))))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
