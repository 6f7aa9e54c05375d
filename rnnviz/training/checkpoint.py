"""Checkpoints: a run on disk, from which it goes on bit for bit, and from which the network can be asked.

Tensors: the parameters under PyTorch's names, `optimizer/...`, `state/...`; of a race each lane's under
`lane/0/...`, `lane/1/...`. Metadata: `format`, `settings`, `vocabulary`, `progress`. Nothing in the file
depends on the clock, a path or how often the run was resumed. A run that began from pretrained word vectors
keeps those of its vocabulary, `vectors/found` (V,) and `vectors/rows` (n, E), to be resumed and started over
without their file; of that the settings hold the name alone, without its folder.
"""

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine import OPTIMIZERS, LanguageModel, ModelSpec, Overrides, ParameterMismatch
from rnnviz.text import (
    UNKNOWN,
    Cancelled,
    Corpus,
    Progress,
    TextFile,
    Vocabulary,
    WordVectors,
    tokenizer_named,
)
from rnnviz.training.checkpoint_writing import (
    FORMAT,
    OPTIMIZER,
    STATE,
    VECTORS,
    RunCopy,
    copy_of,
    folder_of,
    save,
    write,
)
from rnnviz.training.errors import NotACheckpoint, WrongCheckpoint
from rnnviz.training.experiment import Experiment
from rnnviz.training.fingerprint import Fingerprint
from rnnviz.training.frame import LaneFailure
from rnnviz.training.holding import in_passage
from rnnviz.training.interventions import Held, held_from_dict
from rnnviz.training.lane import model_spec
from rnnviz.training.loading import corpus_of
from rnnviz.training.machine_memory import check_memory
from rnnviz.training.random_streams import START, random_stream
from rnnviz.training.settings import NEWER_SETTINGS, RunSettings, SettingError
from rnnviz.training.snapshot import LaneSnapshot, Snapshot
from rnnviz.training.tensor_file import ANOTHER, Tensors, read_metadata, read_tensors

__all__ = ["FORMAT", "Checkpoint", "RunCopy", "copy_of", "read", "save", "updates_in", "write"]

