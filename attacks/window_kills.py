"""The window killed while it trains and saves by itself; each start brings back what the last one left."""

import random
import subprocess
import sys
import time
from pathlib import Path

from attacks.kills import LONGEST_LIFE_S, PATIENCE_S, Deaths
from attacks.step_log import StepLog
from attacks.subject import text_file
from rnnviz.gui.kept import MOST_KEPT, Kept, KeptNetworks
from rnnviz.text import read_text
from rnnviz.training import CheckpointError, RunSettings, checkpoint, prepare

INTERVAL_S = 0.1
SLACK_S = 2.0
"""On top of an interval: a disk that is slow is written to less often, and a busy machine kills late."""


def kill_window(folder: Path, kills: int, seed: int) -> Deaths:
    """Start the window that often and kill it."""
    chance, deaths = random.Random(seed), Deaths()
    text, kept, log = text_file(folder, 20), folder / "kept", StepLog(folder / "log")
    newest: Kept | None = None
    for number in range(1, kills + 1):
        log.clear()
        killed_at = _one_life(folder, text, log, chance)
        deaths.kills += 1
        newest = _look_at(kept, log, killed_at, f"kill {number}", deaths) or newest
    log.close()
    if newest is None:
        deaths.wrong.append("nothing was ever kept")
        return deaths
    _finish(kept, text, newest, deaths)
    return deaths


def _one_life(folder: Path, text: Path, log: StepLog, chance: random.Random) -> float:
    command = [sys.executable, "-m", "attacks.window_kills", str(folder), str(text)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + PATIENCE_S
    while log.is_empty and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(chance.uniform(0.0, 2 * INTERVAL_S + LONGEST_LIFE_S))
    if child.poll() is not None:
        raise RuntimeError(f"the window ended by itself with {child.returncode}")
    child.kill()
    child.wait()
    return time.monotonic()


def _look_at(kept: Path, log: StepLog, killed_at: float, where: str, deaths: Deaths) -> Kept | None:
    parts = list(kept.glob(".*.part"))
    deaths.while_saving += bool(parts)
    deaths.most_parts = max(deaths.most_parts, len(parts))
    networks = list(kept.glob("*.safetensors"))
    if len(networks) > MOST_KEPT or len(parts) > 1:
        deaths.wrong.append(f"{where}: files pile up: {len(networks)} networks, {len(parts)} parts")
    for network in networks:
        try:
            checkpoint.read(network)
        except CheckpointError as error:
            deaths.wrong.append(f"{where}: {error}")
    lost = KeptNetworks(kept).lost()
    entries = log.entries()
    if not lost:
        if killed_at - entries[0][1] > INTERVAL_S + SLACK_S:
            deaths.wrong.append(f"{where}: nothing was kept")
        return None
    later = [when for step, when in entries if step > lost[0].step]
    age = killed_at - later[0] if later else 0.0
    deaths.greatest_age = max(deaths.greatest_age, age)
    if age > INTERVAL_S + SLACK_S:
        deaths.wrong.append(f"{where}: what is kept is {age:.2f} s old")
    return lost[0]


def _finish(kept: Path, text: Path, newest: Kept, deaths: Deaths) -> None:
    """Nothing but whole networks and their notes is left; the network is that of an undisturbed run."""
    strays = [p.name for p in kept.iterdir() if p.suffix not in (".safetensors", ".json")]
    if strays:
        deaths.wrong.append(f"left behind for good: {strays}")
    kept_run = checkpoint.read(newest.path)
    undisturbed = prepare(text, RunSettings.from_dict(kept_run.settings.as_dict()))
    while undisturbed.step < kept_run.step:
        undisturbed.update()
    again = kept_run.experiment(read_text(text))
    for experiment, name in ((undisturbed, "undisturbed"), (again, "kept")):
        checkpoint.save(experiment, kept / name)
    if (kept / "undisturbed").read_bytes() != (kept / "kept").read_bytes():
        deaths.wrong.append("the network is not that of an undisturbed run")
    deaths.updates = kept_run.step


def live(folder: Path, text: Path) -> None:
    """The child: open the window, bring back what was lost, train until killed."""
    from PySide6.QtCore import QTimer  # only the child needs a window

    from attacks.window import open_window, wait_for
    from rnnviz.gui.app import keep_by_itself
    from rnnviz.gui.autosave import BRING_BACK

    log = StepLog(folder / "log")
    with open_window(text, folder) as window:
        session = window.session
        kept = KeptNetworks(folder / "kept")
        is_lost = bool(kept.lost())
        autosave = keep_by_itself(window, kept, INTERVAL_S)
        if is_lost:
            before = session.run
            autosave.on_action(BRING_BACK)
            wait_for(lambda: session.run is not before)
        session.train()
        run = session.run
        assert run is not None
        timer = QTimer()
        timer.timeout.connect(lambda: log.append(run.experiment.step))
        first = run.experiment.step
        wait_for(lambda: run.experiment.step > first)
        timer.start(5)
        wait_for(lambda: False)


if __name__ == "__main__":
    live(Path(sys.argv[1]), Path(sys.argv[2]))
