"""sample: what the network writes on from the watched passage, word by word from its own predictions."""

from typing import ClassVar

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from rnnviz.gui.theme import SIZE_SMALL, SIZE_TEXT, SIZE_TITLE, color, font
from rnnviz.gui.views.plots.plot import MARGIN, Plot

_TEMPERATURE_STEPS = 40  # of the slider: 0.05 each, up to 2
_MOST_TOKENS = 2000


class SamplePlot(Plot):
    """A button that asks for a continuation, and the page on which it stands."""

    name: ClassVar[str] = "sample"
    title: ClassVar[str] = "Sample"

    write_wanted = Signal(int, float)
    """A continuation is wanted: number of tokens, temperature."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._written: tuple[str, str] | None = None
        self.button = QPushButton("Write on")
        self.button.setToolTip(
            "Let the network go on from the watched passage, one prediction after the other"
        )
        self.button.clicked.connect(self._ask)
        self.amount = QSpinBox()
        self.amount.setRange(1, _MOST_TOKENS)
        self.amount.setValue(50)
        self.amount.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.amount.setAccessibleName("How much to write")
        self.temperature = QSlider(Qt.Orientation.Horizontal)
        self.temperature.setRange(1, _TEMPERATURE_STEPS)
        self.temperature.setValue(16)
        self.temperature.setAccessibleName("Temperature")
        self.temperature.setToolTip(
            "Low: the network keeps to what it finds likeliest. High: it takes more risks."
        )
        self.temperature.valueChanged.connect(self._show_temperature)
        self._temperature_text = QLabel()
        self._temperature_name = QLabel("Temperature")
        self.page = QTextEdit()
        self.page.setReadOnly(True)
        self.page.setAccessibleName("What the network has written")
        self.page.setFrameShape(QTextEdit.Shape.NoFrame)
        self._lay_out()
        self._show_temperature()

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self.amount)
        first.addStretch(1)
        first.addWidget(self._temperature_name)
        first.addWidget(self.temperature, 2)
        first.addWidget(self._temperature_text)
        first.addWidget(self.button)
        self.page.setMinimumHeight(60)
        self._temperature_text.setMinimumWidth(28)
        self.temperature.setMinimumWidth(50)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, 6, MARGIN, 8)
        layout.setSpacing(6)
        layout.addLayout(first)
        layout.addWidget(self.page, 1)

    def temperature_value(self) -> float:
        """What the logits are divided by before the next word is drawn."""
        return self.temperature.value() * 2.0 / _TEMPERATURE_STEPS

    def _show_temperature(self) -> None:
        self._temperature_text.setText(f"{self.temperature_value():.2f}")

    def _ask(self) -> None:
        if not self.why_empty():
            self.write_wanted.emit(self.amount.value(), self.temperature_value())

    @property
    def written(self) -> tuple[str, str] | None:
        """The passage and what the network wrote after it; None before it was asked."""
        return self._written

    def twin(self) -> Plot:
        """Itself: the page as it is scrolled."""
        return self

    def show_written(self, passage: str, text: str) -> None:
        """Show what was written on: the passage in a quiet colour, then the network's own words."""
        self._written = (passage, text)
        self._set_page()

    def _set_page(self) -> None:
        self.page.clear()
        cursor = QTextCursor(self.page.document())
        invitation = "Press Write on, and the network goes on from the watched passage."
        passage, text = self._written if self._written is not None else (invitation, "")
        for part, name in ((passage, self.theme.quiet), (text, self.theme.ink)):
            look = QTextCharFormat()
            look.setForeground(color(name))
            look.setFont(font(SIZE_TITLE))
            cursor.insertText(part, look)
        self.page.verticalScrollBar().setValue(0)

    def draw(self) -> None:
        """Say what is counted: words or characters."""
        self.amount.setSuffix(f" {self.noun()}s")

    def empty_rect(self) -> QRect:
        """The whole of it: nothing can be written without a network."""
        return self.rect()

    def apply_theme(self) -> None:
        """Colours and faces of the page and the labels."""
        for label in (self._temperature_name, self._temperature_text):
            label.setFont(font(SIZE_SMALL))
            label.setStyleSheet(f"color: {self.theme.quiet}")
        self.button.setFont(font(SIZE_TEXT))
        self.amount.setFont(font(SIZE_TEXT))
        self.page.setStyleSheet(f"QTextEdit {{ background: {self.theme.panel}; color: {self.theme.ink} }}")
        self._set_page()
