"""How fast it goes: tokens a second of training alone, and what the traces cost."""

import time

MEASURED_OVER_S = 0.5


class RateMeter:
    """Something counted, per second spent on it, over about the last half second."""

    def __init__(self) -> None:
        self._count = 0
        self._seconds = 0.0
        self._measured = float("nan")

    def add(self, count: int, seconds: float) -> None:
        """So many were done in so many seconds."""
        self._count += count
        self._seconds += seconds
        if self._seconds >= MEASURED_OVER_S:
            self._measured = self._count / self._seconds
            self._count, self._seconds = 0, 0.0

    @property
    def per_second(self) -> float:
        """The rate; NaN before anything was counted."""
        if self._measured == self._measured:
            return self._measured
        return self._count / self._seconds if self._seconds > 0 else float("nan")


class TraceBudget:
    """Keeps traces within a share of the time, by waiting after each in proportion to what it cost."""

    def __init__(self, share: float) -> None:
        self._waits_per_cost = 1 / share - 1
        self._next_at = 0.0
        self._since = time.perf_counter()
        self._n = 0
        self._seconds = 0.0
        self.per_second = 0.0
        """Traces a second, measured over about the last half second."""
        self.share = 0.0
        """Share of the time that went into them, 0 to 1."""

    @property
    def allows(self) -> bool:
        """Whether the next trace keeps within the share."""
        return time.perf_counter() >= self._next_at

    def spent(self, seconds: float) -> None:
        """A trace has cost this much."""
        now = time.perf_counter()
        self._next_at = now + self._waits_per_cost * seconds
        self._n += 1
        self._seconds += seconds
        elapsed = now - self._since
        if elapsed >= MEASURED_OVER_S:
            self.per_second, self.share = self._n / elapsed, self._seconds / elapsed
            self._n, self._seconds, self._since = 0, 0.0, now
