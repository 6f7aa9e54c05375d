"""Shapes that mean something: hatching, arrows, and the marks for what is never to be drawn as "small"."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF

from rnnviz.gui.theme import Theme, color, color_table

HATCH_STEP = 6.4
"""Points between the lines of a hatching, measured along x."""
REACH_HEIGHT = 4.0
"""Of the hatched line under what is out of training's reach."""
SMALL_SHARE = 0.05
"""Below a twentieth a backward ribbon is a thin dashed line."""

Floats = NDArray[np.floating[Any]]

CLEAR, MARKED = 0, 255
"""Indices of an image that are no values: see-through, and a mark of its own."""


def hatch_lines(polygon: list[tuple[float, float]], step: float = HATCH_STEP) -> list[QLineF]:
    """Lines x + y = c across a convex polygon, clipped exactly, so that SVG needs no clip paths."""
    sums = [x + y for x, y in polygon]
    low, high = min(sums), max(sums)
    lines = []
    c = (low // step + 1) * step
    while c < high:
        cut = []
        for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
            a, b = x0 + y0 - c, x1 + y1 - c
            if (a < 0) != (b < 0):
                s = a / (a - b)
                cut.append((x0 + s * (x1 - x0), y0 + s * (y1 - y0)))
        if len(cut) == 2:
            lines.append(QLineF(cut[0][0], cut[0][1], cut[1][0], cut[1][1]))
        c += step
    return lines


def hatch_rect(rect: QRectF, step: float = HATCH_STEP) -> list[QLineF]:
    """The same for an upright rectangle, where the clipping is a matter of four comparisons."""
    left, top, right, bottom = rect.left(), rect.top(), rect.right(), rect.bottom()
    lines = []
    c = ((left + top) // step + 1) * step
    while c < right + bottom:
        x0, x1 = max(left, c - bottom), min(right, c - top)
        lines.append(QLineF(x0, c - x0, x1, c - x1))
        c += step
    return lines


def hatch_pen(ink: str, width: float = 1.1) -> QPen:
    """For hatching inside a shape: flat ends, so that no line reaches into its border."""
    pen = QPen(color(ink), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def hatch(painter: QPainter, rect: QRectF, ink: str, step: float = 7.0, width: float = 0.8) -> None:
    """Fill a rectangle with hatching: nothing can be here."""
    painter.setPen(QPen(color(ink), width))
    painter.drawLines(hatch_rect(rect, step))


def out_of_reach(painter: QPainter, rect: QRectF, left: float, right: float, theme: Theme) -> None:
    """Training never sends this error there: a hatched line along the foot of a rectangle."""
    if right > left:
        area = QRectF(left, rect.bottom() - REACH_HEIGHT - 1, right - left, REACH_HEIGHT)
        hatch(painter, area, theme.bar, step=4.0)


def arrow_head(tip: QPointF, length: float, direction: str) -> QPolygonF:
    """A filled head whose tip is at a point; direction is "left", "right", "up" or "down"."""
    dx, dy = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}[direction]
    x, y, half = tip.x() - dx * length, tip.y() - dy * length, length * 0.62
    return QPolygonF([tip, QPointF(x - dy * half, y - dx * half), QPointF(x + dy * half, y + dx * half)])


def fill(painter: QPainter, polygons: Iterable[QPolygonF], ink: str) -> None:
    """Fill polygons without an outline."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(ink))
    for polygon in polygons:
        painter.drawPolygon(polygon)


def no_target(painter: QPainter, x: float, y: float, theme: Theme) -> None:
    """No right answer is known, so no error sets out: a short grey dash."""
    painter.setPen(QPen(color(theme.quiet), 1.4))
    painter.drawLine(QLineF(x - 4, y, x + 4, y))


def no_path(painter: QPainter, x: float, y: float, theme: Theme) -> None:
    """No way leads here: a grey ring with a bar across."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color(theme.quiet), 1.3))
    painter.drawEllipse(QPointF(x, y), 4, 4)
    painter.drawLine(QLineF(x - 2.8, y + 2.8, x + 2.8, y - 2.8))


def underflow(painter: QPainter, x: float, y: float, theme: Theme) -> None:
    """Too small for the computer's numbers, an exact 0 on an open way: a hollow orange triangle."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color(theme.backward), 1.3))
    painter.drawPolygon(QPolygonF([QPointF(x - 4, y - 6.5), QPointF(x + 4, y - 6.5), QPointF(x, y)]))


def blocked(painter: QPainter, x: float, y: float, theme: Theme) -> None:
    """Every unit on the way lets nothing pass (f' = 0): an orange cross."""
    painter.setPen(QPen(color(theme.backward), 1.6))
    painter.drawLines([QLineF(x - 3, y - 7, x + 3, y - 1), QLineF(x - 3, y - 1, x + 3, y - 7)])


def below_scale(painter: QPainter, x: float, y: float, theme: Theme) -> None:
    """The value lies under the lowest decade shown: an orange arrow down."""
    painter.setPen(QPen(color(theme.backward), 1.3))
    painter.drawLine(QLineF(x, y - 9, x, y - 4))
    fill(painter, [arrow_head(QPointF(x, y), 4.5, "down")], theme.backward)


def above_scale(painter: QPainter, x: float, y: float, ink: str) -> None:
    """The value lies over the top of the scale: an arrow up."""
    painter.setPen(QPen(color(ink), 1.3))
    painter.drawLine(QLineF(x, y + 9, x, y + 4))
    fill(painter, [arrow_head(QPointF(x, y), 4.5, "up")], ink)


def lock(painter: QPainter, x: float, y: float, theme: Theme) -> None:
    """Held by somebody: a padlock of ink whose foot stands at y."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color(theme.ink), 1.2))
    shackle = QRectF(x - 2.2, y - 8.6, 4.4, 6.4)
    painter.drawArc(shackle, 0, 180 * 16)
    painter.drawLines([QLineF(side, y - 5.4, side, y - 4) for side in (x - 2.2, x + 2.2)])
    painter.fillRect(QRectF(x - 3.8, y - 4.6, 7.6, 4.6), color(theme.ink))


@lru_cache(maxsize=8)
def palette(stops: tuple[str, ...], mark: str) -> NDArray[np.uint32]:
    """256 colours as 0xAARRGGBB: CLEAR is see-through, MARKED is `mark`, values run from 1 to 254."""
    table: NDArray[np.uint32] = color_table(stops)[
        np.round(np.arange(-1, 255) * 255 / 253).clip(0, 255).astype(int)
    ]
    table[CLEAR], table[MARKED] = 0, color(mark).rgba()
    table.setflags(write=False)
    return table


def quantised(values: Floats, low: float, high: float) -> NDArray[np.uint8]:
    """Values as indices 1 to 254 of a palette, clipped; NaN becomes CLEAR."""
    scaled = (np.nan_to_num(values, nan=low) - low) * (253.0 / (high - low)) + 1.5
    out: NDArray[np.uint8] = np.clip(scaled, 1, 254).astype(np.uint8)
    out[np.isnan(values)] = CLEAR
    return out


def draw_cells(
    painter: QPainter,
    cells: NDArray[np.uint8],
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    left: float,
    top: float,
    ratio: float,
    table: NDArray[np.uint32],
) -> None:
    """Draw cells (R, C), each an index of a palette, pixel by pixel: no smoothing, exact edges.

    `rows` and `columns` say for each device pixel which cell it shows; R or C means none (see-through).
    """
    if not rows.size or not columns.size:
        return
    framed = np.zeros((cells.shape[0] + 1, cells.shape[1] + 1), dtype=np.uint32)
    framed[:-1, :-1] = table[cells]
    # Colours are looked up for the few cells, not for the many pixels; the smaller step of the two comes
    # first. A quarter of the time of an indexed image, which Qt converts anew at each frame.
    if rows.size < cells.shape[0]:
        pixels = framed.take(rows, axis=0).take(columns, axis=1)
    else:
        pixels = framed.take(columns, axis=1).take(rows, axis=0)
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    painter.drawImage(QPointF(left, top), image)


@lru_cache(maxsize=64)
def pixel_cells(
    edges: tuple[float, ...], low: float, high: float, ratio: float, gap: float
) -> NDArray[np.intp]:
    """Which cell each device pixel between `low` and `high` belongs to; the last `gap` points of one to none.

    `edges` are the N + 1 borders of N cells; N stands for "none".
    """
    count = len(edges) - 1
    first, last = round(low * ratio), round(high * ratio)
    centers = (np.arange(first, last) + 0.5) / ratio
    borders = np.asarray(edges)
    index = np.searchsorted(borders, centers, side="right") - 1
    inside = (index >= 0) & (index < count)
    index = np.where(inside, index, count)
    if gap > 0:
        ends = np.append(borders[1:], np.inf)
        index = np.where(centers > ends[index] - gap, count, index)
    index.setflags(write=False)
    return index
