"""A process killed at random moments while it saves (`python -m attacks.kills` does so 200 times)."""

from pathlib import Path

from attacks.kills import kill_train


def test_a_killed_run_leaves_a_whole_checkpoint_at_most_one_interval_old(tmp_path: Path) -> None:
    deaths = kill_train(tmp_path, kills=3, seed=1)
    assert deaths.wrong == []
    assert deaths.kills == 3
    assert deaths.updates > 0
