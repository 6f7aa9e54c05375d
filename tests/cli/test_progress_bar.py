import io

import pytest

from rnnviz.cli.progress_bar import ProgressBar, time_text


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("rnnviz.cli.progress_bar.time.monotonic", clock.monotonic)
    return clock


def test_a_terminal_sees_one_line_redrawn(clock: Clock) -> None:
    terminal = Terminal()
    bar = ProgressBar(terminal)
    bar.show(0.25, "a long text")
    clock.now += 1
    bar.show(0.5, "short")
    bar.clear()
    assert "\n" not in terminal.getvalue()
    _, first, second, blank, end = terminal.getvalue().split("\r")
    assert " 25 %  a long text" in first
    assert "50 %  short" in second
    assert len(second) == len(first), "the rest of the longer line is painted over"
    assert blank.isspace()
    assert end == ""


def test_it_is_not_redrawn_more_often_than_anyone_sees(clock: Clock) -> None:
    terminal = Terminal()
    bar = ProgressBar(terminal)
    for _ in range(1000):
        bar.show(0.1, "x")
    assert terminal.getvalue().count("\r") == 1


def test_a_log_file_gets_a_line_now_and_then(clock: Clock) -> None:
    log = io.StringIO()
    bar = ProgressBar(log)
    for _ in range(25):
        clock.now += 1
        bar.show(0.1, "x")
    bar.clear()
    assert log.getvalue().count("\n") == 2
    assert "\r" not in log.getvalue()


def test_a_reader_who_has_gone_stops_nothing(clock: Clock) -> None:
    terminal = Terminal()
    bar = ProgressBar(terminal)
    terminal.close()
    bar._redraws = True
    bar.show(0.1, "x")


def test_times_are_read_at_a_glance() -> None:
    assert [time_text(s) for s in (0, 65, 7380)] == ["0:00", "1:05", "2:03:00"]
