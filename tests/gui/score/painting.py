"""Painting tracks without a widget, for the tests that read pixels."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.views.score_painting import paint_score
from rnnviz.gui.views.tracks import NO_CONTEXT, TRACKS, Context
from rnnviz.probes.trace import Trace


def painted(
    trace: Trace,
    cursor: CursorState,
    *names: str,
    width: int = 712,
    height: int = 604,
    scale: int = 1,
    context: Context = NO_CONTEXT,
    with_headline: bool = True,
) -> QImage:
    """Some tracks (all if none is named) painted without a widget; pixels = points x scale."""
    image = QImage(width * scale, height * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    painter = QPainter(image)
    tracks = [track for track in TRACKS if track.name in names] if names else TRACKS
    paint_score(
        painter,
        QRectF(0, 0, width, height),
        trace,
        cursor,
        LIGHT,
        tracks,
        context,
        with_headline=with_headline,
    )
    painter.end()
    return image
