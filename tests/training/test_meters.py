"""Speed and the price of traces, by a clock that the test holds."""

import time

import pytest

from rnnviz.training.meters import RateMeter, TraceBudget


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)


def test_traces_stay_within_their_share_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    budget = TraceBudget(0.05)
    spent, start, n = 0.0, clock.now, 0
    cost = 0.001
    while clock.now < start + 20:
        if budget.allows:
            clock.now += cost
            spent += cost
            n += 1
            budget.spent(cost)
            cost = 0.004 if n % 50 == 49 else 0.001  # the price changes, the rate adapts
        clock.now += 0.0005  # an update
    share = spent / (clock.now - start)
    assert 0.045 < share < 0.0505
    assert budget.share == pytest.approx(0.05, abs=0.01)
    assert budget.per_second == pytest.approx(n / 20, rel=0.3)


def test_the_rate_is_what_was_counted_per_second_spent_on_it() -> None:
    meter = RateMeter()
    assert meter.per_second != meter.per_second  # NaN
    meter.add(100, 0.1)
    assert meter.per_second == pytest.approx(1000)
    for _ in range(10):
        meter.add(200, 0.1)
    assert meter.per_second == pytest.approx(2000)
