"""The two scales of a gradient view: linear in per cent, and labelled decades as a microscope."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.gui.views.wording import percent

MOST_DECADES, FEWEST_DECADES = 10, 2


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps a share of the error to a height between 0 and 1."""

    top: float  # the share at height 1
    bottom: float  # the share at height 0: 0 when linear
    logarithmic: bool

    def height(self, share: float) -> float:
        """Height of a share, clipped to [0, 1]; NaN for NaN."""
        if math.isnan(share):
            return share
        if not self.logarithmic:
            return min(max(share / self.top, 0.0), 1.0)
        if share <= self.bottom:
            return 0.0
        return min(math.log(share / self.bottom) / math.log(self.top / self.bottom), 1.0)

    def heights(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same for many at once; zeros stay 0, NaN stays NaN."""
        if not self.logarithmic:
            return np.clip(shares / self.top, 0.0, 1.0)
        safe = np.maximum(shares, self.bottom)  # NaN stays NaN
        return np.clip(np.log(safe / self.bottom) / math.log(self.top / self.bottom), 0.0, 1.0)

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """At most about `most` labelled shares, the highest first."""
        if not self.logarithmic:
            return [(self.top, percent(self.top) + " %"), (self.top / 2, "")] if self.top != 1 else [
                (1.0, "100 %"), (0.5, ""),
            ]  # fmt: skip
        high, low = round(math.log10(self.top)), round(math.log10(self.bottom))
        every = max(1, math.ceil((high - low + 1) / max(most, 1)))
        # Counted from 100 %, so that this line is always among them.
        return [(10.0**e, percent(10.0**e) + " %") for e in range(high, low - 1, -1) if (e % every) == 0]


def scale_for(shares: NDArray[np.float64], logarithmic: bool) -> Scale:
    """The scale for some shares: up to 100 %, or to a round number above when an error grows."""
    finite = shares[np.isfinite(shares)]
    most = float(finite.max()) if finite.size else 1.0
    if not logarithmic:
        return Scale(_round_up(most) if most > 1.02 else 1.0, 0.0, False)
    positive = finite[finite > 0]
    least = float(positive.min()) if positive.size else 1.0
    top = math.ceil(math.log10(most) - 1e-9) if most > 1.02 else 0
    bottom = min(math.floor(math.log10(least) + 1e-9), top - FEWEST_DECADES)
    return Scale(10.0**top, 10.0 ** max(bottom, top - MOST_DECADES), True)


def _round_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(m * power for m in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0) if m * power >= value * 0.9999)
