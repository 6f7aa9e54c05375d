"""The rival: the same network, windows, clipping and optimizer in PyTorch on the same processor.

It is not asked for its loss, which the program gives at every update.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.configurations import Configuration
from rnnviz.training import Experiment

MODULES: dict[str, Any] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
CLIP = 5.0
LR = 0.008


class Network(nn.Module):  # type: ignore[misc]  # where PyTorch is not installed
    """Embedding, one layer, linear readout, cross-entropy."""

    def __init__(self, configuration: Configuration, cell: str) -> None:
        super().__init__()
        V, H = configuration.V, configuration.H
        self.embedding = nn.Embedding(V, H)
        self.layer = MODULES[cell](H, H)
        self.readout = nn.Linear(H, V)

    def forward(self, tokens: Any, targets: Any, state: Any) -> Any:
        """Tokens and targets (T, B) -> mean loss, state."""
        hidden, state = self.layer(self.embedding(tokens), state)
        logits = self.readout(hidden)
        return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()), state


def update_of(
    configuration: Configuration, cell: str, ours: Experiment, *, compiled: bool = False, fused: bool = False
) -> Callable[[], None]:
    """One update a call, on the windows that the program's own experiment reads."""
    torch.manual_seed(0)
    network = Network(configuration, cell)
    optimizer = torch.optim.Adam(network.parameters(), lr=LR, fused=fused)
    forward: Any = torch.compile(network) if compiled else network
    windows = _windows(configuration, ours)
    zero = torch.zeros(1, configuration.B, configuration.H)
    state: Any = (zero, zero) if cell == "lstm" else zero
    n = 0

    def update() -> None:
        nonlocal state, n
        tokens, targets = windows[n % len(windows)]
        n += 1
        loss, new = forward(tokens, targets, state)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        state = tuple(part.detach() for part in new) if cell == "lstm" else new.detach()

    return update


def on_threads(n: int, update: Callable[[], None]) -> Callable[[], None]:
    """The same update on n threads."""

    def run() -> None:
        if torch.get_num_threads() != n:
            torch.set_num_threads(n)
        update()

    return run


def version() -> str:
    """Of PyTorch."""
    return f"PyTorch {torch.__version__}"


def _windows(configuration: Configuration, ours: Experiment) -> list[tuple[Any, Any]]:
    B, T = configuration.B, configuration.T
    ids = np.asarray(ours.corpus.train_ids, dtype=np.int64)
    length = (len(ids) - 1) // B
    streams = ids[: length * B].reshape(B, length).T
    ahead = ids[1 : length * B + 1].reshape(B, length).T
    return [
        (torch.from_numpy(streams[a : a + T].copy()), torch.from_numpy(ahead[a : a + T].copy()))
        for a in range(0, length - T + 1, T)
    ]
