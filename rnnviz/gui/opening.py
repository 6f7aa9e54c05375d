"""The ways in and out: a file by dialog, drop or name, an example, a dropped passage, a saved network."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from rnnviz.gui.preferences import Preferences
from rnnviz.gui.run import Message
from rnnviz.gui.session import Session
from rnnviz.text import Task, samples


class Opening(QObject):
    """Knows which text is being opened; the session opens it, beside whatever runs."""

    started = Signal()
    text_dropped = Signal(str)
    message = Signal(object)  # Message

    def __init__(self, session: Session, preferences: Preferences, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._preferences, self._window = session, preferences, window
        self.path: Path | None = None
        self._left_out = 0
        self._task_title = ""

    @property
    def name(self) -> str:
        """What is being prepared, for people."""
        return self.path.name if self.path else self._task_title or "the network"

    def file(self, path: Path, left_out: int = 0) -> None:
        """Read a text; on success it replaces the run. `left_out` is how many more were dropped with it."""
        self.path, self._left_out, self._task_title = path, left_out, ""
        self.started.emit()
        self._session.open(path)

    def choose_checkpoint(self) -> None:
        """Ask where to save the network."""
        kinds = "Checkpoints (*.safetensors)"
        path, _ = QFileDialog.getSaveFileName(self._window, "Save the network", "network.safetensors", kinds)
        if path:
            self._session.save(Path(path))

    def task(self, task: Task) -> None:
        """Generate a memory task and open it."""
        self.path, self._left_out, self._task_title = None, 0, task.title
        self.started.emit()
        self._session.open(task)

    def sample(self, file: str) -> None:
        """Open one of the example texts."""
        self.file(next(s.path for s in samples() if s.file == file))

    def first_sample(self) -> None:
        """Open the example text that a first start shows."""
        self.file(samples()[0].path)

    def choose(self) -> None:
        """Ask for a text file."""
        recent = self._preferences.recent_files
        folder = str(recent[0].parent) if recent else str(Path.home())
        kinds = "Texts (*.txt *.md);;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self._window, "Open a text", folder, kinds)
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

    def forget(self) -> None:
        """Nothing is being opened any more."""
        self.path, self._left_out, self._task_title = None, 0, ""
