import json
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from tests.cli.running import SMALL, Run

PASSAGE = "Napoleon was the Emperor of"


def test_json_has_passage_candidates_and_sample(rnnviz: Run, checkpoint: Path) -> None:
    outcome = rnnviz("ask", checkpoint, PASSAGE, "--top", 4, "--sample", 6, "--json")
    assert outcome.status == 0
    assert outcome.err == ""
    assert outcome.out.count("\n") == 1
    told = json.loads(outcome.out)
    assert list(told) == ["passage", "candidates", "sample"]
    assert told["passage"] == PASSAGE.split()
    assert len(told["candidates"]) == 4
    assert all(list(candidate) == ["token", "probability"] for candidate in told["candidates"])
    probabilities = [candidate["probability"] for candidate in told["candidates"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert told["sample"]


def test_all_candidates_together_are_certain(rnnviz: Run, checkpoint: Path) -> None:
    told = json.loads(rnnviz("ask", checkpoint, PASSAGE, "--top", 10**6, "--json").out)
    assert sum(candidate["probability"] for candidate in told["candidates"]) == pytest.approx(1)
    assert told["candidates"][0]["token"] in ("France", "Russia", "the", ".", "Emperor", "of")
    assert told["sample"] == ""


def test_temperature_nought_takes_the_likeliest(rnnviz: Run, checkpoint: Path) -> None:
    first = json.loads(rnnviz("ask", checkpoint, PASSAGE, "--top", 1, "--json").out)["candidates"][0]["token"]
    cold = [
        json.loads(rnnviz("ask", checkpoint, PASSAGE, *options, "--temperature", 0, "--json").out)["sample"]
        for options in (("--sample", 1), ("--sample", 1, "--seed", 7))
    ]
    assert cold == [first, first]


def test_the_same_seed_writes_the_same(rnnviz: Run, checkpoint: Path) -> None:
    def sample(seed: int) -> str:
        told = json.loads(rnnviz("ask", checkpoint, PASSAGE, "--sample", 30, "--seed", seed, "--json").out)
        return str(told["sample"])

    assert sample(1) == sample(1)
    assert sample(1) != sample(2)


def test_people_are_told_which_words_are_rare(rnnviz: Run, checkpoint: Path) -> None:
    outcome = rnnviz("ask", checkpoint, "Napoleon was the Basileus of")
    assert outcome.status == 0
    assert "reads as (rare word): Basileus" in outcome.err
    assert "<unk>" not in outcome.out
    assert "(rare word)" in rnnviz("ask", checkpoint, PASSAGE, "--top", 1000).out


def test_characters_that_nobody_sees_are_named(rnnviz: Run, text: Path, tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    rnnviz("train", text, *SMALL, "--tokens", "char", "--steps", 2, "--json", "--save", path)
    out = rnnviz("ask", path, "Nap", "--top", 100).out
    assert "(space)" in out
    assert "(line end)" in out
    assert json.loads(rnnviz("ask", path, "a b", "--json").out)["passage"] == ["a", " ", "b"]


@pytest.mark.parametrize(
    ("passage", "options", "said"),
    [
        ("", (), "the passage is empty"),
        (" \n", (), "the passage is empty"),
        ("x", ("--top", "0"), "--top"),
        ("x", ("--temperature", "-1"), "--temperature"),
        ("x", ("--temperature", "nan"), "--temperature"),
        ("x", ("--temperature", "1e-9"), "--temperature must be 0"),
    ],
)
def test_bad_questions_are_one_line(
    rnnviz: Run, checkpoint: Path, passage: str, options: tuple[str, ...], said: str
) -> None:
    assert said in rnnviz("ask", checkpoint, passage, *options).error_line


def test_what_is_no_checkpoint_is_refused(rnnviz: Run, text: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"\x10\0\0\0\0\0\0\0{not json at all")
    for path in (text, tmp_path, tmp_path / "none.safetensors", damaged):
        assert rnnviz("ask", path, "x").error_line


def test_logits_beyond_all_numbers_are_said_to_be_so(rnnviz: Run, checkpoint: Path, tmp_path: Path) -> None:
    tensors = load_file(checkpoint)
    with safe_open(checkpoint, "numpy") as file:
        metadata = file.metadata()
    tensors["bias_out"][:] = np.float32(3e38)
    tensors["weight_out"][:] = np.float32(3e38)
    tensors["bias_hh_l0"][:] = np.float32(50)  # every unit at 1
    save_file(tensors, tmp_path / "huge.safetensors", metadata)
    said = rnnviz("ask", tmp_path / "huge.safetensors", PASSAGE, "--json").error_line
    assert "huge.safetensors are so large" in said


def test_an_unknown_blank_is_named_in_words(rnnviz: Run, text: Path, tmp_path: Path) -> None:
    kept = tmp_path / "few.safetensors"
    options = ("--tokens", "char", "--vocabulary", 1, *SMALL, "--steps", 1, "--json")
    assert rnnviz("train", text, *options, "--save", kept).status == 0
    tabbed = rnnviz("ask", kept, "a\tb")
    assert tabbed.err == "rnnviz: note: the network reads as (rare sign): a, (tab), b\n"
