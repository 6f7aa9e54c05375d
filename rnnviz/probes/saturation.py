"""Saturation: the share of time that each unit's gates, or its activation, stand at an end of their range.

After Karpathy, Johnson and Fei-Fei 2016. A gate (or a sigmoid) above 0.9 is as good as open, below 0.1 as
good as shut; what goes through tanh is counted at 0.9 and at -0.9, where its slope is below a fifth. A relu
has one end only: below 0.1 it lets next to nothing through, above 0.9 it is just large.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine import LanguageModel, Workspace

Doubles = NDArray[np.float64]
HIGH, LOW = 0.9, 0.1
ACTIVATION = "h"  # the name under which a cell without gates is counted


def saturation(model: LanguageModel, ws: Workspace) -> tuple[Mapping[str, Doubles], Mapping[str, Doubles]]:
    """Shares of the steps that `ws` (B sequences) has read: name of the gate -> (L, H), high and low.

    For the plain RNN and feedforward the one name is "h".
    """
    high: dict[str, list[Doubles]] = {}
    low: dict[str, list[Doubles]] = {}
    for cell, run in zip(model.cells, ws.runs, strict=True):
        values = cell.gates(run, ws.length) or {ACTIVATION: run.state[0, 1 : ws.length + 1]}
        for name, value in values.items():
            squashed = cell.activation.name == "tanh" if name == ACTIVATION else name in cell.tanh_gates
            floor = -HIGH if squashed else LOW
            high.setdefault(name, []).append(np.mean(value > HIGH, axis=(0, 1)))
            low.setdefault(name, []).append(np.mean(value < floor, axis=(0, 1)))
    return ({name: np.stack(rows) for name, rows in high.items()},
            {name: np.stack(rows) for name, rows in low.items()})  # fmt: skip
