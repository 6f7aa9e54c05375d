"""Painting the whole score, with or without a widget: headline, tracks, stem, cursor."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPaintEngine, QPainter, QPen, QPolygonF

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views import slow_motion
from rnnviz.gui.views.arrangement import Arrangement, Placed, arrange
from rnnviz.gui.views.compared import compared_headline
from rnnviz.gui.views.cursor_frame import paint_cursor_frame
from rnnviz.gui.views.headline import Role, Runs, headline
from rnnviz.gui.views.slow_motion import SEND_BACK, stage_of
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import NO_CONTEXT, TRACKS, Context, Track
from rnnviz.gui.views.tracks.lettering import (
    SMALL,
    TEXT,
    TEXT_BOLD,
    TITLE,
    TITLE_BOLD,
    Face,
    baseline,
    draw_blank,
    noted,
    shortened,
    width_of,
    write,
)
from rnnviz.gui.views.tracks.loss import LossTrack
from rnnviz.gui.views.tracks.shares import shares_left
from rnnviz.gui.views.tracks.states import StatesTrack
from rnnviz.gui.views.tracks.stem import paint_stem
from rnnviz.gui.views.tracks.track import LABEL_INDENT, sight_of
from rnnviz.gui.views.tracks.words import all_short
from rnnviz.gui.views.wording import is_blank, of_characters
from rnnviz.probes import Trace

LABEL_WIDTH = 153.0
RIGHT_MARGIN = 8.0
HEADLINE_HEIGHT = 34.0
STRIP_HEIGHT = 18.0
"""The overview of the whole passage, shown while a part of it is out of sight."""
VECTOR_RATIO = 4.0
"""Pixels a point for images inside SVG and PDF, which know no device pixels."""
_HEADLINE_INDENT = 15.0

_VECTOR_ENGINES = (QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf, QPaintEngine.Type.Picture)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A score laid out: the axis, and every track in its place."""

    axis: TimeAxis
    placed: tuple[Placed, ...]
    headline: QRectF | None
    strip: QRectF | None

    def at(self, y: float) -> Placed | None:
        """The track at a height."""
        return next((one for one in self.placed if one.rect.top() <= y < one.rect.bottom()), None)

    def find(self, kind: type[Track]) -> Placed | None:
        """The open track of a kind."""
        return next((one for one in self.placed if isinstance(one.track, kind) and not one.folded), None)


def pixel_ratio_of(painter: QPainter) -> float:
    """Device pixels a point, whether by the device, by a scaled painter or by both."""
    engine = painter.paintEngine()
    if engine is not None and engine.type() in _VECTOR_ENGINES:
        return VECTOR_RATIO
    scale = abs(painter.deviceTransform().m11())
    return scale if scale > 0 else 1.0


def axis_for(trace: Trace, rect: QRectF, ratio: float, zoom: float = 1.0, scroll: float = 0.0) -> TimeAxis:
    """The time axis of a score in a rectangle."""
    return TimeAxis(
        length=trace.length,
        left=rect.left() + LABEL_WIDTH,
        width=max(rect.width() - LABEL_WIDTH - RIGHT_MARGIN, 40.0),
        characters=of_characters(trace),
        short_words=all_short(trace),
        zoom=zoom,
        scroll=scroll,
        pixel_ratio=ratio,
    ).settled()


def lay_out(
    trace: Trace,
    rect: QRectF,
    axis: TimeAxis,
    tracks: Sequence[Track] = TRACKS,
    arrangement: Arrangement | None = None,
    with_headline: bool = True,
) -> Sheet:
    """Put headline, overview strip and tracks into a rectangle.

    Of all tracks those that the network has nothing for are left out; drawn by name they say so.
    """
    if tracks is TRACKS:
        tracks = tuple(track for track in tracks if track.applies(trace))
    top = rect.top()
    head = QRectF(rect.left(), top, rect.width(), HEADLINE_HEIGHT) if with_headline else None
    top += HEADLINE_HEIGHT if with_headline else 4.0
    strip = None
    if axis.scrolls:
        strip = QRectF(axis.left, top, axis.width, STRIP_HEIGHT - 4)
        top += STRIP_HEIGHT
    area = QRectF(rect.left(), top, rect.width(), max(rect.bottom() - top - 2, 40.0))
    return Sheet(axis, tuple(arrange(tracks, arrangement or Arrangement(), trace, axis, area)), head, strip)


