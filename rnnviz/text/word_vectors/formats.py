"""Which format a file of word vectors has: found out from how it begins, never from its name.

GloVe: a line a word, `word v1 ... vn`. word2vec as text: the same under a line `count width`. word2vec as
binary: that line, then for each word its bytes, a blank, and n float32 numbers, little end first.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rnnviz.text.errors import NotVectors, TruncatedVectors, WrongWidth

Kind = Literal["GloVe", "word2vec text", "word2vec binary"]

WIDEST = 8192
"""Numbers a vector: as many as the widest embedding that a network may have."""
NUMBER_BYTES = 4
MARK = b"\xef\xbb\xbf"  # of UTF-8, which editors put before a text

_HEADER = re.compile(rb"[ \t]*(\d{1,15})[ \t]+(\d{1,9})[ \t\r]*$")
_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_LINES_LOOKED_AT = 200
_LOOKED_AT_FOR_CONTROLS = 4096  # bytes
_SHOULD_BE = "word vectors are lines of a word and its numbers (GloVe), or what word2vec writes"


@dataclass(frozen=True, slots=True)
class VectorFormat:
    """How a file of word vectors is to be read."""

    kind: Kind
    width: int  # E, numbers a vector
    n_words: int | None  # announced in the first line; GloVe's has none
    begin: int  # bytes before the first word


def recognise(head: bytes, size: int, name: str) -> VectorFormat:
    """The format of a file of `size` bytes that begins with `head`, the whole of it or a few 100 KB.

    Raises NotVectors, WrongWidth, TruncatedVectors.
    """
    _refuse_compressed(head, name)
    mark = len(MARK) if head.startswith(MARK) else 0
    first_end = head.find(b"\n", mark)
    first = head[mark:] if first_end < 0 else head[mark:first_end]
    if not head[mark:].strip() and len(head) == size:
        raise NotVectors(f"{name} is empty. Choose a file of word vectors: {_SHOULD_BE}.")
    if first_end < 0 and len(head) < size:
        raise NotVectors(f"{name} holds no word vectors: its first line has no end. Choose another file.")
    announced = _HEADER.match(first)
    if announced is None or first_end < 0:
        return VectorFormat("GloVe", _width_of_lines(head[mark:], len(head) == size, name), None, mark)
    n_words, width = int(announced[1]), int(announced[2])
    _refuse_width(width, name)
    if not n_words:
        raise NotVectors(f"{name} says in its first line that it holds no words. Choose another file.")
    begin = first_end + 1
    if not _is_binary(head[begin:], width):
        return VectorFormat("word2vec text", width, n_words, begin)
    least = n_words * (NUMBER_BYTES * width + 2)  # a word of one byte, a blank, the numbers
    if size - begin < least:
        raise TruncatedVectors(
            f"{name} announces {n_words:,} words of {width:,} numbers, which take at least {least:,} bytes, "
            f"and has {size - begin:,}: it was cut off. Download it again."
        )
    return VectorFormat("word2vec binary", width, n_words, begin)


def is_number(field: bytes) -> bool:
    """Whether a field of a line can be read as a number; NaN and infinity can."""
    try:
        float(field)
    except ValueError:
        return False
    return True


def _refuse_compressed(head: bytes, name: str) -> None:
    for magic, program in _COMPRESSED.items():
        if head.startswith(magic):
            raise NotVectors(
                f"{name} is compressed ({program}). Unpack it first, then choose the file that comes out."
            )


def _refuse_width(width: int, name: str) -> None:
    if not 1 <= width <= WIDEST:
        raise WrongWidth(
            f"{name} says that its vectors are {width:,} numbers wide; a network takes 1 to {WIDEST:,}. "
            "Choose another file."
        )


def _is_binary(after_header: bytes, width: int) -> bool:
    """Whether what follows the line `count width` is word2vec's binary format.

    Bytes of float32 numbers are full of control characters and of what is no UTF-8; where by chance they are
    not, they still are no line of a word and `width` numbers.
    """
    line, line_end, _ = after_header.partition(b"\n")
    if line_end and _is_vector(line.split(), width):
        return False
    record = after_header[: NUMBER_BYTES * width + 64]
    if _CONTROLS.search(record):
        return True
    try:
        record.decode()
    except UnicodeDecodeError as error:
        return error.end < len(record)  # else only the cut went through a character
    return False


def _width_of_lines(head: bytes, is_whole: bool, name: str) -> int:
    """How many numbers the first lines end in.

    That is the most frequent count of fields, the word left out, that fits at least half of the lines. A word
    may hold blanks, so some lines have more fields; a damaged one has fewer.
    """
    lines = head.split(b"\n")
    if not is_whole:
        lines.pop()
    rows = [fields for line in lines[:_LINES_LOOKED_AT] if (fields := line.split())]
    if not _CONTROLS.search(head[:_LOOKED_AT_FOR_CONTROLS]):
        for n_fields, _ in Counter(map(len, rows)).most_common():
            width = n_fields - 1
            if width and 2 * sum(_is_vector(fields, width) for fields in rows) >= len(rows):
                _refuse_width(width, name)
                return width
    raise NotVectors(f"{name} holds no word vectors: {_SHOULD_BE}. Choose such a file.")


def _is_vector(fields: Sequence[bytes], width: int) -> bool:
    """Whether a line is a word, which may hold blanks, and `width` numbers."""
    return len(fields) > width and all(map(is_number, fields[-width:]))
