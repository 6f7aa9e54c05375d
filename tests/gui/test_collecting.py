"""What Qt owns is taken apart by the GUI thread alone."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from rnnviz.gui.collecting import Collecting

pytestmark = pytest.mark.collects_by_itself


@pytest.fixture
def collecting(qapp) -> Iterator[Collecting]:
    own = Collecting(qapp)
    yield own
    own.stop()
    own.deleteLater()
    kept.clear()


def a_cycle_of_qt(ended_in: list[str]) -> None:
    """An object that only the collector can end; it says which thread that was."""
    thing = QObject()
    thing.setProperty("of its own", 1)
    holder = {"thing": thing}
    thing.itself = holder
    weakref.finalize(thing, lambda: ended_in.append(threading.current_thread().name))


def make_many_objects() -> None:
    kept = [[] for _ in range(20_000)]
    kept.clear()


kept: list[list[int]] = []


def in_a_thread(work) -> None:
    thread = threading.Thread(target=work, name="busy")
    thread.start()
    thread.join()


def test_a_thread_that_makes_objects_ends_none_of_qts(qtbot, collecting):
    ended_in: list[str] = []
    a_cycle_of_qt(ended_in)
    in_a_thread(make_many_objects)
    assert ended_in == []
    for _ in range(3 * gc.get_threshold()[1]):  # as many as it takes to get to the older ones
        kept.extend([] for _ in range(1_000))
        collecting.collect()
    assert ended_in == [threading.main_thread().name]


def test_garbage_is_collected_while_the_window_idles(qtbot, collecting):
    ended_in: list[str] = []
    a_cycle_of_qt(ended_in)
    in_a_thread(lambda: kept.extend([] for _ in range(20_000)))
    qtbot.waitUntil(lambda: ended_in == [threading.main_thread().name], timeout=15_000)


def test_without_it_the_other_thread_would(qtbot):
    ended_in: list[str] = []
    gc.collect()
    a_cycle_of_qt(ended_in)
    in_a_thread(make_many_objects)
    assert ended_in == ["busy"]
