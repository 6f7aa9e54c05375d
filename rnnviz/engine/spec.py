"""What a network is made of, before any of it is allocated."""

from dataclasses import dataclass

import numpy as np

from rnnviz.engine.cells import CELLS, Cell
from rnnviz.engine.parameters import Layout
from rnnviz.engine.token_sums import SORTED_NUMBERS

LOGITS_BLOCK_BYTES = 64 * 2**20
VIEW_BYTES = 500  # a time step, a layer and a block (one more than there are), as tracemalloc finds


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Shape and start of a language model; raises nothing, settings are checked where they are made."""

    vocabulary_size: int  # V
    cell: str = "rnn"
    activation: str = "tanh"
    hidden: int = 32  # H
    layers: int = 1  # L
    embedding: int = 0  # E; 0 is one-hot input
    init: str = "xavier"
    dtype: str = "float32"
    spectral_radius: float = 1.0  # of the named recurrent block, where init is "spectral"
    forget_bias: float = 0.0  # b_ih + b_hh of the block that has one, at the start
    frozen_embedding: bool = False  # it gets no gradient and no update

    @property
    def input_width(self) -> int:
        """Width of what the first layer reads: E, or V where the input is one-hot."""
        return self.embedding or self.vocabulary_size

    @property
    def cell_class(self) -> type[Cell]:
        """The class of the layers."""
        return CELLS[self.cell]

    def layouts(self) -> tuple[Layout, ...]:
        """Every parameter's name and shapes, in the order of the flat vector."""
        V, H, E = self.vocabulary_size, self.hidden, self.embedding
        layouts: list[Layout] = []
        if E:
            layouts.append(Layout("embedding", (V, E), (V, E), kind="embedding"))
        for layer in range(self.layers):
            layouts += self.cell_class.layouts(layer, self.input_width if layer == 0 else H, H)
        layouts.append(Layout("weight_out", (V, H), (V, H), kind="readout"))
        layouts.append(Layout("bias_out", (V,), (V,)))
        return tuple(layouts)

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape, PyTorch's names and layout."""
        return {layout.name: layout.disk_shape for layout in self.layouts()}

    @property
    def frozen(self) -> frozenset[str]:
        """Names of the parameters that are not learned."""
        return frozenset({"embedding"} if self.frozen_embedding and self.embedding else ())

    def parameter_count(self) -> int:
        """How many numbers the network learns; those of a frozen embedding are not among them."""
        return sum(layout.size for layout in self.layouts() if layout.name not in self.frozen)

    def stored_count(self) -> int:
        """How many numbers the network has, learned or not."""
        return sum(layout.size for layout in self.layouts())

    def logits_rows(self, T: int, B: int) -> int:
        """Rows of one block of logits: all T*B, or as many as 64 MB hold."""
        row_bytes = self.vocabulary_size * np.dtype(self.dtype).itemsize
        return max(1, min(T * B, LOGITS_BLOCK_BYTES // row_bytes))

    def gathers_table(self, T: int, B: int) -> bool:
        """Whether a window projects all V tokens once and gathers, instead of projecting T*B rows."""
        return self.vocabulary_size <= T * B

    def memory_estimate(self, T: int, B: int, optimizer_slots: int, dropout: bool = False) -> int:
        """Bytes of parameters, gradients, optimizer and a training workspace of (T, B), within a fifth."""
        V, H, L = self.vocabulary_size, self.hidden, self.layers
        G, S = len(self.cell_class.block_names), len(self.cell_class.state_parts)
        rows = T * B
        numbers = self.stored_count() * (2 + optimizer_slots)
        # pre, state, what else the cell keeps of each step, dstate; W_back, folded weights
        per_step = G + S + self.cell_class.kept_arrays + (0 if self.cell_class.frees_projection else S)
        per_step += self.cell_class.kept_of_one if B == 1 else 0
        numbers += L * (per_step * (rows + B) * H + 2 * G * H * H)
        numbers += rows * H if L > 1 and G > 1 else 0  # one gate's share of what goes to the layer below
        if dropout:
            numbers += rows * ((self.embedding or 1) + 2 * L * H)
        numbers += self.logits_rows(T, B) * V
        numbers += min(rows * H, SORTED_NUMBERS)  # input gradients in the order of their tokens
        if self.gathers_table(T, B) and not dropout:  # with dropout each row has a vector of its own
            numbers += 2 * G * V * H
        elif self.embedding:
            numbers += (2 + (G > 1)) * rows * self.embedding
        indices = 8 * 6 * rows
        views = L * T * (G + 1) * VIEW_BYTES
        return numbers * np.dtype(self.dtype).itemsize + indices + views
