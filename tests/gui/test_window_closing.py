"""Closing the real program in the middle of anything ends its process, with status 0 and no thread left."""

import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE_S = 30
"""What was begun never ends by itself: the driver begins it again, or holds it, until it is given up."""

PROGRAM = """
from rnnviz.cli import main  # before NumPy, as the program does
import held

if __name__ == "__main__":  # the process that trains imports this file too
    import closing

    closing.run(main)
"""

HELD = """
import os
from pathlib import Path

from rnnviz.text import TextFile
from rnnviz.training import Job
from rnnviz.training.experiment import Experiment

MOMENT, TEXT, MARKS = os.environ["MOMENT"], os.environ["TEXT"], Path(os.environ["MARKS"])
SHARES = {"reading": (0.01, 0.29), "tokenising": (0.35, 0.95), "applying": (0.05, 0.95)}


def mark(what):
    (MARKS / what).touch()


def is_marked(what):
    return (MARKS / what).exists()


def again_and_again(pieces):
    # The work of another process, piece by piece, without an end.
    def endless(*arguments):
        mark("begun")
        try:
            while True:
                for _ in pieces(*arguments):
                    yield None
        finally:
            mark("given up")

    return endless


if MOMENT == "validation":
    Experiment.validation = again_and_again(Experiment.validation)
elif MOMENT == "writing":
    Experiment.writing_on = again_and_again(Experiment.writing_on)


def endless_search(self, *arguments, find=TextFile.find, **places):
    mark("begun")
    try:
        while True:
            find(self, *arguments, **places)
    finally:
        mark("given up")


if MOMENT == "searching":
    TextFile.find = endless_search


class HeldJob(Job):
    # Stays where it is at its moment until it is cancelled, and then must go no further.

    def _report(self, share, doing):
        super()._report(share, doing)
        begin, end = SHARES[MOMENT]
        if begin < share < end and not is_marked("begun") and (MOMENT != "applying" or is_marked("asked")):
            mark("begun")
            self._cancelled.wait()

    def _run(self):
        super()._run()
        if is_marked("begun") and self.poll() == "cancelled" and self.progress[0] < SHARES[MOMENT][1]:
            mark("given up")
"""

CLOSING = """
import multiprocessing, os, signal, sys, threading

from PySide6.QtCore import QTimer

import rnnviz.gui.app as app
import rnnviz.gui.preparing as preparing
from held import MOMENT, SHARES, TEXT, HeldJob, is_marked, mark

if MOMENT in SHARES:
    preparing.Job = HeldJob


class Closing(app.MainWindow):
    # The window of the program, which closes itself when a moment has come.

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.asked, self.generation = False, 0
        self.poll = QTimer(self)
        self.poll.timeout.connect(self.look)
        self.poll.start(0)

    def look(self):
        if not getattr(self, MOMENT)():
            return
        self.poll.stop()
        print("closing", flush=True)
        if MOMENT == "interruption":
            os.kill(os.getpid(), signal.SIGINT)
        else:
            self.close()

    def once(self, command):
        # True once it has begun.
        if self.session.last_frame is not None and not self.asked:
            self.asked = True
            mark("asked")
            command()
        return is_marked("begun")

    def apart(self, command):
        # As well, once the other process has spoken: one that only wakes up is ended without a word.
        if not self.once(command):
            return False
        if not self.generation:
            self.session.request_trace()
            self.generation = self.session.generation
        return self.session.last_frame.generation >= self.generation

    def idleness(self):
        return self.session.last_frame is not None

    def training(self):
        self.once(self.train)
        return self.session.last_frame is not None and self.session.last_frame.step > 20

    interruption = training

    def validation(self):
        return self.apart(self.session.validate)

    def reading(self):
        return is_marked("begun")

    tokenising = reading

    def applying(self):
        return self.once(lambda: (self.train(), self.session.apply({"tokens": "char"})))

    def in_slow_motion(self):
        self.once(self.slow_motion.show)
        return self.session.last_frame is not None and self.slow_motion_bar.playing

    def writing(self):
        return self.apart(lambda: self.session.write_on(1000, 0.8))

    def searching(self):
        text = self.inspector.plots["text"]
        return self.once(lambda: (text.field.setText("no such words"), text.next.click()))


def run(main):
    app.MainWindow = Closing
    status = main([TEXT])
    for thread in threading.enumerate()[1:]:  # on a busy machine an end may take longer than a window waits
        thread.join(10)
    assert not multiprocessing.active_children()
    print([t.name for t in threading.enumerate()], flush=True)
    sys.exit(status)
"""


@dataclass(frozen=True)
class Ending:
    """How a process ended after its window was told to close."""

    status: int
    threads: str
    complaints: str
    given_up: bool  # what was under way, before its end


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text of 6 MB, which is read and tokenised in many pieces."""
    path = tmp_path_factory.mktemp("texts") / "large.txt"
    line = "Napoleon was the Emperor of France , Alexander was the Emperor of Russia , and they met .\n"
    path.write_text(line * (6_000_000 // len(line)), encoding="utf-8")
    return path


@pytest.fixture
def closed_in(tmp_path: Path):
    """Start the program on a text, close its window at a moment, and wait for the end of its process."""

    def run(moment: str, text: Path) -> Ending:
        for name, source in (("program", PROGRAM), ("held", HELD), ("closing", CLOSING)):
            (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        places = {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "APPDATA")}
        told = {"MOMENT": moment, "TEXT": str(text), "MARKS": str(tmp_path)}
        process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-W", "error", str(tmp_path / "program.py")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **places, **told, "QT_QPA_PLATFORM": "offscreen"},
        )
        try:
            assert process.stdout is not None
            never = threading.Timer(PATIENCE_S, process.kill)
            never.start()
            asked = process.stdout.readline()
            never.cancel()
            assert asked, f"the window never came to {moment}: {process.communicate()[1]}"
            status = process.wait(PATIENCE_S)
            threads, complaints = process.communicate()
        finally:
            process.kill()
        return Ending(status, threads.strip(), complaints, (tmp_path / "given up").exists())

    return run


def check(closed_in, moment: str, text: Path) -> Ending:
    """Ends by itself, and says nothing."""
    ending = closed_in(moment, text)
    said = [line for line in ending.complaints.splitlines() if "propagateSizeHints" not in line]
    assert not said, ending.complaints
    assert ending.status == 0
    assert ending.threads == "['MainThread']"
    return ending


@pytest.mark.parametrize("moment", ["idleness", "training", "in_slow_motion", "interruption"])
def test_closing_a_small_text_ends_the_process(closed_in, emperors, moment):
    check(closed_in, moment, emperors)


@pytest.mark.parametrize("moment", ["reading", "tokenising", "applying"])
def test_closing_in_mid_loading_gives_it_up_and_ends_the_process(closed_in, large, moment):
    assert check(closed_in, moment, large).given_up


@pytest.mark.parametrize("moment", ["validation", "writing", "searching"])
def test_closing_gives_up_what_would_never_end_and_ends_the_process(closed_in, emperors, moment):
    assert check(closed_in, moment, emperors).given_up
