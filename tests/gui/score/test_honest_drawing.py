"""Issue 3, item 9: what is painted is what was computed."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.views.headline import headline, plain_text
from rnnviz.gui.views.lanes import LaneShown
from rnnviz.gui.views.race_painting import shared_matrix_scale
from rnnviz.gui.views.score_painting import LABEL_WIDTH, axis_for
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks.error import BOTTOM, TOP, ErrorTrack
from rnnviz.gui.views.tracks.matrix import MatrixTrack
from rnnviz.gui.views.tracks.track import NO_CONTEXT, Context
from rnnviz.gui.views.tracks.words import WordsTrack
from rnnviz.probes.trace import Trace
from tests.gui.score.painting import painted
from tests.gui.score.reference import Array, make_net, passage, trace_of

SCALE = 4
HEIGHT = 200


def pixels_of(image: QImage) -> Array:
    """(height, width, 3) as floats."""
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return flat[:, : image.width(), 2::-1].astype(float)


def coverage(pixels: Array, colour: str, ground: str) -> Array:
    """How much of each pixel has a colour rather than the ground: 0 to 1."""
    ink, paper = (np.array(QColor(c).getRgb()[:3], dtype=float) for c in (colour, ground))
    along = ink - paper
    share = ((pixels - paper) @ along) / (along @ along)
    off = np.abs(pixels - paper - share[..., None] * along).max(axis=2)
    return np.where(off < 12, np.clip(share, 0, 1), 0)


def bar_heights(trace: Trace, length: int, width: int) -> Array:
    """Heights of the painted bars above the base line, in points, one a step.

    Each bar's left border is a column of solid orange, wherever its hatching lies.
    """
    cursor = CursorState(time_step=0, error_step=length - 1)
    image = painted(trace, cursor, "error", width=width, height=HEIGHT, scale=SCALE, with_headline=False)
    orange = coverage(pixels_of(image), LIGHT.backward, LIGHT.ground)
    base = round((HEIGHT - 2 - BOTTOM) * SCALE)
    heights = []
    for k in range(length):
        left, right = (round(x * SCALE) for x in axis_of(trace, width).column(k))
        foot = orange[base + 2, left + 2 * SCALE // 2 : right]
        start = left + SCALE + int(np.argmax(foot > 0.9))
        edge = orange[:base, start]
        height = 0.0
        for row in range(base - 1, -1, -1):  # upwards until the bar ends; its number stands further up
            height += edge[row]
            if edge[row] < 0.5:
                break
        heights.append(height / SCALE)
    return np.array(heights)


def axis_of(trace: Trace, width: int) -> TimeAxis:
    """The axis of a score of a width."""
    return axis_for(trace, QRectF(0, 0, width, HEIGHT), SCALE)


@pytest.mark.parametrize(("length", "width"), [(5, 712), (25, 712), (100, 2400)])
def test_bar_heights_are_the_shares_of_the_error(qtbot: QtBot, length: int, width: int) -> None:
    trace = trace_of(make_net(radius=0.9), passage(length), "France")
    norms = trace.state_gradient_matrix[length - 1, :, 0]
    expected = norms / norms[-1]
    assert expected.max() <= 1.02, "the passage was chosen for an error that does not grow"
    assert axis_of(trace, width).scrolls is False
    room = HEIGHT - 2 - BOTTOM - (4.0 + TOP)
    measured = bar_heights(trace, length, width) / room
    assert measured == pytest.approx(expected, abs=0.5 / SCALE / room + 0.002)
    assert expected.min() < 0.5 < np.sort(expected)[-2], "bars of very different heights were compared"


def test_a_growing_error_extends_the_scale(qtbot: QtBot) -> None:
    trace = trace_of(make_net(radius=1.0), passage(5), "France")
    matrix = trace.state_gradient_matrix.copy()
    matrix[4, :, 0] = matrix[4, 4, 0] * np.array([4.0, 3.0, 2.0, 1.5, 1.0])
    grown = dataclasses.replace(trace, state_gradient_matrix=matrix)
    measured = bar_heights(grown, 5, 712)
    assert measured / measured[-1] == pytest.approx([4.0, 3.0, 2.0, 1.5, 1.0], rel=0.03)
    assert "times its strength" in plain_text(headline(grown, CursorState(time_step=4, error_step=4)))


def learned_trace() -> Trace:
    """A network that knows its answer: loss far below 0.05."""
    words = passage(10)
    net = make_net(vocabulary=60)
    before = trace_of(net, words, "France")
    state = before.hidden[-1, 0].astype(float)
    net.out[before.targets[-1]] += 14 * state / (state @ state)
    return trace_of(net, words, "France")


def test_a_learned_word_says_that_little_error_leaves(qtbot: QtBot) -> None:
    trace = learned_trace()
    assert trace.loss[-1] < 0.05
    cursor = CursorState(time_step=9, error_step=9)
    sentence = plain_text(headline(trace, cursor))
    assert "France is learned" in sentence
    assert "little error leaves" in sentence
    assert "vanish" not in sentence
    assert "reaches" not in sentence
    assert "learned: little leaves" in ErrorTrack().caption(trace, cursor, NO_CONTEXT)


def test_the_stem_of_a_learned_word_is_thin_and_that_of_an_unknown_one_thick(qtbot: QtBot) -> None:
    def orange_in_predicts(trace: Trace) -> float:
        """Orange between states and loss, where nothing but the stem is."""
        cursor = CursorState(time_step=0, error_step=9)
        pixels = pixels_of(painted(trace, cursor, scale=2))
        stem = coverage(pixels, LIGHT.backward, LIGHT.ground)[215 * 2 : 270 * 2, 600 * 2 :]
        return float(stem.sum(axis=1).mean() / 2)

    known = orange_in_predicts(learned_trace())
    unknown = orange_in_predicts(trace_of(make_net(vocabulary=60), passage(10), "France"))
    assert 0 < known < 1.3
    assert unknown > 2.5 * known


def test_columns_of_the_error_stand_under_those_of_the_words(qtbot: QtBot) -> None:
    trace = trace_of(make_net(), passage(10), "France")
    axis = axis_of(trace, 712)
    assert axis.left == LABEL_WIDTH
    assert [axis.step_at(axis.center(k)) for k in range(10)] == list(range(10))
    assert all(round(edge * SCALE) == pytest.approx(edge * SCALE) for edge in axis.edges)


@pytest.mark.parametrize("logarithmic", [False, True])
def test_the_matrices_of_all_lanes_have_one_scale(logarithmic: bool) -> None:
    cursor = CursorState(time_step=9, error_step=9, logarithmic=logarithmic)
    traces = [trace_of(make_net(radius=radius), passage(10), "France") for radius in (0.4, 4.0)]
    lanes = [LaneShown(f"lane {n}", trace, 1.0, 0.5, 100) for n, trace in enumerate(traces)]
    own = [MatrixTrack().scale(trace, cursor) for trace in traces]
    shared = shared_matrix_scale(lanes, cursor)
    assert shared is not None and own[0] != own[1]
    assert (shared.top, shared.bottom) == (max(s.top for s in own), min(s.bottom for s in own))
    context = Context(matrix_scale=shared)
    assert all(MatrixTrack().scale(trace, cursor, context) == shared for trace in traces)
    broken = [dataclasses.replace(lane, failure="exploded") for lane in lanes]
    assert shared_matrix_scale(broken, cursor) is None


def words_strip(trace: Trace, at: CursorState) -> Array:
    """The pixels of both rows of words."""
    return pixels_of(painted(trace, at, "words", width=712, height=46, scale=2, with_headline=False))


@pytest.mark.parametrize("of_target", [False, True])
def test_a_word_that_the_network_does_not_know_has_dots_under_it(qtbot: QtBot, of_target: bool) -> None:
    trace = trace_of(make_net(), passage(5), "France")
    name, at = ("targets" if of_target else "tokens"), CursorState(time_step=0, error_step=0)
    ids = np.maximum(getattr(trace, name), 1)
    known = dataclasses.replace(
        trace, tokens=np.maximum(trace.tokens, 1), targets=np.maximum(trace.targets, 1)
    )
    rare = dataclasses.replace(known, **{name: np.where(np.arange(5) == 2, 0, ids)})
    axis = axis_of(trace, 712)
    left, right = (round(x * 2) for x in axis.column(2))
    changed = np.abs(words_strip(known, at) - words_strip(rare, at)).max(axis=2) > 0  # (height, width)
    row = changed[46:] if of_target else changed[:46]
    assert row[:, left:right].any(), "the word is marked"
    assert changed[:, : round(LABEL_WIDTH * 2)].any(), "and what the mark means stands beside it"
    assert not changed[:, right:].any(), "the others are not"


def test_the_number_under_the_mouse_says_what_an_unknown_word_is_read_as(qtbot: QtBot) -> None:
    trace = trace_of(make_net(), passage(5), "France")
    rare = dataclasses.replace(trace, tokens=np.where(np.arange(5) == 2, 0, np.maximum(trace.tokens, 1)),
                               targets=np.maximum(trace.targets, 1))  # fmt: skip
    axis, track = axis_of(rare, 712), WordsTrack()
    texts = []
    for step in (1, 2):
        place = QPointF(axis.center(step), 8.0)
        reading = track.reading(place, QRectF(0, 0, 712, 46), rare, CursorState(), axis)
        texts.append(str(reading))
    assert "as (rare word)" not in texts[0]
    assert f"reads “{rare.words[2]}” as (rare word)" in texts[1]


def test_what_is_said_of_a_learned_word_covers_no_number(qtbot: QtBot) -> None:
    """A learned word whose error grows to the left: the line stands over the low bars, not on a number."""
    trace = trace_of(make_net(), passage(10), "France")
    matrix = trace.state_gradient_matrix.copy()
    matrix[9, :, 0] = matrix[9, 9, 0] * np.array([2.0, 1.9, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 1.0])
    loss, right = trace.loss.copy(), trace.target_prob.copy()
    loss[9], right[9] = 0.002, 0.998
    grown = dataclasses.replace(trace, state_gradient_matrix=matrix, loss=loss, target_prob=right)
    plain = dataclasses.replace(trace, state_gradient_matrix=matrix)
    cursor, axis = CursorState(time_step=9, error_step=9), axis_of(trace, 712)
    said, silent = (
        pixels_of(painted(one, cursor, "error", width=712, height=95, scale=1, with_headline=False))
        for one in (grown, plain)
    )
    left, right_end = round(axis.column(0)[0]), round(axis.column(1)[1])
    assert np.array_equal(said[:, left:right_end], silent[:, left:right_end]), "bars and numbers as without"
    assert (coverage(said[:20], LIGHT.right, LIGHT.ground)[:, right_end:] > 0.5).any(), "and it is said"
