"""The training thread: commands in, frames and events out.

Commands are taken between pieces of work; a piece is one update, one window of a validation, a few written
tokens, one trace. An update that takes long looks at a flag each time step and is dropped when somebody
waits for an answer; it is made again later, to the same bits, since parameters change only at its end.
"""

import math
import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from rnnviz.engine import Interrupted
from rnnviz.training.changes import WentBack
from rnnviz.training.checkpoint_writing import save_and_tell
from rnnviz.training.commands import (
    ChangeSetting,
    Close,
    Command,
    Intervene,
    Keep,
    Lift,
    OneUpdate,
    Pause,
    RecordUpdate,
    Save,
    StartOver,
    Train,
    UndoIntervention,
    UseWorkers,
    Validate,
    WriteOn,
)
from rnnviz.training.dial import Dial
from rnnviz.training.errors import Diverged
from rnnviz.training.events import (
    Event,
    Failed,
    Intervened,
    InterventionRefused,
    SettingChanged,
    SettingRefused,
    SnapshotKept,
    State,
    StateChanged,
    Updated,
    UpdateRecorded,
)
from rnnviz.training.experiment import Experiment
from rnnviz.training.failures import failure_of
from rnnviz.training.frame import Update
from rnnviz.training.interventions import InterventionError
from rnnviz.training.jobs import Job, Jobs, validating, writing
from rnnviz.training.ledger import Ledger
from rnnviz.training.mailbox import Mailbox
from rnnviz.training.meters import RateMeter
from rnnviz.training.scalar_log import ScalarLog
from rnnviz.training.settings import SettingError
from rnnviz.training.watching import Watching

_PATIENT_COMMANDS = (
    Train,
    ChangeSetting,
    UseWorkers,
    Keep,
)  # an update under way may as well be finished first


