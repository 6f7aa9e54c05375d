"""dL_t/dh_k for every pair t >= k: the T losses of a passage go back side by side, as a batch of T errors.

One backward pass does what T passes would: row t of the batch is the error of step t alone, it sets out at
step t and is carried back unchanged by the others. The pass is the cells' own, the one that training uses; it
runs in float64 whatever the network's precision, since an error that fades over a hundred steps leaves the
range of float32 and would be drawn as a false zero.
"""

from dataclasses import dataclass

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
        self._rows = max(1, min(T, BLOCK_NUMBERS // (T * spec.hidden * spec.layers)))
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
        self._errors: dict[int, list[LayerErrors]] = {}
        steps = np.arange(T)
        self._reached = steps[:, None] >= steps  # [t, k]

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
        if start not in self._errors:
            if len(self._errors) > 1:  # a passage of many blocks: only one is held at a time
                self._errors.clear()
            end = min(start + self._rows, self._length)  # the errors of these steps are at no later one
            self._errors[start] = [
                LayerErrors(
                    cell,
                    end,
                    end - start,
                    np.float64,
                    first_error=start,
                    keep_carried=True,
                    reach_initial=True,
                )
                for cell in model.cells
            ]
        return self._errors[start]

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
        H, layers = model.spec.hidden, self._block(model, start)
        end, N = layers[0].dpre.shape[1:3]
        rows, some = slice(start, end), np.arange(N)
        reached = self._reached[rows, :end].T  # [k, n]
        for layer in reversed(range(len(layers))):
            errors = layers[layer]
            errors.dstate[1:].fill(0)
            errors.dstate[0, 0].fill(0)
            if layer == len(layers) - 1:
                errors.dstate[0].fill(0)
                errors.dstate[0, start + some + 1, some] = dtop[rows]
            else:
                above = layers[layer + 1]
                arriving = errors.dstate[0, 1:].reshape(end * N, H)
                send_below(self._weights[layer + 1], above.dpre.reshape(-1, end * N, H), arriving)
                result.from_above[rows, :end, layer] = norms(errors.dstate[0, 1:], reached).T
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
        end = rows.stop
        arrives = norms(errors.dstate[0, 1:], reached)
        result.gradient_matrix[rows, :end, layer] = arrives.T
        result.initial_gradient[rows, layer] = norms(errors.dstate[0, 0])
        result.dstate_sum[:, : end + 1, layer] += errors.dstate.sum(axis=2)
        result.drec_sum[:, :end, layer] += errors.drec.sum(axis=2)
        for name, values in cell.paths(run, errors, end, arrives).items():
            nothing = np.nan if name.endswith("_factor") else 0.0  # where k > t
            if name not in result.paths:
                result.paths[name] = np.full(result.gradient_matrix.shape, nothing)
            result.paths[name][rows, :end, layer] = np.where(reached, values, nothing).T
