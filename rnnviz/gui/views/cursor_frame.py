"""The ink frame around the step looked at: it runs through all tracks and through no number."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from rnnviz.gui.theme import Theme, color

RADIUS = 5.0
CLEAR = 1.5
"""Points that the frame keeps away from a text."""
SHORTEST = 8.0
"""Points below which the frame shows no piece between two texts: it would look like a comma."""
WIDE_LINE, NARROW_LINE = 2.0, 1.4


def uprights(x: float, top: float, bottom: float, texts: Sequence[QRectF]) -> list[tuple[float, float]]:
    """The pieces, from y to y, of an upright line at x that no text is crossed by."""
    pieces, start = [], top
    for box in sorted(texts, key=QRectF.top):
        if not box.left() - CLEAR < x < box.right() + CLEAR or box.bottom() <= start:
            continue
        if box.top() - start >= SHORTEST:
            pieces.append((start, min(box.top(), bottom)))
        start = max(start, box.bottom())
        if start >= bottom:
            return pieces
    return [*pieces, (start, bottom)] if bottom - start >= SHORTEST else pieces


def paint_cursor_frame(
    painter: QPainter, box: QRectF, texts: Sequence[QRectF], theme: Theme, *, roomy: bool
) -> None:
    """Draw the frame, its uprights interrupted where they would cross a text."""
    path = QPainterPath()
    corner = 2 * RADIUS
    left, right, top, bottom = box.left(), box.right(), box.top(), box.bottom()
    path.arcMoveTo(QRectF(left, top, corner, corner), 180)
    path.arcTo(QRectF(left, top, corner, corner), 180, -90)
    path.arcTo(QRectF(right - corner, top, corner, corner), 90, -90)
    path.arcMoveTo(QRectF(right - corner, bottom - corner, corner, corner), 0)
    path.arcTo(QRectF(right - corner, bottom - corner, corner, corner), 0, -90)
    path.arcTo(QRectF(left, bottom - corner, corner, corner), 270, -90)
    for x in (left, right):
        for start, end in uprights(x, top + RADIUS, bottom - RADIUS, texts):
            path.moveTo(x, start)
            path.lineTo(x, end)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color(theme.ink), WIDE_LINE if roomy else NARROW_LINE))
    painter.drawPath(path)
