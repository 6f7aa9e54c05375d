"""The program without a network, in a home that cannot be written (`python -m attacks.alone`)."""

from pathlib import Path

import pytest

from attacks.alone import is_possible, leave_alone


@pytest.mark.skipif(not is_possible(), reason="this machine makes no namespaces without a network")
def test_it_works_in_a_read_only_home_without_a_network_and_says_what_it_cannot_keep(tmp_path: Path) -> None:
    found = leave_alone(tmp_path, lived_in=True)
    assert found.wrong == []
    assert "there is no network (Network is unreachable)" in found.worked
    assert "the network that a killed window kept is brought back" in found.worked
    said = " ".join(found.said)
    assert "recent files are forgotten" in said
    assert "cannot be saved by itself" in said
