"""Planting faults, and finding the tests that would notice (`python -m attacks.mutants` plants 300)."""

import ast
from pathlib import Path

import pytest

from attacks import mutants, trials
from attacks.mutants import (
    MUTATED,
    PROJECT,
    Mutant,
    changes_of,
    explained,
    mutants_of,
    nearest_tests,
    planted,
    sample,
)
from attacks.reach import Visit, function_around
from attacks.trials import Verdict, Workshop

SOURCE = '''"""A module."""

LIMIT = 3


def share(part: int, whole: int = 1) -> float:
    """How much."""
    if not 0 <= part <= whole:
        raise ValueError(f"{part + 1} of {whole}")
    return part / whole


def never(part: int) -> int:
    """Nobody calls this."""
    return part - LIMIT
'''
TESTS = """import pytest
from rnnviz.engine.shares import share


@pytest.fixture(scope="module")
def half() -> float:
    return share(1, 2)


def test_a_half(half: float) -> None:
    assert half == 0.5


def test_half_is_less_than_one(half: float) -> None:
    assert half < 1


def test_nothing_here() -> None:
    assert True
"""
FAULTS = {"-": "return part + LIMIT", "/": "return part * whole"}
FILE, TEST = "rnnviz/engine/shares.py", "tests/engine/test_shares.py"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one file and its tests."""
    project = tmp_path / "small"
    for name, text in (
        (FILE, SOURCE),
        (TEST, TESTS),
        ("tests/probes/test_golden.py", ""),
        ("rnnviz/__init__.py", ""),
    ):
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (project / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\naddopts = '--import-mode=importlib'\n"
    )
    for module in (mutants, trials):
        monkeypatch.setattr(module, "PROJECT", project)
    return project


@pytest.fixture
def words(small: Path) -> list[str]:
    return [mutant.what for mutant in mutants_of(small / FILE)]


def test_conditions_operators_and_numbers_are_changed_and_messages_are_not(words: list[str]) -> None:
    assert any(word.startswith("Div -> Mult") for word in words)
    assert any(word.startswith("LtE -> Lt") for word in words)
    assert any(word.startswith("3 -> 4") for word in words)
    assert any("-> not not 0 <= part" in word for word in words)
    assert not any(word.startswith("Add") for word in words), "a message's text is no fault"


def test_a_planted_fault_changes_that_one_place(small: Path) -> None:
    for mutant in mutants_of(small / FILE):
        before, after = (
            ast.unparse(ast.parse(SOURCE)).splitlines(),
            planted(SOURCE, mutant.number).splitlines(),
        )
        assert len(before) == len(after)
        assert sum(one != other for one, other in zip(before, after, strict=True)) == 1, mutant.name


def test_a_seed_names_the_same_faults_and_most_outlive_a_change_of_a_file(small: Path) -> None:
    first = [mutant.name for mutant in sample(6, seed=1)]
    assert first == [mutant.name for mutant in sample(6, seed=1)]
    assert first != [mutant.name for mutant in sample(6, seed=2)]
    assert len(set(first)) == 6
    (small / FILE).write_text(f"ANOTHER = 12345\n{SOURCE}", encoding="utf-8")
    assert len(set(first) & {mutant.name for mutant in sample(6, seed=1)}) >= 5


def test_the_function_around_a_line_is_the_innermost_and_begins_with_its_decorators() -> None:
    tree = ast.parse("@cache\ndef outer():\n    def inner():\n        return 1\n    return inner\nX = 1\n")
    assert [function_around(tree, line) for line in (4, 5, 6)] == [3, 1, None]


def test_the_tests_that_enter_the_function_are_run_the_mirror_of_its_file_first() -> None:
    def visit(seconds: float, line: int = 6) -> Visit:
        return Visit(seconds, {(FILE, line)})

    visits = {
        "tests/training/test_x.py::a": visit(0.1),
        "tests/probes/test_golden.py::b": visit(0.2),
        "tests/engine/test_shares.py::slow": visit(9.0),
        "tests/engine/test_shares.py::quick": visit(1.0),
        "tests/engine/test_other.py::elsewhere": visit(0.1, line=13),
    }
    mutant = Mutant(FILE, line=10, what="", number=0, again=0)
    ran = [name.partition("::")[2] for name in nearest_tests(mutant, SOURCE, visits)]
    assert ran == ["quick", "slow", "b", "a"]


def test_a_fault_that_matters_is_noticed_and_the_others_are_not(small: Path, tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    visits = workshop.reach([TEST], MUTATED)
    entered = {name.rpartition("::")[2]: visit.entered for name, visit in visits.items()}
    assert entered["test_a_half"] == entered["test_half_is_less_than_one"] == {(FILE, 6)}
    assert entered["test_nothing_here"] == {(FILE, 6)}, "a fixture of the module has entered it"
    fates = {
        m.what: mutants.try_out(m, workshop, visits) for m in mutants_of(small / FILE) if m.line in (10, 15)
    }
    assert {what[:11]: verdict.noticed for what, verdict in fates.items()} == {
        "Div -> Mult": True,
        "Sub -> Add ": False,
    }
    assert fates["Div -> Mult in `part / whole`"].by.startswith(TEST)
    assert (workshop.project / FILE).read_text(encoding="utf-8") == SOURCE, "the fault is taken out again"


def test_tests_that_hang_or_cannot_begin_count_as_noticing(small: Path, tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    names = [f"{TEST}::test_a_half"]
    assert not workshop.judge(names, limit_s=60).noticed
    with workshop.planted(FILE, "while True: pass\n"):
        assert workshop.judge(names, limit_s=2).by == "the time limit"
    with workshop.planted(FILE, "no Python\n"):
        assert workshop.judge(names, limit_s=60).noticed


def test_a_change_is_told_by_its_line(small: Path) -> None:
    told = set(changes_of(SOURCE).values())
    assert ("return part / whole", "return part * whole") in told
    assert ("LIMIT = 3", "LIMIT = 4") in told
    assert ("if not 0 <= part <= whole:", "if not not 0 <= part <= whole:") in told


@pytest.mark.parametrize(
    ("survives", "reason", "status"),
    [((), "", 0), (("-",), "", 1), (("-",), "nobody calls it", 0), (("-", "/"), "nobody calls it", 1)],
)
def test_a_survivor_without_a_reason_ends_the_command_with_1(
    small: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    survives: tuple[str, ...],
    reason: str,
    status: int,
) -> None:
    faults = {sign: after for sign, after in FAULTS.items() if sign in survives}
    source = SOURCE + "".join(f"NUMBER_{n} = {n}\n" for n in range(20))  # these are noticed
    (small / FILE).write_text(source, encoding="utf-8")
    known = small / "survivors.txt"
    known.write_text(f"# why\n{FILE}: {faults['-']}\n  {reason}\n" if reason else "", encoding="utf-8")
    monkeypatch.setattr(mutants, "EXPLAINED", known)
    monkeypatch.setattr("os.nice", lambda _by: 0)

    def attack(chosen: list[Mutant], *_others: object) -> dict[str, Verdict]:
        told = changes_of(source)
        return {m.name: Verdict(told[m.number][1] not in faults.values(), "a test") for m in chosen}

    monkeypatch.setattr(mutants, "attack", attack)
    assert mutants.main([]) == status
    assert capsys.readouterr().out.count("NOT EXPLAINED") == len(survives) - bool(reason)


def test_those_that_may_survive_are_explained_and_still_exist() -> None:
    reasons = explained()
    for file in {file for file, _ in reasons}:
        possible = {after for _, after in changes_of((PROJECT / file).read_text(encoding="utf-8")).values()}
        for _, after in [place for place in reasons if place[0] == file]:
            assert after in possible, "the code has changed: look whether the reason still holds"
            assert len(reasons[file, after]) > 20
