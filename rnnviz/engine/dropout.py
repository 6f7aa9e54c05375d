"""Dropout (Srivastava et al. 2014; between layers as Zaremba et al. 2014): fresh at each time step.

While training each number that enters or leaves a layer is kept with probability q = 1 - p and then divided
by q; what runs from one time step to the next is left alone. Between two layers the output of the one and
the input of the other are dropped one after the other, which is one mask that keeps with probability q^2.
"""

from typing import Any

import numpy as np

from rnnviz.engine.arrays import Floats, aligned_zeros
from rnnviz.engine.spec import ModelSpec

DRAWN_AT_ONCE = 8192  # a chunk of this size stays in the cache


class DropoutMasks:
    """The masks of one window of T steps and B sequences: 0 where dropped, else 1 / (probability of keeping).

    `inputs` (T*B, E), or (T*B, 1) for one-hot input, which has one number to drop. `outputs[l]` (T*B, H) is
    for what layer l hands on; `handed_on[l]` (T*B, H) is where the model keeps what is left of it.
    """

    def __init__(self, spec: ModelSpec, T: int, B: int, rate: float) -> None:
        if not 0 < rate < 1:
            raise ValueError(f"a dropout rate is between 0 and 1, not {rate}")
        rows, keep = T * B, 1 - rate
        self.inputs: Floats = aligned_zeros((rows, spec.embedding or 1), spec.dtype)
        self.outputs: list[Floats] = [
            aligned_zeros((rows, spec.hidden), spec.dtype) for _ in range(spec.layers)
        ]
        self.handed_on: list[Floats] = [np.empty_like(mask) for mask in self.outputs]
        self._keeps = [keep, *[keep**2] * (spec.layers - 1), keep]  # input, between layers, top
        self._T = T
        self._draws = np.zeros(DRAWN_AT_ONCE)
        self.count = self.inputs.size + sum(mask.size for mask in self.outputs)  # draws of one window

    def draw(self, rng: np.random.Generator, before: int = 0, after: int = 0) -> None:
        """New masks from `count` draws of a double each.

        Of a part of a batch, with so many sequences before and after it, they are the ones that the part has
        in the whole: what the others draw is passed over. `rng` is then a PCG64's.
        """
        for mask, keep in zip([self.inputs, *self.outputs], self._keeps, strict=True):
            if not before and not after:
                self._fill(mask.reshape(-1), keep, rng)
                continue
            bits: Any = rng.bit_generator
            for step in mask.reshape(self._T, -1):
                bits.advance(before * mask.shape[1])
                self._fill(step, keep, rng)
                bits.advance(after * mask.shape[1])

    def _fill(self, mask: Floats, keep: float, rng: np.random.Generator) -> None:
        """New numbers (n,), kept with a probability of `keep`."""
        kept = mask.dtype.type(1 / keep)
        for start in range(0, mask.size, DRAWN_AT_ONCE):
            part = mask[start : start + DRAWN_AT_ONCE]
            draws = self._draws[: part.size]
            rng.random(out=draws)
            np.less(draws, keep, out=part, casting="unsafe")
            np.multiply(part, kept, out=part)
