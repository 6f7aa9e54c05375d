"""Painting a race: words once, and under them a strip for each lane on the same axis and scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT, SIZE_HEADLINE, Theme, color
from rnnviz.gui.views.compared import in_percent
from rnnviz.gui.views.cursor_frame import paint_cursor_frame
from rnnviz.gui.views.lanes import DASHES, LaneShown, layer_of, race_headline, reach, reach_before
from rnnviz.gui.views.score_painting import HEADLINE_HEIGHT, paint_headline
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import Context
from rnnviz.gui.views.tracks.capsules import LANE, WIDEST_LANE, paint_cells, paint_outlines
from rnnviz.gui.views.tracks.decades import Scale, scale_for
from rnnviz.gui.views.tracks.error import ErrorTrack
from rnnviz.gui.views.tracks.lettering import (
    SMALL,
    SMALL_BOLD,
    TEXT_BOLD,
    TITLE_BOLD,
    Face,
    baseline,
    noted,
    shortened,
    width_of,
    wrapped,
    write,
)
from rnnviz.gui.views.tracks.matrix import MatrixTrack
from rnnviz.gui.views.tracks.shares import shares_left
from rnnviz.gui.views.tracks.track import LABEL_INDENT, columns_of, initial_state_of
from rnnviz.gui.views.tracks.words import WordsTrack
from rnnviz.gui.views.wording import answer, brief, nats, one_in, percent, quoted
from rnnviz.probes import Trace

FIGURE = Face(SIZE_HEADLINE, bold=True)
DEAD_HEIGHT = 52.0
"""A lane that has dropped out is a strip with its reason."""
LEAST_HEIGHT = 78.0
"""So low a lane still has its bars, its states and its figure: four of them fit into the smallest window."""
CHIP = 18.0
DASH_LENGTH, SHORT_DASH_LENGTH = 60.0, 30.0
PROBABILITY_ROW = 15.0
ROOM_FOR_ROW_NAME = 95.0
ERROR_PART = 0.6
"""Part of a lane, without the row of probabilities, that the error bars get; the states get the rest."""
_LABEL_ROOM = 132.0
_FIGURE_TOP, _FIGURE_HEIGHT, _LINE = 36.0, 24.0, 14.0


class LaneErrorTrack(ErrorTrack):
    """The error track in a lane: less room above its bars, and no label of its own."""

    def span(self, rect: QRectF) -> tuple[float, float]:
        """The y of the top of the scale and of the base line."""
        return rect.top() + 17.0, rect.bottom() - 5.0

    def write_tick(
        self, painter: QPainter, text: str, y: float, scale: Scale, axis: TimeAxis, theme: Theme
    ) -> None:
        """The label of a grid line, inside where it is logarithmic: left of the axis stands the name.

        Among bars it would lie under their numbers; there 100 % alone is named, beside the lane's figure.
        """
        if scale.logarithmic:
            write(painter, text, axis.left + 2, y - 2, SMALL, theme.quiet)
        elif text == "100 %":
            write(painter, text, axis.left - 3, baseline(y - 8, 16, SMALL), SMALL, theme.quiet, "right")


WORDS, ERROR = WordsTrack(), LaneErrorTrack()


@dataclass(frozen=True, slots=True)
class LanePlace:
    """Where one lane stands."""

    number: int
    rect: QRectF
    error: QRectF
    states: QRectF
    probability: QRectF


@dataclass(frozen=True, slots=True)
class RaceSheet:
    """A race laid out."""

    axis: TimeAxis
    headline: QRectF
    words: QRectF
    lanes: tuple[LanePlace, ...]

    def lane_at(self, y: float) -> LanePlace | None:
        """The lane at a height."""
        return next((one for one in self.lanes if one.rect.top() <= y < one.rect.bottom()), None)

    def alone(self, number: int) -> "RaceSheet":
        """The same with one lane only, moved up below the words."""
        place = self.lanes[number]
        up = self.lanes[0].rect.top() - place.rect.top()
        rects = [one.translated(0, up) for one in (place.rect, place.error, place.states, place.probability)]
        return replace(self, lanes=(LanePlace(number, *rects),))


def lay_out_race(lanes: Sequence[LaneShown], rect: QRectF, axis: TimeAxis) -> RaceSheet:
    """Headline, words and lanes in a rectangle; what dead lanes leave goes to the others."""
    headline = QRectF(rect.left(), rect.top(), rect.width(), HEADLINE_HEIGHT)
    tall = WORDS.height(lanes[0].trace, axis).preferred
    words = QRectF(rect.left(), headline.bottom(), rect.width(), tall)
    dead = sum(bool(lane.failure) for lane in lanes)
    room = rect.bottom() - words.bottom() - 2 - dead * DEAD_HEIGHT
    each = max(room / max(len(lanes) - dead, 1), LEAST_HEIGHT)
    places, y = [], words.bottom() + 2
    for number, lane in enumerate(lanes):
        height = DEAD_HEIGHT if lane.failure else each
        places.append(_place(number, QRectF(rect.left(), y, rect.width(), height)))
        y += height
    return RaceSheet(axis, headline, words, tuple(places))


def _place(number: int, rect: QRectF) -> LanePlace:
    room = rect.height() - PROBABILITY_ROW - 8
    error = QRectF(rect.left(), rect.top() + 1, rect.width(), ERROR_PART * room)
    states = QRectF(rect.left(), error.bottom() + 1, rect.width(), room - error.height())
    row = QRectF(rect.left(), states.bottom() + 2, rect.width(), PROBABILITY_ROW)
    return LanePlace(number, rect, error, states, row)


def shared_scale(lanes: Sequence[LaneShown], cursor: CursorState) -> Scale:
    """One scale for the errors of all lanes that learn."""
    rows = [
        shares_left(trace, cursor.error_step, layer_of(lane, cursor))
        for lane in lanes
        if not lane.failure
        for trace in _traces(lane)
    ]
    return scale_for(np.concatenate(rows) if rows else np.ones(1), cursor.logarithmic)


def _traces(lane: LaneShown) -> tuple[Trace, ...]:
    """What is drawn of a lane: the picture of now, and that of before."""
    ghost = lane.ghost
    return (lane.trace,) if ghost is None or not ghost.fits(lane.trace) else (lane.trace, ghost.trace)


def shared_matrix_scale(lanes: Sequence[LaneShown], cursor: CursorState) -> Scale | None:
    """One scale for the errors of all words in all lanes that learn; None where none does."""
    scales = [
        MatrixTrack().scale(lane.trace, lane_cursor(lane, cursor)) for lane in lanes if not lane.failure
    ]
    if not scales:
        return None
    top, bottom = max(scale.top for scale in scales), min(scale.bottom for scale in scales)
    return Scale(top, bottom, cursor.logarithmic)


def lane_context(context: Context, scale: Scale) -> Context:
    """What the tracks of a lane know."""
    return replace(context, scale=scale, unit_order=None)


def lane_cursor(lane: LaneShown, cursor: CursorState) -> CursorState:
    """The cursor in a lane, which may have fewer layers than another one."""
    return replace(cursor, layer=layer_of(lane, cursor))


def paint_race_ground(
    painter: QPainter,
    sheet: RaceSheet,
    lanes: Sequence[LaneShown],
    cursor: CursorState,
    theme: Theme,
    context: Context,
) -> None:
    """What stays while the networks learn: words, separators, names, grid and outlines."""
    WORDS.paint_ground(painter, sheet.words, lanes[0].trace, cursor, sheet.axis, theme, context)
    context = lane_context(context, shared_scale(lanes, cursor))
    for place in sheet.lanes:
        lane = lanes[place.number]
        painter.setPen(QPen(color(theme.line), 1))
        y = place.rect.top() - 0.5
        painter.drawLine(QLineF(place.rect.left(), y, place.rect.right(), y))
        paint_name(painter, place.rect.topLeft(), place.number, lane, theme)
        if lane.failure:
            continue
        inner = lane_cursor(lane, cursor)
        ERROR.paint_grid(painter, place.error, lane.trace, inner, sheet.axis, theme, context)
        painter.save()
        if sheet.axis.scrolls:
            painter.setClipRect(columns_of(place.rect, sheet.axis))
        paint_outlines(painter, place.states, place.states, sheet.axis, theme)
        bars = _probability_bars(place.probability, lane, sheet.axis)
        _fill_rounded(painter, [bar for _, bar in bars], theme.faint)
        painter.restore()
        if place.rect.height() < ROOM_FOR_ROW_NAME:
            continue
        text = "right word"
        y = baseline(place.probability.top(), PROBABILITY_ROW, SMALL)
        x = sheet.axis.left - 8
        write(painter, text, x, y, SMALL, theme.quiet, "right")


def paint_name(
    painter: QPainter, at: QPointF, number: int, lane: LaneShown, theme: Theme, room: float = _LABEL_ROOM
) -> None:
    """A lane's number, title and dash pattern, from the top left corner of where it is drawn."""
    left, top = at.x() + LABEL_INDENT, at.y() + 8
    chip = QRectF(left, top, CHIP, CHIP)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(theme.quiet if lane.failure else theme.ink))
    painter.drawRoundedRect(chip, 4, 4)
    y = baseline(chip.top(), CHIP, TEXT_BOLD)
    write(painter, str(number + 1), chip.center().x(), y, TEXT_BOLD, theme.on_ink, "center")
    room -= CHIP + 6
    name, _, rest = lane.title.partition(", ")  # what tells it from another lane of the same cell
    if width_of(lane.title, TITLE_BOLD) <= room:
        name, rest = lane.title, ""
    face = next((face for face in (TITLE_BOLD, TEXT_BOLD) if width_of(name, face) <= room), SMALL_BOLD)
    title = shortened(name, room, face)
    write(painter, title, chip.right() + 7, baseline(chip.top(), CHIP, face), face, theme.ink)
    pen = QPen(color(theme.ink), 1.8)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if DASHES[number]:
        pen.setDashPattern(list(DASHES[number]))
    painter.setPen(pen)
    y = chip.bottom() + 6
    length = DASH_LENGTH if not rest else SHORT_DASH_LENGTH
    painter.drawLine(QLineF(left, y, left + length, y))
    if rest:
        beside = room + CHIP - length - 4
        write(painter, shortened(rest, beside, SMALL), left + length + 6, y + 4, SMALL, theme.ink)


