"""The project itself: its walls, its README, its packaging and what ships with it."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from rnnviz.shipped import GOLDEN, ICONS, SAMPLES

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def walls(folder: Path) -> subprocess.CompletedProcess[str]:
    """The check of the walls between the layers, on a checkout."""
    script = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    return subprocess.run(
        [sys.executable, "-c", script, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the package in which an import may be planted."""
    shutil.copytree(ROOT / "rnnviz", tmp_path / "rnnviz", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "planted"),
    [
        ("engine/model.py", "import rnnviz.text"),
        ("training/trainer.py", "import PySide6.QtCore"),
        ("gui/views/score.py", "import rnnviz.training"),
        ("gui/window.py", "import rnnviz.engine"),
    ],
)
def test_a_planted_import_breaks_the_walls(checkout: Path, file: str, planted: str) -> None:
    path = checkout / "rnnviz" / file
    path.write_text(path.read_text(encoding="utf-8") + f"\n{planted}\n", encoding="utf-8")
    done = walls(checkout)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout


def test_the_walls_stand() -> None:
    done = walls(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readme_has_its_two_commands_first() -> None:
    blocks = re.findall(r"^```\w*\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    assert blocks[0].strip().endswith("rnnviz")
    assert "pytest" in blocks[1]
    assert all(len(block.strip().splitlines()) == 1 for block in blocks[:2])


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
            assert "://" in target or (document.parent / target).exists(), f"{document.name}: {target}"


@pytest.mark.parametrize(("python", "allowed"), [("3.11", False), ("3.12", True)])
def test_the_pyside_release_that_aborts_is_excluded_below_python_3_12(python: str, allowed: bool) -> None:
    requirements = [Requirement(text) for text in PROJECT["dependencies"] if text.startswith("PySide6")]
    environment = {"python_version": python}
    applying = [r for r in requirements if r.marker is None or r.marker.evaluate(environment)]
    assert len(applying) == 1
    assert applying[0].specifier.contains("6.12.0") is allowed
    assert applying[0].specifier.contains("6.11.3")


def test_what_ships_is_found() -> None:
    assert (ICONS / "rnnviz.svg").is_file()
    assert len(list(SAMPLES.glob("*.txt"))) == 3
    assert len(list(GOLDEN.glob("*.npz"))) == 8


def test_the_program_runs_straight_from_the_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--version"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stdout.strip() == f"rnnviz {PROJECT['version']}"
