"""Kill a training process at random moments, again and again, and look at the file that it leaves.

Each process goes on from the file of the one before. After each kill: the file is a whole checkpoint, at most
one interval old, no more than one unfinished part lies beside it, and no process that it started lives on;
at the end the next save leaves no part, and the network is bit for bit that of a run that nobody disturbed.

    python -m attacks.kills [--kills 200] [--seed 0]            rnnviz train --save F --save-every N
    python -m attacks.kills --window [--kills 200] [--seed 0]   the window's own saves

`--workers 2` has each update divided between two processes.
"""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import rnnviz.one_blas_thread  # noqa: F401  # first: as the program does
from attacks.orphans import start_marked, wait_for_the_end
from attacks.step_log import StepLog, log_updates
from attacks.subject import text_file
from rnnviz.cli import main as rnnviz_command
from rnnviz.text import read_text
from rnnviz.training import CheckpointError, RunSettings, checkpoint, prepare

EVERY = 3
SETTINGS = ("--hidden", "48", "--window", "5", "--batch", "3", "--dropout", "0.2", "--layers", "2")
LONGEST_LIFE_S = 0.25
"""After its first update; the moment of the kill is drawn evenly from this."""
PATIENCE_S = 300.0


@dataclass(slots=True)
class Deaths:
    """What the kills came to."""

    kills: int = 0
    while_saving: int = 0  # a part was left beside the file: the kill came in the middle of a save
    updates: int = 0  # in the file at the end
    greatest_age: float = 0.0
    most_parts: int = 0
    training_only: int = 0  # lives in which the process that trains was killed first, alone
    greatest_loss_s: float = 0.0  # of training, by such a death
    slowest_end_s: float = 0.0  # until nothing that was started lived any more
    wrong: list[str] = field(default_factory=list)

    def note_kill(self, mark: str, errors: Path, where: str) -> None:
        """One more; wait for what it had started to end, which must need nobody's help, and no words."""
        self.kills += 1
        took, left = wait_for_the_end(mark)
        self.slowest_end_s = max(self.slowest_end_s, took)
        self.wrong += [f"{where}: a process lives on, {process}" for process in left]
        said = errors.read_text(errors="replace")
        if "Traceback" in said:
            self.wrong.append(f"{where}: a traceback: {said[-500:]!r}")


def kill_train(folder: Path, kills: int, seed: int, workers: int = 1) -> Deaths:
    """Kill `rnnviz train` that often."""
    chance, deaths = random.Random(seed), Deaths()
    text, file, log = text_file(folder), folder / "run" / "network.safetensors", StepLog(folder / "log")
    file.parent.mkdir()
    for number in range(1, kills + 1):
        log.clear()
        resumed = ["--resume", str(file)] if file.exists() else list(SETTINGS)
        command = [
            str(text),
            *resumed,
            "--steps",
            str(10**9),
            "--save",
            str(file),
            "--save-every",
            str(EVERY),
            "--workers",
            str(workers),
        ]
        errors = folder / "errors"
        mark = killed_after_updates([str(folder / "log"), "train", *command], log, chance, errors)
        deaths.note_kill(mark, errors, f"kill {number}")
        _look_at(file, log, f"kill {number}", deaths)
    log.close()
    _finish(text, file, workers, deaths)
    return deaths


def killed_after_updates(command: Sequence[str], log: StepLog, chance: random.Random, errors: Path) -> str:
    """Start a child, wait for its first update, let it live for a random while, kill it; its mark."""
    child, mark = start_marked(["-m", "attacks.kills", "--child", *command], errors)
    deadline = time.monotonic() + PATIENCE_S
    while log.is_empty and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(chance.uniform(0.0, LONGEST_LIFE_S))
    if child.poll() is not None:
        raise RuntimeError(f"the child ended by itself with {child.returncode}: {errors.read_text()[-2000:]}")
    child.kill()
    child.wait()
    return mark


def _look_at(file: Path, log: StepLog, where: str, deaths: Deaths) -> None:
    parts = [entry for entry in file.parent.iterdir() if entry.name != file.name]
    deaths.while_saving += bool(parts)
    deaths.most_parts = max(deaths.most_parts, len(parts))
    if len(parts) > 1:
        deaths.wrong.append(f"{where}: {len(parts)} parts pile up")
    done = log.entries()[-1][0]
    if not file.exists():
        if done > EVERY:
            deaths.wrong.append(f"{where}: no file after {done} updates")
        return
    try:
        saved = checkpoint.read(file).step
    except CheckpointError as error:
        deaths.wrong.append(f"{where}: {error}")
        return
    deaths.greatest_age = max(deaths.greatest_age, done - saved)
    if done - saved > EVERY:
        deaths.wrong.append(f"{where}: the file has update {saved}, {done - saved} behind")


def _finish(text: Path, file: Path, workers: int, deaths: Deaths) -> None:
    """One more save sweeps what is left; the network is that of an undisturbed run."""
    kept = checkpoint.read(file)
    experiment = kept.experiment(read_text(text))
    checkpoint.save(experiment, file)
    strays = [entry.name for entry in file.parent.iterdir() if entry.name != file.name]
    if strays:
        deaths.wrong.append(f"left behind for good: {strays}")
    undisturbed = prepare(text, RunSettings.from_dict(kept.settings.as_dict()))
    undisturbed.use_workers(workers)
    while undisturbed.step < kept.step:
        undisturbed.update()
    undisturbed.rest()
    other = file.with_name("undisturbed")
    checkpoint.save(undisturbed, other)
    if other.read_bytes() != file.read_bytes():
        deaths.wrong.append("the network is not that of an undisturbed run")
    deaths.updates = kept.step


def report(deaths: Deaths, interval: str) -> int:
    """Print the counts; the exit status."""
    print(f"{deaths.kills} kills, {deaths.while_saving} of them in the middle of a save")
    print(f"greatest age of a file: {deaths.greatest_age:.3g} of {interval} allowed")
    print(f"most unfinished parts at once: {deaths.most_parts}")
    print(f"nothing that was started lived on for more than {deaths.slowest_end_s:.2f} s")
    if deaths.training_only:
        print(
            f"{deaths.training_only} times the process that trains was killed before, alone: "
            f"at most {deaths.greatest_loss_s:.2f} s of training were lost"
        )
    print(f"{deaths.updates} updates survived")
    print(f"{len(deaths.wrong)} violations")
    for line in deaths.wrong:
        print(f"  {line}")
    return int(bool(deaths.wrong))


def main(argv: Sequence[str]) -> int:
    """Run one of the two attacks, or be the child of one."""
    if argv[:1] == ["--child"]:
        log_updates(Path(argv[1]))
        return rnnviz_command(list(argv[2:]))
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1, help="processes that train")
    parser.add_argument("--window", action="store_true", help="kill the window program")
    arguments = parser.parse_args(argv)
    print(f"seed {arguments.seed}")
    with TemporaryDirectory() as folder:
        if arguments.window:
            from attacks.window_kills import OLDEST_S, kill_window  # Qt is loaded only for this

            deaths = kill_window(Path(folder), arguments.kills, arguments.seed, arguments.workers)
            return report(deaths, f"{OLDEST_S} s")
        return report(
            kill_train(Path(folder), arguments.kills, arguments.seed, arguments.workers), f"{EVERY} updates"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
