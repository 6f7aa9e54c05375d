"""The networks that the window has kept by itself: few files in one folder of the platform's own.

A network is a checkpoint and, beside it, a note in JSON: where its text was, what was watched, and whether
the window was closed in peace. Each running window names its files by a number of its own and holds a lock
while it lives, so that no other takes them for lost.
"""

import json
import os
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from PySide6.QtCore import QLockFile, QStandardPaths

from rnnviz.gui.text_reference import reference_to, source_of
from rnnviz.text import Passage
from rnnviz.training import CheckpointError, RunCopy, TextSource, checkpoint, whole_file

MOST_KEPT = 5
MOST_BYTES = 1_000_000_000
LARGEST_NOTE = 1_000_000  # bytes
_CHECKPOINT, _NOTE, _LOCK = ".safetensors", ".json", ".lock"
_NAME = re.compile(r"([0-9a-f]{12})-\d+")
_LEFT = re.compile(r"([0-9a-f]{12})(-\d+\.json|\.lock)")
_PART = re.compile(r"\.([0-9a-f]{12}-\d+\.(json|safetensors))\.\d+-\d+\.part")


@dataclass(frozen=True, slots=True)
class Kept:
    """A network in the folder."""

    path: Path  # of its checkpoint
    text: str  # the name of its text, for people
    step: int  # updates done
    saved_at: float  # seconds since 1970
    source: TextSource | None  # where its text was
    passage: Passage | None  # what was watched
    closed: bool  # its window was closed by its user
    abandoned: bool  # its window lives no more

    @property
    def title(self) -> str:
        """What it is, in words."""
        when = time.strftime("%d %b, %H:%M", time.localtime(self.saved_at))
        return f"{self.text}, update {self.step:,} ({when})"


