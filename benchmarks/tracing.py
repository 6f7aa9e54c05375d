"""What a trace costs with its whole gradient matrix: against one training update, and against T passes.

The first rival is one update of the same network by default settings (B 32, the same T and H). The second is
the plain way to the same matrix: one backward pass for each step's loss, T in all, by the same cell.

    python -m benchmarks.tracing [--rounds 5]
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import rnnviz.one_blas_thread  # noqa: F401  # before anything that computes
from benchmarks.environment import section
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
_LEAST_S = 0.05
"""A contestant that is faster than this is called several times a round."""


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


def separate_passes(model: LanguageModel, tokens: Ids, targets: Ids) -> None:
    """One forward and one backward pass for each step's loss alone."""
    window = model.workspace(len(tokens), 1)
    state = model.zero_state(1)
    for t in range(len(tokens)):
        only = np.full((len(tokens), 1), -1, dtype=np.intp)
        only[t] = targets[t]
        model.forward(window, tokens[:, None], only, state)
        model.backward(window)


def seconds_a_call(call: Callable[[], object]) -> float:
    """The mean of as many calls as take a moment."""
    began = time.perf_counter()
    calls = 0
    while True:
        call()
        calls += 1
        taken = time.perf_counter() - began
        if taken >= _LEAST_S:
            return taken / calls


def row(cell: str, T: int, H: int, rounds: int) -> str:
    """One line of the table: medians over rounds in which all three take turns."""
    experiment = experiment_of(cell, T, H)
    model = experiment.lanes[0].model
    spec = model.spec
    assert isinstance(spec, ModelSpec)
    ids = np.random.default_rng(2).integers(0, spec.vocabulary_size, T + 1)
    tokens, targets = ids[:-1], ids[1:]
    contestants: dict[str, Callable[[], object]] = {
        "update": experiment.update,
        "trace": lambda: one_trace(model, tokens, targets),
        "passes": lambda: separate_passes(model, tokens, targets),
    }
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, call in contestants.items():
            taken[name].append(seconds_a_call(call))
    update, trace, passes = (statistics.median(taken[name]) for name in contestants)
    return (
        f"{cell:5} {T:5} {H:5} {1000 * update:11.2f} {1000 * trace:11.2f} {trace / update:10.2f} "
        f"{1000 * passes:13.2f} {passes / trace:14.1f}"
    )


def table(rounds: int) -> list[str]:
    """The table, line by line."""
    head = (
        f"{'cell':5} {'T':>5} {'H':>5} {'update, ms':>11} {'trace, ms':>11} {'of update':>10} "
        f"{'T passes, ms':>13} {'times cheaper':>14}"
    )
    about = (
        f"trace of T steps with all pairs, against an update of {BATCH} sequences; V {VOCABULARY}, one layer"
    )
    return [about, head, *(row(cell, T, H, rounds) for cell in CELLS for H in WIDTHS for T in LENGTHS)]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one round")
    arguments = parser.parse_args()
    print(section("Tracing", table(1 if arguments.quick else arguments.rounds)))


if __name__ == "__main__":
    main()
