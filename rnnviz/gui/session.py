"""The session: owns the run, and is the one state machine off which every button is read.

    idle -> ready -> running <-> paused -> failed

Loading is a job beside it, which replaces the run only when it has succeeded. Everything here runs on the
GUI thread; the training thread is spoken to through its command queue and heard through its mailbox and
event queue, on the clock's ticks.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from rnnviz.gui.clock import Clock, FramePace
from rnnviz.probes import Trace, TraceRequest
from rnnviz.text import UNKNOWN, Passage, Task, TextFile, sample_at, suggest_passage
from rnnviz.training import (
    SETTINGS,
    SUITED,
    ChangeSetting,
    EpochDone,
    Experiment,
    Failed,
    Frame,
    History,
    Job,
    OneUpdate,
    Pause,
    RecordUpdate,
    RunSettings,
    Save,
    Saved,
    SaveFailed,
    SettingChanged,
    SettingRefused,
    StartOver,
    StateChanged,
    Train,
    Trainer,
    UpdateRecorded,
    Validate,
    Validated,
    WriteOn,
    Written,
    prepare,
)

HISTORY_BYTES = 256 * 2**20
CLOSING_PATIENCE_S = 0.9
LONGEST_PASSAGE = 500
"""Tokens: a trace holds all pairs of them, and thousands would take gigabytes."""


@dataclass(slots=True)
class Run:
    """One experiment with its thread, what it has left behind, and the passage watched on it."""

    experiment: Experiment
    trainer: Trainer
    passage: Passage
    history: History


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell the user: what happened, and what to do."""

    text: str
    remedy: str = ""
    severity: Literal["note", "warning", "error"] = "note"


