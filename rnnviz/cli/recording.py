"""Training before a picture is drawn, in the main thread, with the numbers that the picture's curves need."""

import math
import time
from collections.abc import Callable

from rnnviz.cli.errors import Stopped
from rnnviz.engine import Interrupted
from rnnviz.training import Experiment, ScalarLog, Validation


def record_training(
    experiment: Experiment,
    until: int,
    watch: Callable[[float], bool],
    stop: Callable[[], bool],
    *,
    timed: bool = True,
) -> ScalarLog:
    """Train up to `until` updates in all, validating at each epoch's end; the log is as the window keeps it.

    `watch` is called with the loss of each update; True ends the training there. Without `timed` no speed is
    recorded, so that the picture is the same each time. Raises Stopped and Diverged.
    """
    log = ScalarLog()
    try:
        while experiment.step < until:
            began = time.perf_counter()
            update = experiment.update(stop)[0]
            seconds = time.perf_counter() - began
            log.append(update, update.tokens / seconds if timed else math.nan)
            if experiment.epoch_done:
                log.append_validation(_validate(experiment, stop))
            if watch(update.loss):
                break
    except Interrupted:
        raise Stopped("interrupted; no picture was drawn.") from None
    return log


def _validate(experiment: Experiment, stop: Callable[[], bool]) -> Validation:
    for outcome in experiment.validation(stop):
        if stop():
            raise Interrupted
        if outcome is not None:
            return outcome
    raise AssertionError("a validation always ends with its result")
