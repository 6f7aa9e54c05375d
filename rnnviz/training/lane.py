"""One model, its optimizer and its carried state: what learns."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from rnnviz.engine import (
    OPTIMIZERS,
    Interrupted,
    LanguageModel,
    ModelSpec,
    Optimizer,
    clip_factor,
    gradient_norm,
)
from rnnviz.engine.arrays import Floats
from rnnviz.text import Streams, WordVectors
from rnnviz.training.answers import right_answers
from rnnviz.training.divergence import (
    LARGEST_GRADIENT,
    changed_too_far,
    exploded_gradient,
    exploded_loss,
)
from rnnviz.training.errors import Diverged
from rnnviz.training.frame import LaneFailure, Validation
from rnnviz.training.holding import HeldInValidation, in_training
from rnnviz.training.interventions import Held, InterventionError, WeightChange
from rnnviz.training.random_streams import (
    DROPOUT,
    START,
    random_stream,
    set_stream_position,
    stream_position,
)
from rnnviz.training.settings import LaneSettings, RunSettings
from rnnviz.training.snapshot import LaneSnapshot
from rnnviz.training.spare import Spare, may_overflow
from rnnviz.training.starting_vectors import start_from
from rnnviz.training.weight_changes import change_weights
from rnnviz.training.windows import TrainingWindows

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Draft:
    """An update before it is made: what one window said. Its gradients lie with the parameters."""

    loss: float  # nats per token
    norm: float  # of the gradient before clipping
    clip_factor: float
    accuracy: float = math.nan  # share of right answers; NaN unless it is a memory task


@dataclass(frozen=True, slots=True)
class LaneMemory:
    """Where the numbers of a lane lie that several processes look at."""

    values: Floats  # flat, as are the next two
    gradients: Floats
    slots: dict[str, Floats]  # of the optimizer
    state: Floats  # (L, S, B, H), carried
    entered: Floats  # (L, S, B, H), after resets


def model_spec(settings: RunSettings, vocabulary_size: int) -> ModelSpec:
    """The network that the settings describe."""
    lane = settings.lane
    return ModelSpec(
        vocabulary_size=vocabulary_size,
        cell=lane.cell,
        activation=lane.activation,
        hidden=lane.hidden,
        layers=lane.layers,
        embedding=lane.embedding,
        init=lane.init,
        dtype=lane.dtype,
        spectral_radius=lane.spectral_radius or 1.0,
        forget_bias=lane.forget_bias,
        frozen_embedding=lane.vectors_frozen,
    )


class Lane:
    """A network in training. It changes only in `make_update` and `start_over`."""

    def __init__(
        self, title: str, settings: RunSettings, vocabulary_size: int, vectors: WordVectors | None = None
    ) -> None:
        self.title = title
        self.vectors = vectors  # that the embedding starts from
        self.failure: LaneFailure | None = None  # it has dropped out of its race and stays as it was then
        self.settings: LaneSettings = settings.lane
        self._seed = settings.experiment.seed
        self._T, self._B = settings.experiment.window, settings.experiment.batch
        self._settle(self._fresh_model(model_spec(settings, vocabulary_size)), None)
        self._begin_dropout()
        self.hold(())
        self._weights_changed = False  # by hand, since the last update
        self.times_rewritten = 0  # other than by an update: for who keeps a copy
        self.loss_sum = 0.0  # over the windows of the epoch under way
        self.n_losses = 0
        self.last_epoch_loss = float("nan")

    def _fresh_model(self, spec: ModelSpec) -> LanguageModel:
        model = LanguageModel(spec, random_stream(self._seed, START))
        if self.vectors is not None:
            start_from(self.vectors, model.parameters.view("embedding"))
        return model

    def _settle(self, model: LanguageModel, memory: LaneMemory | None) -> None:
        """Make everything that belongs to a model; with `memory` others find the gradients."""
        self.model = model
        slots = None if memory is None else memory.slots
        self.optimizer: Optimizer = OPTIMIZERS[self.settings.optimizer](model.parameters, slots)
        self.state: Floats = model.zero_state(self._B) if memory is None else memory.state  # (L, S, B, H)
        self._entered: Floats = model.zero_state(self._B) if memory is None else memory.entered
        alone, dropout = memory is None, self.settings.dropout
        self._workspace = model.workspace(
            self._T, self._B, backward=alone, dropout=dropout if alone else 0.0, keep_states=False
        )
        self._watching = self._workspace  # for validation; another one where its batch differs
        self._spare = self._new_spare()

    def move(self, memory: LaneMemory | None) -> None:
        """Go on in memory that processes share, or (None) in its own again: the same run, to the bit.

        Raises MemoryError, and the lane is where it was.
        """
        before = dict(vars(self))
        try:
            kept, weights_changed = self.snapshot(), self._weights_changed
            place = None if memory is None else (memory.values, memory.gradients)
            self._settle(LanguageModel(self.model.spec, None, place), memory)
            self.restore(kept)
            self._weights_changed = weights_changed
        except BaseException:
            vars(self).update(before)  # else a network of zeros would stand in the place of what was learned
            raise

    def _new_spare(self) -> Spare | None:
        return Spare(self.model, self.optimizer) if may_overflow(self.model.spec) else None

    def _begin_dropout(self) -> None:
        self._dropout_stream = random_stream(self._seed, DROPOUT)
        self._masks_drawn = False  # for the window that is read next
        self._masks_place: dict[str, str] | None = None  # where they began, where others draw them

    def hold(self, held: tuple[Held, ...]) -> None:
        """Hold these from now on, and nothing else."""
        self.held = held
        self.overrides = in_training(held)

    def change_weights(self, change: WeightChange) -> None:
        """Change parameters by hand, between two updates; the optimizer keeps what it remembers.

        Raises InterventionError, and nothing has changed.
        """
        change_weights(self.model, change)
        self.times_rewritten += 1
        self._weights_changed = True
        self._spare = self._new_spare()  # what it kept is the network before the change

    def refuse_if_dropped_out(self) -> None:
        """Raise InterventionError where the lane learns no more."""
        if self.failure is not None:
            raise InterventionError(
                f"{self.title} has dropped out of the race: it stays as it was then.",
                "Start over, or choose another lane.",
            )

    @property
    def train_loss(self) -> float:
        """Mean loss of the epoch under way, at its end of the last one, nats per token; NaN at update 0."""
        return self.loss_sum / self.n_losses if self.n_losses else self.last_epoch_loss

    def start_over(self) -> None:
        """Back to the starting weights, to the bit."""
        fresh = self._fresh_model(self.model.spec)
        self.model.parameters.load(fresh.parameters.export())
        self.optimizer.start_over()
        self.times_rewritten += 1
        self._spare = self._new_spare()
        self._weights_changed = False
        self._begin_dropout()
        self.failure = None
        self.forget()
        self.loss_sum, self.n_losses, self.last_epoch_loss = 0.0, 0, float("nan")

    def forget(self) -> None:
        """The state of a fresh start in every stream."""
        self.state[...] = 0

    def drop_out(self, step: int, diverged: Diverged) -> None:
        """Learn no more after `step` updates; the last good network stays to be looked at."""
        self.failure = LaneFailure(step, diverged.cause, diverged.remedy)

    def entering(self, resets: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
        """The state with which the window begins, (L, S, B, H): the carried one, or zero where reset."""
        np.copyto(self._entered, self.state)
        if resets.any():
            self._entered[:, :, resets] = 0
        return self._entered

    def draft_update(self, step: int, read: TrainingWindows, state: Floats, stop: Stop | None) -> Draft:
        """Forward and back through the window read last. Changes gradients and buffers only.

        Raises Interrupted when `stop()` turns true, and Diverged where update `step` cannot be made since the
        numbers have left what can be computed with. Where already the forward pass fails it was the update
        before that broke the network: it is taken back.
        """
        window = self._workspace
        if window.masks is not None and not self._masks_drawn:  # once, however often the update is tried
            window.masks.draw(self._dropout_stream)
            self._masks_drawn = True
        right, asked = 0, 0
        self.model.forward(
            window,
            read.tokens,
            read.targets,
            state,
            stop,
            overrides=self.overrides,
            dropping=True,
            starts=read.starts,
        )
        loss = float(window.mean_loss)  # numbers that overflow are found by looking at the results
        self.refuse_loss(step, loss)
        right, asked = right_answers(window, read.answers)
        self.model.backward(window, stop)
        parameters = self.model.parameters
        norm = gradient_norm(parameters.gradients[parameters.learned], parameters.scratch)
        factor = clip_factor(norm, self.settings.clip)
        self.refuse_gradient(step, norm, factor)
        return Draft(loss, norm, factor, right / asked if asked else math.nan)

    def refuse_loss(self, step: int, loss: float) -> None:
        """Raise Diverged where update `step` cannot be made for its loss; see `draft_update`."""
        if math.isfinite(loss):
            return
        if self._weights_changed:
            raise changed_too_far(step, loss)
        taken_back = self._spare is not None and self._spare.bring_back()
        self.times_rewritten += taken_back
        raise exploded_loss(step, loss, self.settings, taken_back)

    def refuse_gradient(self, step: int, norm: float, factor: float) -> None:
        """Raise Diverged where update `step` cannot be made for its gradient."""
        if not norm * factor <= LARGEST_GRADIENT:
            forced = self._weights_changed or self.overrides is not None
            raise exploded_gradient(step, norm, self._T, self.settings, forced)

    def place_of_masks(self) -> dict[str, str] | None:
        """Where in their stream the masks of the window begin that is read next; None without dropout.

        For those who draw them a part each; from then on they count as drawn.
        """
        if not self.settings.dropout:
            return None
        if not self._masks_drawn:
            self._masks_place = stream_position(self._dropout_stream)
            set_stream_position(self._dropout_stream, stream_position(self._dropout_stream, -self._n_draws))
            self._masks_drawn = True
        return self._masks_place

    @property
    def _n_draws(self) -> int:
        """How many draws the masks of one window take."""
        if not self.settings.dropout:
            return 0
        spec = self.model.spec
        return self._T * self._B * ((spec.embedding or 1) + spec.layers * spec.hidden)

    def pass_over(self, read: TrainingWindows, state: Floats) -> None:
        """Carry the state through the window read last, learning nothing."""
        self.model.read(self._workspace, read.tokens, state, overrides=self.overrides, starts=read.starts)
        np.copyto(self.state, self._workspace.final_state)

    def make_update(self, draft: Draft) -> None:
        """Change the parameters by the gradients found last, and carry the state on."""
        self.before_update()
        self.optimizer.step(self.settings.lr, draft.clip_factor)
        self.after_update(draft, self._workspace.final_state)

    def before_update(self) -> None:
        """Keep what may have to be brought back."""
        if self._spare is not None:
            self._spare.keep()

    def after_update(self, draft: Draft, final_state: Floats) -> None:
        """Carry the state on and note what the update said."""
        np.copyto(self.state, final_state)
        self._masks_drawn = False
        self._weights_changed = False
        self.loss_sum += draft.loss
        self.n_losses += 1

    def end_epoch(self) -> None:
        """The text begins anew: mean the losses, forget the state."""
        self.last_epoch_loss = self.train_loss
        self.loss_sum, self.n_losses = 0.0, 0
        self.forget()

    def snapshot(self) -> LaneSnapshot:
        """Copies of all that is needed to go on bit for bit."""
        parts = self.model.spec.cell_class.state_parts
        undone = self._n_draws if self._masks_drawn else 0
        return LaneSnapshot(
            self.model.parameters.export(),
            self.optimizer.export(),
            {name: self.state[:, i].copy() for i, name in enumerate(parts)},
            self.loss_sum,
            self.n_losses,
            self.last_epoch_loss,
            stream_position(self._dropout_stream, undone),
            self.failure,
            self.held,
            self.vectors,
        )

    def restore(self, snapshot: LaneSnapshot) -> None:
        """Go on from a snapshot. Raises ParameterMismatch or ValueError."""
        self.optimizer.load(snapshot.optimizer)
        self.model.parameters.load(snapshot.parameters)
        self.times_rewritten += 1
        for i, name in enumerate(self.model.spec.cell_class.state_parts):
            self.state[:, i] = snapshot.state[name]
        self.loss_sum, self.n_losses = snapshot.loss_sum, snapshot.n_losses
        self.last_epoch_loss = snapshot.last_epoch_loss
        self.failure, self.vectors = snapshot.failure, snapshot.vectors
        self.hold(snapshot.held)
        self._spare, self._weights_changed = self._new_spare(), False
        self._begin_dropout()
        set_stream_position(self._dropout_stream, snapshot.dropout)

    def validation(
        self, streams: Streams, step: int, stop: Stop | None, only_marked: bool = False
    ) -> Iterator[Validation | None]:
        """One pass over the validation part, a window at a time; the last one yields the result.

        The state is zero at each stream's start, and where an example of a memory task begins, and carried.
        With `only_marked` the loss is the mean over the answers of a task; its accuracy always is.
        Training sees nothing of it. A window that `stop` interrupts is read again.
        """
        T = self._workspace.T
        n_windows = streams.n_windows(T)
        if streams.batch != self._watching.B:
            self._watching = self.model.workspace(T, streams.batch, backward=False)
        tokens = np.zeros((T, streams.batch), dtype=np.intp)
        targets = np.zeros((T, streams.batch), dtype=np.intp)
        starts = np.zeros((T, streams.batch), dtype=np.bool_) if streams.has_examples else None
        state = self.model.zero_state(streams.batch)
        held = HeldInValidation(self.held, streams.batch, streams.has_examples)
        total, correct, asked, seen, index = 0.0, 0, 0, 0, 0
        while index < n_windows:
            length = streams.window_length(index, T)
            streams.window(index, T, tokens, targets)
            if starts is not None:
                streams.starts(index, T, starts)
            if only_marked:
                streams.drop_unmarked(index, T, targets)
            overrides = held.in_window(starts, length)
            try:
                self.model.forward(
                    self._watching, tokens, targets, state, stop, length, overrides, starts=starts
                )
                n, mean_loss = self._watching.count, float(self._watching.mean_loss)
                if starts is not None and not only_marked:
                    streams.drop_unmarked(index, T, targets)
                    self.model.score(self._watching, targets, stop)
            except Interrupted:
                yield None
                continue
            total += mean_loss * n if n else 0.0
            seen += n
            correct += int(self._watching.correct)
            asked += self._watching.count
            np.copyto(state, self._watching.final_state)
            held.read()
            index += 1
            yield None
        nothing = float("nan")
        yield Validation(step, total / seen if seen else nothing, correct / asked if asked else nothing, seen)
