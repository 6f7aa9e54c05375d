"""What the training thread tells: events go into one queue, which its owner drains."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rnnviz.probes import UpdateRecord
from rnnviz.training.frame import Update, Validation
from rnnviz.training.interventions import Held
from rnnviz.training.settings import RunSettings
from rnnviz.training.snapshot import Snapshot

State = Literal["ready", "running", "paused", "failed", "closed"]
"""ready (update 0, nothing done) -> running <-> paused; failed until something changes; closed for good."""


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The trainer is in another state."""

    state: State


@dataclass(frozen=True, slots=True)
class Updated:
    """The update that was asked for by `OneUpdate` is done; one result a lane."""

    updates: tuple[Update, ...]


@dataclass(frozen=True, slots=True)
class EpochDone:
    """All windows of the training part have been read once more."""

    epoch: int  # finished epochs, this one included
    step: int
    train_loss: float  # mean over the epoch's windows, each before its update, nats per token
    validation: Validation
    lane: int = 0


@dataclass(frozen=True, slots=True)
class Validated:
    """A validation on demand is done."""

    validation: Validation


@dataclass(frozen=True, slots=True)
class Failed:
    """Training stopped by itself, or was refused for the same reason as before.

    With a lane: that lane of a race has dropped out, and the others go on.
    """

    step: int  # updates done; what stands on show is the network after this one
    message: str  # what happened
    remedy: str  # what to try
    detail: str = ""  # the traceback of a fault in the program, for a report; "" where it is none
    lane: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What the network wrote on: ids of the new tokens."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class UpdateRecorded:
    """The update for slow motion has been made."""

    record: UpdateRecord
    updates: tuple[Update, ...]  # one a lane that learns
    lane: int = 0  # of the record


@dataclass(frozen=True, slots=True)
class Saved:
    """The checkpoint is on disk, whole."""

    path: Path
    step: int = 0  # the updates in it


@dataclass(frozen=True, slots=True)
class SaveFailed:
    """No checkpoint was written; a file that stood there before is as it was."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """A setting has another value from the next update on, in one lane or (None) in all."""

    name: str
    value: Any
    lane: int | None = None


@dataclass(frozen=True, slots=True)
class SettingRefused:
    """A setting stays as it was; the message says what it may be."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Intervened:
    """What is held is another set, or weights were changed, or such a thing was taken back.

    Told after each of those commands that was obeyed, and unasked when the run was started over or went back.
    """

    active: tuple[tuple[Held, ...], ...]  # what is held, one tuple a lane
    undo: str  # what `UndoIntervention` would take back, in words; "" for nothing
    step: int  # updates done; less than before where the run went back
    change: int = 0  # as in the frames that follow
    note: str = ""  # where the run went back: that it did, in a sentence
    asked: bool = True  # it answers a command


@dataclass(frozen=True, slots=True)
class InterventionRefused:
    """Nothing was changed; what is wrong, and what to do."""

    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class SnapshotKept:
    """All that is needed to go on from here, in another process or after this one's end."""

    snapshot: Snapshot
    settings: RunSettings  # learning rate and clip norm may have changed


Event = (
    StateChanged
    | Updated
    | EpochDone
    | Validated
    | Failed
    | Written
    | UpdateRecorded
    | Saved
    | SaveFailed
    | SettingChanged
    | SettingRefused
    | Intervened
    | InterventionRefused
    | SnapshotKept
)
