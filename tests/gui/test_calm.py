"""What stands beside the score: at once when asked for, calmly for live frames, and never left behind."""

from pytestqt.qtbot import QtBot

from rnnviz.gui.calm import Calm


class Shown:
    """What is there to be shown, and what of it has been shown."""

    def __init__(self) -> None:
        self.there = 0
        self.seen: list[int] = []
        self.calm = Calm(lambda: self.seen.append(self.there))

    def frame(self) -> None:
        """A live frame has come."""
        self.there += 1
        self.calm.soon()


def test_the_first_of_a_burst_of_frames_is_shown_at_once_and_the_last_in_the_end(qtbot: QtBot) -> None:
    shown = Shown()
    for _ in range(5):
        shown.frame()
    assert shown.seen == [1]
    qtbot.waitUntil(lambda: shown.seen == [1, 5], timeout=2000)


def test_what_is_asked_for_is_shown_at_once_after_a_frame_too(qtbot: QtBot) -> None:
    shown = Shown()
    shown.frame()
    shown.frame()
    shown.calm.now()
    assert shown.seen == [1, 2]


def test_a_moment_that_has_been_shown_is_not_shown_again_when_its_time_comes(qtbot: QtBot) -> None:
    shown = Shown()
    shown.frame()
    shown.frame()
    shown.calm.now()
    shown.frame()
    qtbot.waitUntil(lambda: shown.seen[-1] == 3, timeout=2000)
    assert shown.seen == [1, 2, 3]


def test_after_the_end_nothing_is_shown(qtbot: QtBot) -> None:
    shown, other = Shown(), Shown()
    shown.frame()
    shown.frame()
    shown.calm.stop()
    other.frame()
    other.frame()
    qtbot.waitUntil(lambda: other.seen == [1, 2], timeout=2000)  # the time of both has come
    assert shown.seen == [1]
