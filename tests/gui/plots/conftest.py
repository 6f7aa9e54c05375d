"""A plain tanh network in a few lines of NumPy, whose traces are true: an independent reference."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from rnnviz.probes.trace import MOST_CANDIDATES, NO_TARGET, Trace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

TraceMaker = Callable[..., Trace]
DEFAULT_WORDS = ["The", "Emperor", "Alexander", "knew", "that", "Napoleon", "was", "the", "Emperor", "of"]


def slopes(activation: str, hidden: np.ndarray) -> np.ndarray:
    return {"tanh": 1 - hidden**2, "sigmoid": hidden * (1 - hidden), "relu": (hidden > 0) * 1.0}[activation]


def make_trace(
    words: Sequence[str] = DEFAULT_WORDS,
    answer: str | None = "France",
    *,
    hidden: int = 24,
    vocabulary: int = 2001,
    gain: float = 1.0,
    activation: str = "tanh",
    assumed: bool = False,
    sharpness: float = 1.0,
    seed: int = 1,
    step: int = 700,
    **changes: Any,
) -> Trace:
    rng = np.random.default_rng(seed)
    act = {"tanh": np.tanh, "sigmoid": lambda z: 1 / (1 + np.exp(-z)), "relu": lambda z: np.maximum(z, 0)}
    T, H, V = len(words), hidden, vocabulary
    known = list(dict.fromkeys(["(rare word)" if max(map(len, words)) > 1 else "(rare sign)", *words]))
    if answer and answer not in known:
        known.append(answer)
    characters = max(map(len, words)) == 1
    names = known + [chr(0x4E00 + i) if characters else f"word{i}" for i in range(max(V - len(known), 0))]
    V = len(names)
    w_in = rng.normal(0, 1.0, (V, H))
    w_hh = np.linalg.qr(rng.normal(size=(H, H)))[0] * gain + rng.normal(0, 0.35 / np.sqrt(H), (H, H)) * gain
    w_out = rng.normal(0, sharpness / np.sqrt(H), (H, V))
    tokens = np.array([names.index(w) for w in words])
    last = names.index(answer) if answer else NO_TARGET
    targets = np.append(tokens[1:], last)
    h = np.zeros((T + 1, H))
    for t in range(T):
        h[t + 1] = act[activation](w_in[tokens[t]] + h[t] @ w_hh.T)
    logits = h[1:] @ w_out
    normaliser = np.logaddexp.reduce(logits, axis=1)
    probs = np.exp(logits - normaliser[:, None])
    slope = slopes(activation, h[1:])
    has = targets != NO_TARGET
    at = np.where(has, targets, 0)
    target_prob = np.where(has, probs[np.arange(T), at], np.nan)
    M = np.zeros((T, T, 1))
    counterfactual, initial = np.zeros((T, T, 1)), np.zeros((T, 1))
    sf, wf = np.full((T, T, 1), np.nan), np.full((T, T, 1), np.nan)
    total = np.zeros((T + 1, H))
    for t in np.flatnonzero(has):
        p = probs[t].copy()
        p[targets[t]] -= 1
        g = c = w_out @ p
        for k in range(t, -1, -1):
            M[t, k, 0], counterfactual[t, k, 0] = np.linalg.norm(g), np.linalg.norm(c)
            total[k + 1] += g
            through = slope[k] * g
            if np.linalg.norm(g) > 0:
                sf[t, k, 0] = np.linalg.norm(through) / np.linalg.norm(g)
            back = w_hh.T @ through
            if np.linalg.norm(through) > 0:
                wf[t, k, 0] = np.linalg.norm(back) / np.linalg.norm(through)
            g, c = back, w_hh.T @ c
        initial[t, 0] = np.linalg.norm(g)
        total[0] += g
    order = np.argsort(-probs, axis=1, kind="stable")[:, : min(V, MOST_CANDIDATES)]
    decay = np.full((T, 1), np.nan)
    rows = [t for t in range(T) if M[t, t, 0] > 0]
    for d in range(T):
        shares = [M[t, t - d, 0] / M[t, t, 0] for t in rows if t >= d]
        if shares:
            decay[d, 0] = np.mean(shares)
    below = np.flatnonzero(decay[:, 0] < 0.5)
    half = np.inf
    if below.size:
        b = below[0]
        hi, lo = np.log(np.maximum(decay[[b - 1, b], 0], 1e-300))
        half = b - 1 + (hi - np.log(0.5)) / (hi - lo)
    fields: dict[str, Any] = {
        "step": step,
        "generation": 0,
        "cell_name": "rnn",
        "activation": activation,
        "token_kind": "character" if characters else "word",
        "words": np.array(words),
        "tokens": tokens,
        "targets": targets,
        "target_words": np.array([names[i] if i >= 0 else "" for i in targets]),
        "assumed_answer": assumed,
        "hidden": h[:, None],
        "slope": slope[:, None],
        "loss": np.where(has, normaliser - logits[np.arange(T), at], np.nan),
        "candidates": order,
        "candidate_probs": np.take_along_axis(probs, order, 1),
        "candidate_words": np.array(names)[order],
        "target_prob": target_prob,
        "target_place": np.where(has, (probs > target_prob[:, None]).sum(1) + 1, 0),
        "vocabulary_size": V,
        "dloss_dhidden": total[:, None],
        "gradient_matrix": M,
        "state_gradient_matrix": M.copy(),
        "slope_factor": sf,
        "weight_factor": wf,
        "from_above": np.zeros_like(M),
        "counterfactual_matrix": counterfactual,
        "initial_gradient": initial,
        "decay": decay,
        "half_life": np.array([half]),
        "sigma_max": np.linalg.svd(w_hh, compute_uv=False)[:1],
        "spectral_radius": np.array([np.abs(np.linalg.eigvals(w_hh)).max()]),
    }
    return Trace(**{**fields, **changes})


@pytest.fixture(name="make_trace")
def make_trace_fixture() -> TraceMaker:
    """A maker of true traces; every keyword of `Trace` can be overridden."""
    return make_trace
