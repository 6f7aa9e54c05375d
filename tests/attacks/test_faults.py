"""A save whose every call of the system fails in turn (`python -m attacks.faults` says how many)."""

from pathlib import Path

import pytest

from attacks.faults import FaultyOs, Outcome, attack_in_python
from rnnviz.training import whole_file


@pytest.mark.parametrize("fault", ["ENOSPC", "EINTR"])
def test_no_fault_of_a_save_harms_the_old_file_or_stops_training(fault: str, tmp_path: Path) -> None:
    outcome = attack_in_python(tmp_path, (fault,))
    assert outcome.wrong == []
    assert outcome.injected > 30
    assert set(outcome.by_call) >= {"open", "write", "fsync", "replace", "close", "unlink"}


def test_the_attack_notices_a_file_that_is_torn(tmp_path: Path) -> None:
    """So that the attack itself is not blind: half a file in the place of the old one."""
    path = tmp_path / "x"
    path.write_bytes(b"new, but only ha")
    outcome = Outcome()
    trouble = "x could not be saved (No space left on device). Delete what you do not need there."
    outcome.judge("write", "ENOSPC", trouble, b"old", b"new, but only half of it", path)
    assert outcome.wrong == ["ENOSPC at write: the file is torn"]


def test_the_attack_notices_a_save_that_does_not_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = FaultyOs()
    monkeypatch.setattr(whole_file, "os", listed)
    whole_file.write_whole(tmp_path / "x", [b"all"])
    assert listed.calls.count("fsync") == 2, "the file and its folder"
    assert listed.calls.index("fsync") < listed.calls.index("replace")
