"""Where the time of one update goes: the program's own functions, each with a clock around it."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from rnnviz.engine import gradient_norm
from rnnviz.training import Experiment
from rnnviz.training import lane as lane_module

PHASES = (
    "input, forward",
    "steps, forward",
    "readout, forward",
    "readout, back",
    "steps, back",
    "recurrent gradients",
    "input, back",
    "clip",
    "optimizer",
    "the rest",
)


def phases_of(experiment: Experiment, updates: int) -> dict[str, float]:
    """Seconds of each phase, medians over some updates; the clocks are in them, some 0.2 microseconds each.

    The experiment is of no further use: its functions keep their clocks.
    """
    lane, spent = experiment.lanes[0], dict.fromkeys(PHASES, 0.0)
    model, workspace = lane.model, lane._workspace
    inside: list[float] = []  # of the phases within the one under way

    def clock(owner: Any, name: str, phase: str) -> None:
        function: Callable[..., Any] = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            inside.append(0.0)
            began = time.perf_counter()
            result = function(*args, **kwargs)
            took = time.perf_counter() - began
            spent[phase] += took - inside.pop()
            if inside:
                inside[-1] += took
            return result

        setattr(owner, name, timed)

    clock(workspace.input, "forward", "input, forward")
    clock(workspace.input, "backward", "input, back")
    clock(workspace.readout, "forward", "readout, forward")
    clock(workspace.readout, "backward", "readout, back")
    clock(model, "_weight_gradients", "recurrent gradients")
    for cell in model.cells:
        clock(cell, "forward", "steps, forward")
        clock(cell, "backward", "steps, back")
    clock(lane.optimizer, "step", "optimizer")
    clock(lane_module, "gradient_norm", "clip")
    clock(experiment, "update", "the rest")
    try:
        experiment.update()
        found = []
        for _ in range(updates):
            spent.update(dict.fromkeys(PHASES, 0.0))
            experiment.update()
            found.append(tuple(spent.values()))
    finally:
        vars(lane_module)["gradient_norm"] = gradient_norm
    return dict(zip(PHASES, map(statistics.median, zip(*found, strict=True)), strict=True))