def _paint_reason(painter: QPainter, place: LanePlace, lane: LaneShown, theme: Theme) -> None:
    left = place.rect.left() + LABEL_INDENT + _LABEL_ROOM + 8
    lines = wrapped(lane.failure, place.rect.right() - left - 10, SMALL)
    y = place.rect.top() + 6
    for line in lines[:3]:
        write(painter, line, left, baseline(y, 14, SMALL), SMALL, theme.failure)
        y += 14


def paint_race_moment(
    painter: QPainter,
    sheet: RaceSheet,
    lanes: Sequence[LaneShown],
    cursor: CursorState,
    theme: Theme,
    context: Context,
) -> None:
    """What the traces say, the cursor's frame, and the headline."""
    context = lane_context(context, shared_scale(lanes, cursor))
    with noted() as texts:
        WORDS.paint_moment(painter, sheet.words, lanes[0].trace, cursor, sheet.axis, theme, context)
        for place in sheet.lanes:
            lane = lanes[place.number]
            if lane.failure:
                _paint_reason(painter, place, lane, theme)
            else:
                _paint_lane(painter, place, lane, lane_cursor(lane, cursor), sheet.axis, theme, context)
    if cursor.time_step in sheet.axis.visible:
        left, right = sheet.axis.column(cursor.time_step)
        left, right = max(left, sheet.axis.left), min(right, sheet.axis.right)
        bottom = sheet.lanes[-1].rect.bottom() - 4
        box = QRectF(left, sheet.words.top() + 0.5, right - left, bottom - sheet.words.top())
        paint_cursor_frame(painter, box, texts, theme, roomy=sheet.axis.roomy)
    paint_headline(painter, sheet.headline, race_headline(lanes, cursor), theme)


