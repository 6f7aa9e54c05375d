"""The course of a run: memory and spectra of evenly spread moments from update 0 to now, in little room.

The history keeps whole traces and has to let most of them go; what is followed over training is a few numbers
a moment, of which hundreds are kept. It lives on its owner's thread.
"""

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from rnnviz.probes import Moment, Spectrum, Trace, moment_of, spectrum_of

MOST_MOMENTS: Final = 512
"""More than the points that a plot is wide."""
MOST_SPECTRA: Final = 128
"""Of a layer of 128 units one weighs 50 kB with its singular values."""

Item = TypeVar("Item")


class EvenlyKept(Generic[Item]):
    """Items by update, rising: at most so many, evenly spread, the first and the newest always among them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._kept: list[tuple[int, int, Item]] = []  # place among all that were offered, update, item
        self._stride = 1

    def append(self, step: int, item: Item) -> None:
        """Offer an item. One of the same update as the newest replaces it; one of an earlier begins anew."""
        if self._kept and step < self._kept[-1][1]:
            self.clear()
        place = 0
        if self._kept:
            newest = self._kept[-1]
            same = step == newest[1]
            place = newest[0] if same else newest[0] + 1
            if same or newest[0] % self._stride:
                self._kept.pop()
        self._kept.append((place, step, item))
        if len(self._kept) > self._most:
            self._stride *= 2
            last = self._kept[-1]
            self._kept = [one for one in self._kept if one[0] % self._stride == 0 or one is last]

    def go_back(self, step: int) -> None:
        """The run went back to an update: what came after it has not been."""
        self._kept = [one for one in self._kept if one[1] <= step]

    @property
    def newest_step(self) -> int:
        """The update of the newest item; -1 where there is none."""
        return self._kept[-1][1] if self._kept else -1

    @property
    def items(self) -> tuple[Item, ...]:
        """What is kept, rising by update."""
        return tuple(item for _, _, item in self._kept)


class Course:
    """What is followed of every lane of a run."""

    def __init__(self, most_moments: int = MOST_MOMENTS, most_spectra: int = MOST_SPECTRA) -> None:
        self._moments = EvenlyKept[tuple[Moment, ...]](most_moments)
        self._spectra = EvenlyKept[tuple[Spectrum | None, ...]](most_spectra)

    def clear(self) -> None:
        """Forget everything."""
        self._moments.clear()
        self._spectra.clear()

    def go_back(self, step: int) -> None:
        """The run went back to an update: what came after it has not been."""
        self._moments.go_back(step)
        self._spectra.go_back(step)

    def append(self, step: int, traces: Sequence[Trace]) -> None:
        """Note the traces of an update, one a lane. An earlier update than the newest begins a new run."""
        if step < self._moments.newest_step:
            self.clear()
        self._moments.append(step, tuple(moment_of(trace) for trace in traces))
        spectra = tuple(spectrum_of(trace) for trace in traces)
        if any(spectrum is not None for spectrum in spectra):
            self._spectra.append(step, spectra)

    def moments(self, lane: int = 0) -> tuple[Moment, ...]:
        """How far back the errors of a lane reached, rising by update."""
        return tuple(moments[lane] for moments in self._moments.items)

    def spectra(self, lane: int = 0) -> tuple[Spectrum, ...]:
        """The spectra of a lane that were measured, rising by update."""
        found = (spectra[lane] for spectra in self._spectra.items)
        return tuple(spectrum for spectrum in found if spectrum is not None)
