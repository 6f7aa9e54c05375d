"""What a trace costs with its whole gradient matrix: against one training update, and against T passes.

The first rival is one update of the same network by default settings (B 32, the same T and H). The second is
the plain way to the same matrix: one forward and one backward pass for each step's loss alone, T in all, by
the same cell. One of them costs as much as another, so of many some are made and counted for all.

All three run on one thread and are measured in processor time, in turn; medians of the rounds' ratios.

    python -m benchmarks.tracing [--rounds 5]
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.environment import machine, without_brakes

if __name__ == "__main__":
    without_brakes()  # before NumPy is loaded

import numpy as np
from numpy.typing import NDArray

import rnnviz.one_blas_thread  # noqa: F401  # before anything that computes
from benchmarks.in_turn import LEAST_ROUNDS, median_ratio
from rnnviz.engine import LanguageModel, ModelSpec
from rnnviz.probes import trace_passage
from rnnviz.text import text_from_string
from rnnviz.training import Experiment, RunSettings, prepare

Ids = NDArray[np.intp]

LENGTHS = (10, 25, 50, 100, 200)
WIDTHS = (32, 128, 512)
CELLS = ("rnn", "lstm", "gru")
BATCH = 32
VOCABULARY = 80
MOST_PASSES = 8
"""Of the T passes so many are made, spread over the passage."""
_LEAST_S = 0.04
"""A contestant that is faster than this is called several times a round."""


@dataclass(frozen=True)
class Cost:
    """Of one network and length; seconds of processor time, one number a round."""

    cell: str
    T: int
    H: int
    update: list[float]
    trace: list[float]
    passes: list[float]

    @property
    def of_update(self) -> float:
        """A trace in updates."""
        return median_ratio(self.trace, self.update)

    @property
    def cheaper(self) -> float:
        """How many traces the T passes would make."""
        return median_ratio(self.passes, self.trace)

    @property
    def ms(self) -> float:
        """A trace."""
        return 1000 * statistics.median(self.trace)


def experiment_of(cell: str, T: int, H: int) -> Experiment:
    """A network in training on random words."""
    words = np.random.default_rng(1).integers(0, VOCABULARY, 4 * BATCH * T + 2)
    text = text_from_string(" ".join(f"w{word}" for word in words), "words.txt")
    values: dict[str, Any] = {
        "cell": cell, "hidden": H, "embedding": H, "window": T, "batch": BATCH, "vocabulary": VOCABULARY,
        "valid_fraction": 0,
    }  # fmt: skip
    return prepare(text, RunSettings().with_values(values))


def one_trace(model: LanguageModel, tokens: Ids, targets: Ids) -> None:
    """Everything a trace holds, all pairs of steps among it."""
    spelling = tuple(f"w{i}" for i in range(model.spec.vocabulary_size))
    words = [spelling[i] for i in tokens]
    trace_passage(model, tokens=tokens, targets=targets, step=0, words=words, spelling=spelling)


def some_passes(model: LanguageModel, tokens: Ids, targets: Ids) -> int:
    """A forward and a backward pass for the loss of some steps, each alone; how many steps."""
    T = len(tokens)
    window = model.workspace(T, 1)
    state = model.zero_state(1)
    steps = np.unique(np.linspace(0, T - 1, min(T, MOST_PASSES), dtype=int))
    for t in steps:
        only = np.full((T, 1), -1, dtype=np.intp)
        only[t] = targets[t]
        model.forward(window, tokens[:, None], only, state)
        model.backward(window)
    return len(steps)


def seconds_a_call(call: Callable[[], object]) -> float:
    """Processor time, the mean of as many calls as take a moment."""
    began = time.process_time()
    calls = 0
    while True:
        call()
        calls += 1
        taken = time.process_time() - began
        if taken >= _LEAST_S:
            return taken / calls


def measure(cell: str, T: int, H: int, rounds: int) -> Cost:
    """All three in turn."""
    experiment = experiment_of(cell, T, H)
    model = experiment.lanes[0].model
    spec = model.spec
    assert isinstance(spec, ModelSpec)
    ids = np.random.default_rng(2).integers(0, spec.vocabulary_size, T + 1)
    tokens, targets = ids[:-1], ids[1:]
    made = some_passes(model, tokens, targets)
    contestants: dict[str, Callable[[], object]] = {
        "update": experiment.update,
        "trace": lambda: one_trace(model, tokens, targets),
        "passes": lambda: some_passes(model, tokens, targets),
    }
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for call in contestants.values():
        call()  # arrays made, caches filled
    for _ in range(rounds):
        for name, call in contestants.items():
            taken[name].append(seconds_a_call(call))
    passes = [seconds * T / made for seconds in taken["passes"]]
    return Cost(cell, T, H, taken["update"], taken["trace"], passes)


def report(rounds: int) -> str:
    """The section of docs/benchmarks.md."""
    costs = [measure(cell, T, H, rounds) for cell in CELLS for H in WIDTHS for T in LENGTHS]
    parts = [
        "## Tracing",
        f"{machine()}. A trace of T steps with all pairs of them, in float64 on its way back, beside an "
        f"update of {BATCH} sequences in float32; V {VOCABULARY}, one layer. Processor time, {rounds} rounds "
        "in turn. The goal is that a trace is cheaper than T separate backward passes.",
        "In updates, with its milliseconds:",
        _grid(costs, lambda cost: f"{cost.of_update:.2f} ({cost.ms:.1f})"),
        "How many times cheaper than T separate passes:",
        _grid(costs, lambda cost: f"{cost.cheaper:.1f}"),
        _growth(costs),
    ]
    return "\n\n".join(parts) + "\n"


def _grid(costs: list[Cost], value: Callable[[Cost], str]) -> str:
    lines = [
        "| cell, H | " + " | ".join(f"T {T}" for T in LENGTHS) + " |",
        "| --- |" + " --- |" * len(LENGTHS),
    ]
    for cell in CELLS:
        for H in WIDTHS:
            row = [value(cost) for cost in costs if (cost.cell, cost.H) == (cell, H)]
            lines.append(f"| {cell} {H} | {' | '.join(row)} |")
    return "\n".join(lines)


def _growth(costs: list[Cost]) -> str:
    """What twice the length costs, where it is longest: 4 and 2 if all were in proportion to T^2 and T."""
    of = {(cost.cell, cost.H, cost.T): cost for cost in costs}
    traces, updates = [], []
    for cell in CELLS:
        for H in WIDTHS:
            long, half = of[cell, H, LENGTHS[-1]], of[cell, H, LENGTHS[-2]]
            traces.append(long.ms / half.ms)
            updates.append(statistics.median(long.update) / statistics.median(half.update))
    least = min(costs, key=lambda cost: cost.cheaper)
    return (
        f"From T {LENGTHS[-2]} to {LENGTHS[-1]} a trace becomes {min(traces):.1f} to {max(traces):.1f} times "
        f"as dear (T errors go back T steps: 4), an update {min(updates):.1f} to {max(updates):.1f} times. "
        f"Least is gained at {least.cell}, H {least.H}, T {least.T}: {least.cheaper:.1f} times."
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--quick", action="store_true", help="one round")
    arguments = parser.parse_args()
    print(report(1 if arguments.quick else arguments.rounds))


if __name__ == "__main__":
    main()
