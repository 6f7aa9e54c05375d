"""How weights begin: each block (one gate's input or recurrent part) is drawn by itself.

uniform: U(-1/sqrt(H), 1/sqrt(H)), PyTorch's own default for recurrent layers. xavier: U(-a, a) with
a = sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010). orthogonal: recurrent blocks orthogonal
(Saxe et al. 2014), the rest as xavier. Biases are zero. All draws are made in float64, so the same seed
gives the same network in either precision.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

BlockKind = Literal["input", "recurrent", "embedding", "readout"]
Draw = NDArray[np.float64]
Initializer = Callable[[np.random.Generator, tuple[int, int], BlockKind, int], Draw]


def uniform(rng: np.random.Generator, shape: tuple[int, int], kind: BlockKind, hidden: int) -> Draw:
    """U(-1/sqrt(H), 1/sqrt(H)) for one block of shape (out, in)."""
    limit = 1 / np.sqrt(hidden)
    return rng.uniform(-limit, limit, shape)


def xavier(rng: np.random.Generator, shape: tuple[int, int], kind: BlockKind, hidden: int) -> Draw:
    """U(-a, a), a = sqrt(6 / (fan_in + fan_out)), for one block of shape (out, in)."""
    limit = np.sqrt(6 / (shape[0] + shape[1]))
    return rng.uniform(-limit, limit, shape)


def orthogonal(rng: np.random.Generator, shape: tuple[int, int], kind: BlockKind, hidden: int) -> Draw:
    """A random rotation (or reflection) for a recurrent block; as xavier for any other."""
    if kind != "recurrent":
        return xavier(rng, shape, kind, hidden)
    q, r = np.linalg.qr(rng.standard_normal(shape))
    # The sign of r's diagonal is LAPACK's choice; taking it out makes q uniform over all rotations.
    result: Draw = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
    return result


INITIALIZERS: dict[str, Initializer] = {"uniform": uniform, "xavier": xavier, "orthogonal": orthogonal}
