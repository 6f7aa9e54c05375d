"""What a student may do to a network to see what happens: change weights once, or hold something.

A change of weights is made between two updates and training goes on from there. What is held acts on every
pass of the lane until it is lifted, and changes no parameter by itself.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from rnnviz.engine import ModelSpec
from rnnviz.probes import gate_name
from rnnviz.training.errors import TrainingError
from rnnviz.training.settings import SETTINGS

NARROWEST_RADIUS, WIDEST_RADIUS = SETTINGS["spectral_radius"].low, SETTINGS["spectral_radius"].high
LOWEST_BIAS, HIGHEST_BIAS = SETTINGS["forget_bias"].low, SETTINGS["forget_bias"].high


class InterventionError(TrainingError):
    """An intervention that this network cannot have: what is wrong, and what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy


def _in_layer(layer: int | None) -> str:
    return "" if layer is None else f" in layer {layer + 1}"


@dataclass(frozen=True, slots=True)
class ScaleRecurrent:
    """Multiply the cell's named recurrent block by one number, so that its spectral radius is `radius`."""

    radius: float
    layer: int | None = None  # None: every layer

    def description(self, words: Sequence[str] = ()) -> str:
        """In plain words, to stand in a list or in the middle of a sentence."""
        return f"W_hh scaled to spectral radius {self.radius:g}{_in_layer(self.layer)}"

    def check(self, spec: ModelSpec) -> None:
        """Raises InterventionError where the network cannot have this."""
        if not spec.cell_class.recurrent:
            raise InterventionError(
                f"The {spec.cell_class.title} has no recurrent weights to scale.",
                "Take a cell whose state is fed back: rnn, lstm or gru.",
            )
        _check_layer(self.layer, spec)
        _check_number(self.radius, NARROWEST_RADIUS, WIDEST_RADIUS, "A spectral radius")


@dataclass(frozen=True, slots=True)
class SetForgetBias:
    """Give b_ih + b_hh of the forget block one value, in all units."""

    value: float
    layer: int | None = None  # None: every layer

    def description(self, words: Sequence[str] = ()) -> str:
        """In plain words, to stand in a list or in the middle of a sentence."""
        return f"forget bias set to {self.value:g}{_in_layer(self.layer)}"

    def check(self, spec: ModelSpec) -> None:
        """Raises InterventionError where the network cannot have this."""
        if spec.cell_class.forget_block is None:
            raise InterventionError(
                f"The {spec.cell_class.title} has no forget gate, so it has no forget bias.",
                "Take an LSTM to set one.",
            )
        _check_layer(self.layer, spec)
        _check_number(self.value, LOWEST_BIAS, HIGHEST_BIAS, "A forget bias")


@dataclass(frozen=True, slots=True)
class HoldGate:
    """Hold a gate of all units at one value; no error flows through it meanwhile.

    At every time step, or at one: counted from 0 in the watched passage and in each example of a memory task.
    """

    gate: str
    value: float
    step: int | None = None  # None: every step
    layer: int | None = None  # None: every layer

    def description(self, words: Sequence[str] = ()) -> str:
        """In plain words; with the passage's words the one at which it is held is named."""
        text = f"{gate_name(self.gate)} held at {self.value:.2f}{_in_layer(self.layer)}"
        if self.step is None:
            return f"{text} at every step"
        named = self.step < len(words) and words[self.step].strip()
        return f"{text} at {named}" if named else f"{text} at step {self.step + 1}"

    def covers(self, other: "HoldGate") -> bool:
        """Whether nothing is left of another hold once this one acts."""
        return (
            self.gate == other.gate
            and self.step in (None, other.step)
            and self.layer in (None, other.layer)
        )  # fmt: skip

    def check(self, spec: ModelSpec) -> None:
        """Raises InterventionError where the network cannot have this."""
        cell = spec.cell_class
        if self.gate not in cell.gate_names:
            there_is = ", ".join(cell.gate_names)
            raise InterventionError(
                f"The {cell.title} has no gate {self.gate!r}.",
                f"Its gates are {there_is}."
                if there_is
                else "It has no gates at all: take an LSTM or a GRU.",
            )
        _check_layer(self.layer, spec)
        lowest = -1.0 if self.gate in cell.tanh_gates else 0.0
        _check_number(self.value, lowest, 1.0, f"The {gate_name(self.gate)}")
        if self.step is not None and self.step < 0:
            raise InterventionError("Time steps are counted from 0.", "Choose a word of the passage.")


