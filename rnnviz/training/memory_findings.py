"""What a memory experiment found, in words that are worked out from its results, beside what was expected.

Expected, from the literature:

- Bengio, Simard and Frasconi, Learning long-term dependencies with gradient descent is difficult, IEEE
  Transactions on Neural Networks 5 (1994): a plain recurrent network learns by gradient descent ever more
  seldom as the gap grows, since the error of a state that is held shrinks exponentially on its way back.
- Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 9 (1997): for a logistic unit f' is
  at most 1/4, so its error fades faster; an LSTM, whose error runs along c, bridges gaps of more than 1,000
  steps.
- Cho et al., Learning phrase representations using RNN encoder-decoder, EMNLP 2014: the GRU, with a state
  that its gate z carries on.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from rnnviz.engine import CELLS
from rnnviz.training.memory_experiment import SOLVED, CellChoice, MemoryResult, summary
from rnnviz.training.settings import SETTINGS

NEAR_CHANCE = 0.08
"""A median no further above guessing counts as guessing: some 500 answers are asked."""
HALF = 0.5
LITTLE_LEFT = 1e-3
"""A share of the error below which a start gives learning nothing to go by."""

EXPECTED = (
    "Expected. Plain RNNs learn short distances and fail at longer ones, ever more often as the gap grows "
    "(Bengio, Simard & Frasconi 1994); with a sigmoid, whose f' is at most 1/4, sooner than with tanh "
    "(Hochreiter & Schmidhuber 1997).",
    "The LSTM, whose error runs along c, and the GRU, whose z does the same (Cho et al. 2014), learn far "
    "longer ones: of the LSTM gaps of more than 1,000 steps are reported (Hochreiter & Schmidhuber 1997). A "
    "network without recurrence only guesses.",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """How far back one cell learned. A distance is solved where the median over the seeds is right."""

    cell: CellChoice
    solved: int  # the longest distance up to which all that were tried are solved; 0: none
    failed: int | None  # the shortest that is not solved
    medians: tuple[tuple[int, float], ...]  # (distance, median accuracy) of the distances with results
    said: str  # what was found
    why: str  # where it is not as expected: in what, and why that may be; "" where it is


def findings(results: Sequence[MemoryResult]) -> tuple[Finding, ...]:
    """What came of each cell, in the order in which the cells first appear."""
    cells = dict.fromkeys(CellChoice(r.cell, r.activation) for r in results)
    return tuple(_finding(cell, [r for r in results if _cell(r) == cell], results) for cell in cells)


def _cell(result: MemoryResult) -> CellChoice:
    return CellChoice(result.cell, result.activation)


def _finding(cell: CellChoice, mine: Sequence[MemoryResult], all_of_them: Sequence[MemoryResult]) -> Finding:
    distances = sorted({r.distance for r in mine})
    medians = tuple((d, summary(mine, cell, d).median) for d in distances)
    failed = next((d for d, median in medians if not median >= SOLVED), None)
    solved = max((d for d, _ in medians if failed is None or d < failed), default=0)
    said = _said(medians, solved, failed, mine)
    why = _why(cell, medians, solved, failed, mine, all_of_them)
    return Finding(cell, solved, failed, medians, said, why)


def _said(
    medians: Sequence[tuple[int, float]],
    solved: int,
    failed: int | None,
    mine: Sequence[MemoryResult],
) -> str:
    seeds = len({r.seed for r in mine})
    over = "one seed" if seeds == 1 else f"the median of {seeds} seeds"
    if failed is None:
        return f"right at every distance tried, to {solved} ({over})."
    level = dict(medians)[failed]
    begins = f"right to distance {solved}" if solved else "right at no distance tried"
    if math.isnan(level):
        return f"{begins}; at {failed} training broke ({over})."
    tail = f"at {failed} {100 * level:.0f} % right"
    guessing = _guesses_from(medians, mine[0].chance)
    if guessing == failed:
        tail = f"at {failed} it only guesses ({100 * level:.0f} %)"
    elif guessing is not None:
        tail += f", from {guessing} on it only guesses"
    later = [d for d, median in medians if d > failed and median >= SOLVED]
    if later:
        tail += f", yet right again at {_listed(later)}"
    return f"{begins}; {tail} ({over})."


def _guesses_from(medians: Sequence[tuple[int, float]], chance: float) -> int | None:
    """The shortest distance from which on every median is about chance."""
    found = None
    for distance, median in reversed(medians):
        if not median <= chance + NEAR_CHANCE:
            break
        found = distance
    return found


def _why(
    cell: CellChoice,
    medians: Sequence[tuple[int, float]],
    solved: int,
    failed: int | None,
    mine: Sequence[MemoryResult],
    all_of_them: Sequence[MemoryResult],
) -> str:
    """Where a cell's outcome is not the expected one, and what in the results explains it."""
    kind = CELLS[cell.cell]
    if not kind.recurrent:
        return (
            ""
            if failed == medians[0][0]
            else "Not as expected: without recurrence there is nothing to remember by."
        )
    if kind.gate_names:
        return "" if failed is None else _why_gates_failed(cell, failed, mine)
    parts = []
    if failed is None:
        budget = max(r.updates for r in mine if r.distance == medians[-1][0])
        parts.append(
            f"Not as expected: it did not fail. Distance {medians[-1][0]} was learned within {budget:,} "
            "updates, so it is too short to tell the cells apart; try longer ones."
        )
    else:
        caught = [name for name, far in _gated_reach(all_of_them) if far <= solved]
        if caught:
            parts.append(f"Not as expected: it got as far as {_listed(caught)} did.")
        later = [d for d, median in medians if d > failed and median >= SOLVED]
        if later:
            parts.append(
                f"Not as expected: {failed} failed and {_listed(later)} did not. With so few seeds the luck "
                "of the start shows; more seeds would tell."
            )
    lucky = _lucky(mine, failed)
    if lucky:
        parts.append(lucky)
    return " ".join(parts)


