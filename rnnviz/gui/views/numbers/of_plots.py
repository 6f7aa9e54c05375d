"""The numbers of each plot of the inspector, and of the plots beside a race, as tables."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.views.numbers.of_tracks import (
    OF_WHAT_SETS_OUT,
    error_in,
    layer_in,
    predicts_table,
    words_table,
)
from rnnviz.gui.views.numbers.table import Table, table
from rnnviz.gui.views.plots import Plot
from rnnviz.gui.views.plots.fading import fading_of, why_no_fading
from rnnviz.gui.views.plots.sample import SamplePlot
from rnnviz.gui.views.plots.spectrum import SpectrumPlot
from rnnviz.gui.views.series import Series
from rnnviz.probes import Moment, Spectrum, Trace, bound_per_step, moment_of
from rnnviz.text import tokenizer_named

NOTHING = table(0)


def softmax_table(plot: Plot) -> Table:
    """What the network expects after the word under the cursor."""
    trace, cursor = plot.trace, plot.cursor_state
    return (
        NOTHING if trace is None else predicts_table(trace, cursor, min(cursor.time_step, trace.length - 1))
    )


def why_table(plot: Plot) -> Table:
    """The means of each step back, what is left, and what would be."""
    trace, cursor, layer = plot.trace, plot.cursor_state, plot.layer()
    if trace is None or why_no_fading(trace, cursor, layer):
        return NOTHING
    fading = fading_of(trace, cursor, layer)
    first, second = (
        ("straight_factor", "round_factor") if fading.two_ways else ("slope_factor", "weight_factor")
    )
    numbers = [
        (f"mean_{first}", "", fading.slope),
        (f"mean_{second}", "", fading.weight),
        ("mean_step_factor", "", fading.together),
        ("share_left", OF_WHAT_SETS_OUT, fading.left),
    ]
    if fading.counterfactual is not None:
        numbers.append(("counterfactual_share_left", OF_WHAT_SETS_OUT, fading.counterfactual))
    if fading.gate_open is not None:
        numbers.append(("mean_gate_open", "", fading.gate_open))
    t, k = fading.error_step, fading.reached_step
    return table(
        len(numbers),
        ("update", "", trace.step),
        ("layer", "", layer + 1),
        ("error_step", "", t + 1),
        ("error_of", "", str(trace.target_words[t])),
        ("step", "", k + 1),
        ("word", "", str(trace.words[k])),
        ("quantity", "", [name for name, _, _ in numbers]),
        ("value", "", [value for _, _, value in numbers]),
        ("unit", "", [unit for _, unit, _ in numbers]),
    )


def decay_table(trace: Trace, cursor: CursorState) -> Table:
    """What is left by distance: the mean of all words, the error in focus, and the bound."""
    T, layer, t = trace.length, layer_in(trace, cursor), error_in(trace, cursor)
    own = np.full(T, np.nan)
    own[: t + 1] = trace.share_left(t, layer)[::-1]
    distance, per_step = np.arange(T), bound_per_step(trace, layer)
    with np.errstate(over="ignore"):
        bound = np.full(T, np.nan) if per_step is None else float(per_step) ** distance.astype(np.float64)
    return table(
        T,
        ("update", "", trace.step),
        ("layer", "", layer + 1),
        ("distance", "steps", distance),
        ("decay", OF_WHAT_SETS_OUT, trace.decay[:, layer]),
        ("error_of", "", str(trace.target_words[t])),
        ("share_left", OF_WHAT_SETS_OUT, own),
        ("bound", OF_WHAT_SETS_OUT, bound),
        ("half_life", "steps", trace.half_life[layer]),
    )


def memory_table(moments: Sequence[Moment], layer: int) -> Table:
    """How far back errors reached at each kept moment. Half-lives that were not reached are inf."""
    kept = [moment for moment in moments if layer < len(moment.half_life)]
    passages = list(dict.fromkeys(moment.passage for moment in kept))
    return table(
        len(kept),
        ("update", "", [moment.step for moment in kept]),
        ("passage", "number", [passages.index(moment.passage) + 1 for moment in kept]),
        ("layer", "", layer + 1),
        ("half_life", "steps", [float(moment.half_life[layer]) for moment in kept]),
        ("one_percent_lag", "steps", [float(moment.one_percent_lag[layer]) for moment in kept]),
        ("lost_per_step", "of what is left", [float(moment.lost_per_step[layer]) for moment in kept]),
        ("last_lag", "steps", [int(moment.last_lag[layer]) for moment in kept]),
        ("last_left", OF_WHAT_SETS_OUT, [float(moment.last_left[layer]) for moment in kept]),
    )


def training_table(series: Series) -> Table:
    """Every number of every update and validation, one after the other."""
    parts = [
        ("loss", series.unit, series.step, series.loss),
        ("grad_norm", "nats per unit of the parameters", series.step, series.grad_norm),
        ("clip_factor", "", series.step, series.clip_factor),
        ("tokens_per_s", "tokens per second", series.step, series.tokens_per_s),
        ("accuracy", "of the answers", series.step, series.accuracy),
        ("valid_loss", series.unit, series.valid_step, series.valid_loss),
        ("valid_accuracy", "of the answers", series.valid_step, series.valid_accuracy),
        ("spectral_radius", "", series.radius_step, series.radius),
    ]
    known = [(name, unit, s, v) for name, unit, s, v in parts if len(s) and np.isfinite(v).any()]
    sizes = [len(s) for _, _, s, _ in known]
    return table(
        sum(sizes),
        ("update", "", np.concatenate([s for _, _, s, _ in known] or [np.zeros(0)]).astype(np.int64)),
        ("quantity", "", np.repeat([name for name, *_ in known], sizes)),
        ("value", "", np.concatenate([v for _, _, _, v in known] or [np.zeros(0)]).astype(np.float64)),
        ("unit", "", np.repeat([unit for _, unit, _, _ in known], sizes)),
    )


def saturation_table(plot: Plot) -> Table:
    """The share of the time that each unit stands at an end of its range."""
    trace, layer = plot.trace, plot.layer()
    if trace is None or not trace.saturation_high or trace.saturation_low is None:
        return NOTHING
    names, H = list(trace.saturation_high), trace.hidden.shape[2]
    return table(
        len(names) * H,
        ("update", "", trace.step),
        ("layer", "", layer + 1),
        ("gate", "", np.repeat(names, H)),
        ("unit", "", np.tile(np.arange(1, H + 1), len(names))),
        ("saturation_high", "of the steps", np.concatenate([trace.saturation_high[n][layer] for n in names])),
        ("saturation_low", "of the steps", np.concatenate([trace.saturation_low[n][layer] for n in names])),
    )


def spectrum_table(plot: Plot) -> Table:
    """Eigenvalues of the recurrent block, its two numbers, and singular values by lag."""
    found = cast(SpectrumPlot, plot).spectrum()
    return NOTHING if found is None else _spectrum(found, plot.layer())


def _spectrum(found: Spectrum, layer: int) -> Table:
    values = np.asarray(found.eigenvalues[layer])
    rows: list[tuple[str, object, int, float, float]] = [
        ("eigenvalues", "", i, float(v.real), float(v.imag)) for i, v in enumerate(values, 1)
    ]
    rows += [
        (name, "", 1, float(getattr(found, name)[layer]), 0.0) for name in ("spectral_radius", "sigma_max")
    ]
    if found.lags is not None and found.singular_values is not None:
        for lag, row in zip(found.lags.tolist(), found.singular_values[:, layer].tolist(), strict=True):
            rows += [("jacobian_singular_values", lag, i, float(v), 0.0) for i, v in enumerate(row, 1)]
    names, lags, numbers, real, imaginary = zip(*rows, strict=True)
    return table(
        len(rows),
        ("update", "", found.step),
        ("layer", "", layer + 1),
        ("quantity", "", names),
        ("lag", "steps", np.array([str(lag) for lag in lags])),
        ("number", "", numbers),
        ("value", "", real),
        ("imaginary_part", "", imaginary),
    )


def sample_table(plot: Plot) -> Table:
    """The passage and what the network wrote after it, token by token."""
    written = cast(SamplePlot, plot).written
    if written is None:
        return NOTHING
    split = tokenizer_named("word" if plot.noun() == "word" else "char").split
    passage, added = split(written[0]), split(written[1])
    origin = ["passage"] * len(passage) + ["network"] * len(added)
    return table(
        len(origin),
        ("place", "", np.arange(1, len(origin) + 1)),
        ("origin", "", origin),
        (plot.noun(), "", [*passage, *added]),
    )


def race_table(trace: Trace, cursor: CursorState, series: Series | None) -> Table:
    """One lane beside the others: its decay now, and how it learned, one after the other."""
    decay = decay_table(trace, cursor)
    layer = layer_in(trace, cursor)
    moments = memory_table(series.moments if series else (moment_of(trace),), layer)
    learning = training_table(series or Series())
    parts = [_long(decay, "decay", "distance")]
    parts += [_long(moments, name, "update") for name in ("half_life", "one_percent_lag", "lost_per_step")]
    columns = {column.name: column.values for column in learning.columns}
    sizes = [len(part[3]) for part in parts]
    return table(
        sum(sizes) + learning.rows,
        ("update", "", np.concatenate([*(part[0] for part in parts), columns["update"]])),
        ("distance", "steps", np.concatenate([*(part[1] for part in parts), [""] * learning.rows])),
        ("quantity", "", np.concatenate([*(part[2] for part in parts), columns["quantity"]])),
        ("value", "", np.concatenate([*(part[3] for part in parts), columns["value"]])),
        ("unit", "", np.concatenate([*(part[4] for part in parts), columns["unit"]])),
    )


def _long(wide: Table, name: str, along: str) -> tuple[NDArray[Any], ...]:
    """One column of a table as rows of update, distance, quantity, value and unit."""
    columns = {column.name: column for column in wide.columns}
    n = wide.rows
    distance = columns["distance"].values.astype(str) if along == "distance" else np.full(n, "")
    of = columns[name]
    return (
        columns["update"].values,
        distance,
        np.full(n, name),
        of.values.astype(np.float64),
        np.full(n, of.unit),
    )


def _decay(plot: Plot) -> Table:
    return NOTHING if plot.trace is None else decay_table(plot.trace, plot.cursor_state)


def _memory(plot: Plot) -> Table:
    kept = plot.series.moments if plot.series is not None else ()
    if plot.trace is not None and all(moment.step != plot.trace.step for moment in kept):
        kept = tuple(sorted((*kept, moment_of(plot.trace)), key=lambda moment: moment.step))
    return memory_table(kept, plot.layer())


def _training(plot: Plot) -> Table:
    return NOTHING if plot.series is None else training_table(plot.series)


def _text(plot: Plot) -> Table:
    return NOTHING if plot.trace is None else words_table(plot.trace, plot.cursor_state)


PLOT_TABLES: dict[str, Callable[[Plot], Table]] = {
    "softmax": softmax_table,
    "why": why_table,
    "decay": _decay,
    "memory": _memory,
    "training": _training,
    "saturation": saturation_table,
    "spectrum": spectrum_table,
    "text": _text,
    "sample": sample_table,
}
"""By the name of the plot."""
