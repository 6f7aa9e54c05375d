"""One life of the window under attack: it brings back what was lost, trains, and is killed from outside.

In some lives the process that trains is killed first, from here: the window must say so, keep what was
learned, and go on from there with another one. What came of that is written to a file for whoever watches.

    python -m attacks.window_life FOLDER TEXT WORKERS LOSE_AFTER_S      (negative: the process is left alone)
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import rnnviz.one_blas_thread  # noqa: F401  # first: as the program does
from attacks.step_log import StepLog

if TYPE_CHECKING:
    from rnnviz.gui.window import MainWindow

INTERVAL_S = 0.1
TOLD = "told.json"


def live(folder: Path, text: Path, workers: int, lose_after_s: float) -> None:
    """Open the window as the program does, bring back what was lost, train until killed."""
    from PySide6.QtCore import QTimer  # not at the top: processes that train import this file, without Qt

    from attacks.window import open_window, wait_for
    from rnnviz.gui.app import keep_by_itself
    from rnnviz.gui.autosave import BRING_BACK
    from rnnviz.gui.kept import KeptNetworks
    from rnnviz.gui.trainers import TrainersApart
    from rnnviz.training import Reserve

    log = StepLog(folder / "log")
    with open_window(text, folder, TrainersApart(Reserve(ahead=True))) as window:
        session = window.session
        kept = KeptNetworks(folder / "kept")
        is_lost = bool(kept.lost())
        autosave = keep_by_itself(window, kept, INTERVAL_S)
        if is_lost:
            before = session.run
            autosave.on_action(BRING_BACK)
            wait_for(lambda: session.run is not before)
        session.use_workers(workers)
        session.train()
        run = session.run
        assert run is not None
        timer = QTimer()
        timer.timeout.connect(lambda: log.append(run.experiment.step))
        first = run.experiment.step
        wait_for(lambda: run.experiment.step > first)
        timer.start(5)
        if lose_after_s >= 0:
            at = time.monotonic() + lose_after_s
            wait_for(lambda: time.monotonic() >= at)
            told = _lose_the_process_that_trains(window, log)
            whole = folder / f"{TOLD}.part"
            whole.write_text(json.dumps(told))
            whole.replace(folder / TOLD)
        wait_for(lambda: False)


def _lose_the_process_that_trains(window: "MainWindow", log: StepLog) -> dict[str, object]:
    """Kill it, see what the window says, and press Train again."""
    from attacks.window import wait_for  # as above
    from rnnviz.training import ApartTrainer, Failed

    session, run = window.session, window.session.run
    assert run is not None and isinstance(run.trainer, ApartTrainer) and run.trainer.worker is not None
    process, failures = run.trainer.worker.process, list[object]()
    session.heard.connect(lambda event: failures.append(event) if isinstance(event, Failed) else None)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    killed_at, knew = time.monotonic(), run.experiment.step
    wait_for(lambda: bool(failures) and session.state in ("paused", "ready"))
    kept = run.experiment.step
    lost = [when for step, when in log.entries() if kept < step <= knew]
    said = []
    while not window.notice.isHidden():  # one message after the other
        said.append(f"{window.notice.text_label.text()} {window.notice.remedy_label.text()}")
        window.notice.dismiss()
    log.clear()  # what is done from here on starts from what was kept
    session.train()
    wait_for(lambda: run.experiment.step > kept)
    return {"said": said, "knew": knew, "kept": kept, "age_s": killed_at - lost[0] if lost else 0.0}


if __name__ == "__main__":
    live(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
