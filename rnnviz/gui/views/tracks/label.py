"""The label column: a track's title, its caption, and the bar that explains its colours."""

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.lettering import (
    SMALL,
    TEXT_BOLD,
    metrics,
    shortened,
    width_of,
    wrapped,
    write,
    write_formula,
)
from rnnviz.gui.views.tracks.track import INITIAL_GAP, INITIAL_WIDTH, LABEL_INDENT, Context, Track
from rnnviz.probes import Trace

LINE = 13.0
"""From one caption line to the next."""
LEGEND_WIDTH, LEGEND_HEIGHT = 62.0, 8.0
LEGEND_ROOM = 80.0


def label_width(rect: QRectF, axis: TimeAxis) -> float:
    """Room for text in the label column."""
    return axis.left - rect.left() - LABEL_INDENT - INITIAL_GAP - INITIAL_WIDTH - 6


def paint_label(
    painter: QPainter,
    rect: QRectF,
    track: Track,
    trace: Trace,
    cursor: CursorState,
    axis: TimeAxis,
    theme: Theme,
    context: Context,
) -> float:
    """Draw title and caption at the top left of a track; returns where the next line would begin."""
    x, top = rect.left() + LABEL_INDENT, rect.top() + 3
    y = top + metrics(TEXT_BOLD).ascent()
    room = label_width(rect, axis)
    heading = shortened(track.heading(trace, cursor), room + INITIAL_WIDTH + 6, TEXT_BOLD)
    write(painter, heading, x, y, TEXT_BOLD, theme.ink)
    lines = [line for text in track.caption(trace, cursor, context) for line in wrapped(text, room, SMALL)]
    for line in lines:
        if y + LINE > rect.bottom() - 1:
            break
        y += LINE
        write_formula(painter, line, x, y, SMALL, theme.quiet)
    return y + 6


def paint_legend(
    painter: QPainter,
    rect: QRectF,
    y: float,
    stops: tuple[str, ...],
    ends: tuple[str, str],
    axis: TimeAxis,
    theme: Theme,
    mark: tuple[float, str] | None = None,
) -> None:
    """Draw a bar of colours with the values of its two ends, if it fits under the caption.

    `mark` is a value between them, as a share of the bar from its left, and its name.
    """
    room = rect.bottom() - y - LEGEND_HEIGHT - LINE - 3
    if mark is not None and room >= 4 + LINE:
        y += LINE  # for the name of what is marked, above the bar
    y = max(y + 4, min(y + 14, rect.bottom() - 34))
    if y + LEGEND_HEIGHT + LINE + 3 > rect.bottom():
        return
    x = axis.snap(rect.left() + LABEL_INDENT)
    pixels = round(LEGEND_WIDTH * axis.pixel_ratio)
    cells = np.linspace(1, 254, pixels).astype(np.uint8)[None, :]
    rows = np.zeros(max(round(LEGEND_HEIGHT * axis.pixel_ratio), 1), dtype=np.intp)
    table = marks.palette(stops, theme.quiet)
    marks.draw_cells(painter, cells, rows, np.arange(pixels), x, axis.snap(y), axis.pixel_ratio, table)
    if width_of(ends[0] + ends[1], SMALL) + 10 > LEGEND_ROOM:
        ends = ends[0].removesuffix(" %"), ends[1]
    below = y + LEGEND_HEIGHT + LINE
    write(painter, ends[0], x, below, SMALL, theme.quiet)
    right = max(x + LEGEND_WIDTH, x + width_of(ends[0], SMALL) + 8 + width_of(ends[1], SMALL))
    write(painter, ends[1], right, below, SMALL, theme.quiet, "right")
    if mark is not None:
        at = x + mark[0] * LEGEND_WIDTH
        painter.setPen(QPen(color(theme.ink), 1))
        painter.drawLine(QLineF(at, y - 2, at, y + LEGEND_HEIGHT + 1))
        if room >= 4 + LINE:
            half = width_of(mark[1], SMALL) / 2
            write(painter, mark[1], max(at, x + half), y - 4, SMALL, theme.quiet, "center")
