"""What only experiments and repeats need is loaded when it is asked for, and is there for whoever asks."""

import subprocess
import sys

import pytest

import rnnviz.training as training


@pytest.mark.parametrize("name", training.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(training, name) is not None


def test_a_misspelt_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="MemoryPlam"):
        training.MemoryPlam  # noqa: B018


def test_experiments_are_loaded_when_they_are_asked_for() -> None:
    script = (
        "import sys, rnnviz.training as training\n"
        "late = 'rnnviz.training.memory_experiment'\n"
        "before = late in sys.modules\n"
        "training.MemoryPlan\n"
        "sys.exit(before or late not in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=60, check=False).returncode == 0
