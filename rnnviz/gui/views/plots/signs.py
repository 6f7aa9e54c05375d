"""Signs that are drawn, not typed: the tick, the chevron, and the tokens that leave no ink of their own."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from rnnviz.gui.theme import font

_INVISIBLE = {" ": "blank", "\n": "line end", "\t": "tab"}
_SIGN_WIDTH = 11.0


def _stroke(painter: QPainter, path: QPainterPath, color: QColor, width: float) -> None:
    pen = QPen(color, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def draw_tick(painter: QPainter, center: QPointF, color: QColor, size: float = 9.0) -> None:
    """A tick: this is right."""
    path = QPainterPath(center + QPointF(-0.45 * size, 0.05 * size))
    path.lineTo(center + QPointF(-0.12 * size, 0.38 * size))
    path.lineTo(center + QPointF(0.48 * size, -0.38 * size))
    _stroke(painter, path, color, 2.0)


def draw_chevron(painter: QPainter, center: QPointF, color: QColor, opened: bool) -> None:
    """Points down when something is open, right when it can be opened."""
    a, b = (4.0, 2.0) if opened else (2.0, 4.0)
    path = QPainterPath(center + QPointF(-a, -b))
    path.lineTo(center + (QPointF(0, b) if opened else QPointF(a, 0)))
    path.lineTo(center + (QPointF(a, -b) if opened else QPointF(-a, b)))
    _stroke(painter, path, color, 1.5)


def draw_pull_out(painter: QPainter, center: QPointF, color: QColor, out: bool) -> None:
    """A frame with an arrow: leaves for a window of its own, or comes back from it."""
    frame = QPainterPath(center + QPointF(-1, -5))
    for x, y in ((-5, -5), (-5, 5), (5, 5), (5, 1)):
        frame.lineTo(center + QPointF(x, y))
    _stroke(painter, frame, color, 1.3)
    tip, tail = (QPointF(5.5, -5.5), QPointF(-0.5, 0.5)) if out else (QPointF(-1, 1), QPointF(5, -5))
    arrow = QPainterPath(center + tail)
    arrow.lineTo(center + tip)
    s = 1 if out else -1
    arrow.moveTo(center + tip + QPointF(-4.2 * s, 0))
    arrow.lineTo(center + tip)
    arrow.lineTo(center + tip + QPointF(0, 4.2 * s))
    _stroke(painter, arrow, color, 1.3)


def _draw_invisible(painter: QPainter, rect: QRectF, kind: str, color: QColor) -> None:
    c = rect.center()
    path = QPainterPath()
    if kind == "blank":
        path.moveTo(c + QPointF(-4, 1.5))
        path.lineTo(c + QPointF(-4, 4.5))
        path.lineTo(c + QPointF(4, 4.5))
        path.lineTo(c + QPointF(4, 1.5))
    elif kind == "line end":
        path.moveTo(c + QPointF(4, -4.5))
        path.lineTo(c + QPointF(4, 1.5))
        path.lineTo(c + QPointF(-4, 1.5))
        path.moveTo(c + QPointF(-1.2, -1.3))
        path.lineTo(c + QPointF(-4, 1.5))
        path.lineTo(c + QPointF(-1.2, 4.3))
    else:
        path.moveTo(c + QPointF(-4.5, 0))
        path.lineTo(c + QPointF(3, 0))
        path.moveTo(c + QPointF(0.5, -2.8))
        path.lineTo(c + QPointF(3.3, 0))
        path.lineTo(c + QPointF(0.5, 2.8))
        path.moveTo(c + QPointF(4.8, -3))
        path.lineTo(c + QPointF(4.8, 3))
    _stroke(painter, path, color, 1.3)


def token_width(word: str, noun: str, bold: bool = False) -> float:
    """How wide `draw_token` would like to be."""
    if word in _INVISIBLE:
        return _SIGN_WIDTH
    face = font(bold=bold, mono=noun == "character" and len(word) == 1)
    return QFontMetricsF(face).horizontalAdvance(word)


def draw_token(
    painter: QPainter, rect: QRectF, word: str, noun: str, color: QColor, *, bold: bool = False
) -> QRectF:
    """A token at the right end of `rect`, shortened if it must be; returns where it stands.

    Characters are set in the fixed-width face; a blank, a line end and a tab are drawn as signs.
    """
    width = min(token_width(word, noun, bold), rect.width())
    place = QRectF(rect.right() - width, rect.top(), width, rect.height())
    if word in _INVISIBLE:
        _draw_invisible(painter, place, _INVISIBLE[word], color)
        return place
    face = font(bold=bold, mono=noun == "character" and len(word) == 1)
    text = QFontMetricsF(face).elidedText(word, Qt.TextElideMode.ElideRight, rect.width() + 0.5)
    painter.setFont(face)
    painter.setPen(color)
    flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
    painter.drawText(rect, int(flags), text)
    return place