class Trainer(threading.Thread):
    """Trains one experiment on a thread of its own, which nobody else may touch while it runs.

    `send`, `close`, `state`, `mailbox`, `dial`, `log` and `events` are for other threads; so are the
    experiment's corpus, text and settings, which are only ever replaced whole.
    """

    def __init__(
        self, experiment: Experiment, logs: Sequence[ScalarLog] = (), dial: Dial | None = None
    ) -> None:
        """`logs`, one a lane, go on with the numbers of an earlier trainer of the same experiment.

        `dial` shows the newest numbers wherever its memory is.
        """
        super().__init__(name="training", daemon=False)
        self.experiment = experiment
        self._ledger = Ledger(logs or [ScalarLog() for _ in experiment.lanes])
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.mailbox = Mailbox(self._wake_for_request)
        self._watching = Watching(self.mailbox, experiment)
        self._inbox: queue.SimpleQueue[Command | None] = queue.SimpleQueue()  # None only wakes
        self._state: State = self._rest
        self._goal: float = experiment.step  # the number of updates to be done
        self._answer_updates = False  # whether each update is told by an event: it was asked for singly
        self._jobs = Jobs()
        self._closing = False
        self._stop_now = False  # drop the update under way
        self._was_dropped = False  # the update under way has been dropped before for the sake of a request
        self._refusal: Failed | None = None  # why training would fail again at once
        self._told_of: set[int] = set()  # lanes whose dropping out has been told
        self._learn_of_the_dropped()
        self._speed = RateMeter()
        self.dial = dial if dial is not None else Dial()
        self.dial.forget(experiment.step)

    # -- for other threads --------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """ready, running, paused, failed or closed."""
        return self._state

    @property
    def logs(self) -> tuple[ScalarLog, ...]:
        """The numbers of each lane."""
        return self._ledger.logs

    @property
    def log(self) -> ScalarLog:
        """The numbers of the first lane."""
        return self.logs[0]

    def send(self, command: Command) -> None:
        """Put a command in the queue; never blocks. After `close` it is thrown away unread."""
        self._inbox.put(command)
        if not isinstance(command, _PATIENT_COMMANDS):
            self._stop_now = True

    def close(self) -> None:
        """End the thread; never blocks. A `Save` sent before is still written. `join` waits for the end."""
        self.send(Close())

    def _wake_for_request(self) -> None:
        """Another thread: a request was posted or a frame taken."""
        if self._inbox.empty():
            self._inbox.put(None)
        request = self.mailbox.request
        if request is not None and not self._was_dropped and self._watching.has_news_for(request.generation):
            self._stop_now = True

    # -- the thread's own life --------------------------------------------------------------------------

    def run(self) -> None:
        """Training thread: one piece of work after another until closed. Every exception becomes an event."""
        while not self._closing:
            try:
                self._take_turn()
            except Interrupted:
                self._was_dropped = True
            except Exception as error:
                failure = failure_of(error, self.experiment.step)
                if isinstance(error, Diverged):
                    self._refusal = failure
                    self._watching.begin_new_run()  # an update may have been taken back
                self._fail(failure)
        self._jobs.clear()
        self.experiment.rest()
        self._become("closed")

    def _take_turn(self) -> None:
        """Training thread: take what was commanded, answer a request, do one piece of work."""
        self._stop_now = False
        self._take_commands(wait=self._is_idle and not self._watching.is_due(self.mailbox.request, idle=True))
        if self._closing:
            return
        request = self.mailbox.request
        # Read before the queue is looked at: a request posted after a command must see what that has done.
        if request is not None and self._watching.is_due(request, self._is_idle) and self._inbox.empty():
            numbers = self._ledger.updates, self._ledger.validations
            self._watching.answer(request, *numbers, self._speed.per_second)
        if self._jobs:
            self._jobs.do_a_piece()
        elif self.experiment.step < self._goal:
            self._make_update()
        if self._is_idle and self._state in ("running", "ready"):
            self._become(self._rest)

    @property
    def _is_idle(self) -> bool:
        return not self._jobs and not self.experiment.step < self._goal

    @property
    def _rest(self) -> State:
        """The state in which nothing is done: ready at update 0, else paused."""
        return "paused" if self.experiment.step else "ready"

    def _become(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self.events.put(StateChanged(state))

    def _fail(self, failure: Failed) -> None:
        """Stop, say why, and stay there to answer."""
        self._goal = self.experiment.step
        self._jobs.clear()
        self.events.put(failure)
        self._become("failed")

    # -- commands -------------------------------------------------------------------------------------

    def _take_commands(self, wait: bool) -> None:
        """Training thread: take everything in the queue; with `wait`, sleep until there is something."""
        try:
            command = self._inbox.get() if wait else self._inbox.get_nowait()
            while True:
                if command is not None:
                    self._obey(command)
                if self._closing:
                    return
                command = self._inbox.get_nowait()
        except queue.Empty:
            return

    def _obey(self, command: Command) -> None:
        match command:
            case Train(until=until):
                if self._may_train():
                    self._answer_updates = False
                    self._goal = math.inf if until is None else until
                    self._become("running")
            case Pause():
                self._goal = self.experiment.step
                if self._state == "running":
                    self._become(self._rest)
            case OneUpdate():
                if self._may_train():
                    waiting = self._goal if self._answer_updates else self.experiment.step
                    self._goal = max(waiting, self.experiment.step) + 1
                    self._answer_updates = True
                    self._leave_failure()
            case RecordUpdate() as command:
                if self._may_train():
                    self._goal = self.experiment.step
                    self._jobs.append(partial(self._recording, command.lane))
                    self._leave_failure()
            case Validate():
                self._jobs.append(self._validation())
            case WriteOn():
                self._jobs.append(partial(writing, self.experiment, command, self.events.put))
            case ChangeSetting():
                self._change(command)
            case UseWorkers(count=count):
                self.experiment.use_workers(count)
            case Intervene() | Lift() | UndoIntervention():
                self._intervene(command)
            case StartOver():
                self._start_over()
            case Save(path=path):
                self.events.put(save_and_tell(self.experiment, path))
            case Keep():
                self.events.put(SnapshotKept(self.experiment.snapshot(), self.experiment.settings))
            case Close():
                self._closing = True

    def _may_train(self) -> bool:
        """Whether there is no reason against it; otherwise the reason is told again."""
        if self._refusal is None:
            return True
        self.events.put(self._refusal)
        return False

    def _change(self, command: ChangeSetting) -> None:
        try:
            self.experiment.change(command.name, command.value, command.lane)
        except SettingError as error:
            self.events.put(SettingRefused(command.name, str(error)))
            return
        value = self.experiment.settings.of_lane(command.lane or 0).get(command.name)
        self.events.put(SettingChanged(command.name, value, command.lane))
        self._refusal = None
        self._leave_failure()

    def _leave_failure(self) -> None:
        if self._state == "failed":
            self._become(self._rest)

    def _start_over(self) -> None:
        self._jobs.clear()
        self.experiment.start_over()
        self._goal = 0
        self._answer_updates = False
        self._refusal = None
        self._told_of.clear()
        self._ledger.clear()
        self.dial.forget(0)
        self._watching.begin_new_run()
        self._become("ready")
        if self.experiment.changes.count:
            self._tell_what_is_held(asked=False)

    def _intervene(self, command: Intervene | Lift | UndoIntervention) -> None:
        """Change the network between two updates, and begin anew what was under way on the one before."""
        changes, step = self.experiment.changes, self.experiment.step
        words = None if self.mailbox.request is None else self.mailbox.request.words
        went_back = None
        try:
            if isinstance(command, Intervene):
                changes.intervene(command.intervention, command.lane, words)
            elif isinstance(command, Lift):
                changes.lift(command.intervention, command.lane, words)
            else:
                went_back = changes.undo()
        except InterventionError as error:
            self.events.put(InterventionRefused(error.message, error.remedy))
            return
        except MemoryError:
            message = "There is not enough free memory to change the network."
            self.events.put(InterventionRefused(message, "Close other programs, or take a smaller network."))
            return
        self._watching.expect_change()
        self._jobs.begin_anew()
        self._refusal = None
        self._leave_failure()
        if went_back is not None:
            self._go_back(went_back, step)
        self._tell_what_is_held("" if went_back is None else went_back.note(step))

    def _go_back(self, to: WentBack, since: int) -> None:
        """The experiment stands where it was before weights were changed: so do the numbers and the goal."""
        self._ledger.go_back(to.step, to.change)
        self.dial.forget(to.step)
        self._told_of = {i for i, lane in enumerate(self.experiment.lanes) if lane.failure}
        if self._state != "running":
            self._goal -= since - to.step
            self._become(self._rest)

    def _tell_what_is_held(self, note: str = "", asked: bool = True) -> None:
        changes = self.experiment.changes
        self.events.put(
            Intervened(changes.held, changes.undo_words, self.experiment.step, changes.count, note, asked)
        )

    # -- pieces of work -----------------------------------------------------------------------------

    def _make_update(self) -> None:
        started = time.perf_counter()
        tell = self.dial.set_loss if len(self.experiment.lanes) > 1 else None  # alone there is no wait
        updates = self.experiment.update(self._must_stop, tell)
        self._speed.add(updates[0].tokens, time.perf_counter() - started)
        self._after_update(updates)
        if self._answer_updates:
            self.events.put(Updated(updates))

    def _must_stop(self) -> bool:
        return self._stop_now

    def _after_update(self, updates: tuple[Update, ...]) -> None:
        self._was_dropped = False
        self.dial.set(self.experiment.step, updates)
        for update in updates:
            self._ledger.note_update(update, self._speed.per_second)
        if len(updates) < len(self.experiment.lanes):
            for lane in self._learn_of_the_dropped():
                failure = self.experiment.lanes[lane].failure
                assert failure is not None
                self.events.put(Failed(failure.step, failure.cause, failure.remedy, lane=lane))
        if self.experiment.epoch_done:
            self._jobs.append(self._validation(self.experiment.epoch))

    def _learn_of_the_dropped(self) -> list[int]:
        """The lanes that have dropped out of their race since this was asked last."""
        dropped = [
            i for i, lane in enumerate(self.experiment.lanes) if lane.failure and i not in self._told_of
        ]
        self._told_of.update(dropped)
        return dropped

    def _validation(self, epoch: int | None = None) -> Callable[[], Job]:
        return partial(validating, self.experiment, self._ledger, self.events.put, self._must_stop, epoch)

    def _recording(self, lane: int) -> Job:
        while True:
            try:
                record, updates = self.experiment.record_update(self._must_stop, lane)
                break
            except Interrupted:
                self._was_dropped = True
                yield
        self._after_update(updates)
        self.events.put(UpdateRecorded(record, updates, lane))
