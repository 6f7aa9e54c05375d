"""`rnnviz verify`: the mathematics against golden numbers, and against differences of the loss itself."""

from collections.abc import Sequence
from pathlib import Path

from rnnviz.cli.errors import DIFFERENCE, DONE, UsageError, say
from rnnviz.cli.parser import VerbParser
from rnnviz.probes.finite_differences import finite_difference_check, small_specs
from rnnviz.probes.golden import DTYPES, KeyCheck, cell_of, check_file, is_built
from rnnviz.shipped import GOLDEN

DESCRIPTION = """\
Work through the golden numbers in DIR (the shipped ones by default) and through finite differences, and print
for each file and key how far off the worst number is: the difference itself, and in units of what is allowed
(1 and less is right). Status 1 if anything is off; a cell that is not built yet is listed, no difference.
"""
NAME_WIDTH = 24


def run(argv: Sequence[str]) -> int:
    """Check everything and return the exit status."""
    parser = VerbParser("verify", "[DIR]", DESCRIPTION)
    parser.add_argument(
        "directory", metavar="DIR", nargs="?", type=Path, default=GOLDEN, help="golden files (.npz)"
    )
    paths = golden_files(parser.parse(argv).directory)
    wrong: list[str] = []
    not_built: list[Path] = []
    for path in paths:
        if is_built(path):
            wrong += _golden_table(path)
        else:
            not_built.append(path)
            print(f"{path.name}: the cell {cell_of(path)[0]} is not built yet, nothing was checked.\n")
    wrong += _finite_differences()
    checked = f"{len(paths) - len(not_built)} of {len(paths)} golden files checked"
    if not_built:
        checked += f", {len(not_built)} of cells not built yet ({', '.join(path.name for path in not_built)})"
    print(f"{checked}; {'no difference' if not wrong else f'{len(wrong)} differences'}.")
    if wrong:
        say(f"difference in {'; '.join(wrong)}")
        return DIFFERENCE
    return DONE


def golden_files(directory: Path) -> list[Path]:
    """The golden files of a folder, by name. Raises UsageError."""
    if not directory.is_dir():
        there = "is a file" if directory.is_file() else "does not exist"
        raise UsageError(f"{directory} {there}: name a folder with golden numbers (.npz files), or none.")
    try:
        paths = sorted(directory.glob("*.npz"))
    except PermissionError:
        paths = []
    if not paths:
        raise UsageError(f"there are no golden numbers (.npz files) that can be read in {directory}.")
    return paths


def _golden_table(path: Path) -> list[str]:
    """Print a line for each key of one file; the names of what is off."""
    checks = check_file(path)
    by_key: dict[str, dict[str, KeyCheck]] = {}
    for check in checks:
        by_key.setdefault(check.key, {})[check.dtype] = check
    print(f"{path.name}: worst number of each key, and in units of what is allowed")
    print(f"  {'':{NAME_WIDTH}}" + "".join(f"{dtype:>20}" for dtype in DTYPES))
    for key, of_dtype in by_key.items():
        cells = "".join(_cell(of_dtype.get(dtype)) for dtype in DTYPES)
        problems = dict.fromkeys(check.problem for check in of_dtype.values() if check.problem)
        failed = not all(check.passed for check in of_dtype.values())
        mark = f"  DIFFERENCE{''.join(f' ({problem})' for problem in problems)}" if failed else ""
        print(f"  {key:{NAME_WIDTH}}{cells}{mark}")
    print()
    wrong = dict.fromkeys(f"{path.name} {check.key}" for check in checks if not check.passed)
    return list(wrong)


def _cell(check: KeyCheck | None) -> str:
    if check is None or check.problem:
        return f"{'-':>20}"
    return f"{check.worst:11.1e}{check.ratio:9.2g}"


def _finite_differences() -> list[str]:
    """Print a line for each small network; the names of what is off."""
    print("finite differences: worst gradient of each small network, in units of what is allowed")
    wrong: list[str] = []
    for spec in small_specs():
        checks = finite_difference_check(spec)
        worst = max(checks, key=lambda check: check.ratio)
        mark = "" if all(check.passed for check in checks) else "  DIFFERENCE"
        print(f"  {worst.network:40}{worst.ratio:9.2g}  {worst.parameter}{mark}")
        wrong += [f"finite differences: {c.network} {c.parameter}" for c in checks if not c.passed]
    print()
    return wrong
