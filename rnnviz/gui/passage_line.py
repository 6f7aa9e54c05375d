"""Keeps the ask line and the cursor on the passage that is drawn."""

from PySide6.QtCore import QObject

from rnnviz.gui.controls import AskLine
from rnnviz.gui.cursor import Cursor
from rnnviz.gui.session import Session
from rnnviz.probes import Trace
from rnnviz.text import Passage

FAR = 10**9
"""Past the end of any passage: the cursor stops at the last step."""


class PassageLine(QObject):
    """Reads the session, tells the ask line; the cursor fits the passage and begins anew with a new one."""

    def __init__(self, session: Session, cursor: Cursor, line: AskLine, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._cursor, self._line = session, cursor, line
        self._is_fresh = True
        self._shown: tuple[str, str, bool] | None = None  # text, answer, assumed
        self._watched_words: list[str] = []  # the passage watched, as tokens
        session.passage_changed.connect(self._on_passage)
        line.first_clicked.connect(lambda: cursor.move(time_step=0))
        line.previous_clicked.connect(lambda: cursor.move(time_step=cursor.state.time_step - 1))
        line.next_clicked.connect(lambda: cursor.move(time_step=cursor.state.time_step + 1))
        line.last_clicked.connect(lambda: cursor.move(time_step=FAR))

    def _on_passage(self, passage: Passage) -> None:
        self._line.show_passage(passage.text, passage.answer, assumed=not passage.answer)
        self._shown = None
        self._is_fresh = True
        run = self._session.run
        self._watched_words = list(run.experiment.corpus.encode(passage.text)[0]) if run else []

    def begin_anew(self) -> None:
        """What is drawn next is another passage: the cursor goes to where its error sets out."""
        self._is_fresh = True

    def stay(self) -> None:
        """What is drawn next has the columns of this passage: the cursor stays where it is."""
        self._is_fresh = False

    def fit_cursor(self, trace: Trace) -> None:
        """Keep the cursor within the passage, without telling the views: they are about to be drawn."""
        cursor = self._cursor
        blocked = cursor.blockSignals(True)
        cursor.fit(trace.length, trace.layers, trace.last_target_step)
        if self._is_fresh:
            self._is_fresh = False
            cursor.rewind()
            cursor.fit(trace.length, trace.layers, trace.last_target_step)
        cursor.blockSignals(blocked)

    def show(self, trace: Trace) -> None:
        """Say what is drawn and where the cursor stands: looking back it may be a passage of earlier."""
        word = "word" if self._session.settings.experiment.tokens == "word" else "character"
        self._line.show_position(self._cursor.state.time_step, trace.length, word)
        run = self._session.run
        if run is None:
            return
        corpus, passage = run.experiment.corpus, run.passage
        words = trace.words.tolist()
        if words != self._watched_words:
            passage = Passage(corpus.tokenizer.join(words), str(trace.target_words[-1]))
        answer = str(trace.target_words[-1]) if trace.assumed_answer else passage.answer
        shown = (passage.text, answer, trace.assumed_answer)
        if shown != self._shown:
            self._shown = shown
            self._line.show_passage(passage.text, answer, assumed=trace.assumed_answer)
