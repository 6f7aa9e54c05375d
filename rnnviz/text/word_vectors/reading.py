"""A file of word vectors of any size -> the vectors of the words that are wanted; progress and cancelling.

The file goes by in pieces of 256 KB and only the vectors of known words are kept, so memory depends on the
vocabulary and not on the file. Every line's width is checked; numbers are read only where a word is wanted.
"""

import os
from dataclasses import dataclass
from io import BufferedIOBase, RawIOBase

import numpy as np

from rnnviz.text.errors import DamagedVectors, NoKnownWord, NotVectors, TruncatedVectors, WrongWidth
from rnnviz.text.progress import PIECE_BYTES, Cancelled, Progress, report, stop_if
from rnnviz.text.reader import opened_file, refuse_changed, shown_name
from rnnviz.text.vocabulary import Vocabulary
from rnnviz.text.word_vectors.formats import NUMBER_BYTES, VectorFormat, is_number, recognise
from rnnviz.text.word_vectors.found import Finder, WordVectors

READING_VECTORS = "reading word vectors"
"""How what is being done begins while a file goes by; how many words went by follows."""

LONGEST_LINE_BYTES = 1 << 20  # of a text format: 8192 numbers of 25 characters have a fifth of it
LONGEST_WORD_BYTES = 1 << 16  # of the binary format
_AGAIN = "Download the file again, or choose another one."


def vector_format(path: str | os.PathLike[str]) -> VectorFormat:
    """The format and the width of a file of word vectors, from its beginning alone: at once for any size.

    Raises NotVectors, WrongWidth, TruncatedVectors, FileUnreadable.
    """
    name = shown_name(path)
    with opened_file(path, name) as (file, before):
        return recognise(_beginning(file), before.st_size, name)


