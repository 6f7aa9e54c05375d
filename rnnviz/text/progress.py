"""How a long job says how far it is, and learns that nobody waits for it any more."""

from collections.abc import Callable

from rnnviz.text.errors import ReadingCancelled

Progress = Callable[[float, str], None]
"""Called with the share done, 0 to 1, and with what is being done, for people."""

Cancelled = Callable[[], bool]
"""True once the result is no longer wanted."""

PIECE_BYTES = 256 * 1024
"""One C call under the GIL cannot be pre-empted, so every job is done in pieces of about this size."""


def report(progress: Progress | None, share: float, doing: str) -> None:
    """Tell `progress`, if there is one, that `share` of the job is done."""
    if progress is not None:
        progress(min(1.0, max(0.0, share)), doing)


def stop_if(cancelled: Cancelled | None) -> None:
    """Raise ReadingCancelled if `cancelled` says so."""
    if cancelled is not None and cancelled():
        raise ReadingCancelled
