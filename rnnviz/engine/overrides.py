"""What a reader may force upon a network to see what happens: nothing of it changes a parameter."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class HeldGate:
    """One gate held at a value; None means all layers, units or steps. No gradient flows through it.

    Where the sequences of a window are not at the same place of what they read, `places` tells which of them
    are held at which step; `steps` is then not looked at.
    """

    gate: str
    value: float
    layer: int | None = None
    units: tuple[int, ...] | None = None
    steps: tuple[int, ...] | None = None
    places: Mapping[int, tuple[int, ...]] | None = None  # step -> sequences

    def sequences(self, step: int) -> "list[int] | slice | None":
        """Which of the B sequences are held at a step; None where none is."""
        if self.places is not None:
            found = self.places.get(step)
            return list(found) if found else None
        return slice(None) if self.steps is None or step in self.steps else None


@dataclass(frozen=True, slots=True)
class Overrides:
    """Interventions on one pass: gates held, units silenced, slopes held at 1 on the way back."""

    held: tuple[HeldGate, ...] = ()
    silenced: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # layer -> units whose h is 0
    slope_one: bool = False  # plain RNN: f' = 1 on the way back, forward values unchanged

    def at_step(self, step: int) -> "Overrides":
        """The same for a pass of one time step that is step `step` of what is read."""
        here = (h for h in self.held if h.steps is None or step in h.steps)
        return replace(self, held=tuple(replace(h, steps=None) for h in here))

    def for_layer(self, layer: int) -> "LayerOverrides | None":
        """The part that one layer must honour; None where there is nothing."""
        held = tuple(h for h in self.held if h.layer in (None, layer))
        silenced = tuple(self.silenced.get(layer, ()))
        if not held and not silenced and not self.slope_one:
            return None
        return LayerOverrides(held, silenced, self.slope_one)


@dataclass(frozen=True, slots=True)
class LayerOverrides:
    """Interventions on one layer in one pass."""

    held: tuple[HeldGate, ...]
    silenced: tuple[int, ...]
    slope_one: bool
