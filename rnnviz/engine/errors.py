"""What can go wrong in the engine, by name."""


class Interrupted(Exception):  # noqa: N818 - nothing went wrong
    """A pass was dropped because its `stop()` turned true; the parameters are untouched."""


class ParameterMismatch(ValueError):  # noqa: N818 - what is wrong, not that it is
    """Arrays that do not fit this network; the message says which one, what it is and what it must be."""
