"""What the open window costs the training, and how fast the window answers.

The rival is the same training on a thread in a process without a window. Both run in turn, A B A B, each in a
fresh process; the table gives medians. Frame interval: from one tick of the clock in which something was
painted that had newly arrived, numbers or a picture of the network, to the next. Pictures have a column of
their own: a trace costs the training time, which keeps them to 5 % of it.
Input to paint: from a key or click that moves the cursor to the end of the next paint of the picture. Longest
block: the longest time in which the GUI thread came to nothing else, in the session of
benchmarks/window_session.py.

    python -m benchmarks.window [--seconds 5] [--rounds 5] [--only NAME ...] [--quick]

For a minute of each: --seconds 60 --rounds 1, some nine minutes in all.

Without QT_QPA_PLATFORM and a display it starts Xvfb and openbox for itself where these are installed, else it
runs on Qt's offscreen platform; the heading says which.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from typing import Any

from PySide6.QtCore import QTimer

from benchmarks.display import OWN_DISPLAY, own_display
from benchmarks.live_window import LiveWindow
from benchmarks.own_window import own_window
from benchmarks.window_session import SessionScript
from rnnviz.gui.app import FIRST_SIZE
from rnnviz.text import samples
from rnnviz.training import Experiment, RunSettings, Train, Trainer, classic_four, prepare

WARM_UP_S = 1.5
KEY_INTERVAL_MS = 137
"""Between two key presses; prime, so that keys do not fall in step with frames."""

_SMALL: dict[str, Any] = {"tokens": "char", "window": 32, "batch": 32, "hidden": 128}
CASES: dict[str, tuple[dict[str, Any], bool]] = {
    "default": ({}, False),
    "default, 4 lanes": ({}, True),
    "32 32 128": (_SMALL, False),
    "32 32 128, 4 lanes": (_SMALL, True),
}
"""Name -> settings (batch, window, hidden units of characters), and whether four lanes race."""
GOALS = {"ratio": 0.9, "frame": 20.0, "answer": 50.0, "block": 100.0}


def experiment_of(case: str) -> Experiment:
    """The networks of a case, for the first sample."""
    values, race = CASES[case]
    settings = RunSettings().with_values(values)
    return prepare(samples()[0].path, classic_four(settings) if race else settings)


def train_without_window(case: str, seconds: float) -> dict[str, Any]:
    """tokens/s of the training alone."""
    experiment = experiment_of(case)
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
    return {"tokens_per_s": updates * experiment.tokens_per_update / took}


def train_with_window(case: str, seconds: float) -> dict[str, Any]:
    """tokens/s with the window open and live, and the times of frames and answers, in ms."""
    measured: dict[str, Any] = {}
    with own_window() as (window, _folder, show):
        window.session.adopt(experiment_of(case))
        live = LiveWindow(window)
        keys = QTimer()
        keys.timeout.connect(live.press)
        keys.start(KEY_INTERVAL_MS)

        def end() -> None:
            measured.update(live.result())
            window.close()

        def when_learning() -> None:
            assert window.session.run is not None
            if window.session.run.experiment.step == 0:
                QTimer.singleShot(20, when_learning)
                return
            QTimer.singleShot(int(WARM_UP_S * 1000), live.begin)
            QTimer.singleShot(int((WARM_UP_S + seconds) * 1000), end)

        window.train()
        when_learning()
        show()
        keys.stop()
    return measured


def run_session(_case: str, _seconds: float) -> dict[str, Any]:
    """The longest times in which the GUI thread came to nothing else, in ms, with what was being done."""
    with own_window() as (window, folder, show):
        script = SessionScript(window, folder)
        script.start()
        show()
    return script.result()


KINDS = {"bare": train_without_window, "window": train_with_window, "session": run_session}


def run_apart(kind: str, case: str, seconds: float) -> dict[str, Any]:
    """One measurement in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.window", "--one", kind, case, "--seconds", str(seconds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def compare(case: str, seconds: float, rounds: int) -> str:
    """Both in turn, and their row of the table."""
    bare, live = [], []
    for _ in range(rounds):
        bare.append(run_apart("bare", case, seconds))
        live.append(run_apart("window", case, seconds))
    ratios = [b["tokens_per_s"] / a["tokens_per_s"] for a, b in zip(bare, live, strict=True)]
    frames = [x for one in live for x in one["frame_interval_ms"]]
    answers = [x for one in live for x in one["input_to_paint_ms"]]
    alone, watched = (statistics.median(r["tokens_per_s"] for r in rows) for rows in (bare, live))
    pictures = [x for one in live for x in one["picture_interval_ms"]]
    cpu = statistics.median(r["cpu_share"] for r in live)
    return (
        f"| {case} | {alone:,.0f} | {watched:,.0f} | {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}) | {100 * cpu:.0f} % | {_spread(frames)} "
        f"| {_spread(pictures)} | {_spread(answers)} |"
    )


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of all lies."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _spread(values: list[float]) -> str:
    if not values:
        return "none"
    return f"{percentile(values, 0.5):.0f}, {percentile(values, 0.99):.0f} ({len(values)})"


def report(cases: list[str], seconds: float, rounds: int) -> None:
    """The section of docs/benchmarks.md."""
    own = "its own Xvfb" if OWN_DISPLAY in os.environ else os.environ.get("QT_QPA_PLATFORM", "a display")
    print(f"## The window, {FIRST_SIZE[0]} × {FIRST_SIZE[1]}, on {own}\n")
    print(
        f"{rounds} rounds of {seconds:g} s, keys and mouse in use all the while. Goals: at least "
        f"{GOALS['ratio']:g} of the speed without a window, p99 at most {GOALS['frame']:g} ms from frame to "
        f"frame and {GOALS['answer']:g} ms from key or click to picture. A frame is a tick of the clock in "
        "which something newly arrived was painted: numbers, or a picture of the network, which has a "
        "column of its own.\n"
    )
    print(
        "| B T H | tokens/s without | with | ratio | GUI thread computes | frame interval ms p50, p99 (count)"
        " | picture of the network | key or click to picture ms p50, p99 (count) |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |"
    )
    for case in cases:
        print(compare(case, seconds, rounds), flush=True)
    session = run_apart("session", "default", seconds)
    print(f"\nLongest block of the GUI thread in a scripted session, at most {GOALS['block']:g} ms wanted:\n")
    print("| doing | longest block ms | of it computing ms |\n| --- | --- | --- |")
    for doing, wall, cpu in session["blocks"]:
        print(f"| {doing} | {wall:.0f} | {cpu:.0f} |")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--quick", action="store_true", help="shorter measurements, with more noise")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    seconds, rounds = (4.0, 2) if arguments.quick else (arguments.seconds, arguments.rounds)
    if arguments.one:
        kind, case = arguments.one
        print(json.dumps(KINDS[kind](case, arguments.seconds)))
        return
    with own_display():
        report(arguments.only, seconds, rounds)


if __name__ == "__main__":
    main()
