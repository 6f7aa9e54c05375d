"""A switch: on or off, painted as in the design."""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from rnnviz.gui.theme import Theme

_WIDTH, _HEIGHT = 30.0, 16.0


class Switch(QCheckBox):
    """A check box that looks like a switch: the knob stands right and the groove is full when it is on."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Switch and focus ring."""
        return QSize(round(_WIDTH) + 6, 22)

    def minimumSizeHint(self) -> QSize:
        """As large as it is painted."""
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        """All of it can be clicked."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Groove, knob, focus ring."""
        theme, on = self._theme, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        groove = QRectF(self.width() - _WIDTH - 3, (self.height() - _HEIGHT) / 2, _WIDTH, _HEIGHT)
        painter.setPen(QPen(QColor(theme.ink if on else theme.quiet), 1))
        painter.setBrush(QColor(theme.ink if on else theme.field))
        painter.drawRoundedRect(groove, _HEIGHT / 2, _HEIGHT / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.on_ink if on else theme.quiet))
        x = groove.right() - _HEIGHT / 2 if on else groove.left() + _HEIGHT / 2
        painter.drawEllipse(QPointF(x, groove.center().y()), 5, 5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.ink), 1.5))
            painter.drawRoundedRect(groove.adjusted(-2.2, -2.2, 2.2, 2.2), 10, 10)
        painter.end()
