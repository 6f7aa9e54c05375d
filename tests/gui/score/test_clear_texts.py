"""Texts keep clear of each other and of the cursor's frame, at every size and length."""

from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.views.cursor_frame import CLEAR, uprights
from rnnviz.gui.views.score_painting import axis_for, lay_out, paint_ground, paint_moment
from rnnviz.gui.views.time_axis import DENSE_WORDS, TimeAxis
from rnnviz.gui.views.tracks import TRACKS, Context
from rnnviz.gui.views.tracks.lettering import SMALL, formula_width, noted, width_of, wrapped
from rnnviz.gui.views.tracks.matrix import MatrixTrack
from rnnviz.probes.trace import Trace

from .reference import WORDS, make_net, trace_of

CONTEXT = Context(training_window=16)


def moment(length: int, characters: bool = False, layers: int = 1, radius: float = 0.9) -> Trace:
    letters = list("the emperor of france\nand of spain ")
    source = letters if characters else WORDS
    words = [source[i % len(source)] for i in range(length)]
    vocabulary = sorted(set(source))
    net = make_net(units=24, layers=layers, vocabulary=len(vocabulary), radius=radius)
    return trace_of(net, words, "f" if characters else "France", vocabulary=vocabulary, assumed=True)


def learned(trace: Trace) -> Trace:
    """The same, the last answer being known: the most that any label column has to say."""
    loss, prob = trace.loss.copy(), trace.target_prob.copy()
    loss[-1], prob[-1] = 0.01, 0.99
    return replace(trace, loss=loss, target_prob=prob)


def texts_of(trace: Trace, width: int, height: int, *, logarithmic: bool) -> tuple[list[QRectF], QRectF]:
    """Where level texts stand in a painted score, and the label column."""
    last = trace.length - 1
    cursor = CursorState(time_step=last, error_step=last, logarithmic=logarithmic)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    rect = QRectF(0, 0, width, height)
    axis = axis_for(trace, rect, 1.0).revealing(last)
    sheet = lay_out(trace, rect, axis, TRACKS)
    with noted() as ground:
        paint_ground(painter, rect, sheet, trace, cursor, LIGHT, CONTEXT)
    moving: list[QRectF] = []
    for one in sheet.placed:
        if not one.folded:
            with noted() as boxes:
                one.track.paint_moment(painter, one.rect, trace, cursor, axis, LIGHT, CONTEXT)
            moving += boxes
    paint_moment(painter, rect, sheet, trace, cursor, LIGHT, CONTEXT)
    painter.end()
    return [*ground, *moving], QRectF(0, 0, axis.left - 1, height)


@pytest.mark.parametrize("radius", [0.9, 3.0])
@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize("size", [(712, 604), (420, 480), (1190, 960), (1830, 1320)])
@pytest.mark.parametrize(
    ("length", "characters", "layers"),
    [(5, False, 1), (10, False, 1), (25, False, 2), (100, False, 1), (10, True, 3), (100, True, 1)],
)
@pytest.mark.usefixtures("narrow_face")
def test_no_text_of_the_label_column_overlaps_another(
    qapp: object,
    length: int,
    characters: bool,
    layers: int,
    radius: float,
    size: tuple[int, int],
    logarithmic: bool,
) -> None:
    trace = learned(moment(length, characters, layers, radius))
    texts, column = texts_of(trace, *size, logarithmic=logarithmic)
    labels = [box for box in texts if column.contains(box)]
    assert len(labels) > 10
    inner = [box.adjusted(0.5, 1.2, -0.5, -1.2) for box in labels]
    assert not [(a, b) for a, b in combinations(inner, 2) if a.intersects(b)]


def test_no_text_is_crossed_by_the_cursors_frame() -> None:
    texts = [QRectF(90, 100, 20, 10), QRectF(95, 200, 30, 10), QRectF(300, 50, 20, 10)]
    pieces = uprights(100, 10, 400, texts)
    assert pieces == [(10, 100), (110, 200), (210, 400)]
    assert uprights(90 - CLEAR, 10, 400, texts) == [(10, 400)]


def test_between_two_texts_on_the_frame_no_crumb_of_it_is_left() -> None:
    assert uprights(5, 0, 100, [QRectF(0, 40, 10, 10), QRectF(0, 51, 10, 10)]) == [(0, 40), (61, 100)]
    assert uprights(5, 0, 100, [QRectF(0, -5, 10, 200)]) == []


def test_subscripts_take_no_room_for_their_underscore(qapp: object) -> None:
    assert formula_width("W_hh h_t\u22121", SMALL) == width_of("Whh ht\u22121", SMALL)
    text = "W_hh h_t\u22121"
    assert wrapped(text, width_of("Whh ht\u22121", SMALL) + 0.1, SMALL) == (text,)


def test_rows_without_a_cell_in_sight_have_no_height() -> None:
    trace = moment(100)
    rect = QRectF(0, 0, 712, 140)
    track = MatrixTrack()
    axis = axis_for(trace, rect, 1.0).revealing(99)
    edges = track.row_edges(rect, trace, axis)
    first = axis.visible.start
    assert first > 50
    assert edges[0] == edges[first] < edges[first + 1]
    assert edges[-1] - edges[0] > 100
    assert track.row_edges(rect, trace, axis.revealing(0))[1] > edges[0]


def test_words_of_one_letter_stand_level_in_the_narrowest_column_and_longer_ones_slant(qapp: object) -> None:
    rect = QRectF(0, 0, 712, 604)

    def axis_of(letters: list[str], answer: str) -> TimeAxis:
        vocabulary = [*sorted({*letters, answer}), "other"]
        words = [letters[i % len(letters)] for i in range(25)]
        net = make_net(vocabulary=len(vocabulary))
        return axis_for(trace_of(net, words, answer, vocabulary=vocabulary, token_kind="word"), rect, 1.0)

    level = axis_of(["a", "b", "x", "国"], "a")
    assert level.level_words and level.column_width < DENSE_WORDS + 1
    assert not axis_of(["a", "b", "x", "y"], "France").level_words  # the answer would be cut
    assert not axis_of(["a", "was", "x", "y"], "a").level_words
