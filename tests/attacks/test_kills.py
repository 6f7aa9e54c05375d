"""A process killed at random moments while it saves (`python -m attacks.kills` does so 200 times)."""

import os
from pathlib import Path

import pytest

from attacks.kills import kill_train
from attacks.window_kills import kill_window


def test_a_killed_run_leaves_a_whole_checkpoint_at_most_one_interval_old(tmp_path: Path) -> None:
    deaths = kill_train(tmp_path, kills=3, seed=1)
    assert deaths.wrong == []
    assert deaths.kills == 3
    assert deaths.updates > 0


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the offscreen window is killed as Unix kills")
def test_a_killed_window_leaves_what_it_learned(tmp_path: Path) -> None:
    deaths = kill_window(tmp_path, kills=2, seed=1)
    assert deaths.wrong == []
    assert deaths.updates > 0
