"""The gates as levels: sorted so that the filled part is a share; a click shows units over time."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from pytestqt.qtbot import QtBot

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.views.score_painting import axis_for, lay_out
from rnnviz.gui.views.tracks import NO_CONTEXT, TRACKS, Context
from rnnviz.gui.views.tracks.gates import GatesTrack, cells_of
from tests.gui.score.gated import gated_trace

RECT = QRectF(0, 0, 712, 120)


def test_a_score_has_the_track_only_for_cells_with_gates(qtbot: QtBot) -> None:
    area = QRectF(0, 0, 1200, 1000)
    for cell, has in (("lstm", True), ("gru", True), ("rnn", False), ("feedforward", False)):
        trace = gated_trace(cell)
        names = [one.track.name for one in lay_out(trace, area, axis_for(trace, area, 1), TRACKS).placed]
        assert ("gates" in names) is has
    assert GatesTrack().caption(gated_trace("rnn"), CursorState()) == ("this cell has none",)


def test_columns_are_sorted_and_hold_the_gate_s_values(qtbot: QtBot) -> None:
    trace = gated_trace("lstm")
    cells = cells_of(trace.gates["f"][:, 0], "f", trace, CursorState(), NO_CONTEXT)
    assert (np.diff(cells.astype(int), axis=0) >= 0).all(), "the lowest at the top"
    means = (cells.astype(float) - 1) / 253
    assert means.mean(axis=0) == pytest.approx(trace.gates["f"][:, 0].mean(axis=1), abs=0.005)
    signed = cells_of(trace.gates["g"][:, 0], "g", trace, CursorState(), NO_CONTEXT)
    assert (signed.astype(float).mean(axis=0) - 1) / 126.5 - 1 == pytest.approx(
        trace.gates["g"][:, 0].mean(axis=1), abs=0.01
    )


def test_a_click_unfolds_a_gate_and_another_sorts_it_again(qtbot: QtBot) -> None:
    trace, track = gated_trace("gru"), GatesTrack()
    axis = axis_for(trace, RECT, 1)
    band = track.bands(RECT, trace, CursorState(), axis)["z"]
    at = QPointF(axis.center(3), band.center().y())
    move = track.click(at, RECT, trace, CursorState(), axis)
    assert move == {"time_step": 3, "unfolded_gate": "z"}
    open_ = CursorState(time_step=3, unfolded_gate="z")
    bands = track.bands(RECT, trace, open_, axis)
    assert bands["z"].height() > 3 * bands["r"].height()
    order = np.arange(8)[::-1]
    cells = cells_of(trace.gates["z"][:, 0], "z", trace, open_, Context(unit_order=order))
    assert (cells[0] == cells_of(trace.gates["z"][:, 0], "z", trace, open_, NO_CONTEXT)[-1]).all()
    inside = QPointF(axis.center(3), bands["z"].center().y())
    assert track.click(inside, RECT, trace, open_, axis) == {"time_step": 3, "unfolded_gate": ""}
    reading = track.reading(inside, RECT, trace, open_, axis, Context(unit_order=order))
    assert reading is not None and "update gate z of unit 4" in reading.text
    assert reading.value == float(trace.gates["z"][3, 0, 3])


def test_the_mean_of_a_gate_is_read_with_its_name(qtbot: QtBot) -> None:
    trace, track = gated_trace("lstm"), GatesTrack()
    axis = axis_for(trace, RECT, 1)
    band = track.bands(RECT, trace, CursorState(), axis)["f"]
    reading = track.reading(QPointF(axis.center(2), band.center().y()), RECT, trace, CursorState(), axis)
    assert reading is not None and reading.value == pytest.approx(float(trace.gates["f"][2, 0].mean()))
    assert "forget gate f at “the”" in reading.text
