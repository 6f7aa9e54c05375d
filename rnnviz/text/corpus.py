"""A text as token ids, in a training and a validation part."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from rnnviz.text.errors import NothingToLearn, TextTooShort
from rnnviz.text.examples import Examples, body_pieces, find_examples
from rnnviz.text.indexing import Numbers, indexer_for, smallest_dtype
from rnnviz.text.line_ends import normalised
from rnnviz.text.progress import Cancelled, Progress, report, stop_if
from rnnviz.text.streams import Streams
from rnnviz.text.tasks import Task, task_of
from rnnviz.text.textfile import TextFile
from rnnviz.text.tokenizers import Tokenizer, WordTokenizer, has_no_blanks, tokenizer_named
from rnnviz.text.vocabulary import UNKNOWN, Vocabulary

_SHARE_READING, _SHARE_COUNTING = 0.85, 0.05  # of the time that build_corpus takes
_COUNTED_AT_ONCE = 1 << 20  # tokens
_LOOKED_AT_FOR_BLANKS = 2000  # tokens of the vocabulary
_UNSPACED_SHARE = 0.3


@dataclass(frozen=True, eq=False)
class Corpus:
    """The ids of a text's tokens, and what the ids mean. Ids are read-only and of the smallest type."""

    name: str
    tokenizer: Tokenizer
    vocabulary: Vocabulary
    train_ids: Numbers  # (ceil((1 - F) N),)
    valid_ids: Numbers  # the rest
    unknown_share: float  # of all tokens
    notes: tuple[str, ...] = ()  # what a person should know about this text, a sentence or two each
    task: Task | None = None  # the memory task that the text is; both lines below are None where it is none
    train_examples: Examples | None = None  # where examples begin and which tokens count, (as train_ids)
    valid_examples: Examples | None = None  # (as valid_ids)

    @property
    def n_tokens(self) -> int:
        """How many tokens the text has, both parts together."""
        return len(self.train_ids) + len(self.valid_ids)

    def unigram_cross_entropy(self) -> float:
        """Mean of -ln p(token) over the validation part, nats per token; p: frequencies in the training part.

        What a network reaches that knows how frequent tokens are and nothing about their order. Nothing is
        added to the counts, but where the validation part has unknown tokens and the training part none, the
        unknown token counts once. NaN without a validation part.
        """
        if not len(self.valid_ids):
            return float("nan")
        found = _counts(self.valid_ids, len(self.vocabulary))  # (V,)
        known = self.vocabulary.counts.astype(np.float64)  # (V,)
        if found[0] and not known[0]:
            known[0] = 1
        used = found > 0
        return float(-(found[used] * np.log(known[used] / known.sum())).sum() / found.sum())

    def training_streams(self, batch: int) -> Streams:
        """The training part in `batch` streams; whole windows only."""
        return Streams(self.train_ids, batch, keep_remainder=False, examples=self.train_examples)

    def validation_streams(self, batch: int) -> Streams:
        """The validation part in `batch` streams, the remainder a shorter window.

        A part of fewer than `batch` + 1 tokens gives fewer streams, one a target; see `Streams.batch`.
        """
        fewer = max(1, min(batch, len(self.valid_ids) - 1))
        return Streams(self.valid_ids, fewer, keep_remainder=True, examples=self.valid_examples)

    def encode(self, text: str) -> tuple[list[str], NDArray[np.int64]]:
        """The tokens of a passage and their ids (T,), 0 for tokens that are not in the vocabulary."""
        tokens = self.tokenizer.split(normalised(text))
        return tokens, self.vocabulary.encode(tokens)


