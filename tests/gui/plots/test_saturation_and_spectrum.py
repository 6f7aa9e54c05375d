"""Saturation and spectrum: what is drawn is what the trace says."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from rnnviz.gui import view_pictures
from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.vector import paint_plot
from rnnviz.gui.view_pictures import Subject
from rnnviz.gui.views.plots.saturation import SaturationPlot
from rnnviz.gui.views.plots.spectrum import SpectrumPlot, block_name
from rnnviz.gui.views.plots.spectrum_trail import neighbours, trail
from rnnviz.gui.views.series import Series
from rnnviz.probes import spectrum_of
from rnnviz.text import Passage, text_from_string
from rnnviz.training import Course, RunSettings, ScalarLog, prepare
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


def test_the_legend_says_what_each_colour_is_and_where_it_begins(qtbot):
    tanh = shown(qtbot, SaturationPlot, gated_trace("rnn"))
    assert tanh.legend() == [
        (LIGHT.states[-1], "above 0.9, from below"), (LIGHT.states[0], "below −0.9, from above"),
    ]  # fmt: skip
    lstm = shown(qtbot, SaturationPlot, gated_trace("lstm"))
    assert [text for _, text in lstm.legend()] == [
        "i f o above 0.9, from below", "i f o below 0.1, from above",
        "g above 0.9, from below", "g below −0.9, from above",
    ]  # fmt: skip


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


def test_lanes_of_one_picture_have_one_scale(qapp):
    text = text_from_string("one two three four . " * 60, "counting.txt")
    settings = RunSettings().with_values({"hidden": 8, "window": 5, "batch": 2})
    lanes = [{"init": "spectral", "spectral_radius": radius} for radius in (0.5, 3.0)]
    lanes += [{"cell": "lstm"}, {"cell": "feedforward"}]
    race = settings.with_lanes([settings.with_values(values).lane for values in lanes])
    experiment = prepare(text, race)
    subject = Subject(experiment, Passage("one two three", "four"), [ScalarLog() for _ in lanes], Course())
    image = QImage(800, 600, QImage.Format.Format_RGB32)
    drawn = []
    for view in ("spectrum", "softmax", "why"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(view_pictures, "paint_lane_plots", lambda *given: drawn.append(given[-1]))
            painter = QPainter(image)
            view_pictures.view_painter(view, subject, LIGHT, image.size())(painter)
            painter.end()
    spectra, softmaxes, whys = ([plot_of(lane) for lane in range(4)] for plot_of in drawn)
    assert len({plot.reach() for plot in spectra[:3]}) == len({plot.decades() for plot in spectra[:3]}) == 1
    assert spectra[0].reach() > 3 and "no recurrent" in spectra[3].why_empty()
    assert len({plot.full_scale() for plot in softmaxes}) == len({plot.full_scale() for plot in whys}) == 1
    spectra[0].beside = ()
    assert spectra[0].reach() < 1.2 and spectra[0].decades() != spectra[1].decades(), "each alone has its own"


def test_the_block_is_named_and_what_is_missing_is_said(qtbot):
    assert [block_name(gated_trace(cell)) for cell in ("rnn", "lstm", "gru")] == ["W_hh", "W_hg", "W_hn"]
    none = shown(qtbot, SpectrumPlot, gated_trace("feedforward"))
    assert "no recurrent weights" in none.why_empty() and none.reading_at(QPointF(50, 50)) == ""
    bare = dataclasses.replace(gated_trace("rnn"), eigenvalues=None, saturation_high=None)
    assert "next trace" in shown(qtbot, SpectrumPlot, bare).why_empty()
    assert "without counts" in shown(qtbot, SaturationPlot, bare).why_empty()
    broken = gated_trace("rnn", eigenvalues=np.full((1, 8), np.nan + 0j))
    assert "broken" in shown(qtbot, SpectrumPlot, broken).why_empty()


def spectra_of(*turns, step=10):
    """Measurements whose eigenvalues are turned by so many radians each, ten updates apart."""
    found = []
    for number, turn in enumerate(turns):
        values = np.array([[0.9, -0.5]]) * np.exp(1j * turn)
        trace = gated_trace("rnn", step=number * step, eigenvalues=values,
                            spectral_radius=np.array([0.9 + number / 10]))  # fmt: skip
        found.append(spectrum_of(trace))
    return tuple(found)


def test_the_trail_leads_from_where_each_eigenvalue_was_to_where_it_is():
    spectra = spectra_of(0.0, 0.1, 0.2)
    stretches = trail(spectra[:2], spectra[2], 0)
    assert [stretch.age for stretch in stretches] == [1.0, 0.0], "the oldest first"
    np.testing.assert_allclose(stretches[0].starts, [0.9, -0.5])
    np.testing.assert_allclose(stretches[1].ends, spectra[2].eigenvalues[0])
    np.testing.assert_allclose(stretches[0].ends, stretches[1].starts)


def test_eigenvalues_that_cannot_be_told_apart_are_not_joined():
    starts, ends = neighbours(np.array([0.0, 1.0 + 0j]), np.array([0.1, 0.2 + 0j]))
    assert (starts.tolist(), ends.tolist()) == ([0.0], [0.1]), "1.0 has no partner that is its own"


def test_a_trail_of_many_moments_is_drawn_in_few_stretches_from_the_first_one():
    spectra = spectra_of(*np.linspace(0, 1, 80))
    stretches = trail(spectra[:-1], spectra[-1], 0)
    assert len(stretches) == 24
    np.testing.assert_allclose(stretches[0].starts, [0.9, -0.5])


def test_the_trail_is_painted_paler_than_the_present_and_named(qtbot):
    spectra = spectra_of(0.0, 0.4, 0.8)
    trace = gated_trace("rnn", step=20, eigenvalues=spectra[2].eigenvalues)
    plot = shown(qtbot, SpectrumPlot, trace)
    alone = picture(plot)
    plot.show_moment(trace, plot.cursor_state, Series(spectra=spectra))
    image = picture(plot)
    x, y = plot.places(np.array([0.9 * np.cos(0.6) + 0.9j * np.sin(0.6)]))[0].toTuple()
    window = [
        (i, j) for i in range(round(x * 4) - 12, round(x * 4) + 12)
        for j in range(round(y * 4) - 12, round(y * 4) + 12)
    ]  # fmt: skip
    assert sum(image.pixelColor(*at) != alone.pixelColor(*at) for at in window) > 40
    assert "pale: the way since update 0, where the radius was 0.9" in plot.small_print()


def test_looking_back_shows_the_spectrum_measured_nearest_and_says_so(qtbot):
    spectra = spectra_of(0.0, 0.4, 0.8)
    bare = {"eigenvalues": None, "sigma_max": None, "spectral_radius": None, "jacobian_lags": None,
                "jacobian_singular_values": None}  # fmt: skip
    plot = shown(qtbot, SpectrumPlot, gated_trace("rnn", step=12, **bare))
    assert "next trace" in plot.why_empty()
    plot.show_moment(plot.trace, plot.cursor_state, Series(spectra=spectra))
    assert plot.why_empty() == "" and plot.spectrum() is spectra[1]
    assert plot.small_print()[0] == "of update 10, measured nearest to update 12"
    assert "spectral radius 1 " in plot.numbers()
    assert plot.reading_at(plot.points()[0]).endswith("at update 10")
    other = dataclasses.replace(spectra[1], passage=spectra[1].passage + 1)
    plot.show_moment(plot.trace, plot.cursor_state, Series(spectra=(other,)))
    assert plot.spectrum().singular_values is None, "those are of another passage"
    assert "only measured while this view is open" in plot.small_print()[1]
