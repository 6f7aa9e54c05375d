"""What a monkey's lives came to, and what of it is not as it should be."""

import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

CONFIGURATIONS = ("thread", "apart", "race", "task", "large")
STEEPEST_KB_A_MINUTE = 3000.0
FEWEST_SAMPLES = 8
"""Before a slope is a slope."""
MOST_HANDLES_MORE = 4
MOST_PROCESSES = 2
"""One that trains, one in reserve."""
HANDLES_OF_A_PROCESS = 6
MOST_NONE_LOST_A_THOUSAND = 50
"""References to None lost in a thousand actions: at 6.12.0 it was twelve with every picture."""

Life = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a window may hold still, in seconds: while it waits for others, and at work of its own."""

    standstill_s: float = 1.0
    busy_s: float = 1.0


def wrong_with(life: Life, limits: Limits = Limits()) -> list[str]:  # frozen
    """What is not as it should be."""
    name = f"{life['configuration']}, seed {life['seed']}"
    wrong = [f"{name}: {fault}" for fault in life["faults"]]
    if life.get("longest_standstill_s", 0.0) > limits.standstill_s:
        stood = "\n".join(life["standstills"])
        wrong.append(f"{name}: stood still for {life['longest_standstill_s']:.2f} s\n{stood}")
    if life.get("longest_busy_s", 0.0) > limits.busy_s:
        wrong.append(f"{name}: worked for {life['longest_busy_s']:.2f} s without a look at its user")
    if life.get("ended", "well") != "well":
        wrong.append(f"{name}: ended {life['ended']}")
    if len(_late(life)) >= FEWEST_SAMPLES and memory_slope(life) > STEEPEST_KB_A_MINUTE:
        wrong.append(
            f"{name}: memory grows by {memory_slope(life):.0f} KB a minute, "
            f"what malloc gave out by {memory_slope(life, ('allocated_mb',)):.0f}"
        )
    samples = life.get("samples", [])
    for what, more in _more_allowed(samples).items():
        if samples[-1][what] > samples[0][what] + more:
            wrong.append(f"{name}: {what} went from {samples[0][what]} to {samples[-1][what]}")
    if none_drift(life) < -MOST_NONE_LOST_A_THOUSAND:
        wrong.append(f"{name}: {-none_drift(life):.0f} references to None lost in a thousand actions")
    return wrong


def _more_allowed(samples: Sequence[dict[str, float]]) -> dict[str, float]:
    """At the last rest than at the first, after which the worker in reserve may have come."""
    if not samples:
        return {}
    late = max(0.0, min(samples[-1]["processes"], MOST_PROCESSES) - samples[0]["processes"])
    return {"threads": 0, "processes": late, "handles": MOST_HANDLES_MORE + HANDLES_OF_A_PROCESS * late}


def _late(life: Life) -> list[dict[str, float]]:
    samples: list[dict[str, float]] = life.get("samples", [])
    return samples[len(samples) // 2 :]


RESIDENT = ("resident_mb", "worker_mb")


def _megabytes(sample: dict[str, float], what: Sequence[str] = RESIDENT) -> float:
    return sum(sample.get(name, 0.0) for name in what)


def memory_slope(life: Life, what: Sequence[str] = RESIDENT) -> float:
    """KB a minute, of window and training, from the middle of the life on: the median of all pairs."""
    late = _late(life)
    slopes = [
        60 * 1024 * (_megabytes(b, what) - _megabytes(a, what)) / (b["seconds"] - a["seconds"])
        for i, a in enumerate(late)
        for b in late[i + 1 :]
    ]
    return statistics.median(slopes) if slopes else 0.0


def none_drift(life: Life) -> float:
    """References to None gained in a thousand actions; on Python 3.12 and later it cannot change."""
    late = _late(life)
    if len(late) < 2 or sys.version_info >= (3, 12) or late[-1]["actions"] == late[0]["actions"]:
        return 0.0
    return (
        1000
        * (late[-1]["none_references"] - late[0]["none_references"])
        / (late[-1]["actions"] - late[0]["actions"])
    )


def report(lives: Sequence[Life], limits: Limits) -> list[str]:
    """Print a line a configuration, the actions by kind, and all that went wrong; return the latter."""
    print(
        f"{'':8}{'lives':>6}{'minutes':>8}{'actions':>9}{'reopened':>9}{'faults':>7}{'still s':>8}"
        f"{'busy s':>7}{'clock s':>8}{'end s':>6}{'KB/min':>7}{'MB':>10}{'threads':>9}{'handles':>9}"
        f"{'None/1000':>10}{'windows':>9}{'blocks/1000':>12}"
    )
    for configuration in CONFIGURATIONS:
        if own := [life for life in lives if life["configuration"] == configuration]:
            _print_line(configuration, own)
    _print_line("all", lives)
    kinds: Counter[str] = Counter()
    for life in lives:
        kinds.update(life.get("counts", {}))
    print("actions: " + ", ".join(f"{kind} {n}" for kind, n in kinds.most_common()))
    loads = [life.get("heaviest_load", 0.0) for life in lives]
    print(f"heaviest load of the machine: {max(loads, default=0.0):.1f}")
    for text in sorted({text for life in lives for text in life.get("complaints", {})}):
        print(f"Qt said: {text}")
    wrong = [line for life in lives for line in wrong_with(life, limits)]
    print(f"{len(wrong)} violations")
    for line in wrong:
        print(f"  {line}")
    return wrong


def _print_line(name: str, lives: Sequence[Life]) -> None:
    """Memory, threads, handles, windows and blocks: at the first rest and at the last, over all lives."""
    ends = [(samples[0], samples[-1]) for life in lives if (samples := life.get("samples"))]

    def most(what: str) -> float:
        return max((life.get(what, 0.0) for life in lives), default=0.0)

    def span(what: str, unit: int = 1) -> str:  # 0: not counted yet in the lives of an older state file
        most_of = (max(int(pair[i].get(what, 0)) for pair in ends) // unit for i in (0, 1) if ends)
        return "/".join(map(str, most_of)) or "-"

    memory = "/".join(f"{max(_megabytes(pair[i]) for pair in ends):.0f}" for i in (0, 1)) if ends else "-"
    slopes = [memory_slope(life) for life in lives if len(_late(life)) >= FEWEST_SAMPLES]
    slope = f"{statistics.median(slopes):.0f}" if slopes else "-"
    drifts = [none_drift(life) for life in lives] or [0.0]
    print(
        f"{name:8}{len(lives):6}{sum(life.get('seconds', 0) for life in lives) / 60:8.1f}"
        f"{sum(life.get('actions', 0) for life in lives):9}"
        f"{sum(life.get('counts', {}).get('reopen', 0) for life in lives):9}"
        f"{sum(len(life['faults']) for life in lives):7}"
        f"{most('longest_standstill_s'):8.2f}{most('longest_busy_s'):7.2f}{most('longest_gap_s'):8.2f}"
        f"{most('slowest_end_s'):6.1f}{slope:>7}{memory:>10}"
        f"{span('threads'):>9}{span('handles'):>9}{statistics.median(drifts):10.1f}"
        f"{span('windows'):>9}{span('blocks', 1000):>12}"
    )
