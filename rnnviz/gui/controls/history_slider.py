"""The history slider: its groove is the loss curve, its handle the moment that is looked at."""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from rnnviz.gui.theme import Theme

_POINTS_A_COLUMN = 3
"""The curve has one mean every so many points: smoother to look at, and three times cheaper to stroke."""

_STRETCHES = 8
"""A long run is first cut into so many stretches for each column."""


def thinned_curve(
    steps: NDArray[np.float64], losses: NDArray[np.float64], columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean loss in each of at most `columns` equal stretches of updates; what is not finite is left out."""
    whole = len(losses) // (_STRETCHES * columns)
    if whole > 1:  # a long run: means of short stretches first, which is cheaper than what follows
        kept = len(losses) // whole * whole
        steps = steps[:kept].reshape(-1, whole).mean(axis=1)
        losses = losses[:kept].reshape(-1, whole).mean(axis=1)
    finite = np.isfinite(losses)
    steps, losses = steps[finite], losses[finite]
    if len(steps) <= columns or columns < 2:
        return steps, losses
    last = max(float(steps[-1]), 1.0)
    column = np.minimum((steps / last * columns).astype(np.int64), columns - 1)
    count = np.bincount(column, minlength=columns)
    filled = count > 0
    x = np.bincount(column, steps, columns)[filled] / count[filled]
    y = np.bincount(column, losses, columns)[filled] / count[filled]
    return x, y


class HistorySlider(QAbstractSlider):
    """A slider over the moments kept. Its right end is live; `moved` gives the update, or None for live."""

    moved = Signal(object)  # int | None

    MARGIN, HANDLE = 8.0, 6.0

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._moments: list[int] = []
        self._live_step = 0
        self._step: int | None = None
        self._steps: NDArray[np.float64] = np.empty(0)
        self._losses: NDArray[np.float64] = np.empty(0)
        self._polyline: QPolygonF | None = None
        self._drawn_for = (0, 0)
        self._drawn_step = 0
        self._painted_x = -1.0
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, 0)
        self.setSingleStep(1)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("History: the update that is shown")
        self.setToolTip("History: drag along the loss curve to look back; the right end is live")
        self.valueChanged.connect(self._value_changed)

    @property
    def step(self) -> int | None:
        """The update looked at; None is live."""
        return self._step

    def show_moments(self, moments: Sequence[int], live_step: int) -> None:
        """The updates of which a picture was kept, rising, and the one that training is at."""
        kept = [moment for moment in moments if moment < live_step]
        if kept != self._moments:
            self._moments = kept
            with QSignalBlocker(self):
                self.setRange(0, len(kept))
        if live_step != self._live_step:
            self._live_step = live_step
            # Redrawn when the curve has shrunk by half a point: each update moves it less and less.
            moved = abs(live_step - self._drawn_step) * self.width() / max(live_step, 1)
            if moved >= 0.5:
                self._polyline = None
                self.update()
        self.show_step(self._step)

    def show_step(self, step: int | None) -> None:
        """Put the handle on an update, or at the live end; emits nothing."""
        self._step = step
        with QSignalBlocker(self):
            self.setValue(len(self._moments) if step is None else self._nearest(step))
        if self.handle_x() != self._painted_x:
            self.update()

    def show_curve(self, steps: ArrayLike, losses: ArrayLike) -> None:
        """The loss of every update so far, (N,) and (N,); thinned to what can be seen."""
        self._steps = np.asarray(steps, dtype=np.float64)
        self._losses = np.asarray(losses, dtype=np.float64)
        self._polyline = None
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough to aim at a moment."""
        return QSize(320, 28)

    def minimumSizeHint(self) -> QSize:
        """Narrow, but a slider still."""
        return QSize(80, 28)

    def step_x(self, step: float) -> float:
        """Where an update stands, in points from the left."""
        share = step / self._live_step if self._live_step > 0 else 1.0
        return self.MARGIN + min(share, 1.0) * (self.width() - 2 * self.MARGIN)

    def handle_x(self) -> float:
        """Where the handle stands, in points from the left."""
        return self.step_x(self._live_step if self._step is None else self._step)

    def _nearest(self, step: float) -> int:
        moments = [*self._moments, self._live_step]
        after = min(bisect_left(moments, step), len(moments) - 1)
        before = max(after - 1, 0)
        return before if step - moments[before] < moments[after] - step else after

    def _value_changed(self, value: int) -> None:
        self._step = self._moments[value] if value < len(self._moments) else None
        self.update()
        self.moved.emit(self._step)

    def _go_to(self, x: float) -> None:
        share = (x - self.MARGIN) / max(self.width() - 2 * self.MARGIN, 1)
        self.setValue(self._nearest(min(max(share, 0.0), 1.0) * self._live_step))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the nearest moment and follow the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._go_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse while its button is down."""
        if self.isSliderDown():
            self._go_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self.setSliderDown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk from moment to moment, Home is the first, End is live."""
        super().keyPressEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The curve, darker up to the moment shown, and the handle on it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, x = self._theme, self.handle_x()
        self._painted_x = x
        curve = self._curve()
        if curve.count() > 1:
            self._paint_curve(painter, curve, x)
        else:
            painter.setPen(QPen(QColor(theme.line), 2))
            y = self.height() - 8.0
            painter.drawLine(QPointF(self.MARGIN, y), QPointF(self.width() - self.MARGIN, y))
        self._paint_handle(painter, x)
        painter.end()

    def _paint_curve(self, painter: QPainter, curve: QPolygonF, x: float) -> None:
        if self._step is not None:  # what came after the moment shown is fainter
            painter.setPen(QPen(QColor(self._theme.bar), 1.2))
            painter.setClipRect(round(x), 0, self.width(), self.height())
            painter.drawPolyline(curve)
            painter.setClipRect(0, 0, round(x), self.height())
        painter.setPen(QPen(QColor(self._theme.quiet), 1.4))
        painter.drawPolyline(curve)
        painter.setClipping(False)

    def _paint_handle(self, painter: QPainter, x: float) -> None:
        ink, y = QColor(self._theme.ink), self.height() / 2
        painter.setPen(QPen(ink, 2))
        painter.drawLine(QPointF(x, 3), QPointF(x, self.height() - 3))
        painter.setBrush(QColor(self._theme.panel))
        painter.drawEllipse(QPointF(x, y), self.HANDLE - 1, self.HANDLE - 1)
        if self.hasFocus():
            painter.setBrush(ink)
            painter.drawEllipse(QPointF(x, y), 2.2, 2.2)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(ink, 1.5))
            painter.drawEllipse(QPointF(x, y), self.HANDLE + 1.4, self.HANDLE + 1.4)

    def _curve(self) -> QPolygonF:
        """The polyline for the present size; thinned and scaled only when something changed."""
        if self._polyline is None or self._drawn_for != (self.width(), self.height()):
            steps, losses = thinned_curve(self._steps, self._losses, max(self.width() // _POINTS_A_COLUMN, 2))
            low, high = (float(losses.min()), float(losses.max())) if len(losses) else (0.0, 1.0)
            span = high - low or 1.0
            top, bottom = 5.0, self.height() - 5.0
            ys = bottom - (losses - low) / span * (bottom - top)
            xs = np.interp(steps, [0, self._live_step], [self.step_x(0), self.step_x(self._live_step)])
            self._polyline = QPolygonF(list(map(QPointF, xs.tolist(), ys.tolist())))
            self._drawn_for = (self.width(), self.height())
            self._drawn_step = self._live_step
        return self._polyline
