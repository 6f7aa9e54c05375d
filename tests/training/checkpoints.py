"""Experiments after some updates, and their files."""

import json
import struct
from pathlib import Path
from typing import Any

from rnnviz.training import (
    Experiment,
    checkpoint,
)
from tests.training.runs import small_experiment

VARIED: dict[str, Any] = {"layers": 2, "reset": 0.4, "valid_fraction": 0.2}


def after(n_updates: int, **values: Any) -> Experiment:
    experiment = small_experiment(**(VARIED | values))
    for _ in range(n_updates):
        experiment.update()
    return experiment


def saved(path: Path, n_updates: int = 7, **values: Any) -> Path:
    checkpoint.save(after(n_updates, **values), path)
    return path


# -- malformed files ----------------------------------------------------------------------------------
def header_of(path: Path) -> dict[str, Any]:
    raw = path.read_bytes()
    header: dict[str, Any] = json.loads(raw[8 : 8 + struct.unpack("<Q", raw[:8])[0]])
    return header