def _gated_reach(results: Sequence[MemoryResult]) -> list[tuple[str, int]]:
    """(name, longest distance solved) of the cells with gates."""
    cells = dict.fromkeys(_cell(r) for r in results)
    reach = []
    for cell in cells:
        if CELLS[cell.cell].gate_names:
            mine = [r for r in results if _cell(r) == cell]
            far = 0
            for distance in sorted({r.distance for r in mine}):
                if not summary(mine, cell, distance).median >= SOLVED:
                    break
                far = distance
            reach.append((cell.title, far))
    return reach


def _lucky(mine: Sequence[MemoryResult], failed: int | None) -> str:
    """Single seeds that solved a distance at which the median failed."""
    if failed is None:
        return ""
    there = [r.accuracy for r in mine if r.distance == failed]
    right = sum(accuracy >= SOLVED for accuracy in there)
    if not right:
        return ""
    return f"At {failed}, {right} of {len(there)} seeds did learn it: where the start falls decides."


def _why_gates_failed(cell: CellChoice, failed: int, mine: Sequence[MemoryResult]) -> str:
    """Why a cell with gates may have failed at a distance: what the results and its start say."""
    there = [r for r in mine if r.distance == failed]
    one = there[0]
    parts = [f"Not as expected: it has not learned {failed}."]
    if one.window <= failed:
        parts.append(
            f"The window of {one.window} is shorter than the gap, and what is cut off cannot be learned."
        )
        return " ".join(parts)
    broken = sum(math.isnan(r.accuracy) for r in there)
    if broken:
        parts.append(f"Training broke in {broken} of {len(there)} runs; lower the learning rate.")
        return " ".join(parts)
    right = [r.updates for r in there if r.accuracy >= SOLVED]
    level = statistics.median(r.accuracy for r in there)
    budget = max(r.updates for r in there)
    if right:
        parts.append(
            f"{len(right)} of {len(there)} seeds learned it, after {_listed(sorted(right))} updates; the "
            f"others had not after {budget:,}."
        )
    if level - one.chance > NEAR_CHANCE:
        parts.append(
            f"It was learning, with {100 * level:.0f} % right where guessing gives {100 * one.chance:.0f}, "
            f"when the {budget:,} updates were over: more of them would show whether it gets there."
        )
    else:
        parts.append(f"It had not begun to learn after {budget:,} updates.")
    open_gate = _gate_at_start(cell, one)
    if open_gate is not None:
        gate, value = open_gate
        left = value**failed
        parts.append(
            f"Its {gate} starts at about {value:.2f}, so along the direct path {_share(left)} of the error "
            f"is left after {failed} steps"
            + (": the gate must first be learned from next to nothing." if left < LITTLE_LEFT else ".")
        )
        if CELLS[cell.cell].forget_block is not None and left < HALF:
            kept = HALF ** (1 / failed)
            parts.append(f"A forget bias of {math.log(kept / (1 - kept)):.1f} would leave half.")
    return " ".join(parts)


def _gate_at_start(cell: CellChoice, one: MemoryResult) -> tuple[str, float] | None:
    """The gate that carries the direct path, and its value before anything is learned, all else being 0."""
    kind = CELLS[cell.cell]
    if not kind.straight_gate:
        return None
    bias = one.forget_bias if kind.forget_block is not None else 0.0
    return f"gate {kind.straight_gate}", 1 / (1 + math.exp(-bias))


def _share(share: float) -> str:
    percent = 100 * share
    if percent >= 0.01:
        return f"{percent:.2g} %"
    return f"1e{math.floor(math.log10(percent)):d} %" if percent > 0 else "nothing"


def _listed(items: Sequence[object]) -> str:
    texts = [f"{item:,}" if isinstance(item, int) else str(item) for item in items]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def matched_words(results: Sequence[MemoryResult], steps: int | None = None) -> tuple[str, str]:
    """What was the same for all networks, and what was not."""
    sizes = {_cell(r).title: r.parameters for r in results}
    same = ["text", "seeds", "batches"]
    different: list[str] = []
    for name, label in (
        ("hidden", "units"), ("layers", "layers"), ("optimizer", "optimizer"), ("lr", "learning rate"),
        ("clip", "clip norm"), ("init", "start"),
    ):  # fmt: skip
        values = dict.fromkeys(getattr(r, name) for r in results)
        shown = ", ".join(SETTINGS[name].in_words(value) for value in values)
        (same if len(values) == 1 else different).append(f"{label} ({shown})")
    if steps is not None:
        same.append(f"at most {steps:,} updates")
    different.insert(0, f"parameters ({', '.join(f'{name} {n:,}' for name, n in sizes.items())})")
    if len({r.window for r in results}) > 1:
        different.append("the window, two examples long")
    biases = {_cell(r).title: r.forget_bias for r in results if r.forget_bias}
    if biases:
        different.append(f"forget bias ({', '.join(f'{name} {b:g}' for name, b in biases.items())})")
    return f"The same for all: {', '.join(same)}.", f"Not the same: {', '.join(different)}."
