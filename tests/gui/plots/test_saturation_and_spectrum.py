"""Saturation and spectrum: what is drawn is what the trace says."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.vector import paint_plot
from rnnviz.gui.views.plots.saturation import SaturationPlot
from rnnviz.gui.views.plots.spectrum import SpectrumPlot, block_name
from tests.gui.score.gated import gated_trace


def shown(qtbot, kind, trace):
    plot = kind()
    qtbot.addWidget(plot)
    plot.set_theme(LIGHT)
    plot.resize(398, 250)
    plot.show_moment(trace, CursorState(time_step=7, error_step=7), None)
    return plot


def picture(plot):
    image = QImage(398 * 4, 250 * 4, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(4)
    image.fill(QColor(LIGHT.panel))
    painter = QPainter(image)
    paint_plot(painter, plot, LIGHT, QSize(398, 250))
    painter.end()
    return image


def height_of(image, x, rect, ink):
    """How many points of a column of pixels within a rectangle have a colour."""
    rows = range(round(rect.top() * 4), round(rect.bottom() * 4))
    return sum(image.pixelColor(round(x * 4), y) == QColor(ink) for y in rows) / 4


def test_columns_are_as_high_as_the_shares_of_the_time(qtbot):
    high, low = np.linspace(0.9, 0.1, 8)[None], np.linspace(0.05, 0.6, 8)[None]
    names = ("i", "f", "g", "o")
    trace = gated_trace(
        "lstm", saturation_high=dict.fromkeys(names, high), saturation_low=dict.fromkeys(names, low / 2)
    )
    plot = shown(qtbot, SaturationPlot, trace)
    image = picture(plot)
    for name in names:
        rect = plot.strip_rect(name)
        up, down = plot.inks(name, LIGHT)
        assert (up == LIGHT.forward) is (name != "g")
        for unit in range(8):
            x = rect.left() + (unit + 0.4) * rect.width() / 8
            assert height_of(image, x, rect, up) / rect.height() == pytest.approx(high[0, unit], abs=0.03)
            assert height_of(image, x, rect, down) / rect.height() == pytest.approx(
                low[0, unit] / 2, abs=0.03
            )


def test_units_are_sorted_from_open_to_shut_and_read_by_their_number(qtbot):
    trace = gated_trace("gru", saturation_high={"z": np.array([[0.0, 1.0, 0.25]])},
                        saturation_low={"z": np.array([[0.5, 0.0, 0.0]])})  # fmt: skip
    plot = shown(qtbot, SaturationPlot, trace)
    assert plot.order("z").tolist() == [1, 2, 0]
    rect = plot.strip_rect("z")
    said = plot.reading_at(QPointF(rect.right() - 3, rect.center().y()))
    assert said == "unit 1, update gate z: open: 0 % of the time, shut: 50 %"


def test_eigenvalues_stand_where_they_are_in_the_plane(qtbot):
    values = np.array([[2.0 + 0j, 0.5j, -0.5j, -1.0, 0.1, 0.2, 0.3, 0.4]])
    trace = gated_trace("lstm", eigenvalues=values)
    plot = shown(qtbot, SpectrumPlot, trace)
    rect = plot.plane_rect()
    unit = rect.width() / 2 / plot.reach()
    offsets = [
        ((p.x() - rect.center().x()) / unit, (rect.center().y() - p.y()) / unit) for p in plot.points()
    ]
    assert np.array(offsets) == pytest.approx(np.stack([values[0].real, values[0].imag], axis=1))
    image = picture(plot)
    x, y = plot.points()[0].x(), plot.points()[0].y()
    assert image.pixelColor(round(x * 4), round(y * 4)) == QColor(LIGHT.forward)
    assert "modulus 2.000" in plot.reading_at(plot.points()[0])


def test_the_largest_singular_value_is_drawn_against_the_lag(qtbot):
    trace = gated_trace("gru")
    plot = shown(qtbot, SpectrumPlot, trace)
    rank, line = plot.lines()[0]
    low, high = plot.decades()
    rect = plot.lag_rect()
    points = line.toList()
    drawn = [10 ** (low + (rect.bottom() - p.y()) / rect.height() * (high - low)) for p in points]
    largest = trace.jacobian_singular_values[: len(points), 0, 0]
    assert rank == 0 and len(points) == 8 and drawn == pytest.approx(largest.tolist())
    assert plot.reading_at(rect.bottomRight()).startswith("7 words back: at most ×")


def test_the_block_is_named_and_what_is_missing_is_said(qtbot):
    assert [block_name(gated_trace(cell)) for cell in ("rnn", "lstm", "gru")] == ["W_hh", "W_hg", "W_hn"]
    none = shown(qtbot, SpectrumPlot, gated_trace("feedforward"))
    assert "no recurrent weights" in none.why_empty() and none.reading_at(QPointF(50, 50)) == ""
    bare = dataclasses.replace(gated_trace("rnn"), eigenvalues=None, saturation_high=None)
    assert "next trace" in shown(qtbot, SpectrumPlot, bare).why_empty()
    assert "next trace" in shown(qtbot, SaturationPlot, bare).why_empty()
    broken = gated_trace("rnn", eigenvalues=np.full((1, 8), np.nan + 0j))
    assert "broken" in shown(qtbot, SpectrumPlot, broken).why_empty()
