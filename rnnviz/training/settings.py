"""Every choice of a run, named once: the same words in the window, on the command line and in a checkpoint.

`SETTINGS` is the table that the rail, the command line and the checks are all made from. A choice that
the design names but that is not built yet is refused with a message that says what there is.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnviz.engine import ACTIVATIONS, CELLS, INITIALIZERS, OPTIMIZERS
from rnnviz.text import shown_name
from rnnviz.training.setting import Group, shown
from rnnviz.training.setting import Setting as Setting
from rnnviz.training.setting import SettingError as SettingError

MOST_LANES = 4
"""More than four networks beside each other cannot be told apart, nor read."""


@dataclass(frozen=True, slots=True)
class ExperimentSettings:
    """What all lanes of an experiment share: the text, how it is cut, and the seed."""

    tokens: str = "word"
    vocabulary: int = 2000  # most frequent tokens kept; the unknown token comes on top
    lowercase: bool = False
    window: int = 16  # T, time steps of truncated BPTT
    batch: int = 32  # B, sequences side by side
    reset: float = 0.05  # probability that a stream's state starts a window at zero
    loss: str = "all"
    valid_fraction: float = 0.1
    seed: int = 1


@dataclass(frozen=True, slots=True)
class LaneSettings:
    """What may differ from lane to lane: the network and how it is trained."""

    cell: str = "rnn"
    activation: str = "tanh"
    hidden: int = 48  # H, units a layer
    layers: int = 1  # L
    embedding: int = 0  # E; 0 is one-hot, or with `vectors` as wide as those in the file
    vectors: str = ""  # path of a file of word vectors that the embedding starts from; "" is none
    vectors_frozen: bool = False  # the embedding stays as it starts
    optimizer: str = "adam"
    lr: float = 0.008
    clip: float = 5.0  # largest global gradient norm; 0 is off
    dropout: float = 0.0  # share dropped at each layer's input and output while training
    init: str = "uniform"
    spectral_radius: float = 0.0  # of init "spectral"; 0 with any other
    forget_bias: float = 0.0  # b_ih + b_hh of the LSTM's forget gate at the start
    dtype: str = "float32"


@dataclass(frozen=True, slots=True)
class RunSettings:
    """A whole run: what the lanes share, and what each lane is. A run of more than one lane is a race."""

    experiment: ExperimentSettings = ExperimentSettings()
    lane: LaneSettings = LaneSettings()  # the first
    others: tuple[LaneSettings, ...] = ()  # of a race: the second lane to the fourth

    @property
    def lanes(self) -> tuple[LaneSettings, ...]:
        """All lanes, one to four."""
        return (self.lane, *self.others)

    @property
    def is_race(self) -> bool:
        """Whether several networks learn side by side."""
        return bool(self.others)

    def of_lane(self, number: int) -> "RunSettings":
        """The run as one of its lanes alone would be."""
        return RunSettings(self.experiment, self.lanes[number])

    def with_lanes(self, lanes: Sequence[LaneSettings]) -> "RunSettings":
        """The same text, windows and seed for these lanes. Raises SettingError."""
        if not 1 <= len(lanes) <= MOST_LANES:
            raise SettingError("lane", f"A race has at most {MOST_LANES} lanes, not {len(lanes)}.")
        return RunSettings(self.experiment, lanes[0], tuple(lanes[1:]))

    def get(self, name: str) -> Any:
        """The value of one setting by name, whichever group it stands in; of a race the first lane's."""
        return getattr(self.experiment if name in EXPERIMENT_NAMES else self.lane, name)

    def with_values(self, values: Mapping[str, Any], lane: int | None = None) -> "RunSettings":
        """A checked copy with some values changed, in one lane or in all of them. Raises SettingError."""
        if not self.others:
            return self._with_values(values)
        chosen = range(len(self.lanes)) if lane is None else (lane,)
        changed = {number: self.of_lane(number)._with_values(values) for number in chosen}
        lanes = [changed[i].lane if i in changed else kept for i, kept in enumerate(self.lanes)]
        return RunSettings(changed[chosen[0]].experiment, lanes[0], tuple(lanes[1:]))

    def _with_values(self, values: Mapping[str, Any]) -> "RunSettings":
        """`with_values` of a run with one lane."""
        unknown = set(values) - set(SETTINGS)
        if unknown:
            name = sorted(unknown)[0]
            raise SettingError(name, f"There is no setting {shown(name)}; there are: {', '.join(SETTINGS)}.")
        checked = {name: SETTINGS[name].check(value) for name, value in values.items()}
        wants_one_hot = checked.get("embedding") == 0
        if checked.get("vectors"):
            checked.setdefault("embedding", 0)  # the file says how wide
        checked = self.left_without_meaning(checked) | checked
        changed = RunSettings(
            dataclasses.replace(
                self.experiment, **{n: v for n, v in checked.items() if n in EXPERIMENT_NAMES}
            ),
            dataclasses.replace(self.lane, **{n: v for n, v in checked.items() if n not in EXPERIMENT_NAMES}),
        )
        if changed.lane.vectors and wants_one_hot:
            raise SettingError(
                "embedding",
                "--embedding 0 is one-hot input, which has no place for word vectors. Leave --embedding out, "
                "and it is as wide as the vectors; or leave --vectors out.",
            )
        for check in CROSS_CHECKS:
            check(changed)
        return changed

    def left_without_meaning(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """What a change of cell or start leaves without meaning, back to its default.

        So whoever goes from a sigmoid RNN to an LSTM need not tidy up; who asks for both is refused.
        """
        cell, init = changes.get("cell", self.lane.cell), changes.get("init", self.lane.init)
        names = []
        if "cell" in changes and not CELLS[cell].has_activation:
            names.append("activation")
        if "cell" in changes and CELLS[cell].forget_block is None:
            names.append("forget_bias")
        if "init" in changes and init != "spectral":
            names.append("spectral_radius")
        if changes.get("vectors") == "":
            names.append("vectors_frozen")
        if changes.get("tokens") == "char" and self.lane.vectors and "vectors" not in changes:
            names += ["vectors", "vectors_frozen", "embedding"]
        return {name: SETTINGS[name].default for name in names}

    def without_folders(self) -> "RunSettings":
        """The same run with files named without their folders, as a checkpoint has them."""
        lanes = [
            dataclasses.replace(lane, vectors=shown_name(lane.vectors) if lane.vectors else "")
            for lane in self.lanes
        ]
        return self.with_lanes(lanes)

    def as_dict(self) -> dict[str, Any]:
        """All settings by name, plain values, for JSON; of a race the first lane's, and "lanes" has all."""
        values = dataclasses.asdict(self.experiment) | dataclasses.asdict(self.lane)
        if self.is_race:
            values["lanes"] = [dataclasses.asdict(lane) for lane in self.lanes]
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "RunSettings":
        """The settings of a checkpoint, checked. Raises SettingError."""
        shared = {name: value for name, value in values.items() if name != "lanes"}
        run = cls().with_values(shared)
        if "lanes" not in values:
            return run
        lanes = values["lanes"]
        if not isinstance(lanes, list) or not all(isinstance(lane, Mapping) for lane in lanes):
            raise SettingError("lane", "The lanes of a race are a list of tables of names and values.")
        own = {field.name for field in dataclasses.fields(LaneSettings)}
        if any(set(lane) | NEWER_SETTINGS != own for lane in lanes):
            raise SettingError("lane", f"Each lane of a race has these settings: {', '.join(sorted(own))}.")
        return run.with_lanes([RunSettings(run.experiment).with_values(lane).lane for lane in lanes])

    def differences(self, other: "RunSettings") -> tuple[str, ...]:
        """Names of the settings in which two runs differ."""
        mine, theirs = self.as_dict(), other.as_dict()
        names = dict.fromkeys((*mine, *theirs))
        return tuple(name for name in names if mine.get(name) != theirs.get(name))


def _activation_has_a_place(settings: RunSettings) -> None:
    lane = settings.lane
    if lane.activation != SETTINGS["activation"].default and not CELLS[lane.cell].has_activation:
        able = " or ".join(f"--cell {name}" for name, cell in CELLS.items() if cell.has_activation)
        raise SettingError(
            "activation",
            f"--activation {lane.activation} has no place in the {CELLS[lane.cell].title}, whose gates and "
            f"candidate have functions of their own. Leave --activation out, or take {able}.",
        )


def _forget_bias_has_a_gate(settings: RunSettings) -> None:
    lane = settings.lane
    if lane.forget_bias and CELLS[lane.cell].forget_block is None:
        able = " or ".join(f"--cell {name}" for name, cell in CELLS.items() if cell.forget_block is not None)
        raise SettingError(
            "forget_bias",
            f"--forget-bias needs a forget gate, which the {CELLS[lane.cell].title} has not. Set it to 0 or "
            f"take {able}.",
        )


def _spectral_radius_is_given_with_its_start(settings: RunSettings) -> None:
    lane = settings.lane
    if lane.init == "spectral" and not lane.spectral_radius:
        raise SettingError(
            "spectral_radius",
            "--init spectral needs --spectral-radius: how much W_hh alone stretches an error a step; below 1 "
            "it fades, above 1 it grows. Try 0.9.",
        )
    if lane.init != "spectral" and lane.spectral_radius:
        raise SettingError(
            "spectral_radius",
            f"--spectral-radius is for --init spectral, not for {lane.init}. Set it to 0, or choose --init "
            "spectral.",
        )


def _start_of_w_hh_needs_w_hh(settings: RunSettings) -> None:
    lane = settings.lane
    if lane.init in ("identity", "spectral") and not CELLS[lane.cell].recurrent:
        raise SettingError(
            "init",
            f"--init {lane.init} is about the recurrent weights, and the {CELLS[lane.cell].title} has none. "
            "Choose --init xavier.",
        )


def _vectors_are_of_words(settings: RunSettings) -> None:
    if settings.lane.vectors and settings.experiment.tokens != "word":
        raise SettingError(
            "vectors",
            "--vectors are of words, and --tokens char reads characters. Choose --tokens word, or leave "
            "--vectors out.",
        )


def _what_is_frozen_is_there(settings: RunSettings) -> None:
    if settings.lane.vectors_frozen and not settings.lane.vectors:
        raise SettingError(
            "vectors_frozen",
            "--vectors-frozen keeps pretrained word vectors as they are, and there are none. Give their file "
            "with --vectors, or leave --vectors-frozen out.",
        )


CROSS_CHECKS: tuple[Callable[[RunSettings], None], ...] = (
    _activation_has_a_place,
    _forget_bias_has_a_gate,
    _start_of_w_hh_needs_w_hh,
    _spectral_radius_is_given_with_its_start,
    _vectors_are_of_words,
    _what_is_frozen_is_there,
)
"""What several settings together must fulfil: each raises SettingError. One at a time they are `Setting`s."""


def _default(name: str) -> Any:
    group = ExperimentSettings if name in EXPERIMENT_NAMES else LaneSettings
    return next(f.default for f in dataclasses.fields(group) if f.name == name)


def without_meaning(cell: str, init: str) -> dict[str, str]:
    """The settings that say nothing about a network of this cell and start, each with the reason."""
    kind = CELLS[cell]
    reasons = {}
    if not kind.has_activation:
        reasons["activation"] = f"The {kind.title} has functions of its own: there is none to choose."
    if kind.forget_block is None:
        reasons["forget_bias"] = f"The {kind.title} has no forget gate."
    if init != "spectral":
        reasons["spectral_radius"] = "Only the spectral start has a radius to choose."
    return reasons


NEWER_SETTINGS = frozenset({"vectors", "vectors_frozen"})
"""Checkpoints of the same format were written before these were: they mean the default. Add each new one."""

EXPERIMENT_NAMES = frozenset(f.name for f in dataclasses.fields(ExperimentSettings))


def _setting(name: str, label: str, group: Group, what: str, **limits: Any) -> Setting:
    return Setting(name, label, group, what, _default(name), **limits)


_TABLE = (
    _setting("tokens", "Tokens", "Text", "what the network reads one by one", choices=("word", "char")),
    _setting("vocabulary", "Known", "Text", "how many different tokens it knows; the rest is one unknown one",
             low=1, high=1_000_000),
    _setting("lowercase", "Lower case", "Text", "make The and the the same word"),
    _setting("valid_fraction", "Held back", "Text", "share of the text, its tail, kept for validation",
             low=0, high=0.9),
    _setting("cell", "Cell", "Cell", "the recurrent cell", choices=tuple(CELLS)),
    _setting("activation", "Activation", "Cell", "f in h_t = f(...), for rnn and feedforward",
             choices=tuple(ACTIVATIONS)),
    _setting("hidden", "Units", "Cell", "hidden units a layer", low=1, high=8192),
    _setting("layers", "Layers", "Cell", "cells on top of each other", low=1, high=16),
    _setting("embedding", "Embedding", "Cell", "width of the learned word vectors; 0 is one-hot input",
             low=0, high=8192, zero="one-hot"),
    _setting("vectors", "Word vectors", "Cell", "start from pretrained ones: a file of GloVe's or word2vec's",
             is_path=True),
    _setting("vectors_frozen", "Freeze vectors", "Cell", "keep the word vectors as they start"),
    _setting("init", "Start from", "Cell", "how the weights begin", choices=tuple(INITIALIZERS)),
    _setting("spectral_radius", "Radius", "Cell", "spectral radius of W_hh, for the spectral start alone",
             low=0, high=1000),
    _setting("forget_bias", "Forget bias", "Cell", "of the LSTM's forget gate at the start; 3 keeps it open",
             low=-100, high=100),
    _setting("optimizer", "Optimizer", "Training", "how the weights are adjusted", choices=tuple(OPTIMIZERS)),
    _setting("lr", "Learning rate", "Training", "how far one update goes", low=0, high=100, low_allowed=False,
             at_once=True),
    _setting("clip", "Clip norm", "Training", "largest gradient norm that an update may have; 0 is off",
             low=0, high=1e9, at_once=True, zero="off"),
    _setting("dropout", "Dropout", "Training", "share of what enters and leaves a layer, while training",
             low=0, high=0.95),
    _setting("window", "Window", "Training", "time steps that the error travels back while training", low=1,
             high=10_000),
    _setting("batch", "Batch", "Training", "sequences read side by side", low=1, high=10_000),
    _setting("reset", "Reset", "Training", "how likely a sequence starts a window from zero", low=0, high=1),
    _setting("loss", "Loss on", "Training", "which tokens count", choices=("all", "marked")),
    _setting("seed", "Seed", "Training", "the same seed gives the same run", low=0, high=2**32 - 1),
    _setting("dtype", "Precision", "Training", "of the numbers", choices=("float32", "float64")),
)  # fmt: skip

SETTINGS: dict[str, Setting] = {setting.name: setting for setting in _TABLE}
