"""A process that helps: it does its parts of each round until its pipe is closed."""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from rnnviz.engine import Interrupted, LanguageModel, Overrides
from rnnviz.training.workers.lane_part import LanePart
from rnnviz.training.workers.lane_plan import LanePlan
from rnnviz.training.workers.lane_update import UpdateOfStretch, WholeUpdate
from rnnviz.training.workers.memory import Place, SharedArrays
from rnnviz.training.workers.rounds import FAILED, FINE, GRADIENTS, INTERRUPTED, STEPS, SUMS, Player


@dataclass(frozen=True, slots=True)
class Hold:
    """To all helpers: what is forced upon a lane in training from now on."""

    lane: int
    overrides: Overrides | None


@dataclass(frozen=True, slots=True)
class Failure:
    """From a helper: why it could not do its part of a round."""

    words: str
    lacks_memory: bool


def _failure(error: Exception) -> Failure:
    if isinstance(error, MemoryError):
        return Failure("it has run out of memory", True)
    return Failure(f"{type(error).__name__}: {error}", False)


class Hands:
    """All that one worker does for its lanes, the one in charge among them."""

    def __init__(
        self,
        arrays: SharedArrays,
        plans: Sequence[LanePlan],
        worker: int,
        is_task: bool,
        models: Mapping[int, LanguageModel] | None = None,
    ) -> None:
        """`models` are the lanes' own, by lane, where they are in this process."""
        self.parts: dict[int, LanePart] = {}
        self._updates: dict[int, WholeUpdate | UpdateOfStretch] = {}
        for plan in plans:
            if worker not in plan.parts:
                continue
            update = (WholeUpdate if plan.is_made_whole else UpdateOfStretch)(arrays, plan, worker)
            if models is None:
                memory = update.values, arrays[f"{plan.lane}/gradients/{worker}"]
                model = LanguageModel(plan.spec, None, memory)
            else:
                model = models[plan.lane]
            self._updates[plan.lane] = update
            self.parts[plan.lane] = LanePart(arrays, plan, worker, is_task, model)

    def hear(self, message: object) -> None:
        """Something told before a round."""
        assert isinstance(message, Hold)
        if message.lane in self.parts:
            self.parts[message.lane].overrides = message.overrides

    def do(self, kind: int, living: int, stop: Any) -> None:
        """One round, for the lanes whose bits are set in `living`. Raises Interrupted once `stop()`."""
        for lane in self.parts:
            if not living >> lane & 1:
                continue
            if kind == GRADIENTS:
                self._updates[lane].begin()
                self.parts[lane].find_gradients(stop)
            elif kind == SUMS:
                self._updates[lane].add_up()
            elif kind == STEPS:
                self._updates[lane].change()


def serve(
    pipe: "Connection[Any, Any]",
    block: Any,
    places: dict[str, Place],
    plans: Sequence[LanePlan],
    worker: int,
    is_task: bool,
) -> None:
    """The process of a helper."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the process in charge to answer
    help_out(pipe, block, places, plans, worker, is_task)


def help_out(
    pipe: "Connection[Any, Any]",
    block: Any,
    places: dict[str, Place],
    plans: Sequence[LanePlan],
    worker: int,
    is_task: bool,
) -> None:
    """A helper's life: round after round, until the process in charge hangs up or is gone."""
    arrays = SharedArrays(block, places)
    hands = Hands(arrays, plans, worker, is_task)
    player = Player(arrays["words"], worker, pipe)
    try:
        while True:
            kind = player.next_round(hands.hear)
            try:
                hands.do(kind, player.living, player.must_stop)
            except Interrupted:
                player.done(INTERRUPTED)
            except Exception as error:
                pipe.send(_failure(error))
                player.done(FAILED)
            else:
                player.done(FINE)
    except (EOFError, OSError):
        return
