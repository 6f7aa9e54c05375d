"""Where a benchmark runs: without the variables that slow one side down, and with a line that says where."""

import os
import platform
import sys
from pathlib import Path

SLOWS_OPENBLAS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Choose kernels and block sizes for another processor: they can halve the speed of NumPy's products."""


def without_brakes() -> None:
    """Begin this command again, once, without the variables above: OpenBLAS reads them as it is loaded."""
    if any(name in os.environ for name in SLOWS_OPENBLAS):
        environment = {name: value for name, value in os.environ.items() if name not in SLOWS_OPENBLAS}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)


def section(title: str, table: list[str]) -> str:
    """A section in Markdown around a table of plain lines."""
    return "\n".join([f"## {title}", "", machine() + ".", "", "```", *table, "```"])


def machine() -> str:
    """The processor, how many of them, and the versions of what computes."""
    import numpy as np  # late: `without_brakes` comes before OpenBLAS is loaded

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return (
        f"{_processor()}, {os.cpu_count()} cores; {platform.system()}, Python {platform.python_version()}, "
        f"NumPy {np.__version__} ({blas['name']} {blas['version']})"
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
