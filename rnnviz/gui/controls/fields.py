"""Fields: one value typed, or one of several chosen."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QKeyEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QStyle, QStyleOptionComboBox, QStylePainter

from rnnviz.gui.controls.icons import paint_symbol
from rnnviz.gui.theme import SIZE_SMALL, Theme, font

_BEFORE, _CHEVRON, _AFTER = 7, 10, 4
"""Of a combo box: before its text, the chevron, after it, in points."""

_POPUP_MARGINS = 24


class Choice(QComboBox):
    """A combo box with a drawn chevron that the mouse wheel cannot change in passing."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.currentIndexChanged.connect(lambda _: self.updateGeometry())

    def set_theme(self, theme: Theme) -> None:
        """Draw the chevron in another theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the present choice and the chevron."""
        text = self.fontMetrics().horizontalAdvance(self.currentText())
        return QSize(text + _BEFORE + _CHEVRON + _AFTER + 3, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Narrower than its text: that is set smaller, then shortened."""
        return QSize(40, super().sizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel that scrolls."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame, text and chevron; a text too long for the field is set in the small size."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        text, width = self.currentText(), self.width()
        face, before, side, after = self.font(), _BEFORE, _CHEVRON, _AFTER
        if self.fontMetrics().horizontalAdvance(text) > width - before - side - after - 1:
            face, before, side, after = font(SIZE_SMALL), _BEFORE - 2, _CHEVRON - 2, _AFTER - 1
        room = width - before - side - after - 1
        painter.setFont(face)
        painter.setPen(QColor(self._theme.ink if self.isEnabled() else self._theme.quiet))
        place = QRectF(before, 0, room + 1, self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, _shortened(text, face, room))
        chevron = QRectF(width - side - after, (self.height() - side) / 2, side, side)
        paint_symbol(painter, chevron, "down", QColor(self._theme.quiet))
        painter.end()

    def showPopup(self) -> None:
        """Open the list, wide enough for its widest choice."""
        texts = [self.itemText(i) for i in range(self.count())]
        widest = max((self.fontMetrics().horizontalAdvance(text) for text in texts), default=0)
        self.view().setMinimumWidth(widest + _POPUP_MARGINS)
        super().showPopup()


def _shortened(text: str, face: QFont, room: int) -> str:
    return QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, room)


class Field(QLineEdit):
    """A field for one value. Enter or leaving it finishes; Escape brings back what was there."""

    finished = Signal(str)
    nudged = Signal(int)  # up or down: +1, -1; Page up, Page down: +10, -10
    escaped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._settled = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.returnPressed.connect(self._finish)

    @property
    def settled(self) -> str:
        """The text that Escape brings back."""
        return self._settled

    def settle(self, text: str) -> None:
        """Show a text as the present value, even while the field is being edited."""
        self._settled = text
        if text != self.text():
            self.setText(text)
        if not self.hasFocus():
            self.setCursorPosition(0)  # a value too long for its field shows its beginning

    def offer(self, text: str) -> None:
        """Show a text as the present value, but never over what is being typed: Escape brings it."""
        if self.hasFocus() and self.text() != self._settled:
            self._settled = text
        else:
            self.settle(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow up and down nudge the value, Escape undoes the typing."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        if event.key() in steps:
            self.nudged.emit(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Escape:
            self.setText(self._settled)
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving the field finishes it; a menu or another window on top does not."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._finish()

    def _finish(self) -> None:
        if self.text() != self._settled:
            self._settled = self.text()
            self.finished.emit(self.text())
