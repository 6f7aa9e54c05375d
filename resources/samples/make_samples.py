"""Write the example texts from the hand-written pieces in ``sources/``, the same bytes every time.

Run ``python resources/samples/make_samples.py`` to write them again beside this file, or give a folder.
The texts are read from start to end, so no piece is used twice where that would be noticed: the seed only
decides the order of the facts and the frame that each is set into.
"""

from __future__ import annotations

import random
import re
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
REMARK_SHARE = 0.5


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


def _suits(remark: str, ruler: Tables, speakers: set[str]) -> bool:
    """Nobody comments on an answer of his own, and no beard is asked about where an empress was meant."""
    words = set(re.findall(r"\w+", remark))
    return not (words & speakers) and not (
        ruler["pronoun"] == "she" and words & {"he", "his", "man", "beard"}
    )


def _lesson(
    number: int, school: Tables, rulers: Tables, decks: dict[str, Deck], rng: random.Random
) -> list[str]:
    """Miss Finch asks for a good half of the rulers, for Napoleon twice."""
    asked = rng.sample(sorted(set(rulers) - {"Napoleon"}), OTHERS_PER_LESSON)
    asked.insert(rng.randrange(3, 7), "Napoleon")
    asked.insert(rng.randrange(10, 14), "Napoleon")
    remarks = rng.sample(school["remarks"][number], len(school["remarks"][number]))
    answers = []
    for name in asked:
        kind = rng.choice([key for key in rulers[name] if key not in ("pronoun", "land")])
        child, other = rng.sample(CHILDREN, 2)
        frame = decks["lesson"].deal()
        answer = _fill(frame, name, rulers[name], rulers[name][kind][0], child=child, other=other)
        remark = next((one for one in remarks if _suits(one, rulers[name], {child, other})), None)
        if remark and rng.random() < REMARK_SHARE:
            remarks.remove(remark)
            answer = f"{answer} {remark}"
        answers.append(answer)
    return [
        school["titles"][number],
        school["openings"][number],
        *answers,
        school["closings"][number],
        school["song_opening"][number],
        school["songs"][number].strip(),
    ]


def _homework(rulers: Tables, rng: random.Random) -> Iterator[list[str]]:
    """Ned's, in which Napoleon comes up again and again, and then Anna's."""
    homework = read_source("homework.toml")
    for writer, frame in (
        ("ned", "{N} was the {E} of {L} {did}."),
        ("anna", "{N}, {did}, was the {E} of {L}."),
    ):
        task = homework[writer]
        names = rng.sample(sorted(task["lines"]), len(task["lines"]))
        lines = [_fill(frame, name, rulers[name], task["lines"][name]) for name in names]
        for place, again in enumerate(task.get("napoleon", [])):
            lines.insert(1 + 7 * place, _fill(frame, "Napoleon", rulers["Napoleon"], again))
        yield [task["title"], task["opening"], *_gather(lines, rng), task["closing"]]


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
    }
    parts = [book["title"], *book["foreword"]]
    homework = _homework(rulers, rng)
    lessons = 0
    for chapter, story in zip(book["chapter"], read_source("two_emperors.toml")["part"], strict=True):
        facts = _facts(chapter["kind"], rulers, decks, rng)
        parts += [chapter["title"], chapter["opening"], *_gather(facts, rng), chapter["closing"]]
        parts += [story["title"], *story["text"]]
        if chapter.get("lesson"):
            parts += _lesson(lessons, book["school"], rulers, decks, rng)
            parts += next(homework)
            lessons += 1
    parts += [book["supper"]["title"], *book["supper"]["paragraphs"]]
    parts += _lesson(lessons, book["school"], rulers, decks, rng)
    return "\n\n".join(parts) + "\n"


# ---- The station at Little Marrow --------------------------------------------------------------------

SHORTEST, LONGEST = 15, 40  # words from the first naming of the answer to the last
LONG_VISITS = 0.6  # share of the visits in which the clerk has something to say as well


def words_of(text: str) -> list[str]:
    """The words of a text, without the signs between them."""
    return re.findall(r"[\w’-]+", text)


def _visit(
    counter: Tables, visitor: Tables, x: str, decks: dict[str, Deck], again: bool, rng: random.Random
) -> str:
    """The answer `x` in the first sentence, talk, and `x` again as the last word."""
    who = "the" + visitor["who"].removeprefix("an").removeprefix("a") if again else visitor["who"]
    opening = decks["opening"].deal()
    told = [decks["winter talk"].deal() if again else visitor[counter["line"]]]
    if rng.random() < LONG_VISITS:
        told.append(decks["talk"].deal())
    said = opening.format(A=who[0].upper() + who[1:], a=who, x=x, an_x=f"a {x}", thing=decks["thing"].deal())
    return " ".join([said, *told, decks["closing"].deal().format(x=x)])


def _scene(
    counter: Tables, visitor: Tables, x: str, decks: dict[str, Deck], again: bool, rng: random.Random
) -> str:
    """A visit in which the answer lies as far back as promised. ValueError: a piece gives it away."""
    while True:
        scene = _visit(counter, visitor, x, decks, again, rng)
        words = words_of(scene)
        places = [place for place, word in enumerate(words) if word in counter["answers"]]
        if len(places) != 2 or places[1] != len(words) - 1:
            raise ValueError(f"{x!r} must be named first and last and nothing like it between: {scene}")
        if SHORTEST <= places[1] - places[0] <= LONGEST:
            return scene


def station(seed: int = SEED) -> str:
    """Return the scenes of *The station at Little Marrow*: every visitor at every window, twice."""
    rng = random.Random(seed)
    book = read_source("station.toml")
    parts = [book["title"], *book["foreword"]]
    decks = [
        {
            "opening": Deck(counter["openings"], rng),
            "closing": Deck(counter["closings"], rng),
            "talk": Deck(counter["talk"], rng),
            "winter talk": Deck(counter["winter_talk"], rng),
            "answer": Deck(counter["answers"], rng),
            "thing": Deck(book["things"], rng),
        }
        for counter in book["counter"]
    ]
    for again in (False, True):
        for counter, hands in zip(book["counter"], decks, strict=True):
            parts.append(counter["titles"][again])
            visitors = rng.sample(book["visitor"], len(book["visitor"]))
            parts += [_scene(counter, one, hands["answer"].deal(), hands, again, rng) for one in visitors]
        if not again:
            parts += book["interlude"]
    return "\n\n".join([*parts, book["farewell"]]) + "\n"


# ---- Nine long tails ----------------------------------------------------------------------------------


def _verse(links: Sequence[tuple[str, str]]) -> str:
    """What the last link did to the one before it, and so on down to the first."""
    last, *before = [thing for thing, _ in reversed(links)]
    deeds = [deed for _, deed in reversed(links)][:-1]
    lines = [f"This is {last}", *(f"{deed} {thing}" for deed, thing in zip(deeds, before, strict=True))]
    return "\n".join(lines) + "."


def tails() -> str:
    """Return the cumulative rhymes *Nine long tails*: nothing is left to chance here."""
    book = read_source("tails.toml")
    parts = [book["title"], book["foreword"]]
    for tail in book["tail"]:
        links = tail["links"]
        parts += [tail["title"], *(_verse(links[: count + 1]) for count in range(len(links)))]
    return "\n\n".join(parts) + "\n"


TEXTS = {"emperors.txt": emperors, "station.txt": station, "tails.txt": tails}


def main(arguments: Sequence[str]) -> int:
    """Write every text into the folder given, or beside this file."""
    folder = Path(arguments[0]) if arguments else HERE
    for name, make in TEXTS.items():
        (folder / name).write_text(make(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
