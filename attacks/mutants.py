"""Mutation testing of engine and probes: one small fault at a time, and the tests have to notice.

A mutant is one place in the syntax tree with another operator, comparison, number, or condition. It is
planted in a copy of the project, where the tests that enter its function are run, first those that mirror
its file, then the golden numbers, the others of engine and probes, and those of training. One that no test
enters survives. What may survive stands, with the reason, in `attacks/survivors.txt`.

    python -m attacks.mutants [--mutants 300] [--seed 0] [--state FILE [--again]] [--only PART_OF_A_PATH]
"""

import argparse
import ast
import collections
import copy
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attacks.reach import Visit, as_json, function_around, visits_from
from attacks.trials import LIMIT_S, Verdict, Workshop

PROJECT = Path(__file__).resolve().parent.parent
MUTATED = ("rnnviz/engine", "rnnviz/probes")
NEAR, FAR = ("tests/engine", "tests/probes"), ("tests/training", "tests/added_cell")
"""Whoever survives the near tests is tried by the far ones."""
GOLDEN = "tests/probes/test_golden.py"
BUDGET_S, PER_FILE_S = 20.0, 3.0
"""So much of the processor's time goes to a mutant's near tests, again to its far ones, and to one file's."""
EXPLAINED = Path(__file__).with_name("survivors.txt")

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault. Its line may change under the hands of others: it is the same if the rest is."""

    file: str
    line: int
    what: str
    number: int  # of the fault within its file
    again: int  # so many that read the same come before it in the file

    @property
    def name(self) -> str:
        """What it is known by, in a state and among the explained."""
        return f"{self.file}: {self.what}" + (f" ({self.again + 1})" if self.again else "")


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
    found, alike = [], collections.Counter[str]()
    for number, (node, field, value) in enumerate(faults_of(tree)):
        if id(node) not in dull:
            before, after = getattr(node, field), value
            what = f"{_words(before)} -> {_words(after)} in `{ast.unparse(node)[:90]}`"
            name = path.relative_to(PROJECT).as_posix()
            found.append(Mutant(name, getattr(node, "lineno", 0), what, number, alike[what]))
            alike[what] += 1
    return found


def _dull_parts(outer: ast.AST) -> Iterator[ast.AST]:
    """What no test can or should notice: types, the text of errors, assertions (`strict` is one), slots."""
    parts: list[ast.AST | None] = []
    if isinstance(outer, ast.AnnAssign | ast.arg):
        parts = [outer.annotation]
    elif isinstance(outer, ast.FunctionDef):
        parts = [outer.returns]
    elif isinstance(outer, ast.Raise | ast.Assert | ast.JoinedStr):
        parts = [outer]
    elif isinstance(outer, ast.keyword) and outer.arg in ("slots", "strict"):
        parts = [outer.value]
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


def changes_of(source: str) -> dict[int, tuple[str, str]]:
    """By the number of each fault: the line that it changes, without its indent, and what becomes of it."""
    tree = ast.parse(source)
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]  # outer ones come first
    changes = {}
    for number, (node, field, value) in enumerate(faults_of(tree)):
        line = getattr(node, "lineno", 0)
        around = [s for s in statements if _begins(s) <= line <= (s.end_lineno or line)][-1]
        sound, before = getattr(node, field), ast.unparse(around).splitlines()
        setattr(node, field, value)
        after = ast.unparse(around).splitlines()
        setattr(node, field, sound)
        pairs = zip(before, after, strict=True)
        changes[number] = next(((a.strip(), b.strip()) for a, b in pairs if a != b), ("", ""))
    return changes


def _begins(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def sample(count: int, seed: int, only: str = "") -> list[Mutant]:
    """So many of all, by chance, most of which stay the same when a file changes here and there."""
    files = [p for part in MUTATED for p in sorted((PROJECT / part).rglob("*.py")) if only in p.as_posix()]
    every = [mutant for path in files for mutant in mutants_of(path)]
    return sorted(every, key=lambda m: hashlib.sha256(f"{seed} {m.name}".encode()).digest())[:count]


def nearest_tests(mutant: Mutant, source: str, visits: dict[str, Visit]) -> list[str]:
    """The tests that enter the function of a fault, the likeliest to notice it first.

    A fault outside of all functions acts when the file is imported, and any test may notice it.
    """
    begins = function_around(ast.parse(source), mutant.line)
    reaching: dict[str, list[str]] = {}
    for name, visit in visits.items():
        if begins is None or (mutant.file, begins) in visit.entered:
            reaching.setdefault(name.partition("::")[0], []).append(name)
    stem = Path(mutant.file).stem
    own_folder = NEAR["probes" in mutant.file]

    def rank(file: str) -> tuple[bool, bool, bool, float]:
        seconds = sum(visits[name].seconds for name in reaching[file])
        return Path(file).stem != f"test_{stem}", file != GOLDEN, not file.startswith(own_folder), seconds

    return [
        name
        for file in sorted(reaching, key=rank)
        for name in sorted(reaching[file], key=lambda name: visits[name].seconds)
    ]


def attack(mutants: Sequence[Mutant], state: Path, again: bool = False) -> dict[str, Verdict]:
    """Try them; those whose fate the state file knows are not tried again, or only those that survived."""
    known = json.loads(state.read_text(encoding="utf-8")) if state.exists() else {"fates": {}, "tests": {}}
    fates: dict[str, Any] = known["fates"]  # a Verdict, and `far`: tried by the far tests as well
    if again:
        fates = known["fates"] = {name: fate for name, fate in fates.items() if fate["noticed"]}
    with TemporaryDirectory() as folder:
        workshop = Workshop(Path(folder))
        for far in (False, True):
            left = [
                m
                for m in mutants
                if m.name not in fates or not (fates[m.name]["noticed"] or far <= fates[m.name]["far"])
            ]
            visits = _visits(workshop, known["tests"], FAR if far else NEAR) if left else {}
            for mutant in left:
                verdict = try_out(mutant, workshop, visits)
                fates[mutant.name] = asdict(verdict) | {"far": far}
                state.write_text(json.dumps(known, indent=0), encoding="utf-8")
                if far and not verdict.noticed:
                    print(f"survives {mutant.file}:{mutant.line}: {mutant.what}", flush=True)
    return {m.name: Verdict(fates[m.name]["noticed"], fates[m.name]["by"]) for m in mutants}


def _visits(workshop: Workshop, known: dict[str, Any], folders: tuple[str, ...]) -> dict[str, Visit]:
    """What each test enters; files of tests are listened to again only where they or the program changed."""
    every = [path for folder in (*MUTATED, *folders) for path in sorted((PROJECT / folder).rglob("*.py"))]
    common = [path for path in every if not path.name.startswith("test_")]
    program = hashlib.sha256(b"".join(path.read_bytes() for path in common)).hexdigest()
    digests = {
        path.relative_to(PROJECT).as_posix(): program + hashlib.sha256(path.read_bytes()).hexdigest()
        for path in every
        if path not in common
    }
    stale = [file for file, digest in digests.items() if known.get(file, [""])[0] != digest]
    found = workshop.reach(stale, MUTATED) if stale else {}
    for file in stale:
        own = {name: visit for name, visit in found.items() if name.partition("::")[0] == file}
        known[file] = [digests[file], as_json(own)]
    return {name: visit for file in digests for name, visit in visits_from(known[file][1]).items()}


def try_out(mutant: Mutant, workshop: Workshop, visits: dict[str, Visit]) -> Verdict:
    """Plant it, run its tests, take it out again: first those of the nearest three files, then the others."""
    source = (workshop.project / mutant.file).read_text(encoding="utf-8")
    names, left_s, of_file = [], BUDGET_S, collections.defaultdict[str, float](float)
    for name in nearest_tests(mutant, source, visits):
        file, seconds = name.partition("::")[0], visits[name].seconds
        if seconds < left_s and (of_file[file] + seconds < PER_FILE_S or not of_file[file]):
            names.append(name)
            left_s -= seconds
            of_file[file] += seconds
    near = set(list(dict.fromkeys(name.partition("::")[0] for name in names))[:3])
    verdict = Verdict(False, "")
    with workshop.planted(mutant.file, planted(source, mutant.number)):
        for nearest in (True, False):
            part = [name for name in names if (name.partition("::")[0] in near) is nearest]
            if part and not verdict.noticed:
                limit_s = LIMIT_S + 6 * sum(visits[name].seconds for name in part)
                verdict = workshop.judge(part, limit_s)
    return verdict


def explained() -> dict[tuple[str, str], str]:
    """Why a mutant may survive, by its file and what becomes of its line: each stands on two lines."""
    lines = [line for line in EXPLAINED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    pairs = zip(lines[::2], lines[1::2], strict=True)
    return {(place.partition(": ")[0], place.partition(": ")[2]): reason.strip() for place, reason in pairs}


def main(argv: Sequence[str]) -> int:
    """Try them, print the share killed and the survivors; 1 for one unexplained, or one in ten."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--state", type=Path, help="fates are kept here, and gone on with")
    parser.add_argument(
        "--again", action="store_true", help="try those that survived, after a change of tests"
    )
    parser.add_argument("--only", default="", help="files with this in their path")
    told = parser.parse_args(argv)
    os.nice(15)
    mutants = sample(told.mutants, told.seed, told.only)
    print(f"seed {told.seed}: {len(mutants)} mutants", flush=True)
    with TemporaryDirectory() as folder:
        verdicts = attack(mutants, told.state or Path(folder) / "fates.json", told.again)
    killed = sum(verdict.noticed for verdict in verdicts.values())
    by_time = sum(verdict.by == "the time limit" for verdict in verdicts.values())
    share = killed / max(len(mutants), 1)
    print(f"{killed} of {len(mutants)} killed, {100 * share:.1f} %; {by_time} of them by the time limit")
    reasons, unexplained = explained(), 0
    for mutant in mutants:
        if not verdicts[mutant.name].noticed:
            before, after = changes_of((PROJECT / mutant.file).read_text(encoding="utf-8"))[mutant.number]
            reason = reasons.get((mutant.file, after), "")
            unexplained += not reason
            print(f"  {mutant.file}:{mutant.line}: {before}\n      becomes {after}")
            print(f"      {reason or 'NOT EXPLAINED'}")
    if unexplained:
        print(f"{unexplained} not explained: write a test that notices, or the reason into {EXPLAINED.name}")
    return int(share < 0.9 or unexplained > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
