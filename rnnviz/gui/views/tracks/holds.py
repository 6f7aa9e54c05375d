"""What can be taken hold of in the states: valves to drag, units to silence, and the marks of both."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.held_words import held_at, plain_gate_name
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.capsules import capsule, carry_rect, cells_height, has_valve, layer_rects
from rnnviz.gui.views.tracks.lettering import SMALL_BOLD, baseline, width_of, write
from rnnviz.gui.views.tracks.track import Grip
from rnnviz.gui.views.tracks.valves import CAP, opening, valve_rect
from rnnviz.gui.views.wishes import HoldWish, LetGoWish, Offer, SilenceWish
from rnnviz.gui.views.wording import quoted
from rnnviz.probes import Trace

REACH = 7.0
"""Points beside and above a valve within which it can be taken hold of."""
LOCK_ROOM, LOCK_HEIGHT = 3.0, 9.0
SILENT_MARK = 5.0
"""Points by which the mark of a silenced unit stands out of its capsule."""


def rail_of_valves(rect: QRectF, trace: Trace, focus: int) -> QRectF | None:
    """The rail whose gaps have valves: that of c, or of h where there is no c; None without valves."""
    if not has_valve(trace):
        return None
    return carry_rect(rect, trace, focus) or layer_rects(rect, trace, focus)[focus]


def is_held(trace: Trace, gate: str, step: int, layer: int) -> bool:
    """Whether somebody holds a gate there."""
    held = trace.held.get(gate)
    return held is not None and bool(held[step, layer])


def holds_everywhere(trace: Trace, gate: str, layer: int) -> bool:
    """Whether a gate is held at every step."""
    held = trace.held.get(gate)
    return held is not None and bool(held[:, layer].all())


def own_layer(trace: Trace, layer: int) -> int | None:
    """The layer that a wish names: none where there is only one."""
    return layer if trace.layers > 1 else None


def grip_at(pos: QPointF, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis) -> Grip | None:
    """The valve under a point."""
    rail = rail_of_valves(rect, trace, cursor.layer)
    if rail is None:
        return None
    beside = min(REACH, 0.3 * axis.column_width)
    for step in axis.visible:
        place = valve_rect(step, rail, axis)
        if place is not None and place.adjusted(-beside, -REACH, beside, REACH / 2).contains(pos):
            gate, value = trace.straight_gate, float(opening(trace, cursor.layer)[step])
            return Grip(gate, step, cursor.layer, value, is_held(trace, gate, step, cursor.layer))
    return None


# What the menu offers.


def valve_offers(trace: Trace, step: int, layer: int) -> tuple[Offer, ...]:
    """What can be done with the valve before a step."""
    return gate_offers(trace, trace.straight_gate, step, layer) if has_valve(trace) else ()


def gate_offers(trace: Trace, gate: str, step: int, layer: int) -> tuple[Offer, ...]:
    """What can be done with a gate at a step."""
    own = own_layer(trace, layer)
    name, here = plain_gate_name(gate), quoted(trace, str(trace.words[step]))
    every = "character" if trace.token_kind == "character" else "word"
    offers = [
        Offer(f"Hold the {name} {held_at(value)} at {here}", HoldWish(gate, value, step, own))
        for value in (0.0, 1.0)
    ]
    offers += [
        Offer(f"Hold it {held_at(value)} at every {every}", HoldWish(gate, value, None, own))
        for value in (0.0, 1.0)
    ]
    if is_held(trace, gate, step, layer):
        everywhere = holds_everywhere(trace, gate, layer)
        where = f"at every {every}" if everywhere else f"at {here}"
        wish = LetGoWish(gate, None if everywhere else step, own)
        offers.append(Offer(f"Let the {name} go {where}", wish))
    return tuple(offers)


def unit_offers(trace: Trace, unit: int, layer: int) -> tuple[Offer, ...]:
    """Silence a unit, or let it speak."""
    silent = trace.silenced is not None and bool(trace.silenced[layer, unit])
    of_layer = f" of layer {layer + 1}" if trace.layers > 1 else ""
    text = f"Let unit {unit + 1}{of_layer} speak" if silent else f"Silence unit {unit + 1}{of_layer}"
    return (Offer(text, SilenceWish(unit, layer, not silent)),)


def spoken_valve(trace: Trace, grip: Grip) -> str:
    """The reading of a valve."""
    here = quoted(trace, str(trace.words[grip.step]))
    name = plain_gate_name(grip.gate)
    if grip.held:
        return f"{name} held at {grip.value:.2f} at {here}: a double click lets it go"
    return f"{name} {grip.value:.2f} open at {here}: drag to hold it there, with Shift at all words"


# What it looks like.


def paint_locks(
    painter: QPainter, rail: QRectF, trace: Trace, layer: int, axis: TimeAxis, theme: Theme
) -> None:
    """A small padlock of ink at each valve that is held: over it, or on the cells where there is no room."""
    held = trace.held.get(trace.straight_gate)
    if held is None:
        return
    for step in axis.visible:
        place = valve_rect(step, rail, axis) if held[step, layer] else None
        if place is None:
            continue
        foot = place.top() - CAP - LOCK_ROOM
        if not axis.roomy:
            foot = place.bottom() + LOCK_HEIGHT + LOCK_ROOM
            paint_lock_on_data(painter, place.center().x(), foot, theme)
            continue
        marks.lock(painter, place.center().x(), foot, theme)


def paint_lock_on_data(painter: QPainter, x: float, foot: float, theme: Theme) -> None:
    """The padlock on a plate of its own, where colours lie behind it."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(theme.ground))
    painter.drawRoundedRect(QRectF(x - 6, foot - LOCK_HEIGHT - 1.5, 12, LOCK_HEIGHT + 3), 2.5, 2.5)
    marks.lock(painter, x, foot, theme)


