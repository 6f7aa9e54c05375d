"""`rnnviz ask`: what a trained network expects after a passage, and how it writes on."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnviz.cli.errors import DONE, UsageError, say
from rnnviz.cli.parser import VerbParser, real_number, whole_number
from rnnviz.cli.training_report import json_text
from rnnviz.engine import next_token_probabilities, sample_continuation
from rnnviz.text import Corpus
from rnnviz.training import Checkpoint, checkpoint, lane_titles

DESCRIPTION = """\
Read a passage from the state zero and show the likeliest next tokens. With --json one line:
  {"passage": [tokens], "candidates": [{"token", "probability"}, ...], "sample": "..."}
likeliest first; sample is "" unless --sample asks for one; <unk> is any token that the network does not know.
"""
COLDEST = 0.01
MOST_NAMED = 10
_INVISIBLE = {" ": "(space)", "\n": "(line end)", "\t": "(tab)"}
RARE = {"word": "(rare word)", "char": "(rare sign)"}


def run(argv: Sequence[str]) -> int:
    """Answer the question and return the exit status."""
    arguments = _parser().parse(argv)
    if 0 < arguments.temperature < COLDEST:
        raise UsageError(f"--temperature must be 0 (always the likeliest) or at least {COLDEST:g}.")
    held = checkpoint.read(arguments.checkpoint)
    note_other_lanes(held)
    model, reader = held.model()
    words, ids = passage_of(arguments.passage, reader)
    note_what_is_held(held, words)
    probabilities = next_token_probabilities(model, ids, overrides=held.overrides)  # (V,)
    if not np.isfinite(probabilities).all():
        raise UsageError(
            f"the weights of {arguments.checkpoint} are so large that the logits are beyond what numbers can "
            "hold: there are no probabilities. Take a checkpoint from before it broke."
        )
    places = np.argsort(-probabilities, kind="stable")[: arguments.top]
    continuation = np.zeros(0, dtype=np.intp)
    if arguments.sample:
        rng = np.random.default_rng(arguments.seed)
        continuation = sample_continuation(
            model, ids, arguments.sample, arguments.temperature, rng, overrides=held.overrides
        )
    if arguments.json:
        print(
            json_text(
                {
                    "passage": words,
                    "candidates": [
                        {"token": reader.vocabulary.token(int(i)), "probability": float(probabilities[i])}
                        for i in places
                    ],
                    "sample": _joined(reader, continuation, shown=False),
                }
            )
        )
        return DONE
    for place, i in enumerate(places, 1):
        print(f"{place:3d}  {float(probabilities[i]):7.2%}  {shown_token(reader, int(i))}")
    if arguments.sample:
        print(f"\n{arguments.passage} … {_joined(reader, continuation, shown=True)}")
    return DONE


def _parser() -> VerbParser:
    parser = VerbParser(
        "ask",
        'CKPT "some passage" [--top N] [--sample N] [--temperature X] [--json]',
        DESCRIPTION,
    )
    add_checkpoint_and_passage(parser)
    parser.add_argument("--top", type=whole_number(1), default=10, metavar="N",
                        help="how many candidates to show (default 10)")  # fmt: skip
    parser.add_argument("--sample", type=whole_number(0, 1_000_000), default=0, metavar="N",
                        help="write on by N tokens (default 0)")  # fmt: skip
    parser.add_argument("--temperature", type=real_number(0, 100), default=1.0, metavar="X",
                        help="0: always the likeliest, 1: the network's own (default 1)")  # fmt: skip
    parser.add_argument("--seed", type=whole_number(0, 2**32 - 1), default=1, metavar="N",
                        help="the same seed writes the same (default 1)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one JSON object for programs")
    return parser


def note_other_lanes(held: Checkpoint) -> None:
    """Say of a race that its first network is asked."""
    if held.settings.is_race:
        say(f"note: {held.name} is a race; this is of its first lane, {lane_titles(held.settings)[0]}")


def note_what_is_held(held: Checkpoint, words: Sequence[str] = ()) -> None:
    """Say what a checkpoint was written under, and acts on the answer; `words` are the passage's."""
    if held.held:
        said = "; ".join(one.description(words) for one in held.held)
        say(f"note: {held.name} was saved with something held, which acts here as well: {said}")


def add_checkpoint_and_passage(parser: argparse.ArgumentParser) -> None:
    """The two arguments that `ask` and `trace` share."""
    parser.add_argument("checkpoint", metavar="CKPT", type=Path, help="written by rnnviz train --save")
    parser.add_argument("passage", metavar="PASSAGE", help="some text, in quotes")


def passage_of(text: str, reader: Corpus) -> tuple[list[str], NDArray[np.int64]]:
    """The tokens of a passage and their ids; unknown ones are named on standard error. Raises UsageError."""
    words, ids = reader.encode(text)
    if not words:
        raise UsageError("the passage is empty: give at least one word, in quotes.")
    unknown = list(dict.fromkeys(word for word, i in zip(words, ids, strict=True) if i == 0))
    if unknown:
        names = ", ".join(_INVISIBLE.get(word, word) for word in unknown[:MOST_NAMED])
        names += ", ..." if len(unknown) > MOST_NAMED else ""
        say(f"note: the network reads as {RARE[reader.tokenizer.name]}: {names}")
    return words, ids


def shown_token(reader: Corpus, i: int) -> str:
    """A token for people: the unknown one in words, signs that nobody sees by name."""
    token = reader.vocabulary.token(i)
    if i == 0:
        return RARE[reader.tokenizer.name]
    return _INVISIBLE.get(token, token)


def _joined(reader: Corpus, ids: NDArray[np.intp], *, shown: bool) -> str:
    rare = RARE[reader.tokenizer.name]
    return reader.tokenizer.join([rare if shown and i == 0 else reader.vocabulary.token(int(i)) for i in ids])
