"""Training by two processes beside one, and beside PyTorch on the same processor.

What is timed is `Experiment.update`, as in `benchmarks.training`, after `use_workers(2)`: what `--workers 2`
and the rail do. It needs two processors that nobody else uses: on a busy machine the processes wait for each
other's turn. So the last column gives processor time: an update of one worker over that of the process
in charge of two, its waiting left out. Where nobody else computes the two ratios agree.

    python -m benchmarks.workers [--quick]

Prints Markdown; needs PyTorch: pip install torch==2.13.0.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable

from benchmarks.configurations import CELLS, CONFIGURATIONS, Configuration
from benchmarks.environment import machine, without_brakes

if __name__ == "__main__":
    without_brakes()  # before NumPy is loaded

from benchmarks import pytorch
from benchmarks.in_turn import LEAST_ROUNDS, median_ratio, seconds_in_turn
from benchmarks.ours import experiment
from rnnviz.training import Experiment

SLICE_S = 0.12
TOKENS_TIMED = 10_000  # a stretch of processor time


def line_of(configuration: Configuration, cell: str, quick: bool) -> str:
    """One line of the table."""
    one, two = experiment(configuration, cell), experiment(configuration, cell)
    two.use_workers(2)
    eager = pytorch.update_of(configuration, cell, one)
    slice_s = SLICE_S / 5 if quick else SLICE_S
    contestants: dict[str, Callable[[], object]] = {
        "one": one.update,
        "two": two.update,
        "1 thread": pytorch.on_threads(1, eager),
        "2 threads": pytorch.on_threads(2, eager),
    }
    try:
        seconds = seconds_in_turn(contestants, LEAST_ROUNDS, slice_s)
        apart = processor_time_ratio(one, two, configuration)
    finally:
        two.rest()
    best = min(("1 thread", "2 threads"), key=lambda name: statistics.median(seconds[name]))
    reached, goal = median_ratio(seconds[best], seconds["two"]), configuration.goal_with_two(cell)
    speeds = [configuration.tokens / statistics.median(seconds[name]) for name in (best, "one", "two")]
    return (
        f"| {configuration} | {cell} | {speeds[0]:,.0f} ({best}) | {speeds[1]:,.0f} | {speeds[2]:,.0f} | "
        f"{goal:g} | **{reached:.2f}** | {median_ratio(seconds['one'], seconds['two']):.2f} | {apart} |"
    )


def processor_time_ratio(one: Experiment, two: Experiment, configuration: Configuration) -> str:
    """How much less the process in charge computes where it has a helper; "-" where there is no helper."""
    team = two._crew.team
    if team is None:
        return "-"
    updates = max(2, TOKENS_TIMED // configuration.tokens)
    waited = 0.0
    wait = team._conductor.wait

    def waiting(helper: int, gone: Callable[[], bool]) -> bool:
        nonlocal waited
        began = time.thread_time()
        is_done = wait(helper, gone)
        waited += time.thread_time() - began
        return is_done

    team._conductor.wait = waiting  # type: ignore[method-assign]
    ratios = []
    for _ in range(LEAST_ROUNDS):
        alone = _processor_time(one, updates)
        waited = 0.0
        ratios.append(alone / (_processor_time(two, updates) - waited))
    return f"{statistics.median(ratios):.2f}"


def _processor_time(subject: Experiment, updates: int) -> float:
    began = time.thread_time()
    for _ in range(updates):
        subject.update()
    return time.thread_time() - began


def report(quick: bool) -> str:
    """The whole section of docs/benchmarks.md."""
    table = [
        f"| B T H V | cell | {pytorch.version()} eager, tokens/s | one worker | two workers | goal | "
        "reached, two over PyTorch | two over one | the same in processor time |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for configuration in CONFIGURATIONS:
        for cell in CELLS:
            table.append(line_of(configuration, cell, quick))
            print(table[-1], file=sys.stderr, flush=True)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    parts = [
        "## Two workers",
        f"{machine()}; {pytorch.version()}; load at the end {load:.1f}, with this command's own. A batch of "
        "one sequence cannot be divided: there one process does it all. All contestants in turn, medians of "
        f"{LEAST_ROUNDS} rounds; a ratio is the median of the rounds' ratios.",
        "\n".join(table),
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
