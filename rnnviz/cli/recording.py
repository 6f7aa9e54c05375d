"""Training before a picture is drawn, in the main thread, with the numbers that the picture's curves need."""

import math
import time
from collections.abc import Callable, Sequence

from rnnviz.cli.errors import Stopped
from rnnviz.engine import Interrupted
from rnnviz.training import Experiment, ScalarLog, Validation

FOLLOWED = 60
"""Moments that are followed in a picture of the course of training."""


def record_training(
    experiment: Experiment,
    until: int,
    watch: Callable[[Sequence[float]], bool],
    stop: Callable[[], bool],
    *,
    timed: bool = True,
    follow: Callable[[], None] | None = None,
) -> tuple[ScalarLog, ...]:
    """Train up to `until` updates in all, validating at each epoch's end; one log a lane, as the window's.

    `follow` is called at the start and after so many updates that it is called about FOLLOWED times in all.

    `watch` is called with the losses of each update, one a lane; True ends the training there. Without
    `timed` no speed is recorded, so that the picture is the same each time. Raises Stopped and Diverged.
    """
    logs = tuple(ScalarLog() for _ in experiment.lanes)
    every = max((until - experiment.step) // FOLLOWED, 1)
    try:
        while experiment.step < until:
            if follow is not None and experiment.step % every == 0:
                follow()
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
