"""What training keeps in memory: allocations an update after the first, and the peak beside what must be.

Each configuration runs in a process of its own, without PyTorch.
"""

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

from benchmarks.configurations import CELLS, CONFIGURATIONS, Configuration
from benchmarks.ours import experiment
from rnnviz.training import Experiment

UPDATES = 20


def needed_bytes(made: Experiment, configuration: Configuration) -> int:
    """Parameters, Adam's two vectors, and the activations of one window, all of them float32.

    Activations: gates and states of each time step, the LSTM's tanh(c) and the GRU's recurrent part, for the
    way back; and the logits, or as many as stand in memory at once.
    """
    spec = made.lanes[0].model.spec
    G, S = len(spec.cell_class.block_names), len(spec.cell_class.state_parts)
    kept = {"lstm": 1, "gru": 1}.get(spec.cell, 0)
    c = configuration
    numbers = 3 * spec.parameter_count() + c.tokens * c.H * (G + S + kept)
    return 4 * (numbers + spec.logits_rows(c.T, c.B) * c.V)


def measure(index: int, cell: str) -> dict[str, float]:
    """Of one configuration in this process."""
    configuration = CONFIGURATIONS[index]
    small = experiment(CONFIGURATIONS[0], cell)  # everything imported and used once
    small.update()
    del small
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak from here on: see proc(5)
    before = _memory_bytes("VmRSS")
    made = experiment(configuration, cell)
    for _ in range(3):
        made.update()
    # Not ru_maxrss, which begins with what the process had that started this one.
    peak = max(_memory_bytes("VmHWM") - before, 0)
    tracemalloc.start()
    made.update()
    first = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    for _ in range(UPDATES):
        made.update()
    last, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "kept": (last - first) / UPDATES,
        "passing": most - last,
        "peak": peak,
        "needed": needed_bytes(made, configuration),
    }


def _memory_bytes(what: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) * 1024


def table(quick: bool) -> list[str]:
    """Markdown: one line a configuration and cell."""
    lines = [
        "| B T H V | cell | kept an update | passing, at most | peak / needed |",
        "| --- | --- | --- | --- | --- |",
    ]
    for index, configuration in enumerate(CONFIGURATIONS):
        for cell in CELLS[:1] if quick else CELLS:
            command = [sys.executable, "-m", "benchmarks.memory", str(index), cell]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found = json.loads(done.stdout)
            lines.append(
                f"| {configuration} | {cell} | {found['kept']:.0f} B | {found['passing'] / 1024:.1f} KB | "
                f"{found['peak'] / 2**20:.1f} / {found['needed'] / 2**20:.1f} MB = "
                f"{found['peak'] / found['needed']:.2f} |"
            )
    return lines


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), sys.argv[2])))
