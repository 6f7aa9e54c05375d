"""docs/adding-a-cell.md as a test: the code that stands there is put into a copy of the program, which then
trains, traces, races, holds, draws and explains a cell that it did not have."""

import ast
import difflib
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-a-cell.md").read_text(encoding="utf-8")
INSIDE = Path(__file__).with_name("inside.py")
PARTS = [
    node.name
    for node in ast.parse(INSIDE.read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith(("is_", "learns"))
]


def blocks_of_code() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with the cell of the page: one file, and one line that registers it."""
    folder = tmp_path_factory.mktemp("program")
    shutil.copytree(ROOT / "rnnviz", folder / "rnnviz", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "resources").symlink_to(ROOT / "resources")
    cells = folder / "rnnviz" / "engine" / "cells"
    code, line = blocks_of_code()
    (cells / "minimal.py").write_text(code, encoding="utf-8")
    registry = (cells / "__init__.py").read_text(encoding="utf-8")
    assert line in registry, "the page shows the line as it stands there"
    registry = registry.replace("FeedforwardCell)}", "FeedforwardCell, MinimalGatedUnit)}")
    imports = "from rnnviz.engine.cells.minimal import MinimalGatedUnit\n"
    registry = registry.replace(
        "from rnnviz.engine.cells.vanilla", f"{imports}from rnnviz.engine.cells.vanilla"
    )
    (cells / "__init__.py").write_text(registry, encoding="utf-8")
    return folder


def test_the_page_adds_one_file_and_one_name_in_one_line(program: Path) -> None:
    changed = []
    for path in (program / "rnnviz").rglob("*.py"):
        shipped = ROOT / "rnnviz" / path.relative_to(program / "rnnviz")
        if not shipped.exists():
            assert path.name == "minimal.py"
        elif path.read_bytes() != shipped.read_bytes():
            before, after = (p.read_text(encoding="utf-8").splitlines() for p in (shipped, path))
            changed += [line for line in difflib.ndiff(before, after) if line.startswith(("+ ", "- "))]
    assert [line[0] for line in changed] == ["+", "-", "+"], "an import, and the line with one name more"


@pytest.mark.skipif(find_spec("ruff") is None, reason="ruff is not installed here; CI has it")
def test_the_code_of_the_page_is_of_the_house(program: Path) -> None:
    path = program / "rnnviz" / "engine" / "cells" / "minimal.py"
    for tool in (["ruff", "check"], ["ruff", "format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", *tool, "--config", ROOT / "pyproject.toml", path],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("part", PARTS)
def test_the_added_cell(program: Path, tmp_path: Path, part: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(INSIDE), part, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(program), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
