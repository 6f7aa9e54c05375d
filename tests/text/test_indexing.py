import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.text import indexing, tokenizer_named
from rnnviz.text.indexing import WordIndexer, indexer_for

# Joiners, marks, signs of two, scripts without blanks, what lowercase depends on its neighbours for.
HARD = (
    "ab1 .,'’-\"“”—…!é\u0301\u0308\u200d\u200b👨👩\ufe0f🇫🇷我々，。、\u3000\u3099がガﾊﾟกำ한İΣσ"
    "\x01\x02\x7f\n\t\xa0«_"
)
PIECES = st.lists(
    st.one_of(st.text(), st.text(st.sampled_from(HARD)), st.text(st.sampled_from("abc ,.'-é”“’我。Σ\n"))),
    max_size=5,
)


def check(texts: list[str], name: str, lowercase: bool) -> None:
    tokenizer = tokenizer_named(name, lowercase)
    indexer = indexer_for(tokenizer)
    pieces = [text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") for text in texts]
    numbers = [indexer.index(piece.encode()).tolist() for piece in pieces]
    expected = [tokenizer.split(piece) for piece in pieces]
    assert [[indexer.tokens[n] for n in piece] for piece in numbers] == expected
    in_order = [token for piece in expected for token in piece]
    assert indexer.tokens == list(dict.fromkeys(in_order)), (
        "numbered in the order in which they are first seen"
    )


@given(PIECES, st.sampled_from(["word", "char"]), st.booleans())
def test_tokens_are_those_of_the_tokenizer(texts: list[str], name: str, lowercase: bool) -> None:
    check(texts, name, lowercase)


@given(PIECES)
def test_forgetting_what_was_seen_changes_nothing(texts: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexing, "MOST_SEGMENTS", 2)
        check(texts, "word", False)


@pytest.mark.parametrize("n", range(1, 60))
def test_words_of_every_length_are_told_apart(n: int) -> None:
    word = ("abcdefghij" * 6)[:n]
    others = [word[:-1] + "z", word + "a", word[1:] + "z", "é" + word, "z" + word[1:]]
    check([" ".join([word, *others, word]), " ".join([*others, word])], "word", False)


def test_numbers_are_kept_in_the_smallest_type() -> None:
    for count, dtype in ((256, np.uint8), (257, np.uint16), (65_536, np.uint16), (65_537, np.uint32)):
        indexer = WordIndexer(tokenizer_named("word"))  # type: ignore[arg-type]
        numbers = indexer.index(" ".join(f"w{i}" for i in range(count)).encode())
        assert numbers.dtype == dtype
        assert numbers.tolist() == list(range(count))
