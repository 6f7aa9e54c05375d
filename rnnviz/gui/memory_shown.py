"""A memory experiment's results, as the view of it wants them."""

from collections.abc import Mapping, Sequence

from rnnviz.gui.views.experiment import CellShown, Entry, MemoryShown
from rnnviz.text import TASK_KINDS
from rnnviz.training import (
    SOLVED,
    CellChoice,
    MemoryPlan,
    MemoryResult,
    MemoryRun,
    findings,
    matched_words,
    summary,
)


def memory_shown(
    results: Sequence[MemoryResult],
    plan: MemoryPlan | None = None,
    now: Mapping[MemoryRun, float] | None = None,
) -> MemoryShown:
    """What is known so far; without a plan, as from a file, what the results themselves span."""
    cells = plan.cells if plan else tuple(dict.fromkeys(CellChoice(r.cell, r.activation) for r in results))
    distances = plan.distances if plan else tuple(sorted({r.distance for r in results}))
    task = plan.task if plan else results[0].task
    shown = tuple(
        CellShown(
            cell.title, tuple(_entry(results, cell, distance, plan, now or {}) for distance in distances)
        )
        for cell in cells
    )
    notes: list[tuple[str, bool]] = []
    if results:
        notes = [(text, False) for text in matched_words(results, plan.steps if plan else None)]
        # Of a part of the seeds it would be rash to say what is not as expected.
        whole = plan is None or len(results) >= plan.count
        for found in sorted(findings(results), key=lambda found: cells.index(found.cell)):
            why = f" {found.why}" if found.why and whole else ""
            notes.append((f"{found.cell.title}: {found.said}{why}", True))
    return MemoryShown(task, _chance(results, task), shown, tuple(notes))


def _entry(
    results: Sequence[MemoryResult],
    cell: CellChoice,
    distance: int,
    plan: MemoryPlan | None,
    now: Mapping[MemoryRun, float],
) -> Entry:
    mine = [r for r in results if (CellChoice(r.cell, r.activation), r.distance) == (cell, distance)]
    found = summary(mine, cell, distance)
    running = tuple(a for run, a in now.items() if (run.cell, run.task.distance) == (cell, distance))
    return Entry(
        distance=distance,
        seeds=tuple(r.accuracy for r in sorted(mine, key=lambda r: r.seed)),
        planned=plan.seeds if plan else len({r.seed for r in results}),
        mean=found.mean,
        spread=found.spread,
        solved=found.median >= SOLVED,
        now=running,
    )


def _chance(results: Sequence[MemoryResult], task: str) -> float:
    return results[0].chance if results else 1 / TASK_KINDS[task].choices
