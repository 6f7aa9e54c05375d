"""A process that is waking up when somebody presses Ctrl+C, which a terminal sends to all of them."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from attacks import orphans
from tests.training.runs import until

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="reads what Linux tells of a process"
)


def imports_its_modules(pid: int) -> bool:
    try:
        return "_multiarray_umath" in Path(f"/proc/{pid}/maps").read_text() and is_spawned(pid)
    except OSError:
        return False


def is_spawned(pid: int) -> bool:
    return "spawn_main" in orphans.command_of(pid)


def interrupted_while_waking(command: list[str]) -> tuple[int, str]:
    """Status and standard error of a program that, with its first process, is sent a SIGINT."""
    mark = uuid4().hex
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {orphans.MARK: mark},
        start_new_session=True,
    )
    try:
        until(lambda: any(map(imports_its_modules, orphans.marked(mark))))
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert orphans.wait_for_the_end(mark)[1] == []
    return process.returncode, said


def test_ctrl_c_reaches_no_helper_that_wakes_up(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("Napoleon was the Emperor of France . " * 200)
    options = ["--hidden", "8", "--steps", "1000000", "--workers", "2"]
    status, said = interrupted_while_waking(["-m", "rnnviz", "train", str(text), *options])
    assert status == 130
    assert said.startswith("rnnviz: interrupted at update ") and said.count("\n") == 1, said


def test_ctrl_c_reaches_no_process_of_an_experiment_that_wakes_up(tmp_path: Path) -> None:
    out = tmp_path / "memory.csv"
    options = [
        "--cells",
        "rnn,lstm",
        "--distances",
        "40",
        "--seeds",
        "1",
        "--workers",
        "2",
        "--out",
        str(out),
    ]
    status, said = interrupted_while_waking(["-m", "rnnviz", "experiment", "memory", *options])
    assert status == 130
    assert said == f"rnnviz: interrupted. {out} holds the 0 of 2 networks that were done.\n"


WINDOW = """
import signal
import sys
from rnnviz.training import ApartTrainer, OneUpdate, Reserve, Updated
from tests.training.runs import event, small_experiment

reserve = Reserve(ahead=True)
try:
    reserve.prepare()
    signal.pause()
except KeyboardInterrupt:
    waiting = reserve.waiting.process.pid
    trainer = ApartTrainer(small_experiment(), (), reserve)
    trainer.start()
    trainer.send(OneUpdate())
    event(trainer, Updated)
    same = trainer.worker.process.pid == waiting
    trainer.close()
    trainer.join()
    reserve.close()
    sys.exit("it goes on" if same else "another one had to be started")
"""


def test_ctrl_c_reaches_no_process_in_reserve_that_wakes_up() -> None:
    assert interrupted_while_waking(["-c", WINDOW]) == (1, "it goes on\n")
