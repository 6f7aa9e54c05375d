"""`rnnviz experiment memory`: how far back each cell can learn, over several seeds."""

import argparse
import csv
import math
import textwrap
from collections.abc import Sequence
from pathlib import Path

from rnnviz.cli.errors import DONE, Stopped, UsageError
from rnnviz.cli.interruption import Interruption
from rnnviz.cli.options import add_settings, add_workers, given_settings
from rnnviz.cli.parser import VerbParser, whole_number
from rnnviz.cli.progress_bar import ProgressBar
from rnnviz.cli.render import KINDS, draw_results
from rnnviz.cli.train import refuse_unwritable
from rnnviz.engine import Interrupted
from rnnviz.text import TASK_KINDS
from rnnviz.training import (
    COLUMNS,
    EXPECTED,
    CellChoice,
    MemoryPlan,
    MemoryResult,
    findings,
    matched_words,
    run_with_workers,
    summary,
    table_row,
)

DESCRIPTION = """\
Train each cell on a memory task at each distance with each seed, and write the accuracies to FILE.csv, a row
for each network as soon as it is done (so an interrupted experiment leaves what it has). Columns:
  task, cell, activation, distance (time steps), seed (of text and network), accuracy (share of right answers
  in text that was not learned from), chance (of guessing), loss (nats an answer), updates (made: a network is
  done when it is right), parameters, and the settings hidden, layers, window, batch, optimizer, lr, clip,
  init, forget_bias. A number that does not exist, since training broke, is empty.
What the literature lets expect is printed first; then mean and standard deviation over the seeds, how far
back each cell learned (its median answers all right), and where that differs from what was expected.
Unless settings say otherwise every network has 32 units, Adam at 0.01, a Xavier start, a window of
two examples, and the LSTM a forget bias of 3.
"""
LINE_WIDTH = 100
PICTURE_SIZE = (1280, 720)
REFUSED = {"cell": "--cells", "activation": "--cells rnn:tanh", "seed": "--seeds"}


def run(argv: Sequence[str]) -> int:
    """Train them all and return the exit status."""
    arguments = _parser().parse(argv)
    refuse_unwritable(arguments.out, "--out")
    if arguments.picture is not None:
        if arguments.picture.suffix.lower() not in KINDS:
            raise UsageError(f"--picture {arguments.picture}: its name must end in {' or '.join(KINDS)}.")
        refuse_unwritable(arguments.picture, "--picture", arguments.out)
    plan = _plan(arguments)
    results: list[MemoryResult] = []
    bar = ProgressBar()
    with Interruption() as stop, arguments.out.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        print("\n".join(_wrapped(*EXPECTED)), flush=True)
        try:
            for result in run_with_workers(plan, arguments.workers, stop, bar.show):
                results.append(result)
                table.writerow(table_row(result))
                file.flush()
        except (Interrupted, KeyboardInterrupt):
            bar.clear()
            _print(plan, results)
            kept = f"{arguments.out} holds the {len(results)} of {plan.count} networks that were done."
            raise Stopped(f"interrupted. {kept}") from None
    bar.clear()
    _print(plan, results)
    if arguments.picture is not None:
        draw_results(results, arguments.picture, PICTURE_SIZE, 1.0, "light")
    return DONE


def _parser() -> VerbParser:
    parser = VerbParser(
        "experiment",
        "memory --cells CELL,CELL... --distances D,D... [--seeds N] [--steps N] [--task TASK]\n"
        "                         [--workers N] [settings] --out FILE.csv [--picture X.png|.svg]",
        DESCRIPTION,
    )
    parser.add_argument("kind", metavar="memory", choices=("memory",), help="the only experiment there is")
    parser.add_argument(
        "--cells", metavar="CELLS", default="rnn:sigmoid,rnn:tanh,lstm,gru",
        help="separated by commas, an activation after a colon (default rnn:sigmoid,rnn:tanh,lstm,gru)",
    )  # fmt: skip
    parser.add_argument(
        "--distances", type=_whole_numbers, metavar="DISTANCES", default=(2, 5, 10),
        help="time steps, separated by commas (default 2,5,10)",
    )  # fmt: skip
    parser.add_argument(
        "--seeds", type=whole_number(1, 1000), metavar="N", default=3, help="how many (default 3)"
    )
    parser.add_argument("--steps", type=whole_number(1), metavar="N", default=1500,
                        help="updates that a network may make (default 1500)")  # fmt: skip
    parser.add_argument("--task", choices=tuple(TASK_KINDS), metavar="TASK", default="recall",
                        help=f"{', '.join(TASK_KINDS)} (default recall)")  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE.csv", required=True, help="the table")
    parser.add_argument("--picture", type=Path, metavar="X.png|.svg", help="a picture, drawn at the end")
    add_workers(parser, "networks that are trained at a time, each in a process")
    add_settings(parser)
    return parser


def _whole_numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no list of whole numbers separated by commas, as 2,5,10 is"
        ) from None


def _plan(arguments: argparse.Namespace) -> MemoryPlan:
    given = given_settings(arguments)
    for name, instead in REFUSED.items():
        if name in given:
            raise UsageError(f"--{name} belongs to one network; here it is {instead} that chooses.")
    cells = tuple(CellChoice.written(text.strip()) for text in arguments.cells.split(","))
    if len(set(cells)) < len(cells) or len(set(arguments.distances)) < len(arguments.distances):
        raise UsageError("a cell or a distance stands twice. Name each once; --seeds repeats them.")
    try:
        return MemoryPlan(cells, arguments.distances, arguments.seeds, arguments.task, arguments.steps, given)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _print(plan: MemoryPlan, results: Sequence[MemoryResult]) -> None:
    """The table for people: accuracy in per cent, mean and standard deviation over the seeds."""
    if not results:
        return
    names = [str(cell) for cell in plan.cells]
    width = max(len("distance"), *map(len, names)) + 2
    print(
        f"Right answers on {plan.task}, in per cent, mean ± standard deviation over the seeds that are done"
    )
    print("".join([f"{'distance':{width}}", *(f"{distance:>14,}" for distance in plan.distances)]))
    for cell, name in zip(plan.cells, names, strict=True):
        shown = (_shown(results, cell, distance) for distance in plan.distances)
        print("".join([f"{name:{width}}", *(f"{text:>14}" for text in shown)]))
    print(f"Guessing reaches {100 * results[0].chance:.0f}.")
    print("\n".join(_wrapped(*matched_words(results, plan.steps))))
    for found in findings(results):
        print()
        print("\n".join(_wrapped(f"{found.cell}: {found.said}", found.why)))


def _wrapped(*paragraphs: str) -> list[str]:
    return [line for text in paragraphs for line in textwrap.wrap(text, LINE_WIDTH)]


def _shown(results: Sequence[MemoryResult], cell: CellChoice, distance: int) -> str:
    found = summary(results, cell, distance)
    if not found.seeds:
        return "broke" if found.broken else "-"
    spread = "" if math.isnan(found.spread) else f" ± {100 * found.spread:.0f}"
    broken = f" ({found.broken} broke)" if found.broken else ""
    return f"{100 * found.mean:.0f}{spread}{broken}"
