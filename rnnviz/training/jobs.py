"""Longer work of the training thread, in pieces, between which it looks at its commands."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace

from rnnviz.training.commands import WriteOn
from rnnviz.training.events import EpochDone, Event, Validated, Written
from rnnviz.training.experiment import Experiment
from rnnviz.training.frame import Validation
from rnnviz.training.ledger import Ledger

Job = Iterator[None]


class Jobs:
    """Jobs in the order in which they were asked for. Each tells its result at its end, all at once."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], Job]] = deque()  # the first one is `_begun`, if that is not None
        self._begun: Job | None = None

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def append(self, job: Callable[[], Job]) -> None:
        """Do this after the others."""
        self._waiting.append(job)

    def do_a_piece(self) -> None:
        """One piece of the first job. An exception ends that job, except where it is the pieces' own."""
        if self._begun is None:
            self._begun = self._waiting[0]()
        try:
            next(self._begun)
        except StopIteration:
            self._waiting.popleft()
            self._begun = None

    def begin_anew(self) -> None:
        """The network is another one: what was done of the first job is of no use."""
        self._begun = None

    def clear(self) -> None:
        """Drop them all."""
        self._waiting.clear()
        self._begun = None


def validating(
    experiment: Experiment,
    ledger: Ledger,
    tell: Callable[[Event], None],
    must_stop: Callable[[], bool],
    epoch: int | None,
) -> Job:
    """One window after another; then the results of all lanes are told: of an epoch, or (None) on demand.

    An epoch that the run has gone back behind is told no more.
    """
    if epoch is not None and experiment.epoch < epoch:
        return
    results: list[Validation] = []
    for found in experiment.validation(must_stop):
        if found is None:
            yield
        else:
            results.append(replace(found, change=experiment.changes.count))
    for result in results:
        ledger.note_validation(result)
        if epoch is None:
            tell(Validated(result))
        else:
            train_loss = experiment.lanes[result.lane].last_epoch_loss
            tell(EpochDone(epoch, experiment.step, train_loss, result, result.lane))


def writing(experiment: Experiment, command: WriteOn, tell: Callable[[Event], None]) -> Job:
    """A few tokens after the others; then all of them are told."""
    wanted = (command.ids, command.n, command.temperature, command.seed, command.lane)
    for written in experiment.writing_on(*wanted):
        if written is None:
            yield
        else:
            tell(Written(written))
