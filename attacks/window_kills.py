"""The window killed while it trains and saves by itself; each start brings back what the last one left.

The window trains in a process of its own, as the program does. After each kill nothing that it started may
stay; in a quarter of the lives the process that trains is killed first, alone.
"""

import json
import random
import time
from pathlib import Path

from attacks.kills import LONGEST_LIFE_S, PATIENCE_S, Deaths
from attacks.orphans import start_marked
from attacks.step_log import StepLog
from attacks.subject import text_file
from attacks.window_life import INTERVAL_S, TOLD
from rnnviz.gui.kept import MOST_KEPT, Kept, KeptNetworks
from rnnviz.text import read_text
from rnnviz.training import CheckpointError, RunSettings, checkpoint, prepare
from rnnviz.training.apart.worker import KEEP_EVERY_S

SLACK_S = 2.0
"""On top of an interval: a disk that is slow is written to less often, and a busy machine kills late."""
OLDEST_S = INTERVAL_S + SLACK_S
LOST_AT_MOST_S = KEEP_EVERY_S + SLACK_S
"""What the death of the process that trains may cost: an interval of its snapshots."""
SHARE_OF_PROCESSES = 0.25


def kill_window(folder: Path, kills: int, seed: int, workers: int = 1) -> Deaths:
    """Start the window that often and kill it."""
    chance, deaths = random.Random(seed), Deaths()
    text, kept, log = text_file(folder, 20), folder / "kept", StepLog(folder / "log")
    newest: Kept | None = None
    for number in range(1, kills + 1):
        log.clear()
        killed_at = _one_life(folder, text, log, workers, chance, f"kill {number}", deaths)
        newest = _look_at(kept, log, killed_at, f"kill {number}", deaths) or newest
    log.close()
    if newest is None:
        deaths.wrong.append("nothing was ever kept")
        return deaths
    _finish(kept, text, newest, workers, deaths)
    return deaths


def _one_life(
    folder: Path, text: Path, log: StepLog, workers: int, chance: random.Random, where: str, deaths: Deaths
) -> float:
    """When it was killed (monotonic seconds)."""
    loses, told = chance.random() < SHARE_OF_PROCESSES, folder / TOLD
    told.unlink(missing_ok=True)
    lose_after_s = chance.uniform(0.0, 2 * INTERVAL_S + LONGEST_LIFE_S) if loses else -1.0
    command = ["-m", "attacks.window_life", str(folder), str(text), str(workers), str(lose_after_s)]
    errors = folder / "errors"
    child, mark = start_marked(command, errors)
    deadline = time.monotonic() + PATIENCE_S
    while (not told.exists() if loses else log.is_empty) and child.poll() is None:
        if time.monotonic() > deadline:
            deaths.wrong.append(f"{where}: it did not get so far")
            break
        time.sleep(0.005)
    time.sleep(chance.uniform(0.0, 2 * INTERVAL_S + LONGEST_LIFE_S))
    if child.poll() is not None:
        raise RuntimeError(
            f"the window ended by itself with {child.returncode}: {errors.read_text()[-2000:]}"
        )
    child.kill()
    child.wait()
    killed_at = time.monotonic()
    deaths.note_kill(mark, errors, where)
    if told.exists():
        _look_at_what_was_told(json.loads(told.read_text()), where, deaths)
    return killed_at


def _look_at_what_was_told(told: dict[str, object], where: str, deaths: Deaths) -> None:
    """The process that trains died alone: the window said so, and kept the work."""
    deaths.training_only += 1
    said, age_s = told["said"], told["age_s"]
    assert isinstance(said, list) and isinstance(age_s, float)
    deaths.greatest_loss_s = max(deaths.greatest_loss_s, age_s)
    if not any("ended by signal 9" in words and "press Train" in words for words in said):
        deaths.wrong.append(f"{where}: the window did not say that the training ended, but {said}")
    if age_s > LOST_AT_MOST_S:
        deaths.wrong.append(f"{where}: {age_s:.2f} s of training were lost with its process")


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
        if entries and killed_at - entries[0][1] > OLDEST_S:
            deaths.wrong.append(f"{where}: nothing was kept")
        return None
    later = [when for step, when in entries if step > lost[0].step]
    age = killed_at - later[0] if later else 0.0
    deaths.greatest_age = max(deaths.greatest_age, age)
    if age > OLDEST_S:
        deaths.wrong.append(f"{where}: what is kept is {age:.2f} s old")
    return lost[0]


def _finish(kept: Path, text: Path, newest: Kept, workers: int, deaths: Deaths) -> None:
    """Nothing but whole networks and their notes is left; the network is that of an undisturbed run."""
    strays = [p.name for p in kept.iterdir() if p.suffix not in (".safetensors", ".json")]
    if strays:
        deaths.wrong.append(f"left behind for good: {strays}")
    kept_run = checkpoint.read(newest.path)
    undisturbed = prepare(text, RunSettings.from_dict(kept_run.settings.as_dict()))
    undisturbed.use_workers(workers)
    while undisturbed.step < kept_run.step:
        undisturbed.update()
    undisturbed.rest()
    again = kept_run.experiment(read_text(text))
    for experiment, name in ((undisturbed, "undisturbed"), (again, "kept")):
        checkpoint.save(experiment, kept / name)
    if (kept / "undisturbed").read_bytes() != (kept / "kept").read_bytes():
        deaths.wrong.append("the network is not that of an undisturbed run")
    deaths.updates = kept_run.step
