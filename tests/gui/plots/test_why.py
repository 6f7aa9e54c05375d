from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF, QWheelEvent

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT, SIZE_SMALL, SIZE_TEXT, color, font
from rnnviz.gui.views.plots.fading import closing, fading_of, geometric_mean, opening, why_no_fading
from rnnviz.gui.views.plots.plot import MARGIN
from rnnviz.gui.views.plots.why import WhyPlot, fitting

LAST = CursorState(time_step=9, error_step=9)


@pytest.fixture
def plot(qtbot):
    plot = WhyPlot()
    qtbot.addWidget(plot)
    plot.resize(398, 147)
    plot.set_theme(LIGHT)
    plot.show()
    return plot


def test_the_factors_multiply_to_what_is_left(make_trace):
    trace = make_trace()
    fading = fading_of(trace, LAST)
    assert fading.steps == 9 and fading.reached_step == 0
    assert fading.slope * fading.weight == pytest.approx(fading.together)
    assert fading.together**9 == pytest.approx(trace.share_left(9, 0)[0], rel=1e-9)
    assert fading.left == pytest.approx(trace.share_left(9, 0)[0])


def test_the_question_reaches_back_to_the_word_under_the_cursor(make_trace):
    trace = make_trace()
    cursor = CursorState(time_step=5, error_step=9)
    fading = fading_of(trace, cursor)
    assert fading.steps == 4
    assert fading.together**4 == pytest.approx(trace.share_left(9, 0)[5], rel=1e-9)
    assert opening(trace, fading) == "Four steps back to “Napoleon”, each multiplies it twice:"


def test_bars_are_painted_as_long_as_the_factors(plot, make_trace):
    plot.show_moment(make_trace(), LAST, None)
    image = plot.grab().toImage()
    ratio = image.devicePixelRatio()
    for index, (bar, name) in enumerate(
        zip(plot.bars(), (LIGHT.quiet,) * 2 + (LIGHT.backward,), strict=True)
    ):
        groove = plot.bar_rect(index)
        y = round(groove.center().y() * ratio)
        own = [
            x
            for x in range(image.width())
            if image.pixel(x, y) == color(name).rgb() and x / ratio > groove.left() - 1
        ]
        own = [x for x in own if x / ratio < groove.right() + 1]
        length = (own[-1] - own[0] + 1) / ratio
        assert length == pytest.approx(groove.width() * bar.factor / plot.full_scale(), abs=2.0)


def test_an_error_that_grew_is_asked_about_as_such(plot, make_trace):
    trace = make_trace(gain=2.5, activation="relu", sharpness=0.01)
    assert trace.share_left(9, 0)[0] > 1.1
    plot.show_moment(trace, LAST, None)
    assert plot.heading() == "Why did its error grow?"
    assert plot.full_scale() >= max(bar.factor for bar in plot.bars())


def test_equal_shares_with_and_without_the_slope_are_not_set_against_each_other(make_trace):
    trace = make_trace()
    fading = replace(fading_of(trace, LAST), left=0.141, counterfactual=0.143)
    assert closing(trace, fading) == "If tanh let everything through: 14 % left, much the same."
    assert closing(trace, replace(fading, counterfactual=0.3)).endswith(": 30 % left, not 14 %.")


def test_a_slope_of_zero_leaves_nothing_together_whatever_the_weights_would_have_done(make_trace):
    trace = make_trace()
    slope, weight = trace.slope_factor.copy(), trace.weight_factor.copy()
    slope[9, 9], weight[9, 9], slope[9, :9], weight[9, :9] = 0, np.nan, np.nan, np.nan
    fading = fading_of(replace(trace, slope_factor=slope, weight_factor=weight), LAST)
    assert fading.slope == 0 and fading.together == 0 and np.isnan(fading.weight)


def test_counterfactual_is_the_matrix_with_open_slopes(make_trace):
    trace = make_trace(gain=1.6)
    fading = fading_of(trace, LAST)
    grown = trace.counterfactual_matrix[9, 0, 0] / trace.counterfactual_matrix[9, 9, 0]
    assert fading.counterfactual == pytest.approx(grown) and grown > 2
    assert closing(trace, fading).startswith("If tanh let everything through, it would have grown ")
    assert fading_of(make_trace(gain=1.6, counterfactual_matrix=None), LAST).counterfactual is None


def test_a_learned_word_sends_little_error(make_trace):
    trace = make_trace()
    learned = make_trace(loss=np.full(10, 0.01))
    assert "Learned, so little sets out." in opening(learned, fading_of(learned, LAST))
    assert "Learned" not in opening(trace, fading_of(trace, LAST))


@pytest.mark.parametrize(
    ("activation", "words"),
    [
        ("tanh", "near ±1 let little pass"),
        ("sigmoid", "at most a quarter"),
        ("relu", "units at 0 let nothing"),
    ],
)
def test_each_activation_has_its_own_reason(plot, make_trace, activation, words):
    plot.show_moment(make_trace(activation=activation), LAST, None)
    assert words in plot.bars()[0].name


