"""Settings and memory tasks: which suit one, and which cannot work."""

from typing import Any

from rnnviz.text import Corpus, Task, TextTooShort
from rnnviz.training.settings import RunSettings, SettingError
from rnnviz.training.windows import TrainingWindows

USUAL_BATCH = 32
SUITED = frozenset({"tokens", "loss", "window", "batch", "reset"})
"""The settings that follow the text."""
WINDOW_MARGIN = 2
"""Time steps that a suggested window has beyond two examples."""


def suited(settings: RunSettings, task: Task | None) -> RunSettings:
    """The settings, changed to suit a text: a memory task, or (None) any other one.

    A task is read in words, learned from its answers alone, in windows in which an example lies whole more
    often than not, and never reset but at its borders. Any other text has no answers: every token counts.
    """
    if task is None:
        return settings.with_values({"loss": "all"})
    window = 2 * task.longest_example + WINDOW_MARGIN
    trained = int(task.examples * (task.distance + 2) * (1 - settings.experiment.valid_fraction))
    values: dict[str, Any] = {
        "tokens": "word",
        "vectors": "",  # the letters of a task mean nothing outside of it
        "loss": "marked",
        "window": window,
        "batch": max(1, min(USUAL_BATCH, (trained - 1) // window)),
        "reset": 0.0,
    }
    return settings.with_values(values)


def fitting(settings: RunSettings, corpus: Corpus) -> RunSettings:
    """The settings with as many sequences side by side as a short text has room for, at least one.

    The window stays: how far back errors go is what the picture is about, the batch is not.
    """
    shared = settings.experiment
    room = (len(corpus.train_ids) - 1) // shared.window
    return settings if room >= shared.batch else settings.with_values({"batch": max(room, 1)})


def cannot_reach(task: Task | None, window: int) -> str:
    """Why a training window is too short for a task, and what to choose; "" where it is long enough."""
    if task is None or window >= task.shortest_window:
        return ""
    return (
        f"The answer lies {task.distance:,} time steps back, and training follows the error back through "
        f"{window:,}: what is cut off cannot be learned, by any cell. Choose a window of at least "
        f"{task.shortest_window:,}; {2 * task.longest_example + WINDOW_MARGIN:,} is better."
    )


def refuse_without_answers(corpus: Corpus, settings: RunSettings) -> None:
    """Refuse `--loss marked` where nothing is marked. Raises SettingError, TextTooShort."""
    if settings.experiment.loss != "marked":
        return
    if corpus.task is None:
        raise SettingError(
            "loss",
            f"--loss marked needs a text that says which tokens count, and {corpus.name} does not: choose "
            "--loss all, or a memory task, as `rnnviz task recall` makes one.",
        )
    if not TrainingWindows(corpus, settings.experiment).updates_per_epoch:
        raise TextTooShort(
            f"{corpus.name} has too few examples: in none of the {settings.experiment.batch:,} sequences "
            "does one stand whole. Lower the batch, or make a memory task with more examples."
        )
