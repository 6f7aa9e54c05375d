"""Ctrl+C and the polite kill: a flag that the work looks at, so that a checkpoint can still be written."""

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any


class Interruption:
    """While entered, SIGINT, SIGTERM and SIGHUP set a flag; a second SIGINT stops at once.

    Only the main thread may take signals: in another the flag is simply never set.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        """True once somebody has asked to stop: fits wherever a `stop` or `cancelled` is wanted."""
        return self.asked

    def __enter__(self) -> "Interruption":
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                number = getattr(signal, name, None)
                # nohup ignores SIGHUP, and a shell's background job ignores SIGINT: they mean it.
                if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before.clear()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = True


def either(first: Callable[[], bool], then: Callable[[], bool]) -> Callable[[], bool]:
    """True when one of the two is; the second is asked only when the first is not."""
    return lambda: first() or then()
