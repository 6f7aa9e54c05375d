"""`rnnviz train`: learn a text without a window."""

import argparse
import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnviz.cli.errors import BAD_USE, DONE, Stopped, UsageError, say
from rnnviz.cli.interruption import Interruption
from rnnviz.cli.keeping import Keeper
from rnnviz.cli.lanes import (
    add_lanes,
    coverage_in_words,
    lanes_in_words,
    lanes_of,
    race_settings,
    refuse_other_lanes,
)
from rnnviz.cli.options import add_settings, add_workers, given_settings
from rnnviz.cli.parser import VerbParser, whole_number
from rnnviz.cli.training_report import (
    LONGEST_SILENCE_S,
    SILENCE_S,
    EpochEvent,
    JsonReport,
    ProgressEvent,
    Report,
    TextReport,
)
from rnnviz.engine import Interrupted
from rnnviz.text import ReadingCancelled, read_text
from rnnviz.training import (
    Checkpoint,
    Diverged,
    Experiment,
    HelpersFailed,
    Update,
    Validation,
    check_text,
    checkpoint,
    prepare,
)

DESCRIPTION = """\
Learn a text. Losses are means in nats per token; perplexity is exp(validation loss).

With --json standard output has one JSON object a line and nothing else:
  {"event": "progress", "step", "epoch", "loss", "grad_norm", "tokens_per_s"}
      at update 1, then at least once a second, at each epoch's end and at the last update. epoch counts
      finished epochs, loss is the mean since the last progress event, grad_norm that of the last update
      before clipping. A piece of work of more than a second repeats the last event.
  {"event": "epoch", "epoch", "step", "train_loss", "valid_loss", "valid_accuracy", "perplexity"}
  {"event": "end", ...} with the fields of "epoch", after a fresh validation: the last line of a run that
      reached its end. train_loss is the mean over the epoch under way.
With --vectors the last line also has "vectors": {"known", "covered", "lowered", "share_met"}: how many words
the network knows, how many of them have a vector, how many of these as written in lower case alone, and the
share of all words of the training part that have one.
Of a memory task valid_accuracy is the share of right answers, whatever --loss says.
A number that does not exist (no text held back, nothing trained yet) is null. In a race every event is told
once for each lane that learns, with "lane" from 0 on; a lane that drops out is told on standard error.
"""


def run(argv: Sequence[str]) -> int:
    """Train as the command line says and return the exit status."""
    arguments = _parser().parse(argv)
    plan = _plan(arguments)
    with Interruption() as interruption:
        try:
            report, experiment = _open(arguments, interruption)
        except ReadingCancelled:
            raise Stopped("interrupted before training began.") from None
        experiment.use_workers(arguments.workers)
        try:
            return Training(experiment, plan, report, interruption).run()
        finally:
            experiment.rest()


@dataclass(frozen=True, slots=True)
class Plan:
    """How far to train and what to keep. Totals count what a resumed checkpoint has behind it."""

    steps: int | None
    epochs: int | None
    save: Path | None
    save_every: int | None


def _parser() -> VerbParser:
    parser = VerbParser(
        "train",
        "FILE [settings] [--steps N | --epochs N] [--json]\n"
        "                    [--save CKPT] [--save-every N] [--resume CKPT] [--workers N]\n"
        '                    [--lane "SETTINGS" ... [--match hidden|parameters]]',
        DESCRIPTION,
    )
    parser.add_argument("file", metavar="FILE", help="the text: any encoding, any size")
    goal = parser.add_mutually_exclusive_group()
    goal.add_argument(
        "--steps", type=whole_number(0), metavar="N", help="updates in all, with those of --resume"
    )
    goal.add_argument("--epochs", type=whole_number(0), metavar="N",
                      help="epochs in all, with those of --resume (default: one more)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print events for programs, no progress bar")
    parser.add_argument("--save", type=Path, metavar="CKPT", help="write a checkpoint at the end")
    parser.add_argument("--save-every", type=whole_number(1), metavar="N", help="and after every N updates")
    parser.add_argument("--resume", type=Path, metavar="CKPT", help="go on from a checkpoint")
    add_workers(
        parser,
        "processes that train, which each take a part of the batch, or lanes of a race; the same results but "
        "for rounding, and not in the checkpoint",
    )
    add_lanes(parser)
    add_settings(parser)
    return parser


