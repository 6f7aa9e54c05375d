"""Mutation testing of engine and probes: one small fault at a time, and the tests have to notice.

A mutant is one place in the syntax tree with another operator, comparison, number, or condition. It is
planted in a copy of the project, where the tests that mirror its file run first and then the others.

    python -m attacks.mutants [--mutants 300] [--seed 0] [--state FILE] [--only PART_OF_A_PATH]
"""

import argparse
import ast
import copy
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).resolve().parent.parent
MUTATED = ("rnnviz/engine", "rnnviz/probes")
TESTS = ("tests/engine", "tests/probes")
TIMEOUT_S = 120.0
"""A mutant that makes the tests so slow is killed by that."""

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault."""

    file: str
    line: int
    what: str
    number: int  # of the fault within its file


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant."""

    mutant: Mutant
    killed: bool
    by: str


def faults_of(tree: ast.Module) -> Iterator[tuple[ast.AST, str, object]]:
    """Every fault that can be planted: the node, its field and the value it gets."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp):
            if type(node.op) in SWAPS:
                yield node, "op", SWAPS[type(node.op)]()
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
            yield node, "ops", [SWAPS[type(node.ops[0])](), *node.ops[1:]]
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
            yield node, "value", not node.value
        elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            yield node, "value", node.value + 1
        elif isinstance(node, ast.If | ast.IfExp | ast.While):
            yield node, "test", ast.UnaryOp(ast.Not(), node.test)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield node, "op", ast.UAdd()


def mutants_of(path: Path) -> list[Mutant]:
    """All faults of a file; none within annotations, messages or the demands that are asserted."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    dull = {id(n) for outer in ast.walk(tree) for n in _dull_parts(outer)}
    found = []
    for number, (node, field, value) in enumerate(faults_of(tree)):
        if id(node) not in dull:
            before, after = getattr(node, field), value
            what = f"{_words(before)} -> {_words(after)} in `{ast.unparse(node)[:90]}`"
            name = path.relative_to(PROJECT).as_posix()
            found.append(Mutant(name, getattr(node, "lineno", 0), what, number))
    return found


def _dull_parts(outer: ast.AST) -> Iterator[ast.AST]:
    """What no test can or should notice: types, the text of errors, assertions."""
    parts: list[ast.AST | None] = []
    if isinstance(outer, ast.AnnAssign | ast.arg):
        parts = [outer.annotation]
    elif isinstance(outer, ast.FunctionDef):
        parts = [outer.returns]
    elif isinstance(outer, ast.Raise | ast.Assert | ast.JoinedStr):
        parts = [outer]
    for part in parts:
        if part is not None:
            yield from ast.walk(part)


def _words(value: object) -> str:
    if isinstance(value, list):
        return _words(value[0])
    if isinstance(value, ast.expr):
        return ast.unparse(value)[:60]
    return type(value).__name__ if isinstance(value, ast.AST) else repr(value)


def planted(source: str, number: int) -> str:
    """The source with the fault of that number."""
    tree = copy.deepcopy(ast.parse(source))
    node, field, value = list(faults_of(tree))[number]
    setattr(node, field, value)
    return ast.unparse(ast.fix_missing_locations(tree))


def tests_for(file: str) -> list[str]:
    """The tests that mirror a file, if there are such, before all others of engine and probes."""
    folder = TESTS[0] if "engine" in file else TESTS[1]
    mirror = f"{folder}/test_{Path(file).stem}.py"
    own = [mirror] if (PROJECT / mirror).exists() else []
    order = (folder, *(other for other in TESTS if other != folder))
    return own + [f for part in order for f in sorted(_test_files(part)) if f not in own]


def _test_files(folder: str) -> list[str]:
    return [path.relative_to(PROJECT).as_posix() for path in (PROJECT / folder).glob("test_*.py")]


def try_out(mutant: Mutant, copy_of_project: Path) -> Fate:
    """Plant it, run the tests, take it out again."""
    file = copy_of_project / mutant.file
    source = file.read_text(encoding="utf-8")
    file.write_text(planted(source, mutant.number), encoding="utf-8")
    quiet = ("-x", "-q", "--tb=no", "-p", "no:cacheprovider")
    command = [sys.executable, "-B", "-m", "pytest", *quiet, *tests_for(mutant.file)]
    own = os.environ | {"PYTHONPATH": str(copy_of_project), "QT_QPA_PLATFORM": "offscreen"}
    try:
        done = subprocess.run(
            command,
            cwd=copy_of_project,
            env=os.environ | own,
            timeout=TIMEOUT_S,
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired:
        return Fate(mutant, True, "the time limit")
    finally:
        file.write_text(source, encoding="utf-8")
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return Fate(mutant, done.returncode != 0, failed[0] if failed else f"exit status {done.returncode}")


def attack(count: int, seed: int, state: Path, only: str = "") -> list[Fate]:
    """So many mutants by chance; those whose fate the state file knows are not tried again."""
    files = [p for part in MUTATED for p in sorted((PROJECT / part).rglob("*.py")) if only in p.as_posix()]
    every = [mutant for path in files for mutant in mutants_of(path)]
    chosen = random.Random(seed).sample(every, min(count, len(every)))
    known = _read(state)
    with TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        leave = shutil.ignore_patterns(".git", "__pycache__", ".*cache", ".venv")
        shutil.copytree(PROJECT, project, ignore=leave)
        for number, mutant in enumerate(chosen, 1):
            if mutant not in known:
                known[mutant] = try_out(mutant, project)
                state.write_text(json.dumps([asdict(fate) for fate in known.values()]), encoding="utf-8")
                if not known[mutant].killed:
                    print(f"{number}: {mutant.file}:{mutant.line} survives: {mutant.what}", flush=True)
    return [known[mutant] for mutant in chosen]


def _read(state: Path) -> dict[Mutant, Fate]:
    if not state.exists():
        return {}
    fates = [
        Fate(Mutant(**entry["mutant"]), entry["killed"], entry["by"])
        for entry in json.loads(state.read_text(encoding="utf-8"))
    ]
    return {fate.mutant: fate for fate in fates}


def main(argv: Sequence[str]) -> int:
    """Try them, print the share killed and the survivors; 1 where more than one in ten survives."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--state", type=Path, help="fates are kept here, and gone on with")
    parser.add_argument("--only", default="", help="files with this in their path")
    told = parser.parse_args(argv)
    print(f"seed {told.seed}")
    with TemporaryDirectory() as folder:
        fates = attack(told.mutants, told.seed, told.state or Path(folder) / "fates.json", told.only)
    killed = sum(fate.killed for fate in fates)
    print(f"{len(fates)} mutants, {killed} killed: {100 * killed / max(len(fates), 1):.1f} %")
    for fate in fates:
        if not fate.killed:
            print(f"  {fate.mutant.file}:{fate.mutant.line}: {fate.mutant.what}")
    return int(killed < 0.9 * len(fates))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
