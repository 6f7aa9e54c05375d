"""The upper plot beside a race: what is left by distance now, or one number for memory over the updates."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.lanes import DASHES, LaneShown, layer_of
from rnnviz.gui.views.plots.memory_course import QUANTITIES, MemoryLine, Quantity, points_of
from rnnviz.gui.views.plots.memory_painting import axes_for, paint_key, paint_memory
from rnnviz.gui.views.series import Series
from rnnviz.gui.views.tracks.lettering import SMALL, SMALL_BOLD, TITLE_BOLD, baseline, width_of, write

WHAT_IS_LEFT, BY_DISTANCE = "What is left:", "by distance"
_WIDEST_GAP, _LEAST_GAP = 12.0, 4.0
_SHORT = {BY_DISTANCE: "distance", "1 % left after": "1 % after", "lost per step": "per step"}
"""The same words where there is less room, beside a race in a small window."""

Choice = tuple[Quantity | None, str, QRectF]
"""What can be shown (None: by distance), its words, and where they are clicked."""


def choices(margin: float, width: float, height: float) -> list[Choice]:
    """What the upper plot can show, side by side after its title."""
    found: list[Choice] = []
    x = margin + width_of(WHAT_IS_LEFT, TITLE_BOLD) + 10
    words = [(None, BY_DISTANCE), *((quantity, quantity.title) for quantity in QUANTITIES)]
    wide = sum(width_of(text, SMALL_BOLD) for _, text in words)
    if wide + len(words) * _LEAST_GAP > width - margin - x:
        words = [(quantity, _SHORT.get(text, text)) for quantity, text in words]
        wide = sum(width_of(text, SMALL_BOLD) for _, text in words)
    gap = max(min((width - margin - x - wide) / len(words), _WIDEST_GAP), _LEAST_GAP)
    for quantity, text in words:
        room = width_of(text, SMALL_BOLD)
        found.append((quantity, text, QRectF(x - gap / 2, 6, room + gap, height - 6)))
        x += room + gap
    return found


def paint_choices(
    painter: QPainter, offered: Sequence[Choice], shown: Quantity | None, focused: bool, theme: Theme
) -> None:
    """The words; under the one that is shown a line, thicker where the keyboard is."""
    for quantity, text, place in offered:
        own = quantity is shown
        face, ink = (SMALL_BOLD, theme.ink) if own else (SMALL, theme.quiet)
        y = baseline(place.top() - 2, place.height() + 6, face)
        write(painter, text, place.center().x(), y, face, ink, "center")
        if own:
            painter.setPen(QPen(color(theme.ink), 2 if focused else 1))
            painter.drawLine(QLineF(place.left() + 3, y + 4, place.right() - 3, y + 4))


def lines_of(lanes: Sequence[LaneShown], series: Sequence[Series], cursor: CursorState) -> list[MemoryLine]:
    """The course of each lane; one that has dropped out keeps what it did until then."""
    pairs = zip(lanes, series, strict=False)
    return [MemoryLine(one.moments, layer_of(lane, cursor), n) for n, (lane, one) in enumerate(pairs)]


def paint_course(
    painter: QPainter,
    plot: QRectF,
    lines: Sequence[MemoryLine],
    quantity: Quantity,
    step: int,
    theme: Theme,
) -> list[tuple[float, float, int]]:
    """One line a lane over the updates; where each ends: y, x and its number. `step` is looked at."""
    axes = axes_for(plot, lines, quantity)
    paint_memory(painter, axes, lines, quantity, step, DASHES, theme)
    below = plot.bottom() + 13
    write(painter, f"{int(axes.last):,} updates", plot.right(), below, SMALL, theme.quiet, "right")
    key = QRectF(plot.left() - 44, below - 12, plot.width() - 40, 15)
    paint_key(painter, key, lines, [quantity], theme)
    ends = []
    for line in lines:
        points = points_of(line, quantity)
        heights = np.where(points.beyond | points.grown, points.end, points.value)
        known = np.flatnonzero(np.isfinite(heights))
        if known.size:
            at = int(known[-1])
            ends.append((axes.y(float(heights[at])), axes.x(float(points.step[at])), line.number))
    return ends
