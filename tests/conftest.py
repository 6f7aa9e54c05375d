"""For all tests: no thread outlives its test, and hypothesis never fails for being slow on a busy machine."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest
from hypothesis import settings

import rnnviz.one_blas_thread  # noqa: F401  # first: the tests run as the program does
from rnnviz.engine import CELLS

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

PATIENCE_S = 1.0
"""How long a thread that was told to end may still take; the promise to users is the same second."""

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what runs in the background so, and every program that a test starts would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("rnnviz", deadline=None)
settings.load_profile("rnnviz")


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Fail a test that leaves a thread behind."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]
    for thread in left:
        thread.join(PATIENCE_S)
    still_there = [thread.name for thread in left if thread.is_alive()]
    assert not still_there, f"threads left behind: {still_there}"


@pytest.fixture
def gru_is_not_built() -> Iterator[None]:
    """A program without the GRU; afterwards all cells are back, in their order."""
    cells = dict(CELLS)
    del CELLS["gru"]
    yield
    CELLS.clear()
    CELLS.update(cells)
