"""Choosing the word that the network is to read instead of one of the passage."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCompleter, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.fields import Field
from rnnviz.gui.controls.labels import label, set_property
from rnnviz.gui.theme import SIZE_SMALL, Theme
from rnnviz.gui.views.wording import in_words, is_rare
from rnnviz.probes import Trace
from rnnviz.text import Passage

WIDTH = 380
MOST_LIKELY = 6


def likely_words(trace: Trace, step: int, spelling: Sequence[str]) -> tuple[str, ...]:
    """Words that could well stand there: what the network expects, for the first word the most frequent."""
    words = trace.candidate_words[step - 1].tolist() if step else list(spelling[: 2 * MOST_LIKELY])
    own = str(trace.words[step])
    return tuple(word for word in words if word != own and not is_rare(word))[:MOST_LIKELY]


def swapped(trace: Trace, step: int, word: str, join: Callable[[Sequence[str]], str], answer: str) -> Passage:
    """The passage of a trace with another word at one step."""
    words = trace.words.tolist()
    words[step] = word
    return Passage(join(words), answer)


class SwapDialog(QDialog):
    """A field that knows every word of the network, and buttons for the likeliest."""

    chosen = Signal(str)

    def __init__(
        self,
        before: str,
        likely: Sequence[str],
        known: Sequence[str],
        kind: str,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Swap a {kind}")
        self.setFixedWidth(WIDTH)
        self._known, self._kind = frozenset(known), kind
        self.field = Field()
        self.field.setAccessibleName(f"{kind.capitalize()} to read instead")
        completer = QCompleter(list(known), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.field.setCompleter(completer)
        self.problem_label = label("", "failure", SIZE_SMALL)
        self.problem_label.setWordWrap(True)
        self.problem_label.hide()
        self.buttons = [Button(in_words(word, kind), theme, role="small") for word in likely]
        for button, word in zip(self.buttons, likely, strict=True):
            button.clicked.connect(lambda _=False, word=word: self._choose(word))
        self.swap_button = Button("Swap", theme, role="primary", tip="Watch the passage so changed")
        self.cancel_button = Button("Cancel", theme)
        self._lay_out(in_words(before, kind))
        self.field.returnPressed.connect(self._try)
        self.swap_button.clicked.connect(self._try)
        self.field.escaped.connect(self.reject)
        self.cancel_button.clicked.connect(self.reject)
        self.field.setFocus()

    def _lay_out(self, before: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(label(f"Read instead of “{before}”:", bold=True))
        column.addWidget(self.field)
        column.addWidget(self.problem_label)
        if self.buttons:
            column.addWidget(label("or one that could well stand there:", "quiet"))
            row = QHBoxLayout()
            row.setSpacing(6)
            for button in self.buttons:
                row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel_button)
        foot.addWidget(self.swap_button)
        column.addSpacing(6)
        column.addLayout(foot)

    def _try(self) -> None:
        text = self.field.text() if self._kind == "character" else self.field.text().strip()
        wrong = text not in self._known
        set_property(self.field, "wrong", "true" if wrong else "false")
        problem = f"The network does not know “{text}”." if text else f"Type a {self._kind}."
        self.problem_label.setText(f"{problem} Choose one that stands in its text." if wrong else "")
        self.problem_label.setVisible(wrong)
        if not wrong:
            self._choose(text)

    def _choose(self, word: str) -> None:
        self.accept()
        self.chosen.emit(word)
