"""Where the name of a line may stand: near its line, on no line and on no other name, and steady."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSizeF

Points = NDArray[np.floating[Any]]
Line = tuple[Points, Points]

_ALONG = (0.85, 0.7, 0.55, 0.4, 1.0, 0.25)  # shares of the way along the line, in the order of preference
_MOST_SAMPLES = 4000
_APART = 3.0  # pixels between two samples: a name is several times as high
_AWAY = (6, 14, 24, 36, 50, 66)  # points from the line
_OUTSIDE, _ON_A_NAME, _OTHER_SIDE, _BESIDE, _NEAR = 500, 200, 4, 5, 80


def crossings(area: QRectF, lines: Sequence[Line]) -> int:
    """How many sampled points of some lines lie within a rectangle: what a label there would cover."""
    covered = 0
    for x, y in lines:
        inside = (x >= area.left()) & (x <= area.right()) & (y >= area.top()) & (y <= area.bottom())
        covered += int(inside.sum())
    return covered


def sampled(x: Points, y: Points) -> tuple[Points, Points]:
    """A line through points (N,) as one point for every few pixels of its way, for `crossings`."""
    known = np.isfinite(y) & np.isfinite(x)
    if known.sum() < 2:
        return x[known], y[known]
    x, y = x[known], y[known]  # not one for each pixel along x: a steep line would have none
    way = np.append(0.0, np.cumsum(np.hypot(np.diff(x), np.diff(y))))
    dense = np.linspace(0.0, way[-1], min(int(way[-1] / _APART) + 2, _MOST_SAMPLES))
    return np.interp(dense, way, x), np.interp(dense, way, y)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a name must keep clear of."""

    area: QRectF
    lines: Sequence[Line]
    names: Sequence[QRectF]

    def costs(self, rects: Sequence[QRectF]) -> NDArray[np.float64]:
        """How bad it would be to put a name into each of N places, (N,); all at once, being asked often."""
        padded = [rect.adjusted(-3, -2, 3, 2) for rect in rects]
        room = self.area.adjusted(0, 0, 1, 1)
        outside = [0 if room.contains(rect) else _OUTSIDE for rect in rects]
        on_names = [sum(rect.intersects(name) for name in self.names) for rect in padded]
        costs = np.array(outside, dtype=np.float64)  # (N,)
        costs += _APART * self._covered(padded)
        costs += np.multiply(_ON_A_NAME, on_names)
        return costs

    def _covered(self, rects: Sequence[QRectF]) -> NDArray[np.intp]:
        """`crossings` of N places, (N,)."""
        if not self.lines:
            return np.zeros(len(rects), dtype=np.intp)
        x = np.concatenate([x for x, _ in self.lines])  # (P,)
        y = np.concatenate([y for _, y in self.lines])
        sides = np.array([(r.left(), r.right(), r.top(), r.bottom()) for r in rects])[:, :, None]  # (N, 4, 1)
        inside = (x >= sides[:, 0]) & (x <= sides[:, 1]) & (y >= sides[:, 2]) & (y <= sides[:, 3])  # (N, P)
        covered: NDArray[np.intp] = np.count_nonzero(inside, axis=1)
        return covered


def place_label(
    size: QSizeF, own: Line, around: Surroundings, *, above: bool, before: QRectF | None = None
) -> QRectF:
    """Where a name of this size stands, `above` its own line or below it if that can be.

    It stays where it was `before` as long as it is in nobody's way there and still near its line.
    """
    x, y = own
    area = around.area
    if not len(x):
        return QRectF(area.right() - size.width(), area.top(), size.width(), size.height())
    if before is not None and abs(before.width() - size.width()) < 1 and not around.costs([before])[0]:
        center = before.center()
        if np.min(np.hypot(x - center.x(), y - center.y())) < _NEAR:
            return before
    places, extras = [], []
    for along in _ALONG:
        at = int(along * (len(x) - 1))
        for away in _AWAY:
            for place, extra in _places(float(x[at]), float(y[at]), away, size, area, above):
                places.append(place)
                extras.append(away / 10 + extra)
    return places[int(np.argmin(around.costs(places) + np.array(extras)))]


def _places(
    x: float, y: float, away: float, size: QSizeF, area: QRectF, above: bool
) -> list[tuple[QRectF, float]]:
    """Above, below, right and left of a point, each with what speaks against it.

    Beside its line a name keeps clear of a steep one.
    """
    width, height = size.width(), size.height()
    middle = min(max(x - width / 2, area.left() + 2), area.right() - width)
    return [
        (QRectF(middle, y - away - height, width, height), 0 if above else _OTHER_SIDE),
        (QRectF(middle, y + away, width, height), _OTHER_SIDE if above else 0),
        (QRectF(x + away, y - height / 2, width, height), _BESIDE if above else _BESIDE + _OTHER_SIDE),
        (
            QRectF(x - away - width, y - height / 2, width, height),
            _BESIDE + _OTHER_SIDE if above else _BESIDE,
        ),
    ]