def read_vectors(
    path: str | os.PathLike[str],
    vocabulary: Vocabulary,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> WordVectors:
    """The vectors of a vocabulary's tokens (V, E); what is not in the file is looked up in lower case.

    Raises VectorsError by its kinds, FileUnreadable, FileChanged, ReadingCancelled.
    """
    name = shown_name(path)
    with opened_file(path, name) as (file, before):
        found_format = recognise(_beginning(file), before.st_size, name)
        file.seek(found_format.begin)
        passing = _Passing(file, name, before.st_size, progress, cancelled, found_format.begin)
        finder = Finder(name, vocabulary, found_format.width)
        if found_format.kind == "word2vec binary":
            _read_binary(passing, found_format, finder)
        else:
            _read_lines(passing, found_format, finder)
            refuse_changed(path, before, os.fstat(file.fileno()), passing.n_read, name)
    vectors = finder.finish()
    if not vectors.found[1:].any():
        raise NoKnownWord(
            f"None of the {len(vocabulary) - 1:,} known words of the text has a vector in {name}: its "
            f"{passing.n_words:,} words are of another language, or no words. Choose another file."
        )
    return vectors


def _beginning(file: RawIOBase | BufferedIOBase) -> bytes:
    """The first 256 KB, or all there is: one read of an unbuffered file may bring less."""
    head = b""
    while len(head) < PIECE_BYTES and (data := file.read(PIECE_BYTES - len(head))):
        head += data
    return head


@dataclass
class _Passing:
    """A file that goes by."""

    file: RawIOBase | BufferedIOBase
    name: str
    size: int
    progress: Progress | None
    cancelled: Cancelled | None
    n_read: int  # bytes
    n_words: int = 0

    def take(self) -> bytes:
        """The next 256 KB, b"" at the end. Raises ReadingCancelled."""
        stop_if(self.cancelled)
        data = self.file.read(PIECE_BYTES) or b""
        self.n_read += len(data)
        doing = f"{READING_VECTORS}, {self.n_words:,} so far"
        report(self.progress, self.n_read / max(1, self.size), doing)
        return data


# -- text ---------------------------------------------------------------------------------------------


def _read_lines(passing: _Passing, lines_format: VectorFormat, finder: Finder) -> None:
    """Every line, of GloVe or of word2vec as text."""
    number = 1 if lines_format.n_words is not None else 0  # of the line read last; the header is one
    rest = b""
    while piece := passing.take():
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()
        if len(rest) > LONGEST_LINE_BYTES:
            raise NotVectors(
                f"{passing.name} holds no word vectors: its line {number + len(lines) + 1:,} has no end. "
                "Choose another file."
            )
        for line in lines:
            number += 1
            _read_line(line, number, lines_format.width, passing, finder)
    _read_line(rest, number + 1, lines_format.width, passing, finder)
    announced = lines_format.n_words
    if announced is not None and passing.n_words < announced:
        raise TruncatedVectors(
            f"{passing.name} announces {announced:,} words and has {passing.n_words:,}: it was cut off. "
            "Download it again."
        )


def _read_line(line: bytes, number: int, width: int, passing: _Passing, finder: Finder) -> None:
    """One line; an empty one is passed over. The word is what stands before the last `width` fields."""
    line = line.rstrip()
    if not line:
        return
    # Nearly every line has just its blanks, and counting them is 20 times as fast as splitting.
    if line.count(b" ") == width:
        word = line[: line.index(b" ")]
    else:
        word = _word_with_blanks(line, number, width, passing.name)
    passing.n_words += 1
    if not finder.wants(word):
        return
    try:
        vector = [float(field) for field in line.rsplit(None, width)[-width:]]
    except ValueError:
        raise DamagedVectors(
            f"{passing.name} has something other than {width:,} numbers after the word in line {number:,}. "
            f"{_AGAIN}"
        ) from None
    finder.take(word, vector, f"line {number:,}")


def _word_with_blanks(line: bytes, number: int, width: int, name: str) -> bytes:
    """The word of a line that has other than `width` single blanks. Raises WrongWidth."""
    word, *numbers = line.rsplit(None, width)
    more = word.split()[1:]
    # Words such as ". . ." and "at name@domain.com" do stand in the file of 840 billion words.
    too_many = bool(more) and all(b"." in field and is_number(field) for field in more)
    if len(numbers) < width or too_many:
        there = len(numbers) + len(more) if too_many else len(numbers)
        raise WrongWidth(
            f"{name} has {there:,} number{'' if there == 1 else 's'} in line {number:,}, and {width:,} in "
            f"the others: it was cut off or edited. {_AGAIN}"
        )
    return word


# -- binary -------------------------------------------------------------------------------------------


def _read_binary(passing: _Passing, binary_format: VectorFormat, finder: Finder) -> None:
    """Every word of word2vec's binary format, whatever bytes it is made of."""
    n_bytes = NUMBER_BYTES * binary_format.width
    waiting, at = b"", 0
    assert binary_format.n_words is not None, "a binary file announces its words"
    for _ in range(binary_format.n_words):
        blank = waiting.find(b" ", at)
        while blank < 0 or len(waiting) - blank - 1 < n_bytes:
            if blank < 0 and len(waiting) - at > LONGEST_WORD_BYTES:
                raise DamagedVectors(
                    f"{passing.name} is damaged after {passing.n_words:,} words: the next one has no end. "
                    f"{_AGAIN}"
                )
            piece = passing.take()
            if not piece:
                raise TruncatedVectors(
                    f"{passing.name} announces {binary_format.n_words:,} words and ends after "
                    f"{passing.n_words:,}: it was cut off. Download it again."
                )
            waiting, at = waiting[at:] + piece, 0
            blank = waiting.find(b" ", at)
        word = waiting[at:blank].removeprefix(b"\n")  # some writers end each vector with a line end
        passing.n_words += 1
        if finder.wants(word):
            numbers = np.frombuffer(waiting, "<f4", binary_format.width, blank + 1)
            finder.take(word, numbers.astype(np.float32), f"word {passing.n_words:,}")
        at = blank + 1 + n_bytes
