"""bytes -> text: what kind of file it is, its encoding, its line ends; with progress and cancelling."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase, RawIOBase
from pathlib import Path

from rnnviz.text.encodings import Decoder, by_mark, by_nuls
from rnnviz.text.errors import BinaryFile, FileChanged, FileUnreadable
from rnnviz.text.plausibility import most_plausible
from rnnviz.text.progress import PIECE_BYTES, Cancelled, Progress, report, stop_if
from rnnviz.text.textfile import TextBuilder, TextFile, refuse_blank

_BINARY_SHARE = 0.05  # of control characters; noise read as any one-byte encoding has 11 % or more
_SOUND_PER_BROKEN = 10  # characters outside ASCII that a damaged UTF-8 file has for every broken place
_BROKEN_BEFORE_GIVING_UP = 1000


def read_text(
    path: str | os.PathLike[str], progress: Progress | None = None, cancelled: Cancelled | None = None
) -> TextFile:
    r"""The text in a file of any size and encoding, with "\n" as its only line end.

    The encoding is that of the byte-order mark; else UTF-8 if the bytes are valid UTF-8, or nearly so (a
    character cut off at the end, a few broken places: they become U+FFFD and are noted); else UTF-16 or
    UTF-32 by the places of the NULs; else the most plausible of the older encodings; else Windows-1252.

    Raises FileUnreadable, BinaryFile, TextTooShort, FileChanged, ReadingCancelled.
    """
    name = shown_name(path)
    with opened_file(path, name) as (file, before):
        reading = _Reading(file, name, before.st_size, progress, cancelled)
        text = _read(reading)
        refuse_changed(path, before, os.fstat(file.fileno()), reading.n_read, name)
    text.origin = Path(os.fsdecode(path)).absolute()
    return text


def shown_name(path: str | os.PathLike[str]) -> str:
    """The last part of a path as it can be shown: on one line, and without what is no character."""
    name = Path(os.fsdecode(path)).name or os.fsdecode(path) or "''"
    return "".join(c if c.isprintable() else "\ufffd" for c in name)


@contextmanager
def opened_file(
    path: str | os.PathLike[str], name: str
) -> Iterator[tuple[RawIOBase | BufferedIOBase, os.stat_result]]:
    """The file, unbuffered, and what was known of it when it was opened; OSErrors become FileUnreadable."""
    try:
        place = Path(os.fsdecode(path))
        _refuse_unless_file(place.stat().st_mode, name)
        with place.open("rb", buffering=0) as file:
            before = os.fstat(file.fileno())
            _refuse_unless_file(before.st_mode, name)
            yield file, before
    except FileNotFoundError:
        raise FileUnreadable(f"There is no file {name}. Check its name and its folder.") from None
    except PermissionError:
        raise FileUnreadable(
            f"You have no permission to read {name}. Change its permissions, or choose another file."
        ) from None
    except ValueError:  # a NUL in the path
        raise FileUnreadable(f"{name} is no name of a file. Check it.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise FileUnreadable(
            f"{name} cannot be read ({reason}). Copy it to another place and try that."
        ) from error


def _refuse_unless_file(mode: int, name: str) -> None:
    if stat.S_ISDIR(mode):
        raise FileUnreadable(f"{name} is a folder. Choose a text file in it.")
    if not stat.S_ISREG(mode):  # reading a pipe or a device could last for ever
        raise FileUnreadable(f"{name} is a device or a pipe, not a file. Save its text in a file first.")


def refuse_changed(
    path: str | os.PathLike[str], before: os.stat_result, after: os.stat_result, n_read: int, name: str
) -> None:
    """Raise FileChanged unless the file is still what it was when it was opened."""
    try:
        there = Path(os.fsdecode(path)).stat()
    except OSError:
        raise FileChanged(
            f"{name} disappeared while it was being read. Put it back, or choose another file."
        ) from None
    marks = [(s.st_size, s.st_mtime_ns, s.st_ino) for s in (before, after, there)]
    if len(set(marks)) > 1 or n_read != before.st_size:
        raise FileChanged(
            f"{name} changed while it was being read. Wait until nothing writes to it, then open it again."
        )


class _WrongEncodingError(Exception):
    """The file turned out to be in another encoding; `sample` is where that was seen."""

    def __init__(self, sample: bytes) -> None:
        super().__init__()
        self.sample = sample


@dataclass
class _Reading:
    """A file on its way into memory. It may be read twice, if it turns out not to be UTF-8."""

    file: RawIOBase | BufferedIOBase
    name: str
    size: int
    progress: Progress | None
    cancelled: Cancelled | None
    n_read: int = 0
    _share: float = 0.0

    def again(self) -> None:
        """Go back to the beginning."""
        self.file.seek(0)
        self.n_read = 0

    def take(self) -> bytes:
        """The next 256 KB, b"" at the end."""
        stop_if(self.cancelled)
        data = self.file.read(PIECE_BYTES) or b""
        self.n_read += len(data)
        self._share = max(self._share, self.n_read / max(1, self.size))  # never goes back
        report(self.progress, self._share, "reading")
        return data


def _read(reading: _Reading) -> TextFile:
    head = reading.take()
    codec, mark = by_mark(head)
    if not codec:
        codec = by_nuls(head)
    if codec:
        return _decode(reading, codec, head, mark)
    try:
        return _decode(reading, "utf-8", head, 0)
    except _WrongEncodingError as found:
        reading.again()
        return _decode(reading, most_plausible(found.sample), reading.take(), 0)


def _decode(reading: _Reading, codec: str, head: bytes, mark: int) -> TextFile:
    """The text of the file in this encoding, whose first bytes are `head`, the first `mark` of them a mark.

    Raises _WrongEncodingError if UTF-8 is only a guess and was wrong.
    """
    decoder = Decoder(codec)
    builder = TextBuilder()
    is_guess = codec == "utf-8" and not mark
    sample = b""
    data = head[mark:]
    while True:
        following = reading.take() if data else b""
        builder.add(decoder.decode(data, final=not following), final=not following)
        if decoder.n_broken and not sample:
            sample = data
        if is_guess and decoder.n_broken > _BROKEN_BEFORE_GIVING_UP and not _is_damaged_utf8(decoder):
            raise _WrongEncodingError(sample)
        _refuse_binary(builder, reading.name)
        if not following:
            break
        data = following
    if is_guess and decoder.n_broken and not _is_damaged_utf8(decoder):
        raise _WrongEncodingError(sample)
    refuse_blank(builder, reading.name)
    return builder.finish(
        reading.name, decoder.shown + (" with byte-order mark" if mark else ""), _notes(decoder)
    )


def _is_damaged_utf8(decoder: Decoder) -> bool:
    """Whether bytes that are not all UTF-8 are a UTF-8 text with a few broken places."""
    only_cut_off = decoder.n_broken == 1 and decoder.cut_off and decoder.n_sound > 0
    return only_cut_off or decoder.n_sound >= _SOUND_PER_BROKEN * decoder.n_broken


def _refuse_binary(builder: TextBuilder, name: str) -> None:
    if builder.has_nul or builder.n_controls > _BINARY_SHARE * builder.n_characters:
        raise BinaryFile(
            f"{name} is no text but a binary file, as pictures, programs and word processor documents are. "
            "Choose a plain text file, or save it as plain text first."
        )


def _notes(decoder: Decoder) -> list[str]:
    if not decoder.n_broken:
        return []
    if decoder.cut_off and decoder.n_broken == 1:
        return ["The file ends in the middle of a character, which is shown as \ufffd."]
    places = "1 place" if decoder.n_broken == 1 else f"{decoder.n_broken:,} places"
    return [f"In {places} the file is broken ({decoder.shown} has no such bytes), shown as \ufffd."]
