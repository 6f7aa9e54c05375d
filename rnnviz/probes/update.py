"""One real update, seen from one of its sequences: what slow motion shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine import LanguageModel, Overrides, norms
from rnnviz.probes.passage import Passage, look_back
from rnnviz.probes.trace import TokenKind, Trace

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class UpdateRecord:
    """One sequence of a window before and after its update, and what each step adds to the shared weights."""

    before: Trace
    weight_share: Floats  # (T, L) norm of step t's part in dL/dW_hh, L the sum of this sequence's losses

    after: Trace | None = None  # the same sequence after the update; whoever makes the update fills it in
    others: int = 0  # how many sequences more the same update learned from

    def __post_init__(self) -> None:
        """Lock the shares, as the trace's arrays are."""
        self.weight_share.setflags(write=False)


def record_window(
    model: LanguageModel,
    *,
    tokens: Sequence[int] | NDArray[np.integer[Any]],
    targets: Sequence[int] | NDArray[np.integer[Any]],
    initial_state: Floats,
    words: Sequence[str],
    spelling: Sequence[str],
    target_words: Sequence[str] | None = None,
    needs: frozenset[str] = frozenset(),
    step: int = 0,
    generation: int = 0,
    token_kind: TokenKind = "word",
    overrides: Overrides | None = None,
) -> UpdateRecord:
    """Trace one sequence of a window, tokens and targets (T,), from `initial_state` (L, S, 1, H) as carried.

    Step t's part in dL/dW_hh is the outer product of dL/d(W_hh h_{t-1}) and h_{t-1}; its norm is the product
    of their norms. It is 0 for a cell without W_hh. `overrides` are those under which the window is
    learned.
    """
    passage = Passage(
        tokens=np.array(tokens, dtype=np.int64),
        targets=np.array(targets, dtype=np.int64),
        words=tuple(words),
        target_words=None if target_words is None else tuple(target_words),
        answer_word=None,
        named=True,
        assume_answer=False,
        token_kind=token_kind,
    )
    trace, errors = look_back(model, passage, initial_state, spelling, needs, step, generation, overrides)
    if not model.cells[0].recurrent:
        return UpdateRecord(trace, np.zeros((trace.length, trace.layers)))
    G, T, L, H = errors.drec_sum.shape
    drec = norms(errors.drec_sum.transpose(1, 2, 0, 3).reshape(T, L, G * H))
    return UpdateRecord(trace, drec * norms(trace.hidden[:-1]))
