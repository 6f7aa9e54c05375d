"""Train at once and in three pieces, and compare the files byte by byte: each cell, optimizer, with dropout.

The second and third piece go on from the file of the one before, on the command line or in the window.

    python -m attacks.resume [--window] [--apart]
"""

import argparse
import contextlib
import io
import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from attacks.subject import text_file
from rnnviz.cli import main as rnnviz
from rnnviz.engine import CELLS, OPTIMIZERS

STEPS = (7, 19, 41)
"""The end of each piece; an epoch of the subject has 36 updates."""
SHARED = ("--hidden", "5", "--window", "5", "--batch", "3", "--reset", "0.3")
MORE: Sequence[Sequence[str]] = (
    ("--dtype", "float64"),
    ("--embedding", "4"),
    ("--tokens", "char"),
    ("--activation", "relu", "--init", "identity"),
    ("--lane", "--cell lstm", "--lane", "--cell gru --dropout 0.2", "--match", "parameters"),
)


@dataclass(slots=True)
class Comparison:
    """How many runs were compared, and which were not the same."""

    runs: int = 0
    different: list[str] = field(default_factory=list)


def settings_to_try() -> Iterator[tuple[str, ...]]:
    """Each cell with each optimizer with and without dropout, and what else has a state of its own."""
    for cell, optimizer, dropout in itertools.product(CELLS, OPTIMIZERS, ("0", "0.3")):
        yield ("--cell", cell, "--optimizer", optimizer, "--dropout", dropout, "--layers", "2")
    yield from (tuple(more) for more in MORE)


def train(*arguments: str) -> None:
    """Run `rnnviz train` in this process. Raises RuntimeError."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = rnnviz(["train", *arguments, "--json"])
    if status:
        raise RuntimeError(f"rnnviz train {' '.join(arguments)}: {said.getvalue()[-300:]}")


def compare_on_command_line(folder: Path, tries: Sequence[tuple[str, ...]]) -> Comparison:
    """Three commands against one."""
    text, comparison = str(text_file(folder, 12)), Comparison()
    whole, parts = folder / "whole", folder / "parts"
    for settings in tries:
        train(text, *SHARED, *settings, "--steps", str(STEPS[-1]), "--save", str(whole))
        train(text, *SHARED, *settings, "--steps", str(STEPS[0]), "--save", str(parts))
        for steps in STEPS[1:]:
            train(text, "--resume", str(parts), "--steps", str(steps), "--save", str(parts))
        _compare(whole, parts, settings, comparison)
    return comparison


def compare_in_window(folder: Path, tries: Sequence[tuple[str, ...]], apart: bool = False) -> Comparison:
    """One command against one command and two pieces in the window; `apart`: trained by a process."""
    from attacks.window import go_on, open_window  # Qt is loaded only for this
    from rnnviz.gui.trainers import TrainersApart
    from rnnviz.training import Reserve, Trainer

    text, comparison = text_file(folder, 12), Comparison()
    whole, parts = folder / "whole", folder / "parts"
    reserve = Reserve(ahead=apart)
    with open_window(text, folder, TrainersApart(reserve) if apart else Trainer) as window:
        for settings in tries:
            train(str(text), *SHARED, *settings, "--steps", str(STEPS[-1]), "--save", str(whole))
            train(str(text), *SHARED, *settings, "--steps", str(STEPS[0]), "--save", str(parts))
            for steps in STEPS[1:]:
                go_on(window, parts, steps, parts)
            _compare(whole, parts, settings, comparison)
    reserve.close()
    return comparison


def _compare(whole: Path, parts: Path, settings: Sequence[str], comparison: Comparison) -> None:
    comparison.runs += 1
    if whole.read_bytes() != parts.read_bytes():
        comparison.different.append(" ".join(settings))


def main() -> int:
    """Compare, print the counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--window", action="store_true", help="the second and third piece in the window")
    parser.add_argument("--apart", action="store_true", help="with --window: trained by a process of its own")
    arguments = parser.parse_args()
    tries = list(settings_to_try())
    with TemporaryDirectory() as name:
        if arguments.window:
            comparison = compare_in_window(Path(name), tries, arguments.apart)
        else:
            comparison = compare_on_command_line(Path(name), tries)
    print(f"{comparison.runs} runs of {STEPS[-1]} updates, at once and in three pieces")
    print(f"{len(comparison.different)} differ")
    for settings in comparison.different:
        print(f"  {settings}")
    return int(bool(comparison.different))


if __name__ == "__main__":
    sys.exit(main())
