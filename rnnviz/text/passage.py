"""The passage to watch when nobody has chosen one: a whole short sentence of the text itself."""

import re
from dataclasses import dataclass

from rnnviz.text.corpus import Corpus
from rnnviz.text.tasks import Task
from rnnviz.text.textfile import TextFile

FEWEST_TOKENS = 5
MOST_WORDS = 10
MOST_CHARACTERS = 25
LOOKED_AT = 20_000
"""Characters from the middle of the text in which a passage is sought."""

_NAMED_ANSWER = re.compile(r"(?P<passage>.*\S)\s*\[(?P<answer>[^\[\]\s]+)\]\s*", re.DOTALL)
_SENTENCE_ENDS = frozenset(".!?。！？")


@dataclass(frozen=True, slots=True)
class Passage:
    """What is watched: a text, and the token that ought to come after it ("" where nobody named one)."""

    text: str
    answer: str = ""

    @classmethod
    def written(cls, text: str, answer: str = "") -> "Passage":
        """A passage as people write it: "Napoleon was the Emperor of [France]" names its answer at the end.

        An answer that is given apart counts more than one in brackets.
        """
        named = _NAMED_ANSWER.fullmatch(text)
        if named is None:
            return cls(text, answer)
        return cls(named["passage"], answer or named["answer"])

    @classmethod
    def asked(cls, text: str, answer: str) -> "Passage":
        """The same where the answer of before still stands beside the text: one in brackets is newer."""
        passage = cls.written(text)
        return passage if passage.answer else cls(text, answer)


def suggest_passage(text: TextFile, corpus: Corpus) -> Passage:
    """A passage from the middle of a text, and the token that follows it there.

    Words: the sentence of at most `MOST_WORDS` words with the fewest unknown ones, its last word being the
    answer. Characters: the start of a line, the answer the character after it. A memory task: an example up
    to its last answer.
    """
    if corpus.task is not None:
        return _example(text, corpus, corpus.task)
    excerpt = _middle(text)
    tokens, _ = corpus.encode(excerpt)
    if corpus.tokenizer.name == "char":
        return _first_characters(tokens, corpus)
    return _best_sentence(tokens, corpus)


def _example(text: TextFile, corpus: Corpus, task: Task) -> Passage:
    lines = (text.line(i) for i in range(max(1, text.n_lines // 2), text.n_lines))
    tokens = corpus.tokenizer.split(next((line for line in lines if line.strip()), text.line(1)))
    places = [i for i, token in enumerate(tokens) if not token.isspace()]
    answer = places[task.answers[-1]]
    return Passage(corpus.tokenizer.join(tokens[:answer]), tokens[answer])


def _middle(text: TextFile) -> str:
    first = text.n_lines // 2
    lines: list[str] = []
    size = 0
    for index in range(first, text.n_lines):
        line = text.line(index)[: LOOKED_AT - size]
        lines.append(line)
        size += len(line) + 1
        if size >= LOOKED_AT:
            break
    return "\n".join(lines)


def _first_characters(tokens: list[str], corpus: Corpus) -> Passage:
    starts = [0] + [i + 1 for i, token in enumerate(tokens) if token == "\n"]
    for start in starts:
        piece = tokens[start : start + MOST_CHARACTERS + 1]
        if len(piece) == MOST_CHARACTERS + 1 and "\n" not in piece:
            break
    else:
        piece = tokens[: MOST_CHARACTERS + 1]
    return Passage(corpus.tokenizer.join(piece[:-1]), piece[-1])


def _best_sentence(tokens: list[str], corpus: Corpus) -> Passage:
    best: tuple[int, int, list[str]] | None = None
    start = None  # the first sentence of the excerpt may lack its beginning
    for i, token in enumerate(tokens):
        if token not in _SENTENCE_ENDS:
            continue
        if start is not None and FEWEST_TOKENS <= i - start - 1 <= MOST_WORDS:
            sentence = tokens[start:i]
            unknown = sum(corpus.vocabulary.id_of(word) == 0 for word in sentence)
            marks = sum(not word[0].isalnum() for word in sentence)
            if best is None or (unknown, marks) < best[:2]:
                best = (unknown, marks, sentence)
        start = i + 1
    sentence = best[2] if best else tokens[: MOST_WORDS + 1]
    return Passage(corpus.tokenizer.join(sentence[:-1]), sentence[-1])
