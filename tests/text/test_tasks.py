"""Memory tasks: every example is what its task says, and is found again however the file is opened."""

import re

import numpy as np
import pytest

from rnnviz.text import (
    TASK_KINDS,
    DamagedTask,
    Task,
    TextTooShort,
    build_corpus,
    read_text,
    samples,
    suggest_passage,
    task_of,
    text_from_string,
)

EVERY = [Task(kind, distance, 200, 3) for kind in TASK_KINDS for distance in (5, 6, 17)]
SHORTEST = [Task(kind.name, kind.shortest, 50) for kind in TASK_KINDS.values()]


def named(task):
    return f"{task.kind}-{task.distance}"


def examples(task):
    return [line.split(" ") for line in list(task.lines())[1:]]


def corpus_of(task, tokens="word", **choices):
    text = text_from_string(task.text(), "task.txt")
    return build_corpus(
        text, **({"vocabulary": 100, "lowercase": False, "valid_fraction": 0.1} | choices), tokens=tokens
    )


def walks(signs):
    """Whether the grammar of Reber (1967), as drawn by Hochreiter and Schmidhuber, can write `signs`."""
    arrows = {
        "start": {"B": "a"}, "a": {"T": "b", "P": "c"}, "b": {"S": "b", "X": "d"},
        "c": {"T": "c", "V": "e"}, "d": {"X": "c", "S": "f"}, "e": {"P": "d", "V": "f"}, "f": {"E": "end"},
    }  # fmt: skip
    state = "start"
    for sign in signs:
        state = arrows.get(state, {}).get(sign)
        if state is None:
            return False
    return state == "end"


@pytest.mark.parametrize("task", EVERY + SHORTEST, ids=named)
def test_a_task_has_as_many_examples_as_asked_for_none_longer_than_it_says(task):
    found = examples(task)
    assert len(found) == task.examples
    assert max(map(len, found)) <= task.longest_example
    assert all(len(sign) == 1 for signs in found for sign in signs)


@pytest.mark.parametrize("distance", [1, 2, 20])
def test_recall_ends_in_its_first_letter_that_many_steps_later(distance):
    for signs in examples(Task("recall", distance, 100)):
        assert signs[0] == signs[-1] and signs[0] in "abcd"
        assert len(signs) == distance + 2 and set(signs[1:-1]) <= set("wxyz")


@pytest.mark.parametrize("distance", [1, 2, 20])
def test_order_tells_which_two_letters_came_and_the_first_stands_at_the_distance(distance):
    answers = {("a", "a"): "p", ("a", "b"): "q", ("b", "a"): "r", ("b", "b"): "s"}
    places = set()
    for signs in examples(Task("order", distance, 200)):
        at = [i for i, sign in enumerate(signs) if sign in "ab"]
        assert len(at) == 2 and answers[signs[at[0]], signs[at[1]]] == signs[-1]
        assert (len(signs) - 2) - at[0] == distance  # from the step that predicts the answer
        places.add((at[0], at[1] - at[0]))
    assert distance < 3 or len(places) > 5


@pytest.mark.parametrize("distance", [1, 2, 3, 20])
def test_every_letter_of_copy_comes_again_that_many_steps_later(distance):
    n = min(3, distance)
    for signs in examples(Task("copy", distance, 100)):
        assert signs[-n:] == signs[:n]
        assert len(signs) - n - 1 == distance
        assert set(signs[n:-n]) <= set("wxyz")


@pytest.mark.parametrize("distance", [5, 6, 7, 30, 2000])
def test_embedded_reber_is_grammatical_and_ends_in_its_second_sign(distance):
    for signs in examples(Task("reber", distance, 40)):
        inner = "".join(signs[2:-2])
        assert walks(inner) and len(inner) == distance
        assert (signs[0], signs[-1]) == ("B", "E") and signs[1] == signs[-2] in "TP"


