"""Draws the guide's pictures of interventions, from the real window: `python tools/draw_the_valve.py`

An LSTM of 12 units learns *recall* over 20 words: docs/valve-open.png. With its forget gate held shut at one
word: docs/valve-shut.png; with the input gate shut there as well: docs/valve-both.png. And a plain RNN with
f' held at 1 on the way back: docs/slope-held.png.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

SCALE = "1.5"
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_SCALE_FACTOR"] = SCALE  # read when Qt is loaded

from PySide6.QtCore import QEventLoop, QSettings  # noqa: E402

from rnnviz.gui.app import application  # noqa: E402
from rnnviz.gui.preferences import Preferences  # noqa: E402
from rnnviz.gui.theme import LIGHT  # noqa: E402
from rnnviz.gui.window import MainWindow  # noqa: E402
from rnnviz.text import Task, samples  # noqa: E402
from rnnviz.training import HoldGate, HoldSlope, Train  # noqa: E402

DOCS = Path(__file__).parent.parent / "docs"
DISTANCE, UPDATES, VALVE = 20, 100, 10
WIDE, USUAL = (1600, 800), (1280, 720)
RECALL = {"cell": "lstm", "hidden": 12, "forget_bias": 3.0, "lr": 0.02, "init": "xavier"}
PATIENCE_S = 600.0


def main() -> None:
    """Draw all of them."""
    application()
    with TemporaryDirectory() as folder:
        window = MainWindow(Preferences(QSettings(f"{folder}/p.ini", QSettings.Format.IniFormat)))
        window.set_theme(LIGHT)
        window.show()
        draw_the_valve(window)
        draw_the_slope(window)
        window.close()


def draw_the_valve(window: MainWindow) -> None:
    """Open, shut, and shut with the input gate."""
    window.resize(*WIDE)
    learn(window, Task("recall", DISTANCE, 2000), UPDATES, RECALL)
    window.session.validate()
    until(lambda: window.status_line.valid_figure.text() != "–")
    draw(window, "valve-open")
    for gate, name in (("f", "valve-shut"), ("i", "valve-both")):
        window.interventions.intervene(HoldGate(gate, 0.0, VALVE))
        until(lambda: "%" in window.status_line.answers_label.text().partition("→")[2])
        draw(window, name)


def draw_the_slope(window: MainWindow) -> None:
    """A plain RNN on the emperors, as the panel shows it."""
    window.resize(*USUAL)
    emperors = next(sample for sample in samples() if sample.file.startswith("emperors"))
    learn(window, emperors.path, 200, {"cell": "rnn", "hidden": 48, "lr": 0.008, "forget_bias": 0.0})
    window.interventions.open(True)
    window.interventions.intervene(HoldSlope())
    until(lambda: bool(window.interventions.panel.shown.active))
    draw(window, "slope-held")


def learn(window: MainWindow, source: Path | Task, updates: int, values: dict[str, Any]) -> None:
    """Open a text and make so many updates of it."""
    before = window.session.run
    window.session.open(source, **values)
    until(lambda: window.session.run is not before and window.session.last_frame is not None)
    window.session.send(Train(until=updates))
    until(lambda: (frame := window.session.last_frame) is not None and frame.step == updates)


def until(happened: Callable[[], bool]) -> None:
    """Wait for something, and then for what it moves. Leaves with a message when it does not come."""
    deadline = time.monotonic() + PATIENCE_S
    settled = 0
    while settled < 20:
        application().processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.01)
        settled = settled + 1 if happened() else 0
        if time.monotonic() > deadline:
            sys.exit("what was to be drawn did not come in time")


def draw(window: MainWindow, name: str) -> None:
    """Paint the window as it stands."""
    window.grab().save(str(DOCS / f"{name}.png"))


if __name__ == "__main__":
    main()
