"""Building up without looking for garbage: what modules and a new window make is there to stay.

Python's collector would go through all of it again and again, a tenth of the time to the first picture.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the collector rest."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