_METADATA = ("format", "settings", "vocabulary", "progress")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint that has been read and found whole."""

    name: str  # of its file, for people
    settings: RunSettings
    vocabulary: Vocabulary
    snapshot: Snapshot
    text: Fingerprint

    @property
    def step(self) -> int:
        """Updates done."""
        return self.snapshot.step

    @property
    def held(self) -> tuple[Held, ...]:
        """What is held in the network; of a race in the first one."""
        return self.snapshot.lanes[0].held

    @property
    def overrides(self) -> Overrides | None:
        """The same, for passes over a passage."""
        return in_passage(self.held)

    @property
    def spec(self) -> ModelSpec:
        """The network; of a race the first one."""
        return model_spec(self.settings, len(self.vocabulary))

    def experiment(
        self, text: TextFile, progress: Progress | None = None, cancelled: Cancelled | None = None
    ) -> Experiment:
        """The run, to go on bit for bit as if it had never stopped.

        Raises WrongCheckpoint where `text` is another one, TextError, ReadingCancelled, DoesNotFit.
        """
        corpus = corpus_of(text, self.settings, progress, cancelled)
        vectors = tuple(lane.vectors for lane in self.snapshot.lanes)
        experiment = Experiment.create(corpus, self.settings, text, vectors)
        if experiment.fingerprint != self.text or corpus.vocabulary.tokens != self.vocabulary.tokens:
            raise WrongCheckpoint(_another_text(self, corpus))
        try:
            experiment.restore(self.snapshot)
        except (ParameterMismatch, ValueError) as error:
            raise _damaged(self.name, error) from None
        return experiment

    def model(self) -> tuple[LanguageModel, Corpus]:
        """The network, and a corpus without ids that encodes passages as the network reads them.

        Of a race the first lane's.
        """
        check_memory(self.spec, self.settings.with_values({"window": 1, "batch": 1}))
        model = LanguageModel(self.spec, random_stream(self.settings.experiment.seed, START))
        model.parameters.load(self.snapshot.lanes[0].parameters)
        shared = self.settings.experiment
        nothing = np.zeros(0, dtype=np.uint8)
        tokenizer = tokenizer_named(shared.tokens, shared.lowercase)
        return model, Corpus(self.name, tokenizer, self.vocabulary, nothing, nothing, 0.0)


def _another_text(checkpoint: Checkpoint, corpus: Corpus) -> str:
    n = checkpoint.text.training_tokens + checkpoint.text.validation_tokens
    here = corpus.n_tokens
    tokens = "other tokens" if n == here else f"{n:,} tokens, {corpus.name} has {here:,}"
    return (
        f"{checkpoint.name} was made with another text: it has {tokens}. "
        "Give the text that it was made with, as it was then."
    )


def updates_in(path: Path) -> int:
    """How many updates a checkpoint holds, by its header alone. Raises CheckpointError."""
    try:
        return _count(json.loads(read_metadata(path)["progress"])["step"], "step")
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise _damaged(path.name, error) from None


def read(path: Path) -> Checkpoint:
    """A checkpoint, with everything in it checked. Raises CheckpointError."""
    path = Path(path)
    tensors, metadata = read_tensors(path)
    if not metadata.get("format", "").startswith("rnnviz-checkpoint-"):
        raise NotACheckpoint(
            f"{path.name} is a .safetensors file of another program, not a checkpoint. {ANOTHER}"
        )
    if metadata["format"] != FORMAT:
        raise NotACheckpoint(
            f"{path.name} has the format {metadata['format'][:60]}, this program reads {FORMAT}. "
            "Take the version of rnnviz that wrote it."
        )
    try:
        parts = {name: json.loads(metadata[name]) for name in _METADATA[1:]}
        settings = _settings(parts["settings"])
        vocabulary = _vocabulary(parts["vocabulary"])
        lanes = _lanes(tensors, settings, len(vocabulary))
        specs = [model_spec(settings.of_lane(i), len(vocabulary)) for i in range(len(lanes))]
        snapshot, text = _read_progress(parts["progress"], lanes, specs)
    except KeyError as error:
        raise _damaged(path.name, f"{error} is missing") from None
    except (ValueError, TypeError, RecursionError) as error:  # SettingError and ParameterMismatch among them
        raise _damaged(path.name, error) from None
    return Checkpoint(path.name, settings, vocabulary, snapshot, text)


def _damaged(name: str, why: Exception | str) -> NotACheckpoint:
    return NotACheckpoint(f"{name} is damaged: {str(why).removesuffix('.')}. {ANOTHER}")


# -- metadata -----------------------------------------------------------------------------------------


def _settings(values: Any) -> RunSettings:
    if not isinstance(values, dict):
        raise ValueError("its settings are no table of names and values.")
    missing = sorted(set(RunSettings().as_dict()) - set(values) - NEWER_SETTINGS)
    if missing:
        raise SettingError(missing[0], f"the setting {missing[0]} is missing.")
    return RunSettings.from_dict(values)


def _vocabulary(tokens: Any) -> Vocabulary:
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise ValueError("its vocabulary is no list of tokens.")
    if not tokens or tokens[0] != UNKNOWN or len(set(tokens)) != len(tokens):
        raise ValueError(f"its vocabulary must begin with {UNKNOWN} and hold every token once.")
    return Vocabulary.from_tokens(tokens)


def _read_progress(
    values: Any, lanes: tuple[LaneSnapshot, ...], specs: Sequence[ModelSpec]
) -> tuple[Snapshot, Fingerprint]:
    if not isinstance(values, dict):
        raise ValueError("its progress is no table of names and values.")
    for what in (values["losses"], values["random"]["dropout"]):
        if not isinstance(what, list) or len(what) != len(lanes):
            raise ValueError(f"it holds the losses of some other number of networks than {len(lanes)}.")
    dropped, held = values.get("dropped", {}), values.get("held", {})
    read = []
    for number, lane in enumerate(lanes):
        losses, last = values["losses"][number], values["losses"][number]["last_epoch"]
        read.append(
            dataclasses.replace(
                lane,
                loss_sum=_finite(losses["sum"], "a sum of losses"),
                n_losses=_count(losses["count"], "a number of losses"),
                last_epoch_loss=math.nan if last is None else _finite(last, "the loss of the last epoch"),
                dropout=_random_state(values["random"]["dropout"][number]),
                failure=_failure(dropped[str(number)]) if str(number) in dropped else None,
                held=_held(held.get(str(number), []), specs[number]),
            )
        )
    resets = _random_state(values["random"]["resets"])
    snapshot = Snapshot(
        _count(values["step"], "step"),
        _count(values["epoch"], "epoch"),
        _count(values["position"], "position"),
        resets,
        tuple(read),
    )
    return snapshot, Fingerprint.from_dict(values["text"])


def _failure(values: Any) -> LaneFailure:
    step, cause, remedy = (values[name] for name in ("step", "cause", "remedy"))
    if not isinstance(cause, str) or not isinstance(remedy, str):
        raise ValueError("why a lane dropped out is no text.")
    return LaneFailure(_count(step, "the update at which a lane dropped out"), cause, remedy)


def _held(values: Any, spec: ModelSpec) -> tuple[Held, ...]:
    if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
        raise ValueError("what it holds is no list of tables of names and values.")
    return tuple(held_from_dict(one, spec) for one in values)


def _random_state(values: Any) -> dict[str, str]:
    state = {name: str(values[name]) for name in ("state", "inc")}
    if not all(digits.isascii() and digits.isdigit() and len(digits) < 40 for digits in state.values()):
        raise ValueError("its random state is no number.")
    return state


def _count(value: Any, what: str) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(f"{what} is no whole number from 0 on.")
    return value


def _finite(value: Any, what: str) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError(f"{what} is no finite number.")
    return float(value)


# -- tensors ------------------------------------------------------------------------------------------


def _lanes(tensors: Tensors, settings: RunSettings, vocabulary_size: int) -> tuple[LaneSnapshot, ...]:
    """The tensors of every lane, each with its names without the lane's folder."""
    lanes, read = [], 0
    for number in range(len(settings.lanes)):
        own, lane = _without(folder_of(number, settings), tensors), settings.of_lane(number)
        read += len(own)
        spec = model_spec(lane, vocabulary_size)
        vectors = _vectors(own, spec, lane.lane.vectors) if lane.lane.vectors else None
        lanes.append(dataclasses.replace(_lane_tensors(own, lane, spec), vectors=vectors))
    if read != len(tensors):
        raise ParameterMismatch("it holds tensors of lanes that its settings do not name.")
    return tuple(lanes)