def paint_dragged(
    painter: QPainter,
    rail: QRectF,
    trace: Trace,
    wish: HoldWish,
    at: int,
    axis: TimeAxis,
    theme: Theme,
) -> None:
    """What is being dragged: the valve as it would stand, and in words where it would be held."""
    for step in axis.visible if wish.step is None else [wish.step]:
        place = valve_rect(step, rail, axis)
        if place is None:
            continue
        painter.setPen(QPen(color(theme.ink), 1.4))
        painter.setBrush(color(theme.ground))
        painter.drawRect(place)
        shut = place.height() * (1 - wish.value) / 2
        for jaw in (
            QRectF(place.left(), place.top(), place.width(), shut),
            QRectF(place.left(), place.bottom() - shut, place.width(), shut),
        ):
            painter.fillRect(jaw, color(theme.ink))
    place = valve_rect(at, rail, axis)
    if place is None:
        return
    unit = "character" if trace.token_kind == "character" else "word"
    where = f"at every {unit}" if wish.step is None else f"at {quoted(trace, str(trace.words[at]))}"
    text = f"{plain_gate_name(wish.gate)} held at {wish.value:.2f} {where}"
    width = width_of(text, SMALL_BOLD) + 12
    left = min(max(place.right() + 8, axis.left), max(axis.right - width, axis.left))
    box = QRectF(left, place.top() - 1, width, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(theme.ink))
    painter.drawRoundedRect(box, 4, 4)
    y = baseline(box.top(), box.height(), SMALL_BOLD)
    write(painter, text, box.left() + 6, y, SMALL_BOLD, theme.on_ink)


def paint_silenced(
    painter: QPainter,
    band: QRectF,
    trace: Trace,
    layer: int,
    order: NDArray[np.intp] | None,
    axis: TimeAxis,
    theme: Theme,
) -> None:
    """A tick of ink left of each capsule at the row of a unit that is held at 0."""
    if trace.silenced is None or not trace.silenced[layer].any():
        return
    silent = trace.silenced[layer]
    if order is not None and len(order) == len(silent):
        silent = silent[order]
    top = band.top() + (3 if axis.roomy else 0)
    each = cells_height(band, axis) / len(silent)
    painter.setPen(QPen(color(theme.ink), max(min(each, 2.0), 1.0)))
    steps = axis.visible if axis.roomy else [axis.visible.start]
    for row in np.flatnonzero(silent):
        y = top + (row + 0.5) * each
        for step in steps:
            x = capsule(step, band, axis).left()
            painter.drawLine(QLineF(x - SILENT_MARK, y, x, y))


def caption_of_holds(trace: Trace, layer: int) -> list[str]:
    """What is held in this layer, for the label column."""
    lines = []
    if has_valve(trace) and trace.held.get(trace.straight_gate, np.zeros((1, layer + 1)))[:, layer].any():
        lines.append("locked: held")
    silent = int(trace.silenced[layer].sum()) if trace.silenced is not None else 0
    if silent:
        lines.append(f"{silent} silenced")
    if trace.slope_held:
        lines.append("f′ held at 1")
    return lines


def dragged_value(grip: Grip, points: float, travel: float = 40.0, catch: float = 0.05) -> float:
    """How far a valve is open after it was dragged up by some points; it snaps in at both ends."""
    start = grip.value if math.isfinite(grip.value) else 0.5
    value = min(max(start + points / travel, 0.0), 1.0)
    return 0.0 if value < catch else 1.0 if value > 1 - catch else round(value, 2)
