"""A text in memory: UTF-8 in pieces, with the places where lines begin; any size, never one giant str."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnviz.text.errors import TextTooShort
from rnnviz.text.line_ends import normalised
from rnnviz.text.progress import PIECE_BYTES, Cancelled, stop_if

LONGEST_LINE_BYTES = 8192
"""A longer line is cut into several, so that a view never has to lay out a line of a gigabyte."""

_FIRST_FORMATTING, _N_FORMATTING = np.uint8(0x09), 4  # tab, line feed, vertical tab, form feed: in any text


@dataclass(frozen=True, slots=True)
class Piece:
    """About 256 KB of text: UTF-8 that begins at a line, and the offsets at which its lines begin."""

    utf8: bytes
    line_starts: NDArray[np.uint32]  # (lines,)
    n_characters: int

    def line_span(self, line: int) -> tuple[int, int]:
        """Where a line begins and ends in `utf8`, its line feed left out."""
        start = int(self.line_starts[line])
        end = int(self.line_starts[line + 1]) if line + 1 < len(self.line_starts) else len(self.utf8)
        return start, end - (end > start and self.utf8[end - 1] == 0x0A)

    def line(self, line: int) -> str:
        """A line without its line end."""
        start, end = self.line_span(line)
        return self.utf8[start:end].decode()


class TextFile:
    r"""A text and what is worth knowing about the file it came from. Nothing in it changes after it is made.

    Lines end in "\n" only (see `line_ends`). A line of more than 8 KB counts as several, cut at blanks.
    """

    def __init__(
        self, name: str, encoding: str, line_ends: str, pieces: Sequence[Piece], notes: Sequence[str] = ()
    ) -> None:
        self.name = name
        """The file's name, for people."""
        self.encoding = encoding
        """How the characters were written, for people: "UTF-8 with byte-order mark"."""
        self.line_ends = line_ends
        """How lines ended in the file, for people: "CRLF (Windows)"."""
        self.notes = tuple(notes)
        """What a person should know, a sentence each: broken characters, for instance."""
        self.origin: Path | None = None
        """The file that it was read from, by its whole path."""
        self._pieces = tuple(pieces)
        self.n_characters = sum(piece.n_characters for piece in self._pieces)
        self.n_bytes = sum(len(piece.utf8) for piece in self._pieces)
        self._first_lines = [0, *accumulate(len(piece.line_starts) for piece in self._pieces)]

    def __repr__(self) -> str:
        return f"TextFile({self.name!r}, {self.encoding}, {self.n_characters:,} characters)"

    @property
    def n_lines(self) -> int:
        """How many lines there are; a line feed at the very end begins no further one."""
        return self._first_lines[-1]

    def line(self, i: int) -> str:
        """Line `i` without its line end; IndexError if there is none."""
        if not 0 <= i < self.n_lines:
            raise IndexError(f"line {i} of {self.n_lines}")
        at = bisect_right(self._first_lines, i) - 1
        return self._pieces[at].line(i - self._first_lines[at])

    def lines(self, a: int, b: int) -> list[str]:
        """Lines `a` to `b - 1`, as far as they exist."""
        return [self.line(i) for i in range(max(0, a), min(b, self.n_lines))]

    def pieces(self) -> Iterator[str]:
        """The whole text in pieces of about 256 KB, cut after a line end or, failing that, after a blank."""
        return (piece.utf8.decode() for piece in self._pieces)

    def utf8_pieces(self) -> Iterator[bytes]:
        """`pieces()` undecoded: what is ASCII needs no decoding to be counted."""
        return (piece.utf8 for piece in self._pieces)

    def find(
        self,
        text: str,
        start_line: int,
        forward: bool = True,
        cancelled: Cancelled | None = None,
        *,
        start_column: int = 0,
        match_case: bool = False,
    ) -> tuple[int, int] | None:
        """Line and column of the first match at or after a place or, backward, of the last one before it.

        The search ends at the end of the text, or at its beginning; None if nothing was found there.
        Raises ReadingCancelled.
        """
        if not text or not self._pieces:
            return None
        start_line = min(max(0, start_line), self.n_lines)
        pattern = re.compile(re.escape(normalised(text)), re.NOFLAG if match_case else re.IGNORECASE)
        last = len(self._pieces) - 1
        first = min(bisect_right(self._first_lines, start_line) - 1, last)
        for at in range(first, last + 1) if forward else range(first, -1, -1):
            stop_if(cancelled)
            # A match may begin in this piece and end in the next one.
            tail = self._pieces[at + 1].utf8[: 4 * len(text)].decode(errors="ignore") if at < last else ""
            own = self._pieces[at].utf8.decode()
            edge = self._column(at, start_line, start_column) if at == first else None
            found = _match(pattern, own, tail, edge, forward)
            if found is not None:
                return self._place(at, own, found)
        return None

    def _column(self, at: int, line: int, column: int) -> int:
        """The index, in the characters of piece `at`, of a column of a line of the text."""
        piece = self._pieces[at]
        if line - self._first_lines[at] >= len(piece.line_starts):
            return piece.n_characters
        start, _ = piece.line_span(line - self._first_lines[at])
        return len(piece.utf8[:start].decode()) + column

    def _place(self, at: int, own: str, index: int) -> tuple[int, int]:
        """Line and column of the character at `index` of piece `at`, whose text is `own`."""
        piece = self._pieces[at]
        offset = len(own[:index].encode())
        line = int(np.searchsorted(piece.line_starts, offset, side="right")) - 1
        return self._first_lines[at] + line, len(piece.utf8[int(piece.line_starts[line]) : offset].decode())


