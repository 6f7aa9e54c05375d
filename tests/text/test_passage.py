"""The passage to watch: named by a person, or found in the text."""

import pytest

from rnnviz.text import Passage, build_corpus, suggest_passage, text_from_string


@pytest.mark.parametrize(
    ("written", "passage"),
    [
        ("Napoleon was the Emperor of [France]", Passage("Napoleon was the Emperor of", "France")),
        ("Napoleon was the Emperor of[France] ", Passage("Napoleon was the Emperor of", "France")),
        ("no answer named", Passage("no answer named")),
        ("[France]", Passage("[France]")),
        ("a [bracket] inside", Passage("a [bracket] inside")),
        ("two [words here]", Passage("two [words here]")),
    ],
)
def test_a_last_word_in_brackets_names_the_answer(written: str, passage: Passage) -> None:
    assert Passage.written(written) == passage


def test_an_answer_given_apart_counts_more_than_one_in_brackets() -> None:
    assert Passage.written("the Emperor of [France]", "Russia") == Passage("the Emperor of", "Russia")


def test_an_answer_in_brackets_counts_more_than_the_one_of_before() -> None:
    assert Passage.asked("the Emperor of [France]", "Russia") == Passage("the Emperor of", "France")
    assert Passage.asked("the Emperor of", "Russia") == Passage("the Emperor of", "Russia")


def corpus_of(text: str, tokens: str):  # type: ignore[no-untyped-def]
    file = text_from_string(text, "a text")
    corpus = build_corpus(file, tokens=tokens, vocabulary=500, lowercase=False, valid_fraction=0.1)
    return file, corpus


def test_the_suggested_passage_is_a_sentence_of_the_text_and_its_last_word_the_answer() -> None:
    text = "One very long beginning that goes on and on and on and on for ever more. " * 3
    text += "The cat sat on the mat. " * 4
    assert suggest_passage(*corpus_of(text, "word")) == Passage("The cat sat on the", "mat")


def test_a_text_without_sentences_gives_its_first_words() -> None:
    passage = suggest_passage(*corpus_of("alpha beta gamma delta " * 30, "word"))
    assert len(passage.text.split()) == 10
    assert passage.answer


def test_characters_are_suggested_from_the_start_of_a_line_and_never_across_one() -> None:
    text = "short\n" + "the quick brown fox jumps over the lazy dog\n" * 10
    assert suggest_passage(*corpus_of(text, "char")) == Passage("the quick brown fox jumps", " ")


@pytest.mark.parametrize("tokens", ["word", "char"])
def test_a_tiny_text_still_gives_a_passage(tokens: str) -> None:
    passage = suggest_passage(*corpus_of("ab cd", tokens))
    assert passage.text and passage.answer
