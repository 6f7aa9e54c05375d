import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.text import UNKNOWN, Vocabulary

TOKENS = st.lists(st.text(min_size=1).filter(lambda token: token != UNKNOWN), unique=True)


@given(TOKENS)
def test_known_tokens_come_back_from_their_ids(tokens: list[str]) -> None:
    vocabulary = Vocabulary.from_tokens([UNKNOWN, *tokens])
    assert len(vocabulary) == len(tokens) + 1
    ids = vocabulary.encode(tokens)
    assert ids.dtype == np.int64
    assert ids.tolist() == list(range(1, len(tokens) + 1))
    assert vocabulary.decode(ids) == tokens


def test_what_is_not_known_has_id_0() -> None:
    vocabulary = Vocabulary.from_tokens([UNKNOWN, "a"])
    assert vocabulary.id_of("b") == vocabulary.id_of(UNKNOWN) == 0
    assert vocabulary.encode(["b", "a", "c"]).tolist() == [0, 1, 0]
    assert vocabulary.token(0) == UNKNOWN
    assert "a" in vocabulary and "b" not in vocabulary
    assert vocabulary.encode([]).shape == (0,)


@pytest.mark.parametrize("token_id", [-1, 2])
def test_ids_that_no_token_has_are_refused(token_id: int) -> None:
    with pytest.raises(IndexError):
        Vocabulary.from_tokens([UNKNOWN, "a"]).token(token_id)


@pytest.mark.parametrize("tokens", [[], ["a"], ["a", UNKNOWN], [UNKNOWN, "a", "a"], [UNKNOWN, UNKNOWN]])
def test_lists_that_are_no_vocabulary_are_refused(tokens: list[str]) -> None:
    with pytest.raises(ValueError, match="vocabulary"):
        Vocabulary.from_tokens(tokens)


def test_counts_belong_to_the_tokens_and_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="counts"):
        Vocabulary.from_tokens([UNKNOWN, "a"], np.zeros(3, np.int64))
    given_counts = np.array([1, 2])
    vocabulary = Vocabulary.from_tokens([UNKNOWN, "a"], given_counts)
    given_counts[0] = 9
    assert vocabulary.counts.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        vocabulary.counts[0] = 5
