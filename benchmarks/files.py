"""From the command to the first update on texts of 1 MB to 1 GB, against the plainest way to read a text.

The rival is a page of Python: `open().read()`, `re.findall`, `Counter`, `numpy.array`; its time ends with the
array, before any network. Each reading is a process of its own. Seconds are from before it is made; memory is
the most that it held (VmHWM, so on Linux) beyond what it held when its modules had been imported. The quiet
gaps are the longest times in which a window could neither show progress, cancel nor draw (the last in seconds
that the reading thread computed before another thread had its turn). A busy machine adds to all of them; the
last column has the longest computing between two looks at progress or cancel.

    python -m benchmarks.files [--rounds 5] [--large]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.environment import section

MB = 2**20
SIZES = (1, 10, 100)
"""Megabytes; with `--large` 1024 too."""
LARGE = 1024
RIVAL_UP_TO = 100
"""Megabytes that the plain way can do: of 1 GB in words it would make some 20 GB of objects."""
ROUNDS_OF_THE_LARGEST = 2
"""Beside the plain way, which takes its time; they differ by little."""
GOAL_TIME, GOAL_MEMORY, GOAL_GAP_S = 3.0, 0.25, 0.2
MEMORY_OF_A_SMALL_MACHINE = 4 * 2**30
PATIENCE_S = 900
TYPES = 120_000
"""Different words that the texts are made of; how often each comes follows Zipf's law."""
_LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
_CHUNK_WORDS = 400_000

_PEAK = """
def peak():
    # Not ru_maxrss, which begins with what the process had that started this one.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
"""

PLAIN = """
import json, re, sys
from collections import Counter
import numpy
base = peak()
path, tokens = sys.argv[1:]
text = open(path, encoding="utf-8").read()
if tokens == "word":
    text = re.findall(r"\\w+(?:['’-]\\w+)*|[^\\w\\s]", text)
most = Counter(text).most_common(2000)
number = {token: i + 1 for i, (token, _) in enumerate(most)}
ids = numpy.array([number.get(token, 0) for token in text])
print(json.dumps({"kilobytes": peak() - base, "tokens": len(ids)}))
"""

OURS = """
import json, sys, threading, time
from rnnviz.training import RunSettings, prepare

MEASURES = len(sys.argv) > 3

class Gaps:
    def __init__(self):
        self.longest, self.last = 0.0, time.perf_counter()
        self.computed, self.then = 0.0, time.thread_time()
    def mark(self, *_):
        now, computed = time.perf_counter(), time.thread_time()
        self.longest, self.last = max(self.longest, now - self.last), now
        self.computed, self.then = max(self.computed, computed - self.then), computed
        return False

def hold(clock, stop, longest):
    before = time.clock_gettime(clock)
    while not stop.is_set():
        time.sleep(0.001)
        now = time.clock_gettime(clock)
        longest[0] = max(longest[0], now - before)
        before = now

base = peak()
path, tokens = sys.argv[1:3]
told, asked, held, stop = Gaps(), Gaps(), [0.0], threading.Event()
if MEASURES:
    clock = time.pthread_getcpuclockid(threading.get_ident())
    threading.Thread(target=hold, args=(clock, stop, held), daemon=True).start()
experiment = prepare(path, RunSettings().with_values({"tokens": tokens}), told.mark, asked.mark)
stop.set()
experiment.update()
print(json.dumps({
    "kilobytes": peak() - base, "tokens": experiment.corpus.n_tokens,
    "progress_s": told.longest, "cancel_s": asked.longest, "held_s": held[0],
    "computed_s": max(told.computed, asked.computed),
}))
"""


@dataclass(frozen=True)
class Reading:
    """What one process printed, and how long it took."""

    seconds: float
    told: dict[str, Any]

    @property
    def megabytes(self) -> float:
        """The most it held beyond its modules."""
        return float(self.told["kilobytes"]) / 1024


def write_text(path: Path, n_bytes: int) -> None:
    """Lines with capitals, commas, full stops and quotation marks, whose words follow Zipf's law."""
    rng = np.random.default_rng(1)
    lengths = rng.integers(2, 11, TYPES)
    letters = rng.choice(list(_LETTERS), (TYPES, 11), p=_falling(len(_LETTERS), 0.5))
    words = ["".join(row[:n]) for row, n in zip(letters, lengths, strict=True)]
    words[50::400] = [f"{word}é" for word in words[50::400]]
    shown = np.array([*words, *(word.capitalize() for word in words[:2000])], dtype=object)
    chances = _falling(TYPES, 1.0)
    ends = np.array([" ", ", ", ".\n", " “", "” ", "’s "], dtype=object)
    done = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        while done < n_bytes:
            chosen = shown[rng.choice(TYPES, _CHUNK_WORDS, p=chances)]
            marks = ends[rng.choice(len(ends), _CHUNK_WORDS, p=(0.83, 0.07, 0.07, 0.01, 0.01, 0.01))]
            text = "".join((chosen + marks).tolist())
            file.write(text[: n_bytes - done])
            done += len(text.encode())


