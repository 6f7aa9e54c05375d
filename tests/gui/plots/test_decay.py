import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import DARK, LIGHT
from rnnviz.gui.views.plots.decay import DecayPlot
from rnnviz.gui.views.plots.half_life import half_life_text
from rnnviz.gui.views.plots.ticks import nice_ticks, whole_ticks
from rnnviz.gui.views.wording import percent
from rnnviz.probes import bound_per_step

LAST = CursorState(time_step=9, error_step=9)


@pytest.fixture
def plot(qtbot):
    plot = DecayPlot()
    qtbot.addWidget(plot)
    plot.resize(398, 266)
    plot.set_theme(LIGHT)
    plot.show()
    return plot


def test_lines_are_the_logarithms_of_the_shares(plot, make_trace):
    trace = make_trace()
    plot.show_moment(trace, LAST, None)
    x, y = plot.mean.getData()
    assert x.tolist() == list(range(10))
    np.testing.assert_allclose(10**y, 100 * trace.decay[:, 0])
    np.testing.assert_allclose(10 ** plot.focused.getData()[1], 100 * trace.share_left(9, 0)[::-1])
    faint_x, _ = plot.faint.getData()
    assert np.isnan(faint_x).sum() == 9, "a faint line for each word that has a way back"


def test_the_line_is_painted_where_the_axis_says(plot, make_trace):
    plot.show_moment(make_trace(), LAST, None)
    area = plot.panel.area()
    px, py = plot.panel.to_pixels(np.array([0.0, 9.0]), np.array([2.0, 2.0]))
    assert px[0] == pytest.approx(area.left()) and px[1] == pytest.approx(area.right())
    scene = plot.panel.view.mapViewToScene(QPointF(9.0, 2.0))
    assert (scene.x(), scene.y()) == pytest.approx((px[1], py[1]), abs=0.5)


def test_scale_button_and_cursor_choose_the_scale(plot, qtbot, make_trace):
    trace = make_trace()
    plot.show_moment(trace, LAST, None)
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.scale_rect().center().toPoint())
    assert plot.linear
    np.testing.assert_allclose(plot.mean.getData()[1], 100 * trace.decay[:, 0])
    plot.show_moment(trace, CursorState(time_step=9, error_step=9, logarithmic=True), None)
    assert not plot.linear
    plot.setFocus()
    qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert plot.linear


def test_half_life_in_words(make_trace):
    trace = make_trace()
    text = half_life_text(trace, 0, "word")
    assert text.startswith(f"half-life {trace.half_life[0]:.1f} words · ")
    first = int(np.flatnonzero(trace.decay[:, 0] <= 0.01)[0]) if (trace.decay[:, 0] <= 0.01).any() else None
    assert (f"1 % left after {first}" in text) == (first is not None)
    grown = make_trace(gain=2.5, activation="relu", sharpness=0.01)
    assert half_life_text(grown, 0, "word").startswith("no half-life: grown ")
    slow = make_trace(decay=np.linspace(1, 0.6, 10)[:, None], half_life=np.array([np.inf]))
    assert half_life_text(slow, 0, "word") == "half-life more than 9 words · 60 % left after 9"
    nothing = make_trace(decay=np.full((10, 1), np.nan))
    assert half_life_text(nothing, 0, "word") == "no error sets out anywhere"


def test_the_bound_holds_and_is_only_for_the_top_of_a_plain_network(make_trace):
    trace = make_trace()
    per_step = bound_per_step(trace, 0)
    assert per_step == pytest.approx(trace.sigma_max[0])
    for t in range(10):
        left = trace.share_left(t, 0)[::-1]
        assert (left <= per_step ** np.arange(t + 1) * (1 + 1e-9)).all()
    assert bound_per_step(make_trace(sigma_max=None), 0) is None
    assert bound_per_step(make_trace(cell_name="lstm", slope_factor=None, weight_factor=None), 0) is None
    sigmoid = make_trace(activation="sigmoid")
    assert bound_per_step(sigmoid, 0) == pytest.approx(sigmoid.sigma_max[0] / 4)


def test_labels_stand_in_nobodys_way(plot, make_trace):
    for seed in range(8):
        plot.show_moment(make_trace(seed=seed), LAST, None)
        plot.grab()
        mean, focus = plot._label_places["mean"], plot._label_places["focus"]
        assert not mean.intersects(focus)
        assert plot.panel.area().adjusted(-1, -1, 1, 1).contains(mean)
        assert plot.panel.area().adjusted(-1, -1, 1, 1).contains(focus)


def test_the_number_under_the_mouse_is_read_and_a_click_looks_there(plot, qtbot, make_trace):
    trace = make_trace()
    plot.show_moment(trace, LAST, None)
    x, y = plot.panel.to_pixels(np.array([4.0]), np.array([1.5]))
    said: list[str] = []
    plot.hovered.connect(said.append)
    viewport = plot.chart.viewport()
    at = QPointF(x[0], y[0]).toPoint()
    qtbot.mouseMove(viewport, at + QPointF(3, 3).toPoint())
    qtbot.mouseMove(viewport, at)
    assert said[-1].startswith("4 words back: mean of all ")
    assert f"“France” {percent(trace.share_left(9, 0)[5])} % left" in said[-1]
    with qtbot.waitSignal(plot.moved) as moved:
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=at)
    assert moved.args == [{"time_step": 5}]


def test_an_exact_zero_has_a_mark_and_no_line(plot, make_trace):
    matrix = make_trace().state_gradient_matrix.copy()
    matrix[9, :4] = 0
    plot.show_moment(make_trace(state_gradient_matrix=matrix), LAST, None)
    assert np.isnan(plot.focused.getData()[1]).sum() == 4
    assert "exactly nothing" in plot.reading(9)
    plot.grab()


def test_one_word_has_no_way_back(plot, make_trace):
    plot.show_moment(make_trace(["Napoleon"], "was"), CursorState(), None)
    assert "one word has no way back" in plot.why_empty() and plot._empty.isVisible()


def test_axes_stay_when_nothing_about_them_changes(plot, make_trace):
    plot.show_moment(make_trace(), LAST, None)
    before = plot.panel.range
    plot.show_moment(make_trace(gain=1.02), LAST, None)
    assert plot.panel.range == before


def test_very_long_passages_and_both_themes_are_drawn(plot, make_trace):
    plot.set_theme(DARK)
    plot.show_moment(
        make_trace(list("ab" * 150), "a", vocabulary=30, hidden=8), CursorState(error_step=299), None
    )
    assert not plot.grab().isNull()


def test_ticks_are_round():
    assert nice_ticks(0, 9, 6) == [0, 2, 4, 6, 8]
    assert nice_ticks(0, 0.07, 4) == pytest.approx([0, 0.02, 0.04, 0.06])
    assert nice_ticks(float("nan"), 1, 4) == []
    assert whole_ticks(1.0006, 1.399, 2) == pytest.approx([1.0, 1.2, 1.4])
    assert whole_ticks(3.4, 7.7, 3) == [2, 4, 6, 8]
    assert whole_ticks(0, 1e6, 1) == [0, 1e6]


def test_a_layer_that_is_gone_is_not_asked_for(plot, make_trace):
    plot.show_moment(make_trace(), CursorState(time_step=9, error_step=9, layer=2), None)
    assert plot.layer() == 0 and len(plot.mean.getData()[0]) == 10
