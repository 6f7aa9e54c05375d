"""A plain progress bar on standard error: one line that is redrawn, or a line now and then in a log."""

import math
import shutil
import sys
import time
from typing import TextIO

REDRAW_INTERVAL_S = 0.1
LINE_INTERVAL_S = 10.0
"""Where nobody can redraw a line (a log file), a new one is written this often."""
BAR_WIDTH = 24


class ProgressBar:
    """How far a job is. Call `show` as often as you like, and `clear` before anything else is printed."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._redraws = self._stream.isatty()
        self._interval = REDRAW_INTERVAL_S if self._redraws else LINE_INTERVAL_S
        self._shown_at = -math.inf if self._redraws else time.monotonic()
        self._width = 0  # of what stands in the line now
        self._full, self._empty = _bar_signs(self._stream)

    def show(self, share: float, text: str, *, at_once: bool = False) -> None:
        """Draw the bar at `share`, 0 to 1, with a text after it; left out if it was drawn a moment ago."""
        now = time.monotonic()
        if not at_once and now - self._shown_at < self._interval:
            return
        self._shown_at = now
        filled = round(min(max(share, 0.0), 1.0) * BAR_WIDTH)
        bar = self._full * filled + self._empty * (BAR_WIDTH - filled)
        line = f"{bar} {math.floor(min(max(share, 0.0), 1.0) * 100):3d} %  {text}"
        if self._redraws:
            line = line[: shutil.get_terminal_size().columns - 1]
            self._write("\r" + line + " " * (self._width - len(line)))
            self._width = len(line)
        else:
            self._write(line + "\n")

    def clear(self) -> None:
        """Take the bar away, so that a line of text can stand there."""
        if self._width:
            self._write("\r" + " " * self._width + "\r")
            self._width = 0

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # nobody listens any more: the job goes on
            self._width = 0


def _bar_signs(stream: TextIO) -> tuple[str, str]:
    try:
        "█░".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "#", "."
    return "█", "░"


def time_text(seconds: float) -> str:
    """`1:05` for 65 seconds, `2:03:00` for two hours and three minutes."""
    minutes, s = divmod(max(0, round(seconds)), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02d}:{s:02d}" if hours else f"{m}:{s:02d}"
