"""The experiment: one corpus, one or more lanes that learn from the same windows in lockstep.

Training on N tokens: S = floor((N-1)/B); stream b reads tokens bS ... bS+S-1, the target of each is the next
token; an epoch is the floor(S/T) windows of T in order, the state carried from window to window, but set to
zero with the probability `reset` at each window's start, and zero at the start of each epoch.
"""

import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from rnnviz.engine import continuation
from rnnviz.engine.arrays import Floats, Indices
from rnnviz.probes import Trace, TraceRequest, UpdateRecord, record_window, trace_passage
from rnnviz.text import Corpus, Coverage, TextFile, check_fits
from rnnviz.training.changes import Changes
from rnnviz.training.fingerprint import Fingerprint, fingerprint_of
from rnnviz.training.frame import Update, Validation
from rnnviz.training.holding import in_passage
from rnnviz.training.lane import Draft, Lane, Stop
from rnnviz.training.machine_memory import check_memory_of_lanes
from rnnviz.training.race import lane_titles
from rnnviz.training.random_streams import (
    RESETS,
    SAMPLING,
    random_stream,
    set_stream_position,
    stream_position,
)
from rnnviz.training.settings import SETTINGS, RunSettings, SettingError
from rnnviz.training.snapshot import Snapshot
from rnnviz.training.starting_vectors import LanesVectors
from rnnviz.training.task_settings import cannot_reach, refuse_without_answers
from rnnviz.training.tracing import token_kind_of, trace_lanes
from rnnviz.training.windows import TrainingWindows
from rnnviz.training.workers import Crew

Resets = np.ndarray[tuple[int], np.dtype[np.bool_]]
"""(B,): which sequences begin the window from zero."""
WRITTEN_AT_ONCE = 8
"""Tokens written on between two looks at the commands."""
RECORDED_STEPS = 128
"""The longest record of an update: its trace has a column for every pair of steps."""


@dataclass(frozen=True, slots=True)
class Window:
    """One sequence of the window that the next update reads."""

    tokens: Indices  # (T,)
    targets: Indices  # (T,)
    state: Floats  # (L, S, H) carried into it, or zero where it was reset


