"""The ask line: walk through the passage, type another one, name the word that ought to come."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStyle, QStyleOptionFrame, QVBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.fields import Field
from rnnviz.gui.controls.labels import label, set_property
from rnnviz.gui.theme import SIZE_SMALL, SIZE_TEXT, Theme, font
from rnnviz.gui.views.wording import in_words

HEIGHT = 41
_BOX_RADIUS = 8.0
_GAPS = 50
_PASSAGE_ROOM = 170
"""Points for the passage below which labels give way to it: first "Ask", last "should say"."""
_LONGEST_PASSAGE = 100_000
"""Characters the field takes; a longer passage belongs into the text view."""

EMPTY_PASSAGE = "Type the words that the network shall read, then press Enter."


class PassageField(Field):
    """Shows the end of a long passage, where the question stands, until it is edited."""

    def shown(self) -> str:
        """What is to be seen now: the whole text while editing, else shortened at the left."""
        if self.hasFocus() or not self.text():
            return self.text()
        width = self._contents().width() - 4
        return self.fontMetrics().elidedText(_one_line(self.text()), Qt.TextElideMode.ElideLeft, width)

    def _contents(self) -> QRect:
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        return self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame as ever; the text shortened at the left unless it is being edited."""
        if self.hasFocus() or not self.text():
            super().paintEvent(event)
            return
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, option, painter, self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        place = self._contents().adjusted(2, 0, -2, 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.shown())
        painter.end()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show all of it, with the end in sight."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason,
                              Qt.FocusReason.ShortcutFocusReason):  # fmt: skip
            self.selectAll()


class AnswerField(Field):
    """The word that ought to come, in green; as wide as the word. Empty: the likeliest is assumed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.textChanged.connect(lambda _: self.updateGeometry())
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFont(font(SIZE_TEXT, bold=True))

    def sizeHint(self) -> QSize:
        """Room for the word, within reason."""
        text = self.text() or self.placeholderText()
        return QSize(min(max(self.fontMetrics().horizontalAdvance(text) + 20, 56), 190), 28)

    def minimumSizeHint(self) -> QSize:
        """As narrow as a short word."""
        return QSize(56, 28)

    def set_theme(self, theme: Theme) -> None:
        """Draw the box in another theme."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A dashed box, heavier with the keyboard in it. Style sheets dash their corners unevenly."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2.0 if self.hasFocus() else 1.3
        pen = QPen(QColor(self._theme.right), width)
        pen.setDashPattern([3.4 / width, 2.2 / width])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        inset = width / 2
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(box, _BOX_RADIUS, _BOX_RADIUS)
        painter.end()


