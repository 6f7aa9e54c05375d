"""text: the file itself, of any size; what is selected in it can be watched, and it can be searched."""

from typing import ClassVar

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from rnnviz.gui.theme import SIZE_SMALL, SIZE_TEXT, font
from rnnviz.gui.views.plots.plot import MARGIN, Plot
from rnnviz.gui.views.plots.text_lines import MOST_SELECTED, Lines, passage_between
from rnnviz.gui.views.plots.text_page import TextPage
from rnnviz.gui.views.plots.text_search import Match, TextSearch
from rnnviz.gui.views.wording import quoted
from rnnviz.text import Passage, tokenizer_named

LONGEST_SEARCH = 200
"""Characters: in a text of one sign alone each piece takes as many steps for each of its places, at which the
interpreter is nobody else's. With these it is 0.2 s at the worst, with the 32,767 of a field it was 27."""


class TextPlot(Plot):
    """The page, a search field above it and the button that watches what is selected below it."""

    name: ClassVar[str] = "text"
    title: ClassVar[str] = "Text"

    passage_chosen = Signal(str, str)
    """A passage is to be watched: the passage, and the token that follows it in the text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text: Lines | None = None
        self.page = TextPage()
        self.page.selection_changed.connect(self._show_selection)
        self.page.chosen.connect(self.choose)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search")
        self.field.setAccessibleName("Search the text")
        self.field.setClearButtonEnabled(True)
        self.field.setMaxLength(LONGEST_SEARCH)
        self.field.textEdited.connect(lambda: self._search(forward=True, from_here=True))
        self.field.installEventFilter(self)
        self.previous, self.next = QPushButton("Previous"), QPushButton("Next")
        self.previous.clicked.connect(lambda: self._search(forward=False))
        self.next.clicked.connect(lambda: self._search(forward=True))
        self.found = QLabel()
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.watch = QPushButton("Watch this")
        self.watch.clicked.connect(self.choose)
        self.search = TextSearch(self)
        self.search.ended.connect(self._search_ended)
        self._lay_out()
        self._show_selection()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.field, 1)
        top.addWidget(self.found)
        top.addWidget(self.previous)
        top.addWidget(self.next)
        bottom = QHBoxLayout()
        bottom.addWidget(self.hint, 1)
        bottom.addWidget(self.watch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, 4, MARGIN, 8)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self.page, 1)
        layout.addLayout(bottom)

    def set_text(self, text: Lines | None) -> None:
        """Show another text; the same one again stays as it is read."""
        if text is self.text:
            return
        self.search.stop()
        self.text = text
        self.found.clear()
        self.page.set_text(text)
        self._stale = True
        if self.is_wanted():
            self.refresh()

    def twin(self) -> Plot:
        """Itself: the page as it is scrolled."""
        return self

    def why_empty(self) -> str:
        """No text is open."""
        return (
            ""
            if self.text is not None and self.text.n_lines
            else "No text is open: open one to read it here."
        )

    def draw(self) -> None:
        """The page draws itself; only what a token is may have changed."""
        if self.page.noun != self.noun():
            self.page.noun = self.noun()
            self._show_selection()

    def apply_theme(self) -> None:
        """Colours and faces of the parts."""
        self.page.set_theme(self.theme)
        for label in (self.hint, self.found):
            label.setFont(font(SIZE_SMALL))
            label.setStyleSheet(f"color: {self.theme.quiet}")
        for widget in (self.field, self.previous, self.next, self.watch):
            widget.setFont(font(SIZE_TEXT))

    # The selection.

    def passage(self) -> Passage | None:
        """What is selected, and what follows it; None when nothing is."""
        start, end = self.page.selection()
        if self.text is None or start == end:
            return None
        passage = passage_between(self.text, start, end, self.noun())
        return passage if passage.text.strip() or self.noun() == "character" else None

    def _show_selection(self) -> None:
        passage = self.passage()
        self.watch.setEnabled(passage is not None)
        if passage is None:
            self.hint.setText("Select a passage to watch, then press Enter.")
            return
        then = f"should say {self._quoted(passage.answer)}" if passage.answer else "ends the text"
        if self.page.cut_short:
            then += f" · longest passage: {MOST_SELECTED[self.noun()]:,} characters"
        tokens = tokenizer_named("word" if self.noun() == "word" else "char").split(passage.text)
        n = len(tokens)  # as the ask line counts, commas too
        self.hint.setText(f"{n:,} {self.noun()}{'' if n == 1 else 's'}, {then}")

    def _quoted(self, token: str) -> str:
        return f"“{token}”" if self.trace is None else quoted(self.trace, token)

    def choose(self) -> None:
        """Watch what is selected."""
        passage = self.passage()
        if passage is not None:
            self.passage_chosen.emit(passage.text, passage.answer)

    # Searching.

    def _search(self, forward: bool, from_here: bool = False) -> None:
        needle = self.field.text()
        if self.text is None or not needle:
            self.search.stop()
            self.found.clear()
            return
        start, end = self.page.selection()
        place = start if from_here or not forward else (end if end != start else start)
        self.found.setText("searching …")
        self.search.start(self.text, needle, place, forward)

    def _search_ended(self, match: Match) -> None:
        if match.place is None:
            self.found.setText("not found")
            return
        line, column = match.place
        self.page.select((line, column), (line, column + len(match.needle)), centered=True)
        self.found.setText("from the other end" if match.wrapped else "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In the search field Enter goes on, Shift+Enter back, Escape returns to the page."""
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._search(forward=not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.search.stop()
                self.found.clear()
                self.page.setFocus()
                return True
        return super().eventFilter(watched, event)

    def start_search(self) -> None:
        """Go to the search field."""
        self.field.setFocus()
        self.field.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+F goes to the search field."""
        if event.key() == Qt.Key.Key_F and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.start_search()
        else:
            super().keyPressEvent(event)

    def shut_down(self) -> None:
        """End a search that is under way: the window is about to close."""
        self.search.shut_down()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End a search that is under way."""
        self.shut_down()
        super().closeEvent(event)
