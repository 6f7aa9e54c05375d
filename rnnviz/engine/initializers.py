"""How weights begin: each block (one gate's input or recurrent part) is drawn by itself.

uniform: U(-1/sqrt(H), 1/sqrt(H)), PyTorch's own default for recurrent layers. xavier: U(-a, a) with
a = sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010). orthogonal: recurrent blocks orthogonal
(Saxe et al. 2014), the rest as xavier. identity (Le, Jaitly and Hinton 2015) and spectral, an orthogonal
matrix times the chosen spectral radius, are for the cell's named block; the rest is as orthogonal has it.
Biases are zero. All draws are made in float64, so the same seed gives the same network in either precision.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

BlockKind = Literal["input", "recurrent", "embedding", "readout"]
Draw = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Block:
    """What is drawn: one block of (out, in) of a weight."""

    kind: BlockKind
    hidden: int  # H of the network
    named: bool = False  # the recurrent block whose spectrum is shown
    spectral_radius: float = 1.0  # wanted of it, for `spectral`


Initializer = Callable[[np.random.Generator, tuple[int, int], Block], Draw]


def uniform(rng: np.random.Generator, shape: tuple[int, int], block: Block) -> Draw:
    """U(-1/sqrt(H), 1/sqrt(H)) for one block of shape (out, in)."""
    limit = 1 / np.sqrt(block.hidden)
    return rng.uniform(-limit, limit, shape)


def xavier(rng: np.random.Generator, shape: tuple[int, int], block: Block) -> Draw:
    """U(-a, a), a = sqrt(6 / (fan_in + fan_out)), for one block of shape (out, in)."""
    limit = np.sqrt(6 / (shape[0] + shape[1]))
    return rng.uniform(-limit, limit, shape)


def orthogonal(rng: np.random.Generator, shape: tuple[int, int], block: Block) -> Draw:
    """A random rotation (or reflection) for a recurrent block; as xavier for any other."""
    if block.kind != "recurrent":
        return xavier(rng, shape, block)
    q, r = np.linalg.qr(rng.standard_normal(shape))
    # The sign of r's diagonal is LAPACK's choice; taking it out makes q uniform over all rotations.
    result: Draw = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
    return result


def identity(rng: np.random.Generator, shape: tuple[int, int], block: Block) -> Draw:
    """The identity for the named block: each unit begins by keeping its own value."""
    return np.eye(shape[0]) if block.named else orthogonal(rng, shape, block)


def spectral(rng: np.random.Generator, shape: tuple[int, int], block: Block) -> Draw:
    """An orthogonal matrix times the radius for the named block: all eigenvalues on one circle."""
    drawn = orthogonal(rng, shape, block)
    return drawn * block.spectral_radius if block.named else drawn


INITIALIZERS: dict[str, Initializer] = {
    "uniform": uniform,
    "xavier": xavier,
    "orthogonal": orthogonal,
    "identity": identity,
    "spectral": spectral,
}
