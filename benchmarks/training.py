"""Training beside PyTorch on the same processor; what an update costs beyond its products; where time goes.

What is timed is `Experiment.update`, which the window's training thread calls: reading the window, resets,
way forward, way back, clipping, Adam, with every setting but the sizes as it is by default.

    python -m benchmarks.training [--quick]

Prints Markdown; needs PyTorch: pip install torch==2.13.0.
"""

import argparse
import statistics
import sys
from collections.abc import Callable

from benchmarks.configurations import CELLS, CONFIGURATIONS, Configuration
from benchmarks.environment import machine, without_brakes

if __name__ == "__main__":
    without_brakes()  # before NumPy is loaded

from benchmarks import memory, pytorch, softmax
from benchmarks.in_turn import LEAST_ROUNDS, median_ratio, seconds_in_turn
from benchmarks.ours import experiment
from benchmarks.phases import PHASES, phases_of
from benchmarks.products import products_of

SLICE_S = 0.12
PROFILED = ((0, "rnn"), (0, "lstm"), (1, "rnn"), (2, "lstm"), (4, "gru"), (5, "lstm"))
"""Number of a configuration, cell."""
LIMITS = {(4, cell): 1.25 for cell in CELLS} | {(5, cell): 1.5 for cell in CELLS} | {(2, "lstm"): 1.9}
"""Of an update over its products alone."""


def compare(
    configuration: Configuration, cell: str, quick: bool
) -> tuple[str, dict[str, list[float]], float]:
    """One line of the table of speeds; the seconds an update of all contestants; the share of the goal."""
    ours = experiment(configuration, cell)
    eager = pytorch.update_of(configuration, cell, ours)
    slice_s = SLICE_S / 5 if quick else SLICE_S
    contestants: dict[str, Callable[[], object]] = {
        "ours": ours.update,
        "products": products_of(configuration, ours),
        "1 thread": pytorch.on_threads(1, eager),
        "2 threads": pytorch.on_threads(2, eager),
    }
    first = seconds_in_turn(contestants, rounds=2, slice_s=slice_s / 2)
    best = min(("1 thread", "2 threads"), key=lambda name: min(first[name]))
    threads = int(best[0])
    compiled = pytorch.update_of(configuration, cell, ours, compiled=True)
    fused = pytorch.update_of(configuration, cell, ours, fused=True)
    contestants |= {
        "compiled": pytorch.on_threads(threads, compiled),
        "fused": pytorch.on_threads(threads, fused),
    }
    del contestants["2 threads" if threads == 1 else "1 thread"]
    seconds = seconds_in_turn(contestants, LEAST_ROUNDS, slice_s)
    ratio, goal = median_ratio(seconds[best], seconds["ours"]), configuration.goal(cell)
    speeds = [configuration.tokens / statistics.median(seconds[name]) for name in (best, "ours")]
    line = (
        f"| {configuration} | {cell} | {speeds[0]:,.0f} ({best}) | {speeds[1]:,.0f} | {goal:g} | "
        f"**{ratio:.2f}** | {ratio / goal:.2f} | {median_ratio(seconds['compiled'], seconds['ours']):.2f} | "
        f"{median_ratio(seconds['fused'], seconds['ours']):.2f} |"
    )
    return line, seconds, ratio / goal


def speeds(quick: bool) -> tuple[list[str], list[str]]:
    """The table of speeds, below it what falls short, and that of updates over their products: Markdown."""
    table = [
        f"| B T H V | cell | {pytorch.version()} eager, tokens/s | rnnviz, tokens/s | goal | reached | "
        "reached / goal | over torch.compile | over Adam(fused=True) |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    short: list[str] = []
    beyond = [
        "| B T H V | cell | an update, ms | its products, ms | ratio | limit |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for index, configuration in enumerate(CONFIGURATIONS):
        for cell in CELLS:
            line, seconds, share = compare(configuration, cell, quick)
            table.append(line)
            if share < 1:
                short.append(f"{cell} at {configuration} ({share:.2f} of its goal)")
            limit = LIMITS.get((index, cell))
            update, alone = (1000 * statistics.median(seconds[name]) for name in ("ours", "products"))
            beyond.append(
                f"| {configuration} | {cell} | {update:.3f} | {alone:.3f} | "
                f"{median_ratio(seconds['ours'], seconds['products']):.2f} | {limit or ''} |"
            )
            print(line, file=sys.stderr, flush=True)
    return [*table, "", f"Short of the goal: {', '.join(short) or 'none'}."], beyond


def profile() -> list[str]:
    """The phases of an update, medians of five stretches: Markdown."""
    columns = []
    for index, cell in PROFILED:
        configuration = CONFIGURATIONS[index]
        updates = max(1, 20_000 // configuration.tokens)
        stretches = [phases_of(experiment(configuration, cell), updates) for _ in range(LEAST_ROUNDS)]
        columns.append({phase: statistics.median(s[phase] for s in stretches) for phase in PHASES})
    heads = " | ".join(f"{CONFIGURATIONS[index]} {cell}" for index, cell in PROFILED)
    lines = [f"| ms of an update | {heads} |", "| --- |" + " --- |" * len(PROFILED)]
    for phase in PHASES:
        cells = [f"{1000 * c[phase]:.3f} ({c[phase] / sum(c.values()):.0%})" for c in columns]
        lines.append(f"| {phase} | {' | '.join(cells)} |")
    return lines


def report(quick: bool) -> str:
    """The whole section of docs/benchmarks.md."""
    table, beyond = speeds(quick)
    parts = [
        "## Training",
        f"{machine()}; {pytorch.version()}. One layer, embedding of width H, full update with clipping and "
        "Adam, float32; one background thread. All contestants in turn, medians of "
        f"{LEAST_ROUNDS} rounds; a ratio is the median of the rounds' ratios.",
        "\n".join(table),
        "### An update beside its matrix products alone",
        "Same shapes, same number, same run.",
        "\n".join(beyond),
        "### Where an update's time goes",
        "\n".join(profile()),
        "### The softmax of a large vocabulary",
        softmax.report(),
        "### Memory",
        "Kept: what is still allocated after an update, mean of 20. Passing: what an update allocates and "
        "gives back, at most. Needed: parameters, Adam's two vectors, the activations of one window; not "
        "gradients and errors.",
        "\n".join(memory.table(quick)),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a fifth of the time, with more noise")
    print(report(parser.parse_args().quick))


if __name__ == "__main__":
    main()
