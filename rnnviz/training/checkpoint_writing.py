"""Writing checkpoints: a copy of a run, as tensors and metadata in one file (see `checkpoint`)."""

import dataclasses
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnviz.training.events import Saved, SaveFailed
from rnnviz.training.experiment import Experiment
from rnnviz.training.fingerprint import Fingerprint
from rnnviz.training.interventions import as_dict
from rnnviz.training.loading import message_for_people
from rnnviz.training.settings import RunSettings
from rnnviz.training.snapshot import Snapshot
from rnnviz.training.tensor_file import Tensors, write_tensors

FORMAT = "rnnviz-checkpoint-1"
OPTIMIZER, STATE, VECTORS = "optimizer/", "state/", "vectors/"


@dataclass(frozen=True, slots=True)
class RunCopy:
    """A run in one moment, to be written by any thread while the run itself goes on."""

    experiment: Experiment  # only for what never changes: its corpus and the fingerprint of that
    settings: RunSettings
    snapshot: Snapshot

    @property
    def n_bytes(self) -> int:
        """About the size of its file."""
        lanes = self.snapshot.lanes
        groups = (group for lane in lanes for group in (lane.parameters, lane.optimizer, lane.state))
        return sum(array.nbytes for group in groups for array in group.values())


def copy_of(experiment: Experiment) -> RunCopy:
    """The run as it is now, between two updates."""
    return RunCopy(experiment, experiment.settings, experiment.snapshot())


def save(experiment: Experiment, path: Path) -> None:
    """Write a checkpoint, whole or not at all. Raises CheckpointError."""
    write(copy_of(experiment), path)


def save_and_tell(experiment: Experiment, path: Path) -> Saved | SaveFailed:
    """The same as an event: whatever goes wrong, it is no reason to stop training."""
    try:
        save(experiment, path)
    except Exception as error:
        return SaveFailed(path, message_for_people(error))
    return Saved(path, experiment.step)


def write(copy: RunCopy, path: Path) -> None:
    """The same of a copy. Raises CheckpointError."""
    snapshot, settings = copy.snapshot, copy.settings
    tensors: Tensors = {}
    for number, lane in enumerate(snapshot.lanes):
        folder = folder_of(number, settings)
        tensors.update({folder + name: array for name, array in lane.parameters.items()})
        tensors.update({folder + OPTIMIZER + name: array for name, array in lane.optimizer.items()})
        tensors.update({folder + STATE + name: array for name, array in lane.state.items()})
        if lane.vectors is not None:
            tensors[folder + VECTORS + "found"] = lane.vectors.found
            tensors[folder + VECTORS + "rows"] = lane.vectors.rows[lane.vectors.found > 0]
    metadata = {
        "format": FORMAT,
        "settings": _json(settings.without_folders().as_dict()),
        "vocabulary": _json(copy.experiment.corpus.vocabulary.tokens),
        "progress": _json(_progress(snapshot, copy.experiment.fingerprint)),
    }
    write_tensors(Path(path), tensors, metadata)


def folder_of(lane: int, settings: RunSettings) -> str:
    """Where the tensors of a lane stand: a run of one lane needs no folder."""
    return f"lane/{lane}/" if settings.is_race else ""


def _progress(snapshot: Snapshot, text: Fingerprint) -> dict[str, Any]:
    dropped = {
        str(number): dataclasses.asdict(lane.failure)
        for number, lane in enumerate(snapshot.lanes)
        if lane.failure is not None
    }
    held = {
        str(number): [as_dict(one) for one in lane.held]
        for number, lane in enumerate(snapshot.lanes)
        if lane.held
    }
    return {
        **({"dropped": dropped} if dropped else {}),
        **({"held": held} if held else {}),
        "step": snapshot.step,
        "epoch": snapshot.epoch,
        "position": snapshot.position,
        "random": {
            "resets": dict(snapshot.resets),
            "dropout": [dict(lane.dropout) for lane in snapshot.lanes],
        },
        "losses": [
            {
                "sum": lane.loss_sum,
                "count": lane.n_losses,
                "last_epoch": None if math.isnan(lane.last_epoch_loss) else lane.last_epoch_loss,
            }
            for lane in snapshot.lanes
        ],
        "text": text.as_dict(),
    }


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
