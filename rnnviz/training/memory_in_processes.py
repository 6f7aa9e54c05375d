"""A memory experiment whose networks are trained side by side, each in a process."""

import queue
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from rnnviz.engine import Interrupted
from rnnviz.training.background import Background, Ended, Finished, Tell, Told
from rnnviz.training.errors import TrainingError
from rnnviz.training.lane import Stop
from rnnviz.training.memory_experiment import (
    MemoryPlan,
    MemoryResult,
    MemoryRun,
    Report,
    run_memory_experiment,
    train_memory_run,
)

_LOOKS_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a network under way is: the share of its updates, and of right answers."""

    share: float
    accuracy: float


def train_in_background(plan: MemoryPlan, run: MemoryRun, tell: Tell) -> MemoryResult:
    """Another process: train one network of the plan."""
    return train_memory_run(plan, run, lambda: False, lambda share, accuracy: tell(Standing(share, accuracy)))


def run_with_workers(
    plan: MemoryPlan, workers: int, stop: Stop, report: Report | None = None
) -> Iterator[MemoryResult]:
    """Train so many networks at a time and yield them in the order of the plan, each as soon as it may be.

    Raises Interrupted once `stop()` is true, after those that are done, and TrainingError where a process
    ends by itself.
    """
    if workers == 1:
        yield from run_memory_experiment(plan, stop, report)
        return
    runs = plan.runs()
    background: Background[MemoryRun, MemoryResult] = Background(
        partial(train_in_background, plan), runs, workers
    )
    background.start()
    shares = dict.fromkeys(range(len(runs)), 0.0)
    waiting: dict[int, MemoryResult] = {}
    following = 0
    try:
        while following < len(runs):
            if stop():
                yield from (waiting[job] for job in sorted(waiting))
                raise Interrupted
            try:
                event = background.events.get(timeout=_LOOKS_EVERY_S)
            except queue.Empty:
                continue
            match event:
                case Told(job=job, what=Standing(share=share, accuracy=accuracy)):
                    shares[job] = share
                    if report is not None:
                        report(sum(shares.values()) / len(runs), f"{runs[job]}: {accuracy:.0%} right")
                case Finished(job=job, result=result):
                    shares[job] = 1.0
                    waiting[job] = result
                case Ended(problem=problem):
                    yield from (waiting[job] for job in sorted(waiting))
                    raise TrainingError(problem)
            while following in waiting:
                yield waiting.pop(following)
                following += 1
    finally:
        background.stop()
        background.join()
