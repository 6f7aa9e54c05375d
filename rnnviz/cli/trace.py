"""`rnnviz trace`: everything that happens to one passage, as arrays in a file."""

from collections.abc import Sequence
from pathlib import Path

from rnnviz.cli.ask import RARE, add_checkpoint_and_passage, note_other_lanes, note_what_is_held, passage_of
from rnnviz.cli.errors import DONE, UsageError, file_trouble, say
from rnnviz.cli.parser import VerbParser
from rnnviz.cli.train import refuse_unwritable
from rnnviz.probes import NEEDS, Trace, npz_of, trace_arrays, trace_passage
from rnnviz.text import Corpus
from rnnviz.training import checkpoint, whole_file

DESCRIPTION = """\
Read a passage from the state zero and write all that happened as an .npz: states, predictions, losses, and
the error of every word on its way back, and what the window's views show of them, each number by its name
(share_left, mean_slope_factor, half_life, ...). Step t predicts word t + 1; the last step predicts the word
that --answer names and has no target (-1, loss NaN) without it.
"""


def run(argv: Sequence[str]) -> int:
    """Write the trace and return the exit status."""
    parser = VerbParser("trace", 'CKPT "some passage" [--answer WORD] --out trace.npz', DESCRIPTION)
    add_checkpoint_and_passage(parser)
    parser.add_argument("--answer", metavar="WORD", help="the token that ought to come next")
    parser.add_argument("--out", metavar="FILE.npz", type=Path, required=True, help="the file to write")
    arguments = parser.parse(argv)
    refuse_unwritable(arguments.out, "--out", arguments.checkpoint)
    held = checkpoint.read(arguments.checkpoint)
    note_other_lanes(held)
    model, reader = held.model()
    words, ids = passage_of(arguments.passage, reader)
    note_what_is_held(held, words)
    answer_word, answer = answer_of(arguments.answer, reader)
    trace = trace_passage(
        model,
        tokens=ids,
        words=words,
        answer=answer,
        answer_word=answer_word,
        assume_answer=False,
        spelling=reader.vocabulary.tokens,
        needs=NEEDS,
        step=held.step,
        generation=0,
        token_kind="word" if reader.tokenizer.name == "word" else "character",
        overrides=held.overrides,
    )
    n_arrays = _write(trace, arguments.out)
    print(f"{arguments.out}: {len(words):,} steps, {n_arrays} arrays; {_summary(trace)}")
    return DONE


def answer_of(text: str | None, reader: Corpus) -> tuple[str | None, int | None]:
    """The one token of an answer and its id; None twice where no answer is given. Raises UsageError."""
    if text is None:
        return None, None
    words, ids = reader.encode(text)
    if len(words) != 1:
        kind = "word" if reader.tokenizer.name == "word" else "character"
        raise UsageError(f"--answer must be exactly one {kind}; {text!r} has {len(words)}.")
    if ids[0] == 0:
        say(f"note: the network does not know {words[0]}; the answer counts as {RARE[reader.tokenizer.name]}")
    return words[0], int(ids[0])


def _write(trace: Trace, path: Path) -> int:
    """Every field that is filled and every derived number, under its name; how many. Raises UsageError."""
    arrays = trace_arrays(trace)
    try:
        whole_file.write_whole(path, [npz_of(arrays)])
    except whole_file.Unconfirmed as error:
        say(f"note: {path} is written, but the disk has not confirmed it ({error.strerror}).")
    except OSError as error:
        raise UsageError(file_trouble(error, f"{path} was not written")) from error
    return len(arrays)


def _summary(trace: Trace) -> str:
    t = trace.last_target_step
    if t < 0:
        return "no step has a target (one word and no --answer), so no error sets out."
    left = trace.share_left(t, trace.layers - 1)[0]
    return (
        f"{left:.3%} of the error of {trace.target_words[t]} reaches the first step (layer {trace.layers})."
    )
