"""What the text view asks of a text, and places in it: line and column, counted from 0."""

import re
from collections.abc import Callable
from typing import Protocol

from rnnviz.text import Passage, Tokenizer, tokenizer_named

Place = tuple[int, int]
"""Line and column; the column counts characters (code points)."""

MOST_SELECTED = {"word": 1500, "character": 200}
"""The longest passage in characters: each step back costs a column, and a trace all pairs of them."""

_LINES_FOR_ANSWER = 50  # empty lines that may lie between a passage and the word after it
_WORD_OR_SIGNS = re.compile(r"\w+|[^\w\s]+")


class Lines(Protocol):
    """A text as the view needs it; `rnnviz.text.TextFile` is one. No line is long."""

    @property
    def n_lines(self) -> int:
        """How many lines there are."""

    def line(self, i: int) -> str:
        """Line `i` without its end."""

    def find(
        self,
        text: str,
        start_line: int,
        forward: bool = True,
        cancelled: Callable[[], bool] | None = None,
        *,
        start_column: int = 0,
    ) -> Place | None:
        """The first match at or after a place or, backward, the last one before it."""


def limited(text: Lines, anchor: Place, head: Place, most: int) -> Place:
    """`head`, or the place at which a selection from `anchor` towards it reaches `most` characters."""
    line, column = anchor
    left = most
    while line < head[0]:
        room = len(text.line(line)) - column + 1
        if room > left:
            return line, column + left
        left, line, column = left - room, line + 1, 0
    while line > head[0]:
        if column + 1 > left:
            return line, column - left
        left, line = left - column - 1, line - 1
        column = len(text.line(line))
    return line, min(max(head[1], column - left), column + left)


def _token_spans(line: str, tokenizer: Tokenizer) -> list[tuple[int, int]]:
    spans, at = [], 0
    for token in tokenizer.split(line):
        start = line.find(token, at)
        if start >= 0:
            at = start + len(token)
            spans.append((start, at))
    return spans


def passage_between(text: Lines, start: Place, end: Place, noun: str) -> Passage:
    """The passage from `start` to `end`, and the token after it.

    Words are taken whole, as the tokenizer cuts them; line ends become blanks. Characters are taken as they
    are, line ends included.
    """
    if noun == "character":
        return Passage("\n".join(_cut(text, start, end)), _character_at(text, end))
    words = tokenizer_named("word")
    for low, high in _token_spans(text.line(start[0]), words):
        if low < start[1] < high:
            start = (start[0], low)
    for low, high in _token_spans(text.line(end[0]), words):
        if low < end[1] < high:
            end = (end[0], high)
    return Passage(" ".join(" ".join(_cut(text, start, end)).split()), _word_at(text, end, words))


def _cut(text: Lines, start: Place, end: Place) -> list[str]:
    if start[0] == end[0]:
        return [text.line(start[0])[start[1] : end[1]]]
    middle = [text.line(i) for i in range(start[0] + 1, end[0])]
    return [text.line(start[0])[start[1] :], *middle, text.line(end[0])[: end[1]]]


def _character_at(text: Lines, place: Place) -> str:
    line = text.line(place[0])
    if place[1] < len(line):
        return line[place[1]]
    return "\n" if place[0] + 1 < text.n_lines else ""


def _word_at(text: Lines, place: Place, tokenizer: Tokenizer) -> str:
    line, column = place
    for i in range(line, min(line + _LINES_FOR_ANSWER, text.n_lines)):
        tokens = tokenizer.split(text.line(i)[column:])
        if tokens:
            return tokens[0]
        column = 0
    return ""


def word_around(line: str, column: int) -> tuple[int, int]:
    """Where the word, or the run of signs, at a column begins and ends: what a double click selects."""
    for match in _WORD_OR_SIGNS.finditer(line):
        if match.start() <= column < match.end():
            return match.span()
    return column, column


def next_border(line: str, column: int, forward: bool) -> int:
    """Where Ctrl and an arrow key go within a line."""
    starts = [0, *(match.start() for match in _WORD_OR_SIGNS.finditer(line)), len(line)]
    if forward:
        return next((start for start in starts if start > column), len(line))
    return next((start for start in reversed(starts) if start < column), 0)


def to_utf16(line: str, column: int) -> int:
    """A column in the units that Qt counts."""
    head = line[:column]
    return len(head) + sum(c > "\uffff" for c in head) if not head.isascii() else len(head)


def from_utf16(line: str, units: int) -> int:
    """The column of a place that Qt counted; within a pair, the character it belongs to."""
    if line.isascii():
        return min(units, len(line))
    for column, character in enumerate(line):
        units -= 2 if character > "\uffff" else 1
        if units < 0:
            return column
    return len(line)
