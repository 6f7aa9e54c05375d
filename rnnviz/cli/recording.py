"""Training before a picture is drawn, in the main thread, with the numbers that the picture's curves need."""

import math
import time
from collections.abc import Callable, Sequence

from rnnviz.cli.errors import Stopped
from rnnviz.engine import Interrupted
from rnnviz.training import Experiment, ScalarLog, Validation


def record_training(
    experiment: Experiment,
    until: int,
    watch: Callable[[Sequence[float]], bool],
    stop: Callable[[], bool],
    *,
    timed: bool = True,
) -> tuple[ScalarLog, ...]:
    """Train up to `until` updates in all, validating at each epoch's end; one log a lane, as the window's.

    `watch` is called with the losses of each update, one a lane; True ends the training there. Without
    `timed` no speed is recorded, so that the picture is the same each time. Raises Stopped and Diverged.
    """
    logs = tuple(ScalarLog() for _ in experiment.lanes)
    try:
        while experiment.step < until:
            began = time.perf_counter()
            updates = experiment.update(stop)
            seconds = time.perf_counter() - began
            for update in updates:
                logs[update.lane].append(update, update.tokens / seconds if timed else math.nan)
            if experiment.epoch_done:
                for validation in _validate(experiment, stop):
                    logs[validation.lane].append_validation(validation)
            if watch([update.loss for update in updates]):
                break
    except Interrupted:
        raise Stopped("interrupted; no picture was drawn.") from None
    return logs


def _validate(experiment: Experiment, stop: Callable[[], bool]) -> list[Validation]:
    results = []
    for outcome in experiment.validation(stop):
        if stop():
            raise Interrupted
        if outcome is not None:
            results.append(outcome)
    return results
