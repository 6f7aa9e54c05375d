import csv
import os
import signal
from pathlib import Path

import pytest

from rnnviz.cli import experiment
from tests.cli.running import Run

QUICK = ("--hidden", 8, "--batch", 8, "--steps", 3)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_table_has_a_row_for_each_network_and_the_means_are_printed(rnnviz: Run, tmp_path: Path) -> None:
    out = tmp_path / "memory.csv"
    cells = ("--cells", "rnn:sigmoid,rnn:tanh,lstm,gru", "--distances", "2,5", "--seeds", 2)
    said = rnnviz("experiment", "memory", *cells, *QUICK, "--out", out)
    assert said.status == 0
    table = rows(out)
    assert len(table) == 16
    assert list(table[0])[:9] == [
        "task", "cell", "activation", "distance", "seed", "accuracy", "chance", "loss", "updates",
    ]  # fmt: skip
    for name in ("sigmoid", "tanh"):
        mine = [float(r["accuracy"]) for r in table if r["activation"] == name and r["distance"] == "5"]
        line = next(line for line in said.out.splitlines() if line.startswith(f"rnn:{name}"))
        assert line.split()[-3] == f"{100 * sum(mine) / 2:.0f}"
    assert "Guessing reaches 25." in said.out and "Not the same: parameters (sigmoid RNN " in said.out


def test_the_same_command_gives_the_same_table(rnnviz: Run, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        argv = ("--cells", "gru", "--distances", "3", "--seeds", 1, *QUICK, "--out", tmp_path / name)
        assert rnnviz("experiment", "memory", *argv).status == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_several_networks_at_a_time_give_the_table_of_one_at_a_time(rnnviz: Run, tmp_path: Path) -> None:
    for name, workers in (("a.csv", 1), ("b.csv", 2)):
        argv = ("--cells", "lstm,rnn", "--distances", "9,2", "--seeds", 1, *QUICK, "--workers", workers)
        assert rnnviz("experiment", "memory", *argv, "--out", tmp_path / name).status == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_an_interrupted_experiment_keeps_what_is_done(
    rnnviz: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, done = tmp_path / "memory.csv", []
    whole = experiment.run_with_workers

    def interrupted_after_two(*arguments):  # type: ignore[no-untyped-def]
        for result in whole(*arguments):
            done.append(result)
            yield result
            if len(done) == 2:
                os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(experiment, "run_with_workers", interrupted_after_two)
    said = rnnviz("experiment", "memory", "--cells", "rnn", "--distances", "2,3,4", *QUICK, "--out", out)
    assert said.status == 130
    assert said.err == f"rnnviz: interrupted. {out} holds the 2 of 9 networks that were done.\n"
    assert [row["distance"] for row in rows(out)] == ["2", "3"]
    assert "rnn:tanh" in said.out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("dreams",), "dreams"),
        (("memory",), "--out is missing"),
        (("memory", "--cells", "mamba", "--out", "x.csv"), "There is no cell 'mamba'"),
        (("memory", "--cells", "rnn,rnn:tanh", "--out", "x.csv"), "stands twice"),
        (("memory", "--distances", "2,x", "--out", "x.csv"), "no list of whole numbers"),
        (("memory", "--distances", "0", "--out", "x.csv"), "the distance of recall must be from 1"),
        (("memory", "--cell", "lstm", "--out", "x.csv"), "it is --cells that chooses"),
        (("memory", "--seed", "4", "--out", "x.csv"), "it is --seeds that chooses"),
        (("memory", "--out", "no/such/x.csv"), "there is no folder"),
    ],
)
def test_bad_use_is_one_line(rnnviz: Run, argv: tuple[str, ...], said: str) -> None:
    assert said in rnnviz("experiment", *argv).error_line


def test_the_picture_is_drawn_at_the_end_and_again_from_the_table(rnnviz: Run, tmp_path: Path) -> None:
    out, first, second = (tmp_path / name for name in ("memory.csv", "first.svg", "second.svg"))
    argv = ("--cells", "rnn,gru", "--distances", "3", "--seeds", 1, *QUICK, "--out", out)
    said = rnnviz("experiment", "memory", *argv, "--picture", first)
    assert said.status == 0 and "Expected. Plain RNNs learn short distances" in said.out
    assert "GRU" in first.read_text(encoding="utf-8")
    assert rnnviz("render", out, "--view", "experiment", "--out", second).status == 0
    assert "tanh RNN" in second.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("experiment", "memory", "--out", "x.csv", "--picture", "x.jpg"), "must end in .png or .svg"),
        (("render", "README.md", "--view", "experiment", "--out", "x.png"), "no table of a memory"),
        (("render", "x", "--view", "experiment", "--out", "x.png", "--train", 3), "no network to train"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_one_line(
    rnnviz: Run, argv: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text("What we sail for.\n", encoding="utf-8")
    assert said in rnnviz(*argv).error_line
