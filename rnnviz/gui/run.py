"""What the session holds: the run, and what is to be told of it."""

from dataclasses import dataclass
from typing import Literal

from rnnviz.gui.trainers import AnyTrainer
from rnnviz.text import Passage
from rnnviz.training import Experiment, History


@dataclass(slots=True)
class Run:
    """One experiment with its thread, what it has left behind, and the passage watched on it."""

    experiment: Experiment
    trainer: AnyTrainer
    passage: Passage
    history: History


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell the user: what happened, and what to do."""

    text: str
    remedy: str = ""
    severity: Literal["note", "warning", "error"] = "note"
    actions: tuple[tuple[str, str], ...] = ()  # text of a button, key by which it is known
