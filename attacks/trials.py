"""Trying tests on a planted fault: a copy of the project, and a process forked for each trial.

What takes long to import, and knows nothing of this project, is imported once. The copy is what the child's
processes see too, and what is planted is a file of it.
"""

import json
import os
import shutil
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest

from attacks.reach import Reach, Visit, as_json, visits_from

for _threads in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[_threads] = "1"  # before NumPy: a library with threads of its own does not survive a fork
os.environ["QT_QPA_PLATFORM"] = "offscreen"

PROJECT = Path(__file__).resolve().parent.parent
LIMIT_S = 30.0
"""So long, and six times what the tests need without a fault, before a mutant counts as a hanging one."""
QUIET = ("-q", "--tb=line", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
"""Of what was imported before pytest began, on purpose, it says that it came too late."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the tests said of a fault."""

    noticed: bool
    by: str  # the test that failed, or how the process ended


class Chosen:
    """A plugin for pytest: only these tests, in this order; it remembers the first that fails."""

    def __init__(self, names: Sequence[str], report: Path) -> None:
        self._place = {name: place for place, name in enumerate(names)}
        self._report = report

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out the others."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self._place), key=lambda item: self._place[item.nodeid]
        )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that cannot be imported any more."""
        self._note(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that fails."""
        self._note(report)

    def _note(self, report: pytest.CollectReport | pytest.TestReport) -> None:
        if report.failed and not self._report.exists():
            self._report.write_text(report.nodeid, encoding="utf-8")


class Workshop:
    """A copy of the project in a folder, where tests run on what is planted."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self._folder = folder
        leave = shutil.ignore_patterns(".git", "__pycache__", ".*cache", ".hypothesis", ".venv", "*.egg-info")
        shutil.copytree(PROJECT, self.project, ignore=leave)
        _import_what_is_common()

    def reach(self, tests: Sequence[str], parts: tuple[str, ...]) -> dict[str, Visit]:
        """Run tests without a fault, and see what each enters; one that fails all the same is left out.

        Raises RuntimeError where they cannot be run at all.
        """
        out = self._folder / "reach.json"

        def listen() -> int:
            listener = Reach(self.project, parts)
            status = pytest.main([*QUIET, *tests], plugins=[listener])
            out.write_text(json.dumps([as_json(listener.visits), listener.failed]), encoding="utf-8")
            return int(status)

        ended = self._forked(listen, limit_s=7200.0, caching=True)
        if not out.exists():
            raise RuntimeError(f"the tests could not be listened to: {ended}\n{self.said()}")
        visits, failed = json.loads(out.read_text(encoding="utf-8"))
        out.unlink()
        for name in failed:
            print(f"left out, for it fails without any fault: {name}", flush=True)
            visits.pop(name, None)
        return visits_from(visits)

    def judge(self, names: Sequence[str], limit_s: float) -> Verdict:
        """Run tests, those of one file together and in this order, until one fails."""
        report = self._folder / "failed"
        report.unlink(missing_ok=True)
        files = list(dict.fromkeys(name.partition("::")[0] for name in names))
        ended = self._forked(
            lambda: int(pytest.main(["-x", *QUIET, *files], plugins=[Chosen(names, report)])), limit_s
        )
        if ended == 0:
            return Verdict(False, "")
        by = report.read_text(encoding="utf-8") if report.exists() else ""
        return Verdict(True, by or ("the time limit" if ended is None else f"exit status {ended}"))

    @contextmanager
    def planted(self, file: str, source: str) -> Iterator[None]:
        """The file of the copy with another source, for a while."""
        path = self.project / file
        times, before = path.stat(), path.read_bytes()
        path.write_text(source, encoding="utf-8")
        try:
            yield
        finally:
            path.write_bytes(before)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # or its compiled form would be stale

    def said(self) -> str:
        """The end of what the last tests printed."""
        return (self._folder / "output").read_text(encoding="utf-8", errors="replace")[-2000:]

    def _forked(self, job: Callable[[], int], limit_s: float, caching: bool = False) -> int | None:
        """Its exit status; None where it had to be ended."""
        with warnings.catch_warnings():
            # Python warns of threads, which a test's process has; what the child needs, it makes anew.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            self._live(job, caching)
        deadline, ended = time.monotonic() + limit_s, 0
        while not ended and time.monotonic() < deadline:
            time.sleep(0.02)
            ended, status = os.waitpid(child, os.WNOHANG)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # with all that it started and left behind
        if not ended:
            os.waitpid(child, 0)
            return None
        return os.waitstatus_to_exitcode(status)

    def _live(self, job: Callable[[], int], caching: bool) -> NoReturn:
        """The child: away from the project that it was started in, into the copy."""
        os.setsid()
        output = os.open(self._folder / "output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(output, stream)
        os.chdir(self.project)
        os.environ["PYTHONPATH"] = str(self.project)
        if not caching:
            sys.dont_write_bytecode = True
            os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        for name in [n for n in sys.modules if n.partition(".")[0] in ("attacks", "rnnviz", "tests")]:
            del sys.modules[name]
        sys.path[:] = [str(self.project), *(p for p in sys.path if p and Path(p).resolve() != PROJECT)]
        sys.modules["__main__"] = ModuleType("__main__")  # what its own children would import first
        status = 99
        try:
            status = job()
        except BaseException:
            traceback.print_exc()
        finally:
            with suppress(Exception):
                sys.stdout.flush()
            os._exit(status)  # whatever thread a fault has left hanging


def _import_what_is_common() -> None:
    import hypothesis
    import numpy
    import PySide6.QtTest
    import PySide6.QtWidgets
    import regex
    import safetensors.numpy

    _: Any = (hypothesis, numpy, PySide6, regex, safetensors)