def _lane_tensors(tensors: Tensors, settings: RunSettings, spec: ModelSpec) -> LaneSnapshot:
    """The tensors of one lane, names, shapes, types and finiteness checked; the numbers come later."""
    shapes: dict[str, tuple[int, ...]] = dict(spec.parameter_shapes())
    slots = OPTIMIZERS[settings.lane.optimizer].slot_names
    for slot in slots:
        shapes.update({f"{OPTIMIZER}{slot}/{name}": shape for name, shape in spec.parameter_shapes().items()})
    for part in spec.cell_class.state_parts:
        shapes[STATE + part] = (spec.layers, settings.experiment.batch, spec.hidden)
    counter = OPTIMIZER + "step_count"
    for name in sorted(set(shapes) | {counter}):
        if name not in tensors:
            raise ParameterMismatch(f"the tensor {name} is missing.")
    for name in sorted(tensors):
        if name != counter:
            _check_tensor(name, tensors[name], shapes.get(name), settings.lane.dtype)
    count = tensors[counter]
    if count.dtype != np.int64 or count.shape != (1,) or count[0] < 0:
        raise ParameterMismatch(f"{counter} must be one whole number from 0 on (int64).")
    return LaneSnapshot(
        {name: tensors[name] for name in spec.parameter_shapes()},
        _without(OPTIMIZER, tensors),
        _without(STATE, tensors),
        0.0,
        0,
        math.nan,
        {},
    )


def _vectors(tensors: Tensors, spec: ModelSpec, name: str) -> WordVectors:
    """Take the word vectors out of a lane's tensors."""
    for part in ("found", "rows"):
        if VECTORS + part not in tensors:
            raise ParameterMismatch(f"the tensor {VECTORS + part} is missing.")
    found, kept = tensors.pop(VECTORS + "found"), tensors.pop(VECTORS + "rows")
    if found.dtype != np.uint8 or found.shape != (spec.vocabulary_size,) or found.max() > 2:
        raise ParameterMismatch(f"{VECTORS}found must be one 0, 1 or 2 for each token (uint8).")
    _check_tensor(VECTORS + "rows", kept, (int(np.count_nonzero(found)), spec.embedding), "float32")
    rows = np.zeros((len(found), spec.embedding), np.float32)
    rows[found > 0] = kept
    return WordVectors(name, rows, found)


def _check_tensor(name: str, tensor: NDArray[Any], shape: tuple[int, ...] | None, dtype: str) -> None:
    if shape is None:
        raise ParameterMismatch(
            f"the tensor {name[:80]} has no place in the network that its settings describe."
        )
    if tensor.dtype != np.dtype(dtype):
        raise ParameterMismatch(f"the tensor {name} holds {tensor.dtype} numbers, its settings say {dtype}.")
    if tensor.shape != shape:
        raise ParameterMismatch(f"the tensor {name} has the shape {tensor.shape}, its settings say {shape}.")
    if not np.isfinite(tensor).all():
        raise ParameterMismatch(f"the tensor {name} holds NaN or infinity.")


def _without(prefix: str, tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name[len(prefix) :]: array for name, array in tensors.items() if name.startswith(prefix)}
