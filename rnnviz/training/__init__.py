"""The loop and what it leaves behind: settings, lanes, the training thread, frames and checkpoints."""

from importlib import import_module
from typing import TYPE_CHECKING

from rnnviz.training import checkpoint
from rnnviz.training.apart import ApartTrainer, Reserve
from rnnviz.training.asking import trace_request
from rnnviz.training.checkpoint import Checkpoint, RunCopy, copy_of
from rnnviz.training.commands import (
    ChangeSetting,
    Close,
    Command,
    Intervene,
    Keep,
    Lift,
    OneUpdate,
    Pause,
    RecordUpdate,
    Save,
    StartOver,
    Train,
    UndoIntervention,
    UseWorkers,
    Validate,
    WriteOn,
)
from rnnviz.training.course import Course
from rnnviz.training.dial import Dial, NewestNumbers
from rnnviz.training.errors import (
    CheckpointError,
    Diverged,
    DoesNotFit,
    HelpersFailed,
    NotACheckpoint,
    NotConfirmed,
    TextNotHere,
    TrainingError,
    WorkerGone,
    WrongCheckpoint,
)
from rnnviz.training.events import (
    EpochDone,
    Event,
    Failed,
    Intervened,
    InterventionRefused,
    Saved,
    SaveFailed,
    SettingChanged,
    SettingRefused,
    SnapshotKept,
    State,
    StateChanged,
    Updated,
    UpdateRecorded,
    Validated,
    Written,
)
from rnnviz.training.experiment import Experiment, Window
from rnnviz.training.frame import Frame, LaneFailure, LaneProgress, Progress, Update, Validation
from rnnviz.training.history import History
from rnnviz.training.interventions import (
    Held,
    HoldGate,
    HoldSlope,
    Intervention,
    InterventionError,
    ScaleRecurrent,
    SetForgetBias,
    SilenceUnit,
    WeightChange,
)
from rnnviz.training.lane import Lane
from rnnviz.training.loading import Job, corpus_of, message_for_people, prepare, rebuild
from rnnviz.training.machine_memory import check_text
from rnnviz.training.mailbox import Mailbox
from rnnviz.training.race import (
    CLASSIC_FOUR,
    MATCHES,
    Match,
    classic_four,
    lane_titles,
    matched,
    parameter_counts,
)
from rnnviz.training.resuming import TextSource, is_checkpoint, resume
from rnnviz.training.scalar_log import ScalarLog
from rnnviz.training.settings import (
    MOST_LANES,
    SETTINGS,
    ExperimentSettings,
    LaneSettings,
    RunSettings,
    Setting,
    SettingError,
)
from rnnviz.training.task_settings import SUITED, fitting, suited
from rnnviz.training.trainer import Trainer
from rnnviz.training.workers import MOST_WORKERS, WORKERS

if TYPE_CHECKING:  # loaded when they are first asked for, see below
    from rnnviz.training.background import Background, Ended, Finished, Tell, Told, usual_processes
    from rnnviz.training.memory_experiment import (
        COMPARED,
        SOLVED,
        USUAL,
        USUAL_FORGET_BIAS,
        CellChoice,
        MemoryPlan,
        MemoryResult,
        MemoryRun,
        Summary,
        cells_to_compare,
        run_memory_experiment,
        summary,
        train_memory_run,
    )
    from rnnviz.training.memory_findings import EXPECTED, Finding, findings, matched_words
    from rnnviz.training.memory_in_processes import Standing, run_with_workers, train_in_background
    from rnnviz.training.memory_table import COLUMNS, read_table, table_row, table_text
    from rnnviz.training.repeats import (
        RepeatPlan,
        RepeatResult,
        RepeatRun,
        repeat_lane,
        repeats_text,
        seeds_from,
    )

__all__ = [
    "CLASSIC_FOUR",
    "COLUMNS",
    "COMPARED",
    "EXPECTED",
    "MATCHES",
    "MOST_LANES",
    "MOST_WORKERS",
    "SETTINGS",
    "SOLVED",
    "SUITED",
    "USUAL",
    "USUAL_FORGET_BIAS",
    "WORKERS",
    "ApartTrainer",
    "Background",
    "CellChoice",
    "ChangeSetting",
    "Checkpoint",
    "CheckpointError",
    "Close",
    "Command",
    "Course",
    "Dial",
    "Diverged",
    "DoesNotFit",
    "Ended",
    "EpochDone",
    "Event",
    "Experiment",
    "ExperimentSettings",
    "Failed",
    "Finding",
    "Finished",
    "Frame",
    "Held",
    "HelpersFailed",
    "History",
    "HoldGate",
    "HoldSlope",
    "Intervene",
    "Intervened",
    "Intervention",
    "InterventionError",
    "InterventionRefused",
    "Job",
    "Keep",
    "Lane",
    "LaneFailure",
    "LaneProgress",
    "LaneSettings",
    "Lift",
    "Mailbox",
    "Match",
    "MemoryPlan",
    "MemoryResult",
    "MemoryRun",
    "NewestNumbers",
    "NotACheckpoint",
    "NotConfirmed",
    "OneUpdate",
    "Pause",
    "Progress",
    "RecordUpdate",
    "RepeatPlan",
    "RepeatResult",
    "RepeatRun",
    "Reserve",
    "RunCopy",
    "RunSettings",
    "Save",
    "SaveFailed",
    "Saved",
    "ScalarLog",
    "ScaleRecurrent",
    "SetForgetBias",
    "Setting",
    "SettingChanged",
    "SettingError",
    "SettingRefused",
    "SilenceUnit",
    "SnapshotKept",
    "Standing",
    "StartOver",
    "State",
    "StateChanged",
    "Summary",
    "Tell",
    "TextNotHere",
    "TextSource",
    "Told",
    "Train",
    "Trainer",
    "TrainingError",
    "UndoIntervention",
    "Update",
    "UpdateRecorded",
    "Updated",
    "UseWorkers",
    "Validate",
    "Validated",
    "Validation",
    "WeightChange",
    "Window",
    "WorkerGone",
    "WriteOn",
    "Written",
    "WrongCheckpoint",
    "cells_to_compare",
    "check_text",
    "checkpoint",
    "classic_four",
    "copy_of",
    "corpus_of",
    "findings",
    "fitting",
    "is_checkpoint",
    "lane_titles",
    "matched",
    "matched_words",
    "message_for_people",
    "parameter_counts",
    "prepare",
    "read_table",
    "rebuild",
    "repeat_lane",
    "repeats_text",
    "resume",
    "run_memory_experiment",
    "run_with_workers",
    "seeds_from",
    "suited",
    "summary",
    "table_row",
    "table_text",
    "trace_request",
    "train_in_background",
    "train_memory_run",
    "usual_processes",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    _LATER = (
        "background",
        "memory_experiment",
        "memory_findings",
        "memory_in_processes",
        "memory_table",
        "repeats",
    )
    """What only experiments and repeats need, 5 % of all that the first window would load."""

    def __getattr__(name):
        """A name of the modules above, which are loaded when one is asked for (PEP 562)."""
        for module in _LATER if name in __all__ else ():
            found = import_module(f"{__name__}.{module}")
            if hasattr(found, name):
                globals()[name] = getattr(found, name)
                return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