def _match(pattern: re.Pattern[str], own: str, tail: str, edge: int | None, forward: bool) -> int | None:
    """Where the wanted match begins in `own`; it may run on into `tail`."""
    if forward:
        match = pattern.search(own + tail, edge or 0)
        return match.start() if match is not None and match.start() < len(own) else None
    before = len(own) if edge is None else edge
    starts = [match.start() for match in pattern.finditer(own + tail) if match.start() < before]
    return starts[-1] if starts else None


class TextBuilder:
    """Collects decoded text and cuts it into pieces; counts on the way what tells text from noise."""

    def __init__(self, piece_characters: int = PIECE_BYTES) -> None:
        self.n_characters = 0
        self.n_controls = 0
        self.has_nul = False
        self.is_blank = True
        self._piece_characters = piece_characters
        self._pieces: list[Piece] = []
        self._rest = ""  # decoded, not yet in a piece
        self._n_ends = dict.fromkeys(("CRLF (Windows)", "CR (old Mac)", "LF (Unix)"), 0)

    def add(self, text: str, final: bool = False) -> None:
        """Append `text`; with `final`, put all that is left into the last pieces."""
        text = self._rest + text
        keep = 1 if text.endswith("\r") and not final else 0  # a line feed may follow
        head = self._with_line_feeds(text[: len(text) - keep])
        while len(head) > self._piece_characters or (final and head):
            cut = len(head) if len(head) <= self._piece_characters else _cut(head, self._piece_characters)
            self._keep(head[:cut])
            head = head[cut:]
        if not final and (cut := head.rfind("\n") + 1):
            self._keep(head[:cut])
            head = head[cut:]
        self._rest = head + text[len(text) - keep :]

    def finish(self, name: str, encoding: str, notes: Sequence[str] = ()) -> TextFile:
        """The text; nothing may be added after that."""
        used = [shown for shown, n in self._n_ends.items() if n]
        line_ends = used[0] if len(used) == 1 else "mixed" if used else "none"
        return TextFile(name, encoding, line_ends, self._pieces, notes)

    def _with_line_feeds(self, text: str) -> str:
        n_lf = text.count("\n")
        if "\r" in text:
            n_crlf, n_cr = text.count("\r\n"), text.count("\r")
            self._n_ends["CRLF (Windows)"] += n_crlf
            self._n_ends["CR (old Mac)"] += n_cr - n_crlf
            n_lf -= n_crlf
        self._n_ends["LF (Unix)"] += n_lf
        return normalised(text)

    def _keep(self, text: str) -> None:
        try:
            utf8 = text.encode()
        except UnicodeEncodeError:  # surrogates: pairs become the character they stand for, lone ones U+FFFD
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            utf8 = text.encode()
        self._pieces.append(Piece(utf8, line_starts(utf8), len(text)))
        self.n_characters += len(text)
        self.n_controls += _n_controls(utf8)
        self.has_nul = self.has_nul or b"\0" in utf8
        self.is_blank = self.is_blank and text.isspace()


