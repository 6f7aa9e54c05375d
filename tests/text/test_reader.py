import codecs
import os
import random
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnviz.text import (
    BinaryFile,
    FileChanged,
    FileUnreadable,
    ReadingCancelled,
    TextError,
    TextTooShort,
    read_text,
    reader,
)
from rnnviz.text.line_ends import normalised

SENTENCE = "Napoléon était l'empereur des Français.\n"

MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}

# Whatever is visible, and what lays it out: no control characters, which make a file binary.
visible = st.text(st.characters(exclude_categories=("Cs", "Cc"))).filter(lambda text: not text.isspace())


def write(folder: Path, data: bytes, name: str = "a.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def contents(path: Path) -> str:
    return "".join(read_text(path).pieces())


def refusal(path: str | Path, kind: type[TextError]) -> str:
    with pytest.raises(kind) as caught:
        read_text(path)
    message = str(caught.value)
    assert "\n" not in message and message.endswith(".")
    assert message.count(". ") >= 1 or "Check" in message, "a message says what is wrong and what to do"
    return message


@given(text=visible, encoding=st.sampled_from(sorted(MARKS)), ends=st.sampled_from(["\n", "\r\n", "\r"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_with_a_byte_order_mark_comes_back(
    tmp_path: Path, text: str, encoding: str, ends: str
) -> None:
    text = f"a{text}\n\nz\n"
    data = MARKS[encoding] + text.replace("\n", ends).encode(encoding)
    read = read_text(write(tmp_path, data))
    assert "".join(read.pieces()) == normalised(text)
    assert read.encoding.endswith("with byte-order mark")


@given(text=visible, size=st.integers(1, 9))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_utf8_comes_back_wherever_the_pieces_of_the_file_end(
    tmp_path: Path, text: str, size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "PIECE_BYTES", size)
        read = read_text(write(tmp_path, f"a{text}\r\nz".encode()))
    assert "".join(read.pieces()) == normalised(f"a{text}\r\nz")
    assert read.encoding == "UTF-8"
    assert read.notes == ()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [SENTENCE, "Привет, мир!\n", "你好，世界！\n我们去公园散步。\n", "a b"])
def test_utf16_and_utf32_are_known_without_a_mark(tmp_path: Path, encoding: str, text: str) -> None:
    read = read_text(write(tmp_path, text.encode(encoding)))
    assert "".join(read.pieces()) == text
    assert read.encoding.startswith(encoding[:6].upper())


@pytest.mark.parametrize("size", [3, 7, 64])
def test_pieces_of_a_file_may_end_within_a_character_or_a_line_end(
    tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "拿破仑是法国的皇帝。\r\n他后来被流放到一个小岛上。\r\n" * 3
    monkeypatch.setattr(reader, "PIECE_BYTES", size)
    for encoding in ("utf-8", "gb18030"):
        data = text.encode(encoding)
        if encoding == "gb18030":  # an encoding is guessed by the first piece that is not UTF-8
            monkeypatch.setattr(reader, "most_plausible", lambda sample: "gb18030")
        read = read_text(write(tmp_path, data))
        assert "".join(read.pieces()) == text.replace("\r\n", "\n")
        assert read.line_ends == "CRLF (Windows)"


def test_an_old_encoding_may_show_itself_late_in_the_file(tmp_path: Path) -> None:
    data = b"Nothing but plain letters here.\n" * 20_000 + ("Déjà vu, " + SENTENCE).encode("latin-1")
    read = read_text(write(tmp_path, data))
    assert read.line(read.n_lines - 1) == "Déjà vu, " + SENTENCE.rstrip()
    assert read.encoding == "Latin-1"
    assert read.notes == ()


def test_quotation_marks_of_windows_are_known(tmp_path: Path) -> None:
    text = "“It’s a long way,” he said — and it was… The café was closed.\n"
    read = read_text(write(tmp_path, text.encode("cp1252")))
    assert "".join(read.pieces()) == text
    assert read.encoding.startswith("Windows-1252")


def test_utf8_cut_off_in_its_last_character_is_still_utf8(tmp_path: Path) -> None:
    read = read_text(write(tmp_path, "Déjà vu, très cher é".encode()[:-1]))
    assert read.encoding == "UTF-8"
    assert read.line(0) == "Déjà vu, très cher \ufffd"
    assert "ends in the middle of a character" in read.notes[0]


def test_a_few_broken_bytes_do_not_make_a_large_utf8_file_another_encoding(tmp_path: Path) -> None:
    data = bytearray(SENTENCE.encode() * 20_000)
    accents = [i for i, byte in enumerate(data) if byte == 0xC3]
    for place in accents[5], accents[9000], accents[30_000]:
        data[place] = 0xFF
    read = read_text(write(tmp_path, bytes(data)))
    assert read.encoding == "UTF-8"
    assert read.n_lines == 20_000
    assert "".join(read.pieces()).count("\ufffd") == 6  # the lost first byte and the one that it left behind
    assert read.notes[0].startswith("In 6 places")


def test_a_replacement_sign_in_the_text_is_not_taken_for_damage(tmp_path: Path) -> None:
    read = read_text(write(tmp_path, "What is \ufffd?".encode()))
    assert read.notes == ()


def test_one_mark_is_stripped_and_only_one(tmp_path: Path) -> None:
    assert contents(write(tmp_path, codecs.BOM_UTF8 * 2 + b"x y")) == "\ufeffx y"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\x85", "\u2028", "\u2029"])
def test_every_line_end_becomes_a_line_feed(tmp_path: Path, end: str) -> None:
    assert contents(write(tmp_path, f"one{end}two{end}{end}é".encode())) == "one\ntwo\n\né"


@pytest.mark.parametrize(
    ("data", "shown"),
    [(b"a\r\nb", "CRLF (Windows)"), (b"a\rb\r", "CR (old Mac)"), (b"a\nb\r\n", "mixed"), (b"a", "none")],
)
def test_how_lines_ended_is_remembered(tmp_path: Path, data: bytes, shown: str) -> None:
    assert read_text(write(tmp_path, data)).line_ends == shown


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "There is no file nowhere.txt" in refusal(tmp_path / "nowhere.txt", FileUnreadable)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path, FileUnreadable)


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path, b"some words")
    monkeypatch.setattr(Path, "open", refuse)
    assert "no permission to read a.txt" in refusal(path, FileUnreadable)


def test_a_failing_disk_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, *args: object, **kwargs: object) -> None:
        raise OSError(5, "Input/output error")

    path = write(tmp_path, b"some words")
    monkeypatch.setattr(Path, "open", fail)
    assert "Input/output error" in refusal(path, FileUnreadable)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert "is empty" in refusal(write(tmp_path, b""), TextTooShort)
    assert "is empty" in refusal(write(tmp_path, codecs.BOM_UTF16_LE), TextTooShort)


def test_blanks_alone_are_refused(tmp_path: Path) -> None:
    data = " \t\n\r\n\u3000 \n".encode()
    assert "only blanks" in refusal(write(tmp_path, data), TextTooShort)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [300, 5_000, 600_000])
