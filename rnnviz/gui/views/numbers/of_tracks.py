"""The numbers of the score and of each of its tracks, of the layer in focus, as tables.

Steps, layers, units and places count from 1, as the window shows them; step 0 is the initial state. Columns
are called as in the `.npz` of `rnnviz trace` where it has them.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.views.gate_names import gate_name
from rnnviz.gui.views.numbers.table import Table, table
from rnnviz.gui.views.tracks.matrix import matrix_shares
from rnnviz.gui.views.tracks.shares import Way, carry_way, hidden_way, state_way
from rnnviz.probes import NO_TARGET, Trace

Doubles = NDArray[np.float64]
NORM = "nats per unit of h"
OF_WHAT_SETS_OUT = "of what set out"
FACTORS = ("slope_factor", "weight_factor", "straight_factor", "round_factor")


def layer_in(trace: Trace, cursor: CursorState) -> int:
    """The layer in focus, within this network."""
    return min(cursor.layer, trace.layers - 1)


def error_in(trace: Trace, cursor: CursorState) -> int:
    """The step whose error is drawn, within this passage."""
    return min(cursor.error_step, trace.length - 1)


def steps_table(trace: Trace, cursor: CursorState) -> Table:
    """The whole score: a row a step, with its words, its loss and what is left there of the error."""
    T, layer, t = trace.length, layer_in(trace, cursor), error_in(trace, cursor)
    share = np.full(T, np.nan)
    share[: t + 1] = trace.share_left(t, layer)
    factors = [
        (name, "", getattr(trace, name)[t, :, layer]) for name in FACTORS if getattr(trace, name) is not None
    ]
    return table(
        T,
        ("update", "", trace.step),
        ("step", "", np.arange(1, T + 1)),
        ("word", "", trace.words),
        ("target_word", "", trace.target_words),
        ("target_prob", "", trace.target_prob),
        ("target_place", "", _places(trace)),
        ("loss", "nats", trace.loss),
        ("layer", "", layer + 1),
        ("error_step", "", t + 1),
        ("error_of", "", str(trace.target_words[t])),
        ("share_left", OF_WHAT_SETS_OUT, share),
        ("state_gradient_matrix", NORM, trace.state_gradient_matrix[t, :, layer]),
        *factors,
    )


def words_table(trace: Trace, cursor: CursorState) -> Table:
    """What is read and what should be said, with the ids of the tokens."""
    assumed = np.zeros(trace.length, dtype=bool)
    assumed[-1] = trace.assumed_answer
    return table(
        trace.length,
        ("update", "", trace.step),
        ("step", "", np.arange(1, trace.length + 1)),
        ("word", "", trace.words),
        ("token", "id", trace.tokens),
        ("target_word", "", trace.target_words),
        ("target", "id", np.where(trace.targets == NO_TARGET, "", trace.targets.astype(str))),
        ("assumed_answer", "0 or 1", assumed),
    )


def states_table(trace: Trace, cursor: CursorState) -> Table:
    """Every unit of every layer after every step, step 0 before the first."""
    steps, layers, units = trace.hidden.shape  # (T+1, L, H)
    step, layer, unit = (at.reshape(-1) for at in np.indices((steps, layers, units)))
    words = np.concatenate([[""], trace.words])
    cell = [] if trace.cell is None else [("cell", "", trace.cell.reshape(-1))]
    return table(
        step.size,
        ("update", "", trace.step),
        ("step", "", step),
        ("word", "", words[step]),
        ("layer", "", layer + 1),
        ("unit", "", unit + 1),
        ("hidden", "", trace.hidden.reshape(-1)),
        *cell,
    )


def gates_table(trace: Trace, cursor: CursorState) -> Table:
    """Every gate of every unit in the layer in focus at every step; none: no rows."""
    layer, names = layer_in(trace, cursor), list(trace.gates)
    T, H = trace.length, trace.hidden.shape[2]
    gate, step, unit = (at.reshape(-1) for at in np.indices((len(names), T, H)))
    values = np.concatenate([trace.gates[n][:, layer].reshape(-1) for n in names] or [np.zeros(0)])
    held = [trace.held[n][:, layer] if n in trace.held else np.zeros(T, dtype=bool) for n in names]
    return table(
        gate.size,
        ("update", "", trace.step),
        ("layer", "", layer + 1),
        ("gate", "", np.array(names or [""])[gate]),
        ("gate_title", "", np.array([gate_name(trace, n) for n in names] or [""])[gate]),
        ("step", "", step + 1),
        ("word", "", trace.words[step]),
        ("unit", "", unit + 1),
        ("value", "", values),
        ("held", "0 or 1", np.repeat(np.array(held, dtype=bool).reshape(-1), H)),
    )


def predicts_table(trace: Trace, cursor: CursorState, only: int | None = None) -> Table:
    """The likeliest words after each step, or after one of them, and always the right one with its place."""
    T, most = trace.candidates.shape
    step, place = (at.reshape(-1) for at in np.indices((T, most)))
    word, prob = trace.candidate_words.reshape(-1), trace.candidate_probs.reshape(-1)
    far = np.flatnonzero(trace.target_place > most)  # the right word is further down than the list goes
    step, place = np.append(step, far), np.append(place + 1, trace.target_place[far])
    word, prob = np.append(word, trace.target_words[far]), np.append(prob, trace.target_prob[far])
    order = np.lexsort((place, step))
    order = order if only is None else order[step[order] == only]
    step, place = step[order], place[order]
    return table(
        len(order),
        ("update", "", trace.step),
        ("step", "", step + 1),
        ("word", "", trace.words[step]),
        ("place", "1 is the likeliest", place),
        ("candidate", "", word[order]),
        ("probability", "", prob[order]),
        ("is_right", "0 or 1", place == trace.target_place[step]),
    )


def loss_table(trace: Trace, cursor: CursorState) -> Table:
    """The loss of every step, and the probability and place of the right word."""
    counted = np.ones(trace.length, dtype=bool) if trace.counted is None else trace.counted
    return table(
        trace.length,
        ("update", "", trace.step),
        ("step", "", np.arange(1, trace.length + 1)),
        ("word", "", trace.words),
        ("target_word", "", trace.target_words),
        ("loss", "nats", trace.loss),
        ("target_prob", "", trace.target_prob),
        ("target_place", "", _places(trace)),
        ("counted", "0 or 1", counted),
        ("guessing_loss", "nats", np.log(max(trace.vocabulary_size, 1))),
    )


def error_table(trace: Trace, cursor: CursorState) -> Table:
    """What is left of the error in focus at each step back, down to the initial state."""
    layer, t = layer_in(trace, cursor), error_in(trace, cursor)
    ways = [("share_left", state_way(trace, t, layer)), ("hidden_share_left", hidden_way(trace, t, layer))]
    carried = carry_way(trace, t, layer)
    if carried is not None:
        ways.append(("cell_share_left", carried))
    norms = trace.state_gradient_matrix[t, : t + 1, layer]
    return table(
        t + 2,
        ("update", "", trace.step),
        ("layer", "", layer + 1),
        ("error_step", "", t + 1),
        ("error_of", "", str(trace.target_words[t])),
        ("step", "", np.arange(t + 2)),
        ("word", "", np.concatenate([[""], trace.words[: t + 1]])),
        *((name, OF_WHAT_SETS_OUT, _with_initial(way)) for name, way in ways),
        ("state_gradient_matrix", NORM, np.append(np.nan, norms)),
    )


def _with_initial(way: Way) -> Doubles:
    """What arrives at the initial state, then at each step: (t+2,)."""
    return np.append(way.leaving[0], way.arriving)


def factors_table(trace: Trace, cursor: CursorState) -> Table:
    """What each step back makes of the error in focus."""
    layer, t = layer_in(trace, cursor), error_in(trace, cursor)
    steps = np.arange(1, t + 2)
    own = [
        (name, "", getattr(trace, name)[t, : t + 1, layer])
        for name in FACTORS
        if getattr(trace, name) is not None
    ]
    return table(
        t + 1,
        ("update", "", trace.step),
        ("layer", "", layer + 1),
        ("error_step", "", t + 1),
        ("error_of", "", str(trace.target_words[t])),
        ("from_step", "", steps),
        ("to_step", "", steps - 1),
        ("word", "", trace.words[: t + 1]),
        *own,
        ("from_above", NORM, trace.from_above[t, : t + 1, layer]),
    )


def matrix_table(trace: Trace, cursor: CursorState) -> Table:
    """Every pair of an error and a step that it can reach."""
    layer = layer_in(trace, cursor)
    t, k = np.tril_indices(trace.length)
    return table(
        t.size,
        ("update", "", trace.step),
        ("layer", "", layer + 1),
        ("error_step", "", t + 1),
        ("error_of", "", trace.target_words[t]),
        ("step", "", k + 1),
        ("word", "", trace.words[k]),
        ("share_left", OF_WHAT_SETS_OUT, matrix_shares(trace, layer)[t, k]),
        ("state_gradient_matrix", NORM, trace.state_gradient_matrix[t, k, layer]),
    )


def _places(trace: Trace) -> NDArray[np.str_]:
    """The place of each right word; "" where none is known."""
    return np.where(trace.target_place > 0, trace.target_place.astype(str), "")


TRACK_TABLES: dict[str, Callable[[Trace, CursorState], Table]] = {
    "words": words_table,
    "states": states_table,
    "gates": gates_table,
    "predicts": predicts_table,
    "loss": loss_table,
    "error": error_table,
    "factors": factors_table,
    "matrix": matrix_table,
}
"""By the name of the track."""
