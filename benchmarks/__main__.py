"""All benchmarks, one after the other, each in a process of its own; writes docs/benchmarks.md.

python -m benchmarks [--quick] [--only NAME ...] [--out FILE]
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.environment import SLOWS_OPENBLAS

SECTIONS: dict[str, tuple[str, ...]] = {
    "training": ("benchmarks.training",),
    "tracing": ("benchmarks.tracing",),
    "start": ("benchmarks.start",),
    "files": ("benchmarks.files",),
    "workers": ("benchmarks.workers",),
    "window": ("benchmarks.window",),
}
"""Name -> module and arguments. A module prints its section in Markdown, from its `## ` heading on, and takes
`--quick`. A new benchmark is a module and a line here."""
DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `python -m benchmarks`. Every ratio is taken in one run, rival and program in turn, the median of
at least five; absolute speeds are this machine's. The commands unset {variables}, which choose NumPy's
kernels for another processor.
"""


def run(name: str, quick: bool) -> str:
    """One section; a line that says so where the module failed."""
    environment = {key: value for key, value in os.environ.items() if key not in SLOWS_OPENBLAS}
    command = [sys.executable, "-m", *SECTIONS[name], *(["--quick"] if quick else [])]
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)
    print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    if done.returncode:
        return f"## {name}\n\nFailed with status {done.returncode}: see what it wrote.\n"
    return done.stdout.strip() + "\n"


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="shorter measurements, with more noise")
    parser.add_argument(
        "--only", nargs="+", choices=sorted(SECTIONS), help="some of them; prints, writes nothing"
    )
    parser.add_argument("--out", type=Path, default=DOCUMENT)
    arguments = parser.parse_args()
    sections = [run(name, arguments.quick) for name in arguments.only or SECTIONS]
    if arguments.only:
        print("\n".join(sections))
        return 0
    variables = " and ".join(f"`{name}`" for name in SLOWS_OPENBLAS)
    arguments.out.write_text("\n".join([HEAD.format(variables=variables), *sections]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