def _plan(arguments: argparse.Namespace) -> Plan:
    if arguments.save_every is not None and arguments.save is None:
        raise UsageError("--save-every needs a file to write to: add --save CKPT.")
    if arguments.save is not None:
        refuse_unwritable(arguments.save, "--save", Path(arguments.file))
    return Plan(arguments.steps, arguments.epochs, arguments.save, arguments.save_every)


def refuse_unwritable(path: Path, option: str, source: Path | None = None) -> None:
    """Find out before the work if its result can be written, and not over its source. Raises UsageError."""
    folder = path.parent
    if path.is_dir():
        raise UsageError(f"{option} {path} is a folder. Name a file in it.")
    if path.exists() and not path.is_file():  # it would be replaced by a file, and the device be gone
        raise UsageError(f"{option} {path} is a device or a pipe. Name a file.")
    if source is not None and path.exists() and source.exists() and path.samefile(source):
        raise UsageError(f"{option} {path} would overwrite the file that is read. Choose another name.")
    if not folder.is_dir():
        raise UsageError(
            f"{option} {path}: there is no folder {folder}. Make it first, or choose another place."
        )
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{option} {path}: you may not write in the folder {folder}. Choose another place.")


def _open(arguments: argparse.Namespace, interruption: Interruption) -> tuple[Report, Experiment]:
    """Read the text and build, or take up again, the network."""
    given, lanes = given_settings(arguments), lanes_of(arguments)
    resumed: Checkpoint | None = None
    if arguments.resume is None:
        settings = race_settings(given, lanes)
    else:
        resumed = checkpoint.read(arguments.resume)
        refuse_other_lanes(given, lanes, arguments.match, resumed.settings, str(arguments.resume))
        settings = resumed.settings
    unit = "word" if settings.experiment.tokens == "word" else "character"
    report: Report = JsonReport() if arguments.json else TextReport(unit)
    try:
        if resumed is None:
            match = arguments.match
            experiment = prepare(Path(arguments.file), settings, report.reading, interruption, match=match)
        else:
            check_text(arguments.file, settings.experiment.tokens)
            text = read_text(Path(arguments.file), report.reading, interruption)
            experiment = resumed.experiment(text, report.reading, interruption)
    finally:
        report.clear()
    report.begin([lane.title for lane in experiment.lanes] if lanes or settings.is_race else [])
    _introduce(experiment, report, unit)
    if experiment.settings.is_race:
        for line in lanes_in_words(experiment, arguments.match):
            report.note(line)
    return report, experiment


def _introduce(experiment: Experiment, report: Report, unit: str) -> None:
    corpus = experiment.corpus
    report.note(
        f"{corpus.name}: {corpus.n_tokens:,} {unit}s, {len(corpus.vocabulary):,} different ones known, "
        f"{corpus.unknown_share:.1%} of the text unknown, {experiment.updates_per_epoch:,} updates an epoch."
    )
    for line in coverage_in_words(experiment):
        report.note(line)
    held = (f"{lane.title}: {one.description()}." for lane in experiment.lanes for one in lane.held)
    for note in (*corpus.notes, *filter(None, [experiment.warning]), *held):
        report.note(note)


