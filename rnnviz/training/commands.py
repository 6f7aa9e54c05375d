"""What the training thread can be told. Commands go into one queue and are taken in order."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnviz.training.interventions import Intervention


@dataclass(frozen=True, slots=True)
class Train:
    """Learn, until paused or until so many updates have been done in all."""

    until: int | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop learning; an update under way is dropped and made again later, to the same bits."""


@dataclass(frozen=True, slots=True)
class OneUpdate:
    """Make one update and pause. Answered by `Updated`."""


@dataclass(frozen=True, slots=True)
class StartOver:
    """Go back to update 0 and the same starting weights."""


@dataclass(frozen=True, slots=True)
class UseWorkers:
    """Let so many processes train from the next update on."""

    count: int


@dataclass(frozen=True, slots=True)
class ChangeSetting:
    """Change what may change while training: "lr" or "clip". Answered by SettingChanged or SettingRefused."""

    name: str
    value: Any
    lane: int | None = None  # of a race; None: every lane


@dataclass(frozen=True, slots=True)
class Intervene:
    """Change weights, or hold something from now on. Answered by Intervened or InterventionRefused."""

    intervention: Intervention
    lane: int | None = None  # of a race; None: every lane that can


@dataclass(frozen=True, slots=True)
class Lift:
    """End something held. Answered by Intervened or InterventionRefused."""

    intervention: Intervention
    lane: int | None = None  # None: wherever it is held


@dataclass(frozen=True, slots=True)
class UndoIntervention:
    """Take back the last `Intervene` or `Lift`. Answered by Intervened or InterventionRefused.

    Changed weights come back exactly: if updates were made since, the whole run goes back to before them.
    """


@dataclass(frozen=True, slots=True)
class Validate:
    """Measure the loss on the validation part now. Answered by `Validated`."""


@dataclass(frozen=True, slots=True)
class WriteOn:
    """Let a lane continue a passage by n tokens. Answered by `Written`."""

    ids: tuple[int, ...]
    n: int
    temperature: float  # 0 takes the likeliest token each time
    seed: int
    lane: int = 0


@dataclass(frozen=True, slots=True)
class RecordUpdate:
    """Make one update and keep what happened in it, for slow motion. Answered by `UpdateRecorded`."""

    lane: int = 0


@dataclass(frozen=True, slots=True)
class Save:
    """Write a checkpoint. Answered by `Saved` or `SaveFailed`."""

    path: Path


@dataclass(frozen=True, slots=True)
class Keep:
    """Take a snapshot of everything. Answered by `SnapshotKept`."""


@dataclass(frozen=True, slots=True)
class Close:
    """End the thread. A `Save` that was sent before is still written; longer work is dropped."""


Command = (
    Train
    | Pause
    | OneUpdate
    | StartOver
    | ChangeSetting
    | UseWorkers
    | Intervene
    | Lift
    | UndoIntervention
    | Validate
    | WriteOn
    | RecordUpdate
    | Save
    | Keep
    | Close
)
