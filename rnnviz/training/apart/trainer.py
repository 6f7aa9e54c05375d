"""The owner's side: a thread in charge of a worker process, with the face of a `Trainer`."""

import queue
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from rnnviz.training.apart.messages import Begin, FrameTaken, Kept, Numbers, Watch
from rnnviz.training.apart.reserve import Reserve, Worker
from rnnviz.training.checkpoint_writing import save_and_tell
from rnnviz.training.commands import (
    Close,
    Command,
    Intervene,
    Lift,
    OneUpdate,
    RecordUpdate,
    Save,
    Train,
    UndoIntervention,
    UseWorkers,
)
from rnnviz.training.dial import Dial
from rnnviz.training.events import (
    Event,
    Failed,
    Intervened,
    InterventionRefused,
    Saved,
    SaveFailed,
    SettingChanged,
    SnapshotKept,
    State,
    StateChanged,
)
from rnnviz.training.experiment import Experiment
from rnnviz.training.frame import Frame
from rnnviz.training.loading import message_for_people
from rnnviz.training.mailbox import Mailbox
from rnnviz.training.scalar_log import ScalarLog
from rnnviz.training.snapshot import Snapshot
from rnnviz.training.watching import first_frame

MOST_DEATHS: Final = 3
"""So many workers may die one after another, without an update between them, before no more are started."""
FIRST_REQUEST_S: Final = 0.2
"""How long nothing else is done lest somebody wants to see what is trained; a window asks at once."""
_LAST_WORDS_S = 0.5


