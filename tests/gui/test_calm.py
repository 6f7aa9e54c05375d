"""What stands beside the score: at once when asked for, calmly for live frames, and never left behind."""

import pytest
from pytestqt.qtbot import QtBot

from rnnviz.gui.calm import CALM_INTERVAL_MS, PATIENCE_MS, Calm


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


def test_a_frame_is_shown_at_leisure_and_the_last_of_a_burst_in_the_end(qtbot: QtBot) -> None:
    shown = Shown()
    shown.frame()
    assert shown.seen == [], "the score is being painted"
    shown.calm.at_leisure()
    assert shown.seen == [1]
    for _ in range(4):
        shown.frame()
        shown.calm.at_leisure()
    assert shown.seen == [1], "it was shown a moment ago"
    qtbot.waitUntil(lambda: shown.seen == [1, 5])  # though there was no leisure any more


def test_what_is_asked_for_meanwhile_is_shown_at_the_next_leisure(qtbot: QtBot) -> None:
    shown = Shown()
    shown.frame()
    shown.calm.at_leisure()
    shown.frame()
    shown.calm.next()
    assert shown.seen == [1]
    shown.calm.at_leisure()
    assert shown.seen == [1, 2]
    shown.there = 3
    shown.calm.next()
    qtbot.waitUntil(lambda: shown.seen == [1, 2, 3])  # where there is no leisure


def test_at_leisure_nothing_is_shown_that_is_not_new(qtbot: QtBot) -> None:
    shown = Shown()
    shown.calm.at_leisure()
    assert shown.seen == []


def test_what_is_asked_for_is_shown_at_once_after_a_frame_too(qtbot: QtBot) -> None:
    shown = Shown()
    shown.frame()
    shown.calm.at_leisure()
    shown.frame()
    shown.calm.now()
    assert shown.seen == [1, 2]


def test_a_moment_that_has_been_shown_is_not_shown_again_when_its_time_comes(qtbot: QtBot) -> None:
    shown = Shown()
    shown.frame()
    shown.calm.at_leisure()
    shown.frame()
    shown.calm.now()
    shown.frame()
    qtbot.waitUntil(lambda: shown.seen[-1] == 3)
    assert shown.seen == [1, 2, 3]


def test_after_the_end_nothing_is_shown(qtbot: QtBot) -> None:
    shown, other = Shown(), Shown()
    for one in (shown, other):
        one.frame()
        one.calm.at_leisure()
        one.frame()
    shown.calm.stop()
    qtbot.waitUntil(lambda: other.seen == [1, 2])  # the time of both has come
    assert shown.seen == [1]


class HeldTimer:
    """A timer whose time comes when the test says so."""

    def __init__(self) -> None:
        self.started: list[int] = []
        self.active = False

    def start(self, ms: int) -> None:
        self.started.append(ms)
        self.active = True

    def isActive(self) -> bool:  # noqa: N802
        return self.active


def test_who_asks_at_every_tick_does_not_put_it_off(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, timer = Shown(), HeldTimer()
    monkeypatch.setattr(shown.calm, "_timer", timer)
    for _ in range(5):
        shown.calm.next()
    assert timer.started == [PATIENCE_MS], "the first time stands"
    shown.there, timer.active = 1, False
    shown.calm._on_timeout()
    assert shown.seen == [1]
    for _ in range(5):
        shown.calm.next()
    assert timer.started == [PATIENCE_MS, CALM_INTERVAL_MS, PATIENCE_MS], "sooner than what is calm, once"
