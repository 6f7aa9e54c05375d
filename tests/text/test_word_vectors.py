"""Files of word vectors: each format, each fault, pieces, progress, cancelling, arbitrary bytes."""

import gzip
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.text import (
    READING_VECTORS,
    Coverage,
    DamagedVectors,
    FileUnreadable,
    NoKnownWord,
    NotVectors,
    ReadingCancelled,
    TruncatedVectors,
    VectorsError,
    Vocabulary,
    WrongWidth,
    read_vectors,
    vector_format,
)
from rnnviz.text.word_vectors.formats import recognise
from tests.text.vector_files import (
    Vectors,
    glove,
    some_vectors,
    vocabulary,
    word2vec_binary,
    word2vec_text,
    written,
)

WORDS = "the Emperor of France , knew it's größe"
FORMATS: dict[str, Callable[[Vectors], bytes]] = {
    "GloVe": glove,
    "word2vec text": word2vec_text,
    "word2vec binary": word2vec_binary,
    "word2vec binary without line ends": lambda vectors: word2vec_binary(vectors, line_ends=False),
}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("width", [1, 2, 5, 300])
def test_every_format_is_known_by_its_content_and_read_to_the_bit(
    tmp_path: Path, kind: str, width: int
) -> None:
    vectors = some_vectors(WORDS, width)
    path = written(tmp_path, FORMATS[kind](vectors), "vectors.dat")
    found_format = vector_format(path)
    assert kind.startswith(found_format.kind) and found_format.width == width
    assert found_format.n_words == (None if kind == "GloVe" else len(vectors))
    known = vocabulary(WORDS + " nowhere")
    read = read_vectors(path, known)
    assert read.name == "vectors.dat" and read.width == width and read.rows.dtype == np.float32
    for word, vector in vectors.items():
        assert read.rows[known.id_of(word.decode())].tobytes() == vector.tobytes()
    assert not read.rows[known.id_of("nowhere")].any() and not read.found[0]
    assert read.found.tolist() == [0] + [1] * 8 + [0]


@pytest.mark.parametrize("dress", [
    lambda data: b"\xef\xbb\xbf" + data,
    lambda data: data.replace(b"\n", b"\r\n"),
    lambda data: data.rstrip(b"\n"),
    lambda data: data + b"\n\n",
    lambda data: data.replace(b" ", b"\t"),
    lambda data: data.replace(b" ", b"  "),
], ids=["mark", "crlf", "no last line end", "empty lines", "tabs", "two blanks"])  # fmt: skip
@pytest.mark.parametrize("kind", ["GloVe", "word2vec text"])
def test_text_may_be_laid_out_in_other_ways(
    tmp_path: Path, kind: str, dress: Callable[[bytes], bytes]
) -> None:
    path = written(tmp_path, dress(FORMATS[kind](some_vectors(WORDS))))
    assert read_vectors(path, vocabulary(WORDS)).found[1:].all()


def test_a_word_as_written_goes_before_its_lower_case_form(tmp_path: Path) -> None:
    vectors = some_vectors("the emperor Emperor france")
    path = written(tmp_path, glove(vectors))
    known = vocabulary("The the Emperor France FRANCE")
    read = read_vectors(path, known)
    assert read.found.tolist() == [0, 2, 1, 1, 2, 2]
    for token, word in (("The", b"the"), ("Emperor", b"Emperor"), ("FRANCE", b"france")):
        assert read.rows[known.id_of(token)].tobytes() == vectors[word].tobytes()
    backwards = written(tmp_path, glove(dict(reversed(vectors.items()))), "backwards.txt")
    assert read_vectors(backwards, known).rows.tobytes() == read.rows.tobytes()


def test_coverage_counts_words_and_how_often_they_were_met(tmp_path: Path) -> None:
    known = vocabulary("The of France Elba")  # met 4, 3, 2 and 1 times, unknown ones twice
    coverage = read_vectors(written(tmp_path, glove(some_vectors("the of <unk>"))), known).coverage(known)
    assert (coverage.known, coverage.covered, coverage.lowered) == (4, 2, 1)
    assert coverage.share_met == pytest.approx(7 / 12)  # the unknown token has a vector and is no word
    assert coverage.in_short == "58 % of the words met have a vector, 2 of 4 known words"
    assert str(coverage).endswith(", 1 of them as written in lower case")
    for share, said in ((0.0, "0 %"), (0.004, "under 1 %"), (0.996, "over 99 %"), (1.0, "100 %")):
        assert Coverage(4, 2, 0, share).in_short.startswith(f"{said} of the words met")


