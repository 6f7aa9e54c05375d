"""Memory tasks: texts with an answer that lies far back, generated from a seed, which open like any file.

The file is plain text. Its first line names the task, each further line is one example:

    # rnnviz task: recall, distance 20, examples 5000, seed 1. The last token of each line counts.
    c w z z y x w y x x z w y z w w x z y x w c

An example is single signs with a blank between each two, so that words are the tokens that suit it. Which
tokens count follows from the first line, so nothing in the examples marks them: the last of each line
(recall, order, brackets), the last min(3, distance) (copy), the last but one (reber). The first line is no
part of what is learned. A text is a task only if its first line is, to the letter, one that is written here.

`distance` is the number of time steps that the error of a counted token travels from the step that predicts
it back to the step that read what it depends on:

- recall: a letter, `distance` random fillers, the same letter.
- order: fillers, then two letters (each a or b) among fillers, then one of p q r s for aa ab ba bb. The first
  letter is read `distance` steps before the answer is predicted, the second at a random place between.
- copy: min(3, distance) letters, fillers, the same letters; each is read `distance` steps before.
- reber: the embedded Reber grammar (Hochreiter and Schmidhuber 1997, task 1): B, T or P, a Reber string of
  `distance` signs, the same T or P, E.
- brackets: an opening bracket, `distance` signs in which every bracket is closed, the bracket that closes.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from rnnviz.text.textfile import TextFile

LONGEST_DISTANCE = 2000
"""Time steps; the line of an example stays shorter than the longest that a `TextFile` keeps whole."""
MOST_EXAMPLES = 1_000_000
LARGEST_SEED = 2**32 - 1
EXAMPLES = 5000

LETTERS = "abcd"
FILLERS = "wxyz"
ORDERS = {"aa": "p", "ab": "q", "ba": "r", "bb": "s"}
COPIED = 3  # letters, where the distance has room for them
BRACKETS = {"(": ")", "[": "]", "{": "}", "<": ">"}
NEUTRAL = "."
REBER = (  # state -> (sign, next state); -1 is the end
    (("B", 1),),
    (("T", 2), ("P", 3)),
    (("S", 2), ("X", 4)),
    (("T", 3), ("V", 5)),
    (("X", 3), ("S", 6)),
    (("P", 4), ("V", 6)),
    (("E", -1),),
)  # fmt: skip

Draw = Callable[[int], int]
"""A random whole number from 0 to n - 1."""


@dataclass(frozen=True, slots=True)
class TaskKind:
    """What a kind of task is, in words and numbers."""

    name: str
    asks: str  # in a sentence, for people
    example: Callable[[int, Draw], str]  # (distance, random numbers) -> the signs of one example
    choices: int  # as many answers are equally likely to who remembers nothing
    shortest: int = 1  # distance


@dataclass(frozen=True, slots=True)
class Task:
    """One task text: made from these four, and told by them."""

    kind: str
    distance: int
    examples: int = EXAMPLES
    seed: int = 1

    def __post_init__(self) -> None:
        """Raise ValueError, with what to choose instead, where there is no such task."""
        if self.kind not in KINDS:
            raise ValueError(f"there is no task {self.kind!r}; there are: {', '.join(KINDS)}.")
        shortest = KINDS[self.kind].shortest
        for name, value, low, high in (
            ("distance", self.distance, shortest, LONGEST_DISTANCE),
            ("number of examples", self.examples, 1, MOST_EXAMPLES),
            ("seed", self.seed, 0, LARGEST_SEED),
        ):
            if not low <= value <= high:
                raise ValueError(
                    f"the {name} of {self.kind} must be from {low:,} to {high:,}, not {value:,}."
                )

    @property
    def chance(self) -> float:
        """The share of right answers that guessing reaches."""
        return 1 / KINDS[self.kind].choices

    @property
    def answers(self) -> tuple[int, ...]:
        """Which tokens of an example count, as indices from its end: (-1,) is the last."""
        if self.kind == "copy":
            return tuple(range(-min(COPIED, self.distance), 0))
        return (-2,) if self.kind == "reber" else (-1,)

    @property
    def shortest_window(self) -> int:
        """So many time steps a training window needs for the error to reach what the answer depends on."""
        return self.distance + 1

    @property
    def longest_example(self) -> int:
        """The most signs that an example has."""
        if self.kind == "reber":
            return self.distance + 4
        if self.kind == "copy":
            return self.distance + 1 + min(COPIED, self.distance)
        return self.distance + 2 + (self.distance // 4 if self.kind == "order" else 0)

    def counted(self, n_tokens: int) -> tuple[bool, ...]:
        """Which tokens of a passage, read as one example, are answers: none where it is no whole example."""
        is_example = self.distance + 2 <= n_tokens <= self.longest_example
        answers = {n_tokens + index for index in self.answers} if is_example else set()
        return tuple(place in answers for place in range(n_tokens))

    @property
    def title(self) -> str:
        """What it is called where it has no file name."""
        return f"{self.kind}, distance {self.distance:,}"

    @property
    def header(self) -> str:
        """The first line of the text."""
        n = len(self.answers)
        what = f"last {n} tokens" if n > 1 else "last token but one" if self.kind == "reber" else "last token"
        verb = "count" if n > 1 else "counts"
        return (
            f"# rnnviz task: {self.kind}, distance {self.distance}, examples {self.examples}, "
            f"seed {self.seed}. The {what} of each line {verb}."
        )

    def lines(self) -> Iterator[str]:
        """The text, line by line without line ends: the header, then the examples."""
        yield self.header
        # Of Python's generators only random() promises the same numbers in every version.
        stream = Random(self.seed).random
        example = KINDS[self.kind].example
        for _ in range(self.examples):
            yield " ".join(example(self.distance, lambda n: int(stream() * n)))

    def text(self) -> str:
        """The whole text, as it is written to a file."""
        return "".join(f"{line}\n" for line in self.lines())


_HEADER = re.compile(
    r"# rnnviz task: ([a-z]{1,20}), distance (\d{1,4}), examples (\d{1,7}), seed (\d{1,10})\. .*"
)


def task_of(text: TextFile) -> Task | None:
    """The task that a text is; None for every other text."""
    first = text.line(0)
    found = _HEADER.fullmatch(first)
    if found is None:
        return None
    try:
        task = Task(found[1], int(found[2]), int(found[3]), int(found[4]))
    except ValueError:
        return None
    return task if task.header == first else None


# -- examples ---------------------------------------------------------------------------------------------


def _fillers(n: int, draw: Draw) -> str:
    return "".join(FILLERS[draw(len(FILLERS))] for _ in range(n))


def _recall(distance: int, draw: Draw) -> str:
    letter = LETTERS[draw(len(LETTERS))]
    return letter + _fillers(distance, draw) + letter


def _order(distance: int, draw: Draw) -> str:
    pair = "ab"[draw(2)] + "ab"[draw(2)]
    second = draw(distance)  # fillers between the two
    before = _fillers(draw(distance // 4 + 1), draw)
    between, after = _fillers(second, draw), _fillers(distance - 1 - second, draw)
    return before + pair[0] + between + pair[1] + after + ORDERS[pair]


def _copy(distance: int, draw: Draw) -> str:
    n = min(COPIED, distance)
    letters = "".join(LETTERS[draw(len(LETTERS))] for _ in range(n))
    return letters + _fillers(distance + 1 - n, draw) + letters


def _reber(distance: int, draw: Draw) -> str:
    marked = "TP"[draw(2)]
    return "B" + marked + _reber_string(distance, draw) + marked + "E"


def _reber_string(length: int, draw: Draw) -> str:
    """A Reber string of exactly `length` signs, each as likely as the grammar, which tosses coins, has it."""
    weights = _weights(length)
    signs, state = [], 0
    for left in range(length, 0, -1):
        ways = [(sign, then, weights[left - 1][then]) for sign, then in REBER[state]]
        toss = draw(1 << 30) / (1 << 30) * sum(weight for *_, weight in ways)
        for sign, then, weight in ways:  # the last way that is possible takes what rounding leaves
            if weight > 0:
                chosen = sign, then
                if toss < weight:
                    break
                toss -= weight
        signs.append(chosen[0])
        state = chosen[1]
    return "".join(signs)


@cache
def _weights(length: int) -> tuple[tuple[float, ...], ...]:
    """[n][state]: how likely the grammar ends after just n more signs; each row is scaled to add up to 1.

    State -1, the end, is the last entry.
    """
    rows: list[tuple[float, ...]] = [(0.0,) * len(REBER) + (1.0,)]
    for _ in range(length):
        found = [sum(rows[-1][then] for _, then in ways) / len(ways) for ways in REBER]
        total = sum(found)
        rows.append((*(value / total for value in found), 0.0))
    return tuple(rows)


def _brackets(distance: int, draw: Draw) -> str:
    kinds = "".join(BRACKETS)
    first = kinds[draw(len(kinds))]
    signs, open_ones = [first], [first]
    for left in range(distance, 0, -1):
        depth = len(open_ones) - 1  # brackets that must be closed before the outermost one
        ways = [NEUTRAL, "open"] if depth + 1 < left else [NEUTRAL] if depth < left else []
        if depth:
            ways.append("close")
        way = ways[draw(len(ways))]
        if way == "open":
            open_ones.append(kinds[draw(len(kinds))])
            signs.append(open_ones[-1])
        else:
            signs.append(BRACKETS[open_ones.pop()] if way == "close" else NEUTRAL)
    return "".join(signs) + BRACKETS[first]


KINDS: dict[str, TaskKind] = {
    kind.name: kind
    for kind in (
        TaskKind("recall", "A letter, fillers, then the same letter again.", _recall, 4),
        TaskKind("order", "Two letters among fillers, then in which order they came.", _order, 4),
        TaskKind("copy", "A few letters, fillers, then the same letters again.", _copy, 4),
        TaskKind("reber", "A T or P, a string of the Reber grammar, then the T or P.", _reber, 2, shortest=5),
        TaskKind("brackets", "A bracket, others inside it, then the one that closes it.", _brackets, 4),
    )
}
