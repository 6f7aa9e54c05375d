"""Arrays by name in one block of memory that several processes share."""

import math
from collections.abc import Mapping
from multiprocessing.sharedctypes import RawArray
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rnnviz.engine.arrays import CACHE_LINE_BYTES

Place = tuple[int, tuple[int, ...], str]  # offset in bytes, shape, type
Wanted = Mapping[str, tuple[tuple[int, ...], DTypeLike]]


class SharedArrays:
    """Each array begins on a cache line. `block` can be handed to a process that is started, and only then.

    The block has no name: it is gone as soon as nobody looks at it any more, however a process ends.
    """

    def __init__(self, block: Any, places: Mapping[str, Place]) -> None:
        self.block = block
        self.places = dict(places)
        memory = np.frombuffer(block, dtype=np.uint8)
        self._arrays: dict[str, NDArray[Any]] = {}
        for name, (offset, shape, kind) in self.places.items():
            dtype = np.dtype(kind)
            bytes_ = memory[offset : offset + math.prod(shape) * dtype.itemsize]
            self._arrays[name] = bytes_.view(dtype).reshape(shape)

    @classmethod
    def allocate(cls, wanted: Wanted) -> "SharedArrays":
        """Zeros of these shapes and types. Raises MemoryError or OSError where there is no room."""
        sizes = {name: math.prod(shape) * np.dtype(kind).itemsize for name, (shape, kind) in wanted.items()}
        room = {name: -(-size // CACHE_LINE_BYTES) * CACHE_LINE_BYTES for name, size in sizes.items()}
        block = RawArray("b", sum(room.values()) + CACHE_LINE_BYTES)
        offset = -np.frombuffer(block, dtype=np.uint8).ctypes.data % CACHE_LINE_BYTES
        places: dict[str, Place] = {}
        for name, (shape, kind) in wanted.items():
            places[name] = offset, shape, np.dtype(kind).str
            offset += room[name]
        return cls(block, places)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name]