def test_a_vocabulary_without_counts_is_covered_in_words_alone(tmp_path: Path) -> None:
    known = Vocabulary.from_tokens(["<unk>", "the", "of"])
    coverage = read_vectors(written(tmp_path, glove(some_vectors("the"))), known).coverage(known)
    assert str(coverage) == "1 of 2 known words have a vector"


def test_the_first_of_two_vectors_of_a_word_counts(tmp_path: Path) -> None:
    path = written(tmp_path, b"the 1 2\nof 3 4\nthe 5 6\n")
    assert read_vectors(path, vocabulary("the")).rows[1].tolist() == [1, 2]


def test_words_with_blanks_are_passed_over_by_the_last_fields(tmp_path: Path) -> None:
    path = written(tmp_path, b". . . 0.5 1\nat name@domain.com 2 3\nof 4 5\nthe 6 7\na 8 9\n")
    read = read_vectors(path, vocabulary("of the . at"))
    assert read.found.tolist() == [0, 1, 1, 0, 0] and read.rows[1].tolist() == [4, 5]


def test_words_of_bad_bytes_harm_nothing(tmp_path: Path) -> None:
    vectors = {b"\xff\xfe\x00": np.ones(3, np.float32), b"caf\xe9": np.ones(3, np.float32)}
    vectors |= some_vectors("the of", 3)
    for kind in FORMATS:
        if "binary" in kind:
            path = written(tmp_path, FORMATS[kind](vectors))
            assert read_vectors(path, vocabulary("the of")).found.tolist() == [0, 1, 1]


def test_a_vocabulary_of_what_no_file_can_hold_is_looked_up_all_the_same(tmp_path: Path) -> None:
    known = Vocabulary.from_tokens(["<unk>", "\ud800", "the"])
    assert read_vectors(written(tmp_path, b"the 1 2\n"), known).found.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (b"", NotVectors, "is empty"),
        (b" \n\n", NotVectors, "is empty"),
        (gzip.compress(b"the 1 2\n", mtime=0), NotVectors, "compressed (gzip). Unpack it first"),
        (b"PK\x03\x04rest", NotVectors, "compressed (zip)"),
        (b"It was in 1805.\nNapoleon was there.\n", NotVectors, "holds no word vectors"),
        ("the 1 2\nof 3 4\n".encode("utf-16"), NotVectors, "holds no word vectors"),
        (b"\x89PNG\r\n\x1a\n" + bytes(400), NotVectors, "holds no word vectors"),
        (b"the\nof\n", NotVectors, "holds no word vectors"),
        (b"0 5\n", NotVectors, "holds no words"),
        (b"a" * (300 << 10) + b" 1\n", NotVectors, "its first line has no end"),
        (b"the 1 2\nof 3 4\n" * 40_000 + b"x" * (2 << 20), NotVectors, "line 80,001 has no end"),
        (b"5 0\nthe\n", WrongWidth, "0 numbers wide"),
        (b"5 9000\nthe 1\n", WrongWidth, "9,000 numbers wide; a network takes 1 to 8,192"),
        (b"the 1 2\nof 3\na 4 5\n", WrongWidth, "has 1 number in line 2, and 2 in the others"),
        (b"the 1 2\nof 3 4\na 5", WrongWidth, "line 3"),
        (b"the 1 2\nof 3 4\na 0.1 0.2 0.3\n", WrongWidth, "has 3 numbers in line 3, and 2"),
        (b"3 2\nthe 1 2\nof 3\na 4 5\n", WrongWidth, "line 3"),
        (b"a 1 2\nof 3 4\nthe 1 two\n", DamagedVectors, "other than 2 numbers after the word in line 3"),
        (b"a 1 2\nof 3 4\nthe 1 nan\n", DamagedVectors, "NaN, infinite or beyond all bounds, in line 3"),
        (b"a 1 2\nof 3 4\nthe 1 1e400\n", DamagedVectors, "infinite"),
        (b"a 1 2\nof 3 4\nthe 1 1e39\n", DamagedVectors, "beyond all bounds"),
        (b"3 2\na 1 2\nthe 3 4\n", TruncatedVectors, "announces 3 words and has 2"),
        (word2vec_binary(some_vectors("the of a", 50))[:-3], TruncatedVectors, "cut off"),
        (word2vec_binary(some_vectors("the of a", 50))[:250], TruncatedVectors, "take at least 606 bytes"),
        (word2vec_binary({b"the": np.full(3, np.inf, np.float32)}), DamagedVectors, "in word 1"),
        (b"9 1\n" + b"\x01" * (400 << 10), DamagedVectors, "is damaged after 0 words"),
        (glove(some_vectors("le la les")), NoKnownWord, "None of the 1 known words"),
    ],
)  # fmt: skip
def test_every_fault_has_a_name_and_says_what_to_do(
    tmp_path: Path, content: bytes, error: type[VectorsError], said: str
) -> None:
    path = written(tmp_path, content, "v.dat")
    with pytest.raises(error) as caught:
        read_vectors(path, vocabulary("the"))
    message = str(caught.value)
    assert said in message and "v.dat" in message and "\n" not in message
    assert any(word in message for word in ("Choose", "choose", "Download", "Unpack"))


