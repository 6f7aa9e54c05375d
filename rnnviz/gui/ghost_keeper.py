"""Keeps the moment before something was changed, and says beside which moments it stands as a ghost."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from rnnviz.gui.views.ghost import Ghost
from rnnviz.gui.views.headline import Runs
from rnnviz.probes import Trace
from rnnviz.training import Frame

Cause = Callable[[Trace], Runs]
"""How the sentence begins that compares, in the words of a trace: "With the forget gate shut at x"."""

MOST_KEPT = 10
"""Changes that can be taken back to their ghosts; a ghost holds a whole frame."""


@dataclass(frozen=True, slots=True)
class _Before:
    """A frame of before. Frames with fewer changes, or answers to earlier requests, are not yet changed."""

    frame: Frame
    causes: tuple[tuple[int, Cause], ...]  # a wish and its words; more than one: the change went on
    change: int
    generation: int

    @property
    def wish(self) -> int:
        """The number of the change: of the first wish for it."""
        return self.causes[0][0]

    @property
    def cause(self) -> Cause:
        """In the words of the last wish for it."""
        return self.causes[-1][1]

    def without(self, wish: int) -> "_Before":
        """The same without one of the wishes."""
        return replace(self, causes=tuple(cause for cause in self.causes if cause[0] != wish))


class GhostKeeper:
    """The picture before the last change that still acts: one ghost at a time."""

    def __init__(self) -> None:
        self._kept: list[_Before] = []  # one a change; the last is the ghost
        self._made: tuple[Frame, _Before, tuple[Ghost, ...]] | None = None  # for the moment shown last

    @property
    def _before(self) -> _Before | None:
        return self._kept[-1] if self._kept else None

    @property
    def stands(self) -> bool:
        """Whether a moment is kept."""
        return bool(self._kept)

    @property
    def name(self) -> str:
        """ "ghost of update 240"."""
        return "" if self._before is None else f"ghost of update {self._before.frame.step:,}"

    def take(self, frame: Frame, cause: Cause, wish: int, *, change: int = 0, generation: int = 0) -> None:
        """Keep a frame; what follows has at least so many changes, and answers at least that request."""
        before = _Before(frame, ((wish, cause),), change, generation)
        self._kept = [*self._kept, before][-MOST_KEPT:]

    def say(self, cause: Cause, wish: int) -> None:
        """What was changed is going on: the moment before stays, the words are others."""
        if self._kept:
            last = self._kept[-1]
            self._kept[-1] = replace(last, causes=(*last.causes, (wish, cause)))

    def give_back(self, wish: int) -> None:
        """A wish was refused: what it alone kept goes, and of a change that went on only its words."""
        left = [kept.without(wish) for kept in self._kept]
        self._kept = [kept for kept in left if kept.causes]

    def go_back(self, wish: int) -> None:
        """A wish was taken back: what stood before it stands again."""
        self._kept = [kept for kept in self._kept if kept.wish < wish]

    def drop(self) -> None:
        """No ghost any more."""
        self._kept = []

    def beside(self, frame: Frame) -> tuple[Ghost | None, ...]:
        """The ghost of each lane beside a moment: none in a moment before the change."""
        before = self._before
        none = (None,) * len(frame.traces)
        if before is None or len(before.frame.traces) != len(frame.traces):
            return none
        if frame.change < before.change or frame.generation < before.generation:
            return none
        if self._made is None or self._made[0] is not frame or self._made[1] is not before:
            pairs = zip(before.frame.traces, frame.traces, strict=True)
            ghosts = tuple(Ghost(ghost, before.cause(trace)) for ghost, trace in pairs)
            self._made = (frame, before, ghosts)  # views compare by identity what they draw anew
        return self._made[2]

    def drop_what_does_not_fit(self, live: Frame) -> str:
        """A ghost belongs to a run, and to passages of its length: let it go, and tell why."""
        if self._before is None or live is self._before.frame:
            return ""
        kept = self._before.frame
        had, has = kept.traces[0].length, live.traces[0].length
        if live.run != kept.run:
            self.drop()
        elif had != has:
            self.drop()
            kind = live.traces[0].token_kind
            return f"The picture of before had {had} {kind}s and this passage has {has}: its ghost is gone."
        return ""
