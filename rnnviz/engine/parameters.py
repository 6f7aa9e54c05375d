"""The parameters of one network: named views into one flat vector, and the same for their gradients.

One vector makes clipping and the optimizers a few passes over contiguous memory. In memory weights are
gate-major and transposed, (G, in, H), since `h @ W` then reads them in order and a one-hot input is a row;
outside (`export`, `load`) they have PyTorch's names and layout, (G*H, in).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rnnviz.engine.arrays import CACHE_LINE_BYTES, Floats, aligned_zeros
from rnnviz.engine.errors import ParameterMismatch

SCRATCH = 48 * 1024  # numbers; chunks of this size stay in the cache. Half of it takes Adam 5 % longer


@dataclass(frozen=True, slots=True)
class Layout:
    """Where one parameter lives: its name, PyTorch's shape, and the shape in memory."""

    name: str
    disk_shape: tuple[int, ...]
    memory_shape: tuple[int, ...]
    transposed: bool = False  # memory (G, in, H), disk (G*H, in)
    gates: int = 1  # gate blocks stacked in disk's first axis
    kind: Literal["input", "recurrent", "bias", "embedding", "readout"] = "bias"

    @property
    def size(self) -> int:
        """How many numbers."""
        return int(np.prod(self.disk_shape, dtype=np.int64))

    def to_disk(self, memory: Floats) -> Floats:
        """A copy in PyTorch's layout."""
        seen = memory.transpose(0, 2, 1) if self.transposed else memory
        return np.array(seen, order="C").reshape(self.disk_shape)

    def from_disk(self, disk: Floats, memory: Floats) -> None:
        """Write an array of PyTorch's layout into its place in memory."""
        if self.transposed:
            gates, width, hidden = self.memory_shape
            memory[...] = disk.reshape(gates, hidden, width).transpose(0, 2, 1)
        else:
            memory[...] = disk.reshape(self.memory_shape)


def weight_layout(
    name: str, gates: int, width: int, hidden: int, kind: Literal["input", "recurrent"]
) -> Layout:
    """A weight of `gates` stacked blocks, (G*H, width) on disk and (G, width, H) in memory."""
    return Layout(name, (gates * hidden, width), (gates, width, hidden), True, gates, kind)


def bias_layout(name: str, gates: int, hidden: int) -> Layout:
    """A bias of `gates` stacked blocks, (G*H,) on disk and (G, H) in memory."""
    return Layout(name, (gates * hidden,), (gates, hidden), False, gates, "bias")


class Parameters:
    """All parameters and their gradients, flat and by name.

    `values` and `gradients` are (N,), each parameter beginning on a cache line; the few numbers between
    two parameters are zero and stay zero under every optimizer. `frozen` names parameters that stay as they
    are; they come first, so that what is learned is one run of numbers.
    """

    def __init__(
        self,
        layouts: tuple[Layout, ...],
        dtype: DTypeLike,
        frozen: frozenset[str] = frozenset(),
        memory: tuple[Floats, Floats] | None = None,
    ) -> None:
        """`memory` is where values and gradients lie, as they are there, for processes that share them."""
        self.layouts = layouts
        self.dtype = np.dtype(dtype)
        step = CACHE_LINE_BYTES // self.dtype.itemsize
        self._slices: dict[str, slice] = {}
        end = self._n_frozen = 0
        for layout in layouts:
            self._slices[layout.name] = slice(end, end + layout.size)
            end += -(-layout.size // step) * step
            if layout.name in frozen:
                self._n_frozen = end
        values, gradients = memory or (aligned_zeros((end,), self.dtype), aligned_zeros((end,), self.dtype))
        self.values: Floats = values
        self.gradients: Floats = gradients
        assert values.shape == gradients.shape == (end,) and values.dtype == gradients.dtype == self.dtype
        self._by_name = {layout.name: layout for layout in layouts}
        assert {layout.name for layout in layouts[: len(frozen)]} == frozen, "frozen parameters come first"
        self.scratch = aligned_zeros((min(end, SCRATCH),), np.float64)  # for sums over the gradients

    def __repr__(self) -> str:
        count = sum(layout.size for layout in self.layouts)
        return f"Parameters({count:,} numbers: {', '.join(self.names)})"

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters' names, PyTorch's, in the order of the flat vector."""
        return tuple(self._slices)

    def view(self, name: str, of: Literal["values", "gradients"] = "values") -> Floats:
        """The parameter (or its gradient) in memory layout: a view, writing to it changes the network."""
        vector = self.values if of == "values" else self.gradients
        return vector[self._slices[name]].reshape(self._by_name[name].memory_shape)

    @property
    def learned(self) -> slice:
        """Where in the flat vectors the numbers stand that an update changes: all but the frozen ones."""
        return slice(self._n_frozen, len(self.values))

    def scalar(self, number: float) -> Floats:
        """A number as a 0-d array of the parameters' type: cheaper a call than a Python float."""
        return np.array(number, dtype=self.dtype)

    def export(self, of: Literal["values", "gradients"] = "values") -> dict[str, Floats]:
        """Copies under PyTorch's names, in PyTorch's layout."""
        return self.export_vector(self.values if of == "values" else self.gradients)

    def load(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over values in PyTorch's names and layout, all or none. Raises ParameterMismatch."""
        self.load_vector(self.values, arrays)

    def export_vector(self, vector: Floats) -> dict[str, Floats]:
        """The same mapping for any flat vector of that size, an optimizer's moments for one."""
        return {
            name: layout.to_disk(vector[self._slices[name]].reshape(layout.memory_shape))
            for name, layout in self._by_name.items()
        }

    def load_vector(self, vector: Floats, arrays: Mapping[str, NDArray[Any]], what: str = "") -> None:
        """Fill a flat vector from PyTorch's names and layout, all or none. Raises ParameterMismatch.

        `what` is put before the names in messages ("m/" for a moment).
        """
        self.check(arrays, what)
        for name, layout in self._by_name.items():
            layout.from_disk(
                np.asarray(arrays[name]), vector[self._slices[name]].reshape(layout.memory_shape)
            )

    def check(self, arrays: Mapping[str, NDArray[Any]], what: str = "") -> None:
        """See that names, shapes, kind and finiteness fit this network. Raises ParameterMismatch."""
        missing = [name for name in self._by_name if name not in arrays]
        if missing:
            raise ParameterMismatch(
                f"{what}{missing[0]} is missing; this network needs "
                f"{', '.join(what + n for n in self.names)}."
            )
        extra = sorted(set(arrays) - set(self._by_name))
        if extra:
            raise ParameterMismatch(
                f"{what}{extra[0]} has no place in this network; it needs "
                f"{', '.join(what + n for n in self.names)} and nothing else."
            )
        for name, layout in self._by_name.items():
            array = np.asarray(arrays[name])
            if array.dtype.kind != "f":
                raise ParameterMismatch(
                    f"{what}{name} holds {array.dtype} numbers; store it as float32 or float64."
                )
            if array.shape != layout.disk_shape:
                raise ParameterMismatch(
                    f"{what}{name} has shape {array.shape}, but this network needs {layout.disk_shape}; "
                    "check the settings it was made with."
                )
            with np.errstate(over="ignore"):
                finite = np.isfinite(array.astype(self.dtype)).all()
            if not finite:
                raise ParameterMismatch(
                    f"{what}{name} holds NaN or infinity; take a checkpoint from before the run broke."
                )
