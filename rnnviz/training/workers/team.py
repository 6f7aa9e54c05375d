"""The side of the process in charge: it starts the helpers, begins the rounds, and does its own part.

An update begins with a round in which each worker finds the gradients of its sequences. A large network takes
two more: their sums, each worker on a stretch of the parameters, and the update of that stretch. A small one
takes one more, for which nobody waits: each worker sums them and makes the whole update. What is found does
not depend on who is faster.
"""

import math
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine import NO_TARGET, Interrupted, Overrides, clip_factor
from rnnviz.training.errors import Diverged, HelpersFailed, WorkerGone
from rnnviz.training.lane import Draft, Lane, LaneMemory, Stop
from rnnviz.training.random_streams import words_of
from rnnviz.training.settings import ExperimentSettings
from rnnviz.training.windows import TrainingWindows
from rnnviz.training.workers.helper import Failure, Hands, Hold
from rnnviz.training.workers.lane_plan import (
    ASKED,
    COUNT,
    FACTOR,
    LOSS,
    LR,
    NORM,
    REWRITTEN,
    RIGHT,
    STEP,
    TARGETS,
    LanePlan,
    shared_shapes,
    slots_of,
)
from rnnviz.training.workers.lane_update import MOST_MADE_WHOLE, UpdateOfStretch
from rnnviz.training.workers.memory import SharedArrays
from rnnviz.training.workers.room import check_room
from rnnviz.training.workers.rounds import FAILED, GRADIENTS, STEPS, SUMS, Conductor, get_ready, words_for
from rnnviz.training.workers.sharing import Part, cost_of, divided
from rnnviz.training.workers.starting import PATIENCE_S, end_helpers, start_helpers


def team_for(
    lanes: Sequence[Lane], shared: ExperimentSettings, windows: TrainingWindows, workers: int
) -> "Team | None":
    """A team of at most so many workers; None where one has all the work.

    Raises DoesNotFit where it is known beforehand that there is no room, and MemoryError or OSError where
    there turns out to be none or no process can be started. The lanes can be used on, but have to be moved.
    """
    if workers == 1:
        return None
    shares = divided([cost_of(lane.model.spec) for lane in lanes], shared.batch, workers)
    return Team(lanes, shared, windows, shares) if len(shares) > 1 else None


