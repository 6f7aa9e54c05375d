"""The combinations that `python -m attacks.versions` makes."""

import sys
from pathlib import Path

from attacks.versions import environment, interpreter, requirements

PROJECT = {
    "dependencies": [
        "numpy>=2.1.0",
        "PySide6-Essentials>=6.8.1,!=6.12.0; python_version < '3.12'",
        "PySide6-Essentials>=6.8.1; python_version >= '3.12'",
    ]
}


def test_the_oldest_is_the_lower_bound_and_the_newest_is_what_is_allowed() -> None:
    assert requirements(PROJECT, "3.11", oldest=True) == ["numpy==2.1.0", "PySide6-Essentials==6.8.1"]
    newest = requirements(PROJECT, "3.11", oldest=False)
    assert newest[0] == "numpy>=2.1.0"
    assert sorted(newest[1].removeprefix("PySide6-Essentials").split(",")) == ["!=6.12.0", ">=6.8.1"]
    assert requirements(PROJECT, "3.13", oldest=False)[1] == "PySide6-Essentials>=6.8.1"


def test_this_python_is_found_and_one_that_does_not_exist_is_said_to_be_missing(tmp_path: Path) -> None:
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = interpreter(own)
    assert found is None or Path(found).exists()
    assert environment(tmp_path / "none", "2.99", []) == "no Python 2.99 is installed"
