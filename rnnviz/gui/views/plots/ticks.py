"""Where an axis has its labels: round values, in steps of 1, 2 or 5 times a power of ten."""

import math


def nice_ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round values within [low, high], 1, 2 or 5 apart times a power of ten."""
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return []
    step = 10.0 ** math.floor(math.log10((high - low) / max(most, 1)))
    while True:
        for multiple in (1, 2, 5):
            first, last = (
                math.ceil(low / (step * multiple) - 1e-9),
                math.floor(high / (step * multiple) + 1e-9),
            )
            if last - first + 1 <= max(most, 1):
                return [float(i * step * multiple) for i in range(first, last + 1)]
        step *= 10


FEW_DECADES = 2.2
"""Fewer decades than this have labels between the powers of ten."""


def log_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Where a log axis from 10^low to 10^high per cent has labels, 100 always: logarithms, rising.

    Whole decades, in even steps from 100; 2 and 5 between them where there are few.
    """
    if high - low < FEW_DECADES:
        exponents = range(math.floor(low), math.ceil(high) + 1)
        fine = [exponent + math.log10(multiple) for exponent in exponents for multiple in (1, 2, 5)]
        return [at for at in fine if low - 1e-9 <= at <= high + 1e-9]
    first, last = math.ceil(low), math.floor(high)
    step = max(1, -(-(last - first) // (most - 1)))
    down, up = range(2, first - 1, -step), range(2 + step, last + 1, step)
    return [float(exponent) for exponent in (*reversed(down), *up)]


def whole_ticks(low: float, high: float, steps: int) -> list[float]:
    """Round values from one at or below `low` to one at or above `high`, at most `steps` apart."""
    step = 10.0 ** math.floor(math.log10((high - low) / steps))
    while True:
        for multiple in (1, 2, 5):
            distance = step * multiple
            first, last = math.floor(low / distance + 1e-9), math.ceil(high / distance - 1e-9)
            if last - first <= steps:
                return [float(i * distance) for i in range(first, max(last, first + 1) + 1)]
        step *= 10
