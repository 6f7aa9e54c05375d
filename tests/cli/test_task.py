import json
from pathlib import Path

import pytest

from rnnviz.text import TASK_KINDS, Task, read_text, task_of
from tests.cli.running import Run


@pytest.mark.parametrize("kind", TASK_KINDS)
def test_a_task_is_written_and_known_again(rnnviz: Run, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "task.txt"
    said = rnnviz("task", kind, "--distance", 9, "--examples", 40, "--seed", 3, "--out", out)
    assert said.status == 0 and said.err == ""
    assert out.read_text() == Task(kind, 9, 40, 3).text()
    assert task_of(read_text(out)) == Task(kind, 9, 40, 3)
    assert f"rnnviz train {out} --loss marked" in said.out


def test_what_it_says_to_type_works(rnnviz: Run, tmp_path: Path) -> None:
    out = tmp_path / "task.txt"
    said = rnnviz("task", "recall", "--distance", 5, "--out", out).out
    command = said.split("rnnviz ", 1)[1].split()
    done = rnnviz(*command, "--init", "xavier", "--hidden", 32, "--lr", 0.01, "--steps", 200, "--json")
    end = json.loads(done.out.splitlines()[-1])
    assert end["event"] == "end" and end["valid_accuracy"] > 0.99 and end["valid_loss"] < 0.1


def test_a_short_window_is_warned_about_and_a_long_one_is_not(rnnviz: Run, tmp_path: Path) -> None:
    out = tmp_path / "task.txt"
    rnnviz("task", "recall", "--distance", 12, "--examples", 300, "--out", out)
    warning = "what is cut off cannot be learned, by any cell. Choose a window of at least 13"
    assert warning in rnnviz("train", out, "--window", 12, "--loss", "marked", "--steps", 2).out
    assert warning not in rnnviz("train", out, "--window", 13, "--loss", "marked", "--steps", 2).out


def test_the_accuracy_is_that_of_the_answers_whatever_is_learned_from(rnnviz: Run, tmp_path: Path) -> None:
    out = tmp_path / "task.txt"
    rnnviz("task", "reber", "--distance", 9, "--examples", 400, "--out", out)
    found = []
    for loss in ("all", "marked"):
        # Nothing is learned at this rate, so both are the accuracy of one and the same network.
        argv = ("train", out, "--window", 20, "--loss", loss, "--lr", "1e-9", "--steps", 1, "--json")
        found.append(json.loads(rnnviz(*argv).out.splitlines()[-1]))
    assert found[0]["valid_accuracy"] == found[1]["valid_accuracy"]
    assert found[0]["valid_loss"] != found[1]["valid_loss"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("recal", "--distance", "5", "--out", "x"), "'recal'"),
        (("recall", "--out", "x"), "--distance is missing"),
        (("recall", "--distance", "5"), "--out is missing"),
        (
            ("recall", "--distance", "0", "--out", "x"),
            "the distance of recall must be from 1 to 2,000, not 0",
        ),
        (("reber", "--distance", "4", "--out", "x"), "the distance of reber must be from 5 to 2,000, not 4"),
        (("recall", "--distance", "3", "--out", "no/such/x"), "there is no folder"),
        (("recall", "--distance", "3", "--examples", "0", "--out", "x"), "number of examples"),
    ],
)
def test_bad_use_is_one_line(rnnviz: Run, argv: tuple[str, ...], said: str) -> None:
    assert said in rnnviz("task", *argv).error_line
