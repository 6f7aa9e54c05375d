"""Series: the numbers of every update so far, as the training plot wants them.

The window fills it from the run's log, so that no view has to know what training is.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.probes import Moment, Spectrum

Numbers = NDArray[np.floating[Any]] | NDArray[np.integer[Any]]


def _nothing() -> NDArray[np.float64]:
    return np.zeros(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Scalars of a run. N updates, M validations, R measurements of the spectral radius.

    Arrays are only ever appended to (the two tuples are not): a series whose first N entries differ from
    those of the one shown before belongs to another run. NaN where a number is not known. Views never write
    into them.
    """

    step: Numbers = field(default_factory=_nothing)  # (N,) updates, ascending
    loss: Numbers = field(default_factory=_nothing)  # (N,) nats per token
    grad_norm: Numbers = field(default_factory=_nothing)  # (N,) before clipping
    clip_factor: Numbers = field(default_factory=_nothing)  # (N,) 1 where nothing was clipped
    tokens_per_s: Numbers = field(default_factory=_nothing)  # (N,)
    accuracy: Numbers = field(default_factory=_nothing)  # (N,) 0..1, of a memory task's answers; NaN else
    valid_step: Numbers = field(default_factory=_nothing)  # (M,)
    valid_loss: Numbers = field(default_factory=_nothing)  # (M,) nats per token
    valid_accuracy: Numbers = field(default_factory=_nothing)  # (M,) 0..1
    radius_step: Numbers = field(default_factory=_nothing)  # (R,)
    radius: Numbers = field(default_factory=_nothing)  # (R,) of the named recurrent block
    guessing: float = float("nan")  # ln V, the loss of pure guessing
    chance: float = float("nan")  # right answers of pure guessing, 0..1; NaN unless it is a memory task
    unit: str = "nats per word"  # or "nats per character", "nats per answer"
    moments: tuple[Moment, ...] = ()  # how far back errors reached, rising by update; thinned, not appended
    spectra: tuple[Spectrum, ...] = ()  # where the eigenvalues were, rising by update; the same
    run: int = 0  # grows whenever a run starts over, so that old and new are never mixed
