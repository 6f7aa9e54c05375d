"""The loop and what it leaves behind: settings, lanes, the training thread, frames and checkpoints."""

from rnnviz.training import checkpoint
from rnnviz.training.checkpoint import Checkpoint
from rnnviz.training.commands import (
    ChangeSetting,
    Close,
    Command,
    OneUpdate,
    Pause,
    RecordUpdate,
    Save,
    StartOver,
    Train,
    Validate,
    WriteOn,
)
from rnnviz.training.errors import (
    CheckpointError,
    Diverged,
    DoesNotFit,
    NotACheckpoint,
    TrainingError,
    WrongCheckpoint,
)
from rnnviz.training.events import (
    EpochDone,
    Event,
    Failed,
    Saved,
    SaveFailed,
    SettingChanged,
    SettingRefused,
    State,
    StateChanged,
    Updated,
    UpdateRecorded,
    Validated,
    Written,
)
from rnnviz.training.experiment import Experiment, Window
from rnnviz.training.frame import Frame, Progress, Update, Validation
from rnnviz.training.history import History
from rnnviz.training.lane import Lane
from rnnviz.training.loading import Job, corpus_of, message_for_people, prepare, rebuild
from rnnviz.training.mailbox import Mailbox
from rnnviz.training.memory_experiment import (
    CellChoice,
    MemoryPlan,
    MemoryResult,
    run_memory_experiment,
    summary,
)
from rnnviz.training.scalar_log import ScalarLog
from rnnviz.training.settings import (
    PLANNED_OPTIONS,
    SETTINGS,
    ExperimentSettings,
    LaneSettings,
    RunSettings,
    Setting,
    SettingError,
)
from rnnviz.training.trainer import Trainer

__all__ = [
    "PLANNED_OPTIONS",
    "SETTINGS",
    "CellChoice",
    "ChangeSetting",
    "Checkpoint",
    "CheckpointError",
    "Close",
    "Command",
    "Diverged",
    "DoesNotFit",
    "EpochDone",
    "Event",
    "Experiment",
    "ExperimentSettings",
    "Failed",
    "Frame",
    "History",
    "Job",
    "Lane",
    "LaneSettings",
    "Mailbox",
    "MemoryPlan",
    "MemoryResult",
    "NotACheckpoint",
    "OneUpdate",
    "Pause",
    "Progress",
    "RecordUpdate",
    "RunSettings",
    "Save",
    "SaveFailed",
    "Saved",
    "ScalarLog",
    "Setting",
    "SettingChanged",
    "SettingError",
    "SettingRefused",
    "StartOver",
    "State",
    "StateChanged",
    "Train",
    "Trainer",
    "TrainingError",
    "Update",
    "UpdateRecorded",
    "Updated",
    "Validate",
    "Validated",
    "Validation",
    "Window",
    "WriteOn",
    "Written",
    "WrongCheckpoint",
    "checkpoint",
    "corpus_of",
    "message_for_people",
    "prepare",
    "rebuild",
    "run_memory_experiment",
    "summary",
]
