"""Drawn symbols: the same shapes on every platform, sharp at every scale, in the ink of the theme."""

from collections.abc import Callable
from functools import lru_cache
from math import cos, pi, sin

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

_GRID = 16.0
"""The shapes below are drawn on a square of this many points."""

_SCALES = (1.0, 1.25, 1.5, 2.0, 3.0)
"""Device pixel ratios for which an icon carries a picture of its own."""


def paint_symbol(painter: QPainter, rect: QRectF, name: str, ink: QColor) -> None:
    """Draw one symbol of `SYMBOLS` in the middle of a rectangle, as large as fits."""
    side = min(rect.width(), rect.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center().x() - side / 2, rect.center().y() - side / 2)
    painter.scale(side / _GRID, side / _GRID)
    pen = QPen(ink, 1.6)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    SYMBOLS[name](painter, ink)
    painter.restore()


@lru_cache(maxsize=128)
def icon(name: str, ink: str, disabled: str, points: int = 14) -> QIcon:
    """An icon in two colours, enabled and disabled. Do not change what is returned."""
    made = QIcon()
    for mode, colour in ((QIcon.Mode.Normal, ink), (QIcon.Mode.Disabled, disabled)):
        for scale in _SCALES:
            picture = QPixmap(QSize(round(points * scale), round(points * scale)))
            picture.setDevicePixelRatio(scale)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            paint_symbol(painter, QRectF(0, 0, points, points), name, QColor(colour))
            painter.end()
            made.addPixmap(picture, mode)
    return made


def _filled(painter: QPainter, ink: QColor, *points: tuple[float, float]) -> None:
    painter.setBrush(ink)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _line(painter: QPainter, *points: tuple[float, float]) -> None:
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _play(painter: QPainter, ink: QColor) -> None:
    _filled(painter, ink, (4.5, 2.8), (13, 8), (4.5, 13.2))


def _pause(painter: QPainter, ink: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    for x in (3.0, 9.4):
        painter.drawRoundedRect(QRectF(x, 2, 3.6, 12), 0.8, 0.8)


def _next(painter: QPainter, ink: QColor) -> None:
    _filled(painter, ink, (4.8, 3.4), (12.2, 8), (4.8, 12.6))


def _previous(painter: QPainter, ink: QColor) -> None:
    _filled(painter, ink, (11.2, 3.4), (3.8, 8), (11.2, 12.6))


def _first(painter: QPainter, ink: QColor) -> None:
    _line(painter, (2.6, 4), (2.6, 12))
    _line(painter, (13.4, 8), (5.4, 8))
    _line(painter, (8.4, 5), (5.4, 8), (8.4, 11))


def _last(painter: QPainter, ink: QColor) -> None:
    _line(painter, (13.4, 4), (13.4, 12))
    _line(painter, (2.6, 8), (10.6, 8))
    _line(painter, (7.6, 5), (10.6, 8), (7.6, 11))


def _down(painter: QPainter, ink: QColor) -> None:
    _line(painter, (4, 6), (8, 10), (12, 6))


def _right(painter: QPainter, ink: QColor) -> None:
    _line(painter, (6, 4), (10, 8), (6, 12))


def _fold(painter: QPainter, ink: QColor) -> None:
    _line(painter, (8, 4), (4, 8), (8, 12))
    _line(painter, (12.6, 4), (8.6, 8), (12.6, 12))


def _unfold(painter: QPainter, ink: QColor) -> None:
    _line(painter, (3.4, 4), (7.4, 8), (3.4, 12))
    _line(painter, (8, 4), (12, 8), (8, 12))


def _close(painter: QPainter, ink: QColor) -> None:
    _line(painter, (4, 4), (12, 12))
    _line(painter, (12, 4), (4, 12))


def _moon(painter: QPainter, ink: QColor) -> None:
    disc, bite = QPainterPath(), QPainterPath()
    disc.addEllipse(QPointF(7.6, 8.4), 5.4, 5.4)
    bite.addEllipse(QPointF(10.6, 5.8), 4.9, 4.9)
    painter.drawPath(disc.subtracted(bite))


def _sun(painter: QPainter, ink: QColor) -> None:
    painter.drawEllipse(QPointF(8, 8), 2.9, 2.9)
    for ray in range(8):
        angle = ray * pi / 4
        x, y = cos(angle), sin(angle)
        _line(painter, (8 + 5.0 * x, 8 + 5.0 * y), (8 + 6.6 * x, 8 + 6.6 * y))


def _error(painter: QPainter, ink: QColor) -> None:
    painter.drawEllipse(QPointF(8, 8), 6.2, 6.2)
    _line(painter, (5.6, 5.6), (10.4, 10.4))
    _line(painter, (10.4, 5.6), (5.6, 10.4))


def _warning(painter: QPainter, ink: QColor) -> None:
    _line(painter, (8, 1.8), (14.6, 13.6), (1.4, 13.6), (8, 1.8))
    _line(painter, (8, 6.2), (8, 9.4))
    painter.drawPoint(QPointF(8, 11.5))


def _note(painter: QPainter, ink: QColor) -> None:
    painter.drawEllipse(QPointF(8, 8), 6.2, 6.2)
    _line(painter, (8, 7.6), (8, 11.2))
    painter.drawPoint(QPointF(8, 5))


def _menu(painter: QPainter, ink: QColor) -> None:
    for y in (4.0, 8.0, 12.0):
        _line(painter, (2.5, y), (13.5, y))


def _undo(painter: QPainter, ink: QColor) -> None:
    _line(painter, (6, 3), (2.8, 6.2), (6, 9.4))
    arc = QPainterPath(QPointF(2.8, 6.2))
    arc.lineTo(9.4, 6.2)
    arc.arcTo(QRectF(6.2, 6.2, 7, 7), 90, -180)
    arc.lineTo(7, 13.2)
    painter.drawPath(arc)


SYMBOLS: dict[str, Callable[[QPainter, QColor], None]] = {
    "play": _play, "pause": _pause, "first": _first, "previous": _previous, "next": _next, "last": _last,
    "down": _down, "menu": _menu, "right": _right, "fold": _fold, "unfold": _unfold, "close": _close,
    "moon": _moon,
    "sun": _sun, "error": _error, "warning": _warning, "note": _note, "undo": _undo,
}  # fmt: skip
"""Every symbol of the controls by name."""
