"""The language model: token input -> a stack of cells -> readout, forward and back over whole windows.

Layers are taken one after the other, each through all its time steps: what does not depend on the previous
state (input projections, weight gradients, logits) is then one matrix product over T*B rows.
"""

from contextlib import nullcontext
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine.activations import ACTIVATIONS
from rnnviz.engine.arrays import Floats, Indices, aligned_ones, aligned_zeros
from rnnviz.engine.borders import Borders
from rnnviz.engine.cells import Cell, LayerErrors, LayerRun, LayerWeights
from rnnviz.engine.dropout import DropoutMasks
from rnnviz.engine.errors import Stop
from rnnviz.engine.initializers import INITIALIZERS, Block
from rnnviz.engine.inputs import TokenInput
from rnnviz.engine.overrides import Overrides
from rnnviz.engine.parameters import Parameters
from rnnviz.engine.readout import NO_TARGET, Readout
from rnnviz.engine.spec import ModelSpec


class Workspace:
    """All arrays of one window of at most T steps and B sequences, allocated once and used again and again.

    With `backward=False` it serves forward passes only (validation, sampling) at less than half the memory.
    With a `dropout` rate it has masks, which whoever trains draws anew for each window. Without `keep_states`
    it has no `dloss_dhidden`, and takes less memory.
    """

    def __init__(
        self,
        model: "LanguageModel",
        T: int,
        B: int,
        *,
        backward: bool = True,
        dropout: float = 0.0,
        keep_states: bool = True,
    ) -> None:
        spec, dtype = model.spec, model.parameters.dtype
        self.T, self.B, self.length = T, B, T
        self.tokens: Indices = np.zeros((T, B), dtype=np.intp)
        self.targets: Indices = np.full((T, B), NO_TARGET, dtype=np.intp)
        self.loss: Floats = aligned_zeros((T, B), dtype)  # nats; NaN where no target
        self.mean_loss = float("nan")  # nats per token over the targets there are
        self.final_state = model.zero_state(B)  # (L, S, B, H); rewritten by the next forward pass
        self.runs = [LayerRun(cell, T, B, dtype) for cell in model.cells]
        self.masks = DropoutMasks(spec, T, B, dropout) if dropout else None
        self.input = TokenInput(spec, model.parameters, T, B, backward=backward, dropout=dropout > 0)
        self.readout = Readout(spec, model.parameters, T, B, backward=backward)
        self.bias = aligned_zeros((len(spec.cell_class.block_names), spec.hidden), dtype)
        layers = zip(model.cells, self.runs, strict=True) if backward else ()
        self.errors = [
            LayerErrors(cell, T, B, dtype, over=run, keep_states=keep_states) for cell, run in layers
        ]
        self._keeps_states = keep_states
        several = backward and spec.layers > 1 and len(spec.cell_class.block_names) > 1
        self.part = aligned_zeros(
            (T * B if several else 0, spec.hidden), dtype
        )  # one gate's share, to be added
        self.ones = aligned_ones(T * B if backward else 0, dtype)
        self.overrides: Overrides | None = None
        self.dropping = False  # whether the last window went through the masks
        self.borders: Borders | None = None  # where sequences of the last window began anew

    @property
    def hidden(self) -> list[Floats]:
        """Per layer a view (T+1, B, H) of the hidden states; row 0 is the initial state."""
        return [run.state[0, : self.length + 1] for run in self.runs]

    @property
    def dloss_dhidden(self) -> list[Floats]:
        """Per layer a view (T, B, H): gradient of the mean loss by each h_t, after a backward pass."""
        assert self._keeps_states
        return [errors.dstate[0, 1 : self.length + 1] for errors in self.errors]

    @property
    def count(self) -> int:
        """How many targets the last window had."""
        return self.readout.count

    @property
    def correct(self) -> int:
        """At how many of them the likeliest token was the target; ask before the way back."""
        return self.readout.correct

    @property
    def known_loss(self) -> Floats:
        """The losses of the targets there are, a copy (n,)."""
        loss: Floats = self.loss[: self.length][self.targets[: self.length] != NO_TARGET]
        return loss


