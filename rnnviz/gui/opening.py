"""The ways in and out: a file by dialog, drop or name, an example, a dropped passage, a saved network."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from rnnviz.gui.preferences import Preferences
from rnnviz.gui.preparing import CHOOSE_TEXT
from rnnviz.gui.run import Message
from rnnviz.gui.session import Session
from rnnviz.gui.text_reference import reference_to, source_of
from rnnviz.text import Passage, Task, samples
from rnnviz.training import Saved, TextSource, is_checkpoint

KINDS = "Texts and networks (*.txt *.md *.safetensors);;All files (*)"
LARGEST_TEXT_TRIED_BYTES = 16_000_000
"""Of the recent files, to see whether a network was made with one; the text that is known is always tried."""


class Opening(QObject):
    """Knows what is being opened; the session opens it, beside whatever runs."""

    started = Signal()
    text_dropped = Signal(str)
    message = Signal(object)  # Message

    def __init__(self, session: Session, preferences: Preferences, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._preferences, self._window = session, preferences, window
        self.path: Path | None = None
        self._left_out = 0
        self._title = ""
        self._network: tuple[Path, Passage | None] | None = None  # the one whose text may have to be chosen
        session.heard.connect(self._on_event)

    @property
    def name(self) -> str:
        """What is being prepared, for people."""
        return self.path.name if self.path else self._title or "the network"

    def file(self, path: Path, left_out: int = 0) -> None:
        """Read a text, or take up a saved network; on success it replaces the run.

        `left_out` is how many more were dropped with it.
        """
        self.path, self._left_out, self._title = path, left_out, ""
        self.started.emit()
        if is_checkpoint(path):
            self._resume(path, source_of(self._preferences.text_of(path)))
        else:
            self._session.open(path)

    def kept_network(
        self, path: Path, title: str, source: TextSource | None, passage: Passage | None
    ) -> None:
        """Take up a network that a window kept by itself."""
        self.path, self._left_out, self._title = None, 0, title
        self.started.emit()
        self._resume(path, source, passage)

    def _resume(self, path: Path, source: TextSource | None, passage: Passage | None = None) -> None:
        """Look for its text where it was; else it may be the one that is open, a recent one, an example."""
        self._network = path, passage
        sources: list[TextSource] = [] if source is None else [source]
        run = self._session.run
        if run is not None and run.experiment.text is not None:
            sources.append(run.experiment.text)
        sources += [p for p in self._preferences.recent_files if p != path and _is_small_text(p)]
        sources += [sample.path for sample in samples()]
        self._session.resume(path, sources, passage)

    def on_action(self, key: str) -> None:
        """A button of a message was pressed."""
        if key == CHOOSE_TEXT and self._network is not None:
            network, passage = self._network
            text, _ = QFileDialog.getOpenFileName(
                self._window, "The text of the network", self._folder, KINDS
            )
            if text:
                self.path, self._left_out, self._title = Path(text), 0, ""
                self.started.emit()
                self._session.resume(network, [Path(text)], passage)

    def choose_checkpoint(self) -> None:
        """Ask where to save the network."""
        kinds = "Checkpoints (*.safetensors)"
        path, _ = QFileDialog.getSaveFileName(self._window, "Save the network", "network.safetensors", kinds)
        if path:
            self._session.save(Path(path))

    def task(self, task: Task) -> None:
        """Generate a memory task and open it."""
        self.path, self._left_out, self._title = None, 0, task.title
        self.started.emit()
        self._session.open(task)

    def sample(self, file: str) -> None:
        """Open one of the example texts."""
        self.file(next(s.path for s in samples() if s.file == file))

    def first_sample(self) -> None:
        """Open the example text that a first start shows."""
        self.file(samples()[0].path)

    @property
    def _folder(self) -> str:
        recent = self._preferences.recent_files
        return str(recent[0].parent) if recent else str(Path.home())

    def choose(self) -> None:
        """Ask for a text or a saved network."""
        path, _ = QFileDialog.getOpenFileName(self._window, "Open a text or a network", self._folder, KINDS)
        if path:
            self.file(Path(path))

    def drop(self, load: QMimeData) -> None:
        """Open the first file dropped; hand on a dropped text."""
        files = [Path(url.toLocalFile()) for url in load.urls() if url.isLocalFile()]
        if files:
            self.file(files[0], left_out=len(files) - 1)
        elif load.hasUrls():
            remedy = "Save it as a file and drop that."
            self.message.emit(Message("What was dropped is a link, not a file.", remedy, "warning"))
        elif load.text().strip():
            self.text_dropped.emit(load.text().strip())

    def succeeded(self, name: str) -> None:
        """The text is open: remember it, and say what was left out."""
        if self.path is not None and all(self.path != sample.path for sample in samples()):
            self._preferences.add_recent_file(self.path)
        if self._left_out:
            opened = f"{name} is open: one text at a time."
            self.message.emit(Message(opened, f"Drop the other {self._left_out} one by one."))

    def _on_event(self, event: object) -> None:
        """A network is saved: remember where its text is, so that it opens again without a question."""
        run = self._session.run
        if isinstance(event, Saved) and run is not None:
            self._preferences.remember_text_of(event.path, reference_to(run.experiment.text))

    def forget(self) -> None:
        """Nothing is being opened any more."""
        self.path, self._left_out, self._title = None, 0, ""


def _is_small_text(path: Path) -> bool:
    try:
        return path.stat().st_size <= LARGEST_TEXT_TRIED_BYTES and not is_checkpoint(path)
    except OSError:
        return False
