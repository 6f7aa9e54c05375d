"""The time machine: frames of the whole run within a fixed memory.

When the memory is full every second kept moment is dropped and from then on only every second of the
former pace is kept, so the moments stay evenly spread from update 0 to now. It lives on its owner's thread.
"""

import bisect
import dataclasses
from dataclasses import dataclass

from rnnviz.training.course import Course
from rnnviz.training.frame import Frame


@dataclass(frozen=True, slots=True)
class _Moment:
    frame: Frame
    place: int  # how many moments were offered before it
    n_bytes: int


class History:
    """Kept frames in the order of their updates: the first one offered always, the newest always."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.course = Course()
        self.clear()

    def __len__(self) -> int:
        return len(self._moments)

    @property
    def steps(self) -> tuple[int, ...]:
        """The updates at which a moment is kept, ascending."""
        return tuple(moment.frame.step for moment in self._moments)

    @property
    def n_bytes(self) -> int:
        """Memory held by the arrays of all kept frames."""
        return self._n_bytes

    @property
    def first(self) -> Frame | None:
        """The earliest moment."""
        return self._moments[0].frame if self._moments else None

    @property
    def last(self) -> Frame | None:
        """The newest moment."""
        return self._moments[-1].frame if self._moments else None

    def clear(self) -> None:
        """Forget everything."""
        self._moments: list[_Moment] = []
        self._n_bytes = 0
        self._stride = 1  # every so-manieth moment offered is kept for good
        self.course.clear()

    def append(self, frame: Frame) -> None:
        """Offer a frame. One of the same update as the newest replaces it: something else is watched or held.

        A frame of a new run clears what was kept, one of a run that went back what was from there on.
        """
        last = self.last
        if last is not None and (frame.run != last.run or frame.step < last.step):
            if frame.run != last.run:
                self.clear()
            else:  # by an undo, or to the last snapshot of a process that died
                self.go_back(frame.step, frame.change + (frame.change == last.change))
        self.course.append(frame.step, frame.traces)
        place = 0
        if self._moments:
            newest = self._moments[-1]
            same = frame.step == newest.frame.step
            place = newest.place if same else newest.place + 1
            if same or newest.place % self._stride:
                self._n_bytes -= self._moments.pop().n_bytes
        frame = _without_probabilities(frame)
        moment = _Moment(frame, place, sum(trace.n_bytes for trace in frame.traces))
        self._moments.append(moment)
        self._n_bytes += moment.n_bytes
        while self._n_bytes > self.limit_bytes and len(self._moments) > 2:
            self._drop_every_second()

    def go_back(self, step: int, change: int) -> None:
        """The run went back to `step` by change number `change`: what was from there on has not been."""
        kept = [m for m in self._moments if m.frame.step < step or m.frame.change >= change]
        self._moments = kept
        self._n_bytes = sum(moment.n_bytes for moment in kept)
        self.course.go_back(step)
        for moment in kept:
            if moment.frame.change >= change:  # it came before anybody told that the run went back
                self.course.append(moment.frame.step, moment.frame.traces)

    def nearest(self, step: int) -> Frame:
        """The kept moment closest to an update, of two equally close the earlier. IndexError if empty."""
        if not self._moments:
            raise IndexError("nothing is kept yet")
        right = bisect.bisect_left(self._moments, step, key=lambda moment: moment.frame.step)
        left = self._moments[max(right - 1, 0)].frame
        after = self._moments[min(right, len(self._moments) - 1)].frame
        return left if step - left.step <= after.step - step else after

    def _drop_every_second(self) -> None:
        self._stride *= 2
        newest = self._moments[-1]
        self._moments = [m for m in self._moments if m.place % self._stride == 0 or m is newest]
        self._n_bytes = sum(moment.n_bytes for moment in self._moments)


def _without_probabilities(frame: Frame) -> Frame:
    """The same moment without the (T, V) probabilities; the likeliest candidates stay."""
    if all(trace.probs is None for trace in frame.traces):
        return frame
    return dataclasses.replace(
        frame, traces=tuple(dataclasses.replace(trace, probs=None) for trace in frame.traces)
    )