class Experiment:
    """A text and the networks that learn it. One thread at a time may call it."""

    def __init__(
        self,
        corpus: Corpus,
        settings: RunSettings,
        text: TextFile | None = None,
        vectors: LanesVectors | None = None,
    ) -> None:
        """Use `create`, which checks first that it fits."""
        shared = settings.experiment
        self.corpus = corpus
        self.text = text
        self.settings = settings
        found = vectors or (None,) * len(settings.lanes)
        self.lanes: tuple[Lane, ...] = tuple(
            Lane(title, settings.of_lane(number), len(corpus.vocabulary), found[number])
            for number, title in enumerate(lane_titles(settings))
        )
        self.changes = Changes(self.lanes, weakref.proxy(self))  # no cycle: a large text goes with its run
        self.run_number = 0  # how often it was started over
        self._windows = TrainingWindows(corpus, shared)
        self.n_windows = self._windows.count
        self._draws = np.zeros(shared.batch)
        self._crew = Crew(self.lanes, shared, self._windows)
        self._begin()

    @classmethod
    def create(
        cls,
        corpus: Corpus,
        settings: RunSettings,
        text: TextFile | None = None,
        vectors: LanesVectors | None = None,
    ) -> "Experiment":
        """An experiment at update 0. `vectors`: those that lanes start from, as their settings have it.

        Raises TextTooShort (window and batch), SettingError (nothing is marked) and DoesNotFit (memory).
        """
        check_fits(corpus, settings.experiment.window, settings.experiment.batch)
        refuse_without_answers(corpus, settings)
        check_memory_of_lanes(settings, len(corpus.vocabulary))
        assert [bool(lane.vectors) for lane in settings.lanes] == [
            found is not None for found in vectors or [None] * len(settings.lanes)
        ], "vectors are read before the experiment is made: see `prepare`"
        return cls(corpus, settings, text, vectors)

    def _begin(self) -> None:
        self.step = 0  # updates done
        self.epoch = 0  # finished
        self.position = 0  # window in the epoch
        self._reset_stream = random_stream(self.settings.experiment.seed, RESETS)
        self._window_read = False

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """What tells this text from another; worked out when first asked for."""
        return fingerprint_of(self.corpus)

    @property
    def epoch_done(self) -> bool:
        """Whether the last update was the last one of an epoch."""
        return self.position == 0 and self.step > 0

    @property
    def equations(self) -> tuple[tuple[str, str], ...]:
        """The equations of the first lane's cell."""
        return self.equations_of(0)

    def equations_of(self, lane: int) -> tuple[tuple[str, str], ...]:
        """A cell's equations, forward and backward: each a formula and what it says."""
        return tuple((e.formula, e.meaning) for e in self.lanes[lane].model.cells[0].equations)

    def coverage(self, lane: int) -> Coverage | None:
        """How much of the text the word vectors cover that a lane started from; None where there are none."""
        vectors = self.lanes[lane].vectors
        return None if vectors is None else vectors.coverage(self.corpus.vocabulary)

    @property
    def living(self) -> tuple[int, ...]:
        """The lanes that learn; the others have dropped out of their race."""
        return tuple(number for number, lane in enumerate(self.lanes) if lane.failure is None)

    @property
    def share_of_epoch(self) -> float:
        """0 to 1, of the epoch under way."""
        return self.position / self.n_windows if self.n_windows else 0.0  # 0: a checkpoint without its text

    @property
    def updates_per_epoch(self) -> int:
        """One for each window, but for those in which no target counts."""
        return self._windows.updates_per_epoch

    @property
    def warning(self) -> str:
        """What cannot work with this text and these settings, and what to choose; "" where all can."""
        return cannot_reach(self.corpus.task, self.settings.experiment.window)

    @property
    def tokens_per_update(self) -> int:
        """T * B."""
        return self._windows.tokens.size

    # -- learning -----------------------------------------------------------------------------------

    def update(
        self, stop: Stop | None = None, tell: Callable[[int, float], None] | None = None
    ) -> tuple[Update, ...]:
        """One update of each lane that learns, all of them or none.

        Raises Interrupted when `stop()` turns true, and Diverged where the loss or the gradient has left what
        can be computed with; parameters and optimizer are then still (or again) those of the last good
        update, and the same update can be tried again. In a race such a lane drops out, and only the last one
        raises. HelpersFailed where processes that help cannot be started, one has no memory for its part or
        (WorkerGone) has ended, and DoesNotFit where there is no room for them: nothing has changed, it can be
        tried again, with fewer. RuntimeError where there is a fault in what a helper does.
        `tell(lane, loss)` hears of a lane's loss while the others are still at it.
        """
        resets = self._read_window()
        step = self.step + 1
        drafts: dict[int, Draft] = {}
        for number, found in self._crew.draft_updates(step, self.living, resets, stop):
            if isinstance(found, Draft):
                drafts[number] = found
                if tell is not None:
                    tell(number, found.loss)
            elif len(self.living) == 1:
                raise found
            else:
                self.lanes[number].drop_out(self.step, found)
        self._crew.make_updates(drafts)
        self.step = step
        self._advance()
        if self.position:  # so that the update before an epoch's last, silent windows ends the epoch
            self._pass_silent_windows()
        n_tokens = self.tokens_per_update
        return tuple(
            Update(step, draft.loss, draft.norm, draft.clip_factor, n_tokens, number, draft.accuracy)
            for number, draft in drafts.items()
        )

    @property
    def workers(self) -> int:
        """How many processes train."""
        return self._crew.workers

    def use_workers(self, count: int) -> None:
        """From the next update on so many processes train, this one among them: the same but for rounding."""
        self._crew.use(count)

    def rest(self) -> None:
        """End the processes that help, if there are any; an update after it starts them again."""
        self._crew.rest()

    def _advance(self) -> None:
        """To the next window, from the last one to the first of a new epoch."""
        self.position += 1
        self._window_read = False
        if self.position == self.n_windows:
            self.position = 0
            self.epoch += 1
            for number in self.living:
                self.lanes[number].end_epoch()

    def _pass_silent_windows(self) -> None:
        """Read windows in which no target counts for the state they leave, at most to the epoch's end."""
        while self._windows.is_silent(self.position):
            resets = self._draw_window()
            for number in self.living:
                self.lanes[number].pass_over(self._windows, self.lanes[number].entering(resets))
            self._advance()
            if not self.position:
                return

    def _read_window(self) -> Resets:
        """Fill the next window that makes an update; (B,): which sequences are reset."""
        self._pass_silent_windows()
        return self._draw_window()

    def _draw_window(self) -> Resets:
        """Fill the window and draw its resets, once, however often its update is tried; (B,)."""
        if not self._window_read:
            self._windows.read(self.position)
            self._reset_stream.random(out=self._draws)  # always B draws: the stream does not depend on P
            self._window_read = True
        return self._draws < self.settings.experiment.reset

    def next_window(self, lane: int = 0, sequence: int = 0) -> Window:
        """What one sequence of the next update reads, without making it; of a memory task one example."""
        state = self.lanes[lane].entering(self._read_window())[:, :, sequence].copy()
        windows = self._windows
        begin, end = windows.one_example(sequence)
        if windows.starts is not None and (begin or windows.starts[0, sequence]):
            state[...] = 0
        return Window(
            windows.tokens[begin:end, sequence].copy(), windows.targets[begin:end, sequence].copy(), state
        )

    def start_over(self) -> None:
        """Back to update 0 and the same starting weights, to the bit.

        Learning rate and clip norm stay, and what is held.
        """
        for lane in self.lanes:
            lane.start_over()
        self.changes.forget_weights()
        self.run_number += 1
        self._begin()

    def change(self, name: str, value: Any, lane: int | None = None) -> None:
        """Change the learning rate or the clip norm, of one lane or all, from the next update on.

        Raises SettingError.
        """
        if name in SETTINGS and not SETTINGS[name].at_once:
            raise SettingError(
                name, f"{SETTINGS[name].option} needs a new network: it cannot change in mid-training."
            )
        self.settings = self.settings.with_values({name: value}, lane)
        for one, settings in zip(self.lanes, self.settings.lanes, strict=True):
            one.settings = settings

    # -- asking ---------------------------------------------------------------------------------------

    def validation(self, stop: Stop | None = None) -> Iterator[Validation | None]:
        """One pass over the validation part, a window at a time: None after each, and one result a lane.

        A lane that has dropped out is not asked.

        Training sees nothing of it. A window that `stop` interrupts is read again.
        """
        shared = self.settings.experiment
        streams = self.corpus.validation_streams(shared.batch)
        for number in self.living:
            for result in self.lanes[number].validation(streams, self.step, stop, shared.loss == "marked"):
                yield result if result is None else replace(result, lane=number)

    def validate(self) -> Validation:
        """The whole of `validation` for the first lane that learns, at once."""
        return next(result for result in self.validation() if result is not None)

    def trace(self, request: TraceRequest) -> tuple[Trace, ...]:
        """One passage through each lane as it is now, from a zero state."""
        marked_alone = self.settings.experiment.loss == "marked"
        return trace_lanes(self.lanes, request, self.corpus, self.step, marked_alone)

    def writing_on(
        self, ids: tuple[int, ...], n: int, temperature: float, seed: int, lane: int = 0
    ) -> Iterator[tuple[int, ...] | None]:
        """A lane continues a passage, (T,) with T >= 1, by n tokens.

        None after every few tokens, so that a thread can do something else in between; then all n.
        """
        stream = random_stream(seed, SAMPLING)
        model, overrides = self.lanes[lane].model, in_passage(self.lanes[lane].held)
        read = np.array(ids, dtype=np.intp)
        tokens = continuation(model, read, temperature, stream, overrides=overrides)
        written: list[int] = []
        while len(written) < n:
            written.extend(islice(tokens, min(WRITTEN_AT_ONCE, n - len(written))))
            yield None
        yield tuple(written)

    def write_on(self, ids: tuple[int, ...], n: int, temperature: float, seed: int) -> list[int]:
        """The whole of `writing_on` at once."""
        return list(next(part for part in self.writing_on(ids, n, temperature, seed) if part is not None))

    def record_update(
        self, stop: Stop | None = None, lane: int = 0
    ) -> tuple[UpdateRecord, tuple[Update, ...]]:
        """Make one update and keep what a lane made of sequence 0 of its window, before and after.

        Of a window of more than `RECORDED_STEPS` its beginning. Raises as `update` does.
        """
        window = self.next_window(lane)
        tokens = window.tokens[:RECORDED_STEPS]
        passage: dict[str, Any] = {
            "tokens": tokens,
            "targets": window.targets[:RECORDED_STEPS],
            "initial_state": window.state[:, :, None],
            "words": self.corpus.vocabulary.decode(tokens),
            "spelling": self.corpus.vocabulary.tokens,
            "token_kind": token_kind_of(self.corpus),
            "overrides": self.lanes[lane].overrides,
        }
        model = self.lanes[lane].model
        record = record_window(model, step=self.step, **passage)
        updates = self.update(stop)
        after = trace_passage(model, step=self.step, **passage)
        return replace(record, after=after, others=self.settings.experiment.batch - 1), updates

    # -- going on later -------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Copies of all that is needed to go on bit for bit."""
        undone = len(self._draws) if self._window_read else 0
        return Snapshot(
            self.step,
            self.epoch,
            self.position,
            stream_position(self._reset_stream, undone),
            tuple(lane.snapshot() for lane in self.lanes),
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot of an experiment with the same corpus and settings.

        Raises ParameterMismatch or ValueError; the experiment is then of no more use.
        """
        if not 0 <= snapshot.position < self.n_windows:
            raise ValueError(
                f"an epoch has {self.n_windows:,} windows, there is no window {snapshot.position:,}"
            )
        more = self._windows.updates_before(snapshot.position)
        if snapshot.step != snapshot.epoch * self.updates_per_epoch + more:
            raise ValueError(
                f"{snapshot.step:,} updates are not {snapshot.epoch:,} epochs of {self.updates_per_epoch:,} "
                f"updates and {more:,} more."
            )
        for lane, kept in zip(self.lanes, snapshot.lanes, strict=True):
            lane.restore(kept)
        self._begin()
        set_stream_position(self._reset_stream, snapshot.resets)
        self.step, self.epoch, self.position = snapshot.step, snapshot.epoch, snapshot.position