def paint_score(
    painter: QPainter,
    rect: QRectF,
    trace: Trace,
    cursor: CursorState,
    theme: Theme,
    tracks: Sequence[Track] = TRACKS,
    context: Context = NO_CONTEXT,
    *,
    with_headline: bool = True,
    arrangement: Arrangement | None = None,
    zoom: float = 1.0,
) -> None:
    """Paint a score, or some of its tracks, without a widget: for PNG, SVG, PDF and the command line."""
    axis = axis_for(trace, rect, pixel_ratio_of(painter), zoom).revealing(cursor.time_step)
    stage = stage_of(context.update_record, cursor)
    axis = axis if stage is None else stage.scrolled(axis)
    sheet = lay_out(trace, rect, axis, tracks, arrangement, with_headline)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(rect, color(theme.ground))
    paint_ground(painter, rect, sheet, trace, cursor, theme, context)
    paint_moment(painter, rect, sheet, trace, cursor, theme, context)


def paint_ground(
    painter: QPainter,
    rect: QRectF,
    sheet: Sheet,
    trace: Trace,
    cursor: CursorState,
    theme: Theme,
    context: Context,
) -> None:
    """What stays while the network learns: separators, labels, words, outlines."""
    for i, one in enumerate(sheet.placed):
        if i:
            _paint_separator(painter, one, theme)
        if one.folded:
            _paint_folded(painter, one, trace, cursor, theme)
        else:
            one.track.paint_ground(painter, one.rect, trace, cursor, sheet.axis, theme, context)


def repaint_ground(
    painter: QPainter,
    sheet: Sheet,
    names: Collection[str],
    trace: Trace,
    cursor: CursorState,
    theme: Theme,
    context: Context,
) -> None:
    """The ground of some of the tracks anew, over what was painted there."""
    for one, below in zip(sheet.placed, (*sheet.placed[1:], None), strict=True):
        if one.track.name in names:
            painter.fillRect(one.rect, color(theme.ground))  # and no clip: hatching has other pixels in one
            one.track.paint_ground(painter, one.rect, trace, cursor, sheet.axis, theme, context)
            if below is not None:
                _paint_separator(painter, below, theme)


def _paint_separator(painter: QPainter, one: Placed, theme: Theme) -> None:
    """The line above a track."""
    painter.setPen(QPen(color(theme.line), 1))
    y = one.rect.top() - 0.5
    painter.drawLine(QLineF(one.rect.left(), y, one.rect.right(), y))


def paint_moment(
    painter: QPainter,
    rect: QRectF,
    sheet: Sheet,
    trace: Trace,
    cursor: CursorState,
    theme: Theme,
    context: Context,
) -> None:
    """What this trace says, and over it the stem, the cursor's frame and the headline.

    In slow motion what the update's record says at its phase.
    """
    stage, record = stage_of(context.update_record, cursor), context.update_record
    if stage is not None and record is not None:
        scene = slow_motion.Scene(
            painter, rect, sheet.placed, sheet.axis, record, stage, cursor, theme, context
        )
        with noted() as texts:
            slow_motion.paint_slow_motion(scene)
        _paint_cursor(painter, sheet, cursor, texts, theme)
        slow_motion.paint_slow_cards(scene)
    else:
        with noted() as texts:
            _paint_tracks(painter, rect, sheet, trace, cursor, theme, context)
        _paint_cursor(painter, sheet, cursor, texts, theme)
    if sheet.strip is not None:
        known = slow_motion.before_the_error(trace) if stage is not None and stage.step < SEND_BACK else trace
        _paint_strip(painter, sheet.strip, sheet.axis, known, cursor, theme)
    if sheet.headline is not None:
        paint_headline(painter, sheet.headline, sentence(trace, cursor, context), theme)


