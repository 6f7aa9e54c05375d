"""What the LSTM and the GRU do about it: valves as wide as their gate, ribbons of c and of h apart."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from pytestqt.qtbot import QtBot

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.views.score_painting import axis_for, lay_out
from rnnviz.gui.views.tracks import TRACKS
from rnnviz.gui.views.tracks.arrows import backward_y
from rnnviz.gui.views.tracks.capsules import capsule, carry_rect, layer_rects
from rnnviz.gui.views.tracks.shares import carry_way, fate, hidden_way, state_way
from rnnviz.gui.views.tracks.states import StatesTrack
from rnnviz.gui.views.tracks.valves import opening, valve_rect
from rnnviz.gui.views.tracks.words import WordsTrack
from rnnviz.probes import Trace
from tests.gui.score.gated import gated_trace
from tests.gui.score.painting import painted
from tests.gui.score.test_honest_drawing import Array, coverage, pixels_of

SCALE, WIDTH, HEIGHT = 4, 900, 400
LAST = 7


def laid_out(trace: Trace):  # type: ignore[no-untyped-def]
    """The axis and the rectangle of the states."""
    area = QRectF(0, 0, WIDTH, HEIGHT)
    axis = axis_for(trace, area, SCALE)
    tracks = [one for one in TRACKS if one.name in ("words", "states")]
    sheet = lay_out(trace, area, axis, tracks, with_headline=False)
    return axis, next(one.rect for one in sheet.placed if isinstance(one.track, StatesTrack))


def picture(trace: Trace) -> Array:
    cursor = CursorState(time_step=0, error_step=LAST)
    image = painted(
        trace, cursor, "words", "states", width=WIDTH, height=HEIGHT, scale=SCALE, with_headline=False
    )
    return pixels_of(image)


@pytest.mark.parametrize(("cell", "gate"), [("lstm", "f"), ("gru", "z")])
def test_a_valve_is_as_wide_open_as_its_gate_is_on_average(qtbot: QtBot, cell: str, gate: str) -> None:
    trace = gated_trace(cell)
    wanted = np.array([0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0])
    values = np.repeat(wanted[:, None, None], 8, axis=2)
    values[:, 0, ::2] -= 0.02  # the units differ, their mean counts
    values[:, 0, 1::2] += 0.02
    trace = dataclasses.replace(trace, gates={**trace.gates, gate: values})
    assert opening(trace, 0) == pytest.approx(wanted)
    axis, rect = laid_out(trace)
    rail = carry_rect(rect, trace, 0) or layer_rects(rect, trace, 0)[0]
    ink = coverage(picture(trace), LIGHT.ink, LIGHT.ground)
    for step in range(8):
        valve = valve_rect(step, rail, axis)
        assert valve is not None
        column = round((valve.left() + 1.2) * SCALE)  # beside the frame; the forward line is blue
        inside = ink[round(valve.top() * SCALE) : round(valve.bottom() * SCALE), column]
        measured = 1 - inside.sum() / SCALE / valve.height()
        assert measured == pytest.approx(wanted[step], abs=0.04), step


def test_both_ribbons_are_as_wide_as_what_runs_there(qtbot: QtBot) -> None:
    trace = gated_trace("lstm")
    T = trace.length
    out = float(trace.state_gradient_matrix[LAST, LAST, 0])
    arrives = np.full((T, T, 1), 0.8 * out)  # before the valve
    carried = np.zeros((T, T, 1))
    carried[LAST, :LAST, 0] = np.linspace(0.1, 0.7, LAST) * out
    hidden = trace.gradient_matrix.copy()
    hidden[LAST, :, 0] = np.append(np.linspace(0.6, 0.2, LAST), 1.0) * out
    trace = dataclasses.replace(
        trace, cell_gradient_matrix=arrives, cell_carry_matrix=carried, gradient_matrix=hidden
    )
    axis, rect = laid_out(trace)
    rail = carry_rect(rect, trace, 0)
    assert rail is not None
    band = layer_rects(rect, trace, 0)[0]
    pixels = picture(trace)
    orange = coverage(pixels, LIGHT.backward, LIGHT.ground)
    widths = {}
    for name, place in (("c", rail), ("h", band)):
        y = backward_y(place, axis)
        for step in range(1, T):
            x = round(capsule(step, place, axis).left() * SCALE) - 2  # where the ribbon sets out in its gap
            rows = orange[round((y - 40) * SCALE) : round((y + 40) * SCALE), x]
            covered = np.flatnonzero(rows > 0.5)
            widths[name, step] = (covered[-1] - covered[0] + 1) / SCALE if covered.size else 0.0
    full = widths["h", LAST]  # 100 % set out here
    assert full > 8
    for step in range(1, T):
        assert widths["c", step] / full == pytest.approx(0.8, abs=0.05)
    for step in range(1, LAST):
        assert widths["h", step] / full == pytest.approx(hidden[LAST, step, 0] / out, abs=0.05), step


def test_the_ways_of_c_and_h_make_up_the_state(qtbot: QtBot) -> None:
    trace = gated_trace("lstm")
    whole, hidden, carried = (way(trace, LAST, 0) for way in (state_way, hidden_way, carry_way))
    assert carried is not None
    assert np.hypot(hidden.leaving, carried.leaving) == pytest.approx(whole.leaving)
    assert (carried.leaving <= carried.arriving).all(), "a forget gate lets no more through than arrives"
    assert carry_way(gated_trace("gru"), LAST, 0) is None


def test_only_the_lstm_has_a_second_rail(qtbot: QtBot) -> None:
    rect = QRectF(0, 0, WIDTH, 240)
    for cell, rails in (("lstm", True), ("gru", False), ("rnn", False), ("feedforward", False)):
        trace = gated_trace(cell, layers=2)
        carry, bands = carry_rect(rect, trace, 1), layer_rects(rect, trace, 1)
        assert (carry is not None) is rails
        assert bands[0].bottom() < bands[1].top() and bands[1].bottom() <= rect.bottom()
        if carry is not None:
            assert bands[0].bottom() < carry.top() < carry.bottom() < bands[1].top()


def test_a_network_without_memory_has_no_arrows_and_says_no_path(qtbot: QtBot) -> None:
    trace = gated_trace("feedforward")
    assert not trace.recurrent
    assert fate(trace, LAST, 2, 0) == "no path"
    axis, rect = laid_out(trace)
    band = layer_rects(rect, trace, 0)[0]
    blue = coverage(picture(trace), LIGHT.forward, LIGHT.ground)
    for step in range(1, 8):
        left, right = (
            round(x * SCALE)
            for x in (capsule(step - 1, band, axis).right() + 1, capsule(step, band, axis).left() - 1)
        )
        assert blue[round(band.top() * SCALE) : round(band.bottom() * SCALE), left:right].sum() < 20
    recurrent = gated_trace("rnn")
    axis, rect = laid_out(recurrent)
    band = layer_rects(rect, recurrent, 0)[0]
    blue = coverage(picture(recurrent), LIGHT.forward, LIGHT.ground)
    left, right = (round(x * SCALE) for x in (capsule(2, band, axis).right(), capsule(3, band, axis).left()))
    assert blue[round(band.top() * SCALE) : round(band.bottom() * SCALE), left:right].sum() > 500


def test_an_exact_zero_behind_gates_is_blamed_on_the_gates(qtbot: QtBot) -> None:
    trace = gated_trace("lstm")
    matrix = trace.state_gradient_matrix.copy()
    matrix[LAST, :4] = 0
    shut = dataclasses.replace(trace, state_gradient_matrix=matrix)
    assert fate(shut, LAST, 3, 0) == "blocked"
    axis, rect = laid_out(shut)
    assert isinstance(TRACKS[0], WordsTrack) and axis.length == 8 and rect.height() > 100


@pytest.mark.parametrize("length", [5, 25, 100])
@pytest.mark.parametrize("cell", ["lstm", "gru", "feedforward"])
def test_captions_name_the_valve(qtbot: QtBot, cell: str, length: int) -> None:
    trace = gated_trace(cell)
    caption = " ".join(StatesTrack().caption(trace, CursorState(error_step=LAST)))
    assert ("valve: mean" in caption) is (cell != "feedforward")
    assert ("tanh(c)" in caption) is (cell == "lstm")


def test_a_unit_of_the_cell_state_is_read_with_its_gate(qtbot: QtBot) -> None:
    trace = gated_trace("lstm", layers=2)
    assert trace.cell is not None
    cursor = CursorState(error_step=LAST, layer=1)
    axis, rect = laid_out(trace)
    rail = carry_rect(rect, trace, 1)
    assert rail is not None
    at = QPointF(axis.center(2), rail.top() + 3.5)
    reading = StatesTrack().reading(at, rect, trace, cursor, axis)
    assert reading is not None and reading.value == float(trace.cell[3, 1, 0])
    assert f"forget gate f {trace.gates['f'][2, 1, 0]:.2f} here" in reading.text
    assert StatesTrack().click(at, rect, trace, cursor, axis) == {"time_step": 2}
