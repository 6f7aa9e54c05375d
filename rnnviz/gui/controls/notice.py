"""Messages that do not stop anybody: what is wrong and what to do, in a bar over the score."""

from collections import deque
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.icons import paint_symbol
from rnnviz.gui.controls.labels import label
from rnnviz.gui.theme import Theme

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `actions` are (text of the button, key that `action_chosen` carries)."""

    severity: Severity
    text: str  # what is wrong, or what has happened
    remedy: str = ""  # what to do
    actions: tuple[tuple[str, str], ...] = ()


class _Symbol(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme, self.severity = theme, "note"
        self.setFixedSize(QSize(18, 18))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = self.theme.failure if self.severity == "error" else self.theme.ink
        paint_symbol(painter, QRectF(self.rect()), self.severity, QColor(colour))
        painter.end()


class Notice(QWidget):
    """Shows one message after the other; each stays until it is closed or an action is chosen. Esc closes."""

    action_chosen = Signal(str)
    closed = Signal()  # the last message is gone

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._waiting: deque[Message] = deque()
        self._message: Message | None = None
        self.setProperty("panel", "raised")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._symbol = _Symbol(theme)
        self.text_label = label("", bold=True)
        self.remedy_label = label("", "quiet")
        for words in (self.text_label, self.remedy_label):
            words.setWordWrap(True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.count_label = label("", "quiet")
        self.close_button = Button(
            "", theme, role="bare", symbol="close", name="Close this message", tip="Close (Esc)"
        )
        self.action_buttons: list[Button] = []
        self._actions = QHBoxLayout()
        self._actions.setSpacing(6)
        self._lay_out()
        self.close_button.clicked.connect(self.dismiss)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.activated.connect(self.dismiss)
        self.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(10)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.text_label)
        column.addWidget(self.remedy_label)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self._symbol, 0, top)
        row.addLayout(column, 1)
        row.addLayout(self._actions)
        row.addWidget(self.count_label, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.close_button, 0, top)

    @property
    def message(self) -> Message | None:
        """The message shown now."""
        return self._message

    @property
    def waiting(self) -> int:
        """How many more wait behind it."""
        return len(self._waiting)

    def post(self, message: Message) -> None:
        """Show a message, after those that are still unread; the same one is not queued twice."""
        if message == self._message or message in self._waiting:
            return
        self._waiting.append(message)
        if self._message is None:
            self._advance()
        else:
            self._show_count()

    def dismiss(self) -> None:
        """Close the message shown; the next one, if any, takes its place."""
        if self._message is not None:
            self._advance()

    def clear(self) -> None:
        """Take all messages away, for a new run."""
        self._waiting.clear()
        self.dismiss()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = self._symbol.theme = theme
        self.close_button.set_theme(theme)
        for button in self.action_buttons:
            button.set_theme(theme)
        self.update()

    def _advance(self) -> None:
        self._message = self._waiting.popleft() if self._waiting else None
        for button in self.action_buttons:
            self._actions.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.action_buttons = []
        if self._message is None:
            self.hide()
            self.closed.emit()
            return
        self._show(self._message)

    def _show(self, message: Message) -> None:
        self._symbol.severity = message.severity
        self._symbol.update()
        self.text_label.setText(message.text)
        self.remedy_label.setText(message.remedy)
        self.remedy_label.setVisible(bool(message.remedy))
        self.setAccessibleName(f"{message.severity.capitalize()}: {message.text} {message.remedy}".strip())
        for text, key in message.actions:
            button = Button(text, self._theme, role="small")
            button.clicked.connect(lambda _=False, chosen=key: self._choose(chosen))
            self._actions.addWidget(button)
            self.action_buttons.append(button)
        self._show_count()
        self.show()
        self.raise_()
        self.updateGeometry()

    def _show_count(self) -> None:
        self.count_label.setText(f"{len(self._waiting)} more" if self._waiting else "")
        self.count_label.setVisible(bool(self._waiting))

    def _choose(self, key: str) -> None:
        self._advance()
        self.action_chosen.emit(key)
