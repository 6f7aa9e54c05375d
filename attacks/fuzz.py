"""Feed the program what no honest program writes, and see that it says no, by name, soon, in bounded memory.

    python -m attacks.fuzz --kind text|checkpoint|trace|vectors [--n 10000] [--seed 0] [--guided]
    python -m attacks.fuzz --kind settings [--n 2000] [--seed 0]

Inputs are mutations of valid files and plain noise. Each is opened as the program opens it, and used when
it is accepted. A worker process has 4 GB of address space and 10 s of a processor for each input, and one
that takes a minute by the clock hangs; warnings are errors. The input that is being tried stands in a file,
so that one that kills the worker can be looked at. Of settings it goes on until n have been trained.
`--guided` prefers what comes to new places of the readers (`attacks/guided.py`; needs atheris).
"""

import argparse
import collections
import faulthandler
import json
import random
import re
import resource  # not on Windows, where this attack does not run
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

KINDS = ("text", "checkpoint", "trace", "vectors", "settings")
MEMORY_BYTES = 4 << 30
LONGEST_S = 10
HANGS_S = 60
"""An input that takes this long would take for ever, on the busiest machine too."""

FOUND = "findings.json"
CRASH = "fuzz-crash"


@dataclass(slots=True)
class Findings:
    """What the inputs came to."""

    tried: int = 0
    outcomes: collections.Counter[str] = field(default_factory=collections.Counter)  # of those accepted
    refusals: collections.Counter[str] = field(default_factory=collections.Counter)  # by the error's name
    slowest_s: float = 0.0  # by the clock, which runs on while others have the processors
    most_work_s: float = 0.0  # of a processor
    peak_mb: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def try_one(self, attack: Callable[[], str], refused: tuple[type[Exception], ...]) -> None:
        """One more input: it is used, or refused by name, soon; or that is noted."""
        number, began, worked = self.tried, time.perf_counter(), time.process_time()
        faulthandler.dump_traceback_later(HANGS_S, exit=True)
        try:
            self.outcomes[attack()] += 1
        except refused as error:
            self.refusals[type(error).__name__] += 1
            if not str(error).strip() or str(error).rstrip()[-1] not in ".!?)":
                self.wrong.append(f"input {number}: the refusal is no sentence: {error!r}")
        except BaseException as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.wrong.append(
                f"input {number}: {type(error).__name__}: {str(error)[:200]} "
                f"({Path(where.filename).name}:{where.lineno})"
            )
        finally:
            faulthandler.cancel_dump_traceback_later()
        took, worked = time.perf_counter() - began, time.process_time() - worked
        self.tried, self.slowest_s = number + 1, max(self.slowest_s, took)
        self.most_work_s = max(self.most_work_s, worked)
        if worked > LONGEST_S:
            self.wrong.append(f"input {number}: took {worked:.1f} s")

    def leave(self, folder: Path) -> None:
        """Write what has been found so far, for the process that started this one."""
        self.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        (folder / FOUND).write_text(json.dumps({one.name: getattr(self, one.name) for one in fields(self)}))


def fuzz(kind: str, n: int, seed: int, folder: Path) -> Findings:
    """Try so many inputs of a kind in this process; of settings, until so many have been trained."""
    from attacks.victims import TRAINED, VICTIMS  # the program is loaded by the worker alone

    chance, findings = random.Random(f"{kind} {seed}"), Findings()
    victim = VICTIMS[kind](folder)
    while (findings.outcomes[TRAINED] if kind == "settings" else findings.tried) < n:
        findings.try_one(lambda: victim.attack(chance), victim.refusals)
    return findings


def bound() -> None:
    """From here on warnings are errors, and this process has no more memory than it may need."""
    warnings.simplefilter("error")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _work(kind: str, n: int, seed: int, folder: Path) -> None:
    """The worker: bounded, then `fuzz`."""
    import rnnviz.one_blas_thread  # noqa: F401  # as the program does
    from attacks import victims  # noqa: F401  # before the limits, which are for what comes after

    bound()
    fuzz(kind, n, seed, folder).leave(folder)


def main() -> int:
    """Start the worker and print its counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--kind", choices=KINDS, required=True)
    parser.add_argument("--n", type=int, help="inputs, 10,000; settings that are trained, 2,000")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--guided", action="store_true", help="by coverage")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    kind, seed = arguments.kind, arguments.seed
    n = arguments.n or (2_000 if kind == "settings" else 10_000)
    if arguments.worker is not None:
        _work(kind, n, seed, arguments.worker)
        return 0
    if arguments.guided and kind == "settings":
        parser.error("settings are no file that could be guided")
    if arguments.guided and find_spec("atheris") is None:
        parser.error("--guided needs atheris: python -m pip install atheris")
    worker = ["attacks.guided" if arguments.guided else "attacks.fuzz", "--kind", kind]
    with TemporaryDirectory() as folder:
        ended = subprocess.run(
            [sys.executable, "-m", *worker, "--n", str(n), "--seed", str(seed), "--worker", folder],
            capture_output=True, text=True,
        )  # fmt: skip
        found = Path(folder) / FOUND
        if ended.returncode or not found.exists():
            print(ended.stderr[-4000:], file=sys.stderr)
            print(f"seed {seed}: the worker ended with {ended.returncode}")
            if (tried := Path(folder) / "input").exists():
                Path(CRASH).write_bytes(tried.read_bytes())
                print(f"the input that it tried is in {CRASH}")
            return 1
        findings = Findings(**json.loads(found.read_text()))
    if arguments.guided:
        print(coverage(ended.stderr))
    return report(findings, kind, seed)


def coverage(told: str) -> str:
    """What libFuzzer tells at the beginning and at the end of how far inputs have come."""
    found = re.findall(r"^#(\d+)\s+(INITED|DONE)\s+cov: (\d+) ft: (\d+) corp: (\d+)/", told, re.MULTILINE)
    words = {"INITED": "valid files", "DONE": "inputs"}
    return "\n".join(
        f"{int(count):,} {words[what]}: {int(branches):,} branches reached, in {int(features):,} ways; "
        f"{int(corpus):,} inputs kept"
        for count, what, branches, features, corpus in found
    )


def report(findings: Findings, kind: str, seed: int) -> int:
    """Print the counts; the exit status."""
    names = ", ".join(f"{name} {count:,}" for name, count in sorted(findings.refusals.items()))
    outcomes = ", ".join(f"{name} {count:,}" for name, count in sorted(findings.outcomes.items()))
    print(f"seed {seed}: {findings.tried:,} inputs of kind {kind}")
    print(f"accepted: {outcomes or 'none'}")
    print(f"refused: {names or 'none'}")
    print(
        f"slowest {findings.most_work_s:.2f} s ({findings.slowest_s:.2f} by the clock), "
        f"peak memory {findings.peak_mb:,.0f} MB, {len(findings.wrong)} violations"
    )
    for line in findings.wrong[:20]:
        print(f"  {line}")
    return int(bool(findings.wrong))


if __name__ == "__main__":
    sys.exit(main())