class AskLine(QWidget):
    """Emits where to look and what to ask; it is told the passage and the position."""

    first_clicked = Signal()
    previous_clicked = Signal()
    next_clicked = Signal()
    last_clicked = Signal()
    asked = Signal(str, str)  # passage, answer ("" lets the likeliest be assumed)
    write_on_clicked = Signal()
    released = Signal()  # the keyboard may go back to the score

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", "bottom")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Ask line")
        self.first_button = Button("", theme, role="icon", symbol="first", name="First", tip="First (Home)")
        self.previous_button = Button(
            "", theme, role="icon", symbol="previous", name="Previous", tip="One back (Left)"
        )
        self.next_button = Button("", theme, role="icon", symbol="next", name="Next", tip="One on (Right)")
        self.last_button = Button("", theme, role="icon", symbol="last", name="Last", tip="Last (End)")
        self.position_label = label("", "quiet")
        self.passage_field = PassageField()
        self.answer_field = AnswerField(theme)
        self.write_on_button = Button("Write on", theme, tip="Let the network write on from this passage")
        self.error_label = label("", "failure", SIZE_SMALL)
        self._ask_label = label("Ask", bold=True)
        self._say_label = label("should say", "right")
        self._step, self._length, self._unit = 0, 0, "word"
        self._shape_fields()
        self._lay_out()
        self._connect()

    def _shape_fields(self) -> None:
        self.passage_field.setProperty("passage", "true")
        self.passage_field.setMaxLength(_LONGEST_PASSAGE)
        self.passage_field.setAccessibleName("Passage that the network reads")
        self.passage_field.setPlaceholderText("some words to read")
        self.passage_field.setMinimumWidth(90)
        self.answer_field.setProperty("answer", "true")
        self.answer_field.setMaxLength(200)
        self.answer_field.setAccessibleName("Word that ought to come next")
        self._ask_label.setBuddy(self.passage_field)
        self._say_label.setBuddy(self.answer_field)
        self.error_label.setVisible(False)
        self.error_label.setContentsMargins(12, 0, 12, 5)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(2)
        for button in (self.first_button, self.previous_button, self.next_button, self.last_button):
            row.addWidget(button)
        row.addSpacing(5)
        row.addWidget(self.position_label)
        row.addSpacing(6)
        row.addWidget(self._ask_label)
        row.addSpacing(4)
        row.addWidget(self.passage_field, 1)
        row.addSpacing(6)
        row.addWidget(self._say_label)
        row.addSpacing(2)
        row.addWidget(self.answer_field)
        row.addSpacing(4)
        row.addWidget(self.write_on_button)
        column.addLayout(row)
        column.addWidget(self.error_label)

    def _connect(self) -> None:
        self.first_button.clicked.connect(self.first_clicked)
        self.previous_button.clicked.connect(self.previous_clicked)
        self.next_button.clicked.connect(self.next_clicked)
        self.last_button.clicked.connect(self.last_clicked)
        self.write_on_button.clicked.connect(self.write_on_clicked)
        for field in (self.passage_field, self.answer_field):
            field.returnPressed.connect(self._ask)
            field.escaped.connect(self._escape)
            field.textEdited.connect(lambda _: self.show_error(""))

    def show_passage(self, text: str, answer: str, assumed: bool) -> None:
        """Show the watched passage; an assumed answer stands in the empty field as "the (likeliest)"."""
        self.passage_field.offer(text)
        self.answer_field.offer("" if assumed else answer)
        likeliest = f"{in_words(answer, self._unit)} (likeliest)" if assumed and answer else "likeliest"
        self.answer_field.setPlaceholderText(likeliest)
        self.answer_field.setToolTip(
            "The word that ought to come next. Empty: the likeliest is taken as the answer."
        )
        self.answer_field.updateGeometry()
        self._make_room()

    def show_position(self, step: int, length: int, unit: str) -> None:
        """Show where the cursor stands: `step` counts from 0, people read it from 1; `unit` "word"."""
        self._step, self._length, self._unit = step, length, unit
        self._enable_transport()
        self._make_room()

    def show_error(self, message: str) -> None:
        """Say under the line what is wrong with the passage; "" takes it away."""
        self.error_label.setText(message)
        self.error_label.setVisible(bool(message))
        set_property(self.passage_field, "wrong", "true" if message else "false")

    def set_writing_possible(self, possible: bool, reason: str = "") -> None:
        """Enable Write on, or say why not."""
        self.write_on_button.setEnabled(possible)
        self.write_on_button.setToolTip("Let the network write on from this passage" if possible else reason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the passage the room it needs."""
        super().resizeEvent(event)
        self._make_room()

    def minimumSizeHint(self) -> QSize:
        """The line without the labels that give way."""
        return QSize(460, super().minimumSizeHint().height())

    def edit(self) -> None:
        """Put the keyboard into the passage, all of it selected."""
        self.passage_field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in a theme."""
        for button in (self.first_button, self.previous_button, self.next_button, self.last_button,
                       self.write_on_button):  # fmt: skip
            button.set_theme(theme)
        self.answer_field.set_theme(theme)

    def _enable_transport(self) -> None:
        for button in (self.first_button, self.previous_button):
            button.setEnabled(self._step > 0)
        for button in (self.next_button, self.last_button):
            button.setEnabled(self._step < self._length - 1)

    def _make_room(self) -> None:
        """Let labels give way to the passage: "word 5 of 5" turns to "5 of 5" before any of them goes."""
        fixed = 4 * (24 + 2) + self.answer_field.sizeHint().width() + self.write_on_button.sizeHint().width()
        room = self.width() - 2 * 12 - fixed - _GAPS - _PASSAGE_ROOM
        others = self._say_label.sizeHint().width(), self._ask_label.sizeHint().width()
        position = self._write_position(f"{self._unit} ")
        if sum(others) + position > room:
            position = self._write_position("")
        giving_way = (self._ask_label, self.position_label, self._say_label)
        widths = (others[1], position, others[0])
        for i, widget in enumerate(giving_way):
            widget.setVisible(sum(widths[i:]) <= room)
        row = self.layout()
        if row is not None:
            row.activate()  # at once: else what has just come back is painted where it last stood

    def _write_position(self, unit: str) -> int:
        """Write where the cursor stands; the width it takes at the widest, wherever the cursor goes."""
        length = f"{self._length:,}"
        self.position_label.setText(f"{unit}{self._step + 1:,} of {length}" if self._length else "")
        width = self.position_label.fontMetrics().horizontalAdvance(f"{unit}{length} of {length}") + 2
        self.position_label.setMinimumWidth(width)
        return width

    def _ask(self) -> None:
        passage = self.passage_field.text()
        if not passage.strip() and "\n" not in passage and passage != " ":
            self.show_error(EMPTY_PASSAGE)
            return
        self.show_error("")
        self.asked.emit(passage, self.answer_field.text().strip())

    def _escape(self) -> None:
        self.show_error("")
        self.released.emit()


def _one_line(text: str) -> str:
    return " ".join(text.split()) if "\n" in text or "\r" in text else text
