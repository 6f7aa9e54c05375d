"""The session: owns the run, and is the one state machine off which every button is read.

    idle -> ready -> running <-> paused -> failed

Loading is a job beside it, which replaces the run only when it has succeeded. All of this is the GUI
thread's; the trainer is spoken to through its command queue and heard through mailbox and event queue.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from rnnviz.gui.clock import Clock, FramePace
from rnnviz.gui.event_signals import EventSignals
from rnnviz.gui.preparing import Preparing
from rnnviz.gui.run import Message, Run
from rnnviz.gui.settings_of_before import SettingsOfBefore
from rnnviz.gui.telling import messages_of_opening, words_for_undo
from rnnviz.gui.trainers import AnyTrainer, Retired, Trainers, frame_share
from rnnviz.gui.watched import watchable
from rnnviz.probes import Trace
from rnnviz.text import Passage, Task, TextFile, suggest_passage
from rnnviz.training import (
    SETTINGS,
    ChangeSetting,
    Command,
    EpochDone,
    Experiment,
    Frame,
    History,
    Intervened,
    NewestNumbers,
    OneUpdate,
    Pause,
    RecordUpdate,
    RunSettings,
    Save,
    StartOver,
    StateChanged,
    TextSource,
    Train,
    Trainer,
    UseWorkers,
    Validate,
    WriteOn,
    prepare,
    resume,
    trace_request,
)

Needs = Callable[[], frozenset[str]]
HISTORY_BYTES = 256 * 2**20
CLOSING_PATIENCE_S = 0.9


class Session(EventSignals):
    """Opens texts, commands the trainer, and hands on what it answers."""

    state_changed = Signal(str)  # idle, ready, running, paused, failed
    run_replaced = Signal(object)  # Run
    frame_arrived = Signal(object)  # Frame, live
    numbers_arrived = Signal(object)  # NewestNumbers, while it learns
    at_leisure = Signal()  # a tick without a frame, while it learns
    moment_changed = Signal(object)  # int | None: the update looked back at; None: live
    passage_changed = Signal(object)  # Passage
    loading = Signal(object)  # (share, what is being done) or None when it ended
    resumed = Signal(object)  # Path of the saved network that goes on
    starting_over = Signal()  # what has been learned is about to be forgotten
    closed = Signal()  # every thread has ended

    def __init__(self, needs: Needs, parent: QObject | None = None, trainers: Trainers = Trainer) -> None:
        """`needs` says what the visible views draw; `trainers` makes the one that each run learns by."""
        super().__init__(parent)
        self._trainers = trainers
        self.settings = RunSettings()
        self.workers = 1  # processes that train, whatever the run
        self.run: Run | None = None
        self.state = "idle"
        self.moment: int | None = None
        self.last_frame: Frame | None = None
        self.newest: NewestNumbers | None = None  # newer than all else while it learns
        self.lane: int | None = None  # of a race: the lane looked at alone
        self._needs = needs
        self._generation = 0
        self._previous: Run | None = None
        self._retired = Retired()
        self.preparing = Preparing(self)
        self.preparing.progressed.connect(self.loading)
        self.preparing.done.connect(self._on_prepared)
        self.preparing.failed.connect(self.message)
        self._sought: Passage | None = None
        self._resuming: Path | None = None
        self._before = SettingsOfBefore()
        self._told_to_train = False  # what the trainer was told last, though it may not have said so yet
        self.clock = Clock(self.tick, self)
        self._pace = FramePace(frame_share(trainers))

    # -- opening and replacing runs ---------------------------------------------------------------

    def open(self, source: Path | TextFile | Task, passage: Passage | None = None, **values: Any) -> None:
        """Read a text and build a network for it, beside whatever runs now.

        A sample brings its passage and its kind of tokens; the next text of one's own is read by the kind
        of before again. A memory task brings window, batch and what else suits it, and the next text has
        those of before. What was open stays open until this succeeds.
        """
        settings, self._sought = self._before.for_opening(source, passage, self.settings, values)
        self._prepare(lambda *told: prepare(source, settings, *told, suit=True))

    def resume(self, path: Path, sources: Sequence[TextSource], passage: Passage | None = None) -> None:
        """Take up a saved network with the first of these texts that is its own, beside whatever runs now."""
        self._sought = passage
        self._prepare(lambda *told: resume(path, sources, *told), path)

    def apply(self, values: Mapping[str, Any]) -> None:
        """Build a new network with some settings changed; the old run can be had back by `undo`."""
        settings = self.settings.with_values(values, self.lane)
        if "tokens" in values:
            self._before.tokens_were_chosen()
        self.build(settings)

    def build(self, settings: RunSettings) -> None:
        """Build new networks by these settings for the same text."""
        if self.run is None:
            self.settings = settings
            return
        experiment = self.run.experiment
        same_tokens = settings.experiment.tokens == self.settings.experiment.tokens
        self._sought = self.run.passage if same_tokens else None
        self._prepare(lambda *told: prepare(experiment, settings, *told))

    def cancel_loading(self) -> None:
        """Give up the reading that is under way."""
        self.preparing.cancel()

    @property
    def can_undo(self) -> bool:
        """Whether the run before this one is still there."""
        return self._previous is not None

    @property
    def kept(self) -> str:
        """What `undo` would bring back, in words: another text by its name."""
        return "" if self._previous is None or self.run is None else words_for_undo(self._previous, self.run)

    def undo(self) -> None:
        """Back to the run that the last new network replaced."""
        if previous := self._previous:
            previous.trainer.join(CLOSING_PATIENCE_S)
            if previous.trainer.is_alive():  # it has yet to bring what it learned last
                self.message.emit(
                    Message("The old network is still being put away.", "Undo again in a moment.")
                )
                return
            self._previous = None
            self.adopt(previous.experiment, previous.passage, previous)

    def adopt(
        self, experiment: Experiment, passage: Passage | None = None, resumed: Run | None = None
    ) -> None:
        """Make an experiment the run: start its thread, watch its passage, retire the run before.

        A run that is resumed brings its history and its log along.
        """
        if self.run is not None:
            self._retired.take(self.run.trainer)
            self._previous = self.run if resumed is None else None
        experiment.use_workers(self.workers)
        trainer = self._trainers(experiment, resumed.trainer.logs if resumed else ())
        if passage is None:
            text = experiment.text
            passage = suggest_passage(text, experiment.corpus) if text is not None else Passage("")
        self.run = Run(experiment, trainer, passage, resumed.history if resumed else History(HISTORY_BYTES))
        self._before.note_opened(experiment, self.settings)
        self.settings = experiment.settings
        self.moment = None
        self.last_frame = None
        self.newest = None
        self.lane = None
        trainer.start()
        self._told_to_train = False  # what was told went to the trainer before
        self._set_state(trainer.state)
        self.run_replaced.emit(self.run)
        self.passage_changed.emit(passage)
        self.moment_changed.emit(None)
        self.request_trace()

    # -- commands -----------------------------------------------------------------------------------

    def train(self) -> None:
        """Let the run learn until paused."""
        self._told_to_train = self.state != "failed"
        self.send(Train())

    def pause(self) -> None:
        """Stop after the update under way."""
        self._told_to_train = False
        self.send(Pause())

    @property
    def is_training(self) -> bool:
        """Whether the run learns, or has been told to and will in a moment."""
        return self._told_to_train

    def one_update(self) -> None:
        """One update, then pause."""
        self.show_live()
        self.send(OneUpdate())

    def start_over(self) -> None:
        """The same weights as at the start, and everything forgotten."""
        if self.run is not None:
            self.show_live()
            self.starting_over.emit()
            self.run.history.clear()
            self.send(StartOver())
            self.request_trace()

    def change_now(self, name: str, value: Any) -> None:
        """Change what may change while training: learning rate and clip norm. Raises SettingError."""
        self.settings = self.settings.with_values({name: value}, self.lane)
        if SETTINGS[name].at_once:
            self.send(ChangeSetting(name, SETTINGS[name].check(value), self.lane))

    def use_workers(self, count: int) -> None:
        """Let so many processes train, this run and those that come."""
        self.workers = count
        self.send(UseWorkers(count))

    def validate(self) -> None:
        """Measure the loss on the validation part now."""
        self.send(Validate())

    def save(self, path: Path) -> None:
        """Write a checkpoint between two updates."""
        self.send(Save(path))

    def write_on(self, n: int, temperature: float) -> None:
        """Let the network continue the watched passage by n tokens."""
        if self.run is not None:
            _, ids = self.run.experiment.corpus.encode(self.run.passage.text)
            seed = self.settings.experiment.seed
            self.send(WriteOn(tuple(int(i) for i in ids), n, temperature, seed, self.lane or 0))

    def record_update(self) -> None:
        """Make one update and keep all that happened in it, for slow motion."""
        self.send(RecordUpdate(self.lane or 0))

    @property
    def generation(self) -> int:
        """The number of the last request for a trace; frames that answer earlier ones are not shown."""
        return self._generation

    # -- what is watched ------------------------------------------------------------------------------

    def watch(self, passage: Passage) -> None:
        """Trace another passage from now on. An empty one is refused with a message."""
        if self.run is None:
            return
        found, note = watchable(passage, self.run.experiment.corpus)
        if note:
            self.message.emit(note)
        if not found:
            return
        self.run.passage = found
        self.passage_changed.emit(found)
        self.show_live()
        self.request_trace()

    def request_trace(self) -> None:
        """Ask the trainer for traces of the watched passage, with what the visible views need."""
        if self.run is None:
            return
        run = self.run
        request = trace_request(run.experiment.corpus, run.passage, self._needs(), self._generation + 1)
        if request is None:
            return
        self._generation += 1
        self._pace.hurry()
        run.trainer.mailbox.post_request(request)
        self.clock.wake()

    def show_moment(self, step: int | None) -> None:
        """Look back at the kept moment nearest to an update; None: live again."""
        if self.run is None or (step is not None and not len(self.run.history)):
            return
        self.moment = None if step is None else self.run.history.nearest(step).step
        self.moment_changed.emit(self.moment)

    def show_live(self) -> None:
        """Leave the past."""
        if self.moment is not None:
            self.show_moment(None)

    @property
    def shown_frame(self) -> Frame | None:
        """What the views show: the live frame, or a kept one while looking back."""
        if self.moment is not None and self.run is not None and len(self.run.history):
            return self.run.history.nearest(self.moment)
        return self.last_frame

    @property
    def shown_trace(self) -> Trace | None:
        """The trace of the lane looked at, or of the first one, in what is shown."""
        frame = self.shown_frame
        return frame.traces[self.lane or 0] if frame is not None else None

    # -- the clock's tick -------------------------------------------------------------------------------

    def tick(self) -> bool:
        """Take one frame and all events; True where there was anything."""
        busy = self.preparing.poll()
        self._retired.bury()
        if self.run is None:
            return busy
        trainer = self.run.trainer
        # Only what is there now, and of epochs only the last: on a tiny text they may come faster than the
        # window can draw them, and this must come to an end.
        events = [trainer.events.get_nowait() for _ in range(trainer.events.qsize())]
        last_epoch = next((event for event in reversed(events) if isinstance(event, EpochDone)), None)
        for event in events:
            if isinstance(event, EpochDone) and event is not last_epoch:
                continue
            self._on_event(event)
            busy = True
            if self.run.trainer is not trainer:
                return True
        self._read_dial(trainer)
        frame = trainer.mailbox.take() if self.state != "running" or self._pace.may_take() else None
        if frame is not None and frame.generation == self._generation:
            self._pace.taken()
            self.last_frame = frame
            self.run.history.append(frame)
            self.frame_arrived.emit(frame)
            busy = True
        elif self.state == "running":
            self.at_leisure.emit()
        return busy or self.state == "running"

    def _read_dial(self, trainer: AnyTrainer) -> None:
        numbers = trainer.dial.read() if self.state == "running" else None
        if numbers is not None and (self.newest is None or self.newest.count != numbers.count):
            self.newest = numbers  # where it was just being set, what it said before still holds
            self.numbers_arrived.emit(numbers)

    def close(self) -> None:
        """End every thread; nothing is left when this returns, or it has waited for a second."""
        self.clock.stop()
        self.preparing.cancel()
        if self.run is not None:
            self._retired.take(self.run.trainer)
        deadline = time.monotonic() + CLOSING_PATIENCE_S
        self._retired.join(deadline)
        self.preparing.join(max(deadline - time.monotonic(), 0.0))
        self.closed.emit()

    # -- inside -------------------------------------------------------------------------------------------

    def send(self, command: Command) -> None:
        """Put a command into the run's queue, if there is a run."""
        if self.run is not None:
            self.run.trainer.send(command)
            self.clock.wake()

    def _set_state(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self.newest = None  # of a run that rests its own numbers are the newest
            self._told_to_train = state == "running"
            self.state_changed.emit(state)

    def _prepare(self, work: Callable[[Any, Any], Experiment], resuming: Path | None = None) -> None:
        self._resuming = resuming
        self.preparing.start(work)
        self.clock.wake()

    def _on_prepared(self, experiment: Experiment) -> None:
        self.adopt(experiment, self._sought)
        if self._resuming is not None:
            self.resumed.emit(self._resuming)
        for message in messages_of_opening(experiment, self._before.note):
            self.message.emit(message)

    def _on_event(self, event: object) -> None:
        match event:
            case StateChanged(state=state):
                self._set_state(state)
            case Intervened() if event.note and self.run is not None:
                self.run.history.go_back(event.step, event.change)
        self.tell(event, self.run)
