"""What the panel "Change the cause" shows of a moment: the numbers of now, and what cannot be changed."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

from rnnviz.gui.controls import Active, CauseShown, GateShown
from rnnviz.gui.controls.cause_rows import FREE, OPEN, SHUT
from rnnviz.gui.cursor import CursorState
from rnnviz.gui.views.held_words import plain_gate_name
from rnnviz.probes import Trace
from rnnviz.training import (
    Experiment,
    Frame,
    HoldGate,
    HoldSlope,
    Intervention,
    InterventionError,
    ScaleRecurrent,
    SetForgetBias,
)

NO_GATES = "This cell has no gates: take an LSTM or a GRU."


@dataclass(frozen=True, slots=True)
class CauseOfMoment:
    """What the frame tells; the rest is told by whoever knows it."""

    shown: CauseShown

    def told(self, undo: str, answers: str, chance: str, bias: float) -> CauseShown:
        """The whole. `bias` is what the forget bias was set to, NaN: not yet."""
        whole = dataclasses.replace(self.shown, undo=undo, answers=answers, chance=chance)
        return whole if math.isnan(bias) else dataclasses.replace(whole, bias=bias, bias_is_first=False)


def cause_shown(
    frame: Frame,
    lanes: Sequence[int],
    cursor: CursorState,
    experiment: Experiment,
    active: tuple[Active, ...],
) -> CauseOfMoment:
    """The panel for some lanes of a frame; what one of them can have can be changed."""
    traces = [frame.traces[number] for number in lanes]
    radii = [radius_of(trace, cursor) for trace in traces]
    known = [radius for radius in radii if math.isfinite(radius)]
    gates = _gates(traces, cursor, active)
    return CauseOfMoment(
        CauseShown(
            subject=_subject(frame, lanes),
            radius=known[0] if known else math.nan,
            radius_text=f"now {min(known):.2f} to {max(known):.2f}" if len(known) > 1 else "",
            radius_reason=reason_against(ScaleRecurrent(1.0), experiment, lanes),
            bias=_first_bias(experiment, lanes),
            bias_text=_forget_level(traces, cursor),
            bias_reason=reason_against(SetForgetBias(0.0), experiment, lanes),
            gates=gates,
            gates_reason="" if gates else NO_GATES,
            slope_held=any(isinstance(one.intervention, HoldSlope) for one in active),
            slope_reason=reason_against(HoldSlope(), experiment, lanes),
            units=min(trace.hidden.shape[2] for trace in traces),
            unit_reason="",
            active=active,
        )
    )


def reason_against(intervention: Intervention, experiment: Experiment, lanes: Sequence[int]) -> str:
    """Why none of some lanes can have an intervention; "" where one can."""
    reason = ""
    for number in lanes:
        try:
            intervention.check(experiment.lanes[number].model.spec)
        except InterventionError as error:
            reason = reason or error.message
        else:
            return ""
    return reason


def radius_of(trace: Trace, cursor: CursorState) -> float:
    """The spectral radius of the layer in focus; NaN where nobody asked for it, or there is none."""
    if trace.spectral_radius is None:
        return math.nan
    return float(trace.spectral_radius[min(cursor.layer, trace.layers - 1)])


def _subject(frame: Frame, lanes: Sequence[int]) -> str:
    if len(frame.lanes) < 2:
        return ""
    if len(lanes) == 1:
        return f"on lane {lanes[0] + 1}, {frame.lanes[lanes[0]].title}"
    return "on every lane that can"


def _level(trace: Trace, gate: str, cursor: CursorState) -> float:
    layer = min(cursor.layer, trace.layers - 1)
    return float(trace.gates[gate][:, layer, :].mean(dtype=float))


def _forget_level(traces: Sequence[Trace], cursor: CursorState) -> str:
    trace = next((trace for trace in traces if "f" in trace.gates), None)
    return "" if trace is None else f"the forget gate is {_level(trace, 'f', cursor):.2f} open on average"


def _first_bias(experiment: Experiment, lanes: Sequence[int]) -> float:
    """What the settings of the first lane that has a forget gate gave it at the start."""
    able = [number for number in lanes if not reason_against(SetForgetBias(0.0), experiment, (number,))]
    return float(experiment.settings.of_lane(able[0]).lane.forget_bias) if able else 0.0


def _gates(traces: Sequence[Trace], cursor: CursorState, active: Sequence[Active]) -> tuple[GateShown, ...]:
    held: dict[str, list[HoldGate]] = {}
    for one in active:
        if isinstance(one.intervention, HoldGate):
            held.setdefault(one.intervention.gate, []).append(one.intervention)
    shown: dict[str, GateShown] = {}
    for trace in traces:
        for letter in trace.gates:
            if letter not in shown:
                level = _level(trace, letter, cursor)
                shown[letter] = GateShown(letter, plain_gate_name(letter), _way(held.get(letter)), level)
    return tuple(shown.values())


def _way(held: Sequence[HoldGate] | None) -> str:
    """How a gate is held at every word; "" where it is in some other way."""
    if not held:
        return FREE
    last = held[-1]
    if last.step is not None:
        return ""
    return {0.0: SHUT, 1.0: OPEN}.get(last.value, "")
