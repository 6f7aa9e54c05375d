"""dL_t/dh_k for every pair t >= k: the T losses of a passage go back side by side, as a batch of T errors.

One backward pass does what T passes would: row t of the batch is the error of step t alone, it sets out at
step t and is carried back unchanged by the others. The pass is the cells' own, the one that training uses; it
runs in float64 whatever the network's precision, since an error that fades over a hundred steps leaves the
range of float32 and would be drawn as a false zero.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine import (
    Cell,
    LanguageModel,
    LayerErrors,
    LayerRun,
    LayerWeights,
    Overrides,
    Workspace,
    norms,
    send_below,
)

Doubles = NDArray[np.float64]

BLOCK_NUMBERS = 4 * 2**20
"""Of one array of errors, (T, N, H) a layer: longer passages go back in blocks of N < T."""


@dataclass(frozen=True, slots=True)
class PassageErrors:
    """What the errors of one passage's T losses did on their way back. Rows t, columns k, layers l."""

    gradient_matrix: Doubles  # (T, T, L) norm of dL_t/dh_k, 0 where k > t
    initial_gradient: Doubles  # (T, L) norm of dL_t/dh_0, the initial state
    from_above: Doubles  # (T, T, L) norm of what layer l+1 sends into h_k of layer l
    paths: dict[
        str, Doubles
    ]  # the cell's own: name of a Trace field -> (T, T, L), a factor NaN and a norm 0 where k > t
    dstate_sum: Doubles  # (S, T+1, L, H) derivative of the sum of the losses by each state
    drec_sum: Doubles  # (G, T, L, H) the same by the recurrent pre-activations


