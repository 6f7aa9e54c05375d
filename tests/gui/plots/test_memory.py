"""Memory over training: what is drawn was measured, and where nothing was there is a mark and no number."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.vector import paint_plot
from rnnviz.gui.views.plots.memory import MemoryPlot
from rnnviz.gui.views.plots.memory_course import (
    QUANTITIES,
    MemoryLine,
    in_words,
    pieces,
    points_of,
    spans,
)
from rnnviz.gui.views.series import Series
from rnnviz.probes import Moment, moment_of

HALF_LIFE, ONE_PERCENT, LOST = QUANTITIES


def moment(step, half=2.0, one=math.inf, lost=0.1, last=11, left=0.2, passage=1):
    return Moment(
        step=step,
        passage=passage,
        half_life=np.array([half]),
        one_percent_lag=np.array([one]),
        lost_per_step=np.array([lost]),
        last_lag=np.array([last]),
        last_left=np.array([left]),
    )


def shown(qtbot, trace, moments, step=None):
    plot = MemoryPlot()
    qtbot.addWidget(plot)
    plot.set_theme(LIGHT)
    plot.resize(398, 250)
    plot.show_moment(trace, CursorState(time_step=9, error_step=9), Series(moments=tuple(moments)))
    return plot


def picture(plot):
    image = QImage(398 * 2, 250 * 2, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2)
    image.fill(QColor(LIGHT.panel))
    painter = QPainter(image)
    paint_plot(painter, plot, LIGHT, QSize(398, 250))
    painter.end()
    return image


def test_a_number_that_was_never_reached_is_a_mark_at_the_end_of_what_was_measured():
    points = points_of(MemoryLine((moment(0), moment(5, half=math.inf)), 0), HALF_LIFE)
    assert points.value[0] == 2.0 and math.isnan(points.value[1])
    assert points.beyond.tolist() == [False, True] and points.end.tolist() == [11, 11]
    assert not points.grown.any()
    assert spans([points], HALF_LIFE)[1] > 11, "the mark is in sight"


def test_an_error_that_grows_has_no_half_life_and_another_mark():
    points = points_of(MemoryLine((moment(0, half=math.inf, left=2.1),), 0), HALF_LIFE)
    assert points.grown.tolist() == [True] and not points.beyond.any()
    said = in_words(moment(0, half=math.inf, left=2.1), 0, HALF_LIFE, "word")
    assert said == "none: grown 2.1 times after 11 words"


@pytest.mark.parametrize(
    ("quantity", "made", "said"),
    [
        (HALF_LIFE, moment(0, half=3.24), "3.2 words"),
        (HALF_LIFE, moment(0, half=math.inf), "more than 11 words"),
        (HALF_LIFE, moment(0, half=math.inf, last=1), "more than 1 word"),
        (ONE_PERCENT, moment(0, one=12.4, last=20), "12 words"),
        (LOST, moment(0, lost=0.123), "12 % of what is left"),
        (LOST, moment(0, lost=-0.05), "none, 5 % gained"),
        (LOST, moment(0, lost=math.nan), "too few words to tell past the first 4"),
        (HALF_LIFE, moment(0, half=math.inf, last=-1), "no error has a way back"),
    ],
)
def test_numbers_are_spelled_with_their_unit(quantity, made, said):
    assert in_words(made, 0, quantity, "word") == said


def test_no_line_leads_through_what_has_no_number_nor_to_another_passage():
    halves = [1.0, 2.0, math.inf, 3.0, 4.0, 5.0]
    passages = [1, 1, 1, 1, 1, 2]
    moments = [
        moment(10 * i, half=h, passage=p) for i, (h, p) in enumerate(zip(halves, passages, strict=True))
    ]
    drawn = [(x.tolist(), y.tolist()) for x, y in pieces(points_of(MemoryLine(tuple(moments), 0), HALF_LIFE))]
    assert drawn == [([0, 10], [1, 2]), ([30, 40], [3, 4]), ([50], [5])]


def test_where_there_is_no_number_at_all_there_is_no_scale():
    line = MemoryLine((moment(0, lost=math.nan), moment(5, lost=math.nan)), 0)
    assert spans([points_of(line, LOST)], LOST) is None


def test_the_heading_has_the_numbers_of_the_trace_shown_and_the_line_its_moment(qtbot, make_trace):
    trace = make_trace(step=20)
    plot = shown(qtbot, trace, [moment(0, half=9.0), moment(40, half=1.0)])
    half = float(trace.half_life[0])
    assert plot.heading(HALF_LIFE) == f"half-life: {half:.1f} words"
    assert [one.step for one in plot.line().moments] == [0, 20, 40]


def test_readings_are_those_of_the_nearest_moment(qtbot, make_trace):
    trace = make_trace(step=40)
    plot = shown(qtbot, trace, [moment(0, half=9.0), moment(20, half=3.0), moment_of(trace)])
    axes = plot.axes(0)
    at = QPointF(axes.x(22), axes.plot.center().y())
    assert plot.reading_at(at) == "update 20: half-life 3.0 words"
    assert plot.reading_at(QPointF(2, 2)) == ""


def test_lines_and_marks_are_painted_where_the_numbers_are(qtbot, make_trace):
    moments = [moment(step, half=5.0 if step < 20 else math.inf, last=9) for step in range(0, 41, 4)]
    plot = shown(qtbot, make_trace(step=40), moments)
    image, axes = picture(plot), plot.axes(0)

    def orange(step, value):
        x, y = round(2 * axes.x(step)), round(2 * axes.y(value))
        near = [(i, j) for i in range(x - 5, x + 6) for j in range(y - 12, y + 3)]
        return sum(image.pixelColor(*at) == QColor(LIGHT.backward) for at in near)

    assert orange(10, 5.0) > 10, "the line"
    assert orange(30, 5.0) == 0, "none leads to what was not measured"
    assert orange(20, 9.0) + orange(24, 9.0) > 5, "but a mark at the end"


def test_it_says_why_it_is_empty(qtbot, make_trace):
    assert "no way back" in shown(qtbot, make_trace(words=["France"], answer="was"), []).why_empty()
    assert "no path" in shown(qtbot, make_trace(recurrent=False), []).why_empty()
