"""The numbers of every update, for the training plot: append-only, read from another thread, bounded.

When some millions of updates are in, each four neighbours give way to the two of them with the smallest
and the largest loss: the picture of the curve stays, peaks and all.
"""

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.training.frame import Update, Validation

COLUMNS = ("step", "loss", "grad_norm", "clip_factor", "tokens_per_s", "accuracy")
MOST_UPDATES = 2_000_000
FIRST_CAPACITY = 4096
_WHOLE_NUMBERS = ("index", "step")
_LOSS_COLUMN = 1 + COLUMNS.index("loss")


@dataclass(frozen=True, slots=True)
class LogMark:
    """How far a reader has come."""

    cuts: int = -1
    index: int = 0  # of the first update not seen
    n_validations: int = 0


@dataclass(frozen=True, slots=True)
class LogPart:
    """What came to a log since a mark, for a copy of it in another process."""

    replaces: bool  # the copy is to forget what it has
    total: int  # how many updates were ever appended
    rows: NDArray[np.float64]  # (n, 1 + len(COLUMNS)), the index first
    validations: tuple[Validation, ...]


class ScalarLog:
    """Loss, gradient norm, clip factor and speed of every update, and all validations."""

    def __init__(self, most_updates: int = MOST_UPDATES) -> None:
        self._most = max(most_updates, 8)
        self._lock = threading.Lock()
        self._rows = np.empty((min(FIRST_CAPACITY, self._most), 1 + len(COLUMNS)))
        self._n = 0
        self._total = 0
        self._cuts = 0
        self._validations: list[Validation] = []

    def __len__(self) -> int:
        return self._n

    @property
    def total(self) -> int:
        """How many updates were ever appended: the index that the next one will have."""
        return self._total

    @property
    def cuts(self) -> int:
        """How often numbers were taken out again: the run was started over, or went back."""
        return self._cuts

    @property
    def validations(self) -> tuple[Validation, ...]:
        """All validations so far, in order."""
        with self._lock:
            return tuple(self._validations)

    def validations_since(self, index: int) -> tuple[Validation, ...]:
        """The validations at or after an index, which counts from 0 since the log was last cleared."""
        with self._lock:
            return tuple(self._validations[index:])

    @property
    def n_validations(self) -> int:
        """How many validations there are."""
        return len(self._validations)

    def append(self, update: Update, tokens_per_s: float) -> None:
        """Add one update."""
        with self._lock:
            if self._n == len(self._rows):
                self._make_room()
            self._rows[self._n] = (
                self._total,
                update.step,
                update.loss,
                update.grad_norm,
                update.clip_factor,
                tokens_per_s,
                update.accuracy,
            )
            self._n += 1
            self._total += 1

    def append_validation(self, validation: Validation) -> None:
        """Add one validation."""
        with self._lock:
            self._validations.append(validation)

    def since(self, index: int) -> dict[str, NDArray[np.int64] | NDArray[np.float64]]:
        """What came at or after an index, as new arrays under the names in `COLUMNS`, and "index".

        Ask next time for `index[-1] + 1`; indices go on counting when numbers are taken out. Where `cuts` is
        not what it was, what was read before may have been taken out: read from 0 on.
        """
        with self._lock:
            first = int(np.searchsorted(self._rows[: self._n, 0], index))
            rows = self._rows[first : self._n].copy()
        return {
            name: rows[:, i].astype(np.int64) if name in _WHOLE_NUMBERS else rows[:, i].copy()
            for i, name in enumerate(("index", *COLUMNS))
        }

    def clear(self) -> None:
        """Forget all updates and validations: the run was started over. Indices go on."""
        with self._lock:
            self._n = 0
            self._validations = []
            self._cuts += 1

    def go_back(self, step: int, change: int) -> None:
        """Forget what came after so many updates and changes: the run went back. Indices go on."""
        with self._lock:
            self._n = int(np.searchsorted(self._rows[: self._n, 1 + COLUMNS.index("step")], step, "right"))
            self._validations = [v for v in self._validations if v.step <= step and v.change <= change]
            self._cuts += 1

    def last_update(self, lane: int = 0) -> Update | None:
        """The last update that is known, as one of a lane; None where there is none."""
        with self._lock:
            if not self._n:
                return None
            _, step, loss, norm, clip_factor, _, accuracy = self._rows[self._n - 1].tolist()
        return Update(int(step), loss, norm, clip_factor, 0, lane, accuracy)

    # -- a copy in another process --------------------------------------------------------------------

    @property
    def mark(self) -> LogMark:
        """Where it stands now."""
        with self._lock:
            return LogMark(self._cuts, self._total, len(self._validations))

    @property
    def whole(self) -> LogPart:
        """All of it."""
        return self.news(LogMark())[0]

    def news(self, seen: LogMark) -> tuple[LogPart, LogMark]:
        """What a copy lacks that has seen the log up to a mark, and the mark for the next time."""
        with self._lock:
            replaces = seen.cuts != self._cuts
            first = 0 if replaces else int(np.searchsorted(self._rows[: self._n, 0], seen.index))
            part = LogPart(
                replaces,
                self._total,
                self._rows[first : self._n].copy(),
                tuple(self._validations[0 if replaces else seen.n_validations :]),
            )
            return part, LogMark(self._cuts, self._total, len(self._validations))

    def take(self, part: LogPart) -> None:
        """Add what another log has got."""
        with self._lock:
            if part.replaces:
                self._n = 0
                self._validations = []
                self._cuts += 1
            for row in part.rows:
                if self._n == len(self._rows):
                    self._make_room()
                self._rows[self._n] = row
                self._n += 1
            self._validations.extend(part.validations)
            self._total = part.total

    def _make_room(self) -> None:
        if self._n < self._most:
            grown = np.empty((min(2 * self._n, self._most), self._rows.shape[1]))
            grown[: self._n] = self._rows
            self._rows = grown
            return
        quarters = self._n // 4
        blocks = self._rows[: 4 * quarters, _LOSS_COLUMN].reshape(quarters, 4)
        lowest, highest = blocks.argmin(axis=1), blocks.argmax(axis=1)
        highest[lowest == highest] = 3  # four equal losses: the first and the last of them
        kept = np.sort(np.stack([lowest, highest], axis=1), axis=1) + 4 * np.arange(quarters)[:, None]
        kept_rows = np.concatenate([kept.ravel(), np.arange(4 * quarters, self._n)])
        self._rows[: len(kept_rows)] = self._rows[kept_rows]
        self._n = len(kept_rows)
