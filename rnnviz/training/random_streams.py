"""Randomness by purpose: each stream derives from the seed and from what it is for.

So equal lanes stay equal, and drawing for one purpose never moves another: a run that was sampled from
ends with the same bits as one that was not.
"""

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

START = "start"
"""The starting values of the parameters."""
RESETS = "resets"
"""Which streams begin a window from zero."""
DROPOUT = "dropout"
"""Which numbers are dropped while training."""
SAMPLING = "sampling"
"""What the network writes on."""

_LARGEST = 2**128


def random_stream(seed: int, purpose: str) -> np.random.Generator:
    """The stream of one purpose under one seed, from its beginning."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(purpose.encode())])))


def stream_position(stream: np.random.Generator, undone: int = 0) -> dict[str, str]:
    """Where a stream stands, or stood `undone` draws of a double ago, in decimal digits for JSON."""
    probe = np.random.PCG64()
    probe.state = stream.bit_generator.state  # type: ignore[assignment] # a PCG64's, see random_stream
    probe.advance(-undone % _LARGEST)
    state: dict[str, Any] = dict(probe.state["state"])
    return {"state": str(state["state"]), "inc": str(state["inc"])}


def words_of(position: Mapping[str, str]) -> NDArray[np.uint64]:
    """A position as four whole numbers, for another process."""
    numbers = (int(position["state"]), int(position["inc"]))
    return np.array([part for n in numbers for part in divmod(n, 2**64)], dtype=np.uint64)


def at_words(words: NDArray[np.uint64]) -> np.random.Generator:
    """A stream that stands where `words_of` says."""
    high, low, inc_high, inc_low = (int(word) for word in words)
    stream = np.random.Generator(np.random.PCG64())
    position = {"state": str((high << 64) + low), "inc": str((inc_high << 64) + inc_low)}
    set_stream_position(stream, position)
    return stream


def set_stream_position(stream: np.random.Generator, position: Mapping[str, Any]) -> None:
    """Put a stream back to where `stream_position` found it. Raises ValueError on anything else."""
    try:
        numbers = {name: int(str(position[name])) for name in ("state", "inc")}
    except (KeyError, TypeError) as error:
        raise ValueError(f"no position of a random stream: {position!r}") from error
    if not all(0 <= number < _LARGEST for number in numbers.values()):
        raise ValueError("the position of a random stream is out of range")
    stream.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": numbers,
        "has_uint32": 0,
        "uinteger": 0,
    }
