"""Updates told through a file that outlives the process: what it had done in the moment it was killed."""

import mmap
import struct
import time
from pathlib import Path
from typing import Any

from rnnviz.training import Experiment

_ENTRY = struct.Struct("<qd")  # an update, and when it was done (monotonic seconds)
_ENTRIES = 1 << 14
SIZE_BYTES = _ENTRY.size * _ENTRIES


class StepLog:
    """Entries in a mapped file, a ring of them: written by one process, read by another."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
        if not path.exists() or path.stat().st_size != SIZE_BYTES:
            path.write_bytes(bytes(SIZE_BYTES))
        self._file = path.open("r+b")
        self._map = mmap.mmap(self._file.fileno(), SIZE_BYTES)
        self._next = 0

    def clear(self) -> None:
        """Forget all."""
        self._map[:] = bytes(SIZE_BYTES)

    def append(self, step: int) -> None:
        """Note that so many updates are done now."""
        _ENTRY.pack_into(self._map, self._next % _ENTRIES * _ENTRY.size, step, time.monotonic())
        self._next += 1

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been noted yet: a look at one entry, for somebody who waits."""
        return not any(_ENTRY.unpack_from(self._map, 0))

    def entries(self) -> list[tuple[int, float]]:
        """(updates, when), by time."""
        found = [entry for entry in _ENTRY.iter_unpack(self._map[:]) if entry[1] > 0]
        return sorted(found, key=lambda entry: entry[1])

    def close(self) -> None:
        """Let the file go."""
        self._map.close()
        self._file.close()


def log_updates(path: Path) -> None:
    """From now on every update of this process is noted."""
    log, update = StepLog(path), Experiment.update

    def noted(self: Experiment, *arguments: Any, **named: Any) -> Any:
        result = update(self, *arguments, **named)
        log.append(self.step)
        return result

    Experiment.update = noted  # type: ignore[method-assign]
