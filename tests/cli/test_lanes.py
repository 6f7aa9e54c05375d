"""A race on the command line."""

from pathlib import Path

import pytest

from rnnviz.training import checkpoint as checkpoints
from tests.cli.running import SMALL, Run
from tests.cli.test_train import FIELDS, events

EXPLODES = "--activation relu --optimizer sgd --lr 100 --clip 0"
THREE = ("--lane", "", "--lane", "--cell lstm --forget-bias 3", "--lane", "--cell gru")


def test_every_event_of_a_race_names_its_lane(rnnviz: Run, text: Path) -> None:
    outcome = rnnviz("train", text, *SMALL, *THREE, "--epochs", 2, "--json")
    assert outcome.status == 0 and outcome.err == ""
    told = events(outcome.out)
    for kind in ("progress", "epoch", "end"):
        of_kind = [event for event in told if event["event"] == kind]
        assert all(list(event) == ["event", "lane", *FIELDS[kind][1:]] for event in of_kind)
        assert [event["lane"] for event in of_kind] == [0, 1, 2] * (len(of_kind) // 3)
    ends = told[-3:]
    assert [event["event"] for event in ends] == ["end"] * 3
    assert len({event["valid_loss"] for event in ends}) == 3


def test_a_lane_ends_as_its_settings_alone_would(rnnviz: Run, text: Path) -> None:
    race = events(rnnviz("train", text, *SMALL, *THREE, "--steps", 40, "--json").out)
    for lane, alone in enumerate(([], ["--cell", "lstm", "--forget-bias", 3], ["--cell", "gru"])):
        end = events(rnnviz("train", text, *SMALL, *alone, "--steps", 40, "--json").out)[-1]
        assert race[-3 + lane] == {"event": "end", "lane": lane} | end


def test_a_lane_overrides_what_stands_outside_and_what_thereby_lost_its_meaning(
    rnnviz: Run, text: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.safetensors"
    shared = (*SMALL, "--activation", "sigmoid", "--lr", "0.1")
    lanes = ("--lane", "", "--lane", "--cell lstm --hidden 5")
    assert rnnviz("train", text, *shared, *lanes, "--steps", 1, "--json", "--save", path).status == 0
    first, second = checkpoints.read(path).settings.lanes
    assert (first.cell, first.activation, first.hidden, first.lr) == ("rnn", "sigmoid", 8, 0.1)
    assert (second.cell, second.activation, second.hidden, second.lr) == ("lstm", "tanh", 5, 0.1)


def test_lanes_of_as_many_parameters_say_how_many_units_they_have(rnnviz: Run, text: Path) -> None:
    said = rnnviz("train", text, *SMALL, "--hidden", 30, *THREE, "--match", "parameters", "--steps", 1).out
    lines = [line for line in said.splitlines() if line.startswith("lane ") and "parameters" in line]
    assert lines[0].startswith("lane 1, tanh RNN: 30 units, ")
    counts = [int(line.split()[-2].replace(",", "")) for line in lines]
    assert len(counts) == 3
    assert max(counts) < 1.1 * min(counts)
    assert "Matched by the number of parameters." in said


def test_a_race_goes_on_bit_for_bit(rnnviz: Run, text: Path, tmp_path: Path) -> None:
    pieces, whole = tmp_path / "pieces.safetensors", tmp_path / "whole.safetensors"
    race = ("train", text, *SMALL, *THREE, "--match", "parameters", "--json")
    assert rnnviz(*race, "--steps", 90, "--save", whole).status == 0
    assert rnnviz(*race, "--steps", 41, "--save", pieces).status == 0
    assert rnnviz(*race, "--steps", 90, "--save", pieces, "--resume", pieces).status == 0
    assert pieces.read_bytes() == whole.read_bytes()


def test_a_resumed_race_needs_no_lanes_and_refuses_others(rnnviz: Run, text: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    assert rnnviz("train", text, *SMALL, *THREE, "--steps", 3, "--json", "--save", path).status == 0
    resumed = ("train", text, "--resume", path, "--steps", 5, "--json")
    told = events(rnnviz(*resumed).out)
    assert [event["lane"] for event in told[-3:]] == [0, 1, 2]
    assert "has 3 lanes" in rnnviz(*resumed, "--lane", "--cell gru").error_line
    assert "--cell lstm contradicts" in rnnviz(*resumed, *THREE[:-1], "--cell lstm").error_line
    assert "contradicts" in rnnviz(*resumed, "--cell", "gru").error_line


def test_a_lane_that_drops_out_is_told_and_the_others_reach_the_end(rnnviz: Run, text: Path) -> None:
    lanes = ("--lane", "", "--lane", EXPLODES)
    sizes = ("--hidden", 40, "--window", 12, "--batch", 3)
    outcome = rnnviz("train", text, *sizes, *lanes, "--steps", 60, "--json")
    assert outcome.status == 0
    assert outcome.err.count("\n") == 1
    assert "lane 2 (relu RNN) drops out at update " in outcome.err
    told = events(outcome.out)
    assert [event["lane"] for event in told if event["event"] == "end"] == [0]
    assert told[-1]["step"] == 60


def test_asking_a_race_asks_its_first_lane_and_says_so(rnnviz: Run, text: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    assert rnnviz("train", text, *SMALL, *THREE, "--steps", 3, "--json", "--save", path).status == 0
    for verb in (("ask",), ("trace", "--out", tmp_path / "x.npz")):
        outcome = rnnviz(verb[0], path, "Napoleon was", *verb[1:])
        assert outcome.status == 0
        assert "is a race; this is of its first lane, tanh RNN" in outcome.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--lane", "--cell mamba"), "--lane \"--cell mamba\": --cell 'mamba' is unknown"),
        (("--lane", "--batch 3"), "--batch is the same for all lanes"),
        (("--lane", "--hiden 3"), "did you mean --hidden"),
        (("--lane", "lstm"), "one argument too many"),
        (("--lane", "--cell 'lstm"), "quotes do not close"),
        (("--lane", "--cell gru --forget-bias 1"), "--forget-bias needs a forget gate"),
        (("--lane", "") * 5, "at most 4 lanes"),
        (("--match", "hidden"), "needs lanes to compare"),
        (("--lane", "", "--lane", "--hidden 3", "--match", "parameters"), "leave one of the two out"),
        (("--lane", "", "--lane", "", "--match", "layers"), "--match"),
    ],
)
def test_lanes_that_cannot_be_are_refused_in_one_line(
    rnnviz: Run, text: Path, options: tuple[str, ...], said: str
) -> None:
    assert said in rnnviz("train", text, *options).error_line