def sentence(trace: Trace, cursor: CursorState, context: Context) -> Runs:
    """The headline: of the passage, or in slow motion of the update."""
    if context.update_record is not None and cursor.phase is not None:
        return slow_motion.update_headline(context.update_record, cursor)
    if context.ghost is not None and context.ghost.fits(trace):
        return compared_headline(trace, context.ghost, cursor)
    return headline(trace, cursor, context.training_window)


def _paint_tracks(
    painter: QPainter,
    rect: QRectF,
    sheet: Sheet,
    trace: Trace,
    cursor: CursorState,
    theme: Theme,
    context: Context,
) -> None:
    for one in sheet.placed:
        if not one.folded:
            with _clipped(painter, _sight(sheet, one)):
                one.track.paint_moment(painter, one.rect, trace, cursor, sheet.axis, theme, context)
    states, loss = sheet.find(StatesTrack), sheet.find(LossTrack)
    if states and loss and states.rect.top() < loss.rect.top():
        assert isinstance(states.track, StatesTrack) and isinstance(loss.track, LossTrack)
        pair = (states.track, states.rect), (loss.track, loss.rect)
        with _clipped(painter, sight_of(rect, sheet.axis) if sheet.axis.scrolls else None):
            paint_stem(painter, *pair, trace, cursor, sheet.axis, theme)


@contextmanager
def _clipped(painter: QPainter, clip: QRectF | None) -> Iterator[None]:
    """Nothing may reach beyond a rectangle; None: anything goes."""
    if clip is None:
        yield
        return
    painter.save()
    painter.setClipRect(clip)
    yield
    painter.restore()


def _sight(sheet: Sheet, one: Placed) -> QRectF | None:
    """While the axis scrolls, columns that are half in sight must not run over the labels."""
    if not sheet.axis.scrolls or one.track.rows_have_labels:
        return None
    return sight_of(one.rect, sheet.axis)


def _paint_folded(painter: QPainter, one: Placed, trace: Trace, cursor: CursorState, theme: Theme) -> None:
    x = one.rect.left() + LABEL_INDENT
    y = baseline(one.rect.top(), one.rect.height(), TEXT_BOLD)
    heading = one.track.heading(trace, cursor)
    write(painter, heading, x, y, TEXT_BOLD, theme.quiet)
    write(painter, "click to open", x + width_of(heading, TEXT_BOLD) + 8, y, SMALL, theme.quiet)


def _paint_cursor(
    painter: QPainter, sheet: Sheet, cursor: CursorState, texts: Sequence[QRectF], theme: Theme
) -> None:
    """The rounded ink frame around the step looked at, through all tracks and no text of theirs."""
    if cursor.time_step not in sheet.axis.visible or not sheet.placed:
        return
    left, right = sheet.axis.column(cursor.time_step)
    left, right = max(left, sheet.axis.left), min(right, sheet.axis.right)
    top, bottom = sheet.placed[0].rect.top(), sheet.placed[-1].rect.bottom() - 4
    box = QRectF(left, top + 0.5, right - left, bottom - top)
    paint_cursor_frame(painter, box, texts, theme, roomy=sheet.axis.roomy)