class Session(QObject):
    """Opens texts, commands the trainer, and hands on what it answers."""

    state_changed = Signal(str)  # idle, ready, running, paused, failed
    run_replaced = Signal(object)  # Run
    frame_arrived = Signal(object)  # Frame, live
    moment_changed = Signal(object)  # int | None: the update looked back at; None: live
    passage_changed = Signal(object)  # Passage
    epoch_done = Signal(object)  # EpochDone
    validated = Signal(object)  # Validation
    written = Signal(str)  # what the network writes on
    update_recorded = Signal(object)  # UpdateRecord
    setting_changed = Signal(str, object)
    message = Signal(object)  # Message
    loading = Signal(object)  # (share, what is being done) or None when it ended

    def __init__(self, needs: Callable[[], frozenset[str]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = RunSettings()
        self.run: Run | None = None
        self.state = "idle"
        self.moment: int | None = None
        self.last_frame: Frame | None = None
        self.lane: int | None = None  # of a race: the lane looked at alone
        self._needs = needs
        self._generation = 0
        self._previous: Run | None = None
        self._retired: list[Trainer] = []
        self._job: Job[Experiment] | None = None
        self._job_progress: tuple[float, str] | None = None
        self._sought: Passage | None = None
        self._tokens_before_sample: str | None = None  # what the user read by before an example came
        self._before_task: dict[str, Any] | None = None  # settings that the memory task shown has changed
        self._told_to_train = False  # what the trainer was told last, though it may not have said so yet
        self.clock = Clock(self.tick, self)
        self._pace = FramePace()

    # -- opening and replacing runs ---------------------------------------------------------------

    def open(self, source: Path | TextFile | Task, passage: Passage | None = None, **values: Any) -> None:
        """Read a text and build a network for it, beside whatever runs now.

        A sample brings its passage and its kind of tokens; the next text of one's own is read by the kind
        of before again. A memory task brings window, batch and what else suits it, and the next text has
        those of before. What was open stays open until this succeeds.
        """
        before = self._before_task or {}
        sample = sample_at(source) if isinstance(source, Path) else None
        if sample is not None:
            self._tokens_before_sample = self._tokens_before_sample or before.get(
                "tokens", self.settings.experiment.tokens
            )
            values.setdefault("tokens", sample.tokens)
            passage = passage or Passage(sample.passage, sample.answer)
        elif self._tokens_before_sample is not None:
            values.setdefault("tokens", self._tokens_before_sample)
            self._tokens_before_sample = None
        settings = self.settings.with_values(before | values)
        self._sought = passage
        self._start_job(lambda *told: prepare(source, settings, *told, suit=True))

    def apply(self, values: Mapping[str, Any]) -> None:
        """Build a new network with some settings changed; the old run can be had back by `undo`."""
        settings = self.settings.with_values(values, self.lane)
        if "tokens" in values:
            self._tokens_before_sample = None
        self.build(settings)

    def build(self, settings: RunSettings) -> None:
        """Build new networks by these settings for the same text."""
        if self.run is None:
            self.settings = settings
            return
        experiment = self.run.experiment
        same_tokens = settings.experiment.tokens == self.settings.experiment.tokens
        self._sought = self.run.passage if same_tokens else None
        self._start_job(lambda progress, cancelled: prepare(experiment, settings, progress, cancelled))

    def cancel_loading(self) -> None:
        """Give up the reading that is under way."""
        if self._job is not None:
            self._job.cancel()

    @property
    def can_undo(self) -> bool:
        """Whether the run before this one is still there."""
        return self._previous is not None

    @property
    def kept(self) -> str:
        """What `undo` would bring back, in words: another text by its name."""
        if self._previous is None or self.run is None:
            return ""
        name = self._previous.experiment.corpus.name
        return "Old network kept" if name == self.run.experiment.corpus.name else f"{name} kept"

    def undo(self) -> None:
        """Back to the run that the last new network replaced."""
        if self._previous is not None:
            previous, self._previous = self._previous, None
            previous.trainer.join(CLOSING_PATIENCE_S)
            self.adopt(previous.experiment, previous.passage, previous)

    def adopt(
        self, experiment: Experiment, passage: Passage | None = None, resumed: Run | None = None
    ) -> None:
        """Make an experiment the run: start its thread, watch its passage, retire the run before.

        A run that is resumed brings its history and its log along.
        """
        if self.run is not None:
            self._retire(self.run)
            self._previous = self.run if resumed is None else None
        trainer = Trainer(experiment, resumed.trainer.logs if resumed else ())
        if passage is None:
            text = experiment.text
            passage = suggest_passage(text, experiment.corpus) if text is not None else Passage("")
        self.run = Run(experiment, trainer, passage, resumed.history if resumed else History(HISTORY_BYTES))
        if experiment.corpus.task is None:
            self._before_task = None
        elif self._before_task is None:
            self._before_task = {name: self.settings.get(name) for name in SUITED}
        self.settings = experiment.settings
        self.moment = None
        self.last_frame = None
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
        self._send(Train())

    def pause(self) -> None:
        """Stop after the update under way."""
        self._told_to_train = False
        self._send(Pause())

    @property
    def is_training(self) -> bool:
        """Whether the run learns, or has been told to and will in a moment."""
        return self._told_to_train

    def one_update(self) -> None:
        """One update, then pause."""
        self.show_live()
        self._send(OneUpdate())

    def start_over(self) -> None:
        """The same weights as at the start, and everything forgotten."""
        if self.run is not None:
            self.show_live()
            self.run.history.clear()
            self._send(StartOver())
            self.request_trace()

    def change_now(self, name: str, value: Any) -> None:
        """Change what may change while training: learning rate and clip norm. Raises SettingError."""
        self.settings = self.settings.with_values({name: value}, self.lane)
        if SETTINGS[name].at_once:
            self._send(ChangeSetting(name, SETTINGS[name].check(value), self.lane))

    def validate(self) -> None:
        """Measure the loss on the validation part now."""
        self._send(Validate())

    def save(self, path: Path) -> None:
        """Write a checkpoint between two updates."""
        self._send(Save(path))

    def write_on(self, n: int, temperature: float) -> None:
        """Let the network continue the watched passage by n tokens."""
        if self.run is not None:
            _, ids = self.run.experiment.corpus.encode(self.run.passage.text)
            seed = self.settings.experiment.seed
            self._send(WriteOn(tuple(int(i) for i in ids), n, temperature, seed, self.lane or 0))

    def record_update(self) -> None:
        """Make one update and keep all that happened in it, for slow motion."""
        self._send(RecordUpdate(self.lane or 0))

    # -- what is watched ------------------------------------------------------------------------------

    def watch(self, passage: Passage) -> None:
        """Trace another passage from now on. An empty one is refused with a message."""
        if self.run is None:
            return
        tokens, _ = self.run.experiment.corpus.encode(passage.text)
        if not tokens:
            self.message.emit(Message("There is nothing to ask.", "Type at least one word.", "warning"))
            return
        if len(tokens) > LONGEST_PASSAGE:
            self.message.emit(
                Message(
                    f"This passage has {len(tokens):,} tokens; the longest that can be watched has "
                    f"{LONGEST_PASSAGE}, since every pair of them is drawn.",
                    "Take a part of it, or open it as a text of its own and select a passage there.",
                    "warning",
                )
            )
            return
        passage = self._with_one_answer(passage)
        self.run.passage = passage
        self.passage_changed.emit(passage)
        self.show_live()
        self.request_trace()

    def _with_one_answer(self, passage: Passage) -> Passage:
        """The passage with the first token of its answer, and a word about it where there were more."""
        assert self.run is not None
        corpus = self.run.experiment.corpus
        answers, _ = corpus.encode(passage.answer)
        if len(answers) < 2:
            return passage
        kind = "word" if corpus.tokenizer.name == "word" else "character"
        self.message.emit(Message(f"The answer is one {kind}: “{answers[0]}” is taken.", severity="note"))
        return Passage(passage.text, answers[0])

    def request_trace(self) -> None:
        """Ask the trainer for traces of the watched passage, with what the visible views need."""
        if self.run is None:
            return
        corpus, passage = self.run.experiment.corpus, self.run.passage
        words, ids = corpus.encode(passage.text)
        if not words:
            return
        answer_words, answer_ids = corpus.encode(passage.answer)
        self._generation += 1
        self._pace.hurry()
        self.run.trainer.mailbox.post_request(
            TraceRequest(
                tokens=tuple(int(i) for i in ids),
                words=tuple(words),
                answer=int(answer_ids[0]) if answer_words else None,
                answer_word=answer_words[0] if answer_words else None,
                needs=self._needs(),
                generation=self._generation,
            )
        )
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
        busy = self._poll_job()
        self._bury()
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
        frame = trainer.mailbox.take() if self.state != "running" or self._pace.may_take() else None
        if frame is not None and frame.generation == self._generation:
            self._pace.taken()
            self.last_frame = frame
            self.run.history.append(frame)
            self.frame_arrived.emit(frame)
            busy = True
        return busy or self.state == "running"

    def close(self) -> None:
        """End every thread; nothing is left when this returns, or it has waited for a second."""
        self.clock.stop()
        if self._job is not None:
            self._job.cancel()
        if self.run is not None:
            self._retire(self.run)
        deadline = time.monotonic() + CLOSING_PATIENCE_S
        for trainer in self._retired:
            trainer.join(max(deadline - time.monotonic(), 0.0))
        if self._job is not None:
            self._job.join(max(deadline - time.monotonic(), 0.0))

    # -- inside -------------------------------------------------------------------------------------------

    def _send(self, command: Any) -> None:
        if self.run is not None:
            self.run.trainer.send(command)
            self.clock.wake()

    def _set_state(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self._told_to_train = state == "running"
            self.state_changed.emit(state)

    def _retire(self, run: Run) -> None:
        run.trainer.close()
        self._retired.append(run.trainer)

    def _bury(self) -> None:
        self._retired = [trainer for trainer in self._retired if trainer.is_alive()]

    def _start_job(self, work: Callable[[Any, Any], Experiment]) -> None:
        self.cancel_loading()
        self._job = Job(work)
        self._job.start()
        self.loading.emit((0.0, "reading"))
        self.clock.wake()

    def _poll_job(self) -> bool:
        job = self._job
        if job is None:
            return False
        state = job.poll()
        if state == "running":
            if job.progress != self._job_progress:
                self._job_progress = job.progress
                self.loading.emit(job.progress)
            return True
        self._job = None
        self._job_progress = None
        try:
            if state == "done":
                experiment = job.result
                self.adopt(experiment, self._sought)
                for note in experiment.corpus.notes:
                    self.message.emit(Message(note))
                if experiment.warning:
                    self.message.emit(Message(experiment.warning, severity="warning"))
            elif state == "failed":
                self.message.emit(Message(job.error, severity="error"))
        finally:
            self.loading.emit(None)
        return True

    def _on_event(self, event: object) -> None:
        match event:
            case StateChanged(state=state):
                self._set_state(state)
            case EpochDone():
                self.epoch_done.emit(event)
            case Validated(validation=validation):
                self.validated.emit(validation)
            case Written(ids=ids):
                self._on_written(ids)
            case UpdateRecorded(record=record):
                self.update_recorded.emit(record)
            case SettingChanged(name=name, value=value):
                self.setting_changed.emit(name, value)
            case Failed(message=text, lane=int(lane)):
                title = "" if self.run is None else self.run.experiment.lanes[lane].title
                dropped = f"Lane {lane + 1} ({title}) dropped out of the race; the others go on."
                self.message.emit(Message(dropped, text, "warning"))
            case Failed(message=text, remedy=remedy):
                self.message.emit(Message(text, remedy, "error"))
            case Saved(path=path):
                self.message.emit(Message(f"Saved as {path}."))
            case SaveFailed(message=text):
                self.message.emit(Message(text, severity="error"))
            case SettingRefused(message=text):
                self.message.emit(Message(text, severity="warning"))

    def _on_written(self, ids: Any) -> None:
        if self.run is None:
            return
        corpus = self.run.experiment.corpus
        rare = "(rare word)" if corpus.tokenizer.name == "word" else "\ufffd"
        before, _ = corpus.encode(self.run.passage.text)
        tokens = [corpus.vocabulary.token(int(i)) for i in ids]
        after = [rare if token == UNKNOWN else token for token in tokens]
        # Joined with the passage, so that a blank stands between them where one belongs.
        whole, head = corpus.tokenizer.join([*before, *after]), corpus.tokenizer.join(before)
        self.written.emit(whole.removeprefix(head))
