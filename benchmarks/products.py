"""The matrix products of one update, alone: what is left of it where everything else costs nothing."""

from collections.abc import Callable

import numpy as np

from benchmarks.configurations import Configuration
from rnnviz.engine.arrays import Floats, aligned_zeros
from rnnviz.training import Experiment


def products_of(configuration: Configuration, experiment: Experiment) -> Callable[[], None]:
    """A call makes those of an update of this experiment, same shapes and same number, and nothing else."""
    model, rng = experiment.lanes[0].model, np.random.default_rng(0)
    G = len(model.spec.cell_class.block_names)
    T, B, H, V = configuration.T, configuration.B, configuration.H, configuration.V
    n = configuration.tokens
    n_inputs = V if model.spec.gathers_table(T, B) else n  # rows that are projected

    def numbers(*shape: int) -> Floats:
        array: Floats = aligned_zeros(shape, np.float32)
        array[...] = rng.uniform(-0.1, 0.1, shape)
        return array

    weight, recurrent, readout = numbers(G, H, H), numbers(G, H, H), numbers(V, H)
    inputs, d_inputs = numbers(n_inputs, H), numbers(G, n_inputs, H)
    state, gates, sent = numbers(B, H), numbers(G, B, H), numbers(G, B, H)
    hidden, d_gates, d_hidden, logits = numbers(n, H), numbers(G, n, H), numbers(n, H), numbers(n, V)
    more, d_recurrent, d_readout = numbers(n_inputs, H), numbers(G, H, H), numbers(V, H)
    wide = None  # one sequence: all blocks in one product of a vector
    if B == 1:
        wide = numbers(H, G * H), numbers(G * H, H), state[0], gates.reshape(-1), sent[0, 0]

    def products() -> None:
        np.matmul(inputs, weight, out=d_inputs)
        for _ in range(T):
            if wide is not None:
                wide[2].dot(wide[0], out=wide[3])
            else:
                np.matmul(state, recurrent, out=gates)
        np.matmul(hidden, readout.T, out=logits)
        np.matmul(logits, readout, out=d_hidden)
        np.matmul(logits.T, hidden, out=d_readout)
        for _ in range(T - 1):
            if wide is not None:
                wide[3].dot(wide[1], out=wide[4])
            else:
                np.matmul(gates, recurrent, out=sent)
        np.matmul(hidden.T, d_gates, out=d_recurrent)
        np.matmul(inputs.T, d_inputs, out=weight_gradient)
        for g in range(G):
            np.matmul(d_inputs[g], weight[g].T, out=more)

    weight_gradient = numbers(G, H, H)
    return products