def test_reber_strings_are_as_likely_as_the_grammar_has_them():
    # Of 6 signs there are these three and no other, each the outcome of four tosses of a coin.
    found = ["".join(signs[2:-2]) for signs in examples(Task("reber", 6, 3000))]
    assert set(found) == {"BTSXSE", "BPTVVE", "BPVPSE"}
    assert all(abs(found.count(string) - 1000) < 110 for string in set(found))


@pytest.mark.parametrize("distance", [1, 2, 9, 40])
def test_brackets_close_what_they_open_and_the_outermost_last(distance):
    closes = {"(": ")", "[": "]", "{": "}", "<": ">"}
    for signs in examples(Task("brackets", distance, 100)):
        waiting = []
        for i, sign in enumerate(signs):
            if sign in closes:
                waiting.append(sign)
            elif sign != ".":
                assert closes[waiting.pop()] == sign
            assert bool(waiting) == (i < len(signs) - 1)
        assert len(signs) == distance + 2


@pytest.mark.parametrize("kind", TASK_KINDS)
def test_answers_are_equally_likely(kind):
    task = Task(kind, 9, 4000)
    found = [signs[task.answers[0]] for signs in examples(task)]
    share = [found.count(answer) / len(found) for answer in set(found)]
    assert len(share) == TASK_KINDS[kind].choices == round(1 / task.chance)
    assert max(abs(s - task.chance) for s in share) < 0.04


def test_the_same_seed_gives_the_same_text_and_another_one_another():
    assert Task("recall", 6, 20, 7).text() == Task("recall", 6, 20, 7).text()
    assert Task("recall", 6, 20, 7).text() != Task("recall", 6, 20, 8).text()


