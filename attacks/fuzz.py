"""Feed the program what no honest program writes, and see that it says no, by name, soon, in bounded memory.

    python -m attacks.fuzz --kind text|checkpoint|trace|vectors|settings [--n 10000] [--seed 0]

Inputs are mutations of valid files and plain noise. Each is opened as the program opens it, and used when
it is accepted. A worker process has 4 GB of address space and 10 s for each input; warnings are errors. The
input that is being tried stands in a file, so that one that kills the worker can be looked at.
"""

import argparse
import collections
import json
import random
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

KINDS = ("text", "checkpoint", "trace", "vectors", "settings")
MEMORY_BYTES = 4 << 30
LONGEST_S = 10


@dataclass(slots=True)
class Findings:
    """What the inputs came to."""

    tried: int = 0
    accepted: int = 0
    refusals: collections.Counter[str] = field(default_factory=collections.Counter)  # by the error's name
    slowest_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


def fuzz(kind: str, n: int, seed: int, folder: Path) -> Findings:
    """Try so many inputs of a kind in this process."""
    from attacks.victims import VICTIMS  # the program is loaded by the worker alone

    chance, findings = random.Random(f"{kind} {seed}"), Findings()
    victim, refused = VICTIMS[kind](folder)
    for number in range(n):
        began = time.perf_counter()
        try:
            victim(chance)
            findings.accepted += 1
        except refused as error:
            findings.refusals[type(error).__name__] += 1
            if not str(error).strip() or str(error).rstrip()[-1] not in ".!?)":
                findings.wrong.append(f"input {number}: the refusal is no sentence: {error!r}")
        except BaseException as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            findings.wrong.append(
                f"input {number}: {type(error).__name__}: {str(error)[:200]} "
                f"({Path(where.filename).name}:{where.lineno})"
            )
        took = time.perf_counter() - began
        findings.tried, findings.slowest_s = number + 1, max(findings.slowest_s, took)
        if took > LONGEST_S:
            findings.wrong.append(f"input {number}: took {took:.1f} s")
    return findings


def _work(kind: str, n: int, seed: int, folder: Path) -> None:
    """The worker: bounded, then `fuzz`."""
    import faulthandler
    import resource  # not on Windows, where this attack does not run
    import warnings

    import rnnviz.one_blas_thread  # noqa: F401  # as the program does
    from attacks import victims  # noqa: F401  # before the limits, which are for what comes after

    warnings.simplefilter("error")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    faulthandler.dump_traceback_later(LONGEST_S * max(n, 60), exit=True)
    findings = fuzz(kind, n, seed, folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([findings.tried, findings.accepted, findings.refusals, findings.slowest_s,
                      findings.wrong, peak]))  # fmt: skip


def main() -> int:
    """Start the worker and print its counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--kind", choices=KINDS, required=True)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker is not None:
        _work(arguments.kind, arguments.n, arguments.seed, arguments.worker)
        return 0
    with TemporaryDirectory() as folder:
        worker = subprocess.run(
            [sys.executable, "-m", "attacks.fuzz", *sys.argv[1:], "--worker", folder],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        if worker.returncode:
            left = Path("fuzz-crash")
            left.write_bytes((Path(folder) / "input").read_bytes())
            print(f"seed {arguments.seed}: the worker ended with {worker.returncode}; its input is in {left}")
            return 1
    tried, accepted, refusals, slowest_s, wrong, peak = json.loads(worker.stdout.splitlines()[-1])
    names = ", ".join(f"{name} {count:,}" for name, count in sorted(refusals.items()))
    print(f"seed {arguments.seed}: {tried:,} inputs of kind {arguments.kind}, {accepted:,} accepted and used")
    print(f"refused: {names or 'none'}")
    print(f"slowest {slowest_s:.2f} s, peak memory {peak:,.0f} MB, {len(wrong)} violations")
    for line in wrong[:20]:
        print(f"  {line}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