def _paint_strip(
    painter: QPainter, strip: QRectF, axis: TimeAxis, trace: Trace, cursor: CursorState, theme: Theme
) -> None:
    """The whole passage in small: what is left of the error, and the part in sight."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(theme.field))
    painter.drawRoundedRect(strip, 3, 3)
    wide = strip.width() / trace.length
    shares = shares_left(trace, cursor.error_step, cursor.layer)
    if np.isfinite(shares).any():
        inner = strip.height() - 4
        most = max(float(np.nanmax(shares)), 1.0)
        points = [
            QPointF(strip.left() + (k + 0.5) * wide, strip.bottom() - 2 - inner * float(share) / most)
            for k, share in enumerate(shares)
            if np.isfinite(share)
        ]
        base = strip.bottom() - 2
        painter.setBrush(color(theme.backward))
        painter.drawPolygon(QPolygonF([QPointF(points[0].x(), base), *points, QPointF(points[-1].x(), base)]))
    painter.setBrush(color(theme.ink))
    painter.drawRect(
        QRectF(strip.left() + cursor.time_step * wide, strip.top(), max(wide, 1.5), strip.height())
    )
    part = axis.width / axis.total
    start = (axis.left - axis.edges[0]) / axis.total
    window = QRectF(strip.left() + start * strip.width(), strip.top(), part * strip.width(), strip.height())
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color(theme.ink), 1.2))
    painter.drawRoundedRect(window.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    text = f"{axis.visible.start + 1}–{axis.visible.stop} of {trace.length}"
    y = baseline(strip.top(), strip.height(), SMALL)
    write(painter, text, strip.left() - 8, y, SMALL, theme.quiet, "right")


def _style(role: Role, theme: Theme, small: bool) -> tuple[Face, str]:
    bold = role in ("word", "answer", "failure")
    face = (TEXT_BOLD if bold else TEXT) if small else (TITLE_BOLD if bold else TITLE)
    ink = {"answer": theme.right, "failure": theme.failure}.get(role, theme.ink)
    return face, ink


def paint_headline(painter: QPainter, rect: QRectF, runs: Runs, theme: Theme) -> None:
    """Set the sentence on one line of 15 points; if it is too long, smaller and on two."""
    room = rect.width() - _HEADLINE_INDENT - RIGHT_MARGIN
    for small in (False, True):
        pieces = [(text, *_style(role, theme, small)) for text, role in runs]
        if sum(_piece_width(text, face) for text, face, _ in pieces) <= room:
            face = TEXT if small else TITLE
            _set_line(
                painter, pieces, rect.left() + _HEADLINE_INDENT, baseline(rect.top() + 2, rect.height(), face)
            )
            return
    lines = _broken(pieces, room)
    for i, line in enumerate(lines[:2]):
        if i == 1 and len(lines) > 2:
            text, face, ink = line[-1]
            line[-1] = (shortened(text + " ….", max(_piece_width(text, face) - 16, 10), face), face, ink)
        y = baseline(rect.top() + 3 + i * 15, 15, TEXT)
        _set_line(painter, line, rect.left() + _HEADLINE_INDENT, y)


Piece = tuple[str, Face, str]


def _piece_width(text: str, face: Face) -> float:
    return width_of("n", face) if is_blank(text) and text != " " else width_of(text, face)


def _broken(pieces: list[Piece], room: float) -> list[list[Piece]]:
    """Break into lines at spaces."""
    lines: list[list[Piece]] = [[]]
    used = 0.0
    for text, face, ink in pieces:
        words = [text] if is_blank(text) else text.split(" ")
        for i, word in enumerate(words):
            part = word if i == len(words) - 1 else word + " "
            if not part:
                continue
            width = _piece_width(part, face)
            if used + _piece_width(part.rstrip() or part, face) > room and used > 0:
                lines.append([])
                used = 0.0
            lines[-1].append((part, face, ink))
            used += width
    return lines


def _set_line(painter: QPainter, pieces: list[Piece], x: float, y: float) -> None:
    for i, (text, face, ink) in enumerate(pieces):
        width = _piece_width(text, face)
        quoted = 0 < i < len(pieces) - 1 and pieces[i - 1][0].endswith("‘")
        if is_blank(text) and quoted:
            width = width_of("n", face)
            draw_blank(painter, text, QRectF(x, y - 0.7 * face.size, width, 0.7 * face.size), ink)
        else:
            write(painter, text, x, y, face, ink)
        x += width
