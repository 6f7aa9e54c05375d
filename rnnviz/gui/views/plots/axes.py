"""Axes in the style of the window around pyqtgraph's curves: quiet, antialiased, without surprises.

Nothing pans or zooms. Axes cost most of a frame, so they are kept as pictures and only made again when
their range or their labels change. Grid lines are one curve of their own.

pyqtgraph takes longer to import than all of rnnviz, so this is imported when a chart is built (`chart_plot`).
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsItem, QWidget

from rnnviz.gui.theme import LIGHT, SIZE_SMALL, Theme, color, font
from rnnviz.gui.views.plots.chart_plot import RIGHT_MARGIN
from rnnviz.gui.views.plots.labels import Points

_FAR = 1e6  # points; higher than any row

Ticks = Sequence[tuple[float, str]]


class Curve(pg.PlotCurveItem):  # type: ignore[misc]
    """A line that counts as large as its panel: working out its real bounds took a third of each frame."""

    def __init__(self, **options: Any) -> None:
        self._bounds = QRectF()
        super().__init__(**options)

    def set_bounds(self, bounds: QRectF) -> None:
        """What the panel shows, in the values of its axes."""
        self.prepareGeometryChange()
        self._bounds = bounds

    def boundingRect(self) -> QRectF:
        """What the panel shows."""
        return self._bounds


_HIDDEN = ("right", "top")


class Axis(pg.AxisItem):  # type: ignore[misc]
    """An axis without a label, so that no unit of one is to be found a prefix for."""

    def updateAutoSIPrefix(self) -> None:
        """At each range; a seventh of the time that building a chart takes."""


class Panel:
    """One pair of axes with its curves. Values are those of the axes: a log axis is fed logarithms."""

    def __init__(self, item: Any, left_width: int, with_bottom: bool) -> None:
        self.item = item
        self.shown = True
        self.view = item.getViewBox()
        self.view.setMouseEnabled(False, False)
        self.view.setMenuEnabled(False)
        self.view.setDefaultPadding(0.0)
        item.hideButtons()
        self._axes = {"left": item.getAxis("left"), "bottom": item.getAxis("bottom")}
        for axis in self._axes.values():
            axis.setStyle(
                tickLength=0,
                tickFont=font(SIZE_SMALL),
                autoExpandTextSpace=False,
                hideOverlappingLabels=False,
            )
            axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._left_width = left_width
        self.take_room()
        item.showAxis("bottom", with_bottom)
        self.with_bottom = with_bottom
        self.dot_sets: list[Any] = []
        self.curves: list[Curve] = []
        self._grid = self.curve(connect="pairs", z=-10)
        self._ticks: dict[str, Ticks] = {}
        self._range: tuple[float, float, float, float] | None = None

    def take_room(self) -> None:
        """Give the axes their widths, which pyqtgraph sets to 0 while they are hidden."""
        self._axes["left"].setWidth(self._left_width)
        self._axes["bottom"].setHeight(20)

    def curve(self, connect: str = "finite", z: float = 0, smooth: bool = True) -> Any:
        """A new empty line; one that is not `smooth` is drawn faster, for many short strokes."""
        pairs = connect == "pairs"
        curve = Curve(antialias=smooth and not pairs, connect=connect, skipFiniteCheck=pairs)
        curve.setZValue(z)
        self.view.addItem(curve, ignoreBounds=True)
        self.curves.append(curve)
        return curve

    def dots(self) -> Any:
        """A new empty set of dots."""
        dots = pg.ScatterPlotItem(pxMode=True)
        self.view.addItem(dots, ignoreBounds=True)
        self.dot_sets.append(dots)
        return dots

    def set_range(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """What the axes span; does nothing when it is the same as before."""
        wanted = (*x, *y)
        if wanted != self._range and all(map(math.isfinite, wanted)) and x[1] > x[0] and y[1] > y[0]:
            self._range = wanted
            self.view.setRange(xRange=x, yRange=y, padding=0, disableAutoRange=True)
            for curve in self.curves:
                curve.set_bounds(QRectF(QPointF(x[0], y[0]), QPointF(x[1], y[1])))
            self._draw_grid()

    @property
    def range(self) -> tuple[float, float, float, float] | None:
        """x from, x to, y from, y to; None as long as nothing was shown."""
        return self._range

    def set_ticks(self, *, left: Ticks | None = None, bottom: Ticks | None = None) -> None:
        """Labels of the axes; does nothing when they are the same as before."""
        for name, ticks in (("left", left), ("bottom", bottom)):
            if ticks is not None and self._ticks.get(name) != ticks:
                self._ticks[name] = ticks
                self._axes[name].setTicks([list(ticks)])
                if name == "left":
                    self._draw_grid()

    def ticks(self, axis: str) -> Ticks:
        """Labels of the "left" or the "bottom" axis: value and text."""
        return self._ticks.get(axis, ())

    def _draw_grid(self) -> None:
        if self._range is None:
            return
        at = np.array([value for value, _ in self._ticks.get("left", ())], dtype=float)
        x = np.tile([self._range[0], self._range[1]], len(at))
        self._grid.setData(x, np.repeat(at, 2))

    def set_theme(self, theme: Theme) -> None:
        """Colours of axes and grid."""
        for axis in self._axes.values():
            axis.setPen(pg.mkPen(color(theme.panel, 0.0)))
            axis.setTextPen(color(theme.quiet))
        self._grid.setPen(pg.mkPen(color(theme.faint), width=1))

    def to_pixels(self, x: Points, y: Points) -> tuple[Points, Points]:
        """Points of the axes as points of the chart."""
        assert self._range is not None
        area = self.area()
        x0, x1, y0, y1 = self._range
        return (
            area.left() + (x - x0) / (x1 - x0) * area.width(),
            area.bottom() - (y - y0) / (y1 - y0) * area.height(),
        )

    def area(self) -> QRectF:
        """The part of the chart that the curves are drawn in."""
        rect: QRectF = self.view.sceneBoundingRect()
        return rect

    def x_at(self, position: QPointF) -> float | None:
        """The x value at a point of the chart; None outside of the panel."""
        area = self.area()
        if self._range is None or not area.adjusted(-4, -4, 4, 4).contains(position):
            return None
        share = (position.x() - area.left()) / max(area.width(), 1.0)
        return self._range[0] + min(max(share, 0.0), 1.0) * (self._range[1] - self._range[0])


class Chart(pg.GraphicsLayoutWidget):  # type: ignore[misc]
    """Panels under each other, and labels painted on top of them."""

    pointed = Signal(QPointF)
    clicked = Signal(QPointF)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.panels: list[Panel] = []
        self.paint_labels: Callable[[QPainter], None] | None = None
        self.silent = False  # paints nothing: somebody paints it by other means
        self.setAntialiasing(True)
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.ci.layout.setContentsMargins(0, 0, RIGHT_MARGIN, 0)
        self.ci.layout.setVerticalSpacing(0)

    def add_panel(self, stretch: int = 1, left_width: int = 46, with_bottom: bool = True) -> Panel:
        """One more pair of axes below the others."""
        row = len(self.panels)
        axes = {side: Axis(side) for side in ("left", "bottom", *_HIDDEN)}
        plot = self.addPlot(row=row, col=0, axisItems=axes, enableMenu=False)  # its menu takes 2 ms to make
        plot.ctrlMenu.setParent(self, plot.ctrlMenu.windowFlags())  # made all the same, and else of no one
        for side in _HIDDEN:
            plot.hideAxis(side)
        panel = Panel(plot, left_width, with_bottom)
        self.ci.layout.setRowStretchFactor(row, stretch)
        self.ci.layout.setRowPreferredHeight(row, 10 * stretch)
        self.panels.append(panel)
        return panel

    def show_panel(self, panel: Panel, shown: bool, stretch: int) -> None:
        """Give a panel its row, or take it away and let the others have the room."""
        if panel.shown != shown:
            panel.shown = shown
            row, layout = self.panels.index(panel), self.ci.layout
            panel.item.setVisible(shown)
            layout.setRowStretchFactor(row, stretch if shown else 0)
            layout.setRowPreferredHeight(row, 10 * stretch if shown else 0)
            layout.setRowMaximumHeight(row, _FAR if shown else 0)
            panel.take_room()
            panel.item.layout.invalidate()  # axes of what was hidden were never given their place
            self.lay_out()
            panel.item.layout.activate()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.theme = theme
        self.setBackground(QColor(theme.panel))
        for panel in self.panels:
            panel.set_theme(theme)

    def lay_out(self) -> None:
        """Lay the panels out for the present size, which a widget that was never shown puts off."""
        self.resizeEvent(QResizeEvent(self.size(), self.size()))
        self.ci.layout.activate()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the scene."""
        if not self.silent:
            super().paintEvent(event)

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the labels, in points of the chart."""
        if self.paint_labels is not None and all(panel.range is not None for panel in self.panels):
            self.paint_labels(painter)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say where the mouse is."""
        self.pointed.emit(event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Say where it was clicked."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing is dragged here."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Nothing zooms here."""

    def wheelEvent(self, event: Any) -> None:
        """The wheel is left to whoever scrolls around the chart."""
        event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        """Say that the mouse has gone."""
        super().leaveEvent(event)
        self.left.emit()
