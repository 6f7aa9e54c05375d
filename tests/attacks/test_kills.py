"""A process killed at random moments while it saves (`python -m attacks.kills` does so 200 times)."""

import os
import signal
import sys
from pathlib import Path

import pytest

from attacks import orphans
from attacks.kills import kill_train
from attacks.window_kills import kill_window


def test_a_killed_run_leaves_a_whole_checkpoint_at_most_one_interval_old(tmp_path: Path) -> None:
    deaths = kill_train(tmp_path, kills=3, seed=1)
    assert deaths.wrong == []
    assert deaths.kills == 3
    assert deaths.updates > 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads what Linux tells of a process")
def test_the_attack_notices_a_process_that_lives_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "PATIENCE_S", 0.1)
    another = "[sys.executable, '-c', 'import signal; signal.pause()']"
    program = f"import subprocess, sys; subprocess.Popen({another})"
    child, mark = orphans.start_marked(["-c", program], tmp_path / "errors")
    child.wait()
    _, left = orphans.wait_for_the_end(mark)
    assert len(left) == 1 and "signal.pause()" in left[0]
    for pid in orphans.marked(mark):
        os.kill(pid, signal.SIGKILL)
    assert orphans.wait_for_the_end(mark)[1] == []


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the offscreen window is killed as Unix kills")
def test_a_killed_window_leaves_what_it_learned(tmp_path: Path) -> None:
    deaths = kill_window(tmp_path, kills=2, seed=3)
    assert deaths.wrong == []
    assert deaths.training_only == 1
    assert deaths.updates > 0
