"""Signs that are drawn, not typed: the tick, the chevron, and the tokens that leave no ink."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from rnnviz.gui.views.plots.wording import shown
from rnnviz.gui.views.tracks.lettering import (
    SIGN,
    SIGN_BOLD,
    TEXT,
    TEXT_BOLD,
    Face,
    baseline,
    shortened,
    width_of,
    write,
    write_token,
)
from rnnviz.gui.views.wording import is_blank, is_rare


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


def _face(word: str, noun: str, bold: bool) -> Face:
    if noun == "character" and len(word) == 1:
        return SIGN_BOLD if bold else SIGN
    return TEXT_BOLD if bold else TEXT


def _has_sign(word: str) -> bool:
    return is_blank(word) and not is_rare(word)


def token_width(word: str, noun: str, bold: bool = False) -> float:
    """How wide `draw_token` would like to be."""
    face = _face(word, noun, bold)
    return width_of("n" if _has_sign(word) else shown(word, noun), face)


def draw_token(
    painter: QPainter, rect: QRectF, word: str, noun: str, ink: str, *, bold: bool = False
) -> QRectF:
    """A token at the right end of `rect`, shortened if it must be; returns where it stands.

    Characters are set in the fixed-width face; blanks and line ends are drawn as signs.
    """
    face = _face(word, noun, bold)
    text = word if _has_sign(word) else shortened(shown(word, noun), rect.width() + 0.5, face)
    width = min(token_width(word, noun, bold), rect.width())
    line = baseline(rect.top(), rect.height(), face)
    if _has_sign(word):
        write_token(painter, word, rect.right(), line, face, ink, "right")
    else:
        write(painter, text, rect.right(), line, face, ink, "right")
    return QRectF(rect.right() - width, rect.top(), width, rect.height())
