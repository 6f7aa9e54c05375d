"""The one cursor that all views share: what is looked at, and how."""

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True, slots=True)
class CursorState:
    """Where the eye is. Steps count from 0 in code; people see them from 1."""

    time_step: int = 0  # k, the step looked at
    error_step: int = 0  # t, the step whose error is drawn
    pinned: bool = True  # error_step follows the last step with a target until it is moved
    layer: int = 0  # the layer in focus
    unit: int | None = None
    candidate: int | None = None  # token id chosen in the softmax plot
    logarithmic: bool = False  # every gradient view; linear is the default
    unit_order: str = "network"  # of the states: "network", "similarity" or "peak"
    unfolded_gate: str = ""  # the gate shown as units × time instead of sorted levels; "": none
    phase: float | None = None  # of slow motion, in [0, 7); None: not in slow motion


class Cursor(QObject):
    """Holds the state and says when it changed. Views call `move`; nobody else keeps a copy."""

    changed = Signal(object)  # CursorState

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = CursorState()
        self._length = 1
        self._layers = 1

    @property
    def state(self) -> CursorState:
        """The present state."""
        return self._state

    def move(self, **changes: Any) -> None:
        """Change some fields; steps and layer are kept within the passage and the network."""
        state = replace(self._state, **changes)
        if "error_step" in changes and "pinned" not in changes:
            state = replace(state, pinned=False)
        state = replace(
            state,
            time_step=min(max(state.time_step, 0), self._length - 1),
            error_step=min(max(state.error_step, 0), self._length - 1),
            layer=min(max(state.layer, 0), self._layers - 1),
        )
        if state != self._state:
            self._state = state
            self.changed.emit(state)

    def fit(self, length: int, layers: int, last_target_step: int) -> None:
        """Adapt to a trace: T steps, L layers; a pinned error step goes to the last step with a target."""
        self._length, self._layers = max(length, 1), max(layers, 1)
        if self._state.pinned:
            self.move(error_step=max(last_target_step, 0), pinned=True)
        else:
            self.move()

    def rewind(self) -> None:
        """A new passage: look at its last step, and at the error of its last word."""
        self.move(time_step=self._length - 1, pinned=True, error_step=self._length - 1, candidate=None)