class Training:
    """One run of `rnnviz train`: updates, validations, checkpoints and what is told about them."""

    def __init__(
        self, experiment: Experiment, plan: Plan, report: Report, interruption: Interruption
    ) -> None:
        self._experiment = experiment
        self._report = report
        self._interruption = interruption
        epochs = experiment.epoch + 1 if plan.epochs is None else plan.epochs
        self._total = epochs * experiment.updates_per_epoch if plan.steps is None else plan.steps
        self._first_step = experiment.step
        self._keeper = Keeper(experiment, plan.save, plan.save_every)
        self._validations: list[Validation] = []  # of the present parameters, one a lane that learns
        self._losses: dict[int, list[float]] = {}  # by lane, since the last progress event
        self._tokens, self._seconds = 0, 0.0
        self._told: list[ProgressEvent] = []
        self._living = experiment.living
        self._told_at = -math.inf

    def run(self) -> int:
        """Train to the end and return the exit status. Raises Stopped."""
        experiment = self._experiment
        if experiment.step > self._total:
            say(f"the checkpoint has {experiment.step:,} updates, more than the {self._total:,} asked for.")
        try:
            while experiment.step < self._total:
                self._one_update()
            unsaved = self._keeper.save()
            ends = self._epoch_events()
        except KeyboardInterrupt:  # asked twice: in mid-update the parameters may be half changed
            self._report.clear()
            raise Stopped("stopped at once; nothing was saved after the last checkpoint.") from None
        except Interrupted:
            self._report.clear()
            raise Stopped(
                f"interrupted at update {self._experiment.step:,}. {self._keeper.rescue()}"
            ) from None
        except (Diverged, HelpersFailed) as trouble:
            self._report.clear()
            say(f"{trouble} {self._keeper.rescue()}")
            return BAD_USE
        except BrokenPipeError:
            self._keeper.rescue()
            raise
        except Exception:  # parameters are written last in an update, which then needs no more memory
            self._report.clear()
            say(self._keeper.rescue())
            raise
        for end in ends:
            self._report.end(end, self._experiment.coverage(end.lane))
        self._compare_with_guessing()
        if unsaved:
            say(unsaved)
            return BAD_USE
        return DONE

    def _one_update(self) -> None:
        experiment = self._experiment
        began = time.perf_counter()
        updates = experiment.update(self._stop)
        self._seconds += time.perf_counter() - began
        self._tokens += updates[0].tokens
        for update in updates:
            self._losses.setdefault(update.lane, []).append(update.loss)
        self._validations.clear()
        self._tell_dropped()
        is_landmark = not self._told or experiment.epoch_done or experiment.step == self._total
        if is_landmark or time.perf_counter() - self._told_at > SILENCE_S:
            self._tell_progress(updates)
        else:
            self._report.tick(self._share(), [update.loss for update in updates])
        self._keeper.after_update()
        if experiment.epoch_done:
            for event in self._epoch_events():
                self._report.epoch(event)

    def _tell_dropped(self) -> None:
        """Lanes that have dropped out of the race with the last update: the others go on."""
        living = self._experiment.living
        for number in set(self._living) - set(living):
            lane = self._experiment.lanes[number]
            assert lane.failure is not None
            self._report.clear()
            cause = lane.failure.cause
            say(f"lane {number + 1} ({lane.title}) drops out at update {lane.failure.step:,}: {cause}")
        self._living = living

    def _tell_progress(self, updates: Sequence[Update]) -> None:
        self._told = [
            ProgressEvent(
                step=self._experiment.step,
                epoch=self._experiment.epoch,
                loss=math.fsum(self._losses[update.lane]) / len(self._losses[update.lane]),
                grad_norm=update.grad_norm,
                tokens_per_s=self._tokens / self._seconds if self._seconds > 0 else math.nan,
                lane=update.lane,
            )
            for update in updates
        ]
        self._losses.clear()
        self._tokens, self._seconds = 0, 0.0
        self._tell_again()

    def _tell_again(self) -> None:
        """The last progress event once more, so that a long piece of work is not silent."""
        if self._told:
            self._report.progress(self._told, self._share())
            self._told_at = time.perf_counter()

    def _stop(self) -> bool:
        """Looked at in the middle of an update and of a validation."""
        if self._told and time.perf_counter() - self._told_at > LONGEST_SILENCE_S:
            self._tell_again()
        return self._interruption.asked

    def _share(self) -> float:
        wanted = self._total - self._first_step
        return (self._experiment.step - self._first_step) / wanted if wanted > 0 else 1.0

    def _epoch_events(self) -> list[EpochEvent]:
        """Validate, unless the networks are still those of the last validation."""
        if not self._validations:
            outcomes = []
            for outcome in self._experiment.validation(self._stop):
                if self._stop():
                    raise Interrupted
                if outcome is not None:
                    outcomes.append(outcome)
            self._validations = outcomes
        return [
            EpochEvent(
                epoch=self._experiment.epoch,
                step=self._experiment.step,
                train_loss=self._experiment.lanes[validation.lane].train_loss,
                valid_loss=validation.loss,
                valid_accuracy=validation.accuracy,
                perplexity=validation.perplexity,
                lane=validation.lane,
            )
            for validation in self._validations
        ]

    def _compare_with_guessing(self) -> None:
        level = self._experiment.corpus.unigram_cross_entropy()
        if math.isfinite(level):
            self._report.note(f"Guessing by how frequent the tokens are would cost {level:.3f} nats each.")
