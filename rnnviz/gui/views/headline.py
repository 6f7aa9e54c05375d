"""The one sentence above it all, worked out from the present numbers and naming the actual words."""

import math
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.views.tracks.shares import all_shut, fate, hands_on, shares_left
from rnnviz.gui.views.wording import (
    answer,
    is_rare,
    learned,
    multiple,
    of_characters,
    one_in,
    percent,
    rare,
    unit_of,
)
from rnnviz.probes import NO_TARGET, Trace

Role = Literal["plain", "word", "answer", "number", "failure"]
Runs: TypeAlias = list[tuple[str, Role]]

SHORT = 5
"""Up to this distance any word on the way may be named."""
GROWS = 1.005
"""A share above this is said to have grown."""


_TINY = ((1e-12, "trillionth"), (1e-9, "billionth"), (1e-6, "millionth"), (1e-5, "hundred-thousandth"))
"""Below these shares per cents would have more zeros than anyone counts."""


def headline(trace: Trace | None, cursor: CursorState, window: int | None = None) -> Runs:
    """The sentence as runs of text with a role each; joined they read as plain text.

    `window` is that of training: what lies further back is named as out of its reach, not as vanished.

    Roles: "word" and "answer" are bold, "answer" green as the right word, "failure" in the colour of faults.
    """
    if trace is None:
        return [("Nothing is watched yet.", "plain")]
    t = min(cursor.error_step, trace.length - 1)
    row = trace.state_gradient_matrix[t, : t + 1, cursor.layer]
    if not np.isfinite(trace.hidden).all() or not np.isfinite(row).all():
        return [("The network has broken", "failure"), (": its numbers are no longer finite.", "plain")]
    if trace.targets[t] == NO_TARGET:
        return [
            ("No right answer is known after ", "plain"), *named(trace, str(trace.words[t]), "word"),
            (", so no error sets out.", "plain"),
        ]  # fmt: skip
    if learned(trace, t):
        return _learned(trace, t)
    runs = _journey(trace, cursor, t)
    if window is None or not hands_on(trace) or t == 0 or cursor.time_step > t:
        return runs
    if t - _stops(trace, cursor, t)[1] < window or runs[-1][1] != "plain":
        return runs
    return [*runs[:-1], (f"{runs[-1][0].removesuffix('.')}, out of training's reach.", "plain")]


def named(trace: Trace, token: str, role: Role) -> Runs:
    """A word as it is; a character or a comma in quotes, a blank as its sign when drawn."""
    if is_rare(token):
        return [(rare(trace), role)]
    if of_characters(trace) or not any(sign.isalnum() for sign in token):
        return [("‘", "plain"), (token, role), ("’", "plain")]
    return [(token, role)]


def _learned(trace: Trace, t: int) -> Runs:
    target = named(trace, answer(trace, t), "answer")
    if trace.assumed_answer and t == trace.last_target_step:
        return [
            ("Nobody named an answer; the network is so sure of ", "plain"), *target,
            (f" ({one_in(float(trace.target_prob[t]))}) that little error would leave.", "plain"),
        ]  # fmt: skip
    return [
        *target, (f" is learned: it gets {one_in(float(trace.target_prob[t]))}", "plain"),
        (" of the probability, so little error leaves it.", "plain"),
    ]  # fmt: skip


