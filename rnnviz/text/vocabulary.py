"""token <-> id: the most frequent tokens have a number each, all others share one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

UNKNOWN = "<unk>"
"""The token with id 0, which stands for every token that is not in the vocabulary."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The tokens by id, the unknown token first, then the most frequent first. V = kept tokens + 1."""

    tokens: tuple[str, ...]  # (V,)
    counts: NDArray[np.int64]  # (V,), how often each stands in the training part
    ids: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.tokens or self.tokens[0] != UNKNOWN:
            raise ValueError(f"token 0 of a vocabulary must be {UNKNOWN}")
        if self.counts.shape != (len(self.tokens),):
            raise ValueError(f"{len(self.tokens)} tokens but counts of shape {self.counts.shape}")
        ids = {token: i for i, token in enumerate(self.tokens)}
        if len(ids) != len(self.tokens):
            raise ValueError("a vocabulary holds every token once")
        counts = self.counts.astype(np.int64)
        counts.setflags(write=False)
        object.__setattr__(self, "counts", counts)
        object.__setattr__(self, "ids", ids)

    @classmethod
    def from_tokens(cls, tokens: Sequence[str], counts: NDArray[np.int64] | None = None) -> "Vocabulary":
        """The vocabulary with these tokens by id, as a checkpoint lists them; counts 0 where unknown.

        Raises ValueError unless the first is the unknown token and none stands there twice.
        """
        return cls(tuple(tokens), np.zeros(len(tokens), np.int64) if counts is None else counts)

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self.ids

    def id_of(self, token: str) -> int:
        """The id of `token`, 0 if it is not in the vocabulary."""
        return self.ids.get(token, 0)

    def token(self, token_id: int) -> str:
        """The token with this id; IndexError if there is none."""
        if token_id < 0:
            raise IndexError(f"no token has id {token_id}")
        return self.tokens[token_id]

    def encode(self, tokens: Sequence[str]) -> NDArray[np.int64]:
        """The ids of `tokens`, (T,)."""
        return np.fromiter((self.ids.get(token, 0) for token in tokens), np.int64, len(tokens))

    def decode(self, token_ids: Sequence[int] | NDArray[np.integer]) -> list[str]:
        """The tokens with these ids."""
        return [self.token(int(token_id)) for token_id in token_ids]
