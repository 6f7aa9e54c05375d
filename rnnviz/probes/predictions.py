"""What the network expects at each step of a passage: probabilities, losses, places, likeliest tokens."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine import NO_TARGET, LanguageModel
from rnnviz.probes.trace import MOST_CANDIDATES

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Predictions:
    """The readout of one passage. Rows without a target: loss and probability NaN, place 0, no error."""

    probs: Floats  # (T, V)
    loss: Doubles  # (T,) nats
    dlogits: Floats  # (T, V) dL_t/dlogits of step t
    target_prob: Doubles  # (T,)
    target_place: NDArray[np.int64]  # (T,) 1 = likeliest
    candidates: NDArray[np.int64]  # (T, min(V, 50)) likeliest first
    candidate_probs: Floats  # (T, min(V, 50))


def predict(logits: Floats, targets: NDArray[np.int64]) -> Predictions:
    """Softmax and cross-entropy of (T, V) against (T,), exact where the right token is nearly certain.

    There p - 1 of the right token would be a difference of nearly equal numbers, and the small error that is
    left a false zero; it is minus the sum of all the other probabilities.
    """
    steps = np.arange(len(logits))
    known, right = targets != NO_TARGET, np.maximum(targets, 0)
    with np.errstate(all="ignore"):
        probs = logits - logits.max(axis=1, keepdims=True)
        shifted = probs[steps, right].astype(np.float64)
        np.exp(probs, out=probs)
        right_part = probs[steps, right].astype(np.float64)
        probs[steps, right] = 0
        others = probs.sum(axis=1, dtype=np.float64)
        probs[steps, right] = right_part
        total = others + right_part
        # ln(total) - shifted, without the cancellation where the right token has nearly all of it
        loss = np.where(right_part > others, np.log1p(others / right_part), np.log(total) - shifted)
        probs /= total[:, None].astype(probs.dtype)
        dlogits = probs.copy()
        dlogits[steps, right] = -others / total
        dlogits[~known] = 0
        candidates = _likeliest(logits)
    return Predictions(
        probs=probs,
        loss=np.where(known, loss, np.nan),
        dlogits=dlogits,
        target_prob=np.where(known, right_part / total, np.nan),
        target_place=np.where(known, _places(logits, right), 0),
        candidates=candidates,
        candidate_probs=np.take_along_axis(probs, candidates, axis=1),
    )


def logits_of(model: LanguageModel, top: Floats) -> Floats:
    """(T, H) -> (T, V) in the network's precision."""
    weight, bias = model.parameters.view("weight_out"), model.parameters.view("bias_out")
    with np.errstate(all="ignore"):
        logits: Floats = top @ weight.T
        logits += bias
    return logits


def _places(logits: Floats, tokens: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of one token in each row, 1 = likeliest, equal ones in the order of their ids: (T,)."""
    theirs = np.take_along_axis(logits, tokens[:, None], axis=1)
    places: NDArray[np.int64] = np.count_nonzero(logits > theirs, axis=1) + 1
    for t in np.flatnonzero(np.count_nonzero(logits == theirs, axis=1) > 1):
        places[t] += np.count_nonzero(logits[t, : tokens[t]] == theirs[t])
    return places


def _likeliest(logits: Floats) -> NDArray[np.int64]:
    """The ids of the likeliest tokens of each row, likeliest first, equal ones in the order of their ids."""
    count = min(MOST_CANDIDATES, logits.shape[1])
    if count < logits.shape[1]:
        # The values' partition and a comparison: a fourth of the time of a partition of the places.
        lowest = np.partition(logits, -count, axis=1)[:, -count, None]
        few = np.nonzero(logits >= lowest)[1]
        if len(few) == count * len(logits):  # else there are ties at the border, or NaN
            by_id = few.reshape(-1, count)
            order = np.argsort(-np.take_along_axis(logits, by_id, axis=1), axis=1, kind="stable")
            return np.take_along_axis(by_id, order, axis=1)
    return np.argsort(-logits, axis=1, kind="stable")[:, :count]
