"""Pretrained word vectors from the command line."""

import json
from pathlib import Path

import pytest

from rnnviz.training import checkpoint as checkpoints
from tests.cli.running import SENTENCES, SMALL, Run
from tests.text.vector_files import glove, some_vectors, word2vec_binary, written

KNOWN = sorted(set(SENTENCES.split()))
COVERED = KNOWN[: len(KNOWN) // 2]


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    return written(tmp_path, glove(some_vectors(" ".join(COVERED), 7)))


def test_people_are_told_how_much_the_vectors_cover(rnnviz: Run, text: Path, vectors: Path) -> None:
    outcome = rnnviz("train", text, *SMALL, "--steps", 2, "--vectors", vectors, "--vectors-frozen")
    assert outcome.status == 0
    (line,) = [line for line in outcome.out.splitlines() if line.startswith("vectors.txt: ")]
    assert f"of the words met have a vector, {len(COVERED)} of {len(KNOWN)} known words" in line
    assert line.endswith("They stay as they are.")


def test_programs_are_told_at_the_end_and_only_where_there_are_vectors(
    rnnviz: Run, text: Path, vectors: Path
) -> None:
    outcome = rnnviz("train", text, *SMALL, "--steps", 2, "--vectors", vectors, "--json")
    events = [json.loads(line) for line in outcome.out.splitlines()]
    assert [event["event"] for event in events if "vectors" in event] == ["end"] == [events[-1]["event"]]
    told = events[-1]["vectors"]
    words = SENTENCES.split()[: len(SENTENCES.split()) * 9 // 10]
    share = sum(word in COVERED for word in words) / len(words)
    assert (told["known"], told["covered"], told["lowered"]) == (len(KNOWN), len(COVERED), 0)
    assert told["share_met"] == pytest.approx(share, abs=0.05)


def test_lanes_differ_in_their_vectors_and_each_is_told(rnnviz: Run, text: Path, vectors: Path) -> None:
    lanes = ("--lane", f"--vectors '{vectors}'", "--lane", f"--vectors '{vectors}' --vectors-frozen")
    outcome = rnnviz("train", text, *SMALL, "--steps", 2, "--lane", "--embedding 7", *lanes, "--json")
    ends = [json.loads(line) for line in outcome.out.splitlines()[-3:]]
    assert [("vectors" in end, end["lane"]) for end in ends] == [(False, 0), (True, 1), (True, 2)]
    plain = rnnviz("train", text, *SMALL, "--steps", 2, "--lane", "--embedding 7", *lanes)
    assert "lane 2, vectors.txt: " in plain.out and "lane 3, vectors.txt: " in plain.out
    assert "lane 3, tanh RNN, frozen vectors: " in plain.out


def test_a_run_goes_on_without_the_file_and_knows_another_one_by_its_name(
    rnnviz: Run, text: Path, vectors: Path, tmp_path: Path
) -> None:
    saved, on, through = (tmp_path / f"{name}.safetensors" for name in ("saved", "on", "through"))
    rnnviz("train", text, *SMALL, "--steps", 3, "--vectors", vectors, "--save", saved)
    rnnviz("train", text, *SMALL, "--steps", 6, "--vectors", vectors, "--save", through)
    vectors.unlink()
    resumed = ("train", text, "--steps", 6, "--resume", saved)
    outcome = rnnviz(*resumed, "--vectors", tmp_path / "another" / "vectors.txt", "--save", on)
    assert outcome.status == 0 and "vectors.txt: " in outcome.out
    assert on.read_bytes() == through.read_bytes()
    assert checkpoints.read(on).settings.lane.vectors == "vectors.txt"
    other = rnnviz(*resumed, "--vectors", "other.txt")
    assert other.status == 2
    assert "--vectors other.txt contradicts" in other.error_line
    assert "trained with --vectors vectors.txt" in other.error_line
    frozen = rnnviz(*resumed, "--vectors-frozen")
    assert frozen.status == 2 and "--vectors-frozen on contradicts" in frozen.error_line


def test_a_checkpoint_with_vectors_is_asked_and_traced_like_any_other(
    rnnviz: Run, text: Path, tmp_path: Path
) -> None:
    file = written(tmp_path, word2vec_binary(some_vectors(" ".join(COVERED), 7)), "vectors.bin")
    saved = tmp_path / "saved.safetensors"
    rnnviz("train", text, *SMALL, "--steps", 3, "--vectors", file, "--vectors-frozen", "--save", saved)
    file.unlink()
    passage = " ".join(SENTENCES.split()[:4])
    assert rnnviz("ask", saved, passage, "--json").status == 0
    assert rnnviz("trace", saved, passage, "--out", tmp_path / "trace.npz").status == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--vectors", "{vectors}", "--embedding", 0), "--embedding 0 is one-hot input"),
        (
            ("--vectors", "{vectors}", "--embedding", 9),
            "--embedding 9 contradicts vectors.txt, whose vectors",
        ),
        (("--vectors", "{vectors}", "--tokens", "char"), "--tokens char reads characters"),
        (("--vectors-frozen",), "Give their file with --vectors"),
        (("--vectors", "{text}"), "holds no word vectors"),
        (("--vectors", ".."), "is a folder"),
    ],
)
def test_what_cannot_be_is_one_line(
    rnnviz: Run, text: Path, vectors: Path, options: tuple[object, ...], said: str
) -> None:
    typed = [str(option).format(vectors=vectors, text=text) for option in options]
    outcome = rnnviz("train", text, *SMALL, "--steps", 1, *typed)
    assert outcome.status == 2 and said in outcome.error_line


def test_memory_tasks_are_not_tried_with_vectors(rnnviz: Run, vectors: Path, tmp_path: Path) -> None:
    plan = ("--cells", "rnn:tanh", "--distances", 2, "--seeds", 1, "--out", tmp_path / "out.csv")
    outcome = rnnviz("experiment", "memory", *plan, "--vectors", vectors)
    assert outcome.status == 2 and "--vectors has no use here" in outcome.error_line
