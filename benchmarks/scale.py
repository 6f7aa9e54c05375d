"""tokens/s as one size after the other grows, beside what the matrix products alone would let through.

Every network is an experiment as the window builds it; an update and its products are timed in turn. The
limit is that of benchmarks/products.py: the same products, same shapes, same number, and nothing else. All of
it is one thread, so that the clock is the processor's.

    python -m benchmarks.scale [--quick] [--picture FILE]
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.configurations import CELLS, Configuration
from benchmarks.environment import machine, without_brakes

if __name__ == "__main__":
    without_brakes()  # before NumPy is loaded

import numpy as np

import rnnviz.one_blas_thread  # noqa: F401  # before anything that computes
from benchmarks.in_turn import LEAST_ROUNDS, median_ratio, seconds_in_turn
from benchmarks.ours import experiment
from benchmarks.products import products_of
from rnnviz.training import Experiment

BASE = {"H": 128, "B": 32, "T": 50, "V": 80, "L": 1}
SWEEPS: dict[str, tuple[int, ...]] = {
    "H": (32, 64, 128, 256, 512, 1024),
    "B": (1, 4, 16, 64, 256),
    "T": (10, 25, 50, 100, 200, 400),
    "V": (80, 1000, 10_000, 50_000),
    "L": (1, 2, 3, 4),
}
TITLES = {
    "H": "hidden units",
    "B": "sequences side by side",
    "T": "time steps of a window",
    "V": "tokens of the vocabulary",
    "L": "layers",
}
SLICE_S = 0.06
PICTURE = Path(__file__).parent.parent / "docs" / "scale.png"


@dataclass(frozen=True)
class Point:
    """One network of a sweep."""

    value: int
    cell: str
    tokens_per_s: float
    limit: float
    share: float
    """Of the limit: the median of the rounds' ratios."""


def measure(sizes: dict[str, int], name: str, cell: str, rounds: int) -> Point:
    """An update and its products in turn."""
    size = Configuration(sizes["B"], sizes["T"], sizes["H"], sizes["V"], (0, 0, 0), (0, 0, 0))
    ours = experiment(size, cell, layers=sizes["L"])
    first, more = products_of(size, ours), products_of_upper_layers(size, ours, sizes["L"] - 1)

    def products() -> None:
        first()
        more()

    contestants: dict[str, Callable[[], object]] = {"ours": ours.update, "limit": products}
    seconds = seconds_in_turn(contestants, rounds, SLICE_S, warm_up=1, clock=time.process_time)
    reached, limit = (size.tokens / statistics.median(seconds[which]) for which in ("ours", "limit"))
    return Point(sizes[name], cell, reached, limit, median_ratio(seconds["limit"], seconds["ours"]))


def products_of_upper_layers(size: Configuration, ours: Experiment, layers: int) -> Callable[[], None]:
    """The products of an update in the layers above the first, whose inputs are n = T B rows of H."""
    G = len(ours.lanes[0].model.spec.cell_class.block_names)
    T, B, H, n = size.T, size.B, size.H, size.tokens
    rng = np.random.default_rng(0)
    weight, recurrent = (rng.uniform(-0.1, 0.1, (G, H, H)).astype(np.float32) for _ in range(2))
    below, d_below = (rng.uniform(-0.1, 0.1, (n, H)).astype(np.float32) for _ in range(2))
    gates = rng.uniform(-0.1, 0.1, (G, n, H)).astype(np.float32)
    state, step = below[:B].copy(), gates[:, :B].copy()

    def products() -> None:
        for _ in range(layers):
            np.matmul(below, weight, out=gates)
            for _ in range(2 * T - 1):  # forward, and back
                np.matmul(state, recurrent, out=step)
            np.matmul(below.T, gates)
            np.matmul(below.T, gates)  # of the weights, and of the recurrent ones
            for g in range(G):
                np.matmul(gates[g], weight[g].T, out=d_below)

    return products


def sweep(name: str, rounds: int) -> Iterator[Point]:
    """Every value of one size with every cell."""
    for value in SWEEPS[name]:
        for cell in CELLS:
            yield measure(BASE | {name: value}, name, cell, rounds)


def report(points: dict[str, list[Point]], rounds: int, picture: Path) -> str:
    """The section of docs/benchmarks.md."""
    base = ", ".join(f"{name} {value}" for name, value in BASE.items())
    lines = [
        "| size | " + " | ".join(f"{cell}: tokens/s | limit | share" for cell in CELLS) + " |",
        "| --- |" + " --- | --- | --- |" * len(CELLS),
    ]
    for name, found in points.items():
        for value in SWEEPS[name]:
            row = [p for p in found if p.value == value]
            cells = " | ".join(f"{p.tokens_per_s:,.0f} | {p.limit:,.0f} | {p.share:.2f}" for p in row)
            lines.append(f"| {name} {value:,} | {cells} |")
    parts = [
        "## Scale",
        f"{machine()}. From {base}, one size after the other; an embedding as wide as the layers, a full "
        f"update with clipping and Adam, float32, one worker. {rounds} rounds in turn, medians, by the clock "
        "of the processor.",
        f"![tokens per second as H, B, T, V and L grow, with the limit drawn in]({picture.name})",
        "The limit is the matrix products of the update alone; a share is what is reached of it.",
        "\n".join(lines),
        _worst(points),
    ]
    return "\n\n".join(parts) + "\n"


def _worst(points: dict[str, list[Point]]) -> str:
    least = min((p.share, name, p.value, p.cell) for name, found in points.items() for p in found)
    most = max((p.share, name, p.value, p.cell) for name, found in points.items() for p in found)
    return (
        f"Furthest from the limit: {least[3]} at {least[1]} {least[2]:,} ({least[0]:.2f} of it); nearest: "
        f"{most[3]} at {most[1]} {most[2]:,} ({most[0]:.2f})."
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    arguments = parser.parse_args()
    rounds = 1 if arguments.quick else LEAST_ROUNDS
    points = {name: list(sweep(name, rounds)) for name in SWEEPS}
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # a picture needs no display
    from benchmarks.scale_picture import draw  # late: Qt's threads have no place in the measurements

    draw(points, BASE, TITLES, arguments.picture)
    print(report(points, rounds, arguments.picture))


if __name__ == "__main__":
    main()
