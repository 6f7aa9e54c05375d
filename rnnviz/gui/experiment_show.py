"""The memory experiment as the window runs it: right answers against distance, in the background."""

from functools import partial
from typing import Any

from PySide6.QtCore import QObject

from rnnviz.gui.controls.experiment_form import ExperimentForm
from rnnviz.gui.memory_shown import memory_shown
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.results_show import ResultsShow
from rnnviz.gui.theme import Theme
from rnnviz.gui.views.experiment import MemoryShown
from rnnviz.text import Task
from rnnviz.training import (
    CellChoice,
    MemoryPlan,
    MemoryResult,
    MemoryRun,
    Standing,
    TrainingError,
    read_table,
    table_text,
    train_in_background,
)


class ExperimentShow(ResultsShow):
    """Holds the plan and its results; they outlive the page, and the window."""

    title = "Memory experiment"

    def __init__(self, preferences: Preferences, theme: Theme, parent: QObject) -> None:
        self.form = ExperimentForm(theme)
        super().__init__(theme, parent, self.form)
        self._preferences = preferences
        self.plan: MemoryPlan | None = None  # that the results belong to
        self.results: list[MemoryResult] = []
        self._runs: tuple[MemoryRun, ...] = ()  # under way or waiting
        self._now: dict[MemoryRun, float] = {}
        self._remember()
        self.form.changed.connect(self.refresh)
        self.page.run_clicked.connect(self.run)
        self.page.anew_clicked.connect(self.start_anew)
        self.refresh()

    # -- commands -----------------------------------------------------------------------------------

    def run(self) -> None:
        """Train what is chosen and not done yet."""
        if self.background.is_running or self.form.problem():
            return
        chosen = self.form.plan()
        if not self._goes_on(chosen):
            self.results = []
        self.plan = chosen
        self._runs = chosen.runs(self.results)
        self._now = {}
        if self._runs:
            work = partial(train_in_background, chosen)
            self.begin(work, self._runs, [run.weight for run in self._runs])
        self.form.set_busy(self.background.is_running)
        self._keep()

    def start_anew(self) -> None:
        """Forget the results."""
        self.results, self.problem = [], ""
        self._keep()
        self.refresh()

    def _goes_on(self, chosen: MemoryPlan) -> bool:
        """Whether the results are part of what is chosen: more seeds, cells or distances may have come."""
        old = self.plan
        if old is None or (old.task, old.steps) != (chosen.task, chosen.steps):
            return False
        task = Task(chosen.task, chosen.distances[0])
        return all(old.settings(task, cell) == chosen.settings(task, cell) for cell in chosen.cells)

    # -- what comes ---------------------------------------------------------------------------------

    def on_told(self, job: int, what: Standing) -> None:
        """A network tells how far it is."""
        self._now[self._runs[job]] = what.accuracy
        self.background.note_share(job, what.share)
        self.refresh()

    def on_finished(self, job: int, result: MemoryResult) -> None:
        """A network is done: it is kept at once, whatever happens next."""
        self._now.pop(self._runs[job], None)
        self.results.append(result)
        self._keep()
        self.refresh()

    def _on_ended(self, problem: str) -> None:
        self._now = {}
        self.form.set_busy(False)
        super()._on_ended(problem)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        super().set_theme(theme)
        self.form.set_theme(theme)

    # -- what is shown ------------------------------------------------------------------------------

    @property
    def shown_plan(self) -> MemoryPlan | None:
        """The plan of the results, or the one in the form while there are none."""
        if self.results or self.background.is_running or self.form.problem():
            return self.plan
        return self.form.plan()

    def content(self) -> MemoryShown:
        """The picture as it stands."""
        plan = self.shown_plan
        if plan is None:
            return MemoryShown("recall", 0.25, (), ())
        return memory_shown(self._of(plan), plan, self._now)

    def _of(self, plan: MemoryPlan) -> list[MemoryResult]:
        """The results that belong to a plan: of a cell that was unticked they are kept and not shown."""
        return [
            r
            for r in self.results
            if CellChoice(r.cell, r.activation) in plan.cells
            and r.distance in plan.distances
            and r.seed <= plan.seeds
        ]

    def table(self) -> str:
        """Every result, in the order of the seeds."""
        return table_text(sorted(self.results, key=lambda r: r.seed))

    def said(self) -> str:
        """How many networks are done."""
        plan = self.shown_plan
        if plan is None:
            return ""
        done = len(self._of(plan))
        if self.background.is_running:
            return f"{done} of {plan.count} networks are done"
        if not self.results:
            return f"{plan.count} networks to train"
        return (
            f"all {done} networks are done"
            if done >= plan.count
            else f"stopped: {done} of {plan.count} are done"
        )

    def refresh_buttons(self) -> None:
        """Run what is chosen, or go on with what was begun."""
        why = self.form.problem()
        text = "Run"
        if self.results and not why:
            chosen = self.form.plan()
            left = len(chosen.runs(self.results)) if self._goes_on(chosen) else -1
            text = f"Go on ({left} left)" if left > 0 else "Run" if left else ""
        self.page.show_buttons(
            running=self.background.is_running, run_text=text, why_not=why,
            partial=bool(self.results), results=bool(self.results),
        )  # fmt: skip

    # -- between starts -----------------------------------------------------------------------------

    def _keep(self) -> None:
        plan = self.plan
        if plan is None:
            return
        self._preferences.experiment = {
            "cells": [str(cell) for cell in plan.cells],
            "distances": list(plan.distances),
            "seeds": plan.seeds,
            "task": plan.task,
            "steps": plan.steps,
            "given": dict(plan.given or {}),
            "table": table_text(self.results),
        }

    def _remember(self) -> None:
        """The experiment of last time; one that cannot be read back is as good as none."""
        kept = self._preferences.experiment
        if not kept:
            return
        try:
            plan = _plan_of(kept)
            results = list(read_table(kept["table"])) if kept["table"].count("\n") > 1 else []
        except (TrainingError, ValueError, TypeError, KeyError, AttributeError):
            return
        self.plan, self.results = plan, results
        self.form.show_plan(plan)


def _plan_of(kept: dict[str, Any]) -> MemoryPlan:
    """Raises ValueError, TypeError, KeyError where it is no plan."""
    plan = MemoryPlan(
        tuple(CellChoice.written(text) for text in kept["cells"]),
        tuple(int(distance) for distance in kept["distances"]),
        int(kept["seeds"]),
        str(kept["task"]),
        int(kept["steps"]),
        dict(kept["given"]),
    )
    if not plan.cells or not plan.distances or plan.seeds < 1:
        raise ValueError("an empty plan")
    return plan
