"""One view of a race in a picture: the same track or plot of each lane, on one time axis and one scale."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QLineF, QPoint, QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.vector import paint_plot
from rnnviz.gui.views.cursor_frame import paint_cursor_frame
from rnnviz.gui.views.lanes import Comparison, LaneShown, race_headline
from rnnviz.gui.views.plots import Plot
from rnnviz.gui.views.race_inspector import RaceInspector
from rnnviz.gui.views.race_painting import (
    lane_context,
    lane_cursor,
    paint_name,
    shared_matrix_scale,
    shared_scale,
)
from rnnviz.gui.views.score_painting import (
    HEADLINE_HEIGHT,
    axis_for,
    paint_headline,
    pixel_ratio_of,
)
from rnnviz.gui.views.tracks import Context, Track
from rnnviz.gui.views.tracks.lettering import TEXT, baseline, noted, wrapped, write
from rnnviz.gui.views.tracks.matrix import MatrixTrack
from rnnviz.gui.views.tracks.track import sight_of
from rnnviz.gui.views.tracks.words import WordsTrack

PlotOf = Callable[[int], Plot]
"""A plot that shows the moment of one lane, by the lane's number."""

OVER_EACH_OTHER: dict[str, tuple[str, ...]] = {
    "decay": ("decay",),
    "memory": ("half_life", "one_percent_lag", "lost_per_step"),
    "training": ("loss", "accuracy"),
}
"""Plots whose curves say more in one pair of axes, and the parts of the race's inspector that draw them."""
NAME_HEIGHT = 36.0
COLUMNS = 2
MARGIN = 12.0
LINE = 20.0


def paint_lane_tracks(
    painter: QPainter,
    rect: QRectF,
    lanes: Sequence[LaneShown],
    cursor: CursorState,
    theme: Theme,
    track: Track,
    context: Context,
) -> None:
    """Headline and words once, and under them the track of each lane."""
    painter.fillRect(rect, color(theme.ground))
    axis = axis_for(lanes[0].trace, rect, pixel_ratio_of(painter)).revealing(cursor.time_step)
    tall = WordsTrack().height(lanes[0].trace, axis).preferred
    head = QRectF(rect.left(), rect.top(), rect.width(), HEADLINE_HEIGHT)
    words = QRectF(rect.left(), head.bottom(), rect.width(), tall)
    context = lane_context(context, shared_scale(lanes, cursor))
    if isinstance(track, MatrixTrack):
        context = replace(context, matrix_scale=shared_matrix_scale(lanes, cursor))
    top, bottom = words.bottom() + 2, words.bottom()
    with noted() as texts:
        WordsTrack().paint(painter, words, lanes[0].trace, cursor, axis, theme, context)
        if not isinstance(track, WordsTrack):
            each = (rect.bottom() - top) / len(lanes)
            for number, lane in enumerate(lanes):
                band = QRectF(rect.left(), top + number * each, rect.width(), each)
                _paint_lane(painter, band, number, lane, cursor, theme, track, context)
            bottom = rect.bottom() - 4
    paint_headline(painter, head, race_headline(lanes, cursor), theme)
    if cursor.time_step in axis.visible:
        left, right = (min(max(x, axis.left), axis.right) for x in axis.column(cursor.time_step))
        box = QRectF(left, words.top() + 0.5, right - left, bottom - words.top())
        paint_cursor_frame(painter, box, texts, theme, roomy=axis.roomy)


def _paint_lane(
    painter: QPainter,
    band: QRectF,
    number: int,
    lane: LaneShown,
    cursor: CursorState,
    theme: Theme,
    track: Track,
    context: Context,
) -> None:
    """A line, the lane's name, and the track below it; or why the lane has dropped out."""
    painter.setPen(QPen(color(theme.line), 1))
    painter.drawLine(QLineF(band.left(), band.top() - 0.5, band.right(), band.top() - 0.5))
    paint_name(painter, band.topLeft(), number, lane, theme)
    inner = band.adjusted(0, NAME_HEIGHT, 0, 0)
    if lane.failure:
        _paint_failure(painter, inner, lane, theme)
        return
    axis = axis_for(lane.trace, band, pixel_ratio_of(painter)).revealing(cursor.time_step)
    cursor = lane_cursor(lane, cursor)
    track.paint_ground(painter, inner, lane.trace, cursor, axis, theme, context)
    painter.save()
    if axis.scrolls:
        painter.setClipRect(sight_of(inner, axis))
    track.paint_moment(painter, inner, lane.trace, cursor, axis, theme, context)
    painter.restore()


def paint_lane_plots(
    painter: QPainter,
    rect: QRectF,
    lanes: Sequence[LaneShown],
    theme: Theme,
    plot_of: PlotOf,
) -> None:
    """The plot of each lane beside and under each other."""
    painter.fillRect(rect, color(theme.panel))
    columns = min(COLUMNS, len(lanes))
    rows = -(-len(lanes) // columns)
    wide, high = int(rect.width()) // columns, int(rect.height()) // rows
    for number, lane in enumerate(lanes):
        x, y = number % columns * wide, number // columns * high
        paint_name(painter, QPointF(x, y), number, lane, theme, room=wide - 2 * MARGIN)
        size = QSize(wide - int(MARGIN), high - int(NAME_HEIGHT))
        if lane.failure:
            _paint_failure(painter, QRectF(QPointF(x, y + NAME_HEIGHT), size.toSizeF()), lane, theme)
        else:
            paint_plot(painter, plot_of(number), theme, size, QPoint(x, y + int(NAME_HEIGHT)))
        painter.setPen(QPen(color(theme.line), 1))
        if x:
            painter.drawLine(QLineF(x - 0.5, y, x - 0.5, y + high))
        if y:
            painter.drawLine(QLineF(x, y - 0.5, x + wide, y - 0.5))


def paint_curves_together(
    painter: QPainter,
    size: QSize,
    lanes: Sequence[LaneShown],
    cursor: CursorState,
    theme: Theme,
    view: str,
    comparison: Comparison,
) -> None:
    """The curves of all lanes over each other, and under them which lane is which."""
    inspector = RaceInspector(theme=theme, parts=OVER_EACH_OTHER[view])
    inspector.show_moment(lanes, cursor, comparison)
    inspector.resize(size)
    inspector.render(painter, QPoint(0, 0))


def _paint_failure(painter: QPainter, rect: QRectF, lane: LaneShown, theme: Theme) -> None:
    for row, text in enumerate(wrapped(lane.failure, rect.width() - 2 * MARGIN, TEXT)):
        y = baseline(rect.top() + LINE * row, LINE, TEXT)
        write(painter, text, rect.left() + MARGIN, y, TEXT, theme.failure)