class ApartTrainer(threading.Thread):
    """Has one experiment trained by another process.

    `experiment` is a mirror: corpus, text, settings, `step`, `epoch` and `position` are up to date; networks
    and optimizers are brought up when the thread has ended, so that another trainer can go on from there.
    """

    def __init__(
        self, experiment: Experiment, logs: Sequence[ScalarLog] = (), reserve: Reserve | None = None
    ) -> None:
        """`logs`, one a lane, go on with the numbers of before; workers come from `reserve`."""
        super().__init__(name="training", daemon=False)
        self.experiment = experiment
        self.logs = tuple(logs) or tuple(ScalarLog() for _ in experiment.lanes)
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.mailbox = Mailbox(self._wake)
        self._reserve = reserve if reserve is not None else Reserve()
        self._outbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._state: State = "paused" if experiment.step else "ready"
        self._kept: Snapshot = experiment.snapshot()
        self._unsent: list[object] = []
        # Told to the worker; each kind is answered in its order.
        self._unanswered_saves: deque[object] = deque()
        self._unanswered_changes: deque[object] = deque()
        self._posted: object = None  # the request that the worker knows
        self._closing = False
        self._over = False
        self._refusal: Failed | None = None  # why no worker trains any more
        self._wanted = threading.Event()  # something, by somebody
        self._heard = False  # anything from a worker
        self._commanded = False
        self._saving = False  # has been told to
        self._deaths = 0
        self.dial = Dial()
        self.worker: Worker | None = None
        """The process that trains now."""

    # -- for other threads: as in Trainer ---------------------------------------------------------------

    @property
    def state(self) -> State:
        """ready, running, paused, failed or closed."""
        return self._state

    @property
    def log(self) -> ScalarLog:
        """The numbers of the first lane."""
        return self.logs[0]

    def send(self, command: Command) -> None:
        """Put a command in the queue; never blocks. After `close` it is thrown away unread."""
        self._closing = self._closing or isinstance(command, Close)
        if isinstance(command, UseWorkers):
            self.experiment.use_workers(command.count)  # for the next worker; the mirror makes no updates
        else:
            self._commanded = True
        self._saving = self._saving or isinstance(command, Save)
        self._outbox.put(command)
        self._wanted.set()

    def close(self) -> None:
        """End process and thread; never blocks. A `Save` sent before is still written."""
        self.send(Close())
        self._end_unless_needed(self.worker)

    def _end_unless_needed(self, worker: Worker | None) -> None:
        """Nobody waits for a process to wake up only to close it; unless there is something to save."""
        if worker is not None and self._closing and not (self._heard or self._saving):
            worker.process.kill()

    def _wake(self) -> None:
        request = self.mailbox.request
        if request is not self._posted:
            self._posted = request
            self._outbox.put(Watch(request))
            self._wanted.set()
        else:
            self._outbox.put(FrameTaken())

    # -- the thread's own life ----------------------------------------------------------------------------

    def run(self) -> None:
        """One worker after another, should one die, until closed."""
        self._answer_first()
        while not self._over:
            try:
                self.worker = worker = self._reserve.take()
                self.dial = worker.dial
            except OSError as error:
                self._give_up(f"No process could be started for the training: {error}.")
                break
            self._end_unless_needed(worker)
            speaking = threading.Thread(
                target=self._speak, args=(worker, self._first_words()), name="speaking"
            )
            speaking.start()
            try:
                self._hear(worker.channel.receive())
                self._heard = True
                with suppress(OSError):  # one in reserve is a convenience
                    self._reserve.prepare()  # now that this one is awake, and not in its way
                while not self._over:
                    self._hear(worker.channel.receive())
            except (EOFError, OSError):
                worker.process.join(_LAST_WORDS_S)
                self._on_death(worker.process.exitcode)
            except Exception as error:  # such as no memory for what came: nobody may wait for ever
                if self._closing:  # nobody would hear it, or send the Close that is waited for after it
                    self._over = True
                else:
                    self._give_up(message_for_people(error))
            self._outbox.put(worker)  # the end of what is for this one
            speaking.join()
            self._keep_commands()
            worker.end()
        self.experiment.restore(self._kept)
        if self._refusal is not None:
            self._answer_without_worker(self._refusal)
        else:
            self._save_what_is_left()
        self._become("closed")

    def _answer_first(self) -> None:
        """Trace what is watched while a process wakes up: the mirror has the same networks."""
        self._wanted.wait(FIRST_REQUEST_S)
        request = self.mailbox.request
        if request is None or self._commanded:
            return
        try:
            frame = first_frame(self.experiment, request)
        except Exception:  # the worker meets with the same, and has the words for it
            return
        self.mailbox.put(frame)

    def _first_words(self) -> Begin:
        experiment = self.experiment
        logs = tuple(log.whole for log in self.logs)
        counts = experiment.workers, experiment.changes.count, experiment.run_number
        return Begin(experiment.corpus, experiment.settings, self._kept, logs, *counts)

    def _speak(self, worker: Worker, begin: Begin) -> None:
        """A thread of its own, since a pipe may be full: tell the worker all that is in the queue."""
        try:
            worker.channel.send(begin)
            if self._deaths:
                worker.channel.send(Watch(self.mailbox.request))
        except OSError:  # it is gone; the other thread notices too
            return
        while (message := self._outbox.get()) is not worker:
            waiting = self._waiting_for(message)
            if waiting is not None:
                waiting.append(message)
            try:
                worker.channel.send(message)
            except OSError:
                if waiting is not None:
                    waiting.pop()
                self._unsent.append(message)
                return
            if isinstance(message, Close):  # whoever answers without a worker waits for it
                self._unsent.append(message)

    def _keep_commands(self) -> None:
        """Nobody speaks now: leave in the queue only what the next worker is to hear as well.

        What the last one was told and did not answer went with it: a network is saved by the next one, an
        intervention was made on a network that has gone back, and is refused.
        """
        for _ in () if self._over else self._unanswered_changes:
            self.events.put(InterventionRefused("The process that trains ended before this.", "Do it again."))
        left = [*self._unanswered_saves, *self._unsent]
        self._unanswered_changes.clear()
        self._unanswered_saves.clear()
        self._unsent = []
        while not self._outbox.empty():
            left.append(self._outbox.get())
        for message in left:
            if not isinstance(message, Worker | Watch | FrameTaken):
                self._outbox.put(message)

    def _hear(self, message: object) -> None:
        match message:
            case Frame():
                self.mailbox.put(message)
            case Numbers():
                if message.step != self.experiment.step:
                    self._deaths = 0
                self.experiment.step, self.experiment.epoch = message.step, message.epoch
                self.experiment.position, self.experiment.run_number = message.position, message.run_number
                for log, part in zip(self.logs, message.logs, strict=True):
                    log.take(part)
            case Kept(snapshot=snapshot, settings=settings):
                self._kept = snapshot
                self.events.put(SnapshotKept(snapshot, settings))
            case StateChanged(state="closed"):
                self._over = True
            case StateChanged(state=state):
                self._become(state)
            case SettingChanged(name=name, value=value, lane=lane):
                self.experiment.change(name, value, lane)
                self.events.put(message)
            case Intervened(change=change):
                self.experiment.changes.count = change
                if message.asked:
                    self._note_answer(self._unanswered_changes)
                self.events.put(message)
            case InterventionRefused():
                self._note_answer(self._unanswered_changes)
                self.events.put(message)
            case Saved() | SaveFailed():
                self._note_answer(self._unanswered_saves)
                self.events.put(message)
            case _:
                self.events.put(message)  # type: ignore[arg-type]  # an event of the worker's trainer

    def _waiting_for(self, message: object) -> deque[object] | None:
        """Where a message waits for its answer, if it gets one."""
        match message:
            case Save():
                return self._unanswered_saves
            case Intervene() | Lift() | UndoIntervention():
                return self._unanswered_changes
        return None

    @staticmethod
    def _note_answer(waiting: deque[object]) -> None:
        if waiting:
            waiting.popleft()

    def _become(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self.events.put(StateChanged(state))

    def _on_death(self, exit_code: int | None) -> None:
        """The worker is gone without a word."""
        if self._closing:
            self._over = True
            return
        self._deaths += 1
        if self._deaths >= MOST_DEATHS:
            self._give_up("The process that trains ends again and again.")
            return
        for log in self.logs:
            log.go_back(self._kept.step, self.experiment.changes.count)
        if self.experiment.changes.count:
            self._tell_what_is_held()
        self.experiment.step, self.experiment.epoch = self._kept.step, self._kept.epoch
        self.experiment.position = self._kept.position
        why = f"was ended by signal {-exit_code}" if exit_code and exit_code < 0 else f"ended ({exit_code})"
        self.events.put(
            Failed(
                self._kept.step,
                f"The process that trains {why}; perhaps the machine is short of memory.",
                f"Nothing before update {self._kept.step:,} is lost: press Train to go on from there.",
            )
        )
        self._become("paused" if self._kept.step else "ready")

    def _tell_what_is_held(self) -> None:
        """Interventions since the last snapshot went with the worker, and so did the way to undo any."""
        changes = self.experiment.changes
        changes.count += 1
        held = tuple(lane.held for lane in self._kept.lanes)
        self.events.put(Intervened(held, "", self._kept.step, changes.count, asked=False))

    def _give_up(self, message: str) -> None:
        self._over = True
        remedy = "Save what you need, close other programs, and start rnnviz again."
        self._refusal = Failed(self._kept.step, message, remedy)
        self.events.put(self._refusal)
        self._become("failed")

    def _save_what_is_left(self) -> None:
        """A worker that ended while it was being closed may have been about to write."""
        while not self._outbox.empty():
            if isinstance(command := self._outbox.get(), Save):
                self.events.put(save_and_tell(self.experiment, command.path))

    def _answer_without_worker(self, refusal: Failed) -> None:
        """What was learned can still be saved; whoever wants to train is told again why not."""
        while not isinstance(command := self._outbox.get(), Close):
            if isinstance(command, Save):
                self.events.put(save_and_tell(self.experiment, command.path))
            elif isinstance(command, Train | OneUpdate | RecordUpdate):
                self.events.put(refusal)
