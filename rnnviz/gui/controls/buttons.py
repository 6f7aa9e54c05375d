"""Push buttons with drawn icons."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton

from rnnviz.gui.controls.icons import icon
from rnnviz.gui.theme import Theme

_RING_RADIUS = 5.5


class Button(QPushButton):
    """A push button with a drawn icon. A click leaves the keyboard where it was; Tab reaches it."""

    def __init__(
        self, text: str, theme: Theme, *, role: str = "", symbol: str = "", name: str = "", tip: str = ""
    ) -> None:
        super().__init__(text)
        self._symbol = symbol
        self.setProperty("role", role)
        self.setAccessibleName(name or text)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Draw the icon in another theme."""
        self._theme = theme
        self._draw_icon()

    def set_symbol(self, symbol: str) -> None:
        """Show another icon of icons.SYMBOLS."""
        if symbol != self._symbol:
            self._symbol = symbol
            self._draw_icon()

    @property
    def symbol(self) -> str:
        """The icon shown, "" for none."""
        return self._symbol

    def _draw_icon(self) -> None:
        if self._symbol:
            ink = self._theme.on_ink if self.property("role") == "primary" else self._theme.ink
            self.setIcon(icon(self._symbol, ink, self._theme.quiet))
            self.setIconSize(QSize(14, 14))

    def paintEvent(self, event: QPaintEvent) -> None:
        """On the filled button the focus ring stands inside, where it has contrast."""
        super().paintEvent(event)
        if self.hasFocus() and self.property("role") == "primary":
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._theme.on_ink), 1.6))
            inside = QRectF(self.rect()).adjusted(3, 3, -3, -3)
            painter.drawRoundedRect(inside, _RING_RADIUS, _RING_RADIUS)
            painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button too, not only Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)