def _journey(trace: Trace, cursor: CursorState, t: int) -> Runs:
    shares = shares_left(trace, t, cursor.layer)
    assumed = trace.assumed_answer and t == trace.last_target_step
    target = named(trace, answer(trace, t), "answer")
    untrained: Runs = (
        [("Untrained: the error of ", "plain")] if trace.step == 0 else [("The error of ", "plain")]
    )
    opening: Runs = [("If ", "plain"), *target, (" were right, its error ", "plain")] if assumed else [
        *untrained, *target, (" ", "plain"),
    ]  # fmt: skip
    if not np.isfinite(shares).any():
        return [*opening, ("finds no way into the states: nothing sets out.", "plain")]
    if not hands_on(trace):
        last = named(trace, str(trace.words[t]), "word")
        return [*opening, ("stops at ", "plain"), *last, (": this network hands no state on.", "plain")]
    if t == 0:
        only = f": no earlier {unit_of(trace)} to reach."
        return [*opening, ("ends at ", "plain"), *named(trace, str(trace.words[0]), "word"), (only, "plain")]
    if cursor.time_step > t:
        later = named(trace, str(trace.words[cursor.time_step]), "word")
        return [*opening, ("never reaches ", "plain"), *later, (": an error only travels back.", "plain")]
    near, far = _stops(trace, cursor, t)
    if shares[far] > GROWS:
        return [*opening, *_growth(trace, shares, near, far, assumed)]
    verb = "would reach " if assumed else "reaches "
    return [*opening, (verb, "plain"), *_arrivals(trace, shares, t, near, far, cursor.layer)]


def _stops(trace: Trace, cursor: CursorState, t: int) -> tuple[int | None, int]:
    """The two steps that the sentence names: one on the way and the last one.

    On the way: the cursor's if it looks at an earlier step; else the longest word of the middle third,
    since long words tell most. None where there is nothing between.
    """
    far = 0
    if 0 < cursor.time_step < t:
        return cursor.time_step, far
    inner = range(1, t) if t <= SHORT else range(t // 3, (2 * t + 2) // 3)
    if not inner:
        return None, far
    return max(inner, key=lambda k: (_weight(str(trace.words[k])), k)), far


def _weight(token: str) -> int:
    return 0 if is_rare(token) or token.isspace() else len(token)


def _growth(trace: Trace, shares: NDArray[np.float64], near: int | None, far: int, assumed: bool) -> Runs:
    verb = "would grow" if assumed else "grows"
    runs: Runs = [(f"{verb} on its way back: ", "plain")]
    if near is not None and shares[near] > GROWS:
        runs += [
            *named(trace, str(trace.words[near]), "word"),
            (f" gets {multiple(float(shares[near]))} times its strength, ", "plain"),
        ]
    runs += [
        *named(trace, str(trace.words[far]), "word"),
        (f" {multiple(float(shares[far]))} times.", "plain"),
    ]
    if near is None or shares[near] <= GROWS:
        runs[-1] = (f" gets {multiple(float(shares[far]))} times its strength.", "plain")
    return runs


def _arrivals(
    trace: Trace, shares: NDArray[np.float64], t: int, near: int | None, far: int, layer: int
) -> Runs:
    runs: Runs = []
    if near is not None:
        runs += [*named(trace, str(trace.words[near]), "word"), (" with ", "plain")]
        runs += _strength(trace, shares, t, near, layer, first=True)
        if fate(trace, t, near, layer) != "left" or shares[near] < _TINY[-1][0] > shares[far]:
            return [*runs, (".", "plain")]
        runs += [(" and ", "plain")]
    runs += [*named(trace, str(trace.words[far]), "word"), (" with ", "plain")]
    return [*runs, *_strength(trace, shares, t, far, layer, first=near is None), (".", "plain")]


def _strength(trace: Trace, shares: NDArray[np.float64], t: int, step: int, layer: int, first: bool) -> Runs:
    what = fate(trace, t, step, layer)
    if what == "underflow":
        return [("nothing that the computer's numbers can still hold", "plain")]
    if what == "blocked":
        return [(f"nothing: {all_shut(trace)}", "plain")]
    share = float(shares[step])
    if math.isnan(share):
        return [("nothing", "plain")]
    text = f"{percent(share)} %"
    tiny = next((name for limit, name in _TINY if share < limit), None)
    if tiny is not None:
        return [(f"less than a {tiny}", "number"), (" of its strength" if first else "", "plain")]
    return [(text, "number"), (" of its strength", "plain")] if first else [(text, "number")]


def plain_text(runs: Runs) -> str:
    """The sentence without its roles."""
    return "".join(text for text, _ in runs)
