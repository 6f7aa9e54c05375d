"""A sheet: a widget that shows one painted picture of results, the same on screen, as PNG and as SVG."""

from typing import Protocol

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.gui.theme import LIGHT, Theme, color

Readings = list[tuple[QRectF, str]]
"""Places of a picture and what stands there, with its unit; of places over each other the last one counts."""


class Content(Protocol):
    """What a sheet shows."""

    def paint(self, painter: QPainter, rect: QRectF, theme: Theme) -> Readings:
        """Paint it into a rectangle, and say what can be read where."""

    def described(self) -> str:
        """The same in words, for those who do not see it."""


def paint_sheet(painter: QPainter, content: Content, rect: QRectF, theme: Theme) -> Readings:
    """The content on the ground of the window."""
    painter.fillRect(rect, color(theme.ground))
    return content.paint(painter, rect, theme)


class Sheet(QWidget):
    """Told what to show; says the number under the mouse."""

    hovered = Signal(str)

    def __init__(self, theme: Theme = LIGHT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(420, 300)
        self.setMouseTracking(True)
        self._theme = theme
        self._readings: Readings = []
        self.content: Content | None = None

    def sizeHint(self) -> QSize:
        """The room of a page in a window of 1280x720."""
        return QSize(1000, 560)

    def show_content(self, content: Content) -> None:
        """Show this from now on."""
        if content == self.content:
            return
        self.content = content
        text = content.described()
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.update()

    def reading_at(self, at: QPointF) -> str:
        """What stands under a point; "" for nothing."""
        return next((text for place, text in reversed(self._readings) if place.contains(at)), "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the content."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.content is None:
            painter.fillRect(self.rect(), color(self._theme.ground))
        else:
            self._readings = paint_sheet(painter, self.content, QRectF(self.rect()), self._theme)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the number under the mouse."""
        self.hovered.emit(self.reading_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """No number is under the mouse any more."""
        self.hovered.emit("")