def _paint_lane(
    painter: QPainter,
    place: LanePlace,
    lane: LaneShown,
    cursor: CursorState,
    axis: TimeAxis,
    theme: Theme,
    context: Context,
) -> None:
    painter.save()
    if axis.scrolls:
        painter.setClipRect(columns_of(place.rect, axis))
    own = replace(context, ghost=lane.ghost)
    ERROR.paint_moment(painter, place.error, lane.trace, cursor, axis, theme, own)
    paint_cells(painter, _band(place.states, axis), lane.trace, cursor.layer, None, axis, theme)
    _paint_probabilities(painter, place.probability, lane, axis, theme)
    painter.restore()
    _paint_figures(painter, place, lane, cursor, theme)


def _band(states: QRectF, axis: TimeAxis) -> QRectF:
    """A band whose cells fill a rectangle: with closed gaps a band keeps room for the way back below them."""
    below = 0.0 if axis.roomy else min(states.height() * LANE / (1 - LANE), WIDEST_LANE)
    return states.adjusted(0, 0, 0, below)


def _paint_probabilities(
    painter: QPainter, row: QRectF, lane: LaneShown, axis: TimeAxis, theme: Theme
) -> None:
    """The right word's probability after each step: a bar as wide as its share of the column."""
    shares = lane.trace.target_prob.tolist()
    bars = _probability_bars(row, lane, axis)
    _fill_rounded(
        painter, [QRectF(b.x(), b.y(), b.width() * shares[k], b.height()) for k, b in bars], theme.right
    )


