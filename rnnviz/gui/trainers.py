"""Where the training of the window runs, on a thread or in a process of its own, and how it ends."""

import os
import time
from collections.abc import Callable, Sequence

from rnnviz.training import ApartTrainer, Experiment, Reserve, ScalarLog, Trainer

AnyTrainer = Trainer | ApartTrainer
Trainers = Callable[[Experiment, Sequence[ScalarLog]], AnyTrainer]

BESIDE_TRAINING = 0.1
"""The share of its time that the GUI thread may draw live frames where each one stops the training."""
ON_A_CORE_OF_ITS_OWN = 0.9


class TrainersApart:
    """Makes trainers that work in processes; one of these waits for the next network."""

    def __init__(self, reserve: Reserve) -> None:
        self._reserve = reserve

    def __call__(self, experiment: Experiment, logs: Sequence[ScalarLog] = ()) -> ApartTrainer:
        """A trainer that is not started yet."""
        return ApartTrainer(experiment, logs, self._reserve)


def frame_share(trainers: Trainers) -> float:
    """The share of its time that the GUI thread may spend on live frames."""
    apart = isinstance(trainers, TrainersApart) and processors() > 1
    return ON_A_CORE_OF_ITS_OWN if apart else BESIDE_TRAINING


def processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Retired:
    """Trainers that have been closed and may take a moment to end."""

    def __init__(self) -> None:
        self._ending: list[AnyTrainer] = []

    def take(self, trainer: AnyTrainer) -> None:
        """Close one; never blocks."""
        trainer.close()
        self._ending.append(trainer)

    def bury(self) -> None:
        """Forget those that have ended."""
        self._ending = [trainer for trainer in self._ending if trainer.is_alive()]

    def join(self, deadline: float) -> None:
        """Wait for all of them, at most until `time.monotonic()` says so."""
        for trainer in self._ending:
            trainer.join(max(deadline - time.monotonic(), 0.0))
