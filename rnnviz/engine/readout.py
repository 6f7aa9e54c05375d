"""Hidden states become probabilities and losses, and the losses' errors become errors of hidden states.

logits = W_out h + b_out; p = softmax(logits); loss = -ln p[target]; dloss/dlogits = p - onehot(target).
Rows go in blocks of logits of at most 64 MB. One block is the rule: it keeps its probabilities for the way
back; with more, the way back makes each block again.
"""

from typing import Any

import numpy as np

from rnnviz.engine.arrays import Floats, Indices, aligned_zeros
from rnnviz.engine.parameters import Parameters
from rnnviz.engine.spec import ModelSpec

NO_TARGET = -1


class Readout:
    """The arrays and passes of the output of one window of at most T steps and B sequences."""

    def __init__(self, spec: ModelSpec, parameters: Parameters, T: int, B: int) -> None:
        dtype, rows = parameters.dtype, T * B
        self._weight = parameters.view("weight_out")  # (V, H)
        self._bias = parameters.view("bias_out")
        self._weight_gradient = parameters.view("weight_out", "gradients")
        self._bias_gradient = parameters.view("bias_out", "gradients")
        block = spec.logits_rows(T, B)
        self._block = aligned_zeros((block, spec.vocabulary_size), dtype)
        self._row_starts = np.arange(block, dtype=np.intp) * spec.vocabulary_size
        self._column = np.zeros((block, 1), dtype=dtype)
        self._picked = np.zeros(block, dtype=dtype)
        self._likeliest = np.zeros(block, dtype=np.intp)
        self._index = np.zeros(block, dtype=np.intp)
        self._known = np.zeros(rows, dtype=bool)
        self._unknown = np.zeros(rows, dtype=bool)
        self._ln_sum = np.zeros(block, dtype=dtype)
        self._filled = 0  # rows of `block` that hold probabilities
        self._more = aligned_zeros(self._weight.shape, dtype) if block < rows else None
        self._more_bias = aligned_zeros(self._bias.shape, dtype) if block < rows else None
        self.count = 0  # rows with a target
        self.correct = 0  # of which the likeliest token is the target

    def logits(self, hidden: Floats, out: Floats) -> None:
        """(n, H) -> (n, V)."""
        np.matmul(hidden, self._weight.T, out=out)
        np.add(out, self._bias, out=out)

    def forward(self, hidden: Floats, targets: Indices, loss: Floats) -> None:
        """Fill `loss` (n,) in nats from the states (n, H) and the targets (n,); NaN where no target."""
        rows, size = len(hidden), len(self._block)
        np.not_equal(targets, NO_TARGET, out=self._known[:rows])
        np.logical_not(self._known[:rows], out=self._unknown[:rows])
        self.count = int(np.count_nonzero(self._known[:rows]))
        self.correct = 0
        for start in range(0, rows, size):
            end = min(start + size, rows)
            self._softmax(hidden[start:end], targets[start:end], loss[start:end])
        self._filled = rows if rows <= size else 0
        np.copyto(loss, np.nan, where=self._unknown[:rows])

    def probabilities(self, hidden: Floats) -> Floats:
        """(n, V), as the last forward pass over these states left them, or made again."""
        rows = len(hidden)
        if self._filled == rows:
            return self._block[:rows].copy()
        out: Floats = np.empty((rows, self._block.shape[1]), self._block.dtype)
        self.logits(hidden, out)
        out -= out.max(axis=1, keepdims=True)
        np.exp(out, out=out)
        out /= out.sum(axis=1, keepdims=True)
        return out

    def backward(self, hidden: Floats, targets: Indices, dhidden: Floats) -> None:
        """Fill `dhidden` (n, H) and the readout's gradients of the mean loss over the known targets."""
        rows, size = len(hidden), len(self._block)
        scale = 1 / self.count if self.count else 0.0
        for start in range(0, rows, size):
            end = min(start + size, rows)
            if not self._filled:
                self._softmax(hidden[start:end], targets[start:end], None)
            dlogits = self._errors(targets[start:end], start, scale)
            np.matmul(dlogits, self._weight, out=dhidden[start:end])
            if start == 0:
                np.matmul(dlogits.T, hidden[start:end], out=self._weight_gradient)
                np.add.reduce(dlogits, axis=0, out=self._bias_gradient)
            else:
                assert self._more is not None and self._more_bias is not None
                np.matmul(dlogits.T, hidden[start:end], out=self._more)
                np.add(self._weight_gradient, self._more, out=self._weight_gradient)
                np.add.reduce(dlogits, axis=0, out=self._more_bias)
                np.add(self._bias_gradient, self._more_bias, out=self._bias_gradient)
        self._filled = 0  # the block now holds errors

    def _softmax(self, hidden: Floats, targets: Indices, loss: Floats | None) -> None:
        """Leave the probabilities of one block in `_block`; with `loss`, its losses and right answers too."""
        rows = len(hidden)
        block, column = self._block[:rows], self._column[:rows]
        likeliest, index, picked = self._likeliest[:rows], self._index[:rows], self._picked[:rows]
        self.logits(hidden, block)
        np.argmax(block, axis=1, out=likeliest)
        np.add(likeliest, self._row_starts[:rows], out=index)
        self._pick(index, column[:, 0])
        np.subtract(block, column, out=block)  # softmax(x) = softmax(x - max x), which cannot overflow
        if loss is not None:
            self._target_index(targets, index)
            self._pick(index, picked)
            self.correct += int(np.count_nonzero(likeliest == targets))
        np.exp(block, out=block)
        np.add.reduce(block, axis=1, keepdims=True, out=column)
        if loss is not None:
            np.log(column[:, 0], out=self._ln_sum[:rows])
            np.subtract(self._ln_sum[:rows], picked, out=loss)
        np.divide(block, column, out=block)

    def _errors(self, targets: Indices, start: int, scale: float) -> Floats:
        """Turn a block's probabilities into (p - onehot) * scale, 0 in rows without a target: (n, V)."""
        rows = len(targets)
        block, index, picked = self._block[:rows], self._index[:rows], self._picked[:rows]
        self._target_index(targets, index)
        self._pick(index, picked)
        np.subtract(picked, 1, out=picked)
        flat: Any = self._block.reshape(-1)
        flat[index] = picked
        if self.count < len(self._known) and self._unknown[start : start + rows].any():
            block[self._unknown[start : start + rows]] = 0
        np.multiply(block, block.dtype.type(scale), out=block)
        return block

    def _target_index(self, targets: Indices, out: Indices) -> None:
        """Where each row's target stands in the flat block; the first place where there is none."""
        np.maximum(targets, 0, out=out)
        np.add(out, self._row_starts[: len(out)], out=out)

    def _pick(self, index: Indices, out: Floats) -> None:
        np.take(self._block.reshape(-1), index, out=out, mode="clip")
