"""Contestants timed in turn, A B C A B C, so that what the machine does besides falls on all alike."""

import statistics
import time
from collections.abc import Callable, Mapping

LEAST_ROUNDS = 5


def seconds_in_turn(
    contestants: Mapping[str, Callable[[], object]],
    rounds: int = LEAST_ROUNDS,
    slice_s: float = 0.25,
    warm_up: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Name -> seconds a call, one number a round: each round gives each contestant a slice of time.

    How many calls fill a slice is found once, after some calls to warm up. Where all contestants compute on
    one thread `clock` may be that of the processor, which others who use the machine disturb less.
    """
    calls = {}
    for name, call in contestants.items():
        began = clock()
        for _ in range(warm_up):
            call()
            if clock() - began > slice_s:
                break
        calls[name] = max(1, round(slice_s / _seconds_a_call(call, slice_s / 4, clock)))
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, call in contestants.items():
            n = calls[name]
            if n > 1:
                call()  # what the one before has left in the caches is not this one's fault
            began = clock()
            for _ in range(n):
                call()
            seconds[name].append((clock() - began) / n)
    return seconds


def _seconds_a_call(call: Callable[[], object], at_least_s: float, clock: Callable[[], float]) -> float:
    """Over as many calls as take so long: a single one, right after the first ones, may take ten times that.

    (It did where a call has just started another process; its slices then had a few calls, all of them cold.)
    """
    n = 1
    while True:
        began = clock()
        for _ in range(n):
            call()
        took = clock() - began
        if took >= at_least_s:
            return took / n
        n *= 2


def median_ratio(slower: list[float], faster: list[float]) -> float:
    """How many times as fast: the median of the ratios of the rounds."""
    return statistics.median(a / b for a, b in zip(slower, faster, strict=True))
