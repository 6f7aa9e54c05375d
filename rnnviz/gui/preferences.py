"""What the program remembers between starts, in the platform's own place."""

import json
import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from rnnviz.training import WORKERS, SettingError

MOST_RECENT = 8
MOST_NETWORKS = 50


class Preferences:
    """Theme, recent files, window place and track layout, kept by QSettings.

    A value that cannot be read back is as good as none: preferences never stop a start.
    """

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings("rnnviz", "rnnviz")

    @property
    def is_writable(self) -> bool:
        """Whether what is set lasts until the next start; here and now it holds all the same."""
        return self._store.isWritable()

    @property
    def folder(self) -> Path:
        """Where they are; on Windows the name of a place in the registry."""
        return Path(self._store.fileName()).parent

    @property
    def theme(self) -> str:
        """`light`, `dark` or `` for whatever the desktop says."""
        value = self._store.value("theme", "")
        return value if value in ("light", "dark") else ""

    @theme.setter
    def theme(self, name: str) -> None:
        self._store.setValue("theme", name)

    @property
    def workers(self) -> int:
        """How many processes train."""
        try:
            return int(WORKERS.check(self._store.value("workers", WORKERS.default)))
        except SettingError:
            return int(WORKERS.default)

    @workers.setter
    def workers(self, count: int) -> None:
        self._store.setValue("workers", count)

    @property
    def recent_files(self) -> list[Path]:
        """Newest first; files that have gone are left out."""
        value = self._json("recent_files")
        paths = [Path(p) for p in value if isinstance(p, str)] if isinstance(value, list) else []
        # Unlike Path.is_file, this is False where a folder may not be entered or a name is too long.
        return [p for p in paths if os.path.isfile(p)]  # noqa: PTH113

    def add_recent_file(self, path: Path) -> None:
        """Put one file at the head of the recent ones."""
        absolute = path.absolute()
        others = [p for p in self.recent_files if p != absolute]
        self._store.setValue("recent_files", json.dumps([str(p) for p in [absolute, *others][:MOST_RECENT]]))

    def text_of(self, network: Path) -> Any:
        """Where the text of a network saved here was, as `text_reference` has it; None: not known."""
        known = self._json("texts_of_networks")
        return known.get(str(network.absolute())) if isinstance(known, dict) else None

    def remember_text_of(self, network: Path, reference: dict[str, Any]) -> None:
        """Note where the text of a network is that has just been saved; the oldest of many is forgotten."""
        known = self._json("texts_of_networks")
        others = known if isinstance(known, dict) else {}
        others.pop(str(network.absolute()), None)
        last = list(others.items())[-(MOST_NETWORKS - 1) :]
        self._store.setValue(
            "texts_of_networks", json.dumps(dict(last) | {str(network.absolute()): reference})
        )

    @property
    def layout(self) -> dict[str, Any]:
        """Fold, order and height of the tracks, panels and tabs, as the views wrote it."""
        value = self._json("layout")
        return value if isinstance(value, dict) else {}

    @layout.setter
    def layout(self, value: dict[str, Any]) -> None:
        self._store.setValue("layout", json.dumps(value))

    @property
    def experiment(self) -> dict[str, Any]:
        """The memory experiment of last time, its plan and its table; empty where there was none."""
        value = self._json("experiment")
        return value if isinstance(value, dict) else {}

    @experiment.setter
    def experiment(self, value: dict[str, Any]) -> None:
        self._store.setValue("experiment", json.dumps(value))

    @property
    def geometry(self) -> QByteArray:
        """The window's place on the screen; empty at the first start."""
        value = self._store.value("geometry")
        return value if isinstance(value, QByteArray) else QByteArray()

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("geometry", value)

    def _json(self, key: str) -> Any:
        try:
            return json.loads(str(self._store.value(key, "null")))
        except (ValueError, RecursionError):
            return None