@dataclass(frozen=True, slots=True)
class SilenceUnit:
    """Hold h of one unit (and c, where there is one) at 0; no error flows through it meanwhile."""

    unit: int
    layer: int

    def description(self, words: Sequence[str] = ()) -> str:
        """In plain words, to stand in a list or in the middle of a sentence."""
        return f"unit {self.unit + 1} silenced{_in_layer(self.layer)}"

    def check(self, spec: ModelSpec) -> None:
        """Raises InterventionError where the network cannot have this."""
        _check_layer(self.layer, spec)
        if not 0 <= self.unit < spec.hidden:
            raise InterventionError(
                f"There is no unit {self.unit + 1:,}: each layer has {spec.hidden:,}.",
                f"Choose one from 1 to {spec.hidden:,}.",
            )


@dataclass(frozen=True, slots=True)
class HoldSlope:
    """Hold f' at 1 on the way back, in all layers; the values of the way forward stay as they are."""

    def description(self, words: Sequence[str] = ()) -> str:
        """In plain words, to stand in a list or in the middle of a sentence."""
        return "f′ held at 1 on the way back"

    def check(self, spec: ModelSpec) -> None:
        """Raises InterventionError where the network cannot have this."""
        if not spec.cell_class.has_activation:
            raise InterventionError(
                f"The {spec.cell_class.title} has several ways back, so there is no one slope f′ to hold.",
                "Hold one of its gates, or take a plain RNN.",
            )


WeightChange = ScaleRecurrent | SetForgetBias
Held = HoldGate | SilenceUnit | HoldSlope
Intervention = WeightChange | Held

_KINDS = {kind.__name__: kind for kind in get_args(Intervention)}


def as_dict(held: Held) -> dict[str, Any]:
    """Plain values, for JSON."""
    return {"kind": type(held).__name__, **dataclasses.asdict(held)}


def held_from_dict(values: Mapping[str, Any], spec: ModelSpec) -> Held:
    """What `as_dict` wrote, checked against the network. Raises ValueError."""
    kind = _KINDS.get(values["kind"])
    if kind is None or not issubclass(kind, get_args(Held)):
        raise ValueError("it holds something that this program does not know.")
    fields = {name: value for name, value in values.items() if name != "kind"}
    if set(fields) != {field.name for field in dataclasses.fields(kind)}:
        raise ValueError("what it holds is not described in full.")
    for name, value in fields.items():
        if name in ("step", "layer", "unit") and not (
            type(value) is int or (value is None and name != "unit")
        ):
            raise ValueError(f"the {name} of what it holds is no whole number.")
        if name == "value" and type(value) not in (int, float):
            raise ValueError("what it holds is held at no number.")
    held = kind(**fields)
    assert isinstance(held, Held)
    try:
        held.check(spec)
    except InterventionError as error:
        raise ValueError(str(error)) from None
    return held


def _check_layer(layer: int | None, spec: ModelSpec) -> None:
    if layer is not None and not 0 <= layer < spec.layers:
        layers = "one layer" if spec.layers == 1 else f"{spec.layers} layers"
        raise InterventionError(
            f"There is no layer {layer + 1}: the network has {layers}.", "Choose another."
        )


def _check_number(value: float, low: float, high: float, what: str) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        shown = f"{value:g}" if math.isfinite(value) else "that"
        raise InterventionError(f"{what} cannot be {shown}.", f"Choose a number from {low:g} to {high:g}.")
