"""Which tracks stand where: order, folding and heights, as data that can be kept as JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QRectF

from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks.track import Track
from rnnviz.probes import Trace

FOLDED_HEIGHT = 20.0
"""A folded track keeps its title."""


TALLEST = 10_000.0
"""Points that a track set by hand may be tall; more, as of a spoilt preferences file, counts as not set."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The user's wishes: order of the tracks, those folded, and heights dragged by hand."""

    order: tuple[str, ...] = ()  # names; tracks that are not listed follow in their own order
    folded: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()  # unfolded by hand: where room is short others fold first
    heights: tuple[tuple[str, float], ...] = field(default=())  # name, points

    def sorted(self, tracks: Iterable[Track]) -> list[Track]:
        """The tracks in the wished order."""
        place = {name: i for i, name in enumerate(self.order)}
        return sorted(tracks, key=lambda track: place.get(track.name, len(place)))

    def toggled(self, name: str, is_folded: bool) -> "Arrangement":
        """Folded if it is open; open if it is folded, by hand or for want of room."""
        if is_folded:
            return replace(self, folded=self.folded - {name}, opened=self.opened | {name})
        return replace(self, folded=self.folded | {name}, opened=self.opened - {name})

    def resized(self, name: str, height: float) -> "Arrangement":
        """With one track's height set by hand."""
        others = tuple(pair for pair in self.heights if pair[0] != name)
        return replace(self, heights=(*others, (name, height)))

    def moved(self, name: str, by: int, tracks: Sequence[Track], shown: Sequence[str]) -> "Arrangement":
        """With one track some places further down (or up, when negative) among those that are shown.

        `shown` are their names from top to bottom. A track that this network has nothing for is no place, and
        cannot be moved: another network may have come while its menu was open.
        """
        if name not in shown:
            return self
        names = [track.name for track in self.sorted(tracks)]
        at = shown.index(name)
        goal = shown[min(max(at + by, 0), len(shown) - 1)]
        if goal == name:
            return self
        names.remove(name)
        names.insert(names.index(goal) + (by > 0), name)
        return replace(self, order=tuple(names))

    def to_dict(self) -> dict[str, Any]:
        """For the preferences: strings, numbers and lists only."""
        return {
            "order": list(self.order),
            "folded": sorted(self.folded),
            "opened": sorted(self.opened),
            "heights": dict(self.heights),
        }

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> "Arrangement":
        """What `to_dict` gave; names that no longer exist do no harm, nonsense gives the default."""
        try:
            heights = [(str(n), float(h)) for n, h in dict(saved.get("heights", {})).items()]
            return cls(
                order=tuple(str(name) for name in saved.get("order", ())),
                folded=frozenset(str(name) for name in saved.get("folded", ())),
                opened=frozenset(str(name) for name in saved.get("opened", ())),
                heights=tuple((n, h) for n, h in heights if 0 < h <= TALLEST),
            )
        except (TypeError, ValueError, OverflowError):
            return cls()


@dataclass(frozen=True, slots=True)
class Placed:
    """One track in its place."""

    track: Track
    rect: QRectF
    folded: bool


def arrange(
    tracks: Sequence[Track], arrangement: Arrangement, trace: Trace, axis: TimeAxis, area: QRectF
) -> list[Placed]:
    """Fill an area from top to bottom.

    What is left over goes to the tracks that grow; what is missing is taken from all down to their
    minimum; if even that is too much, the lightest tracks fold, those opened by hand last.
    """
    tracks = arrangement.sorted(tracks)
    folded = {track.name for track in tracks if track.name in arrangement.folded}
    wanted = dict(arrangement.heights)
    hints = {track.name: track.height(trace, axis) for track in tracks}

    def least(name: str) -> float:
        return FOLDED_HEIGHT if name in folded else hints[name].minimum

    for track in sorted(tracks, key=lambda one: (one.name in arrangement.opened, one.weight)):
        if sum(least(one.name) for one in tracks) <= area.height() or len(tracks) == 1:
            break
        folded.add(track.name)
    heights = {
        name: FOLDED_HEIGHT if name in folded else max(wanted.get(name, hint.preferred), hint.minimum)
        for name, hint in hints.items()
    }
    spare = area.height() - sum(heights.values())
    if spare > 0:
        grows = {n: h.grows for n, h in hints.items() if n not in folded and n not in wanted}
        if not any(grows.values()):
            grows = {n: h.grows for n, h in hints.items() if n not in folded}
        weight = sum(grows.values())
        for name, grow in grows.items():
            heights[name] += spare * grow / weight if weight else 0.0
    elif spare < 0:
        room = {n: heights[n] - least(n) for n in heights}
        total = sum(room.values())
        for name, give in room.items():
            heights[name] += spare * give / total if total else 0.0
    placed, y = [], area.top()
    for track in tracks:
        bottom = axis.snap(y + heights[track.name])
        placed.append(Placed(track, QRectF(area.left(), y, area.width(), bottom - y), track.name in folded))
        y = bottom
    return placed