def test_noise_is_refused(tmp_path: Path, seed: int, size: int) -> None:
    refusal(write(tmp_path, random.Random(seed).randbytes(size)), BinaryFile)


@pytest.mark.parametrize("seed", range(20))
def test_noise_without_nuls_is_refused(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    refusal(write(tmp_path, bytes(chance.randrange(1, 256) for _ in range(2000))), BinaryFile)


def test_nuls_are_refused_whatever_the_encoding(tmp_path: Path) -> None:
    refusal(write(tmp_path, b"a good text, \0 but for one byte"), BinaryFile)
    refusal(write(tmp_path, b"long enough\n" * 50_000 + b"\0"), BinaryFile)
    refusal(write(tmp_path, codecs.BOM_UTF16_LE + "a\0b".encode("utf-16-le")), BinaryFile)
    refusal(write(tmp_path, bytes(1000)), BinaryFile)


def test_numbers_of_two_and_four_bytes_are_not_taken_for_utf16_or_utf32(tmp_path: Path) -> None:
    for width in (2, 4, 8):
        data = b"".join(number.to_bytes(width, "little") for number in range(200))
        refusal(write(tmp_path, data), BinaryFile)


def test_mostly_control_characters_are_refused_and_a_few_are_kept(tmp_path: Path) -> None:
    refusal(write(tmp_path, b"\x01\x02\x03\x04\x05 a word"), BinaryFile)
    refusal(write(tmp_path, "\x80\x81\x82\x83\x84 a word é".encode()), BinaryFile)
    text = "\x1b[1mbold\x1b[0m is not much among these many ordinary words.\n\f\v\tEnd"
    assert contents(write(tmp_path, text.encode())) == text


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "not a file" in refusal(pipe, FileUnreadable)
    assert "not a file" in refusal(os.devnull, FileUnreadable)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(tmp_path / "socket"))
        assert "not a file" in refusal(tmp_path / "socket", FileUnreadable)


