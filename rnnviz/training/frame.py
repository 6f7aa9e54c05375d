"""What the training thread hands over: results, numbers and frames. All of it is immutable."""

import math
from dataclasses import dataclass

from rnnviz.probes import Trace
from rnnviz.training.interventions import Held


@dataclass(frozen=True, slots=True)
class Update:
    """One parameter update of one lane."""

    step: int  # updates done, this one included
    loss: float  # mean cross-entropy of the window before the update, nats per token
    grad_norm: float  # global norm of the gradient before clipping
    clip_factor: float  # what clipping multiplied the gradient by; 1 where it did not act
    tokens: int  # T * B; 0 where it was forgotten
    lane: int = 0
    accuracy: float = math.nan  # share of right answers in the window, before the update; of a memory task


@dataclass(frozen=True, slots=True)
class Validation:
    """One pass over the validation part with the parameters of one moment."""

    step: int  # updates done
    loss: float  # mean cross-entropy, nats per token; NaN where no token was held back
    accuracy: float  # share whose likeliest guess was right, of a memory task's answers if it is one; or NaN
    tokens: int  # how many the loss is the mean of
    lane: int = 0
    change: int = 0  # interventions made, lifted and taken back before it

    @property
    def perplexity(self) -> float:
        """exp(loss)."""
        return math.exp(self.loss) if self.loss < 700 else math.inf if self.loss >= 700 else math.nan


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the run is and how it goes, for the status line. NaN: nothing known yet."""

    step: int
    epoch: int  # finished epochs
    share_of_epoch: float  # 0 to 1, of the epoch under way
    loss: float  # of the last update, nats per token
    grad_norm: float
    clip_factor: float
    tokens_per_s: float  # of training alone
    valid_loss: float  # of the last validation
    valid_accuracy: float
    traces_per_s: float
    trace_share: float  # share of the time that went into traces, 0 to 1


@dataclass(frozen=True, slots=True)
class LaneFailure:
    """Why one lane of a race no longer learns, while the others go on."""

    step: int  # updates that it has done; its last good network
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class LaneProgress:
    """How one lane goes. NaN: nothing known yet."""

    title: str  # "tanh RNN"
    parameters: int
    loss: float  # of its last update, nats per token
    valid_loss: float  # of its last validation
    valid_accuracy: float
    failure: LaneFailure | None = None
    held: tuple[Held, ...] = ()  # what was held in it then
    clip_factor: float = math.nan  # of its last update


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment of the run: a trace of the watched passage for each lane, and the numbers beside it."""

    step: int
    generation: int  # of the request that it answers
    traces: tuple[Trace, ...]
    progress: Progress  # of the first lane that learns, and of the run
    lanes: tuple[LaneProgress, ...] = ()  # one a trace
    change: int = 0  # interventions made, lifted and taken back so far; it only grows
    run: int = 0  # how often the run has been started over
