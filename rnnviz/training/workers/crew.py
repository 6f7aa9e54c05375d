"""Who makes an experiment's updates: the process that it is in alone, or a team of several."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnnviz.training.errors import Diverged, HelpersFailed, WorkerGone
from rnnviz.training.lane import Draft, Lane, Stop
from rnnviz.training.settings import ExperimentSettings
from rnnviz.training.windows import TrainingWindows

if TYPE_CHECKING:  # loaded when there are helpers
    from rnnviz.training.workers.team import Team


class Crew:
    """Makes updates of all lanes. Helpers are started by the first update that needs them."""

    def __init__(self, lanes: Sequence[Lane], shared: ExperimentSettings, windows: TrainingWindows) -> None:
        self.workers = 1
        self._lanes, self._shared, self._windows = lanes, shared, windows
        self._team: Team | None = None
        self._is_complete = True  # whether the team is what it is to be

    @property
    def team(self) -> "Team | None":
        """The helpers that there are."""
        return self._team

    def use(self, workers: int) -> None:
        """From the next update on so many processes train, this one among them."""
        if workers != self.workers:
            self.workers = workers
            self._is_complete = False

    def rest(self) -> None:
        """End the helpers."""
        if self._team is not None:
            self._team.end()
            self._team, self._is_complete = None, False

    def draft_updates(
        self, step: int, living: Sequence[int], resets: NDArray[np.bool_], stop: Stop | None
    ) -> Iterator[tuple[int, Draft | Diverged]]:
        """What the window read last says to each of these lanes, or why its update cannot be made.

        Raises Interrupted, HelpersFailed where helpers cannot be started or one has no memory for its part,
        WorkerGone where one has ended, DoesNotFit where there is no room for them, and RuntimeError where
        there is a fault in what a helper does: no parameters have changed then.
        """
        self._complete()
        if self._team is not None:
            try:
                yield from self._team.draft_updates(step, living, resets, stop).items()
            except WorkerGone:
                self.rest()
                raise
            return
        for number in living:
            lane = self._lanes[number]
            try:
                yield number, lane.draft_update(step, self._windows, lane.entering(resets), stop)
            except Diverged as diverged:
                yield number, diverged

    def make_updates(self, drafts: Mapping[int, Draft]) -> None:
        """Change the parameters of these lanes by what was found last; to the end also without helpers."""
        if self._team is not None:
            self._team.make_updates(drafts)
            return
        for number, draft in drafts.items():
            self._lanes[number].make_update(draft)

    def _complete(self) -> None:
        """Make the team what it is to be. Raises DoesNotFit, and HelpersFailed where it cannot be started."""
        if self._is_complete:
            return
        self.rest()
        from rnnviz.training.workers.team import team_for  # late: few runs have helpers, every start waits

        try:
            self._team = team_for(self._lanes, self._shared, self._windows, self.workers)
        except (OSError, MemoryError) as error:
            said = "" if isinstance(error, MemoryError) else error.strerror or str(error)
            why = said or "there is not enough free memory"
            raise HelpersFailed(
                f"The processes that help to train cannot be started: {why}.",
                "Nothing is lost: close other programs, or go on with one processor core.",
            ) from error
        if self._team is None:
            for lane in self._lanes:
                lane.move(None)
        self._is_complete = True
