"""All benchmarks, one after the other, each in a process of its own; writes docs/benchmarks.md.

Each section stands between two marks in the document. With `--only` those sections are written anew and the
others stay as they are; a section that fails stays too, and the exit status is 1. What people write about a
section is in benchmarks/NAME_notes.md, which is put at its end.

    python -m benchmarks [--quick] [--only NAME ...] [--out FILE]
"""

import argparse
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environment import SLOWS_OPENBLAS


@dataclass(frozen=True)
class Section:
    """A module, which prints its section in Markdown from its `## ` heading on and takes `--quick`."""

    budget_s: int
    """What it takes on a quiet machine of two cores, at most; all together 20 minutes."""
    arguments: tuple[str, ...] = ()


SECTIONS: dict[str, Section] = {
    "training": Section(340),
    "workers": Section(240),
    "scale": Section(150),
    "tracing": Section(90),
    "start": Section(20),
    "files": Section(130),
    "window": Section(170, ("--seconds", "5", "--rounds", "2")),
}
"""A new benchmark is a module of this folder and a line here."""
DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `python -m benchmarks`, some sections by `python -m benchmarks --only NAME`. Every ratio is taken
in one run, rival and program in turn, the median of the rounds; absolute speeds are this machine's. The
commands unset {variables}, which choose NumPy's kernels for another processor.
"""


def run(name: str, quick: bool) -> str | None:
    """One section with its notes; None where the module failed, which has said why."""
    section = SECTIONS[name]
    environment = {key: value for key, value in os.environ.items() if key not in SLOWS_OPENBLAS}
    command = [
        sys.executable,
        "-m",
        f"benchmarks.{name}",
        *section.arguments,
        *(["--quick"] if quick else []),
    ]
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)
    print(f"{name}: {time.perf_counter() - began:.0f} s of {section.budget_s}", file=sys.stderr)
    if done.returncode:
        print(f"{name} failed with status {done.returncode}; its section stays as it was", file=sys.stderr)
        return None
    notes = Path(__file__).with_name(f"{name}_notes.md")
    written = f"\n\n{notes.read_text(encoding='utf-8').strip()}" if notes.exists() else ""
    return done.stdout.strip() + written


def marked(name: str, text: str) -> str:
    """A section between its marks, which Markdown does not show."""
    return f"<!-- {name} -->\n\n{text}\n\n<!-- end of {name} -->"


def put(document: str, name: str, text: str) -> str:
    """The document with one section written anew; one that it did not have comes last."""
    whole, old = marked(name, text), marked(re.escape(name), ".*?")
    if re.search(old, document, re.DOTALL):
        return re.sub(old, lambda _: whole, document, count=1, flags=re.DOTALL)
    return f"{document.rstrip()}\n\n{whole}\n"


def main() -> int:
    """Read the command line; the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="shorter measurements, with more noise")
    parser.add_argument("--only", nargs="+", choices=sorted(SECTIONS), help="some of them; the others stay")
    parser.add_argument("--out", type=Path, default=DOCUMENT)
    arguments = parser.parse_args()
    path: Path = arguments.out
    variables = " and ".join(f"`{name}`" for name in SLOWS_OPENBLAS)
    head = HEAD.format(variables=variables)
    document = path.read_text(encoding="utf-8") if path.exists() else head
    if not arguments.only:
        document = head + document[document.index("\n<!-- ") :] if "\n<!-- " in document else head
    failed = False
    for name in arguments.only or SECTIONS:
        text = run(name, arguments.quick)
        failed = failed or text is None
        if text is not None:
            document = put(document, name, text)
            path.write_text(document, encoding="utf-8")  # what is done is done, whatever comes next
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
