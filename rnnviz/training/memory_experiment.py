"""How far back a cell can learn: accuracy on a memory task against its distance, per cell, over seeds.

Every network is trained anew for at most `steps` updates and is done when it answers all right. Cells share
the text, the seed of their start, the batches and all settings but the cell; what that leaves unequal, the
number of parameters, stands beside each result.
"""

import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rnnviz.engine import ACTIVATIONS, CELLS, Interrupted
from rnnviz.text import Task, TextFile, text_from_string
from rnnviz.training.errors import Diverged
from rnnviz.training.experiment import Experiment
from rnnviz.training.frame import Validation
from rnnviz.training.lane import Stop
from rnnviz.training.loading import corpus_of
from rnnviz.training.settings import RunSettings, SettingError
from rnnviz.training.task_settings import SUITED, suited

CHECK_EVERY = 50
"""Updates between two looks at the accuracy."""
SOLVED = 0.995
"""From this share of right answers on a network counts as done."""
STEPS = 1500
USUAL: Mapping[str, Any] = {"hidden": 32, "lr": 0.01, "init": "xavier"}
"""Settings of the experiment where none are given; window, batch and the rest suit the task."""
USUAL_FORGET_BIAS = 3.0
"""Of the LSTM: with 0 the gate starts half shut and halves the error at every step."""

Report = Callable[[float, str], None]
"""Told the share done, 0 to 1, and what is being done."""


@dataclass(frozen=True, slots=True)
class CellChoice:
    """A cell and, where it has a choice, its activation."""

    cell: str
    activation: str = ""

    @classmethod
    def written(cls, text: str) -> "CellChoice":
        """As people write it: "rnn:sigmoid", "rnn" (tanh), "lstm". Raises SettingError."""
        cell, _, activation = text.partition(":")
        if cell not in CELLS:
            raise SettingError(
                "cell", f"There is no cell {cell!r} to compare; there are: {', '.join(CELLS)}."
            )
        if not CELLS[cell].has_activation:
            if activation:
                raise SettingError(
                    "activation", f"The cell {cell} has no activation to choose: write {cell}."
                )
            return cls(cell)
        if activation and activation not in ACTIVATIONS:
            raise SettingError(
                "activation",
                f"There is no activation {activation!r}; write {cell}:tanh, or another of: "
                f"{', '.join(ACTIVATIONS)}.",
            )
        return cls(cell, activation or "tanh")

    def __str__(self) -> str:
        return f"{self.cell}:{self.activation}" if self.activation else self.cell

    @property
    def has_forget_bias(self) -> bool:
        """Whether it has a forget gate with a bias to be set."""
        return CELLS[self.cell].forget_block is not None

    @property
    def title(self) -> str:
        """As the window calls it: "tanh RNN", "LSTM"."""
        title = CELLS[self.cell].title
        return f"{self.activation} {title.removeprefix('plain ')}" if self.activation else title


COMPARED = tuple(
    CellChoice(*pair) for pair in (("rnn", "sigmoid"), ("rnn", "tanh"), ("lstm", ""), ("gru", ""))
)
"""The cells of the experiment where none are named."""


def cells_to_compare() -> tuple[CellChoice, ...]:
    """Every cell there is, with every activation that makes another network of it."""
    found = []
    for name, cell in CELLS.items():
        if not cell.has_activation:
            found.append(CellChoice(name))
        else:
            found += [CellChoice(name, f) for f in (ACTIVATIONS if cell.recurrent else ("tanh",))]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class MemoryResult:
    """One network, trained and measured. The fields are the columns of the CSV file, in this order."""

    task: str
    cell: str
    activation: str  # "" for a cell that has none
    distance: int  # time steps
    seed: int  # of the text and of the network
    accuracy: float  # share of right answers on the validation part; NaN where training broke
    chance: float  # the share that guessing reaches
    loss: float  # mean over those answers, nats
    updates: int  # made: fewer than allowed where it was solved, or broke
    parameters: int
    hidden: int
    layers: int
    window: int
    batch: int
    optimizer: str
    lr: float
    clip: float
    init: str
    forget_bias: float  # 0 but for the LSTM


