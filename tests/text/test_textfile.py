import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.text import ReadingCancelled, TextFile, TextTooShort, text_from_string
from rnnviz.text.line_ends import normalised
from rnnviz.text.textfile import LONGEST_LINE_BYTES, Piece, TextBuilder

PARTS = st.lists(
    st.text(st.one_of(st.sampled_from("ab é\n\r\u0301我\u2028"), st.characters(exclude_categories=["Cs"])))
)


def build(parts: list[str], piece: int = 6) -> TextFile:
    builder = TextBuilder(piece)
    for part in parts:
        builder.add(part)
    builder.add("", final=True)
    return builder.finish("a text", "text")


@given(PARTS, st.integers(1, 12))
def test_the_pieces_make_up_the_text_wherever_it_came_in_two(parts: list[str], piece: int) -> None:
    text = build(parts, piece)
    whole = normalised("".join(parts))
    assert "".join(text.pieces()) == whole
    assert b"".join(text.utf8_pieces()) == whole.encode()
    assert text.n_characters == len(whole)
    assert all(0 < len(part) <= piece or part.endswith("\n") for part in text.pieces())


@given(st.text(st.sampled_from("ab é我\n")))
def test_lines_are_those_of_the_text(text: str) -> None:
    lines = (text[:-1] if text.endswith("\n") else text).split("\n") if text else []
    read = build([text], 1_000)
    assert read.n_lines == len(lines)
    assert read.lines(0, 10**9) == lines
    assert [read.line(i) for i in range(read.n_lines)] == lines


def test_a_piece_ends_after_a_line_or_else_after_a_blank() -> None:
    assert list(build(["one\ntwo three four"], 9).pieces()) == ["one\n", "two ", "three ", "four"]


def test_a_piece_never_begins_with_a_combining_mark() -> None:
    assert list(build(["aaaae\u0301\u0302bb"], 5).pieces()) == ["aaaa", "e\u0301\u0302bb"]


def test_there_is_no_line_outside_the_text() -> None:
    text = text_from_string("one\ntwo", "a text")
    for i in (-1, 2):
        with pytest.raises(IndexError):
            text.line(i)
    assert text.lines(-5, 1) == ["one"]
    assert text.lines(1, 9) == ["two"]


@pytest.mark.parametrize("unit", ["é", "word ", "我"])
def test_an_endless_line_is_cut_into_lines_that_can_be_laid_out(unit: str) -> None:
    whole = "short\n" + unit * 200_000 + "\nend"
    text = text_from_string(whole, "a text")
    assert "".join(text.pieces()) == whole
    lines = text.lines(0, text.n_lines)
    assert max(len(line.encode()) for line in lines) <= LONGEST_LINE_BYTES
    assert "".join(lines) == whole.replace("\n", "")
    assert lines[0] == "short" and lines[-1] == "end"


def test_for_a_line_far_down_a_long_text_no_other_one_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    text = text_from_string("".join(f"line {i}\n" for i in range(300_000)), "a text")
    assert text.n_lines == 300_000
    looked_at, span = [], Piece.line_span
    monkeypatch.setattr(Piece, "line_span", lambda piece, line: looked_at.append(line) or span(piece, line))
    chance = random.Random(0)
    wanted = [0, 299_999, *(chance.randrange(300_000) for _ in range(2000))]
    for i in wanted:
        assert text.line(i) == f"line {i}"
    assert len(looked_at) == len(wanted)


def test_lone_surrogates_become_the_replacement_sign_and_pairs_their_character() -> None:
    assert list(text_from_string("a\ud800b \ud83d\ude00", "a text").pieces()) == ["a\ufffdb 😀"]


def test_a_string_of_nothing_is_refused() -> None:
    for nothing in ("", " \n\t"):
        with pytest.raises(TextTooShort):
            text_from_string(nothing, "a text")


WORDS = "one two\nthree Two one\nÉté one\n" * 40


def naive(whole: str, word: str) -> list[tuple[int, int]]:
    found = []
    for number, line in enumerate(whole.split("\n")):
        at = line.find(word)
        while at >= 0:
            found.append((number, at))
            at = line.find(word, at + 1)
    return found


@pytest.mark.parametrize("piece", [7, 30, 10_000])
@pytest.mark.parametrize("word", ["one", "two", "é", "e", "nowhere"])
def test_search_finds_every_place_forward_and_backward(piece: int, word: str) -> None:
    # Pieces that begin within a line would begin a line of their own, so the text is given line by line.
    text = build([line + "\n" for line in WORDS.splitlines()], piece + 20)
    expected = naive(WORDS.casefold(), word)
    forward = []
    place = text.find(word, 0)
    while place is not None:
        forward.append(place)
        place = text.find(word, place[0], start_column=place[1] + 1)
    assert forward == expected
    backward = []
    place = text.find(word, text.n_lines, forward=False)
    while place is not None:
        backward.append(place)
        place = text.find(word, place[0], forward=False, start_column=place[1])
    assert backward[::-1] == expected


def test_search_minds_case_when_asked() -> None:
    text = text_from_string(WORDS, "a text")
    assert text.find("Two", 0, match_case=True) == (1, 6)
    assert text.find("Two", 0) == (0, 4)
    assert text.find("été", 0) == (2, 0)


def test_search_crosses_the_end_of_a_piece() -> None:
    text = build(["aaa bbb ccc ddd"], 5)
    assert list(text.pieces()) == ["aaa ", "bbb ", "ccc ", "ddd"]
    assert text.find("bbb ccc", 0) == (1, 0)
    assert text.find("b c", text.n_lines, forward=False) == (1, 2)


def test_search_takes_signs_for_what_they_are_and_nothing_for_nothing() -> None:
    text = text_from_string("a.b (c) *", "a text")
    assert text.find("(c)", 0) == (0, 4)
    assert text.find(".", 0) == (0, 1)
    assert text.find("", 0) is None


def test_search_can_be_cancelled() -> None:
    with pytest.raises(ReadingCancelled):
        text_from_string("a b", "a text").find("b", 0, cancelled=lambda: True)


def test_the_index_of_lines_is_small() -> None:
    text = text_from_string("ten bytes\n" * 50_000, "a text")
    starts = sum(piece.line_starts.nbytes for piece in text._pieces)
    assert starts == 4 * text.n_lines
    assert all(piece.line_starts.dtype == np.uint32 for piece in text._pieces)
