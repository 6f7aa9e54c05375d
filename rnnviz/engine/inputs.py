"""Tokens become the first layer's input projection, and its gradient goes back to the tokens.

One-hot input is a row of W_ih, an embedding a row of E times W_ih; neither is ever a product with zeros.
Where the vocabulary is no larger than the window (V <= T*B) the projection of all V tokens is made once, as a
table, and rows are gathered from it; the sums of the way back are then per token, too.
"""

import numpy as np

from rnnviz.engine.arrays import Floats, Indices, aligned_zeros
from rnnviz.engine.cells import Cell, LayerWeights
from rnnviz.engine.parameters import Parameters
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.token_sums import TokenSums


class TokenInput:
    """The arrays and passes of the input of one window of at most T steps and B sequences."""

    def __init__(
        self,
        spec: ModelSpec,
        parameters: Parameters,
        T: int,
        B: int,
        *,
        backward: bool,
        dropout: bool = False,
    ) -> None:
        dtype, G, H = parameters.dtype, len(spec.cell_class.block_names), spec.hidden
        V, E, rows = spec.vocabulary_size, spec.embedding, T * B
        self._embedding = parameters.view("embedding") if E else None
        self._embedding_gradient = parameters.view("embedding", "gradients") if E else None
        self._is_frozen = spec.frozen_embedding  # its gradient is never asked for and stays 0
        self._weight_gradient = parameters.view("weight_ih_l0", "gradients")  # (G, width, H)
        self._bias = aligned_zeros((G, H), dtype)
        # With dropout each occurrence of a token has a vector of its own: no table for all.
        self._table = aligned_zeros((G, V, H), dtype) if spec.gathers_table(T, B) and not dropout else None
        direct = E and self._table is None
        self._vectors = aligned_zeros((rows, E), dtype) if direct else None  # (T*B, E)
        if backward:
            self._dtable = aligned_zeros((G, V, H), dtype) if E and self._table is not None else None
            self._dvectors = aligned_zeros((rows, E), dtype) if direct else None
            self._more = (
                aligned_zeros((V if self._dtable is not None else rows, E), dtype) if E and G > 1 else None
            )
            self._back = aligned_zeros((G, H, E), dtype) if direct and B == 1 else None
            self._sums = TokenSums(V, rows, E if direct else H, dtype)

    def forward(
        self, cell: Cell, weights: LayerWeights, tokens: Indices, pre: Floats, mask: Floats | None = None
    ) -> None:
        """Fill `pre` (G, T*B, H) with W_ih x + bias for the token ids (T*B,), scaled as the cell wants it.

        `mask` (T*B, E), or (T*B, 1) for one-hot input, is what dropout multiplies x by.
        """
        cell.input_bias(weights, self._bias)
        bias = self._bias[:, None]  # (G, 1, H)
        if self._table is not None:
            if self._embedding is None:
                np.add(weights.weight_ih, bias, out=self._table)
            else:
                np.matmul(self._embedding, weights.weight_ih, out=self._table)
                np.add(self._table, bias, out=self._table)
            cell.scale_projection(self._table)
            for gate, table in zip(pre, self._table, strict=True):
                table.take(tokens, 0, gate, "clip")
            return
        if self._vectors is None or self._embedding is None:
            for gate, rows in zip(pre, weights.weight_ih, strict=True):
                rows.take(tokens, 0, gate, "clip")
                if mask is not None:
                    np.multiply(gate, mask, out=gate)
        else:
            vectors = self._vectors[: len(tokens)]
            self._embedding.take(tokens, 0, vectors, "clip")
            if mask is not None:
                np.multiply(vectors, mask, out=vectors)
            np.matmul(vectors, weights.weight_ih, out=pre)
        np.add(pre, bias, out=pre)
        cell.scale_projection(pre)

    def backward(
        self, weights: LayerWeights, tokens: Indices, dpre: Floats, mask: Floats | None = None
    ) -> None:
        """Fill the gradients of the embedding and of the first layer's W_ih from `dpre` (G, T*B, H).

        With a mask over one-hot input `dpre` is overwritten: nothing else reads it any more.
        """
        self._sums.sort(tokens)
        if self._embedding is None:
            if mask is not None:
                np.multiply(dpre, mask, out=dpre)
            for gate, gradient in zip(dpre, self._weight_gradient, strict=True):
                self._sums.add_up(gate, gradient)
            return
        assert self._embedding_gradient is not None
        if self._dtable is not None:
            for gate, dtable in zip(dpre, self._dtable, strict=True):
                self._sums.add_up(gate, dtable)
            np.matmul(self._embedding.T, self._dtable, out=self._weight_gradient)
            if self._is_frozen:
                return
            self._times_weights(self._dtable, weights, self._embedding_gradient)
            return
        assert self._vectors is not None and self._dvectors is not None
        rows = len(tokens)
        np.matmul(self._vectors[:rows].T, dpre, out=self._weight_gradient)
        if self._is_frozen:
            return
        self._times_weights(dpre, weights, self._dvectors[:rows])
        if mask is not None:
            np.multiply(self._dvectors[:rows], mask, out=self._dvectors[:rows])
        self._sums.add_up(self._dvectors[:rows], self._embedding_gradient)

    def _times_weights(self, dpre: Floats, weights: LayerWeights, out: Floats) -> None:
        """Sum over gates of dpre W_ih^T: (G, n, H) -> (n, E).

        The gates of a single sequence lie side by side: one product with a copy of the weights takes 35
        microseconds (LSTM, H 100, 25 rows), four with views of them, which a small product reads slowly, 50.
        """
        if self._back is not None:
            np.copyto(self._back, weights.weight_ih.transpose(0, 2, 1))
            wide = dpre.transpose(1, 0, 2).reshape(len(out), -1)
            np.matmul(wide, self._back.reshape(wide.shape[1], -1), out=out)
            return
        np.matmul(dpre[0], weights.weight_ih[0].T, out=out)
        for gate in range(1, len(dpre)):
            assert self._more is not None
            more = self._more[: len(out)]
            np.matmul(dpre[gate], weights.weight_ih[gate].T, out=more)
            np.add(out, more, out=out)
