"""Which test enters which function: what a fault there can be noticed by.

A plugin for pytest, which stands in no file of its configuration: `attacks.mutants` hands it in.
"""

import ast
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TypeAlias

import pytest

Place: TypeAlias = tuple[str, int]
"""A function: its file within the project, and the line that it begins on, decorators included."""


@dataclass(slots=True)
class Visit:
    """What one test did."""

    seconds: float = 0.0  # of the processor's time, which a busy machine does not stretch
    entered: set[Place] = field(default_factory=set)


class Reach:
    """Listens while tests run. What a fixture of a whole module enters counts for all tests of the module."""

    def __init__(self, project: Path, parts: tuple[str, ...]) -> None:
        self.visits: dict[str, Visit] = {}  # by the test's name
        self.failed: list[str] = []
        self._project = project
        self._roots = tuple(str(project / part) for part in parts)
        self._places: dict[int, tuple[CodeType, Place | None]] = {}  # by identity: code compares slowly
        self._now = set[Place]()
        self._of_modules: dict[str, set[Place]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        """Listen to one test, its fixtures included."""
        visit = self.visits[item.nodeid] = Visit()
        self._now, before = visit.entered, time.process_time()
        threading.setprofile(self._called)
        sys.setprofile(self._called)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
            visit.seconds = time.process_time() - before

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[Any]:
        """Keep apart what is entered for a whole module."""
        of_test = self._now
        if fixturedef.scope != "function":
            self._now = self._of_modules.setdefault(request.node.nodeid.partition("::")[0], set())
        try:
            return (yield)
        finally:
            self._now = of_test

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what fails without any fault planted."""
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Give each test what was entered for its module."""
        for name, visit in self.visits.items():
            visit.entered |= self._of_modules.get(name.partition("::")[0], set())

    def _called(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            code = frame.f_code
            known = self._places.get(id(code))
            if known is None:
                known = self._places[id(code)] = code, self._place(code)
            if known[1] is not None:
                self._now.add(known[1])

    def _place(self, code: CodeType) -> Place | None:
        if not code.co_filename.startswith(self._roots):
            return None
        return Path(code.co_filename).relative_to(self._project).as_posix(), code.co_firstlineno


def as_json(visits: dict[str, Visit]) -> dict[str, Any]:
    """To be kept in a file."""
    return {name: [round(visit.seconds, 3), sorted(visit.entered)] for name, visit in visits.items()}


def visits_from(kept: dict[str, Any]) -> dict[str, Visit]:
    """What `as_json` made, read back."""
    return {
        name: Visit(seconds, {(file, line) for file, line in entered})
        for name, (seconds, entered) in kept.items()
    }


def function_around(tree: ast.Module, line: int) -> int | None:
    """The line on which the innermost function around a line begins; None outside of all functions."""
    begins = None
    for node in ast.walk(tree):  # outer ones come first
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if node.body[0].lineno <= line <= (node.end_lineno or line):
                begins = first
    return begins