def test_where_the_question_has_no_answer_it_says_why(plot, make_trace):
    assert "no earlier step" in why_no_fading(make_trace(), CursorState())
    assert "No right answer is known" in why_no_fading(make_trace(answer=None), LAST)
    assert "no path back" in why_no_fading(make_trace(cell_name="feedforward", recurrent=False), LAST)
    assert "two factors" in why_no_fading(make_trace(slope_factor=None), LAST)
    zero = make_trace(state_gradient_matrix=np.zeros((10, 10, 1)))
    assert "exactly zero" in why_no_fading(zero, LAST)
    plot.show_moment(make_trace(answer=None), LAST, None)
    assert plot.fading is None and plot._empty.isVisible()
    plot.show_moment(make_trace(), LAST, None)
    assert plot.fading is not None and not plot._empty.isVisible()


def test_one_dead_step_makes_the_mean_zero():
    assert geometric_mean(np.array([0.5, 0.0, np.nan])) == 0
    assert geometric_mean(np.array([0.5, 2.0, np.nan])) == pytest.approx(1)


def test_equations_unfold_with_mouse_and_key(plot, qtbot, make_trace):
    plot.show_moment(make_trace(), LAST, None)
    folded = plot.sizeHint().height()
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.switch_rect().center().toPoint())
    assert plot.sizeHint().height() == folded, "nothing to unfold yet"
    plot.set_equations([("h_t = tanh(W x_t)", "the new state"), ("dL/dh", "the error")])
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.switch_rect().center().toPoint())
    assert plot.sizeHint().height() > folded + 50
    plot.setFocus()
    qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert plot.sizeHint().height() == folded


@pytest.mark.parametrize("height", [147, 300])
def test_equations_longer_than_their_room_scroll_to_the_last(plot, qtbot, make_trace, height):
    plot.setMinimumHeight(0)
    plot.resize(398, height)
    plot.show_moment(make_trace(), LAST, None)
    plot.set_equations(
        [(f"formula {n}", "what it says, in some words that take room " * 3) for n in range(9)]
    )
    plot.toggle_equations()
    plot.resize(398, height)
    area, page = plot.equations_area(), plot._equations
    assert plot.rect().contains(area.toRect()) and page.height(area.width()) > area.height()
    assert (area.top() < plot.bar_rect(0).top()) == (height == 147), "no room below: in the factors' place"
    first = plot.grab().toImage()
    wheel = QWheelEvent(
        area.center(), area.center(), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    plot.wheelEvent(wheel)
    assert page.offset == 60 and plot.grab().toImage() != first
    plot.setFocus()
    qtbot.keyClick(plot, Qt.Key.Key_End)
    assert page.offset == page.height(area.width()) - area.height(), "the last line stands at the bottom"
    qtbot.keyClick(plot, Qt.Key.Key_Home)
    assert page.offset == 0 and plot.grab().toImage() == first


def test_the_factor_under_the_mouse_is_read(plot, qtbot, make_trace):
    plot.show_moment(make_trace(), LAST, None)
    said: list[str] = []
    plot.hovered.connect(said.append)
    qtbot.mouseMove(plot, QPoint(5, 2))
    qtbot.mouseMove(plot, plot.bar_rect(2).center().toPoint())
    assert f"× {plot.fading.together:.2f}" in said[-1] and "9 steps back from “France”" in said[-1]


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("gain", [0.3, 1.0, 2.5])
def test_sentences_fit_into_the_inspector(qtbot, make_trace, activation, gain):
    words = ["The", "Emperor", "Alexander", "knew", "that", "Napoleon", "was", "the", "Emperor", "of"] * 3
    small = QFontMetricsF(font(SIZE_SMALL))
    for loss in (np.full(30, 3.0), np.full(30, 0.01)):
        trace = make_trace(words, gain=gain, activation=activation, loss=loss)
        for k in (2, 27, 29):
            fading = fading_of(trace, CursorState(time_step=k, error_step=29))
            assert small.horizontalAdvance(opening(trace, fading)) < 398 - 2 * MARGIN
            assert small.horizontalAdvance(closing(trace, fading)) < 398 - 2 * MARGIN + 9


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_names_and_sentences_fit_into_the_narrowest_inspector(plot, make_trace, activation):
    plot.resize(300, 147)
    plot.show_moment(make_trace(activation=activation), LAST, None)
    room = plot.bar_rect(0).left() - MARGIN - 6
    for bar in plot.bars():
        wording, size = fitting(bar.name, SIZE_TEXT, False, room + 1)
        assert QFontMetricsF(font(size)).horizontalAdvance(wording) <= room + 1, wording
    for sentence in (opening(plot.trace, plot.fading), closing(plot.trace, plot.fading)):
        wording, size = fitting(sentence, SIZE_SMALL, False, 271)
        assert QFontMetricsF(font(size)).horizontalAdvance(wording) <= 280, wording
