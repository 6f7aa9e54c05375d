"""What can go wrong in the engine, by name; and how a pass is asked to stop."""

from collections.abc import Callable

Stop = Callable[[], bool]
"""True once the pass under way is no longer wanted."""


class Interrupted(Exception):  # noqa: N818 - nothing went wrong
    """A pass was dropped because its `stop()` turned true; the parameters are untouched."""


class ParameterMismatch(ValueError):  # noqa: N818 - what is wrong, not that it is
    """Arrays that do not fit this network; the message says which one, what it is and what it must be."""


def interrupt_if(stop: Stop | None) -> None:
    """Raise Interrupted if `stop` says so."""
    if stop is not None and stop():
        raise Interrupted
