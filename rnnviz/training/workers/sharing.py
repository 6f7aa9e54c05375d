"""Who does what: the sequences of the lanes' batches, and the parameters of a lane, cut into parts.

All sequences of all lanes are laid end to end, as long as their work takes, and the row is cut into equal
pieces. So one network's batch is divided, four equal lanes on two workers stay whole, and an LSTM beside a
plain RNN lends some of its sequences.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rnnviz.engine import ModelSpec

SMALLEST_PIECE = 0.125
"""Of a batch in a race: a smaller piece costs more calls than it takes work off anybody."""
_ELEMENTWISE = 200
"""What a step does to each number of a gate beside its matrix products costs as much as so many products."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some sequences of one lane's batch, from `first` up to but not `end`."""

    lane: int
    first: int
    end: int


def cost_of(spec: ModelSpec) -> float:
    """How long a lane's token takes, beside other lanes."""
    gates, H = len(spec.cell_class.block_names), spec.hidden
    return spec.layers * gates * H * (2 * H + _ELEMENTWISE) + H * spec.vocabulary_size


def divided(costs: Sequence[float], batch: int, workers: int) -> tuple[tuple[Part, ...], ...]:
    """The parts of each worker, at most `workers` of them, none without work."""
    ends = [sum(costs[: i + 1]) for i in range(len(costs))]
    cuts = [0]
    for worker in range(1, workers):
        at = ends[-1] * worker / workers
        lane = next(i for i, end in enumerate(ends) if at <= end)
        share = (at - ends[lane] + costs[lane]) / costs[lane]
        if len(costs) > 1 and min(share, 1 - share) < SMALLEST_PIECE:
            share = round(share)
        cuts.append(lane * batch + round(share * batch))
    cuts.append(len(costs) * batch)
    found = []
    for begin, end in pairwise(cuts):
        pieces = (
            Part(lane, max(begin - lane * batch, 0), min(end - lane * batch, batch))
            for lane in range(len(costs))
        )
        if parts := tuple(part for part in pieces if part.first < part.end):
            found.append(parts)
    return tuple(found)


def stretch(learned: slice, part: int, parts: int, step: int) -> slice:
    """One of so many about equal parts of a flat vector; they begin at multiples of `step`."""

    begin, end = int(learned.start), int(learned.stop)

    def border(number: int) -> int:
        return end if number == parts else begin + (end - begin) * number // parts // step * step

    return slice(border(part), border(part + 1))
