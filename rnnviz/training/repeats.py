"""The lanes of a race once more, from other seeds: how much of what the race shows is the luck of the start.

The text and the order of its windows stay; what a seed decides (starting weights, resets, dropout) is drawn
anew. Each lane is trained alone, which gives the same bits as in lockstep.
"""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from rnnviz.probes import TraceRequest
from rnnviz.text import Corpus
from rnnviz.training.background import Tell
from rnnviz.training.errors import Diverged
from rnnviz.training.experiment import Experiment
from rnnviz.training.lane import model_spec
from rnnviz.training.race import lane_titles
from rnnviz.training.settings import SETTINGS, RunSettings
from rnnviz.training.starting_vectors import LanesVectors

USUAL_SEEDS = 5
TOLD_EVERY = 10
"""Updates between two words of how far a lane has come."""


@dataclass(frozen=True, slots=True)
class RepeatRun:
    """One lane with one seed."""

    lane: int
    seed: int


@dataclass(frozen=True, slots=True)
class RepeatPlan:
    """What is trained again, and what is asked of it in the end."""

    settings: RunSettings
    steps: int  # updates
    asked: TraceRequest  # with its answer named, so that all errors are of the same word
    error_step: int  # the step whose error is followed back
    seeds: tuple[int, ...]
    vectors: LanesVectors | None = None

    @property
    def titles(self) -> tuple[str, ...]:
        """What each lane is called."""
        return lane_titles(self.settings)

    def runs(self, done: Sequence["RepeatResult"] = ()) -> tuple[RepeatRun, ...]:
        """Seed after seed, the lanes of each beside each other, but for those that are done."""
        known = {(r.lane, r.seed) for r in done}
        lanes = range(len(self.settings.lanes))
        every = (RepeatRun(lane, seed) for seed in self.seeds for lane in lanes)
        return tuple(run for run in every if (run.lane, run.seed) not in known)

    def weight(self, run: RepeatRun, vocabulary_size: int) -> float:
        """How long a run takes beside the others: about as its number of parameters."""
        return float(model_spec(self.settings.of_lane(run.lane), vocabulary_size).parameter_count())


@dataclass(frozen=True, slots=True)
class RepeatResult:
    """One lane with one seed after its updates. The fields are the columns of the CSV file."""

    lane: int  # from 0
    title: str
    seed: int
    updates: int  # made; fewer than planned where training broke
    valid_loss: float  # nats per token (per answer, where only answers count); NaN where nothing is held back
    valid_accuracy: float  # share of right guesses
    share_left: float  # of the watched error, at the first word; NaN where none sets out
    parameters: int
    failure: str = ""  # why training broke


def seeds_from(seed: int, count: int = USUAL_SEEDS) -> tuple[int, ...]:
    """`count` seeds from `seed` on; where those would be too large, the ones before."""
    first = max(min(seed, int(SETTINGS["seed"].high) - count + 1), 0)
    return tuple(range(first, first + count))


def repeat_lane(corpus: Corpus, plan: RepeatPlan, run: RepeatRun, tell: Tell) -> RepeatResult:
    """Another process: train a lane from a seed, validate it, trace the passage.

    `tell` hears the share of its updates that is done.
    """
    settings = plan.settings.of_lane(run.lane).with_values({"seed": run.seed})
    vectors = None if plan.vectors is None else (plan.vectors[run.lane],)
    experiment = Experiment.create(corpus, settings, None, vectors)
    failure = ""
    try:
        while experiment.step < plan.steps:
            experiment.update()
            if experiment.step % TOLD_EVERY == 0:
                tell(experiment.step / plan.steps)
    except Diverged as diverged:
        failure = diverged.cause
    loss = accuracy = share = math.nan
    if not failure:
        found = experiment.validate()
        loss, accuracy = found.loss, found.accuracy
        trace = experiment.trace(plan.asked)[0]
        share = float(trace.share_left(plan.error_step, trace.layers - 1)[0])
    parameters = experiment.lanes[0].model.spec.parameter_count()
    title = plan.titles[run.lane]
    return RepeatResult(
        run.lane, title, run.seed, experiment.step, loss, accuracy, share, parameters, failure
    )


def repeats_text(results: Sequence[RepeatResult]) -> str:
    """The results as CSV; lanes count from 1, as on the screen, and a number that does not exist is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([field.name for field in fields(RepeatResult)])
    for result in sorted(results, key=lambda r: (r.lane, r.seed)):
        row = asdict(result) | {"lane": result.lane + 1}
        writer.writerow(["" if isinstance(v, float) and math.isnan(v) else v for v in row.values()])
    return out.getvalue()