def build_corpus(
    text: TextFile,
    *,
    tokens: str,
    vocabulary: int,
    lowercase: bool,
    valid_fraction: float,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Corpus:
    """Cut `text` into tokens ("word" or "char") and number them.

    The training part is the first ceil((1 - F) N) of the N tokens. The vocabulary has the `vocabulary` most
    frequent tokens of the training part, most frequent first and, of equally frequent ones, first seen first.
    Raises TextTooShort, NothingToLearn, DamagedTask, ReadingCancelled.
    """
    tokenizer = tokenizer_named(tokens, lowercase)
    task = task_of(text)
    pieces, seen = _index(text, task, tokenizer, progress, cancelled)
    n_tokens = sum(map(len, pieces))
    if not n_tokens:
        raise TextTooShort(f"{text.name} has no words, only invisible characters. Choose another text.")
    if len(seen) == 1:
        raise NothingToLearn(_nothing_to_learn(text, tokenizer, seen[0], n_tokens))
    n_train = _n_for_training(n_tokens, valid_fraction)
    counts = _training_counts(pieces, n_train, len(seen), progress, cancelled)
    order = np.argsort(-counts, kind="stable")[:vocabulary]  # numbers, most frequent first
    order = order[counts[order] > 0]
    id_of_number = np.zeros(len(seen), smallest_dtype(len(order) + 1))
    id_of_number[order] = np.arange(1, len(order) + 1)
    kept_counts = counts[order]
    known = Vocabulary(
        (UNKNOWN, *(seen[number] for number in order.tolist())),
        np.concatenate(([n_train - kept_counts.sum()], kept_counts)),
    )
    del seen
    ids, n_unknown = _look_up(pieces, id_of_number, n_tokens, progress, cancelled)
    notes = (*text.notes, *_notes(tokenizer, known))
    parts = ids[:n_train], ids[n_train:]
    if task is None:
        return Corpus(text.name, tokenizer, known, *parts, n_unknown / n_tokens, notes)
    examples = find_examples(text, task, tokenizer, n_tokens, cancelled)
    in_parts = examples[:n_train], examples[n_train:]
    return Corpus(text.name, tokenizer, known, *parts, n_unknown / n_tokens, notes, task, *in_parts)


def _n_for_training(n_tokens: int, valid_fraction: float) -> int:
    """ceil((1 - F) N), F being the decimal fraction that was written and not its rounding to binary."""
    return ceil((1 - Fraction(str(valid_fraction))) * n_tokens)


def _index(
    text: TextFile,
    task: Task | None,
    tokenizer: Tokenizer,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> tuple[list[Numbers], list[str]]:
    """The text's tokens as numbers, piece by piece, and the tokens by number."""
    doing = "splitting into words" if isinstance(tokenizer, WordTokenizer) else "splitting into characters"
    indexer = indexer_for(tokenizer)
    pieces = []
    done = 0
    for utf8 in body_pieces(text, task):
        stop_if(cancelled)
        pieces.append(indexer.index(utf8))
        done += len(utf8)
        report(progress, _SHARE_READING * done / text.n_bytes, doing)
    return pieces, indexer.tokens


def _counts(ids: Numbers, n: int, cancelled: Cancelled | None = None) -> NDArray[np.int64]:
    """How often each of 0 ... n - 1 stands in `ids`, (n,)."""
    counts = np.zeros(n, np.int64)
    for start in range(0, len(ids), _COUNTED_AT_ONCE):
        stop_if(cancelled)
        counts += np.bincount(ids[start : start + _COUNTED_AT_ONCE], minlength=n)
    return counts


def _training_counts(
    pieces: list[Numbers],
    n_train: int,
    n: int,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> NDArray[np.int64]:
    """How often each number stands in the first `n_train` tokens, (n,)."""
    counts = np.zeros(n, np.int64)
    waiting: list[Numbers] = []
    n_waiting = 0
    left = n_train
    for at, piece in enumerate(pieces):
        stop_if(cancelled)
        report(progress, _SHARE_READING + _SHARE_COUNTING * (1 - left / n_train), "counting")
        waiting.append(piece[:left])
        n_waiting += len(waiting[-1])
        left -= len(waiting[-1])
        # A count costs n, however few tokens are counted, so small pieces wait for each other.
        if n_waiting >= min(n, _COUNTED_AT_ONCE) or at == len(pieces) - 1 or not left:
            counts += _counts(np.concatenate(waiting), n)
            waiting, n_waiting = [], 0
        if not left:
            break
    return counts


def _look_up(
    pieces: list[Numbers],
    id_of_number: Numbers,
    n_tokens: int,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> tuple[Numbers, int]:
    """All ids in one read-only array (N,), and how many of them are unknown. Empties `pieces` on the way."""
    ids = np.empty(n_tokens, id_of_number.dtype)
    done = n_unknown = 0
    for at, piece in enumerate(pieces):
        stop_if(cancelled)
        found = ids[done : done + len(piece)]
        np.take(id_of_number, piece, out=found)
        n_unknown += len(found) - int(np.count_nonzero(found))
        done += len(piece)
        pieces[at] = piece[:0]
        counted = _SHARE_READING + _SHARE_COUNTING
        report(progress, counted + (1 - counted) * done / n_tokens, "looking up tokens")
    ids.setflags(write=False)
    return ids, n_unknown


def _nothing_to_learn(text: TextFile, tokenizer: Tokenizer, token: str, n_tokens: int) -> str:
    kind = "word" if isinstance(tokenizer, WordTokenizer) else "character"
    shown = token if token.isprintable() and len(token) <= 40 else f"{token[:40]!r}"
    times = "1 time" if n_tokens == 1 else f"{n_tokens:,} times"
    return (
        f"{text.name} is the {kind} {shown} {times} and nothing else: there is nothing to learn. "
        "Choose a text with at least two different ones."
    )


def _notes(tokenizer: Tokenizer, vocabulary: Vocabulary) -> list[str]:
    """What a person should know about the tokens."""
    if not isinstance(tokenizer, WordTokenizer):
        return []
    n_all = n_unspaced = 0
    for token, count in zip(
        vocabulary.tokens[1:_LOOKED_AT_FOR_BLANKS], vocabulary.counts[1:].tolist(), strict=False
    ):
        n_all += len(token) * count
        n_unspaced += len(token) * count if has_no_blanks(token) else 0
    if n_unspaced <= _UNSPACED_SHARE * n_all:
        return []
    return [
        "This text has no blanks between its words, so every character was taken for a word of its own. "
        "Choose characters as tokens: blanks and line ends are learned too then."
    ]


def check_fits(corpus: Corpus, window: int, batch: int) -> None:
    """Raise TextTooShort, with the remedy, unless the training part gives one whole window of (T, B)."""
    n = len(corpus.train_ids)
    if (n - 1) // batch >= window:
        return
    kind = "words" if isinstance(corpus.tokenizer, WordTokenizer) else "characters"
    sequences = "1 sequence" if batch == 1 else f"{batch:,} sequences"
    said = (
        f"{corpus.name} is too short: a window of {window:,} time steps in {sequences} needs at least "
        f"{batch * window + 1:,} {kind} for training, and it has {n:,}."
    )
    remedies = []
    if batch > 1 and (n - 1) // window:
        remedies.append(f"lower the batch to {(n - 1) // window:,}")
    if (n - 1) // batch:
        remedies.append(f"lower the window to {(n - 1) // batch:,}")
    if not remedies and n > 2:
        remedies.append(f"lower the batch to 1 and the window to {n - 1:,}")
    raise TextTooShort(f"{said} Open a longer text{''.join(f', or {remedy}' for remedy in remedies)}.")
