"""Hidden states become probabilities and losses, and the losses' errors become errors of hidden states.

logits = W_out h + b_out; p = softmax(logits); loss = -ln p[target]; dloss/dlogits = p - onehot(target).
Rows go in blocks of logits of at most 64 MB. One block is the rule: it is kept for the way back; with more,
the way back makes each block again.

Passes over (T*B, V) numbers are what this costs beside its three products, so there are few: exp is taken
without subtracting the largest logit first (made again with it, if a row's sum says that it was needed), and
the division by the sum waits for the way back, where one product per number does both it and the mean.
"""

from typing import Any

import numpy as np

from rnnviz.engine.arrays import Floats, Indices, aligned_ones, aligned_zeros
from rnnviz.engine.errors import Stop, interrupt_if
from rnnviz.engine.parameters import Parameters
from rnnviz.engine.spec import ModelSpec

NO_TARGET = -1
SMALLEST_SUM = 1e-30  # below it the terms of a sum of exponentials may have lost digits to float32's range


class Readout:
    """The arrays and passes of the output of one window of at most T steps and B sequences."""

    def __init__(self, spec: ModelSpec, parameters: Parameters, T: int, B: int, *, backward: bool) -> None:
        dtype, rows, V = parameters.dtype, T * B, spec.vocabulary_size
        self._weight = parameters.view("weight_out")  # (V, H)
        self._bias = parameters.view("bias_out")
        self._weight_gradient = parameters.view("weight_out", "gradients")
        self._bias_gradient = parameters.view("bias_out", "gradients")
        block = spec.logits_rows(T, B)
        self._block: Floats = aligned_zeros((block, V), dtype)  # exponentials, then errors
        self._flat: Any = self._block.reshape(-1)
        self._sums: Floats = aligned_zeros((rows,), dtype)  # of the exponentials of each row
        self._ones = aligned_ones(max(block, V), dtype)
        self._picked: Floats = aligned_zeros((block,), dtype)
        self._row_starts = np.arange(block, dtype=np.intp) * V
        self._index: Indices = np.zeros(block, dtype=np.intp)
        self._likeliest: Indices = np.zeros(block, dtype=np.intp)
        self._unknown = np.zeros(rows, dtype=bool)
        self._more = aligned_zeros(self._weight.shape, dtype) if block < rows and backward else None
        self._more_bias = aligned_zeros(self._bias.shape, dtype) if block < rows and backward else None
        self._targets: Indices | None = None  # of the rows whose exponentials the block holds
        self._correct: int | None = None
        self.count = 0  # rows with a target
        self._knows_all = False  # these are all rows
        self._mean_over = 0

    @property
    def correct(self) -> int:
        """At how many targets the likeliest token was the target; to be asked before the way back."""
        if self._correct is None:
            assert self._targets is not None, "the way back has overwritten the probabilities"
            self._correct = self._count_correct(self._targets)
        return self._correct

    def likeliest_at(self, rows: Indices) -> Indices | None:
        """The likeliest token of some rows (m,) of the pass before, (m,); to be asked before the way back.

        None where the rows took more than one block, of which the last alone is kept.
        """
        if self._targets is None:
            return None
        likeliest: Indices = self._block[rows].argmax(axis=1)
        return likeliest

    def logits(self, hidden: Floats, out: Floats) -> None:
        """(n, H) -> (n, V)."""
        np.matmul(hidden, self._weight.T, out=out)
        np.add(out, self._bias, out=out)

    def forward(self, hidden: Floats, targets: Indices, loss: Floats, stop: Stop | None = None) -> None:
        """Fill `loss` (n,) in nats from the states (n, H) and the targets (n,); NaN where no target.

        Raises Interrupted once `stop()` is true, which is looked at before each block.
        """
        rows, size = len(hidden), len(self._block)
        unknown = self._unknown[:rows]
        np.equal(targets, NO_TARGET, out=unknown)
        self.count = rows - int(np.count_nonzero(unknown))
        self._knows_all = self.count == rows
        self._correct = None if rows <= size else 0
        self._targets = targets if rows <= size else None
        for start in range(0, rows, size):
            interrupt_if(stop)
            here = slice(start, min(start + size, rows))
            self._exponentials(hidden[here], targets[here], self._sums[here], loss[here])
            if self._correct is not None:
                self._correct += self._count_correct(targets[here])
        if self.count < rows:
            np.copyto(loss, np.nan, where=unknown)

    def probabilities(self, hidden: Floats) -> Floats:
        """(n, V), a new array; after a forward pass over these states (n, H) and before the way back."""
        rows = len(hidden)
        out: Floats = np.empty((rows, self._block.shape[1]), self._block.dtype)
        for start in range(0, rows, len(self._block)):
            here = slice(start, min(start + len(self._block), rows))
            if self._targets is None:
                self._exponentials(hidden[here], None, self._sums[here], None)
            np.divide(self._block[: here.stop - start], self._sums[here, None], out=out[here])
        return out

    def backward(
        self,
        hidden: Floats,
        targets: Indices,
        dhidden: Floats,
        stop: Stop | None = None,
        count: int | None = None,
    ) -> None:
        """Fill `dhidden` (n, H) and the readout's gradients of the mean loss over the known targets.

        `count` is the number of targets that the mean is over, where they are more than these.
        Raises Interrupted once `stop()` is true, which is looked at before each product: with a vocabulary of
        tens of thousands one takes a good part of a second.
        """
        rows, size = len(hidden), len(self._block)
        self._mean_over = self.count if count is None else count
        for start in range(0, rows, size):
            here = slice(start, min(start + size, rows))
            interrupt_if(stop)
            if self._targets is None:
                self._exponentials(hidden[here], None, self._sums[here], None)
                self._find_places(targets[here])
            dlogits = self._errors(here)
            interrupt_if(stop)
            np.matmul(dlogits, self._weight, out=dhidden[here])
            interrupt_if(stop)
            ones = self._ones[: len(dlogits)]
            if start == 0:
                np.matmul(dlogits.T, hidden[here], out=self._weight_gradient)
                ones.dot(dlogits, out=self._bias_gradient)
            else:
                assert self._more is not None and self._more_bias is not None
                np.matmul(dlogits.T, hidden[here], out=self._more)
                np.add(self._weight_gradient, self._more, out=self._weight_gradient)
                ones.dot(dlogits, out=self._more_bias)
                np.add(self._bias_gradient, self._more_bias, out=self._bias_gradient)
        self._targets = None  # the block holds errors now

    def _exponentials(
        self, hidden: Floats, targets: Indices | None, sums: Floats, loss: Floats | None
    ) -> None:
        """Leave exp(logits), of one block, in `_block` and their sums in `sums` (n,); fill `loss` (n,)."""
        rows = len(hidden)
        block, ones = self._block[:rows], self._ones[: self._block.shape[1]]
        self.logits(hidden, block)
        picked = None
        if targets is not None:
            self._find_places(targets)
            picked = self._pick_targets(rows)
        np.exp(block, out=block)
        block.dot(ones, out=sums)
        if not (np.minimum.reduce(sums) > SMALLEST_SUM and np.maximum.reduce(sums) < np.inf):
            # exp(x - max x) has the same quotients and cannot overflow; rows that need it are rare.
            self.logits(hidden, block)
            np.argmax(block, axis=1, out=self._likeliest[:rows])
            np.subtract(block, np.take_along_axis(block, self._likeliest[:rows, None], 1), out=block)
            picked = self._pick_targets(rows) if targets is not None else None
            np.exp(block, out=block)
            block.dot(ones, out=sums)
        if loss is not None and picked is not None:
            np.log(sums, out=loss)
            np.subtract(loss, picked, out=loss)

    def _errors(self, here: slice) -> Floats:
        """Turn a block's exponentials into (p - onehot) / count, 0 in rows without a target: (n, V)."""
        rows = here.stop - here.start
        block, sums, unknown = self._block[:rows], self._sums[here], self._unknown[here]
        scale = block.dtype.type(1 / self._mean_over if self._mean_over else 0.0)
        np.divide(scale, sums, out=sums)
        if not self._knows_all:
            np.copyto(sums, 0, where=unknown)
        np.multiply(block, sums[:, None], out=block)
        picked = self._pick_targets(rows)
        np.subtract(picked, scale, out=picked)
        if not self._knows_all:
            np.copyto(picked, 0, where=unknown)
        self._flat[self._index[:rows]] = picked
        return block

    def _find_places(self, targets: Indices) -> None:
        """Where in the block each row's target stands, (n,); the row's first token where there is none."""
        rows = len(targets)
        index = self._index[:rows]
        if self._knows_all:
            np.add(targets, self._row_starts[:rows], out=index)
        else:
            np.maximum(targets, 0, out=index)
            np.add(index, self._row_starts[:rows], out=index)

    def _pick_targets(self, rows: int) -> Floats:
        """The block's number at each row's place, (n,)."""
        picked = self._picked[:rows]
        self._flat.take(self._index[:rows], None, picked, "clip")
        return picked

    def _count_correct(self, targets: Indices) -> int:
        likeliest = self._likeliest[: len(targets)]
        np.argmax(self._block[: len(targets)], axis=1, out=likeliest)
        return int(np.count_nonzero(likeliest == targets))
