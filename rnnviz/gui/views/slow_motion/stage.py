"""Where one update stands at a phase of slow motion: what is revealed, what moves, how far it has come.

Everything here is a function of the phase p in [0, 7), the number of steps T and the step t whose error is
followed. Nothing remembers an earlier moment, so that any of them can be painted and tested by itself.
"""

from dataclasses import dataclass
from functools import cached_property

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.probes import Trace, UpdateRecord

READ, REMEMBER, PREDICT, COMPARE, SEND_BACK, COLLECT, ADJUST = range(7)
END = 7.0

REST = 0.9
"""A wave through the columns is over at this part of its step: the eye needs a rest before the next."""
SPREAD = 1.6
"""Columns that move at the same time, but for states: each waits for the one before it."""
ARRIVED = 0.5
"""Of the time that a state takes: x_t and h_{t-1} have arrived, and it fills."""

RIGHT_BY, GAP_FROM, GAP_BY, LEAVES_FROM = 0.34, 0.42, 0.68, 0.8
"""Of "compare": all right answers are known; the gap opens, stands open, leaves for the loss."""
CLIMB, WALKED, OTHERS_FROM, OTHERS_BY = 0.12, 0.84, 0.86, 0.97
"""Of "send back": the error has climbed into the state, has walked back, and those of the others with it."""
FULL_STEPS, FULL_STEP, LONGEST_STEP = 2, 0.19, 0.3
"""The first steps back are shown in full and take this part of "send back" each; the rest hurry."""
ONE_WORD_BY, ALL_FROM, ALL_BY = 0.55, 0.64, 0.86
"""Of "collect": one word's shares have arrived; then those of all words."""
MOVED_BY, AGAIN_BY = 0.18, 0.7
"""Of "adjust": the weights have moved; with them the network has predicted anew."""


@dataclass(frozen=True, slots=True)
class Wave:
    """Something that runs through the columns from the first to the last; `head` columns have begun."""

    head: float
    spread: float = SPREAD  # columns that move at the same time

    def part(self, column: int) -> float:
        """How far one column has come, from 0 to 1."""
        return min(max((self.head - column) / self.spread, 0.0), 1.0)

    def done(self, columns: int) -> int:
        """How many columns are finished."""
        return min(max(int(self.head - self.spread + 1 + 1e-9), 0), columns)

    def moving(self, columns: int) -> list[tuple[int, float]]:
        """The columns that have begun and are not finished, with how far they have come."""
        first = self.done(columns)
        last = min(int(self.head) + 1, columns)
        return [(k, self.part(k)) for k in range(first, last) if self.part(k) > 0]


@dataclass(frozen=True, slots=True)
class Walk:
    """Where the error is on its way from step t back to the first."""

    step: int  # k: it leaves the state of this step
    part: float  # 0: has just arrived there; to 0.5 through f', to 1 through W into the step before
    over: bool  # it has reached the first step

    @property
    def place(self) -> float:
        """Where it stands in columns: k until f' is done, then on its way to k - 1."""
        return self.step - ease(max(self.part - 0.5, 0.0) * 2)


def ease(part: float) -> float:
    """From 0 to 1, slow at both ends."""
    part = min(max(part, 0.0), 1.0)
    return part * part * (3 - 2 * part)


def ramp(part: float, start: float, end: float) -> float:
    """From 0 at `start` to 1 at `end`."""
    return min(max((part - start) / (end - start), 0.0), 1.0)


