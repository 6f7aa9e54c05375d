"""Interventions in words: how a sentence about them begins, and what the list of what is held says."""

from collections.abc import Sequence

from rnnviz.gui.controls import Active
from rnnviz.gui.views.headline import Runs, named
from rnnviz.gui.views.held_words import held_at, plain_gate_name
from rnnviz.probes import Trace
from rnnviz.training import (
    Frame,
    HoldGate,
    HoldSlope,
    Intervention,
    ScaleRecurrent,
    SetForgetBias,
    SilenceUnit,
)


def cause_of(intervention: Intervention, trace: Trace) -> Runs:
    """ "With the forget gate shut at x": how the sentence begins that compares before and after."""
    match intervention:
        case ScaleRecurrent(radius=radius):
            return [(f"With W_hh at a spectral radius of {radius:.3g},", "plain")]
        case SetForgetBias(value=value):
            return [(f"With the forget bias at {value:g},".replace("-", "−"), "plain")]
        case HoldGate(gate=gate, value=value):
            opening = f"With the {plain_gate_name(gate)} {held_at(value)} at "
            return [(opening, "plain"), *_place(intervention, trace)]
        case SilenceUnit(unit=unit):
            return [(f"With unit {unit + 1} silent", "plain")]
        case HoldSlope():
            return [("With f′ held at 1", "plain")]


def cause_of_lifting(intervention: Intervention, trace: Trace) -> Runs:
    """The same for something that is let go."""
    match intervention:
        case HoldGate(gate=gate):
            return [
                (f"With the {plain_gate_name(gate)} free again at ", "plain"),
                *_place(intervention, trace),
            ]
        case SilenceUnit(unit=unit):
            return [(f"With unit {unit + 1} speaking again", "plain")]
    return [("With f′ as it is", "plain")]


def cause_of_swap(before: str, after: str, trace: Trace) -> Runs:
    """The same for a word that was swapped."""
    return [
        ("With ", "plain"), *named(trace, after, "word"), (" instead of ", "plain"),
        *named(trace, before, "word"),
    ]  # fmt: skip


def _place(held: HoldGate, trace: Trace) -> Runs:
    """The word at which a gate is held, or all of them."""
    if held.step is None:
        return [(f"every {trace.token_kind}", "plain")]
    if held.step < trace.length:
        return named(trace, str(trace.words[held.step]), "word")
    return [(f"step {held.step + 1}", "plain")]


def active_in(frame: Frame, lanes: Sequence[int]) -> tuple[Active, ...]:
    """What is held in some lanes at a moment, each thing once; in a race with the lanes that hold it."""
    holders: dict[Intervention, list[int]] = {}
    for number in lanes:
        for held in frame.lanes[number].held:
            holders.setdefault(held, []).append(number)
    words = frame.traces[0].words.tolist()
    found = []
    for one, numbers in holders.items():
        where = ""
        if len(numbers) < len(lanes):
            named_lanes = ", ".join(str(number + 1) for number in numbers)
            where = f" (lane{'s' if len(numbers) > 1 else ''} {named_lanes})"
        found.append(Active(one.description(words) + where, one))
    return tuple(found)