class Team:
    """Helpers, and the memory in which the lanes are while there are helpers."""

    def __init__(
        self,
        lanes: Sequence[Lane],
        shared: ExperimentSettings,
        windows: TrainingWindows,
        shares: Sequence[Sequence[Part]],
    ) -> None:
        """Move the lanes into memory that is shared, and start the helpers. Raises as `team_for` does."""
        self._lanes, self._windows = lanes, windows
        self._plans = [_plan(number, lane, shared, shares) for number, lane in enumerate(lanes)]
        check_room(self._plans, len(shares))
        wanted = shared_shapes(len(lanes), len(shares), shared.window, shared.batch)
        wanted["words"] = ((words_for(len(shares)),), np.int64)
        for plan, lane in zip(self._plans, lanes, strict=True):
            wanted |= plan.shapes(len(lane.model.parameters.values))
        self._arrays = arrays = SharedArrays.allocate(wanted)
        for plan, lane in zip(self._plans, lanes, strict=True):
            lane.move(_memory(arrays, plan))
        self._told: list[Overrides | None] = [None] * len(lanes)
        is_task = windows.starts is not None
        models = {number: lane.model for number, lane in enumerate(lanes)}
        self._hands = Hands(arrays, self._plans, 0, is_task, models)
        get_ready(arrays["words"])
        self.processes, pipes = start_helpers(arrays, self._plans, len(shares), is_task)
        self._pipes = pipes
        self._conductor = Conductor(arrays["words"], pipes)
        self._lost: WorkerGone | None = None
        self._is_left_alone = False  # the last round was not waited for
        self.end = weakref.finalize(self, end_helpers, self.processes, pipes)
        """End the helpers, at once; the lanes can be used on."""

    def draft_updates(
        self, step: int, living: Sequence[int], resets: NDArray[np.bool_], stop: Stop | None
    ) -> dict[int, Draft | Diverged]:
        """As `Lane.draft_update`, for all lanes that learn at once; what a lane would raise is in its place.

        Raises Interrupted, WorkerGone where a helper has ended, HelpersFailed where one has no memory for its
        part, and RuntimeError where there is a fault in what it does: the lanes are then as before.
        """
        if self._lost is not None:
            raise self._lost
        self._get_ready(stop)
        arrays, read = self._arrays, self._windows
        np.copyto(arrays["tokens"], read.tokens)
        np.copyto(arrays["targets"], read.targets)
        if read.starts is not None and read.answers is not None:
            np.copyto(arrays["starts"], read.starts)
            np.copyto(arrays["answers"], read.answers)
        targets, counts = int(np.count_nonzero(read.targets != NO_TARGET)), arrays["counts"]
        for number in living:
            lane = self._lanes[number]
            lane.entering(resets)
            counts[number, TARGETS] = targets
            counts[number, REWRITTEN] = lane.times_rewritten
            if (place := lane.place_of_masks()) is not None:
                arrays["masks"][number] = words_of(place)
            if lane.overrides != self._told[number]:
                self._tell(Hold(number, lane.overrides))
                self._told[number] = lane.overrides
        self._play(GRADIENTS, living, stop)
        found: dict[int, Draft | Diverged] = {}
        losses = {number: self._loss(number) for number in living}
        whole = [number for number in living if math.isfinite(losses[number])]
        self._add_up(whole)
        for number in living:
            lane, reported = self._lanes[number], self._reported(number)
            asked = sum(part[ASKED] for part in reported)
            accuracy = sum(part[RIGHT] for part in reported) / asked if asked else math.nan
            try:
                lane.refuse_loss(step, losses[number])
                norm = math.hypot(*(part[NORM] for part in reported))
                factor = clip_factor(norm, lane.settings.clip)
                lane.refuse_gradient(step, norm, factor)
                found[number] = Draft(losses[number], norm, factor, accuracy)
            except Diverged as diverged:
                found[number] = diverged
        return found

    def make_updates(self, drafts: Mapping[int, Draft]) -> None:
        """As `Lane.make_update`, for all these lanes at once; to its end also where a helper is gone."""
        arrays = self._arrays
        counts, rates, chunks = arrays["counts"], arrays["rates"], arrays["chunks"]
        for number, draft in drafts.items():
            lane = self._lanes[number]
            lane.before_update()
            lane.optimizer.step_count += 1
            counts[number, STEP] = lane.optimizer.step_count
            rates[number, LR] = lane.settings.lr
            rates[number, FACTOR] = draft.clip_factor
            chunks[number] = 0
        in_stretches = [plan for plan in (self._plans[n] for n in drafts) if not plan.is_made_whole]
        for helper in self._round(STEPS, list(drafts), None, wait=bool(in_stretches)):
            for plan in in_stretches:
                if helper in plan.parts:
                    UpdateOfStretch(arrays, plan, helper).finish()
        for number, draft in drafts.items():
            self._lanes[number].after_update(draft, arrays[f"{number}/left"])

    # -- rounds ---------------------------------------------------------------------------------------

    def _reported(self, lane: int) -> list[list[float]]:
        """What the members have written down of the last round, in plain numbers: they are so few."""
        reports = self._arrays["reports"][lane].tolist()
        return [reports[member] for member in self._plans[lane].members]

    def _loss(self, lane: int) -> float:
        reported = self._reported(lane)
        count = sum(part[COUNT] for part in reported)
        return sum(part[LOSS] for part in reported) / count if count else math.nan

    def _tell(self, message: object) -> None:
        self._hands.hear(message)
        if gone := self._conductor.tell(message):
            self._raise_gone(gone)

    @property
    def _helpers(self) -> range:
        return range(1, len(self.processes) + 1)

    def _get_ready(self, stop: Stop | None) -> None:
        """Wait until all helpers have done what was asked of them last, which at first is to be there."""
        for helper in self._helpers:

            def gone(helper: int = helper) -> bool:
                return self._is_gone(helper) or (stop is not None and stop())

            if not self._conductor.wait(helper, gone):
                if self._is_gone(helper):
                    self._raise_gone([helper])
                raise Interrupted
        if self._is_left_alone and self._failed:  # its numbers are not those of an update any more
            for helper in self._failed:
                self.processes[helper - 1].kill()
            self._raise_gone(self._failed)
        self._is_left_alone = False

    def _add_up(self, lanes: Sequence[int]) -> None:
        """Sum the gradients of the parts of these lanes, and weigh the sums."""
        alone = [number for number in lanes if self._plans[number].is_made_whole]
        self._hands.do(SUMS, _bits(alone), None)
        if len(alone) < len(lanes):
            self._play(SUMS, [number for number in lanes if number not in alone], None)

    def _play(self, kind: int, living: Sequence[int], stop: Stop | None) -> None:
        """A round that changes no parameters. Raises as `draft_updates` does."""
        self._round(kind, living, stop)
        if self._lost is not None:
            raise self._lost
        self._raise_failures()

    def _round(self, kind: int, living: Sequence[int], stop: Stop | None, wait: bool = True) -> list[int]:
        """A round; the helpers that have ended in it. Raises Interrupted once `stop()` is true.

        Without `wait` what becomes of the helpers is looked at before the next update.
        """
        stopped = False

        def must_stop() -> bool:
            nonlocal stopped
            if not stopped and stop is not None and stop():
                stopped = True
                self._conductor.stop()
            return stopped

        self._conductor.begin(kind, _bits(living))
        try:
            self._hands.do(kind, _bits(living), must_stop)
        except Interrupted:
            pass  # the helpers stop too, and are waited for
        except BaseException:
            self._conductor.stop()
            self._wait_for_all(lambda: False)
            raise
        self._is_left_alone = not wait
        if not wait:
            return []
        lost = self._wait_for_all(must_stop)
        if kind == STEPS:  # what a helper has left half done is finished here: it may not go on
            for helper in self._failed:
                self.processes[helper - 1].kill()
                lost.append(helper)
        if lost:
            self._lost = self._describe(lost)
        elif stopped:
            raise Interrupted
        return lost

    def _wait_for_all(self, look: Callable[[], bool]) -> list[int]:
        lost = []
        for helper in self._helpers:

            def gone(helper: int = helper) -> bool:
                look()
                return self._is_gone(helper)

            if not self._conductor.wait(helper, gone):
                lost.append(helper)
                self._conductor.stop()
        return lost

    def _is_gone(self, helper: int) -> bool:
        return not self.processes[helper - 1].is_alive()

    @property
    def _failed(self) -> list[int]:
        return [helper for helper in self._helpers if self._conductor.status(helper) == FAILED]

    def _raise_failures(self) -> None:
        """What helpers could not do in a round that changes no parameters, and can be asked again."""
        if not (failed := self._failed):
            return
        told = {helper: self._told_by(helper) for helper in failed}
        failures = [failure for failure in told.values() if failure is not None]
        if len(failures) < len(told):  # one has hung up, and not said why
            self._raise_gone([helper for helper in failed if told[helper] is None])
        if any(failure.lacks_memory for failure in failures):
            raise HelpersFailed(
                "A process that helps to train has run out of memory.",
                "Nothing is lost: close other programs, or go on with fewer processor cores, a smaller "
                "network or a smaller batch.",
            )
        raise RuntimeError(f"in a process that helps to train, {failures[0].words}")

    def _told_by(self, helper: int) -> Failure | None:
        """Why a helper failed last; those before were of rounds that had been given up."""
        pipe, told = self._pipes[helper - 1], None
        try:
            while pipe.poll():
                told = pipe.recv()
        except (EOFError, OSError):
            pass  # it is gone, and may have told something first
        return told

    def _raise_gone(self, helpers: Sequence[int]) -> None:
        self._lost = self._describe(helpers)
        raise self._lost

    def _describe(self, helpers: Sequence[int]) -> WorkerGone:
        process, told = self.processes[helpers[0] - 1], self._told_by(helpers[0])
        process.join(PATIENCE_S)
        return WorkerGone(process.exitcode, "" if told is None else told.words)


def _bits(lanes: Sequence[int]) -> int:
    return sum(1 << number for number in lanes)


def _plan(number: int, lane: Lane, shared: ExperimentSettings, shares: Sequence[Sequence[Part]]) -> LanePlan:
    parts = {worker: part for worker, mine in enumerate(shares) for part in mine if part.lane == number}
    settings, spec = lane.settings, lane.model.spec
    is_made_whole = len(parts) > 1 and 0 in parts and spec.stored_count() <= MOST_MADE_WHOLE
    return LanePlan(
        number,
        spec,
        settings.optimizer,
        shared.window,
        shared.batch,
        settings.dropout,
        parts,
        is_made_whole,
    )


def _memory(arrays: SharedArrays, plan: LanePlan) -> LaneMemory:
    def array(name: str) -> Any:
        return arrays[f"{plan.lane}/{name}"]

    return LaneMemory(
        array("values"), array("gradients/0"), slots_of(arrays, plan), array("state"), array("entered")
    )
