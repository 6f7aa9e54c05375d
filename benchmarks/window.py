"""What the open window costs the training, and how fast the window answers.

The rival is the same trainer, on a thread, in a process without a window. Both run in turn, A B A B, each in
a fresh process; the table gives medians. Frame interval: from one painted score to the next. Input to paint:
from a key that moves the cursor to the end of the next paint of the score.

    python -m benchmarks.window [--seconds 8] [--rounds 5]

Without QT_QPA_PLATFORM and a display it runs on Qt's offscreen platform and says so.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

WARM_UP_S = 1.5
KEY_INTERVAL_MS = 137
"""Between two key presses; prime, so that keys do not fall in step with frames."""


def train_without_window(seconds: float) -> dict[str, Any]:
    """tokens/s of the trainer alone."""
    from rnnviz.text import samples
    from rnnviz.training import RunSettings, Train, Trainer, prepare

    experiment = prepare(samples()[0].path, RunSettings())
    trainer = Trainer(experiment)
    trainer.start()
    trainer.send(Train())
    waiter = threading.Event()
    waiter.wait(WARM_UP_S)
    first, began = experiment.step, time.perf_counter()
    waiter.wait(seconds)
    updates, took = experiment.step - first, time.perf_counter() - began
    trainer.close()
    trainer.join(2)
    shared = experiment.settings.experiment
    return {"tokens_per_s": updates * shared.window * shared.batch / took}


def train_with_window(seconds: float) -> dict[str, Any]:
    """tokens/s with the window open and live, and the times of frames and answers, in ms."""
    with TemporaryDirectory() as folder:
        # A file of its own: QSettings renames a new file into place, which as root would replace a device.
        return _measure_window(Path(folder) / "preferences.ini", seconds)


def _measure_window(preferences: Path, seconds: float) -> dict[str, Any]:
    from PySide6.QtCore import QEvent, QSettings, Qt, QTimer
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QApplication

    from rnnviz.gui.app import FIRST_SIZE, application
    from rnnviz.gui.preferences import Preferences
    from rnnviz.gui.trainers import TrainersApart
    from rnnviz.gui.window import MainWindow
    from rnnviz.training import Reserve

    app = application()
    store = QSettings(str(preferences), QSettings.Format.IniFormat)
    reserve = Reserve(ahead=True)  # as `rnnviz` does
    window = MainWindow(Preferences(store), TrainersApart(reserve))
    window.resize(*FIRST_SIZE)
    window.open_first_sample()
    window.show()
    painted: list[float] = []
    pressed: list[float] = []
    answers: list[float] = []

    def on_painted() -> None:
        now = time.perf_counter()
        painted.append(now)
        if pressed:
            answers.append(now - pressed.pop())

    window.score.painted.connect(on_painted)
    measured: dict[str, float] = {}

    def press() -> None:
        if pressed or "from_step" not in measured:
            return
        pressed.append(time.perf_counter())
        cursor = window.cursor_model.state
        key = Qt.Key.Key_Left if cursor.time_step > 0 else Qt.Key.Key_End
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.postEvent(window.score, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier))

    def begin() -> None:
        assert window.session.run is not None
        painted.clear()
        measured["from_step"] = window.session.run.experiment.step
        measured["from_time"] = time.perf_counter()

    def end() -> None:
        assert window.session.run is not None
        measured["updates"] = window.session.run.experiment.step - measured["from_step"]
        measured["took"] = time.perf_counter() - measured["from_time"]
        window.close()

    keys = QTimer()
    keys.timeout.connect(press)
    keys.start(KEY_INTERVAL_MS)

    def when_ready() -> None:
        if window.session.last_frame is None:
            QTimer.singleShot(20, when_ready)
            return
        window.train()
        QTimer.singleShot(int(WARM_UP_S * 1000), begin)
        QTimer.singleShot(int((WARM_UP_S + seconds) * 1000), end)

    when_ready()
    app.exec()
    reserve.close()
    keys.stop()
    shared = window.session.settings.experiment
    intervals = [1000 * (b - a) for a, b in itertools.pairwise(painted)]
    return {
        "tokens_per_s": measured["updates"] * shared.window * shared.batch / measured["took"],
        "frame_interval_ms": intervals,
        "input_to_paint_ms": [1000 * a for a in answers],
        "platform": app.platformName(),
    }


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of all lies."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def run_apart(kind: str, seconds: float) -> dict[str, Any]:
    """One measurement in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.window", "--one", kind, "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def compare(seconds: float, rounds: int) -> None:
    """Both in turn, and the table."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    bare, live = [], []
    for _ in range(rounds):
        bare.append(run_apart("bare", seconds))
        live.append(run_apart("window", seconds))
    ratios = [b["tokens_per_s"] / a["tokens_per_s"] for a, b in zip(bare, live, strict=True)]
    frames = [x for one in live for x in one["frame_interval_ms"]]
    answers = [x for one in live for x in one["input_to_paint_ms"]]
    print(f"default settings, {rounds} rounds of {seconds:g} s, platform {live[0]['platform']}")
    alone, watched = (statistics.median(r["tokens_per_s"] for r in rows) for rows in (bare, live))
    print(f"{'training without a window':34} {alone:10,.0f} tokens/s")
    print(f"{'training with the window live':34} {watched:10,.0f} tokens/s")
    spread = f"({min(ratios):.2f} to {max(ratios):.2f})"
    print(f"{'ratio, with / without':34} {statistics.median(ratios):10.2f}  {spread}")
    for name, values in (("frame interval", frames), ("input to paint", answers)):
        p50, p99 = percentile(values, 0.5), percentile(values, 0.99)
        print(f"{name:34} p50 {p50:6.1f} ms   p99 {p99:6.1f} ms   ({len(values)} values)")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", choices=("bare", "window"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        run = train_without_window if arguments.one == "bare" else train_with_window
        print(json.dumps(run(arguments.seconds)))
    else:
        compare(arguments.seconds, arguments.rounds)


if __name__ == "__main__":
    main()
