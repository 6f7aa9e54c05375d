"""A trace on disk: an `.npz` with its fields, and the numbers that views show of them, by name."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.probes.derived import derived_numbers
from rnnviz.probes.trace import Trace


def trace_arrays(trace: Trace) -> dict[str, NDArray[Any]]:
    """Every field that is filled and every derived number under its name."""
    return trace.arrays() | derived_numbers(trace)


def npz_of(arrays: Mapping[str, Any]) -> bytes:
    """Arrays by name as an `.npz`."""
    out = BytesIO()
    np.savez_compressed(out, **arrays)  # Any: savez has a flag among names
    return out.getvalue()
