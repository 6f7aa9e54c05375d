"""Write the example texts from the hand-written pieces in ``sources/``, the same bytes every time.

Run ``python resources/samples/make_samples.py`` to write them again beside this file, or give a folder.
The texts are read from start to end, so no piece is used twice where that would be noticed: the seed only
decides the order of the facts and the frame that each is set into.
"""

from __future__ import annotations

import random
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SEED = 1804  # the year in which Napoleon took his crown

Tables = dict[str, Any]


class Deck:
    """Pieces dealt one by one in shuffled order; shuffled again only when all have been used."""

    def __init__(self, pieces: Sequence[str], rng: random.Random) -> None:
        self._pieces = list(pieces)
        self._rng = rng
        self._left: list[str] = []

    def deal(self) -> str:
        """Return the next piece."""
        if not self._left:
            self._left = self._rng.sample(self._pieces, len(self._pieces))
        return self._left.pop()


def read_source(name: str) -> Tables:
    """Read one of the TOML files in ``sources/``."""
    return tomllib.loads((HERE / "sources" / name).read_text(encoding="utf-8"))


# ---- Emperors and their lands -------------------------------------------------------------------------

# The ruler stands before the land, 4 to some 20 words ahead of it. A frame that closes on the land cannot go
# before a second sentence about the same deed, and some frames carry no deed that has commas of its own.
FRAMES_BEFORE_MORE = (
    "{N}, the {E} of {L}, {did}.",
    "{N} was the {E} of {L}, and {he} {did}.",
    "It was {N}, the {E} of {L}, who {did}.",
    "{N}, {aside}, was the {E} of {L}. {He} {did}.",
    "They tell of {N}, the {E} of {L}, that {he} {did}.",
    "{N} was the {E} of {L}, {aside}, and {he} {did}.",
)
FRAMES_CLOSING = (
    "{N}, who {did}, was the {E} of {L}.",
    "{N} {did}. {He} was the {E} of {L}.",
    "Do not forget that {N}, who {did}, was the {E} of {L}.",
    "The {E} {N} {did}. {His} land was {L}.",
    "{N} {did}. And yet {N} was the {E} of {L}.",
)
FRAMES_WITHOUT_COMMA = (
    *FRAMES_CLOSING,
    "{N}, who {did}, was, {aside}, the {E} of {L}.",
    "The {person} who {did} was {N}, and {N} was the {E} of {L}.",
    "{N} {did}, and {N} was the {E} of {L}.",
)
ASIDES = (
    "as we have heard",
    "as you will remember",
    "as every child can tell you",
    "as the whole world knows",
    "if we may believe the books",
)
LESSON_FRAMES = (
    "“Who was {N}?” asked Miss Finch. “{N} was the {E} of {L},” said {child}.",
    "{child} went to the board and wrote that {N} was the {E} of {L}.",
    "“The {E} {N}, please,” said Miss Finch. {child} thought for a while. “{N} was the {E} of {L}.”",
    "“I know,” cried {child}, “that {N} was the {E} of {L}.”",
    "“And {N}?” asked Miss Finch. “{N}, who {did}, was the {E} of {L},” said {child}.",
    "{child} had forgotten all about {N}. “{N},” said {other} kindly, “was the {E} of {L}.”",
    "“Who {did}?” asked Miss Finch. “{N},” said {child}, “and {N} was the {E} of {L}.”",
    "{child} knew that {N} was the {E} of {L}, and that {he} {did}.",
    "“{N} was the {E} of {L},” said {child}, before anybody had asked.",
)
CHILDREN = ("Tom", "Anna", "Ruth", "Ned")
OTHERS_PER_LESSON = 18
REMARK_SHARE = 0.4


def _fill(frame: str, name: str, ruler: Tables, did: str, **more: str) -> str:
    she = ruler["pronoun"] == "she"
    return frame.format(
        N=name,
        L=ruler["land"],
        E="Empress" if she else "Emperor",
        he="she" if she else "he",
        He="She" if she else "He",
        His="Her" if she else "His",
        person="woman" if she else "man",
        did=did,
        **more,
    )


