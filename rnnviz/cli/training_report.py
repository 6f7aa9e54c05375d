"""What `rnnviz train` tells: JSON lines for programs, a progress bar and sentences for people."""

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Protocol

from rnnviz.cli.progress_bar import ProgressBar, time_text
from rnnviz.text import Coverage

SILENCE_S = 0.5
"""After so long the next update is told: an event comes at least once a second, on a busy machine too."""
LONGEST_SILENCE_S = 0.7
"""In a longer piece of work, an update of a large network or a validation, the last event is repeated."""


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """The last moments of training."""

    step: int  # updates done
    epoch: int  # epochs finished
    loss: float  # mean of the updates since the last progress event, nats per token
    grad_norm: float  # of the last update, before clipping
    tokens_per_s: float  # of training alone, since the last progress event
    lane: int = 0


@dataclass(frozen=True, slots=True)
class EpochEvent:
    """Where the network stands at the end of an epoch, or at the end."""

    epoch: int  # epochs finished
    step: int  # updates done
    train_loss: float  # mean over the updates of the epoch, each before it was made, nats per token
    valid_loss: float  # nats per token; NaN where no text was held back
    valid_accuracy: float  # share of the tokens guessed right
    perplexity: float  # exp(valid_loss)
    lane: int = 0


class Report(Protocol):
    """Where the events go."""

    def reading(self, share: float, doing: str) -> None:
        """The text is being read: `share` is done."""

    def begin(self, titles: Sequence[str]) -> None:
        """The lanes of a race by their titles; none where one network learns alone."""

    def progress(self, events: Sequence[ProgressEvent], share: float) -> None:
        """Some updates are done, `share` of all that were asked for; one event a lane that learns."""

    def tick(self, share: float, losses: Sequence[float]) -> None:
        """Called after every update, with the loss of each lane that learns; cheap."""

    def epoch(self, event: EpochEvent) -> None:
        """An epoch is done and validated."""

    def end(self, event: EpochEvent, vectors: Coverage | None = None) -> None:
        """Everything is done; `vectors`: how much of the text the word vectors covered."""

    def note(self, text: str) -> None:
        """Something a person should know."""

    def clear(self) -> None:
        """Something else is about to be printed."""


class JsonReport:
    """One JSON object a line on standard output and nothing else. What is not a number is null."""

    def __init__(self) -> None:
        self._names_lanes = False

    def reading(self, share: float, doing: str) -> None:
        """Programs are told when training begins."""

    def begin(self, titles: Sequence[str]) -> None:
        """In a race every event names its lane."""
        self._names_lanes = bool(titles)

    def progress(self, events: Sequence[ProgressEvent], share: float) -> None:
        """Print progress events."""
        for event in events:
            self._print("progress", event)

    def tick(self, share: float, losses: Sequence[float]) -> None:
        """Programs get progress events."""

    def epoch(self, event: EpochEvent) -> None:
        """Print an epoch event."""
        self._print("epoch", event)

    def end(self, event: EpochEvent, vectors: Coverage | None = None) -> None:
        """Print the end event."""
        self._print("end", event, {} if vectors is None else {"vectors": asdict(vectors)})

    def note(self, text: str) -> None:
        """Programs do not read notes."""

    def clear(self) -> None:
        """There is nothing in the way."""

    def _print(
        self, name: str, event: ProgressEvent | EpochEvent, more: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        fields = asdict(event)
        lane = fields.pop("lane")
        named = {"lane": lane} if self._names_lanes else {}
        print(json_text({"event": name} | named | fields | dict(more)), flush=True)


class TextReport:
    """A progress bar on standard error, results as sentences on standard output."""

    def __init__(self, unit: str) -> None:
        self._unit = unit  # "word" or "character"
        self._bar = ProgressBar()
        self._began = time.monotonic()
        self._began_share: float | None = None
        self._last: ProgressEvent | None = None
        self._titles: Sequence[str] = ()

    def reading(self, share: float, doing: str) -> None:
        """Draw how far the reading is."""
        self._bar.show(share, doing)

    def begin(self, titles: Sequence[str]) -> None:
        """Results will name their lanes."""
        self._titles = titles

    def progress(self, events: Sequence[ProgressEvent], share: float) -> None:
        """Draw the bar with new numbers."""
        if self._began_share is None:
            self._bar.clear()
            self._began, self._began_share = time.monotonic(), share
        self._last = events[0]
        self._show(share, [event.loss for event in events])

    def tick(self, share: float, losses: Sequence[float]) -> None:
        """Draw the bar, if it has stood for a while."""
        self._show(share, losses)

    def epoch(self, event: EpochEvent) -> None:
        """Print how the epoch went."""
        self._bar.clear()
        when = f"epoch {event.epoch:,}, update {event.step:,}"
        print(f"{when}: {self._lane(event)}{self._numbers(event)}", flush=True)

    def end(self, event: EpochEvent, vectors: Coverage | None = None) -> None:
        """Print how it ended; the coverage was told at the beginning."""
        self._bar.clear()
        print(f"done at update {event.step:,}: {self._lane(event)}{self._numbers(event)}", flush=True)

    def note(self, text: str) -> None:
        """Print a note."""
        self._bar.clear()
        print(text, flush=True)

    def clear(self) -> None:
        """Take the bar away."""
        self._bar.clear()

    def _lane(self, event: EpochEvent) -> str:
        return f"lane {event.lane + 1}, {self._titles[event.lane]}: " if self._titles else ""

    def _show(self, share: float, losses: Sequence[float]) -> None:
        event = self._last
        if event is None or self._began_share is None:
            return
        gone, done = time.monotonic() - self._began, share - self._began_share
        left = f"  {time_text(gone / done * (1 - share))} left" if gone > 1 and done > 0 else ""
        speed = f"  {event.tokens_per_s:,.0f} {self._unit}s/s" if math.isfinite(event.tokens_per_s) else ""
        self._bar.show(share, f"loss {' '.join(f'{loss:.3f}' for loss in losses)}{speed}{left}")

    def _numbers(self, event: EpochEvent) -> str:
        parts = [] if math.isnan(event.train_loss) else [f"training loss {event.train_loss:.3f}"]
        if not math.isnan(event.valid_loss):
            parts.append(
                f"validation loss {event.valid_loss:.3f} nats per {self._unit} "
                f"(perplexity {event.perplexity:,.1f}, {event.valid_accuracy:.1%} guessed right)"
            )
        return ", ".join(parts) or "nothing was held back for validation"


def json_text(value: dict[str, Any]) -> str:
    """One line of JSON in the order of the keys given; NaN and infinity, which JSON has not, are null."""
    return json.dumps(_finite(value), allow_nan=False)


def _finite(value: Any) -> Any:
    match value:
        case dict():
            return {key: _finite(item) for key, item in value.items()}
        case list() | tuple():
            return [_finite(item) for item in value]
        case float() if not math.isfinite(value):
            return None
        case _:
            return value
