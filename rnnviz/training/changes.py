"""Interventions on the lanes of an experiment, and taking them back, the last one first.

What is held is lifted again by putting back what was held before. Changed weights are brought back exactly,
by a snapshot of the whole experiment from before the change: updates made since go with them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rnnviz.training.holding import with_held
from rnnviz.training.interventions import Held, HoldGate, Intervention, InterventionError, WeightChange
from rnnviz.training.lane import Lane
from rnnviz.training.snapshot import Snapshot

MOST_UNDO_BYTES = 256 * 2**20
"""Of all snapshots kept; the newest is kept however large it is."""

HeldByLane = tuple[tuple[Held, ...], ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing to take back."""

    words: str
    held: HeldByLane  # before
    snapshot: Snapshot | None  # before, where weights were changed
    change: int  # `Changes.count` before
    place: tuple[Any, ...] | None = (
        None  # where a gate was held: moving its valve on is the same intervention
    )

    @property
    def n_bytes(self) -> int:
        return 0 if self.snapshot is None else self.snapshot.n_bytes


@dataclass(frozen=True, slots=True)
class WentBack:
    """The moment that a run went back to: after so many updates, and after so many changes."""

    step: int
    change: int

    def note(self, since: int) -> str:
        """What that took along of a run of `since` updates, in a sentence; "" for nothing."""
        lost = since - self.step
        if not lost:
            return ""
        made = "One update, made" if lost == 1 else f"{lost:,} updates, made"
        return (
            f"{made} since the weights were changed, went with them: the run is back at update {self.step:,}."
        )


class Weights(Protocol):
    """What is learned, with all that a run needs to go on from there."""

    def snapshot(self) -> Snapshot:
        """A copy."""

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to it."""


class Changes:
    """All interventions of one experiment, in their order. One thread at a time may call it."""

    def __init__(
        self,
        lanes: Sequence[Lane],
        weights: Weights,
    ) -> None:
        """`weights` are those of the experiment with these lanes, which lives as long as this."""
        self._lanes = lanes
        self._weights = weights
        self._steps: list[_Step] = []
        self.count = 0
        """How many interventions were made, lifted and taken back so far; it only grows."""

    @property
    def held(self) -> HeldByLane:
        """What is held, one tuple a lane, in the order in which it acts."""
        return tuple(lane.held for lane in self._lanes)

    @property
    def undo_words(self) -> str:
        """What `undo` would take back, in words; "" where there is nothing."""
        return self._steps[-1].words if self._steps else ""

    def intervene(
        self, intervention: Intervention, lane: int | None = None, words: Sequence[str] | None = None
    ) -> None:
        """Do it in one lane, or (None) in every lane that can; between two updates.

        `words` are those of the watched passage, if one is watched. Raises InterventionError, and nothing has
        changed, where no lane can.
        """
        able = self._able(intervention, lane)
        if isinstance(intervention, HoldGate):
            _check_step(intervention, words)
        title = "" if len(able) == len(self._lanes) else f" ({', '.join(self._lanes[i].title for i in able)})"
        said = intervention.description(words or ()) + title
        if isinstance(intervention, WeightChange):
            self._change_weights(intervention, able, said)
        else:
            self._hold(intervention, able, said)

    def lift(self, held: Intervention, lane: int | None = None, words: Sequence[str] | None = None) -> None:
        """End something held, in one lane or (None) wherever it is held. Raises InterventionError."""
        where = [i for i in self._chosen(lane) if held in self._lanes[i].held]
        if not where:
            raise InterventionError(
                f"Nothing to lift: {held.description(words or ())} does not act now.",
                "Choose one of those that are listed.",
            )
        before = self.held
        for i in where:
            self._lanes[i].hold(tuple(one for one in self._lanes[i].held if one != held))
        self._note(_Step(f"lifting {held.description(words or ())}", before, None, self.count))

    def undo(self) -> "WentBack | None":
        """Take back the last one; where weights were changed the whole run goes back, to where this tells.

        Raises InterventionError where there is nothing to take back.
        """
        if not self._steps:
            raise InterventionError("There is no intervention to take back.", "Make one first.")
        step = self._steps.pop()
        self.count += 1
        if step.snapshot is not None:
            self._weights.restore(step.snapshot)
        for lane, held in zip(self._lanes, step.held, strict=True):
            lane.hold(held)
        return None if step.snapshot is None else WentBack(step.snapshot.step, step.change)

    def forget_weights(self) -> None:
        """The run was started over: changed weights are gone, what is held stays."""
        self._steps = [step for step in self._steps if step.snapshot is None]

    # -- one of either kind ---------------------------------------------------------------------------

    def _change_weights(self, change: WeightChange, lanes: Iterable[int], said: str) -> None:
        try:
            step = _Step(said, self.held, self._weights.snapshot(), self.count)
        except MemoryError:
            raise InterventionError(
                "There is not enough free memory to keep the network as it is for undo.",
                "Close other programs, or take a smaller network.",
            ) from None
        done, refusal = False, None
        for i in lanes:
            try:
                self._lanes[i].change_weights(change)
                done = True
            except InterventionError as error:
                refusal = refusal or error
        if not done:
            assert refusal is not None
            raise refusal
        self._note(step)

    def _hold(self, new: Held, lanes: Sequence[int], said: str) -> None:
        before = self.held
        for i in lanes:
            self._lanes[i].hold(with_held(self._lanes[i].held, new))
        place = (new.gate, new.step, new.layer, *lanes) if isinstance(new, HoldGate) else None
        last = self._steps[-1] if self._steps else None
        if last is not None and place is not None and last.place == place:
            before = self._steps.pop().held
        self._note(_Step(said, before, None, self.count, place))

    def _note(self, step: _Step) -> None:
        self.count += 1
        self._steps.append(step)
        while sum(kept.n_bytes for kept in self._steps[:-1]) + step.n_bytes > MOST_UNDO_BYTES:
            oldest = next((i for i, kept in enumerate(self._steps[:-1]) if kept.snapshot is not None), None)
            if oldest is None:
                return
            del self._steps[: oldest + 1]  # and what came before it: nothing can be taken back past it

    def _chosen(self, lane: int | None) -> tuple[int, ...]:
        if lane is None:
            return tuple(range(len(self._lanes)))
        if not 0 <= lane < len(self._lanes):
            raise InterventionError(
                f"There is no lane {lane + 1}: the run has {len(self._lanes)}.", "Choose one that it has."
            )
        return (lane,)

    def _able(self, intervention: Intervention, lane: int | None) -> tuple[int, ...]:
        """The lanes that can. Raises InterventionError with the first one's reason where none can."""
        able, refusal = [], None
        for i in self._chosen(lane):
            try:
                intervention.check(self._lanes[i].model.spec)
                if isinstance(intervention, WeightChange):
                    self._lanes[i].refuse_if_dropped_out()
                able.append(i)
            except InterventionError as error:
                refusal = refusal or error
        if not able:
            assert refusal is not None
            raise refusal
        return tuple(able)


def _check_step(hold: HoldGate, words: Sequence[str] | None) -> None:
    if hold.step is not None and words is not None and hold.step >= len(words):
        raise InterventionError(
            f"The watched passage has {len(words):,} steps, there is no step {hold.step + 1:,}.",
            "Choose a word of the passage, or hold the gate at every step.",
        )
