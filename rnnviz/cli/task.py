"""`rnnviz task`: write a memory task, a text with answers that lie far back."""

from collections.abc import Sequence
from pathlib import Path

from rnnviz.cli.errors import DONE, UsageError
from rnnviz.cli.parser import VerbParser, whole_number
from rnnviz.cli.train import refuse_unwritable
from rnnviz.text import TASK_KINDS, Task

DESCRIPTION = (
    """\
Write a text whose answers lie DISTANCE time steps back, one example a line, the same for the same seed:

"""
    + "\n".join(f"  {kind.name:10}{kind.asks}" for kind in TASK_KINDS.values())
    + """

Its first line says which tokens count. Open it like any text; train it with --loss marked, so that only the
answers count, in a window longer than the distance.
"""
)


def run(argv: Sequence[str]) -> int:
    """Write the file and return the exit status."""
    parser = VerbParser(
        "task", f"{'|'.join(TASK_KINDS)} --distance D [--examples N] [--seed S] --out FILE", DESCRIPTION
    )
    parser.add_argument("kind", metavar="TASK", choices=tuple(TASK_KINDS), help=", ".join(TASK_KINDS))
    parser.add_argument("--distance", type=whole_number(0), metavar="D", required=True, help="time steps")
    parser.add_argument("--examples", type=whole_number(0), metavar="N", help="how many (default 5000)")
    parser.add_argument("--seed", type=whole_number(0), metavar="S", default=1, help="default 1")
    parser.add_argument("--out", type=Path, metavar="FILE", required=True, help="the text")
    arguments = parser.parse(argv)
    refuse_unwritable(arguments.out, "--out")
    examples = {} if arguments.examples is None else {"examples": arguments.examples}
    try:
        task = Task(arguments.kind, arguments.distance, seed=arguments.seed, **examples)
    except ValueError as error:
        raise UsageError(str(error)) from None
    with arguments.out.open("w", encoding="ascii", newline="\n") as file:
        file.writelines(f"{line}\n" for line in task.lines())
    window = 2 * task.longest_example + 2
    print(
        f"{arguments.out}: {task.examples:,} examples of {task.kind}, each answered {task.distance:,} time "
        f"steps later; guessing is right in {task.chance:.0%}. Learn it with: "
        f"rnnviz train {arguments.out} --loss marked --window {window} --reset 0"
    )
    return DONE
