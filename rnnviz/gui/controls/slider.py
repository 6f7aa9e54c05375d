"""The horizontal slider of the design, painted: thin groove, round handle."""

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSlider

from rnnviz.gui.theme import Theme


class Slider(QSlider):
    """A horizontal slider as in the design: thin groove, round handle, a click goes straight there."""

    double_clicked = Signal()

    HANDLE = 7.0  # radius in points
    MARGIN = 10.0  # from the groove's ends to the widget's edges: room for the focus ring

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(24)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.update()

    def handle_x(self) -> float:
        """Where the handle's middle stands, in points from the left."""
        share = (self.value() - self.minimum()) / max(self.maximum() - self.minimum(), 1)
        return self.MARGIN + share * (self.width() - 2 * self.MARGIN)

    def value_at(self, x: float) -> int:
        """The value under a point of the groove."""
        share = (x - self.MARGIN) / max(self.width() - 2 * self.MARGIN, 1)
        return self.minimum() + round(min(max(share, 0.0), 1.0) * (self.maximum() - self.minimum()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there and follow the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setValue(self.value_at(event.position().x()))
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse while its button is down."""
        if self.isSliderDown():
            self.setValue(self.value_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self.setSliderDown(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Somebody wants to type the value."""
        self.double_clicked.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw when enabled or disabled."""
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Groove, the part before the handle, handle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y, x = self.height() / 2, self.handle_x()
        self.paint_groove(painter, y, x)
        self.paint_handle(painter, QPointF(x, y))
        painter.end()

    def paint_groove(self, painter: QPainter, y: float, x: float) -> None:
        """The line that the handle slides on; `x` is where the handle stands."""
        pen = QPen(QColor(self._theme.line), 3)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(self.MARGIN, y), QPointF(self.width() - self.MARGIN, y))
        pen.setColor(QColor(self._theme.quiet))
        painter.setPen(pen)
        painter.drawLine(QPointF(self.MARGIN, y), QPointF(x, y))

    def paint_handle(self, painter: QPainter, at: QPointF) -> None:
        """A ring; with the keyboard on it a second ring around it."""
        theme = self._theme
        ink = QColor(theme.ink if self.isEnabled() else theme.quiet)
        painter.setPen(QPen(ink, 2))
        painter.setBrush(QColor(theme.panel))
        painter.drawEllipse(at, self.HANDLE - 1, self.HANDLE - 1)
        if self.hasFocus():
            painter.setBrush(ink)
            painter.drawEllipse(at, 2.5, 2.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(ink, 1.5))
            painter.drawEllipse(at, self.HANDLE + 2, self.HANDLE + 2)
