"""Processes that outlive the one that started them: found by a mark in their environment (Linux only)."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

MARK = "RNNVIZ_ATTACK"
PATIENCE_S = 60.0


def start_marked(command: Sequence[str], stderr: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start Python with these arguments; all that it starts carries the same mark, which comes with it."""
    mark = uuid4().hex
    with stderr.open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, *command], stdout=subprocess.DEVNULL, stderr=out, env=os.environ | {MARK: mark}
        )
    return child, mark


def marked(mark: str) -> list[int]:
    """The living processes with this mark; those that have ended and are not buried yet do not count."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:  # it has ended meanwhile, or is somebody else's
            continue
    return found


def wait_for_the_end(mark: str) -> tuple[float, list[str]]:
    """How long it took until no marked process was left, and the command lines of those that stayed."""
    began = time.monotonic()
    while (left := marked(mark)) and time.monotonic() - began < PATIENCE_S:
        time.sleep(0.01)
    return time.monotonic() - began, [f"{pid}: {command_of(pid)}" for pid in left]


def command_of(pid: int) -> str:
    """Its command line."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return "(ended)"
