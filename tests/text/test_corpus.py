import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.text import (
    UNKNOWN,
    Corpus,
    NothingToLearn,
    ReadingCancelled,
    TextTooShort,
    build_corpus,
    check_fits,
    text_from_string,
    tokenizer_named,
)


def corpus_of(
    text: str, tokens: str = "word", vocabulary: int = 1000, valid: float = 0.1, lowercase: bool = False
) -> Corpus:
    return build_corpus(
        text_from_string(text, "a text"),
        tokens=tokens,
        vocabulary=vocabulary,
        lowercase=lowercase,
        valid_fraction=valid,
    )


@given(
    text=st.text(st.sampled_from("abcdef é我.\n"), min_size=2).filter(
        lambda text: len(set(text.split())) > 1
    ),
    name=st.sampled_from(["word", "char"]),
    size=st.integers(1, 6),
    percent=st.integers(0, 50),
)
def test_a_corpus_is_what_the_plain_way_gives(text: str, name: str, size: int, percent: int) -> None:
    tokens = tokenizer_named(name).split(text)
    n_train = -(-(100 - percent) * len(tokens) // 100)
    counts = Counter(tokens[:n_train])  # in the order first seen, which most_common keeps
    kept = counts.most_common(size)
    ids = {token: i + 1 for i, (token, _) in enumerate(kept)}
    expected = [ids.get(token, 0) for token in tokens]

    corpus = corpus_of(text, name, size, percent / 100)
    assert corpus.vocabulary.tokens == (UNKNOWN, *(token for token, _ in kept))
    assert corpus.vocabulary.counts.tolist() == [expected[:n_train].count(0), *(n for _, n in kept)]
    assert corpus.train_ids.tolist() == expected[:n_train]
    assert corpus.valid_ids.tolist() == expected[n_train:]
    assert corpus.unknown_share == pytest.approx(expected.count(0) / len(tokens))
    assert corpus.n_tokens == len(tokens)


@pytest.mark.parametrize("percent", [0, 1, 5, 7, 10, 20, 29, 30, 57])
def test_the_training_part_is_rounded_up_in_decimals(percent: int) -> None:
    for n in (10, 30, 70, 100, 110, 1000):
        corpus = corpus_of("a b " * n, valid=percent / 100)
        assert len(corpus.train_ids) == -(-(100 - percent) * 2 * n // 100)


def test_ids_are_small_and_cannot_be_changed() -> None:
    assert corpus_of("a b c d").train_ids.dtype == np.uint8
    many = " ".join(f"w{i}" for i in range(300))
    assert corpus_of(many, vocabulary=255, valid=0).train_ids.dtype == np.uint8
    corpus = corpus_of(many, vocabulary=256)
    assert corpus.train_ids.dtype == np.uint16
    for ids in (corpus.train_ids, corpus.valid_ids):
        with pytest.raises(ValueError, match="read-only"):
            ids[0] = 0


def test_lowercase_tokens_are_counted_together() -> None:
    corpus = corpus_of("The the THE End end", lowercase=True, valid=0)
    assert corpus.vocabulary.tokens == (UNKNOWN, "the", "end")
    assert corpus.encode("THE end!")[0] == ["the", "end", "!"]


def test_a_passage_is_looked_up_in_the_vocabulary() -> None:
    corpus = corpus_of("Napoleon was the Emperor of France .", valid=0)
    tokens, ids = corpus.encode("Napoleon was\r\nEmperor of Mars.")
    assert tokens == ["Napoleon", "was", "Emperor", "of", "Mars", "."]
    assert ids.tolist() == [1, 2, 4, 5, 0, 7]
    assert corpus_of("ab\nab", "char", valid=0).encode("a\r\nb")[0] == ["a", "\n", "b"]
    assert corpus.encode("")[0] == []


def test_unigram_cross_entropy_is_that_of_the_training_frequencies() -> None:
    corpus = corpus_of("a a a b " * 9 + "a b c c", valid=0.1)  # 36 tokens for training, 4 for validation
    assert corpus.train_ids.tolist().count(0) == 0
    # c is unknown and was never seen: it counts once among 37.
    expected = -(math.log(27 / 37) + math.log(9 / 37) + 2 * math.log(1 / 37)) / 4
    assert corpus.unigram_cross_entropy() == pytest.approx(expected)
    corpus = corpus_of("a a a b " * 10, valid=0.1)
    assert corpus.unigram_cross_entropy() == pytest.approx(-(3 * math.log(0.75) + math.log(0.25)) / 4)
    corpus = corpus_of("a a b c " * 10, vocabulary=1, valid=0.1)
    assert corpus.unigram_cross_entropy() == pytest.approx(math.log(2))
    assert math.isnan(corpus_of("a b", valid=0).unigram_cross_entropy())


def test_validation_uses_fewer_streams_when_it_is_short() -> None:
    corpus = corpus_of("a b c d e " * 10, valid=0.1)  # 5 tokens for validation
    streams = corpus.validation_streams(32)
    assert (streams.batch, streams.length, streams.n_windows(25)) == (4, 1, 1)
    assert streams.window_length(0, 25) == 1
    assert corpus.training_streams(32).batch == 32
    none = corpus_of("a b", valid=0).validation_streams(32)
    assert none.n_windows(25) == 0


def test_validation_keeps_its_remainder_and_training_drops_it() -> None:
    corpus = corpus_of("a b c d " * 25, valid=0.2)  # 80 and 20 tokens
    assert corpus.training_streams(2).length == 39
    assert corpus.training_streams(2).n_windows(10) == 3
    assert corpus.validation_streams(2).length == 9
    assert corpus.validation_streams(2).n_windows(5) == 2
    assert corpus.validation_streams(2).window_length(1, 5) == 4


def test_one_token_again_and_again_is_refused() -> None:
    with pytest.raises(NothingToLearn, match="the character a 500 times"):
        corpus_of("a" * 500, "char")
    with pytest.raises(NothingToLearn, match="the word ha 50 times"):
        corpus_of("ha " * 50)
    with pytest.raises(NothingToLearn, match="1 time "):
        corpus_of("a" * 500)


def test_invisible_characters_alone_are_refused_as_words() -> None:
    with pytest.raises(TextTooShort, match="no words"):
        corpus_of("\u200b\u200b \u200e\n")


@pytest.mark.parametrize(
    ("window", "batch", "n", "remedies"),
    [
        (25, 1, 3, ["at least 26 words for training, and it has 3", "lower the window to 2"]),
        (25, 16, 101, ["at least 401", "lower the batch to 4", "lower the window to 6"]),
        (25, 200, 30, ["lower the batch to 1"]),
        (50, 40, 30, ["lower the batch to 1 and the window to 29"]),
        (25, 1, 2, ["lower the window to 1"]),
        (25, 1, 1, ["Open a longer text."]),
    ],
)
def test_a_text_shorter_than_a_window_is_refused_with_a_remedy(
    window: int, batch: int, n: int, remedies: list[str]
) -> None:
    corpus = corpus_of("a b " * 51, valid=0)
    object.__setattr__(corpus, "train_ids", corpus.train_ids[:n])
    with pytest.raises(TextTooShort) as caught:
        check_fits(corpus, window, batch)
    for remedy in remedies:
        assert remedy in str(caught.value)


@given(st.integers(2, 40), st.integers(1, 20), st.integers(1, 8))
def test_a_text_fits_exactly_when_it_has_a_window(n: int, window: int, batch: int) -> None:
    corpus = corpus_of("a b " * n, valid=0)
    fits = corpus.training_streams(batch).n_windows(window) > 0
    if fits:
        check_fits(corpus, window, batch)
    else:
        with pytest.raises(TextTooShort):
            check_fits(corpus, window, batch)


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ("拿破仑是法国的皇帝。他后来被流放。", True),
        ("ナポレオンはフランスの皇帝だった。", True),
        ("นโปเลียนเป็นจักรพรรดิ", True),
        ("나폴레옹은 프랑스의 황제였다.", False),
        ("The word 皇帝 means emperor in Chinese.", False),
        ("Наполеон был императором.", False),
    ],
)
def test_scripts_without_blanks_are_remarked_on(text: str, noted: bool) -> None:
    assert any("no blanks between its words" in note for note in corpus_of(text).notes) is noted
    assert corpus_of(text, "char").notes == ()