@dataclass(frozen=True, slots=True)
class MemoryRun:
    """One network to be trained."""

    task: Task
    cell: CellChoice

    def __str__(self) -> str:
        return f"{self.cell}, distance {self.task.distance}, seed {self.task.seed}"

    @property
    def weight(self) -> float:
        """How long its updates take beside those of others: in proportion to their window and their gates."""
        return self.task.longest_example * len(CELLS[self.cell.cell].block_names)


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """What is compared. Seeds are 1 ... `seeds`; the first seed of every cell and distance comes first."""

    cells: tuple[CellChoice, ...]
    distances: tuple[int, ...]
    seeds: int
    task: str = "recall"
    steps: int = STEPS
    given: Mapping[str, Any] | None = None  # settings chosen by hand, which go before the usual ones

    def __post_init__(self) -> None:
        """Raise ValueError, SettingError where a part of it cannot be, before hours are spent on the rest."""
        for distance in self.distances:
            task = Task(self.task, distance)
            for cell in self.cells:
                self.settings(task, cell)

    @property
    def count(self) -> int:
        """How many networks are trained."""
        return len(self.cells) * len(self.distances) * self.seeds

    def runs(self, done: Sequence[MemoryResult] = ()) -> tuple[MemoryRun, ...]:
        """The networks to be trained, in order, but for those that are done."""
        known = {(r.cell, r.activation, r.distance, r.seed) for r in done}
        every = (
            MemoryRun(Task(self.task, distance, seed=seed), cell)
            for seed in range(1, self.seeds + 1)
            for distance in self.distances
            for cell in self.cells
        )
        return tuple(
            run
            for run in every
            if (run.cell.cell, run.cell.activation, run.task.distance, run.task.seed) not in known
        )

    def settings(self, task: Task, cell: CellChoice) -> RunSettings:
        """What one network is trained with. Raises SettingError."""
        given = dict(self.given or {})
        if given.get("vectors"):
            raise SettingError(
                "vectors",
                "--vectors has no use here: the words of a memory task stand for nothing. Leave it out.",
            )
        values: dict[str, Any] = {"cell": cell.cell, "seed": task.seed, **USUAL, **given}
        if cell.activation:
            values["activation"] = cell.activation
        if CELLS[cell.cell].forget_block is None:
            values.pop("forget_bias", None)
        else:
            values.setdefault("forget_bias", USUAL_FORGET_BIAS)
        kept = {name: value for name, value in given.items() if name in SUITED}
        return suited(RunSettings().with_values(values), task).with_values(kept)


def run_memory_experiment(
    plan: MemoryPlan, stop: Stop, report: Report | None = None
) -> Iterator[MemoryResult]:
    """Train one network after the other and yield each as it is done.

    Raises Interrupted once `stop()` is true; what was yielded before stands.
    """
    for done, run in enumerate(plan.runs()):

        def tell(share: float, accuracy: float, run: MemoryRun = run, at: int = done) -> None:
            if report is not None:
                report((at + share) / plan.count, f"{run}: {accuracy:.0%} right")

        yield train_memory_run(plan, run, stop, tell)


def train_memory_run(
    plan: MemoryPlan, run: MemoryRun, stop: Stop, tell: Callable[[float, float], None]
) -> MemoryResult:
    """Train one network of the plan; `tell` hears the share of its updates done and of right answers.

    Raises Interrupted once `stop()` is true.
    """
    return _train(_text(run.task), plan.settings(run.task, run.cell), plan.steps, stop, tell)


@lru_cache(maxsize=1)
def _text(task: Task) -> TextFile:
    """The cells are trained on one text after each other: it is made once."""
    return text_from_string(task.text(), task.title)


def _train(
    text: TextFile, settings: RunSettings, steps: int, stop: Stop, tell: Callable[[float, float], None]
) -> MemoryResult:
    experiment = Experiment.create(corpus_of(text, settings), settings, text)
    found = _validate(experiment, stop)
    try:
        while experiment.step < steps and not found.accuracy >= SOLVED:
            tell(experiment.step / steps, found.accuracy)
            for _ in range(min(CHECK_EVERY, steps - experiment.step)):
                experiment.update(stop)
            found = _validate(experiment, stop)
    except Diverged:
        return _result(experiment, math.nan, math.nan)
    return _result(experiment, found.accuracy, found.loss)


def _validate(experiment: Experiment, stop: Stop) -> Validation:
    for outcome in experiment.validation(stop):
        if stop():
            raise Interrupted
        if outcome is not None:
            return outcome
    raise AssertionError("a validation always ends with its result")


def _result(experiment: Experiment, accuracy: float, loss: float) -> MemoryResult:
    task, shared, lane = experiment.corpus.task, experiment.settings.experiment, experiment.settings.lane
    assert task is not None, "only memory tasks are trained here"
    return MemoryResult(
        task=task.kind,
        cell=lane.cell,
        activation=lane.activation if CELLS[lane.cell].has_activation else "",
        distance=task.distance,
        seed=shared.seed,
        accuracy=accuracy,
        chance=task.chance,
        loss=loss,
        updates=experiment.step,
        parameters=experiment.lanes[0].model.spec.parameter_count(),
        hidden=lane.hidden,
        layers=lane.layers,
        window=shared.window,
        batch=shared.batch,
        optimizer=lane.optimizer,
        lr=lane.lr,
        clip=lane.clip,
        init=lane.init,
        forget_bias=lane.forget_bias,
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """One cell at one distance, over the seeds that are done and did not break."""

    mean: float  # of the accuracies; NaN where there is none
    spread: float  # their standard deviation (n - 1); NaN of fewer than two
    median: float
    seeds: int
    broken: int  # runs that diverged


def summary(results: Sequence[MemoryResult], cell: CellChoice, distance: int) -> Summary:
    """What came of one cell at one distance."""
    mine = [
        r for r in results if (r.cell, r.activation, r.distance) == (cell.cell, cell.activation, distance)
    ]
    known = [r.accuracy for r in mine if not math.isnan(r.accuracy)]
    return Summary(
        statistics.fmean(known) if known else math.nan,
        statistics.stdev(known) if len(known) > 1 else math.nan,
        statistics.median(known) if known else math.nan,
        len(known),
        len(mine) - len(known),
    )