@dataclass(frozen=True)
class Stage:
    """What of an update has happened at a phase."""

    phase: float
    length: int  # T
    error_step: int  # t

    @property
    def step(self) -> int:
        """Which of the seven steps: READ ... ADJUST."""
        return min(int(self.phase), ADJUST)

    @property
    def part(self) -> float:
        """How much of this step is over, from 0 to 1."""
        return min(self.phase - self.step, 1.0)

    def within(self, step: int) -> float:
        """How much of any step is over: 0 before it, 1 after it."""
        return min(max(self.phase - step, 0.0), 1.0)

    def _wave(self, part: float) -> Wave:
        return Wave(min(max(part, 0.0), 1.0) * (self.length + SPREAD))

    @cached_property
    def words(self) -> Wave:
        """Words that have dropped in."""
        return self._wave(self.within(READ) / REST)

    @cached_property
    def states(self) -> Wave:
        """States whose word and state before have arrived, and that have filled."""
        return Wave(min(self.within(REMEMBER) / REST, 1.0) * self.length, 1.0)

    @cached_property
    def filled(self) -> Wave:
        """How far those states have filled."""
        return Wave(self.states.head - ARRIVED, 1 - ARRIVED)

    @cached_property
    def predictions(self) -> Wave:
        """Predictions that stand."""
        return self._wave(self.within(PREDICT) / REST)

    @cached_property
    def answers(self) -> Wave:
        """Right answers, and the losses that follow from them."""
        return self._wave(self.within(COMPARE) / RIGHT_BY)

    @cached_property
    def again(self) -> Wave:
        """Columns that have been predicted anew with the new weights."""
        return self._wave((self.within(ADJUST) - MOVED_BY) / (AGAIN_BY - MOVED_BY))

    @property
    def gap(self) -> float:
        """How far p - y has opened beside the prediction."""
        return ease(ramp(self.within(COMPARE), GAP_FROM, GAP_BY))

    @property
    def leaving(self) -> float:
        """How far the gap has gone from the prediction to the loss."""
        return ease(ramp(self.within(COMPARE), LEAVES_FROM, 1.0))

    @property
    def climb(self) -> float:
        """How far the error has climbed from the loss into the state."""
        return ease(self.within(SEND_BACK) / CLIMB)

    @cached_property
    def walk(self) -> Walk | None:
        """The error's way back; None before it has entered the state."""
        part = self.within(SEND_BACK)
        if part < CLIMB:
            return None
        steps = self._steps_back((part - CLIMB) / (WALKED - CLIMB))
        if steps >= self.error_step:
            return Walk(0, 0.0, over=True)
        return Walk(self.error_step - int(steps), steps - int(steps), over=False)

    def _steps_back(self, part: float) -> float:
        """Steps walked after a part of the time: the first two in full, the rest ever faster."""
        steps = self.error_step
        if steps <= FULL_STEPS:
            return min(part / min(LONGEST_STEP, 1 / max(steps, 1)), steps)
        full = FULL_STEP / (WALKED - CLIMB)
        if part < FULL_STEPS * full:
            return part / full
        rest = ramp(part, FULL_STEPS * full, 1.0)
        return FULL_STEPS + (steps - FULL_STEPS) * rest * (0.5 + 0.5 * rest)

    @property
    def in_full(self) -> bool:
        """Whether the present step back is one of those shown in full."""
        return self.walk is not None and not self.walk.over and self.walk.step > self.error_step - FULL_STEPS

    @property
    def others(self) -> float:
        """How many of the other words' errors have gone the same way."""
        return ramp(self.within(SEND_BACK), OTHERS_FROM, OTHERS_BY)

    def share_of_word(self, step: int) -> float:
        """How far one word's share of a step has come on its way to W_hh; the last steps send first."""
        return self._flight(step, self.within(COLLECT) / ONE_WORD_BY)

    def share_of_all(self, step: int) -> float:
        """The same for the errors of all words together."""
        return self._flight(step, ramp(self.within(COLLECT), ALL_FROM, ALL_BY))

    def _flight(self, step: int, part: float) -> float:
        order = self.length - 1 - step
        flying = max(self.length * 0.5, 1.0)
        head = min(max(part, 0.0), 1.0) * (self.length - 1 + flying)
        return ease((head - order) / flying)

    @property
    def nudge(self) -> float:
        """How far the weights have moved."""
        return ease(self.within(ADJUST) / MOVED_BY)

    @property
    def focus(self) -> int:
        """The column where something happens: the one to be in sight."""
        last = self.length - 1
        wave = {READ: self.words, REMEMBER: self.states, PREDICT: self.predictions}.get(self.step)
        if wave is not None:
            return min(max(int(wave.head - (wave.spread - 1) / 2 - 1e-9), 0), last)
        if self.step == SEND_BACK and self.walk is not None:
            return self.walk.step
        return self.error_step

    def scrolled(self, axis: TimeAxis) -> TimeAxis:
        """The axis with the focus in sight: it turns half a page at a time, so that it seldom moves."""
        if not axis.scrolls:
            return axis
        half = max(int(axis.width / axis.column_width) // 2, 1)
        start = (self.focus // half) * half - half // 2
        return axis.scrolled(start * axis.column_width - axis.scroll)


def stage_of(record: UpdateRecord | None, cursor: CursorState) -> Stage | None:
    """The stage of an update under a cursor; None outside slow motion."""
    if record is None or cursor.phase is None:
        return None
    length = record.before.length
    return Stage(min(max(cursor.phase, 0.0), END), length, min(max(cursor.error_step, 0), length - 1))


def shown_trace(record: UpdateRecord, cursor: CursorState) -> Trace:
    """What views beside the score show of an update: it as it was, and in the end as it has become."""
    stage = stage_of(record, cursor)
    adjusted = stage is not None and stage.step == ADJUST and stage.part >= AGAIN_BY
    return record.after if adjusted and record.after is not None else record.before