def _falling(n: int, power: float) -> Any:
    weights = 1 / np.arange(1, n + 1) ** power
    return weights / weights.sum()


def read(script: str, path: Path, tokens: str, *more: str, limit: int = 0) -> Reading:
    """One process; with `limit` it may not have more than so many bytes of address space."""
    began = time.monotonic()
    command = [sys.executable, "-c", _PEAK + script, str(path), tokens, *more]
    if limit:
        command = ["prlimit", f"--as={limit}", *command]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=PATIENCE_S, env={**os.environ}
    )
    return Reading(time.monotonic() - began, json.loads(done.stdout))


def measure(path: Path, tokens: str, rounds: int, with_rival: bool) -> dict[str, list[Reading]]:
    """Both in turn."""
    scripts = {"plain": PLAIN, "rnnviz": OURS} if with_rival else {"rnnviz": OURS}
    taken: dict[str, list[Reading]] = {name: [] for name in scripts}
    for _ in range(rounds):
        for name, script in scripts.items():
            taken[name].append(read(script, path, tokens))
    return taken


def row(path: Path, megabytes: int, tokens: str, rounds: int) -> str:
    """One line of the table: medians, ratios and the longest gaps."""
    with_rival = megabytes <= RIVAL_UP_TO
    taken = measure(path, tokens, rounds if with_rival else 1, with_rival)
    quiet = read(OURS, path, tokens, "measures").told
    ours = _medians(taken["rnnviz"])
    line = f"{megabytes:6} {tokens:5} {ours[0]:10.2f} {ours[1]:9.0f}"
    if with_rival:
        plain = _medians(taken["plain"])
        line += f" {plain[0]:9.2f} {plain[1]:9.0f} {plain[0] / ours[0]:7.1f} {ours[1] / plain[1]:8.2f}"
    else:
        line += f" {'':9} {'':9} {'':7} {'':8}"
    gaps = (1000 * quiet[name] for name in ("progress_s", "cancel_s", "held_s", "computed_s"))
    return line + "".join(f" {gap:8.0f}" for gap in gaps)


def _medians(readings: list[Reading]) -> tuple[float, float]:
    return (
        statistics.median(reading.seconds for reading in readings),
        statistics.median(reading.megabytes for reading in readings),
    )


def table(rounds: int, large: bool = False) -> list[str]:
    """The table, line by line."""
    lines = [
        f"{rounds} rounds, medians; the plain way: Python {sys.version.split()[0]}, NumPy {np.__version__}",
        f"{'':6} {'':5} {'rnnviz':>10} {'':>9} {'plain':>9} {'':>9} {'times':>7} {'of its':>8} "
        f"{'longest quiet gap, ms':>35}",
        f"{'MB':>6} {'':5} {'s':>10} {'MB':>9} {'s':>9} {'MB':>9} {'faster':>7} {'memory':>8} "
        f"{'told':>8} {'asked':>8} {'held':>8} {'computed':>8}",
    ]
    with TemporaryDirectory() as folder:
        for megabytes in (*SIZES, *((LARGE,) if large else ())):
            path = Path(folder) / f"{megabytes} MB.txt"
            write_text(path, megabytes * MB)
            these = rounds if megabytes < RIVAL_UP_TO else min(rounds, ROUNDS_OF_THE_LARGEST)
            lines += [row(path, megabytes, tokens, these) for tokens in ("word", "char")]
            if megabytes == LARGE:
                for tokens in ("word", "char"):
                    limited = read(OURS, path, tokens, limit=MEMORY_OF_A_SMALL_MACHINE)
                    lines.append(
                        f"{megabytes:6} {tokens:5} {limited.seconds:10.2f} within 4 GB of address space"
                    )
            path.unlink()
    return [*lines, f"goal: {GOAL_TIME:.0f} times as fast, {GOAL_MEMORY} of the memory, gaps {GOAL_GAP_S} s"]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="of 100 MB two")
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--large", action="store_true", help="1 GB too")
    arguments = parser.parse_args()
    print(section("Files", table(1 if arguments.quick else arguments.rounds, arguments.large)))


if __name__ == "__main__":
    main()
