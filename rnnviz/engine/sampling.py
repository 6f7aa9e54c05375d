"""The network writes on, one token at a time."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine.arrays import Floats
from rnnviz.engine.model import LanguageModel
from rnnviz.engine.overrides import Overrides

Probabilities = NDArray[np.float64]


def next_token_probabilities(
    model: LanguageModel,
    tokens: NDArray[np.integer[Any]],
    state: Floats | None = None,
    overrides: Overrides | None = None,
) -> Probabilities:
    """Softmax after the last of the tokens (n,), n >= 1: (V,) in float64; NaN where logits overflow."""
    logits, _ = _read(model, np.asarray(tokens, dtype=np.intp), state, overrides)
    return _softmax(logits, 1.0)


def continuation(
    model: LanguageModel,
    tokens: NDArray[np.integer[Any]],
    temperature: float,
    rng: np.random.Generator,
    state: Floats | None = None,
    overrides: Overrides | None = None,
) -> Iterator[int]:
    """Read `tokens` (at least one) from `state` (L, S, 1, H; None: zero) and write on without end.

    The logits are divided by the temperature; 0 takes the likeliest token each time and draws nothing. Steps
    of `overrides` count from the first of `tokens` on.
    """
    logits, state = _read(model, np.asarray(tokens, dtype=np.intp), state, overrides)
    one = model.workspace(1, 1, backward=False)
    step = len(tokens)
    while True:
        written = _draw(logits, temperature, rng)
        yield written
        here = None if overrides is None else overrides.at_step(step)
        model.read(one, np.full((1, 1), written), state, overrides=here)
        step += 1
        state = one.final_state
        logits = _last_logits(model, one.hidden[-1])


def sample_continuation(
    model: LanguageModel,
    tokens: NDArray[np.integer[Any]],
    n: int,
    temperature: float,
    rng: np.random.Generator,
    state: Floats | None = None,
    overrides: Overrides | None = None,
) -> NDArray[np.intp]:
    """The first n tokens of `continuation`, (n,)."""
    written = continuation(model, tokens, temperature, rng, state, overrides)
    return np.fromiter(islice(written, n), np.intp, n)


def _read(
    model: LanguageModel, tokens: NDArray[np.intp], state: Floats | None, overrides: Overrides | None
) -> tuple[Floats, Floats]:
    """Logits after the last token (V,), and the state there."""
    ws = model.workspace(len(tokens), 1, backward=False)
    start = model.zero_state(1) if state is None else state
    model.read(ws, tokens[:, None], start, overrides=overrides)
    return _last_logits(model, ws.hidden[-1]), ws.final_state


def _last_logits(model: LanguageModel, hidden: Floats) -> Floats:
    weight, bias = model.parameters.view("weight_out"), model.parameters.view("bias_out")
    with np.errstate(all="ignore"):  # a broken network's NaN and infinity are for the caller to see
        logits: Floats = weight @ hidden[-1, 0] + bias
    return logits


def _softmax(logits: Floats, temperature: float) -> Probabilities:
    with np.errstate(all="ignore"):
        scaled = (logits.astype(np.float64) - float(logits.max())) / temperature
        p = np.exp(scaled)
        result: Probabilities = p / p.sum()
    return result


def _draw(logits: Floats, temperature: float, rng: np.random.Generator) -> int:
    if temperature <= 0:
        return int(np.argmax(logits))
    cumulated = np.cumsum(_softmax(logits, temperature))
    return min(int(np.searchsorted(cumulated, rng.random() * cumulated[-1], side="right")), len(logits) - 1)
