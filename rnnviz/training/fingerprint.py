"""What tells one text from another: a digest of its ids, so that no run goes on with the wrong one."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rnnviz.text import Corpus

_HASHED_AT_ONCE = 1 << 20  # ids


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The text of a run as its network sees it."""

    sha256: str  # of all ids as little-endian uint32, of the marks of a task, of the tokens by id
    training_tokens: int
    validation_tokens: int

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Fingerprint":
        """The same again. Raises ValueError."""
        try:
            found = cls(values["sha256"], values["training_tokens"], values["validation_tokens"])
        except (KeyError, TypeError) as error:
            raise ValueError("the fingerprint of the text is damaged") from error
        if not isinstance(found.sha256, str) or type(found.training_tokens) is not int:
            raise ValueError("the fingerprint of the text is damaged")
        if type(found.validation_tokens) is not int:
            raise ValueError("the fingerprint of the text is damaged")
        return found


def fingerprint_of(corpus: Corpus) -> Fingerprint:
    """The fingerprint of a text, of its ids in both parts and of its vocabulary."""
    digest = hashlib.sha256()
    for ids in (corpus.train_ids, corpus.valid_ids):
        for start in range(0, len(ids), _HASHED_AT_ONCE):
            digest.update(ids[start : start + _HASHED_AT_ONCE].astype(np.dtype("<u4")).tobytes())
    for examples in (corpus.train_examples, corpus.valid_examples):
        if examples is not None:
            digest.update(np.packbits(examples.starts).tobytes() + np.packbits(examples.marked).tobytes())
    for token in corpus.vocabulary.tokens:
        digest.update(token.encode("utf-8", "surrogatepass") + b"\0")
    return Fingerprint(digest.hexdigest(), len(corpus.train_ids), len(corpus.valid_ids))