def test_what_is_no_file_is_refused_as_a_text_is(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.txt"):
        with pytest.raises(FileUnreadable):
            vector_format(path)
        with pytest.raises(FileUnreadable):
            read_vectors(path, vocabulary("the"))


def test_only_the_wanted_words_numbers_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, b"the 1 2\nof 3 4\nbroken x nan\n")
    assert read_vectors(path, vocabulary("the")).rows[1].tolist() == [1, 2]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_large_file_goes_by_in_pieces_with_progress_and_little_memory(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(1)
    numbers = rng.normal(0, 0.4, (4000, 60)).astype(np.float32)
    vectors = {f"word{i}".encode(): row for i, row in enumerate(numbers)}
    path = written(tmp_path, FORMATS[kind](vectors))
    size = path.stat().st_size
    assert size > 900_000
    seen: list[tuple[float, str]] = []
    known = vocabulary("word0 word1 word1999 word3999")
    tracemalloc.start()
    try:
        read = read_vectors(path, known, lambda share, doing: seen.append((share, doing)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < (1 << 20) + (300 << 10), "three pieces of 256 KB, however large the file is"
    for word, row in (("word1999", 1999), ("word3999", 3999)):
        assert read.rows[known.id_of(word)].tobytes() == numbers[row].tobytes()
    shares = [share for share, _ in seen]
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) >= size // (256 << 10)
    assert all(doing.startswith(READING_VECTORS) for _, doing in seen) and "so far" in seen[-1][1]


def test_reading_stops_at_the_next_piece_when_it_is_cancelled(tmp_path: Path) -> None:
    path = written(tmp_path, b"the 0.5 0.25\n" * 200_000)
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) == 3

    with pytest.raises(ReadingCancelled):
        read_vectors(path, vocabulary("the"), None, cancelled)
    assert len(asked) == 3


@given(st.binary(max_size=600))
def test_arbitrary_bytes_are_a_result_or_a_named_error(data: bytes) -> None:
    check_bytes(data)


@given(
    st.sampled_from(sorted(FORMATS)),
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6),
    st.integers(0, 200),
)
@settings(max_examples=200)
def test_damaged_files_are_a_result_or_a_named_error(
    kind: str, width: int, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(FORMATS[kind](some_vectors(WORDS, width)))
    for place, byte in changes:
        data[place % len(data)] = byte
    check_bytes(bytes(data[: max(0, len(data) - cut)] if cut < 150 else data))


def check_bytes(data: bytes) -> None:
    """What reading such a file gives: vectors of finite numbers, or a VectorsError of one line."""

    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), data)
        try:
            read = read_vectors(path, vocabulary("the of , a 1"))
        except VectorsError as error:
            assert "\n" not in str(error) and str(error).endswith(".")
        else:
            assert np.isfinite(read.rows).all() and read.found.any()
            assert read.width == recognise(data, len(data), "x").width
