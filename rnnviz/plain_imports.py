"""Loading modules past PySide's own `import`, which reads the source of each of them.

It looks there for the name of PySide, for the sake of `from __feature__ import ...`, which nobody does here:
23 of 496 ms of processor time to the first picture, 26 of 129 for the charts.
"""

import builtins
from collections.abc import Iterator
from contextlib import contextmanager

_import = builtins.__import__
"""Python's, where this is loaded before PySide."""


@contextmanager
def plain_imports() -> Iterator[None]:
    """Let Python's own `import` do, and load Qt, whose own it would be."""
    import PySide6.QtCore  # noqa: F401 - late: it puts its `import` in place as it is loaded

    theirs = builtins.__import__
    builtins.__import__ = _import
    try:
        yield
    finally:
        builtins.__import__ = theirs
