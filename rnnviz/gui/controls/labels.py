"""Labels in the theme's type sizes, and the switch for what the style sheet looks at."""

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from rnnviz.gui.theme import SIZE_TEXT, font


def set_property(widget: QWidget, name: str, value: Any) -> None:
    """Set a dynamic property that the style sheet looks at, and let the new look take effect."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()


def label(text: str = "", role: str = "ink", size: int = SIZE_TEXT, bold: bool = False) -> QLabel:
    """A label in one of the four sizes; `role` gives its colour (see stylesheet.py)."""
    made = QLabel(text)
    made.setFont(font(size, bold))
    made.setProperty("role", role)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


class ElidedLabel(QLabel):
    """A label that shortens its text to the room there is, and shows all of it as its tool tip."""

    def __init__(self, role: str = "ink", size: int = SIZE_TEXT, bold: bool = False) -> None:
        super().__init__()
        self.setFont(font(size, bold))
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._whole = ""

    @property
    def whole(self) -> str:
        """The text before it was shortened."""
        return self._whole

    def set_whole(self, text: str) -> None:
        """Show a text, shortened in the middle if need be."""
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self._fit()
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """As narrow as a few letters."""
        return QSize(0, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """As wide as the whole text."""
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 4, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics = QFontMetrics(self.font())
        shown = metrics.elidedText(self._whole, Qt.TextElideMode.ElideMiddle, max(self.width() - 2, 0))
        self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")
