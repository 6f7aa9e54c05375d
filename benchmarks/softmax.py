"""What the softmax over a large vocabulary costs, exact as the program has it, and what a sample saves."""

import statistics

import numpy as np

from benchmarks.configurations import CONFIGURATIONS
from benchmarks.in_turn import seconds_in_turn
from rnnviz.engine import LanguageModel, ModelSpec
from rnnviz.engine import spec as spec_module
from rnnviz.engine.arrays import aligned_zeros
from rnnviz.engine.readout import Readout

SAMPLED = 1000
SMALL_BLOCK_BYTES = 4 * 2**20


def report() -> str:
    """A table for the largest vocabulary of the configurations, Markdown."""
    c = CONFIGURATIONS[-1]
    spec = ModelSpec(c.V, hidden=c.H, embedding=c.H)
    parameters = LanguageModel(spec, np.random.default_rng(0)).parameters
    rng, n = np.random.default_rng(1), c.tokens
    hidden, back = aligned_zeros((n, c.H), np.float32), aligned_zeros((n, c.H), np.float32)
    hidden[...] = rng.uniform(-1, 1, hidden.shape)
    frequencies = 1 / np.arange(1, c.V + 1)
    targets = rng.choice(c.V, n, p=frequencies / frequencies.sum())
    loss = np.zeros(n, np.float32)

    def exact(readout: Readout) -> None:
        readout.forward(hidden, targets, loss)
        readout.backward(hidden, targets, back)

    whole = Readout(spec, parameters, c.T, c.B, backward=True)
    usual = spec_module.LOGITS_BLOCK_BYTES
    spec_module.LOGITS_BLOCK_BYTES = SMALL_BLOCK_BYTES
    try:
        blocks = Readout(spec, parameters, c.T, c.B, backward=True)
    finally:
        spec_module.LOGITS_BLOCK_BYTES = usual
    weight = parameters.view("weight_out")
    logits, gradient = aligned_zeros((n, c.V), np.float32), aligned_zeros((c.V, c.H), np.float32)

    def products() -> None:
        np.matmul(hidden, weight.T, out=logits)
        np.matmul(logits, weight, out=back)
        np.matmul(logits.T, hidden, out=gradient)

    def sampled() -> None:
        """Sampled softmax (Jean et al. 2015): the targets of the window and some tokens drawn besides."""
        tokens = np.union1d(targets, rng.integers(0, c.V, SAMPLED))
        some = weight[tokens]
        scores = hidden @ some.T
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=1, keepdims=True)
        scores[np.arange(n), np.searchsorted(tokens, targets)] -= 1
        np.matmul(scores, some, out=back)
        gradient.fill(0)
        gradient[tokens] = scores.T @ hidden

    contestants = {
        "its three products alone": products,
        "exact, logits in one block, as the program does here": lambda: exact(whole),
        f"exact, logits in blocks of {SMALL_BLOCK_BYTES >> 20} MB, each made twice": lambda: exact(blocks),
        f"sampled, {SAMPLED:,} tokens and the window's own": sampled,
    }
    seconds = seconds_in_turn(contestants)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    floor = medians["its three products alone"]
    lines = [
        f"| forward and back, {n} rows, V {c.V:,}, H {c.H} | ms | over the products |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {name} | {1000 * s:.1f} | {s / floor:.2f} |" for name, s in medians.items()]
    return "\n".join(lines)