def _probability_bars(row: QRectF, lane: LaneShown, axis: TimeAxis) -> list[tuple[int, QRectF]]:
    """The steps after which a right word is known, and the whole bar of each."""
    bars = []
    for step in axis.visible:
        if lane.trace.targets[step] >= 0:
            left, right = axis.column(step)
            bars.append((step, QRectF(left + 3, row.top() + 5, max(right - left - 6, 1.0), 5)))
    return bars


def _fill_rounded(painter: QPainter, bars: Sequence[QRectF], ink: str) -> None:
    """Bars with round corners. One path of all would take twice as long."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(ink))
    for bar in bars:
        painter.drawRoundedRect(bar, 2, 2)


def _paint_figures(
    painter: QPainter, place: LanePlace, lane: LaneShown, cursor: CursorState, theme: Theme
) -> None:
    """How much reaches the first word in large figures, and below it how good the lane is."""
    x = place.rect.left() + LABEL_INDENT
    y = place.rect.top() + _FIGURE_TOP
    share = reach(lane, cursor)
    figure = "–" if math.isnan(share) else f"{percent(share)} %"
    write(painter, figure, x, baseline(y, _FIGURE_HEIGHT, FIGURE), FIGURE, theme.backward_text)
    y += _FIGURE_HEIGHT
    for text, face, ink in _lines(lane, cursor, theme):
        if y + _LINE > place.rect.bottom():
            return
        write(painter, shortened(text, _LABEL_ROOM, face), x, baseline(y, _LINE, face), face, ink)
        y += _LINE


def _lines(lane: LaneShown, cursor: CursorState, theme: Theme) -> list[tuple[str, Face, str]]:
    trace, t = lane.trace, cursor.error_step
    lines = [(f"reaches {quoted(trace, brief(str(trace.words[0])))}", SMALL, theme.quiet)]
    former = reach_before(lane, cursor)
    if not math.isnan(former):
        lines.append((f"before: {in_percent(former)}", SMALL, theme.quiet))
    if answer(trace, t):
        first = trace.target_place[t] == 1
        probability = one_in(float(trace.target_prob[t]))
        lines.append((f"{quoted(trace, brief(answer(trace, t)))} gets {probability}", SMALL_BOLD,
                      theme.right if first else theme.ink))  # fmt: skip
    if numbers := numbers_of(lane):
        lines.append((numbers, SMALL, theme.quiet))
    return lines


def numbers_of(lane: LaneShown) -> str:
    """How good a lane is, the last of the lines beside it."""
    numbers = [] if math.isnan(lane.loss) else [f"loss {nats(lane.loss)}"]
    if not math.isnan(lane.accuracy):
        numbers.append(f"{percent(lane.accuracy)} % right")
    return ", ".join(numbers)


def numbers_rect(place: LanePlace, lane: LaneShown, cursor: CursorState) -> QRectF:
    """Where that line stands."""
    above = len(_lines(lane, lane_cursor(lane, cursor), LIGHT)) - 1
    y = place.rect.top() + _FIGURE_TOP + _FIGURE_HEIGHT + above * _LINE
    return QRectF(place.rect.left(), y, LABEL_INDENT + width_of(numbers_of(lane), SMALL) + 2, _LINE)


def numbers_end(sheet: RaceSheet) -> float:
    """From here on the picture of a lane stands beside it: the cells of the initial state."""
    initial = initial_state_of(sheet.words, sheet.axis)
    return sheet.axis.left if initial is None else initial.left() + 3


def paint_race_figures(
    painter: QPainter, sheet: RaceSheet, lanes: Sequence[LaneShown], cursor: CursorState, theme: Theme
) -> None:
    """What stands left of the columns, for when nothing else is new."""
    for place in sheet.lanes:
        lane = lanes[place.number]
        if not lane.failure:
            _paint_figures(painter, place, lane, lane_cursor(lane, cursor), theme)
