"""The training thread's side of the mailbox: when a trace is due, and what it may cost."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from rnnviz.probes import NEEDS, TraceRequest, chosen_lags
from rnnviz.training.experiment import Experiment
from rnnviz.training.frame import Frame, LaneProgress, Progress, Update, Validation
from rnnviz.training.mailbox import Mailbox
from rnnviz.training.meters import TraceBudget

_Place = tuple[int, int, int, int]
"""Run, change, generation and step: two traces of the same place are the same."""

TRACE_SHARE: Final = 0.05
"""The largest share of the training thread's time that goes into traces while it trains."""
WHOLE_SHARE: Final = 0.015
"""Of that, the share that goes into whole traces, with all that no visible view has asked for.

So whoever opens the spectrum after a thousand updates, or looks back at one, finds where it has been.
"""
WHOLE = NEEDS - {"probs"}  # the history keeps no probabilities
MOST_MULTIPLICATIONS = 40e6
"""Whole traces of more work than this, about 30 ms, are made for views that are seen and not beforehand."""
EIGENVALUES_COST = 10
"""Eigenvalues cost about as much as the singular values of so many lags."""


class Watching:
    """Answers the standing request: at once where it is new, then as often as the budget allows."""

    def __init__(self, mailbox: Mailbox, experiment: Experiment) -> None:
        self._mailbox = mailbox
        self._experiment = experiment
        self._budget = TraceBudget(TRACE_SHARE)
        self._whole_budget = TraceBudget(WHOLE_SHARE)
        self._idle = False  # nothing is trained meanwhile, so a whole trace costs nobody anything
        self._run_number = 0
        self._answered: _Place | None = None  # of the last trace

    def begin_new_run(self) -> None:
        """What was traced so far was another run: it has been started over."""
        self._run_number += 1
        self._mailbox.empty()

    def expect_change(self) -> None:
        """What was traced so far was before an intervention: the next trace is news."""
        self._mailbox.empty()

    def has_news_for(self, generation: int) -> bool:
        """Whether nothing has been answered yet to this request, since the last change. For any thread."""
        return self._answered is None or self._answered[:3] != self._place(generation)[:3]

    def is_due(self, request: TraceRequest | None, idle: bool) -> bool:
        """Whether to trace now: the mailbox is empty, what it would show is new, and its time has come.

        The first answer to a request is due at once; further ones keep to the budget unless `idle`.
        """
        self._idle = idle
        if request is None or not self._mailbox.wants_frame:
            return False
        if self.has_news_for(request.generation):
            return True
        return self._answered != self._place(request.generation) and (idle or self._budget.allows)

    def answer(
        self,
        request: TraceRequest,
        updates: Mapping[int, Update],
        validations: Mapping[int, Validation],
        tokens_per_s: float,
    ) -> None:
        """Trace what is watched in every lane and leave the frame, with each lane's last numbers."""
        # Noted before the attempt: a passage that cannot be traced fails once and not for ever.
        self._answered = self._place(request.generation)
        started = time.perf_counter()
        whole = self._idle or self._whole_budget.allows
        extra = self._affordable(len(request.tokens)) if whole else frozenset[str]()
        traced = replace(request, needs=request.needs | extra)
        frame = frame_of(self._experiment, traced, updates, validations, tokens_per_s, self._budget)
        took = time.perf_counter() - started
        self._budget.spent(took)
        if extra:
            self._whole_budget.spent(took)
        self._mailbox.put(frame)

    def _affordable(self, length: int) -> frozenset[str]:
        """What a whole trace of so many steps can have beside what is asked for, at no felt cost."""
        specs = [lane.model.spec for lane in self._experiment.lanes]
        of_one_lag = sum(spec.layers * float(spec.hidden) ** 3 for spec in specs)
        lags = len(chosen_lags(length))
        if of_one_lag * (EIGENVALUES_COST + lags) <= MOST_MULTIPLICATIONS:
            return WHOLE
        if of_one_lag * EIGENVALUES_COST <= MOST_MULTIPLICATIONS:
            return WHOLE - {"jacobian"}
        return WHOLE - {"jacobian", "spectrum"}

    def _place(self, generation: int) -> _Place:
        return self._run_number, self._experiment.changes.count, generation, self._experiment.step


def first_frame(experiment: Experiment, request: TraceRequest) -> Frame:
    """What is watched in networks that nothing has been measured of yet, for whoever is not the trainer."""
    return frame_of(experiment, request, {}, {}, float("nan"), TraceBudget(TRACE_SHARE))


def frame_of(
    experiment: Experiment,
    request: TraceRequest,
    updates: Mapping[int, Update],
    validations: Mapping[int, Validation],
    tokens_per_s: float,
    budget: TraceBudget,
) -> Frame:
    """What is watched in every lane, with each lane's last numbers and what traces cost so far."""
    traces = experiment.trace(request)
    first = next(iter(experiment.living), 0)
    update, validation = updates.get(first), validations.get(first)
    unknown = float("nan")
    progress = Progress(
        step=experiment.step,
        epoch=experiment.epoch,
        share_of_epoch=experiment.share_of_epoch,
        loss=update.loss if update else unknown,
        grad_norm=update.grad_norm if update else unknown,
        clip_factor=update.clip_factor if update else unknown,
        tokens_per_s=tokens_per_s,
        valid_loss=validation.loss if validation else unknown,
        valid_accuracy=validation.accuracy if validation else unknown,
        traces_per_s=budget.per_second,
        trace_share=budget.share,
    )
    lanes = _lanes(experiment, updates, validations)
    return Frame(
        experiment.step, request.generation, traces, progress, lanes,
        experiment.changes.count, experiment.run_number,
    )  # fmt: skip


def _lanes(
    experiment: Experiment, updates: Mapping[int, Update], validations: Mapping[int, Validation]
) -> tuple[LaneProgress, ...]:
    unknown = float("nan")
    return tuple(
        LaneProgress(
            title=lane.title,
            parameters=lane.model.spec.parameter_count(),
            loss=updates[number].loss if number in updates else unknown,
            valid_loss=validations[number].loss if number in validations else unknown,
            valid_accuracy=validations[number].accuracy if number in validations else unknown,
            failure=lane.failure,
            held=lane.held,
            clip_factor=updates[number].clip_factor if number in updates else unknown,
        )
        for number, lane in enumerate(experiment.lanes)
    )
