import itertools
import re

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import DARK, LIGHT, THEMES
from rnnviz.gui.views.inspector import Inspector
from rnnviz.gui.views.plots import PLOTS
from rnnviz.gui.views.plots.chart_painting import clipped
from rnnviz.gui.views.plots.decay import DecayPlot
from rnnviz.text import text_from_string

LAST = CursorState(time_step=9, error_step=9)


@pytest.fixture
def inspector(qtbot):
    inspector = Inspector()
    qtbot.addWidget(inspector)
    inspector.resize(398, 646)
    inspector.show()
    yield inspector
    inspector.shut_down()


def test_what_is_hidden_costs_nothing_and_catches_up_when_shown(inspector, make_trace):
    inspector.show_tab("text")
    decay = inspector.plots["decay"]
    drawn = decay.times_drawn
    traces = [make_trace(seed=seed) for seed in range(3)]
    for trace in traces:
        inspector.show_moment(trace, LAST, None)
    assert decay.times_drawn == drawn
    inspector.show_tab("decay")
    assert decay.times_drawn == drawn + 1
    assert decay.mean.getData()[0].shape == (10,)
    assert decay._mean_share.tolist() == traces[-1].decay[:, 0].tolist()


def test_needs_are_those_of_the_plots_in_sight(inspector, qtbot):
    assert inspector.needs() == {"counterfactual_matrix", "spectrum"}
    with qtbot.waitSignal(inspector.needs_changed):
        inspector.show_tab("text")
    assert inspector.needs() == {"counterfactual_matrix"}


def test_tabs_are_walked_with_mouse_and_keys(inspector, qtbot):
    where = inspector.tabs.tabRect(1).center()
    qtbot.mouseClick(inspector.tabs, Qt.MouseButton.LeftButton, pos=where)
    assert inspector.plots["memory"].isVisible() and not inspector.plots["decay"].isVisible()
    inspector.tabs.setFocus()
    qtbot.keyClick(inspector.tabs, Qt.Key.Key_Right)
    assert inspector.plots["training"].isVisible()


def test_a_plot_is_pulled_out_and_put_back(inspector, qtbot, make_trace):
    inspector.show_moment(make_trace(), LAST, None)
    qtbot.mouseClick(inspector.pull_out_button, Qt.MouseButton.LeftButton)
    assert inspector.pulled_out() == ("decay",)
    decay = inspector.plots["decay"]
    window = decay.window()
    assert window is not inspector and decay.isVisible()
    assert inspector.plots["memory"].isVisible() and inspector.tabs.count() == 6
    drawn = decay.times_drawn
    inspector.show_moment(make_trace(seed=2), LAST, None)
    assert decay.times_drawn > drawn
    window.close()
    assert inspector.pulled_out() == () and decay.window() is inspector
    assert [inspector.tabs.tabText(i) for i in range(7)] == [
        "Decay", "Memory", "Training", "Saturation", "Spectrum", "Text", "Sample",
    ]  # fmt: skip
    assert decay.isVisible() and inspector.tabs.currentIndex() == 0


def test_all_plots_can_be_pulled_out(inspector):
    for name in ("decay", "memory", "training", "saturation", "spectrum", "text", "sample"):
        inspector.pull_out(name)
    assert inspector.tabs.count() == 0 and not inspector.pull_out_button.isVisible()
    inspector.shut_down()
    assert inspector.tabs.count() == 7 and inspector.pull_out_button.isVisible()


def test_signals_of_the_plots_are_passed_on(inspector, qtbot, make_trace):
    inspector.show_moment(make_trace(), LAST, None)
    inspector.set_text(text_from_string("Napoleon was the Emperor of France.", "t"))
    softmax = inspector.plots["softmax"]
    with qtbot.waitSignal(inspector.answer_chosen), qtbot.waitSignal(inspector.moved):
        at = softmax.row_rect(0).center().toPoint()
        qtbot.mouseClick(softmax, Qt.MouseButton.LeftButton, pos=at)
    with qtbot.waitSignal(inspector.passage_chosen) as chosen:
        inspector.find_in_text()
        text = inspector.plots["text"]
        text.page.select((0, 0), (0, 12))
        qtbot.keyClick(text.page, Qt.Key.Key_Enter)
    assert chosen.args == ["Napoleon was", "the"]
    inspector.show_tab("sample")
    with qtbot.waitSignal(inspector.write_wanted):
        qtbot.mouseClick(inspector.plots["sample"].button, Qt.MouseButton.LeftButton)