class LanguageModel:
    """A network that predicts the next token: its parameters, and passes over windows of text."""

    def __init__(
        self,
        spec: ModelSpec,
        rng: np.random.Generator | None,
        memory: tuple[Floats, Floats] | None = None,
    ) -> None:
        """Without `rng` the parameters keep the values that they have in `memory`; see `Parameters`."""
        self.spec = spec
        self.parameters = Parameters(spec.layouts(), spec.dtype, spec.frozen, memory)
        activation = ACTIVATIONS[spec.activation]
        self.cells: list[Cell] = [
            spec.cell_class(spec.hidden, activation, spec.dtype) for _ in range(spec.layers)
        ]
        self._weights = [self._layer_views(layer, "values") for layer in range(spec.layers)]
        self._gradients = [self._layer_views(layer, "gradients") for layer in range(spec.layers)]
        if rng is not None:
            self._start(rng)

    def __repr__(self) -> str:
        return f"LanguageModel({self.spec}, {self.spec.parameter_count():,} parameters)"

    def _layer_views(self, layer: int, of: Literal["values", "gradients"]) -> LayerWeights:
        """One layer's parameters or their gradients; of these nobody needs a transposed copy."""

        def view(name: str) -> Floats:
            full, known = f"{name}_l{layer}", self.parameters.names
            return self.parameters.view(full, of) if full in known else np.zeros((0,), self.dtype)

        weight_hh = view("weight_hh")
        back = aligned_zeros(weight_hh.shape if of == "values" else (0,), self.dtype)
        return LayerWeights(view("weight_ih"), weight_hh, view("bias_ih"), view("bias_hh"), back)

    def _start(self, rng: np.random.Generator) -> None:
        """Draw the starting values block by block in the order of the flat vector; biases stay 0.

        All but one: the forget bias, b_ih + b_hh, is held in b_ih.
        """
        spec = self.spec
        draw = INITIALIZERS[spec.init]
        for layout in self.parameters.layouts:
            if layout.kind == "bias":
                continue
            shape = layout.disk_shape[0] // layout.gates, layout.disk_shape[1]
            named = spec.cell_class.named_block if layout.kind == "recurrent" else None
            blocks = [
                draw(rng, shape, Block(layout.kind, spec.hidden, gate == named, spec.spectral_radius))
                for gate in range(layout.gates)
            ]
            layout.from_disk(np.concatenate(blocks), self.parameters.view(layout.name))
        if spec.cell_class.forget_block is not None:
            for layer in range(spec.layers):
                self.parameters.view(f"bias_ih_l{layer}")[spec.cell_class.forget_block] = spec.forget_bias

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of all its numbers."""
        return self.parameters.dtype

    @property
    def weights(self) -> list[LayerWeights]:
        """Per layer, views into the parameters."""
        return self._weights

    def zero_state(self, B: int) -> Floats:
        """The state of B sequences that have read nothing: (L, S, B, H)."""
        S = len(self.spec.cell_class.state_parts)
        return aligned_zeros((self.spec.layers, S, B, self.spec.hidden), self.dtype)

    def workspace(
        self, T: int, B: int, *, backward: bool = True, dropout: float = 0.0, keep_states: bool = True
    ) -> Workspace:
        """All arrays of one window of at most T steps and B sequences."""
        return Workspace(self, T, B, backward=backward, dropout=dropout, keep_states=keep_states)

    def forward(
        self,
        ws: Workspace,
        tokens: NDArray[np.integer[Any]],
        targets: NDArray[np.integer[Any]],
        state: Floats,
        stop: Stop | None = None,
        length: int | None = None,
        overrides: Overrides | None = None,
        dropping: bool = False,
        starts: NDArray[np.bool_] | None = None,
    ) -> None:
        """Read one window: tokens and targets (T, B), `state` (L, S, B, H); the first `length` steps of it.

        `read` and then `score`: fills `ws.hidden`, `ws.loss`, `ws.mean_loss`, `ws.correct` and
        `ws.final_state`. `dropping` sends it through `ws.masks`, which is for training alone. Where `starts`
        (T, B) is true a sequence begins anew, from zero. Raises Interrupted once `stop()` is true.
        """
        with np.errstate(all="ignore"):
            self._read(ws, tokens, state, stop, length, overrides, dropping, starts)
            self._score(ws, targets, stop)

    def score(self, ws: Workspace, targets: NDArray[np.integer[Any]], stop: Stop | None = None) -> None:
        """Hold the states that `ws` has just read against the targets (T, B), as often as wanted.

        Losses and their mean are over targets that are not -1, and NaN where there is none.
        """
        with np.errstate(all="ignore"):
            self._score(ws, targets, stop)

    def _score(self, ws: Workspace, targets: NDArray[np.integer[Any]], stop: Stop | None) -> None:
        length = ws.length
        np.copyto(ws.targets[:length], targets[:length])
        top = self._handed_on(ws, self.spec.layers - 1)
        loss = ws.loss[:length].reshape(-1)
        ws.readout.forward(top, ws.targets[:length].reshape(-1), loss, stop)
        ws.mean_loss = self._mean(ws, loss)

    def read(
        self,
        ws: Workspace,
        tokens: NDArray[np.integer[Any]],
        state: Floats,
        stop: Stop | None = None,
        length: int | None = None,
        overrides: Overrides | None = None,
        dropping: bool = False,
        starts: NDArray[np.bool_] | None = None,
    ) -> None:
        """Take the tokens (T, B) from `state` through all layers: fills `ws.hidden` and `ws.final_state`."""
        with np.errstate(all="ignore"):
            self._read(ws, tokens, state, stop, length, overrides, dropping, starts)

    def _read(
        self,
        ws: Workspace,
        tokens: NDArray[np.integer[Any]],
        state: Floats,
        stop: Stop | None,
        length: int | None,
        overrides: Overrides | None,
        dropping: bool,
        starts: NDArray[np.bool_] | None,
    ) -> None:
        length = ws.length = len(tokens) if length is None else length
        np.copyto(ws.tokens[:length], tokens[:length])
        ws.overrides = overrides
        anew = starts is not None and self.spec.cell_class.recurrent and bool(starts[:length].any())
        ws.borders = Borders(starts[:length]) if starts is not None and anew else None
        ws.dropping = dropping and ws.masks is not None
        for layer in range(self.spec.layers):
            self._layer_forward(ws, layer, state, stop)

    def _layer_forward(self, ws: Workspace, layer: int, state: Floats, stop: Stop | None) -> None:
        """The input projection for all steps at once, then the steps."""
        cell, weights, run, length = self.cells[layer], self._weights[layer], ws.runs[layer], ws.length
        run.state[:, 0] = state[layer]
        pre = run.pre[:, :length].reshape(len(run.pre), length * ws.B, self.spec.hidden)
        if layer == 0:
            ws.input.forward(cell, weights, ws.tokens[:length].reshape(-1), pre, self._input_mask(ws))
        else:
            np.matmul(self._handed_on(ws, layer - 1), weights.weight_ih, out=pre)
            cell.input_bias(weights, ws.bias)
            np.add(pre, ws.bias[:, None], out=pre)
            cell.scale_projection(pre)
        overrides = ws.overrides.for_layer(layer) if ws.overrides is not None else None
        if ws.borders is None:
            cell.forward(weights, run, length, stop, overrides)
        else:
            ws.borders.forward(cell, weights, run, length, stop, overrides)
        ws.final_state[layer] = run.state[:, length]
        if ws.dropping and ws.masks is not None:
            rows = length * ws.B
            hidden = run.state[0, 1 : length + 1].reshape(rows, self.spec.hidden)
            np.multiply(hidden, ws.masks.outputs[layer][:rows], out=ws.masks.handed_on[layer][:rows])

    def _handed_on(self, ws: Workspace, layer: int) -> Floats:
        """What a layer hands to the next one or to the readout: its states, as far as dropout leaves them."""
        rows = ws.length * ws.B
        if ws.dropping and ws.masks is not None:
            return ws.masks.handed_on[layer][:rows]
        return ws.runs[layer].state[0, 1 : ws.length + 1].reshape(rows, self.spec.hidden)

    @staticmethod
    def _input_mask(ws: Workspace) -> Floats | None:
        return ws.masks.inputs[: ws.length * ws.B] if ws.dropping and ws.masks is not None else None

    @staticmethod
    def _mean(ws: Workspace, loss: Floats) -> float:
        if ws.count == 0:
            return float("nan")
        known = loss if ws.count == len(loss) else ws.known_loss
        return float(np.add.reduce(known, dtype=np.float64)) / ws.count

    def backward(self, ws: Workspace, stop: Stop | None = None, count: int | None = None) -> None:
        """Fill `parameters.gradients` with those of the mean loss of the window that `ws` has just read.

        `count` is for a part of a batch: how many targets the mean is over, where it is not those of `ws`.
        Only gradients are written: after Interrupted, raised once `stop()` is true, the network is unchanged.
        Once for each window read: probabilities, and the gates of most cells, are written over.
        """
        length, H = ws.length, self.spec.hidden
        with np.errstate(all="ignore"):
            self._refresh_back_weights(ws.B)
            for errors in ws.errors:
                errors.dstate[1:].fill(0)
                errors.dstate[0, 0].fill(0)
            dtop = ws.errors[-1].dstate[0, 1 : length + 1].reshape(length * ws.B, H)
            top = self._handed_on(ws, self.spec.layers - 1)
            ws.readout.backward(top, ws.targets[:length].reshape(-1), dtop, stop, count)
            for layer in reversed(range(self.spec.layers)):
                if ws.dropping and ws.masks is not None:
                    arriving = ws.errors[layer].dstate[0, 1 : length + 1].reshape(length * ws.B, H)
                    np.multiply(arriving, ws.masks.outputs[layer][: length * ws.B], out=arriving)
                overrides = ws.overrides.for_layer(layer) if ws.overrides is not None else None
                errors, run, weights = ws.errors[layer], ws.runs[layer], self._weights[layer]
                if ws.borders is None:
                    self.cells[layer].backward(weights, run, errors, length, stop, overrides)
                else:
                    ws.borders.backward(self.cells[layer], weights, run, errors, length, stop, overrides)
                self._weight_gradients(ws, layer)

    def _refresh_back_weights(self, B: int) -> None:
        """Bring the transposed copies of the recurrent weights up to date, where B sequences need them."""
        for cell, weights in zip(self.cells, self._weights, strict=True):
            if B == 1 and cell.reads_forth_alone:
                continue
            for block, back in zip(weights.weight_hh, weights.weight_hh_back, strict=True):
                np.copyto(back, block.T)

    def _weight_gradients(self, ws: Workspace, layer: int) -> None:
        """One matrix product over T*B rows a weight; the error that goes to the layer below."""
        length, H = ws.length, self.spec.hidden
        errors, run, weights, rows = ws.errors[layer], ws.runs[layer], self._weights[layer], length * ws.B
        dpre = errors.dpre[:, :length].reshape(-1, rows, H)
        gradients, ones = self._gradients[layer], ws.ones[:rows]
        column_sums(ones, dpre, gradients.bias_ih)
        if self.cells[layer].recurrent:
            before = run.state[0, :length].reshape(rows, H)
            for blocks, there in errors.at_recurrent:
                drec = there[:, :length].reshape(-1, rows, H)
                with nullcontext() if ws.borders is None else ws.borders.entering(run):
                    np.matmul(before.T, drec, out=gradients.weight_hh[blocks])
                if there is errors.dpre:  # both biases stand in one sum
                    np.copyto(gradients.bias_hh, gradients.bias_ih)
                else:
                    column_sums(ones, drec, gradients.bias_hh[blocks])
        if layer == 0:
            ws.input.backward(weights, ws.tokens[:length].reshape(-1), dpre, self._input_mask(ws))
            return
        np.matmul(self._handed_on(ws, layer - 1).T, dpre, out=gradients.weight_ih)
        send_below(
            weights, dpre, ws.errors[layer - 1].dstate[0, 1 : length + 1].reshape(rows, H), ws.part[:rows]
        )


def column_sums(ones: Floats, rows: Floats, out: Floats) -> None:
    """Sum the rows of each gate, (G, n, H) -> (G, H), as a product with ones: a third of the time."""
    for gate, total in zip(rows, out, strict=True):
        ones.dot(gate, out=total)


def send_below(weights: LayerWeights, dpre: Floats, out: Floats, part: Floats | None = None) -> None:
    """The error that a layer sends to its input: sum over gates of dpre W_ih^T, (G, n, H) -> (n, width).

    `part` is scratch of the shape of `out`, for a cell of several gates; without it some is allocated.
    """
    np.matmul(dpre[0], weights.weight_ih[0].T, out=out)
    for gate in range(1, len(dpre)):
        np.add(out, np.matmul(dpre[gate], weights.weight_ih[gate].T, out=part), out=out)
