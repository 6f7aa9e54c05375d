"""What the views know of a race: a lane's trace, numbers and dash pattern, and how far its error reaches."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.views.compared import in_percent
from rnnviz.gui.views.ghost import Ghost
from rnnviz.gui.views.headline import Runs, named
from rnnviz.gui.views.series import Series
from rnnviz.gui.views.tracks.shares import shares_left
from rnnviz.gui.views.wording import answer, percent
from rnnviz.probes import Trace

DASHES: tuple[tuple[float, ...], ...] = ((), (1.0, 2.0), (5.0, 2.6), (6.0, 2.2, 1.2, 2.2))
"""Dash pattern of each lane, in line widths: lanes differ by number and dash pattern, not by hue."""


@dataclass(frozen=True, slots=True)
class LaneShown:
    """One lane as it is shown at a moment. NaN: nothing known yet."""

    title: str
    trace: Trace
    loss: float  # nats per token, of its last update
    accuracy: float  # share of right answers in its last validation
    parameters: int
    failure: str = ""  # why it has dropped out; "" while it learns
    ghost: Ghost | None = None  # its picture before something was changed


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the lanes have in common and what not, as lines of text, and the numbers of every update."""

    same: tuple[str, ...]
    different: tuple[str, ...]  # what the lines are about, then one line a lane
    series: tuple[Series, ...]  # one a lane
    dropped: frozenset[int] = frozenset()  # lanes that have dropped out by the end of the series


def layer_of(lane: LaneShown, cursor: CursorState) -> int:
    """The layer in focus, or the last one of a lane that has fewer."""
    return min(cursor.layer, lane.trace.layers - 1)


def reach(lane: LaneShown, cursor: CursorState) -> float:
    """How much of the error in focus is left at the first step; NaN where none sets out."""
    return float(shares_left(lane.trace, cursor.error_step, layer_of(lane, cursor))[0])


def reach_before(lane: LaneShown, cursor: CursorState) -> float:
    """The same in the picture before something was changed; NaN without one."""
    ghost = lane.ghost
    if ghost is None or not ghost.fits(lane.trace):
        return math.nan
    return float(shares_left(ghost.trace, cursor.error_step, layer_of(lane, cursor))[0])


def race_headline(lanes: Sequence[LaneShown], cursor: CursorState) -> Runs:
    """The sentence above a race: where most of the error reaches the first word, and where least."""
    living = [(number, lane) for number, lane in enumerate(lanes) if not lane.failure]
    if not living:
        return [("Every lane has dropped out of the race.", "failure")]
    trace, t = living[0][1].trace, cursor.error_step
    if not answer(trace, t):
        return [
            ("No right answer is known after ", "plain"), *named(trace, str(trace.words[t]), "word"),
            (", so no error sets out.", "plain"),
        ]  # fmt: skip
    known = [(reach(lane, cursor), number) for number, lane in living]
    known = [(share, number) for share, number in known if math.isfinite(share)]
    opening: Runs = [("Untrained: the error of " if trace.step == 0 else "The error of ", "plain")]
    cause = next((lane.ghost.cause for _, lane in living if lane.ghost is not None), None)
    if cause is not None:
        opening = [*cause, (" the error of ", "plain")]
    error: Runs = [*opening, *named(trace, answer(trace, t), "answer")]
    if not known:
        return [*error, (" finds no way into the states: nothing sets out.", "plain")]
    (most, best), (least, worst) = max(known), min(known)
    runs: Runs = [
        *error, (" reaches ", "plain"), *named(trace, str(trace.words[0]), "word"), (" with ", "plain"),
        (f"{percent(most)} %", "number"),
        (f" in {_called(lanes, best)}{_before(lanes[best], cursor)}", "plain"),
    ]  # fmt: skip
    if worst != best:
        runs += [
            (", with ", "plain"), (f"{percent(least)} %", "number"),
            (f" in {_called(lanes, worst)}{_before(lanes[worst], cursor)}", "plain"),
        ]  # fmt: skip
    return [*runs, (".", "plain")]


def _before(lane: LaneShown, cursor: CursorState) -> str:
    share = reach_before(lane, cursor)
    return "" if math.isnan(share) else f" (before: {in_percent(share)})"


def _called(lanes: Sequence[LaneShown], number: int) -> str:
    """A lane in a sentence: "the GRU", or by its number where its title is long or not the only one."""
    title = lanes[number].title
    alone = [lane.title for lane in lanes].count(title) == 1
    return f"the {title}" if alone and "," not in title else f"lane {number + 1}"