def test_the_text_of_a_seed_is_the_same_on_every_machine():
    assert list(Task("recall", 8, 2, 1).lines())[1:] == ["a z z x x x y z w a", "a z x z w x y w z a"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_task_is_known_again_from_any_file(tmp_path, line_end, encoding):
    task = Task("order", 12, 30, 5)
    path = tmp_path / "order.txt"
    path.write_bytes(task.text().replace("\n", line_end).encode(encoding))
    assert task_of(read_text(path)) == task


@pytest.mark.parametrize(
    "first",
    [
        "# rnnviz task: recall, distance 20, examples 5000, seed 1.",
        "# rnnviz task: recall, distance 20, examples 5, seed 1. The last token but one of each line counts.",
        "# rnnviz task: recall, distance 0, examples 5000, seed 1. The last token of each line counts.",
        "# rnnviz task: recall, distance 020, examples 5000, seed 1. The last token of each line counts.",
        "# rnnviz task: juggling, distance 20, examples 5000, seed 1. The last token of each line counts.",
        " # rnnviz task: recall, distance 20, examples 5000, seed 1. The last token of each line counts.",
        "a w w x y a",
    ],
)
def test_no_other_text_is_taken_for_a_task(first):
    text = text_from_string(f"{first}\na w x a\nb w w b\n", "x.txt")
    assert task_of(text) is None
    corpus = build_corpus(text, tokens="word", vocabulary=50, lowercase=False, valid_fraction=0.0)
    assert corpus.task is corpus.train_examples is corpus.valid_examples is None


def test_a_task_further_down_in_a_text_is_text():
    inside = text_from_string("Look at this:\n" + Task("recall", 3, 2).text(), "x.txt")
    assert task_of(inside) is None


@pytest.mark.parametrize("sample", samples(), ids=lambda s: s.file)
def test_the_example_texts_are_no_tasks(sample):
    assert task_of(read_text(sample.path)) is None


@pytest.mark.parametrize("tokens", ["word", "char"])
@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("task", EVERY, ids=named)
def test_examples_and_answers_are_found_among_the_tokens(task, tokens, lowercase):
    corpus = corpus_of(task, tokens, lowercase=lowercase)
    starts = np.concatenate([corpus.train_examples.starts, corpus.valid_examples.starts])
    marked = np.concatenate([corpus.train_examples.marked, corpus.valid_examples.marked])
    ids = np.concatenate([corpus.train_ids, corpus.valid_ids])
    assert len(starts) == len(marked) == len(ids) and len(corpus.train_ids) == len(
        corpus.train_examples.starts
    )
    spelt = corpus.vocabulary.decode(ids)
    at = [*np.flatnonzero(starts), len(ids)]
    wanted = examples(task)
    assert len(at) == len(wanted) + 1
    for signs, begin, end in zip(wanted, at, at[1:], strict=False):
        if lowercase:
            signs = [sign.lower() for sign in signs]
        assert [sign for sign in spelt[begin:end] if not sign.isspace()] == signs
        answers = [sign for sign, counts in zip(spelt[begin:end], marked[begin:end], strict=True) if counts]
        assert answers == [signs[i] for i in task.answers]


def test_the_first_line_is_no_part_of_what_is_learned():
    corpus = corpus_of(Task("recall", 4, 20))
    assert set(corpus.vocabulary.tokens[1:]) == set("abcdwxyz")
    assert corpus.n_tokens == 20 * 6


def test_masks_cannot_be_written_to():
    corpus = corpus_of(Task("recall", 4, 20))
    with pytest.raises(ValueError, match="read-only"):
        corpus.train_examples.marked[0] = True


@pytest.mark.parametrize(
    ("kind", "distance", "examples", "seed", "said"),
    [
        (
            "juggling",
            5,
            10,
            1,
            "there is no task 'juggling'; there are: recall, order, copy,",
        ),
        ("recall", 0, 10, 1, "the distance of recall must be from 1 to 2,000, not 0."),
        ("reber", 4, 10, 1, "the distance of reber must be from 5 to 2,000, not 4."),
        ("copy", 2001, 10, 1, "the distance of copy must be from 1 to 2,000, not 2,001."),
        ("copy", 5, 0, 1, "the number of examples of copy must be from 1 to 1,000,000, not 0."),
        ("copy", 5, 5, -1, "the seed of copy must be from 0"),
    ],
)
def test_a_task_that_cannot_be_says_what_can(kind, distance, examples, seed, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        Task(kind, distance, examples, seed)


def test_a_damaged_task_is_refused_by_line():
    broken = Task("recall", 4, 5).text().splitlines()
    broken[3] = "a"
    text = text_from_string("\n".join(broken), "broken.txt")
    with pytest.raises(DamagedTask, match=r"Line 4 of broken\.txt cannot be .* take its first line away"):
        build_corpus(text, tokens="word", vocabulary=50, lowercase=False, valid_fraction=0.1)


def test_a_task_without_examples_is_too_short():
    text = text_from_string(Task("recall", 4, 5).header, "empty.txt")
    with pytest.raises(TextTooShort):
        build_corpus(text, tokens="word", vocabulary=50, lowercase=False, valid_fraction=0.1)


def test_blank_lines_between_examples_are_no_examples():
    text = text_from_string(Task("recall", 4, 30).text().replace("\n", "\n\n"), "loose.txt")
    corpus = build_corpus(text, tokens="word", vocabulary=50, lowercase=False, valid_fraction=0.0)
    assert corpus.train_examples.starts.sum() == corpus.train_examples.marked.sum() == 30


@pytest.mark.parametrize("tokens", ["word", "char"])
@pytest.mark.parametrize("task", EVERY, ids=named)
def test_the_suggested_passage_is_an_example_and_its_answer(task, tokens):
    text = text_from_string(task.text(), "task.txt")
    corpus = corpus_of(task, tokens)
    passage = suggest_passage(text, corpus)
    signs, _ = corpus.encode(passage.text)
    last = task.answers[-1]
    assert [*filter(str.strip, signs), passage.answer] in [e[: len(e) + last + 1] for e in examples(task)]


@pytest.mark.parametrize("kind", sorted(TASK_KINDS))
def test_the_answers_of_a_whole_example_count_and_no_part_of_one(kind: str) -> None:
    task = Task(kind, 6, examples=20)
    _, *lines = task.lines()
    for line in lines:
        n = len(line.split())
        assert [place - n for place, counts in enumerate(task.counted(n)) if counts] == list(task.answers)
    assert not any(task.counted(4)), "too short to be an example"
    assert not any(task.counted(task.longest_example + 1)), "more than one"
