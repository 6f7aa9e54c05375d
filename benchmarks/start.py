"""From the command to the first painted window, with the untrained network's trace in it.

The rival is an empty PySide6 window with one pyqtgraph plot. Both are started in turn, each as a process of
its own, from the same interpreter; time runs from before the process is made to the end of the paint.

    python -m benchmarks.start [--rounds 7]
"""

import argparse
import importlib.metadata
import itertools
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

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


def seconds_to_first_paint(script: Path, home: Path) -> float:
    """Start a script that prints when it has painted, and wait for its end."""
    places = {name: str(home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA")}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
        env={**os.environ, **places},
    )
    return float(done.stdout.split()[0]) - began


def measure(rounds: int) -> dict[str, list[float]]:
    """Seconds of both, one a round, after one start of each to warm the disk's cache."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        scripts = {"rival": home / "rival.py", "rnnviz": home / "ours.py"}
        for script, text in zip(scripts.values(), (RIVAL, OURS), strict=True):
            script.write_text(text, encoding="utf-8")
        taken: dict[str, list[float]] = {name: [] for name in scripts}
        for this_round, (name, script) in itertools.product(range(rounds + 1), scripts.items()):
            seconds = seconds_to_first_paint(script, home)
            if this_round:
                taken[name].append(seconds)
        return taken


def table(rounds: int) -> list[str]:
    """The table, line by line."""
    taken = measure(rounds)
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("PySide6-Essentials", "pyqtgraph")
    )
    ratio = statistics.median(
        ours / rival for ours, rival in zip(taken["rnnviz"], taken["rival"], strict=True)
    )
    return [
        f"from the command to the first painted window, {rounds} rounds; {versions}",
        f"{'empty window, one plot':34} {1000 * statistics.median(taken['rival']):8.0f} ms",
        f"{'rnnviz, its first trace painted':34} {1000 * statistics.median(taken['rnnviz']):8.0f} ms",
        f"{'ratio':34} {ratio:8.2f}     goal: at most {GOAL}",
    ]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print("\n".join(table(arguments.rounds)))


if __name__ == "__main__":
    main()
