"""Every exception of the training thread as an event for people."""

import traceback

from rnnviz.training.errors import Diverged, HelpersFailed, TrainingError
from rnnviz.training.events import Failed


def failure_of(error: Exception, step: int) -> Failed:
    """What to tell of an exception after `step` updates."""
    if isinstance(error, (Diverged, HelpersFailed)):
        return Failed(step, error.cause, error.remedy)
    if isinstance(error, TrainingError):
        return Failed(step, str(error), "")
    if isinstance(error, MemoryError):
        return Failed(
            step,
            "There is not enough free memory to go on.",
            "Close other programs, or choose fewer units, a smaller vocabulary or batch or a shorter window.",
        )
    return Failed(
        step,
        f"Training stopped because of a fault in the program ({type(error).__name__}: {error}).",
        "Start over; if it happens again, please report it.",
        "".join(traceback.format_exception(error)),
    )
