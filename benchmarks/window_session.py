"""A session at the window as somebody might have it, and how long its thread came to nothing else in it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer

from rnnviz.gui.window import MainWindow
from rnnviz.text import samples
from rnnviz.training import COMPARED, MemoryPlan

BEAT_MS = 5
"""Between two beats of the GUI thread's pulse: a block is what comes between them, beyond this."""
LARGE_TEXT_BYTES = 100 * 2**20
PATIENCE_S = 90.0

Step = tuple[str, Callable[[], None], Callable[[], bool], float]
"""What is being done, how it begins, when it has come about, and how many seconds it goes on from then."""


class SessionScript(QObject):
    """Does one thing after the other at the window, and notes the longest block in each."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        super().__init__(window)
        self._window, self._folder = window, folder
        self._blocks: dict[str, tuple[float, float]] = {}
        self._doing = "opening the window"
        self._steps = self._script()
        self._pulse = QTimer(self)
        self._pulse.setTimerType(Qt.TimerType.PreciseTimer)
        self._pulse.setInterval(BEAT_MS)
        self._pulse.timeout.connect(self._beat)
        self._last, self._last_cpu = time.perf_counter(), time.thread_time()
        self._deadline = 0.0

    def start(self) -> None:
        """Begin when the event loop does."""
        large, text = self._folder / "large.txt", samples()[0].path.read_bytes()
        large.write_bytes(text * (LARGE_TEXT_BYTES // len(text) + 1))
        QTimer.singleShot(0, self._begin)

    def result(self) -> dict[str, Any]:
        """Of each thing that was done the longest block and what of it was computing, in ms."""
        return {"blocks": [(doing, 1000 * wall, 1000 * cpu) for doing, (wall, cpu) in self._blocks.items()]}

    def _begin(self) -> None:
        self._last, self._last_cpu = time.perf_counter(), time.thread_time()
        self._pulse.start()
        self._next()

    def _beat(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        block = now - self._last - BEAT_MS / 1000, cpu - self._last_cpu
        self._last, self._last_cpu = now, cpu
        self._blocks[self._doing] = max(self._blocks.get(self._doing, (0.0, 0.0)), block)

    def _next(self) -> None:
        if not self._steps:
            self._window.close()
            return
        doing, begin, reached, stay = self._steps.pop(0)
        self._beat()  # what came before belongs to the step before
        self._doing = doing
        self._deadline = time.perf_counter() + PATIENCE_S
        begin()
        self._wait(reached, stay)

    def _wait(self, reached: Callable[[], bool], stay: float) -> None:
        if reached() or time.perf_counter() > self._deadline:
            QTimer.singleShot(int(1000 * stay), self._next)
        else:
            QTimer.singleShot(20, lambda: self._wait(reached, stay))

    def _script(self) -> list[Step]:
        window = self._window
        session, tabs = window.session, window.inspector.tabs

        def traced() -> bool:
            return session.last_frame is not None

        def learning() -> bool:
            return session.state == "running" and traced()

        def large() -> bool:
            return (
                session.run is not None
                and session.run.experiment.corpus.name.startswith("large")
                and traced()
            )

        steps: list[Step] = [
            ("opening a sample", window.open_first_sample, traced, 0.5),
            ("training", window.train, learning, 3.0),
        ]
        for index in range(tabs.count()):
            name = tabs.tabText(index)
            steps.append((f"tab {name}", lambda i=index: tabs.setCurrentIndex(i), learning, 0.7))  # type: ignore[misc]
        steps += [
            ("the other theme", window.toggle_theme, learning, 0.7),
            ("looking back", lambda: session.show_moment(1), learning, 0.7),
            ("live again", session.show_live, learning, 0.7),
            ("a race of four", window.race.race_four, lambda: window.race.is_shown and traced(), 0.5),
            ("training four lanes", window.train, learning, 3.0),
            ("one lane alone", lambda: window.race.open_lane(2), learning, 1.0),
            ("opening 100 MB", lambda: window.open_file(self._folder / "large.txt"), large, 0.5),
            ("training on 100 MB", window.train, learning, 3.0),
            ("an experiment with 32 runs", self._experiment, lambda: True, 5.0),
            ("back to the network", window.pages.show_network, learning, 1.0),
        ]
        return steps

    def _experiment(self) -> None:
        pages = self._window.pages
        pages.experiment.form.show_plan(MemoryPlan(COMPARED, (2, 5, 10, 20), 2))
        pages.show_experiment()
        pages.experiment.run()
