"""An RNN of a few plain NumPy lines, one loop a step: Traces whose numbers owe nothing to the program.

Everything that the score draws is computed here a second time, by the textbook and slowly, so that the
tests of the drawing do not trust the probes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.probes.trace import NO_TARGET, TokenKind, Trace

Array = NDArray[np.float64]

WORDS = [
    "The", "Emperor", "Alexander", "knew", "that", "Napoleon", "was", "the", "Emperor", "of", "France", "and",
    "that", "every", "army", "on", "the", "road", "would", "wait", "for", "the", "carriages", "of", "his",
    "extraordinarily", "punctual", "ministers", ",", "whatever", "the", "weather", "said", ".",
]  # fmt: skip


@dataclass
class Net:
    """L layers of H units over V one-hot words, float64."""

    input_weights: list[Array]  # (H, V) or (H, H)
    recurrent: list[Array]  # (H, H)
    biases: list[Array]  # (H,)
    out: Array  # (V, H)
    activation: str

    def squash(self, z: Array) -> tuple[Array, Array]:
        """The state and its slope."""
        if self.activation == "tanh":
            h = np.tanh(z)
            return h, 1 - h**2
        if self.activation == "sigmoid":
            h = 1 / (1 + np.exp(-z))
            return h, h * (1 - h)
        return np.maximum(z, 0), (z > 0).astype(float)


def make_net(
    units: int = 24,
    layers: int = 1,
    vocabulary: int = 2001,
    activation: str = "tanh",
    radius: float = 1.1,
    out: float = 1.0,
    seed: int = 1,
) -> Net:
    """A random network whose recurrent matrices have about the given spectral radius."""
    rng = np.random.default_rng(seed)
    sizes = [vocabulary] + [units] * layers
    return Net(
        [rng.normal(0, 0.8 if i == 0 else 1 / np.sqrt(units), (units, n)) for i, n in enumerate(sizes[:-1])],
        [rng.normal(0, radius / np.sqrt(units), (units, units)) for _ in range(layers)],
        [rng.normal(0, 0.1, units) for _ in range(layers)],
        rng.normal(0, out / np.sqrt(units), (vocabulary, units)),
        activation,
    )


def trace_of(
    net: Net,
    words: list[str],
    answer: str = "",
    *,
    vocabulary: list[str] | None = None,
    step: int = 700,
    assumed: bool = False,
    cell_name: str = "rnn",
    generation: int = 1,
    token_kind: TokenKind | None = None,
) -> Trace:
    """Everything that the passage does to the network; the last target is `answer`, "" for none.

    Tokens of one letter each are characters unless `token_kind` says otherwise.
    """
    kind: TokenKind = token_kind or ("word" if any(len(word) > 1 for word in words) else "character")
    known = (
        vocabulary if vocabulary is not None else list(dict.fromkeys([*words, *([answer] if answer else [])]))
    )
    size = net.out.shape[0]
    names = (known + [f"word{i}" for i in range(size)])[:size]
    ids = {name: i for i, name in enumerate(names)}
    tokens = np.array([ids[w] for w in words])
    targets = np.array([*tokens[1:], ids[answer] if answer else NO_TARGET])
    length, layers, units = len(words), len(net.recurrent), net.recurrent[0].shape[0]

    hidden = np.zeros((length + 1, layers, units))
    slope = np.zeros((length, layers, units))
    for t in range(length):
        below = np.zeros(net.input_weights[0].shape[1])
        below[tokens[t]] = 1
        for n in range(layers):
            z = net.input_weights[n] @ below + net.recurrent[n] @ hidden[t, n] + net.biases[n]
            hidden[t + 1, n], slope[t, n] = net.squash(z)
            below = hidden[t + 1, n]
    logits = hidden[1:, -1] @ net.out.T
    probs = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs /= probs.sum(axis=1, keepdims=True)
    best = np.argsort(-probs, axis=1, kind="stable")[:, : min(size, 50)]
    right = np.where(targets >= 0, probs[np.arange(length), np.maximum(targets, 0)], np.nan)
    place = np.array([int((probs[t] > right[t]).sum()) + 1 if targets[t] >= 0 else 0 for t in range(length)])

    matrix = np.zeros((length, length, layers))
    slope_factor = np.full((length, length, layers), np.nan)
    weight_factor = np.full((length, length, layers), np.nan)
    from_above = np.zeros((length, length, layers))
    initial = np.zeros((length, layers))
    for t in range(length):
        if targets[t] < 0:
            continue
        delta = probs[t].copy()
        delta[targets[t]] -= 1
        arriving = np.zeros((layers, units))
        arriving[-1] = net.out.T @ delta
        if layers > 1:
            for n in range(layers - 2, -1, -1):
                sent = net.input_weights[n + 1].T @ (slope[t, n + 1] * arriving[n + 1])
                arriving[n] = sent
                from_above[t, t, n] = np.linalg.norm(sent)
        for k in range(t, -1, -1):
            matrix[t, k] = np.linalg.norm(arriving, axis=1)
            through = slope[k] * arriving
            back = np.stack([net.recurrent[n].T @ through[n] for n in range(layers)])
            with np.errstate(invalid="ignore", divide="ignore"):
                slope_factor[t, k] = np.linalg.norm(through, axis=1) / np.linalg.norm(arriving, axis=1)
                weight_factor[t, k] = np.linalg.norm(back, axis=1) / np.linalg.norm(through, axis=1)
            if k == 0:
                initial[t] = np.linalg.norm(back, axis=1)
                break
            for n in range(layers - 2, -1, -1):
                sent = net.input_weights[n + 1].T @ (slope[k - 1, n + 1] * back[n + 1])
                from_above[t, k - 1, n] = np.linalg.norm(sent)
                back[n] += sent
            arriving = back
    if cell_name == "feedforward":
        matrix *= np.eye(length)[:, :, None]
        initial[:] = 0

    return Trace(
        step=step, generation=generation, cell_name=cell_name, recurrent=cell_name != "feedforward",
        activation=net.activation, token_kind=kind,
        words=np.array(words), tokens=tokens, targets=targets,
        target_words=np.array([names[i] if i >= 0 else "" for i in targets]), assumed_answer=assumed,
        hidden=hidden.astype(np.float32), slope=slope.astype(np.float32), loss=-np.log(right),
        candidates=best, candidate_probs=np.take_along_axis(probs, best, axis=1),
        candidate_words=np.array(names)[best], target_prob=right, target_place=place, vocabulary_size=size,
        dloss_dhidden=np.zeros((length + 1, layers, units)), gradient_matrix=matrix,
        state_gradient_matrix=matrix.copy(), slope_factor=slope_factor, weight_factor=weight_factor,
        from_above=from_above, initial_gradient=initial,
        decay=np.full((length, layers), np.nan), half_life=np.full(layers, np.inf),
    )  # fmt: skip


def passage(length: int) -> list[str]:
    """A passage of words of a length."""
    return [WORDS[i % len(WORDS)] for i in range(length)]