def line_starts(utf8: bytes) -> NDArray[np.uint32]:
    """The offsets at which the lines of a piece begin, over-long ones cut at blanks or between characters."""
    ends = np.flatnonzero(np.frombuffer(utf8, np.uint8) == 0x0A) + 1
    if not len(ends) or ends[-1] != len(utf8):
        ends = np.append(ends, len(utf8))
    starts = np.concatenate(([0], ends[:-1]))
    for line in np.flatnonzero(ends - starts > LONGEST_LINE_BYTES):
        starts = np.append(starts, _breaks(utf8, int(starts[line]), int(ends[line])))
    return np.sort(starts).astype(np.uint32)


def _breaks(utf8: bytes, start: int, end: int) -> list[int]:
    """Where to cut the over-long line at `utf8[start:end]`."""
    breaks = []
    while end - start > LONGEST_LINE_BYTES:
        limit = start + LONGEST_LINE_BYTES
        cut = utf8.rfind(b" ", start + LONGEST_LINE_BYTES // 2, limit) + 1
        if not cut:
            cut = limit
            while utf8[cut] & 0xC0 == 0x80:  # in the middle of a character
                cut -= 1
        breaks.append(cut)
        start = cut
    return breaks


def _cut(text: str, limit: int) -> int:
    """Where to cut `text`, at `limit` at the latest: after a line end, else a blank, else before a character
    that does not lean on the one before it (a combining mark would)."""
    cut = text.rfind("\n", 0, limit) + 1 or text.rfind(" ", 0, limit) + 1
    if cut:
        return cut
    for place in range(limit, max(0, limit - 100), -1):
        if unicodedata.category(text[place])[0] not in "MC" and text[place - 1] != "\u200d":
            return place
    return limit


def _n_controls(utf8: bytes) -> int:
    """How many control characters there are, those that lay a text out not counted."""
    codes = np.frombuffer(utf8, np.uint8)
    n = int(np.count_nonzero(codes < 0x20)) - int(np.count_nonzero(codes - _FIRST_FORMATTING < _N_FORMATTING))
    n += int(np.count_nonzero(codes == 0x7F))
    if 0xC2 in utf8:  # U+0080 to U+009F
        n += int(np.count_nonzero((codes[:-1] == 0xC2) & (codes[1:] < 0xA0)))
    return n


def text_from_string(text: str, name: str) -> TextFile:
    """A text that is in memory already: typed, pasted or generated. Raises TextTooShort if there is nothing.

    Lone surrogates, which no file can hold, become U+FFFD.
    """
    builder = TextBuilder()
    for start in range(0, len(text), PIECE_BYTES):
        builder.add(text[start : start + PIECE_BYTES])
    builder.add("", final=True)
    refuse_blank(builder, name)
    return builder.finish(name, "text")


def refuse_blank(builder: TextBuilder, name: str) -> None:
    """Raise TextTooShort if the text is empty or holds blanks alone."""
    if not builder.n_characters:
        raise TextTooShort(f"{name} is empty. Choose a file with text in it.")
    if builder.is_blank:
        raise TextTooShort(f"{name} holds only blanks and empty lines. Choose a file with text in it.")
