"""Closing the real program in the middle of anything ends its process, with status 0 and no thread left."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE_S = 30
"""What was begun would take much longer than that, or never end."""

DRIVER = """
import multiprocessing, os, signal, sys, threading
from pathlib import Path

from PySide6.QtCore import QTimer

from rnnviz.cli import main  # before NumPy, as the program does
import rnnviz.gui.app as app

MOMENT, TEXT = sys.argv[1:3] if __name__ == "__main__" else ("", "")


class Closing(app.MainWindow):
    # The window of the program, which closes itself when a moment has come.

    def __init__(self, *arguments):
        super().__init__(*arguments)
        if MOMENT == "validation":
            self.session.settings = self.session.settings.with_values({"valid_fraction": 0.9})
        self.asked = 0
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
        if not self.asked:
            command()
            self.session.request_trace()
            self.asked = self.session.generation

    def is_under_way(self):
        # What was posted after a command is answered once that is under way, and it takes much longer.
        return self.session.last_frame.generation >= self.asked

    def idleness(self):
        return self.session.last_frame is not None

    def training(self):
        if self.session.last_frame is not None:
            self.once(self.train)
        return self.session.last_frame is not None and self.session.last_frame.step > 20

    interruption = training

    def validation(self):
        if self.session.last_frame is None:
            return False
        self.once(self.session.validate)
        return self.is_under_way()

    def between(self, begin, end):
        job = self.session.preparing.job
        if job is None and self.session.last_frame is not None:
            self.open_file(Path(TEXT))  # it was read before this could look: once more
        return job is not None and begin < job.progress[0] < end

    def reading(self):
        return self.between(0.01, 0.29)

    def tokenising(self):
        return self.between(0.35, 0.95)

    def applying(self):
        if self.session.last_frame is None:
            return False
        self.once(lambda: (self.train(), self.session.apply({"tokens": "char"})))
        return self.session.preparing.job is not None and self.session.preparing.job.progress[0] > 0.05

    def in_slow_motion(self):
        if self.session.last_frame is None:
            return False
        self.once(self.slow_motion.show)
        return self.slow_motion_bar.playing

    def writing(self):
        if self.session.last_frame is None:
            return False
        self.once(lambda: self.session.write_on(200_000, 0.8))
        return self.is_under_way()

    def searching(self):
        if self.session.last_frame is None:
            return False
        text = self.inspector.plots["text"]
        def search():
            text.field.setText("no such words")
            text.next.click()
        self.once(search)
        return True


if __name__ == "__main__":  # the process that trains imports this file too
    app.MainWindow = Closing
    status = main([TEXT])
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


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text of 6 MB, which takes a while to read and to validate on."""
    path = tmp_path_factory.mktemp("texts") / "large.txt"
    line = "Napoleon was the Emperor of France , Alexander was the Emperor of Russia , and they met .\n"
    path.write_text(line * (6_000_000 // len(line)), encoding="utf-8")
    return path


@pytest.fixture
def closed_in(tmp_path: Path):
    """Start the program on a text, close its window at a moment, and wait for the end of its process."""

    def run(moment: str, text: Path) -> Ending:
        driver = tmp_path / "driver.py"
        driver.write_text(DRIVER, encoding="utf-8")
        places = {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "APPDATA")}
        process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-W", "error", str(driver), moment, str(text)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **places, "QT_QPA_PLATFORM": "offscreen"},
        )
        try:
            assert process.stdout is not None
            asked = process.stdout.readline()
            assert asked, f"the window never came to {moment}: {process.communicate()[1]}"
            status = process.wait(PATIENCE_S)
            threads, complaints = process.communicate()
        finally:
            process.kill()
        return Ending(status, threads.strip(), complaints)

    return run


def check(closed_in, moment: str, text: Path) -> None:
    """Ends by itself, and says nothing."""
    ending = closed_in(moment, text)
    said = [line for line in ending.complaints.splitlines() if "propagateSizeHints" not in line]
    assert not said, ending.complaints
    assert ending.status == 0
    assert ending.threads == "['MainThread']"


@pytest.mark.parametrize("moment", ["idleness", "training", "in_slow_motion", "interruption"])
def test_closing_a_small_text_ends_the_process(closed_in, emperors, moment):
    check(closed_in, moment, emperors)


@pytest.mark.parametrize("moment", ["reading", "tokenising"])
def test_closing_in_mid_loading_ends_the_process(closed_in, large, moment):
    check(closed_in, moment, large)


@pytest.mark.parametrize("moment", ["validation", "writing", "applying", "searching"])
def test_closing_a_large_text_ends_the_process(closed_in, large, moment):
    check(closed_in, moment, large)
