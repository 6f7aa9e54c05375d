"""The tests on each Python with the oldest and the newest of each dependency that pyproject.toml allows.

    python -m attacks.versions [--pythons 3.11 3.12 3.13] [--full 3.11:oldest 3.13:newest] [--place FOLDER]

Each combination has a virtual environment of its own (by uv where that is installed, else by venv and pip),
of wheels only. Those named by --full run all tests; the others leave out the window's, which take longest.
With --place the environments stay there and are taken again.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
AGES = ("oldest", "newest")
FULL = ("3.11:oldest", "3.13:newest")
WITHOUT_WINDOW = ("--ignore=tests/gui", "--ignore=tests/attacks", "--ignore=tests/added_cell")
LIMIT_S = 3600.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the tests said on one combination."""

    combination: str  # 3.11:oldest
    installed: str  # name and version of each dependency
    tests: str  # all, or without the window
    counts: str  # pytest's last line
    failures: tuple[str, ...]
    passed: bool


def requirements(project: Mapping[str, object], python: str, oldest: bool) -> list[str]:
    """What is to be installed below the program: each dependency at its lower bound, or as it stands."""
    listed = project["dependencies"]
    assert isinstance(listed, list)
    wanted = []
    for requirement in map(Requirement, listed):
        if requirement.marker is None or requirement.marker.evaluate({"python_version": python}):
            bounds = [part.version for part in requirement.specifier if part.operator == ">="]
            assert len(bounds) == 1, f"{requirement} has no lower bound"
            wanted.append(
                f"{requirement.name}=={bounds[0]}" if oldest else f"{requirement.name}{requirement.specifier}"
            )
    return wanted


def interpreter(python: str) -> str | None:
    """Where a Python of this version is: known to uv, on the path, or among those of pyenv."""
    candidates = []
    if uv := shutil.which("uv"):
        candidates.append(_said([uv, "python", "find", "--no-python-downloads", python]))
    candidates.append(shutil.which(f"python{python}") or "")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates += [str(path) for path in sorted(pyenv.glob(f"{python}.*/bin/python"))]
    version = "import sys; print('%d.%d' % sys.version_info[:2])"
    return next((path for path in candidates if path and _said([path, "-c", version]) == python), None)


def environment(place: Path, python: str, wanted: Sequence[str]) -> Path | str:
    """A virtual environment with these and what the tests need: its Python, or why there is none."""
    found = interpreter(python)
    if found is None:
        return f"no Python {python} is installed"
    inside = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    uv = shutil.which("uv")
    if not inside.exists():
        made = [uv, "venv", "--python", found, str(place)] if uv else [found, "-m", "venv", str(place)]
        subprocess.run(made, check=True, capture_output=True)
    install = [uv, "pip", "install", "--python", str(inside)] if uv else [str(inside), "-m", "pip", "install"]
    tools = [text for text in _project()["optional-dependencies"]["dev"] if not _is_linter(text)]
    done = subprocess.run(
        [*install, "--quiet", "--only-binary", ":all:", *wanted, *tools], capture_output=True, text=True
    )
    return inside if done.returncode == 0 else f"not installed: {done.stderr.strip()[-300:]}"


def try_out(combination: str, place: Path, full: bool, tests: Sequence[str]) -> Outcome:
    """Install, and run the tests of this checkout."""
    python, _, age = combination.partition(":")
    wanted = requirements(_project(), python, oldest=age == "oldest")
    which = " ".join(tests) or ("all" if full else "without the window")
    inside = environment(place, python, wanted)
    if isinstance(inside, str):
        return Outcome(combination, "", which, inside, (), False)
    names = [Requirement(text).name for text in wanted]
    versions = (
        "import sys, importlib.metadata as m; print(*(f'{n} {m.version(n)}' for n in sys.argv[1:]), sep=', ')"
    )
    installed = _said([str(inside), "-c", versions, *names])
    began = time.monotonic()
    said = _pytest(inside, [*tests, *(() if full or tests else WITHOUT_WINDOW)])
    failures = tuple(re.findall(r"^(?:FAILED|ERROR) (.*)", said, re.M))
    counts = re.search(r"^=*\s*(.*\b(?:passed|failed|error).*?)\s*=*$", said.strip().rpartition("\n")[2])
    line = f"{counts[1] if counts else said[-300:]} ({time.monotonic() - began:,.0f} s)"
    return Outcome(combination, installed, which, line, failures, bool(counts) and not failures)


def _pytest(python: Path, arguments: Sequence[str]) -> str:
    own = {"PYTHONPATH": str(PROJECT), "QT_QPA_PLATFORM": "offscreen", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(python), "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", *arguments]
    try:
        done = subprocess.run(
            command, cwd=PROJECT, env=os.environ | own, capture_output=True, text=True, timeout=LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return f"the tests took longer than {LIMIT_S:,.0f} s"
    return done.stdout + (f"\n{done.stderr}" if done.returncode > 1 else "")


def _project() -> dict[str, dict[str, list[str]]]:
    tables = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    project: dict[str, dict[str, list[str]]] = tables["project"]
    return project


def _is_linter(text: str) -> bool:
    return canonicalize_name(Requirement(text).name) in ("ruff", "mypy")


def _said(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def main(argv: Sequence[str]) -> int:
    """Try each combination, print a table; 1 where a test failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--pythons", nargs="+", default=PYTHONS)
    parser.add_argument("--ages", nargs="+", choices=AGES, default=AGES)
    parser.add_argument("--full", nargs="*", default=FULL, help="combinations with all tests")
    parser.add_argument("--tests", nargs="*", default=(), help="these instead, on each combination")
    parser.add_argument("--place", type=Path, help="where the environments are made, and stay")
    told = parser.parse_args(argv)
    if hasattr(os, "nice"):
        os.nice(15)
    # A shell lets what it runs in the background ignore Ctrl+C, and what the tests interrupt would, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    good = True
    print("| Python | dependencies | tests | outcome |\n| --- | --- | --- | --- |", flush=True)
    with TemporaryDirectory() as folder:
        for combination in [f"{python}:{age}" for python in told.pythons for age in told.ages]:
            place = (told.place or Path(folder)) / combination.replace(":", "-")
            got = try_out(combination, place, combination in told.full, told.tests)
            python, _, age = combination.partition(":")
            print(f"| {python} | {age}: {got.installed} | {got.tests} | {got.counts} |", flush=True)
            for failure in got.failures:
                print(f"  {failure}", flush=True)
            good = good and got.passed
    return int(not good)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
