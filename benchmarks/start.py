"""From the command to the first painted window, with the untrained network's trace in it.

The rival is an empty PySide6 window with one pyqtgraph plot. Both are started in turn, each as a process of
its own, from the same interpreter; time runs from before the process is made to the end of the paint. The
charts of rnnviz come after its first picture, so a line of their own says when they are there.

    python -m benchmarks.start [--rounds 7]
"""

import argparse
import importlib.metadata
import itertools
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.environment import section

GOAL = 1.5
"""Times as long as the rival, at most."""
PATIENCE_S = 60

RIVAL = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
import pyqtgraph

class Plot(pyqtgraph.PlotWidget):
    def paintEvent(self, event):
        super().paintEvent(event)
        print(time.monotonic(), time.process_time(), flush=True)
        QTimer.singleShot(0, window.close)

app = QApplication([])
window = QMainWindow()
window.setCentralWidget(Plot())
window.resize(1280, 720)
window.show()
sys.exit(app.exec())
"""

OURS = """
import sys, time

from rnnviz.cli import main

def watch_windows():
    from rnnviz.plain_imports import plain_imports
    from rnnviz.uncollected import uncollected

    with uncollected(), plain_imports():  # as the command loads it
        import rnnviz.gui.app as app
    from PySide6.QtCore import QTimer

    class Window(app.MainWindow):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            self.score.painted.connect(self.look)

        def look(self):
            if self.session.last_frame is not None:
                self.score.painted.disconnect(self.look)
                print(time.monotonic(), time.process_time(), flush=True)
                self.wait_for_chart()

        def wait_for_chart(self):
            if not self.inspector.plots["decay"].times_drawn:
                QTimer.singleShot(1, self.wait_for_chart)
                return
            self.inspector.plots["decay"].repaint()
            print(time.monotonic(), flush=True)
            QTimer.singleShot(0, self.close)

    app.MainWindow = Window

if __name__ == "__main__":  # the process that trains imports this file too
    import rnnviz.cli.window as verb

    find_display = verb.find_display

    def and_watch():  # what the command does last before it loads Qt
        display = find_display()
        watch_windows()
        return display

    verb.find_display = and_watch
    sys.exit(main([]))
"""


@dataclass(frozen=True)
class Beginning:
    """Seconds from before the process was made."""

    picture: float
    computed: float  # processor time of the process till then
    chart: float  # NaN where none comes later


def begin(script: Path, home: Path) -> Beginning:
    """Start a script that prints when it has painted, and wait for its end."""
    places = {name: str(home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA")}
    environment = {**os.environ, **places, "PYTHONPYCACHEPREFIX": str(home / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
        env=environment,
    )
    painted, computed, *later = map(float, done.stdout.split())
    return Beginning(painted - began, computed, later[0] - began if later else math.nan)


def measure(rounds: int) -> dict[str, list[Beginning]]:
    """Both in turn, after one start of each to warm the disk's cache and compile the modules."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        scripts = {"rival": home / "rival.py", "rnnviz": home / "ours.py"}
        for script, text in zip(scripts.values(), (RIVAL, OURS), strict=True):
            script.write_text(text, encoding="utf-8")
        taken: dict[str, list[Beginning]] = {name: [] for name in scripts}
        for this_round, (name, script) in itertools.product(range(rounds + 1), scripts.items()):
            beginning = begin(script, home)
            if this_round:
                taken[name].append(beginning)
        return taken


def table(rounds: int) -> list[str]:
    """The table, line by line."""
    taken = measure(rounds)
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("PySide6-Essentials", "pyqtgraph")
    )
    pairs = list(zip(taken["rnnviz"], taken["rival"], strict=True))

    def line(name: str, rival: Iterable[float], ours: Iterable[float], ratios: Iterable[float]) -> str:
        ms = [1000 * statistics.median(values) for values in (rival, ours)]
        return f"{name:44} {ms[0]:8.0f} {ms[1]:8.0f} {statistics.median(ratios):8.2f}"

    return [
        f"from the command to the first painted window, {rounds} rounds; {versions}",
        f"{'milliseconds, medians':44} {'rival':>8} {'rnnviz':>8} {'ratio':>8}",
        line(
            "one plot; the window with its first trace",
            (r.picture for r in taken["rival"]),
            (r.picture for r in taken["rnnviz"]),
            (ours.picture / rival.picture for ours, rival in pairs),
        ),
        line(
            "the same in processor time",
            (r.computed for r in taken["rival"]),
            (r.computed for r in taken["rnnviz"]),
            (ours.computed / rival.computed for ours, rival in pairs),
        ),
        line(
            "one plot; the window with its chart as well",
            (r.picture for r in taken["rival"]),
            (r.chart for r in taken["rnnviz"]),
            (ours.chart / rival.picture for ours, rival in pairs),
        ),
        f"goal: the first ratio at most {GOAL}",
    ]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="three rounds")
    arguments = parser.parse_args()
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(section("Start", table(3 if arguments.quick else arguments.rounds)))


if __name__ == "__main__":
    main()