class PassageBackward:
    """The arrays of the way back through passages of T steps; kept, since allocating costs as much again."""

    def __init__(self, model: LanguageModel, T: int) -> None:
        spec = model.spec
        # The model itself is not kept: these arrays are stored beside it and must not keep it alive.
        self._length = T
        most = max(1, min(T, BLOCK_NUMBERS // (T * spec.hidden * spec.layers)))
        self._rows = -(-T // -(-T // most))  # as many blocks as needed, all but the last of one size
        self._weights = [
            LayerWeights(
                np.zeros(w.weight_ih.shape if layer else (0,)),
                np.zeros((0,)),
                w.bias_ih,
                w.bias_hh,
                np.zeros(w.weight_hh.shape),
            )
            for layer, w in enumerate(model.weights)
        ]
        self._errors: list[LayerErrors] = []  # a layer each, used again by every block
        self._steps: dict[int, list[Any]] = {}  # the layers' views of their steps, by a block's first

    @property
    def weights(self) -> list[LayerWeights]:
        """The layers' weights in float64, as of the last `run`; of `weight_hh` only the transposed copy."""
        return self._weights

    def run(
        self, model: LanguageModel, ws: Workspace, dtop: Doubles, overrides: Overrides | None
    ) -> PassageErrors:
        """Send every step's error back through the passage that `ws` (B = 1) has read.

        `dtop` (T, H): dL_t/dh_t at the top layer, out of the readout.
        """
        T, L, H = self._length, model.spec.layers, model.spec.hidden
        S, G = len(ws.runs[0].state), len(ws.runs[0].pre)
        result = PassageErrors(
            gradient_matrix=np.zeros((T, T, L)),
            initial_gradient=np.zeros((T, L)),
            from_above=np.zeros((T, T, L)),
            paths={},
            dstate_sum=np.zeros((S, T + 1, L, H)),
            drec_sum=np.zeros((G, T, L, H)),
        )
        with np.errstate(all="ignore"):
            self._take_weights(model)
            for start in range(0, T, self._rows):
                self._run_block(model, ws, dtop, overrides, start, result)
        return result

    def _take_weights(self, model: LanguageModel) -> None:
        for layer, (mine, theirs) in enumerate(zip(self._weights, model.weights, strict=True)):
            if layer:
                np.copyto(mine.weight_ih, theirs.weight_ih)
            for back, block in zip(mine.weight_hh_back, theirs.weight_hh, strict=True):
                np.copyto(back, block.T)

    def _block(self, model: LanguageModel, start: int) -> list[LayerErrors]:
        """The arrays for the errors of steps start, start + 1, ...

        Others for each block would cost half as much again (GRU, H 512, T 200: 2.0 instead of 1.3 s).
        """
        if not self._errors:
            self._errors = [
                LayerErrors(
                    cell,
                    self._length,
                    self._rows,
                    np.float64,
                    first_error=start,
                    keep_carried=True,
                    reach_initial=True,
                )
                for cell in model.cells
            ]
        for errors in self._errors:
            if errors.first_error != start:
                _begin_at(errors, start)
        if start not in self._steps:
            pairs = zip(model.cells, self._errors, strict=True)
            self._steps[start] = [cell.backward_steps(errors) for cell, errors in pairs]
        for errors, steps in zip(self._errors, self._steps[start], strict=True):
            errors.steps = steps
        return self._errors

    def _run_block(
        self,
        model: LanguageModel,
        ws: Workspace,
        dtop: Doubles,
        overrides: Overrides | None,
        start: int,
        result: PassageErrors,
    ) -> None:
        """The errors of steps start ... end-1, from the top layer down."""
        H, N, layers = model.spec.hidden, self._rows, self._block(model, start)
        end = min(start + N, self._length)  # the errors of these steps are at no later one
        rows, some = slice(start, end), np.arange(end - start)  # of the last block N may be more: zeros
        reached = np.arange(end)[:, None] <= start + np.arange(N)  # [k, n]
        for layer in reversed(range(len(layers))):
            errors = layers[layer]
            errors.dstate[1:, : end + 1].fill(0)
            errors.dstate[0, 0].fill(0)
            if layer == len(layers) - 1:
                errors.dstate[0, : end + 1].fill(0)
                errors.dstate[0, start + some + 1, some] = dtop[rows]
            else:
                above = layers[layer + 1]
                arriving = errors.dstate[0, 1 : end + 1].reshape(end * N, H)
                send_below(self._weights[layer + 1], above.dpre[:, :end].reshape(-1, end * N, H), arriving)
                arrived = norms(errors.dstate[0, 1 : end + 1], reached)
                result.from_above[rows, :end, layer] = arrived.T[: len(some)]
            cell = model.cells[layer]
            per_layer = overrides.for_layer(layer) if overrides is not None else None
            cell.backward(self._weights[layer], ws.runs[layer], errors, end, None, per_layer)
            self._measure(cell, ws.runs[layer], errors, layer, rows, reached, result)

    def _measure(
        self,
        cell: Cell,
        run: LayerRun,
        errors: LayerErrors,
        layer: int,
        rows: slice,
        reached: NDArray[np.bool_],
        result: PassageErrors,
    ) -> None:
        """Norms of one layer's errors, turned from [k, n] to [t, k]."""
        end, n = rows.stop, rows.stop - rows.start
        arrives = norms(errors.dstate[0, 1 : end + 1], reached)
        result.gradient_matrix[rows, :end, layer] = arrives.T[:n]
        result.initial_gradient[rows, layer] = norms(errors.dstate[0, 0])[:n]
        result.dstate_sum[:, : end + 1, layer] += errors.dstate[:, : end + 1].sum(axis=2)
        result.drec_sum[:, :end, layer] += errors.drec[:, :end].sum(axis=2)
        for name, values in cell.paths(run, errors, end, arrives).items():
            nothing = np.nan if name.endswith("_factor") else 0.0  # where k > t
            if name not in result.paths:
                result.paths[name] = np.full(result.gradient_matrix.shape, nothing)
            result.paths[name][rows, :end, layer] = np.where(reached, values, nothing).T[:n]


def _begin_at(errors: LayerErrors, start: int) -> None:
    """Take arrays of another block: row n is now the error of step start + n, which no later step has."""
    errors.first_error = start
    for k in range(start + 1, min(start + errors.dpre.shape[2], errors.dpre.shape[1])):
        for array in (errors.dpre, errors.drec, errors.carried[None]):
            array[:, k, : k - start] = 0