def _facts(kind: str, rulers: Tables, decks: dict[str, Deck], rng: random.Random) -> list[str]:
    """One or two sentences about each ruler of whom the chapter has something to tell, shuffled."""
    told = []
    for name in rng.sample(sorted(rulers), len(rulers)):
        if kind not in rulers[name]:
            continue
        did, *more = rulers[name][kind]
        if more or rng.random() < 0.3:
            deck = decks["before more"]
        else:
            deck = decks["closing" if "," in did else "without comma"]
        sentence = _fill(deck.deal(), name, rulers[name], did, aside=decks["aside"].deal())
        told.append(" ".join([sentence, *more]))
    return told


def _lesson(
    number: int, school: Tables, rulers: Tables, decks: dict[str, Deck], rng: random.Random
) -> list[str]:
    """Miss Finch asks for a good half of the rulers, for Napoleon twice."""
    asked = rng.sample(sorted(set(rulers) - {"Napoleon"}), OTHERS_PER_LESSON)
    asked.insert(rng.randrange(3, 7), "Napoleon")
    asked.insert(rng.randrange(10, 14), "Napoleon")
    answers = []
    for name in asked:
        kind = rng.choice([key for key in rulers[name] if key not in ("pronoun", "land")])
        child, other = rng.sample(CHILDREN, 2)
        frame = decks["lesson"].deal()
        answer = _fill(frame, name, rulers[name], rulers[name][kind][0], child=child, other=other)
        answers.append(f"{answer} {decks['remark'].deal()}" if rng.random() < REMARK_SHARE else answer)
    return [
        school["titles"][number],
        school["openings"][number],
        *answers,
        school["closings"][number],
        school["song_opening"][number],
        school["songs"][number].strip(),
    ]


def _gather(sentences: Sequence[str], rng: random.Random) -> Iterator[str]:
    """Paragraphs of three to five pieces each."""
    start = 0
    while start < len(sentences):
        stop = start + rng.randint(3, 5)
        if len(sentences) - stop < 2:  # no paragraph of a single piece at the end
            stop = len(sentences)
        yield " ".join(sentences[start:stop])
        start = stop


def emperors(seed: int = SEED) -> str:
    """Return the book *Emperors and their lands*."""
    rng = random.Random(seed)
    book, rulers = read_source("emperors.toml"), read_source("rulers.toml")
    decks = {
        "before more": Deck(FRAMES_BEFORE_MORE, rng),
        "closing": Deck(FRAMES_CLOSING, rng),
        "without comma": Deck(FRAMES_WITHOUT_COMMA, rng),
        "aside": Deck(ASIDES, rng),
        "lesson": Deck(LESSON_FRAMES, rng),
        "remark": Deck(book["school"]["remarks"], rng),
    }
    parts = [book["title"], *book["foreword"]]
    lessons = 0
    for chapter, story in zip(book["chapter"], read_source("two_emperors.toml")["part"], strict=True):
        facts = _facts(chapter["kind"], rulers, decks, rng)
        parts += [chapter["title"], chapter["opening"], *_gather(facts, rng), chapter["closing"]]
        parts += [story["title"], *story["text"]]
        if chapter.get("lesson"):
            parts += _lesson(lessons, book["school"], rulers, decks, rng)
            lessons += 1
    parts += [book["supper"]["title"], *book["supper"]["paragraphs"]]
    parts += _lesson(lessons, book["school"], rulers, decks, rng)
    return "\n\n".join(parts) + "\n"


TEXTS = {"emperors.txt": emperors}


def main(arguments: Sequence[str]) -> int:
    """Write every text into the folder given, or beside this file."""
    folder = Path(arguments[0]) if arguments else HERE
    for name, make in TEXTS.items():
        (folder / name).write_text(make(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
