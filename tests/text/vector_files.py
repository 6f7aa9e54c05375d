"""Files of word vectors in each of the formats, for tests."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnviz.text import Vocabulary

Vectors = Mapping[bytes, NDArray[np.float32]]


def some_vectors(words: str, width: int = 5, seed: int = 3) -> dict[bytes, NDArray[np.float32]]:
    """A vector for each of the words, drawn at random."""
    rng = np.random.default_rng(seed)
    return {word.encode(): rng.normal(0, 0.4, width).astype(np.float32) for word in words.split()}


def glove(vectors: Vectors) -> bytes:
    """GloVe's text format."""
    return b"".join(_line(word, vector) + b"\n" for word, vector in vectors.items())


def word2vec_text(vectors: Vectors) -> bytes:
    """word2vec's text format, with the blank that its own writer leaves at each line's end."""
    lines = (_line(word, vector) + b" \n" for word, vector in vectors.items())
    return _header(vectors) + b"".join(lines)


def word2vec_binary(vectors: Vectors, line_ends: bool = True) -> bytes:
    """word2vec's binary format, as its own writer has it or, without line ends, as others do."""
    end = b"\n" if line_ends else b""
    rows = (word + b" " + vector.astype("<f4").tobytes() + end for word, vector in vectors.items())
    return _header(vectors) + b"".join(rows)


def _header(vectors: Vectors) -> bytes:
    return f"{len(vectors)} {len(next(iter(vectors.values())))}\n".encode()


def _line(word: bytes, vector: NDArray[np.float32]) -> bytes:
    return word + b" " + b" ".join(repr(float(number)).encode() for number in vector)


def vocabulary(words: str) -> Vocabulary:
    """These words, the first one met most often: of n words n times, n - 1 times ... once, <unk> twice."""
    tokens = words.split()
    return Vocabulary(("<unk>", *tokens), np.array([2, *range(len(tokens), 0, -1)]))


def written(folder: Path, content: bytes, name: str = "vectors.txt") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content)
    return path
