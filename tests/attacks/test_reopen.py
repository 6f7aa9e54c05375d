"""Windows closed and opened again in mid-epoch (`python -m attacks.reopen` does it two thousand times)."""

import os
import re
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from attacks.monkey_meters import Sample, left_over
from attacks.reopen import Reopenings

AT_REST = Sample(0, 0.0, 150.0, 120.0, 0.0, 1, 1, 9, 5000, {})


@pytest.mark.skipif(os.name == "nt", reason="measures what Linux tells of a process")
@pytest.mark.timeout(300)
def test_a_dozen_times_leave_nothing_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "attacks.reopen", "--times", "12", "--seed", "3", "--thread"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stdout + done.stderr
    amid = re.search(r"(\d+) in the middle of an epoch", done.stdout)
    assert amid is not None and int(amid[1]) >= 10, done.stdout
    assert "0 violations" in done.stdout.splitlines()[-1]


def test_a_thread_that_does_not_end_is_told() -> None:
    over = threading.Event()
    before = tuple(threading.enumerate())
    thread = threading.Thread(target=over.wait, name="stayer")
    thread.start()
    try:
        assert left_over(before, list, patience_s=0.01) == ["stayer"]
    finally:
        over.set()
        thread.join()
    assert left_over(before, list, patience_s=1.0) == []


def test_memory_and_handles_that_grow_are_told() -> None:
    told = Reopenings()
    told.samples = [replace(AT_REST, actions=100 * i, resident_mb=150.0 + 2 * i) for i in range(10)]
    assert told.wrong() == ["memory grows by 2048 KB in a hundred deeds"]
    told.samples = [AT_REST, replace(AT_REST, actions=100, handles=20)]
    assert told.wrong() == ["file handles went from 9 to 20"]