def test_building_reports_progress_that_never_goes_back() -> None:
    shares: list[float] = []
    doings: list[str] = []

    def progress(share: float, doing: str) -> None:
        shares.append(share)
        doings.append(doing)

    text = text_from_string("some words of a text\n" * 50_000, "a text")
    build_corpus(text, tokens="word", vocabulary=9, lowercase=False, valid_fraction=0.1, progress=progress)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert {"splitting into words", "counting", "looking up tokens"} == set(doings)


def test_building_stops_wherever_it_is_cancelled() -> None:
    text = text_from_string("some words of a text\n" * 50_000, "a text")
    asked = 0

    def never() -> bool:
        nonlocal asked
        asked += 1
        return False

    def build(cancelled: object) -> None:
        build_corpus(
            text,
            tokens="word",
            vocabulary=9,
            lowercase=False,
            valid_fraction=0.1,
            cancelled=cancelled,  # type: ignore[arg-type]
        )

    build(never)
    assert asked >= 10
    for when in range(asked):
        left = iter([False] * when)
        with pytest.raises(ReadingCancelled):
            build(lambda left=left: next(left, True))


def test_counting_tells_how_far_it_is() -> None:
    told: list[tuple[float, str]] = []
    text = text_from_string("one two three four five six seven\n" * 40_000, "long.txt")  # several pieces
    build_corpus(
        text,
        tokens="char",
        vocabulary=100,
        lowercase=False,
        valid_fraction=0.1,
        progress=lambda share, doing: told.append((share, doing)),
    )
    counting = [share for share, doing in told if doing == "counting"]
    assert len(counting) > 3 and counting == sorted(counting)
    assert [share for share, _ in told] == sorted(share for share, _ in told)
