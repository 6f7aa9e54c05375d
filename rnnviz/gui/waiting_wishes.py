"""Wishes that are not sent yet, since something has to come before them."""

from collections.abc import Callable


class WaitingWishes:
    """What waits until the right answers of before are measured, or until what was taken back is undone."""

    def __init__(self) -> None:
        self._waiting: list[tuple[bool, Callable[[], None]]] = []
        self.measures = False
        """Whether the right answers of before are being measured."""

    def add(self, send: Callable[[], None], goes_on: bool) -> None:
        """One more; `goes_on`: it is more of the one before it, a valve that is dragged on."""
        self._waiting.append((goes_on, send))

    def send_all(self) -> None:
        """Send them in their order."""
        waiting, self._waiting = self._waiting, []
        for _, send in waiting:
            send()

    def forget_last(self) -> bool:
        """Drop the last one, a drag as a whole; False where it, or some of it, was sent already."""
        while self._waiting:
            goes_on, _ = self._waiting.pop()
            if not goes_on:
                return True
        return False

    def clear(self) -> None:
        """Another run: nothing is wished of it yet."""
        self._waiting.clear()
        self.measures = False
