"""The one time axis: which column a time step has, and how much room there is in it.

All lengths are points of the design (pixels at 100 %). Edges are rounded to device pixels, so that
columns of different tracks meet exactly and images need no smoothing.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

Tier = Literal["wide", "slant", "dense", "scroll"]

WIDE, SLANT, DENSE = 64.0, 28.0, 14.0
"""Column widths in points from which a tier begins; below DENSE (or DENSE_WORDS) the axis scrolls."""
DENSE_WORDS = 22.0
WIDEST = 200.0
"""A column never grows wider than this: a passage of two words must not look like two walls."""
MOST_ZOOM = 12.0
SLIVER = 0.6
"""A column of which no more points than these are in sight, by rounding, counts as out of sight."""
LEVEL_WORDS = 44.0
"""From this width on words stand level (shortened where needed); below it all slant, unless all are short."""


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Maps T time steps to columns between `left` and `left + width`; owns zoom and scroll."""

    length: int  # T
    left: float
    width: float
    characters: bool = False
    short_words: bool = False  # every word fits into the narrowest column
    zoom: float = 1.0  # 1: as many columns as fit
    scroll: float = 0.0  # points hidden on the left
    pixel_ratio: float = 1.0
    column_width: float = field(init=False, compare=False)  # points, before rounding to device pixels
    edges: tuple[float, ...] = field(init=False, compare=False, repr=False)  # (T + 1,), on device pixels

    def __post_init__(self) -> None:
        """Work out the columns once: they are asked for hundreds of times a frame."""
        object.__setattr__(self, "column_width", min(self._unzoomed * self.zoom, WIDEST))
        exact = self.left - self._offset + self.column_width * np.arange(self.length + 1)
        snapped = np.round(exact * self.pixel_ratio) / self.pixel_ratio
        object.__setattr__(self, "edges", tuple(snapped.tolist()))

    @property
    def narrowest(self) -> float:
        """The width in points below which columns scroll instead of shrinking."""
        return DENSE if self.characters else DENSE_WORDS

    @property
    def _unzoomed(self) -> float:
        """All columns, or as many whole ones as fit: none is cut in two at the end of the passage."""
        fitting = min(max(self.length, 1), max(int(self.width / self.narrowest), 1))
        return max(self.width / fitting, self.narrowest)

    @property
    def total(self) -> float:
        """Width of all columns together."""
        return self.column_width * self.length

    @property
    def scrolls(self) -> bool:
        """Whether a part of the passage is out of sight."""
        return self.total > self.width + 0.5

    @property
    def right(self) -> float:
        """Where the last visible column ends."""
        return self.left + min(self.total, self.width)

    @property
    def tier(self) -> Tier:
        """How much detail a column can hold."""
        width = self.column_width
        if width >= WIDE:
            return "wide"
        if width >= SLANT:
            return "slant"
        return "scroll" if self.scrolls and self.zoom == 1 else "dense"

    @property
    def roomy(self) -> bool:
        """Whether columns have gaps between them: tiers "wide" and "slant"."""
        return self.column_width >= SLANT

    @property
    def level_words(self) -> bool:
        """Whether words stand level; characters and words of a letter or two always do."""
        return self.characters or self.short_words or self.column_width >= LEVEL_WORDS

    @property
    def visible(self) -> range:
        """The steps of which at least a part is in sight."""
        width = self.column_width
        offset = self._offset
        first = int((offset + SLIVER) / width)
        last = int((offset + self.width - SLIVER) / width)
        return range(min(first, self.length), min(last + 1, self.length))

    @property
    def _offset(self) -> float:
        return min(max(self.scroll, 0.0), max(self.total - self.width, 0.0))

    def snap(self, x: float) -> float:
        """A coordinate rounded to device pixels."""
        return round(x * self.pixel_ratio) / self.pixel_ratio

    def column(self, step: int) -> tuple[float, float]:
        """Left and right edge of one step."""
        return self.edges[step], self.edges[step + 1]

    def center(self, step: int) -> float:
        """The middle of one step's column."""
        return (self.edges[step] + self.edges[step + 1]) / 2

    def step_at(self, x: float) -> int | None:
        """The step under a coordinate; None left of the first, right of the last or out of sight."""
        if not self.left <= x < self.right:
            return None
        step = int((x - self.left + self._offset) / self.column_width)
        return step if 0 <= step < self.length else None

    def nearest_step(self, x: float) -> int:
        """The step whose column is nearest to a coordinate, for drags that leave the columns."""
        step = int((min(max(x, self.left), self.right) - self.left + self._offset) / self.column_width)
        return min(max(step, 0), self.length - 1)

    def zoomed(self, factor: float, x: float | None = None) -> "TimeAxis":
        """Wider or narrower columns; the step under `x` (else the middle) stays where it is."""
        x = self.left + self.width / 2 if x is None else x
        steps = (x - self.left + self._offset) / self.column_width
        zoom = min(max(self.zoom * factor, 1.0), MOST_ZOOM, max(WIDEST / self._unzoomed, 1.0))
        wider = replace(self, zoom=zoom)
        return replace(wider, scroll=steps * wider.column_width - (x - self.left)).settled()

    def scrolled(self, points: float) -> "TimeAxis":
        """Moved by some points; positive shows later steps."""
        return replace(self, scroll=self._offset + points).settled()

    def revealing(self, step: int) -> "TimeAxis":
        """Scrolled as little as needed for one step, and a neighbour on each side, to be in sight."""
        width = self.column_width
        low = (step + 2) * width - self.width
        high = (step - 1) * width
        return replace(self, scroll=min(max(self._offset, low), high)).settled()

    def settled(self) -> "TimeAxis":
        """The same with scroll kept within the passage and on whole device pixels."""
        return replace(self, scroll=self.snap(self._offset))
