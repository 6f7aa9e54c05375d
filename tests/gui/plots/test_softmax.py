import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT, color
from rnnviz.gui.views.plots.softmax import SoftmaxPlot, rows_for
from rnnviz.gui.views.series import Series

LAST = CursorState(time_step=9, error_step=9)


@pytest.fixture
def plot(qtbot):
    plot = SoftmaxPlot()
    qtbot.addWidget(plot)
    plot.resize(398, 195)
    plot.set_theme(LIGHT)
    plot.show()
    return plot


def bar_length(plot, index, name):
    """Points of one colour in the middle of a row, read from the painted picture."""
    image = plot.grab().toImage()
    ratio = image.devicePixelRatio()
    y = round((plot.row_rect(index).center().y() - 3) * ratio)
    wanted = color(name).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width())) / ratio


def test_candidates_and_numbers_are_those_of_the_trace(plot, make_trace):
    trace = make_trace(sharpness=2.0)
    plot.show_moment(trace, LAST, None)
    rows = plot.rows()
    assert [r.word for r in rows[:4]] == trace.candidate_words[9, :4].tolist()
    assert [r.probability for r in rows[:4]] == trace.candidate_probs[9, :4].tolist()
    right = rows[-1]
    assert right.right and right.word == "France"
    assert right.place == trace.target_place[9] > 5
    assert right.probability == pytest.approx(trace.target_prob[9])
    assert f"place {trace.target_place[9]:,} of 2,001" in plot.row_text(right)


def test_heading_names_the_word_under_the_cursor(plot, make_trace):
    plot.show_moment(make_trace(), CursorState(time_step=2, error_step=9), None)
    assert plot.heading() == "After “Alexander” the network expects"
    assert plot.rows()[-1].word == "knew"


def test_painted_bars_are_as_long_as_the_probabilities(plot, make_trace):
    plot.show_moment(make_trace(sharpness=6.0), LAST, None)
    rows = [row for row in plot.rows() if not row.right]
    lengths = [bar_length(plot, i, LIGHT.forward) for i in range(len(rows))]
    shares = np.array([row.probability for row in rows])
    assert lengths[0] > 20
    np.testing.assert_allclose(np.array(lengths) / lengths[0], shares / shares[0], atol=2.5 / lengths[0])


def test_right_word_among_the_likeliest_keeps_its_place(plot, make_trace):
    trace = make_trace(sharpness=2.0)
    second = str(trace.candidate_words[9, 1])
    targets = np.append(trace.targets[:-1], trace.candidates[9, 1])
    changed = make_trace(
        sharpness=2.0,
        targets=targets,
        target_words=np.append(trace.target_words[:-1], second),
        target_prob=np.append(trace.target_prob[:-1], trace.candidate_probs[9, 1]),
        target_place=np.append(trace.target_place[:-1], 2),
    )
    plot.show_moment(changed, LAST, None)
    assert [row.right for row in plot.rows()].count(True) == 1
    assert plot.rows()[1].right and plot.rows()[1].word == second
    assert bar_length(plot, 1, LIGHT.right) > 3


def test_a_click_moves_the_cursor_and_chooses_the_answer(plot, qtbot, make_trace):
    trace = make_trace()
    plot.show_moment(trace, LAST, None)
    where = plot.row_rect(1).center().toPoint()
    with qtbot.waitSignal(plot.moved) as moved, qtbot.waitSignal(plot.answer_chosen) as chosen:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=where)
    assert moved.args == [{"candidate": int(trace.candidates[9, 1])}]
    assert chosen.args == [str(trace.candidate_words[9, 1]), int(trace.candidates[9, 1])]


def test_in_the_middle_of_a_passage_a_click_leaves_the_answer_alone(plot, qtbot, make_trace):
    plot.show_moment(make_trace(), CursorState(time_step=3, error_step=9), None)
    with qtbot.assertNotEmitted(plot.answer_chosen), qtbot.waitSignal(plot.moved):
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.row_rect(0).center().toPoint())


