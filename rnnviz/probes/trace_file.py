"""A trace on disk: an `.npz` with its fields, and the numbers that views show of them, by name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.probes.derived import derived_numbers
from rnnviz.probes.trace import Trace


def save_trace(trace: Trace, path: Path) -> int:
    """Write every field that is filled and every derived number under its name; how many. Raises OSError."""
    arrays: Mapping[str, Any] = trace.arrays() | derived_numbers(trace)  # Any: savez has a flag among names
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)
    return len(arrays)
