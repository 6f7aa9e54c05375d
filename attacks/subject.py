"""What is attacked: a small run that trains within milliseconds, and its state to the bit."""

from pathlib import Path
from typing import Any

from rnnviz.text import TextFile, text_from_string
from rnnviz.training import Experiment, RunSettings, prepare

SENTENCES = (
    "Napoleon was the Emperor of France , and he knew it well .\n"
    "Alexander was the Emperor of Russia , and he wrote to Napoleon .\n"
    "Francis was the Emperor of Austria ; his daughter went to France .\n"
    "Pedro was the Emperor of Brazil , far away over the sea .\n"
)
SMALL: dict[str, Any] = {"hidden": 6, "window": 5, "batch": 3, "reset": 0.3}


def small_text(times: int = 8) -> TextFile:
    """A few hundred words."""
    return text_from_string(SENTENCES * times, "emperors.txt")


def text_file(folder: Path, times: int = 8) -> Path:
    """The same as a file."""
    path = folder / "emperors.txt"
    path.write_text(SENTENCES * times, encoding="utf-8")
    return path


def small_run(updates: int = 0, **values: Any) -> Experiment:
    """A run after some updates."""
    experiment = prepare(small_text(), RunSettings().with_values(SMALL | values))
    for _ in range(updates):
        experiment.update()
    return experiment


def bits(experiment: Experiment) -> bytes:
    """Everything that training has changed, to the bit."""
    snapshot = experiment.snapshot()
    parts = [repr((snapshot.step, snapshot.epoch, snapshot.position, snapshot.resets)).encode()]
    for lane in snapshot.lanes:
        parts.append(repr((lane.loss_sum, lane.n_losses, lane.last_epoch_loss, lane.dropout)).encode())
        for arrays in (lane.parameters, lane.optimizer, lane.state):
            parts += [name.encode() + array.tobytes() for name, array in sorted(arrays.items())]
    return b"\n".join(parts)