def test_what_was_written_is_brought_into_sight(inspector, make_trace):
    inspector.show_moment(make_trace(), LAST, None)
    inspector.show_written("Napoleon", " was")
    assert inspector.plots["sample"].isVisible()
    assert inspector.plots["sample"].page.toPlainText() == "Napoleon was"


@pytest.mark.parametrize("height", [488, 646, 1006])
def test_nothing_overlaps_at_any_height(inspector, make_trace, height):
    inspector.resize(398, height)
    inspector.show_moment(make_trace(), LAST, None)
    softmax, why, decay = (inspector.plots[name] for name in ("softmax", "why", "decay"))
    rects = [p.rect().translated(p.mapTo(inspector, p.rect().topLeft())) for p in (softmax, why, decay)]
    assert all(a.bottom() < b.top() for a, b in itertools.pairwise(rects))
    assert rects[-1].bottom() <= height and why.height() == 147
    last = softmax.row_rect(len(softmax.rows()) - 1)
    assert last.bottom() <= softmax.height() and len(softmax.rows()) >= 3


def test_every_plot_paints_itself_into_a_picture_of_any_size(qtbot, make_trace):
    for kind in PLOTS:
        plot = kind()
        qtbot.addWidget(plot)
        plot.set_theme(DARK)
        plot.show_moment(make_trace(), LAST, None)
        image = QImage(600, 300, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        plot.paint_into(painter, QSize(600, 300))
        painter.end()
        pixels = {image.pixel(x, y) for x in range(0, 600, 3) for y in range(0, 300, 3)}
        assert len(pixels) > 3, kind.name


def test_names_are_unique_and_titled():
    assert len({plot.name for plot in PLOTS}) == len(PLOTS)
    assert all(plot.title for plot in PLOTS)


def test_both_themes_are_taken(inspector, make_trace):
    inspector.show_moment(make_trace(), LAST, None)
    for theme in THEMES.values():
        inspector.set_theme(theme)
        image = inspector.grab().toImage()
        assert image.pixelColor(2, 200).name() == theme.panel


def test_curves_in_a_vector_file_are_lines_at_their_places(qtbot, make_trace):
    trace = make_trace()
    plot = DecayPlot()
    qtbot.addWidget(plot)
    plot.set_theme(LIGHT)
    plot.show_moment(trace, LAST, None)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(600, 400))
    painter = QPainter(generator)
    plot.paint_into(painter, QSize(600, 400))
    painter.end()
    svg = bytes(buffer.data().data()).decode()
    assert "non-scaling-stroke" not in svg and "clip" not in svg and "<image" not in svg
    lines = [
        np.array(re.findall(r"[-\d.]+", found), float).reshape(-1, 2)
        for found in re.findall(r'<polyline[^>]*points="([^"]*)"', svg)
    ]
    x, y = plot.panel.to_pixels(np.arange(10.0), np.log10(100 * trace.decay[:, 0]))
    mean = next(line for line in lines if len(line) == 10 and abs(line - np.column_stack([x, y])).max() < 0.6)
    shares = 10 ** ((mean[0, 1] - mean[:, 1]) / (plot.panel.area().height() / np.ptp(plot.panel.range[2:])))
    np.testing.assert_allclose(shares, trace.decay[:, 0], rtol=0.02)


def test_a_line_is_cut_where_it_leaves_the_axes():
    x, y = clipped(np.arange(5.0), np.array([5.0, -5.0, 5.0, 5.0, 15.0]), 0.0, 10.0)
    np.testing.assert_allclose(x, [0, 0.5, 1, 1.5, 2, 3, 3.5, 4])
    np.testing.assert_allclose(y, [5, 0, np.nan, 0, 5, 5, 10, np.nan])


def test_at_720_points_six_candidates_are_in_sight(inspector, make_trace):
    inspector.show_moment(make_trace(), LAST, None)
    assert len(inspector.plots["softmax"].rows()) == 6
