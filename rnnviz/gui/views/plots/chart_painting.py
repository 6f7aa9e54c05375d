"""A chart painted with lines of its own: for pictures and vector files.

pyqtgraph paints in the values of the axes under a distorting transformation with pens that ignore it, which
vector files keep as a riddle for whoever opens them. Here every point is worked out beforehand.
"""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from rnnviz.gui.theme import SIZE_SMALL, color, font
from rnnviz.gui.views.plots.axes import Chart, Panel
from rnnviz.gui.views.plots.labels import Points

_LABEL_GAP = 5
_LABEL_HEIGHT = 16


def paint_chart(painter: QPainter, chart: Chart) -> None:
    """Paint a chart with its panels and labels, in its own points from the painter's origin."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for panel in (panel for panel in chart.panels if panel.shown):
        if panel.range is not None:
            _paint_panel(painter, panel)
            _paint_ticks(painter, panel, chart)
    if chart.paint_labels is not None:
        chart.paint_labels(painter)
    painter.restore()


def _paint_panel(painter: QPainter, panel: Panel) -> None:
    painter.save()
    for curve in sorted(panel.curves, key=lambda one: float(one.zValue())):
        x, y = curve.getData()
        if x is None or not len(x):
            continue
        pen = QPen(curve.opts["pen"])
        pen.setCosmetic(False)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pairs = curve.opts["connect"] == "pairs"
        px, py = panel.to_pixels(np.asarray(x, float), np.asarray(y, float))
        if not pairs:
            px, py = clipped(px, py, panel.area().top(), panel.area().bottom())
        for line in _lines(px, py, pairs):
            painter.drawPolyline(line)
    for dots in panel.dot_sets:
        x, y = dots.getData()
        painter.setPen(QPen(dots.opts["pen"]))
        painter.setBrush(dots.opts["brush"])
        radius = dots.opts["size"] / 2
        if len(x):
            px, py = panel.to_pixels(x, y)
            for at in zip(px.tolist(), py.tolist(), strict=True):
                painter.drawEllipse(QPointF(*at), radius, radius)
    painter.restore()


def clipped(x: Points, y: Points, top: float, bottom: float) -> tuple[Points, Points]:
    """A line (N,) cut off above `top` and below `bottom`: gaps where it lies outside, ends on the edges.

    Clip paths are the other way; half of the programs that open vector files get them wrong.
    """
    for edge, sign in ((top, -1.0), (bottom, 1.0)):
        beyond = sign * (y - edge)  # positive outside
        crossing = np.flatnonzero(beyond[:-1] * beyond[1:] < 0)
        share = beyond[crossing] / (beyond[crossing] - beyond[crossing + 1])
        at_x = x[crossing] + share * (x[crossing + 1] - x[crossing])
        y = np.where(beyond > 0, np.nan, y)
        x, y = np.insert(x, crossing + 1, at_x), np.insert(y, crossing + 1, edge)
    return x, y


def _lines(x: Points, y: Points, pairs: bool) -> list[QPolygonF]:
    """The connected parts of a line: pairs of points, or what lies between gaps."""
    if pairs:
        return [_polygon(x[i : i + 2], y[i : i + 2]) for i in range(0, len(x) - 1, 2)]
    known = np.isfinite(x) & np.isfinite(y)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(int)))
    return [_polygon(x[a:b], y[a:b]) for a, b in zip(edges[0::2], edges[1::2], strict=True) if b - a > 1]


def _polygon(x: Points, y: Points) -> QPolygonF:
    return QPolygonF([QPointF(*at) for at in zip(x.tolist(), y.tolist(), strict=True)])


def _paint_ticks(painter: QPainter, panel: Panel, chart: Chart) -> None:
    area = panel.area()
    painter.setFont(font(SIZE_SMALL))
    painter.setPen(color(chart.theme.quiet))
    for value, text in panel.ticks("left"):
        _, y = panel.to_pixels(np.zeros(1), np.array([value]))
        place = QRectF(0, y[0] - _LABEL_HEIGHT / 2, area.left() - _LABEL_GAP, _LABEL_HEIGHT)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)
    if panel.with_bottom:
        for value, text in panel.ticks("bottom"):
            x, _ = panel.to_pixels(np.array([value]), np.zeros(1))
            place = QRectF(x[0] - 40, area.bottom() + 2, 80, _LABEL_HEIGHT)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter), text)
