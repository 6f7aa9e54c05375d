"""Where the examples of a memory task stand among the token ids, and which tokens count."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.text.errors import DamagedTask
from rnnviz.text.progress import Cancelled, stop_if
from rnnviz.text.tasks import Task
from rnnviz.text.textfile import TextFile
from rnnviz.text.tokenizers import Tokenizer

Flags = NDArray[np.bool_]

_LINES_AT_ONCE = 1000


@dataclass(frozen=True, eq=False)
class Examples:
    """Two marks for each of N tokens, read-only."""

    starts: Flags  # (N,) an example begins here: nothing before it has to do with it
    marked: Flags  # (N,) this token is an answer: it counts

    def __post_init__(self) -> None:
        """Lock both."""
        self.starts.setflags(write=False)
        self.marked.setflags(write=False)

    def __getitem__(self, part: slice) -> "Examples":
        return Examples(self.starts[part], self.marked[part])


def body_pieces(text: TextFile, task: Task | None) -> Iterator[bytes]:
    """What of a text is learned, in pieces: of a task all but its first line."""
    skipped = 0 if task is None else len(task.header) + 1
    for piece in text.utf8_pieces():
        if len(piece) > skipped:
            yield piece[skipped:]
        skipped = 0


def find_examples(
    text: TextFile, task: Task, tokenizer: Tokenizer, n_tokens: int, cancelled: Cancelled | None = None
) -> Examples:
    """The examples of a task text among its `n_tokens` tokens, however the text is cut into tokens.

    Characters: the line end belongs to the example before it. Raises DamagedTask, ReadingCancelled.
    """
    starts, marked = np.zeros(n_tokens, np.bool_), np.zeros(n_tokens, np.bool_)
    needed = 1 - task.answers[0]  # something must stand before the first answer
    place = 0
    for number, line in enumerate(_body_lines(text, task), start=2):
        if number % _LINES_AT_ONCE == 0:
            stop_if(cancelled)
        tokens = tokenizer.split(line)
        signs = [i for i, token in enumerate(tokens) if not token.isspace()]
        if signs and len(signs) < needed:
            raise DamagedTask(_damaged(text, f"Line {number:,}"))
        if signs:
            starts[place] = True
            marked[[place + signs[i] for i in task.answers]] = True
        place += len(tokens)
    if place != n_tokens:  # only a text that people have written into
        raise DamagedTask(_damaged(text, "The examples"))
    return Examples(starts, marked)


def _damaged(text: TextFile, what: str) -> str:
    return (
        f"{what} of {text.name} cannot be what its first line says. Write the text anew with `rnnviz task`, "
        "or take its first line away to read it as any other text."
    )


def _body_lines(text: TextFile, task: Task) -> Iterator[str]:
    """The lines of the examples, with their line ends."""
    for piece in body_pieces(text, task):
        *lines, rest = piece.decode().split("\n")
        for line in lines:
            yield line + "\n"
        if rest:
            yield rest