class KeptNetworks:
    """The folder. Raises OSError or CheckpointError only where it says so."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` None: the platform's own place."""
        place = QStandardPaths.StandardLocation.AppDataLocation
        self.folder = folder or Path(QStandardPaths.writableLocation(place)) / "kept"
        self._window = uuid4().hex[:12]
        self._n_files = 0
        self._lock: QLockFile | None = None

    @property
    def is_writable(self) -> bool:
        """Whether networks can be written in the folder, or the folder be made."""
        places = (self.folder, *self.folder.parents)
        # Unlike Path.exists, this is False where a folder may not be entered.
        there = next((place for place in places if os.path.exists(place)), None)  # noqa: PTH110
        return there is not None and there.is_dir() and os.access(there, os.W_OK)

    # -- keeping ----------------------------------------------------------------------------------------

    def new_path(self) -> Path:
        """Where the next network of this window is kept."""
        self._n_files += 1
        return self.folder / f"{self._window}-{self._n_files}{_CHECKPOINT}"

    def keep(self, copy: RunCopy, path: Path, passage: Passage) -> None:
        """Write a network and its note, and make room for it; any thread. Raises OSError, CheckpointError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._hold_lock()
        self._make_room(copy.n_bytes, path)
        text = copy.experiment.text
        note = {
            "text": copy.experiment.corpus.name,
            "source": reference_to(text),
            "passage": [passage.text, passage.answer],
            "closed": False,
        }
        whole_file.write_whole(path.with_suffix(_NOTE), [json.dumps(note).encode()])
        checkpoint.write(copy, path)

    def _hold_lock(self) -> None:
        if self._lock is None:
            self._lock = _lock_of(self.folder, self._window)
            self._lock.tryLock(0)

    def _make_room(self, n_bytes: int, path: Path) -> None:
        """Remove the oldest until one more of this size keeps the bounds; living windows' are not touched."""
        others = sorted((p for p in self._files() if p != path), key=_modified)
        room = MOST_BYTES - n_bytes - sum(_size(p) for p in others)
        surplus = len(others) - (MOST_KEPT - 1)
        for other in others:
            if surplus <= 0 and room >= 0:
                return
            if self._is_abandoned(other) or self.is_own(other):
                surplus, room = surplus - 1, room + _size(other)
                self.remove(other)

    def adopt(self, kept: Kept) -> Path:
        """Take over a network that another window left; where it is now. Raises OSError."""
        path = self.new_path()
        self._hold_lock()
        with suppress(FileNotFoundError):
            os.replace(kept.path.with_suffix(_NOTE), path.with_suffix(_NOTE))  # noqa: PTH105
        kept.path.replace(path)
        return path

    def remove(self, path: Path) -> None:
        """Throw a network away, its note with it."""
        for part in (path, path.with_suffix(_NOTE)):
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def close(self) -> None:
        """The window is closed by its user: what it kept is not lost, only put away."""
        for path in self._files():
            if self.is_own(path):
                note = _note(path)
                with suppress(OSError):
                    whole_file.write_whole(
                        path.with_suffix(_NOTE), [json.dumps(note | {"closed": True}).encode()]
                    )
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    # -- finding again ------------------------------------------------------------------------------------

    def all(self) -> list[Kept]:
        """What is there, the newest first; what cannot be read is left out."""
        found = [self._kept(path) for path in sorted(self._files(), key=_modified, reverse=True)]
        return [kept for kept in found if kept is not None]

    def lost(self) -> list[Kept]:
        """What windows left that did not end in peace, the newest first; what else they left is swept."""
        self._sweep()
        return [kept for kept in self.all() if kept.abandoned and not kept.closed]

    def _sweep(self) -> None:
        """Remove unfinished parts, and notes and locks of windows that are dead and kept nothing."""
        try:
            names = [path.name for path in self.folder.iterdir()]
        except OSError:
            return
        for name in names:
            if part := _PART.match(name):
                whole_file.remove_stale_parts(self.folder / part[1])
            elif match := _LEFT.fullmatch(name):
                is_dead = self._is_abandoned(self.folder / f"{match[1]}-1")  # which removes a dead one's lock
                network = (self.folder / name).with_suffix(_CHECKPOINT)
                if is_dead and name.endswith(_NOTE) and network.name not in names:
                    self.remove(network)

    def _files(self) -> list[Path]:
        try:
            entries = list(self.folder.iterdir())
        except OSError:
            return []
        return [p for p in entries if p.suffix == _CHECKPOINT and _NAME.fullmatch(p.stem)]

    def _kept(self, path: Path) -> Kept | None:
        try:
            step = checkpoint.updates_in(path)
        except CheckpointError:
            return None
        note = _note(path)
        words = note.get("passage")
        watched = isinstance(words, list) and [type(word) for word in words] == [str, str] and words[0]
        return Kept(
            path,
            text=str(note.get("text", "a network"))[:200],
            step=step,
            saved_at=_modified(path),
            source=source_of(note.get("source")),
            passage=Passage(words[0], words[1]) if watched and words else None,
            closed=note.get("closed") is True,
            abandoned=self._is_abandoned(path),
        )

    def is_own(self, path: Path) -> bool:
        """Whether this window keeps it."""
        return path.stem.startswith(self._window)

    def _is_abandoned(self, path: Path) -> bool:
        """Whether the window that kept it lives no more. The lock of a dead one is removed by asking.

        It cannot be removed from a place that cannot be written; but there no window keeps anything.
        """
        if self.is_own(path):
            return False
        match = _NAME.fullmatch(path.stem)
        assert match is not None
        lock = _lock_of(self.folder, match[1])
        if not lock.tryLock(0):
            return lock.error() != QLockFile.LockError.LockFailedError or not self.is_writable
        lock.unlock()
        return True


def _lock_of(folder: Path, window: str) -> QLockFile:
    lock = QLockFile(str(folder / f"{window}{_LOCK}"))
    lock.setStaleLockTime(0)  # an evening is not too long: only the end of the process frees it
    return lock


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _note(path: Path) -> dict[str, Any]:
    """What stands beside a checkpoint; nothing where that cannot be read."""
    try:
        with path.with_suffix(_NOTE).open("rb") as file:
            note = json.loads(file.read(LARGEST_NOTE))
    except (OSError, ValueError, RecursionError):
        return {}
    return note if isinstance(note, dict) else {}
