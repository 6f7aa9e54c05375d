"""What the two processes tell each other, beside commands, events and frames, which go as they are."""

from dataclasses import dataclass

from rnnviz.probes import TraceRequest
from rnnviz.text import Corpus
from rnnviz.training.scalar_log import LogPart
from rnnviz.training.settings import RunSettings
from rnnviz.training.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Begin:
    """To the worker, first of all: the experiment to go on with, and one whole log a lane."""

    corpus: Corpus
    settings: RunSettings
    snapshot: Snapshot
    logs: tuple[LogPart, ...]
    workers: int  # processes that train
    change: int  # how many interventions there have been: frames go on counting them
    run_number: int  # how often it was started over: likewise


@dataclass(frozen=True, slots=True)
class Watch:
    """To the worker: trace this from now on; None: nobody watches."""

    request: TraceRequest | None


@dataclass(frozen=True, slots=True)
class FrameTaken:
    """To the worker: the frame sent last has been taken, another one may come."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """From the worker: how far it is, and what each lane's log has got since the last such message."""

    step: int
    epoch: int
    position: int
    run_number: int
    logs: tuple[LogPart, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """From the worker, now and then and at the end: all that is needed to go on from here."""

    snapshot: Snapshot
    settings: RunSettings