@pytest.mark.parametrize("name", ["bad\udcff.txt", "two\nlines.txt", "nul\0.txt", "", "x" * 5000])
def test_strange_names_are_refused_in_words_that_can_be_printed(tmp_path: Path, name: str) -> None:
    path = f"{tmp_path}/{name}" if name else ""
    refusal(path, FileUnreadable).encode()


def test_a_file_with_a_strange_name_opens(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n.txt")
    Path(path).write_text("words in it")
    read = read_text(path)
    assert read.name.isprintable()
    read.name.encode()


def change_while_reading(path: Path, change: object) -> None:
    assert callable(change)
    done = []

    def progress(share: float, doing: str) -> None:
        if not done:
            done.append(True)
            change()

    with pytest.raises(FileChanged) as caught:
        read_text(path, progress)
    assert "while it was being read" in str(caught.value)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, b"some words\n" * 100_000)

    def grow() -> None:
        with path.open("ab") as file:
            file.write(b"more words\n")

    change_while_reading(path, grow)


def test_a_file_that_is_cut_short_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, b"some words\n" * 100_000)
    change_while_reading(path, lambda: os.truncate(path, 300_000))


def test_a_file_that_is_overwritten_with_as_many_bytes_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, b"some words\n" * 100_000)
    os.utime(path, ns=(1, 1))

    def overwrite() -> None:
        path.write_bytes(b"more words\n" * 100_000)

    change_while_reading(path, overwrite)


def test_a_file_that_is_replaced_or_vanishes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, b"some words\n" * 100_000)
    other = write(tmp_path, b"some words\n" * 100_000, "b.txt")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    change_while_reading(path, lambda: other.replace(path))
    change_while_reading(path, path.unlink)


def test_progress_never_goes_back_and_ends_at_one(tmp_path: Path) -> None:
    shares: list[float] = []
    data = b"plain\n" * 200_000 + SENTENCE.encode("latin-1") * 50_000  # is read twice
    read_text(write(tmp_path, data), lambda share, doing: shares.append(share))
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.5
    assert shares[-1] == 1.0


@pytest.mark.parametrize("when", [0, 1, 5])
def test_reading_stops_as_soon_as_it_is_cancelled(tmp_path: Path, when: int) -> None:
    path = write(tmp_path, b"some words\n" * 400_000)
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(len(asked) >= when)
        return asked[-1]

    with pytest.raises(ReadingCancelled) as caught:
        read_text(path, cancelled=cancelled)
    assert asked.count(True) == 1
    assert str(caught.value) == ""