def test_keys_choose_a_candidate(plot, qtbot, make_trace):
    trace = make_trace()
    plot.show_moment(trace, LAST, None)
    plot.setFocus()
    for _ in range(3):
        qtbot.keyClick(plot, Qt.Key.Key_Down)
    with qtbot.waitSignal(plot.answer_chosen) as chosen:
        qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert chosen.args == [str(trace.candidate_words[9, 2]), int(trace.candidates[9, 2])]


def test_the_number_under_the_mouse_has_its_unit(plot, qtbot, make_trace):
    trace = make_trace(sharpness=3.0)
    plot.show_moment(trace, LAST, None)
    said: list[str] = []
    plot.hovered.connect(said.append)
    qtbot.mouseMove(plot, QPoint(5, 5))
    qtbot.mouseMove(plot, plot.row_rect(0).center().toPoint())
    assert f"{trace.candidate_probs[9, 0] * 100:.1f}"[:2] in said[-1]
    assert "%" in said[-1] and "place 1 of 2,001" in said[-1]


def test_more_height_shows_more_candidates(plot, make_trace):
    plot.show_moment(make_trace(), LAST, None)
    few = len(plot.rows())
    plot.resize(398, 400)
    assert len(plot.rows()) >= few + 8
    assert plot.row_rect(len(plot.rows()) - 1).bottom() <= 400


def test_without_a_right_answer_all_rows_are_candidates(make_trace):
    rows = rows_for(make_trace(answer=None), 9, 6)
    assert len(rows) == 6 and not any(row.right for row in rows)


def test_an_assumed_answer_is_called_one(plot, make_trace):
    plot.show_moment(make_trace(assumed=True), LAST, None)
    assert "taken as answer" in plot.row_text(plot.rows()[-1])


def test_a_probability_of_zero_is_not_called_small(plot, make_trace):
    trace = make_trace()
    zero = np.append(trace.target_prob[:-1], 0.0)
    plot.show_moment(make_trace(target_prob=zero), LAST, None)
    assert plot.row_text(plot.rows()[-1]).startswith("no probability at all")


def test_no_trace_says_why(plot):
    plot.show_moment(None, LAST, None)
    assert "open a text" in plot.why_empty()
    assert plot._empty.isVisible() and plot._empty.text() == plot.why_empty()


def test_without_a_trace_keys_find_no_row_of_before(plot, qtbot, make_trace):
    plot.show_moment(make_trace(), CursorState(), None)
    said, chosen = [], []
    plot.hovered.connect(said.append)
    plot.moved.connect(chosen.append)
    plot.show_moment(None, CursorState(), None)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return):
        qtbot.keyClick(plot, key)
    assert [words for words in said if words] == []
    assert chosen == []


def test_a_new_moment_is_read_under_a_mouse_that_rests(plot, qtbot, make_trace):
    said: list[str] = []
    plot.hovered.connect(said.append)
    plot.show_moment(make_trace(sharpness=3.0), LAST, None)
    qtbot.mouseMove(plot, QPoint(5, 5))
    qtbot.mouseMove(plot, plot.row_rect(0).center().toPoint())
    plot.show_moment(make_trace(sharpness=5.0), LAST, None)
    assert len(said) == 2 and said[0] != said[1]
    assert said[1].startswith(f"“{plot.rows()[0].word}”: probability ")


def test_what_has_not_changed_is_not_drawn_again(plot, make_trace):
    trace, cursor = make_trace(), CursorState(time_step=9)
    plot.show_moment(trace, cursor, Series())
    drawn = plot.times_drawn
    plot.show_moment(trace, cursor, Series())  # an epoch has ended: more numbers, the same moment
    assert plot.times_drawn == drawn
    plot.show_moment(trace, CursorState(time_step=8), Series())
    assert plot.times_drawn == drawn + 1
