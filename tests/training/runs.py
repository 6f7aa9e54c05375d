"""Small experiments and a steady hand on the trainer, for the tests of this folder."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from rnnviz.probes import TraceRequest
from rnnviz.text import TextFile, text_from_string
from rnnviz.training import ApartTrainer, Experiment, Frame, RunSettings, StateChanged, Trainer, prepare

PATIENCE_S = 60.0
LINES = (
    "Napoleon was the Emperor of France , and he knew it well .",
    "Alexander was the Emperor of Russia , and he wrote to Napoleon .",
    "Francis was the Emperor of Austria ; his daughter went to France .",
    "Pedro was the Emperor of Brazil , far away over the sea .",
)
SMALL: dict[str, Any] = {"hidden": 5, "window": 4, "batch": 3, "vocabulary": 20, "lr": 0.02}

Event = TypeVar("Event")


def small_text(n_lines: int = 24, name: str = "emperors.txt") -> TextFile:
    """A few hundred words whose order a seed has chosen."""
    order = np.random.default_rng(5).integers(0, len(LINES), n_lines)
    return text_from_string("\n".join(LINES[i] for i in order), name)


def small_settings(**values: Any) -> RunSettings:
    return RunSettings().with_values(SMALL | values)


def small_experiment(n_lines: int = 24, **values: Any) -> Experiment:
    return prepare(small_text(n_lines), small_settings(**values))


def slow_experiment(**values: Any) -> Experiment:
    """One whose single update, and each window of its validation, takes seconds: 160,000 steps of a layer."""
    deep = {"hidden": 8, "window": 10_000, "batch": 1, "layers": 16, "valid_fraction": 0.49}
    return prepare(small_text(1600), small_settings(**(deep | values)))


def bits(experiment: Experiment) -> dict[str, bytes]:
    """Everything that training has changed, to the bit."""
    snapshot = experiment.snapshot()
    out = {"where": repr((snapshot.step, snapshot.epoch, snapshot.position, snapshot.resets)).encode()}
    for i, lane in enumerate(snapshot.lanes):
        out[f"{i}/losses"] = repr((lane.loss_sum, lane.n_losses, lane.last_epoch_loss)).encode()
        for group in ("parameters", "optimizer", "state"):
            for name, array in getattr(lane, group).items():
                out[f"{i}/{group}/{name}"] = str(array.dtype).encode() + array.tobytes()
    return out


def request(
    experiment: Experiment, generation: int = 1, passage: str = "Napoleon was the Emperor"
) -> TraceRequest:
    words, ids = experiment.corpus.encode(passage)
    return TraceRequest(
        tokens=tuple(int(i) for i in ids),
        words=tuple(words),
        answer=experiment.corpus.vocabulary.id_of("of"),
        answer_word="of",
        needs=frozenset(),
        generation=generation,
    )


@contextmanager
def running(experiment: Experiment) -> Iterator[Trainer]:
    """A started trainer, closed and gone at the end."""
    trainer = Trainer(experiment)
    trainer.start()
    try:
        yield trainer
    finally:
        trainer.close()
        trainer.join(PATIENCE_S)
        assert not trainer.is_alive()


def event(trainer: Trainer | ApartTrainer, kind: type[Event]) -> Event:
    """The next event of a kind; those before it are thrown away."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = trainer.events.get(timeout=max(deadline - time.monotonic(), 0.001))
        if isinstance(found, kind):
            return found


def until(happened: Callable[[], bool]) -> None:
    """Wait until something is so, which another thread or process brings about."""
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.0005)  # as a window's clock does; the training thread needs the lock


def until_state(trainer: Trainer | ApartTrainer, state: str) -> None:
    """Wait until the trainer has told of a state."""
    while event(trainer, StateChanged).state != state:
        pass


def frame(trainer: Trainer | ApartTrainer, step: int | None = None) -> Frame:
    """The next frame, or the first one at or after an update."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        taken = trainer.mailbox.take()
        if taken is not None and (step is None or taken.step >= step):
            return taken
        time.sleep(0.0005)  # as a window's clock does; the training thread needs the lock
    raise AssertionError("no frame came")


def joined_within(trainer: Trainer | ApartTrainer, seconds: float) -> bool:
    trainer.join(seconds)
    return not trainer.is_alive()
