"""The watched passage: whether it can be watched, and the request for its trace."""

from rnnviz.gui.run import Message
from rnnviz.text import Corpus, Passage

LONGEST_PASSAGE = 500
"""Tokens: a trace holds all pairs of them, and thousands would take gigabytes."""


def refusal_of(passage: Passage, corpus: Corpus) -> Message | None:
    """Why a passage cannot be watched; None where it can."""
    tokens, _ = corpus.encode(passage.text)
    if not tokens:
        return Message("There is nothing to ask.", "Type at least one word.", "warning")
    if len(tokens) <= LONGEST_PASSAGE:
        return None
    return Message(
        f"This passage has {len(tokens):,} tokens; the longest that can be watched has {LONGEST_PASSAGE}, "
        "since every pair of them is drawn.",
        "Take a part of it, or open it as a text of its own and select a passage there.",
        "warning",
    )


def with_one_answer(passage: Passage, corpus: Corpus) -> tuple[Passage, Message | None]:
    """The passage with the first token of its answer, and a word about it where there were more."""
    answers, _ = corpus.encode(passage.answer)
    if len(answers) < 2:
        return passage, None
    kind = "word" if corpus.tokenizer.name == "word" else "character"
    return Passage(passage.text, answers[0]), Message(f"The answer is one {kind}: “{answers[0]}” is taken.")


def watchable(passage: Passage, corpus: Corpus) -> tuple[Passage | None, Message | None]:
    """The passage as it can be watched, or None; and what is to be said about it."""
    refusal = refusal_of(passage, corpus)
    return (None, refusal) if refusal is not None else with_one_answer(passage, corpus)
