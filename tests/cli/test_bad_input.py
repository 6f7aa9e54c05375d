"""Every kind of file that is no text: one line that says what is wrong, status 2, no traceback."""

import errno
import random
from pathlib import Path
from typing import Any

import pytest

from rnnviz.cli import main
from tests.cli.running import SENTENCES, Run

CONTENTS: dict[str, bytes] = {
    "empty": b"",
    "three words": b"only three words",
    "only blanks": b" \n\t \r\n  \n" * 50,
    "binary noise": random.Random(1).randbytes(5000),
    "NULs": b"abc\0def\0" * 200,
    "a NUL here and there": b"a text \0with some\0 of them\n" * 99,
    "control characters": bytes(range(1, 9)) * 300,
    "one character repeated": b"a" * 5000,
    "one word repeated": b"again " * 5000,
}


@pytest.fixture(params=CONTENTS, ids=lambda name: name.replace(" ", "-"))
def unusable(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "bad.txt"
    path.write_bytes(CONTENTS[request.param])
    return path


def test_no_verb_takes_it(rnnviz: Run, unusable: Path, tmp_path: Path) -> None:
    for argv in (
        ("train", unusable, "--json"),
        ("render", unusable, "--view", "error", "--out", tmp_path / "x.png"),
        (unusable,),
    ):
        outcome = rnnviz(*argv)
        assert unusable.name in outcome.error_line
        assert outcome.out == ""
    assert not (tmp_path / "x.png").exists()


def test_one_character_repeated_is_refused_as_characters_too(rnnviz: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(CONTENTS["one character repeated"])
    assert path.name in rnnviz("train", path, "--tokens", "char").error_line


@pytest.mark.parametrize("verb", [("train",), ()], ids=["train", "window"])
def test_what_is_no_file_is_refused(rnnviz: Run, tmp_path: Path, verb: tuple[str, ...]) -> None:
    assert "There is no file" in rnnviz(*verb, tmp_path / "none.txt").error_line
    assert "is a folder" in rnnviz(*verb, tmp_path).error_line
    assert rnnviz(*verb, tmp_path / "with\nline end").error_line
    assert rnnviz(*verb, "with\0nul").error_line
    assert len(rnnviz(*verb, "x" * 5000).error_line) < 600


def test_no_permission_is_said(
    rnnviz: Run, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def refuse(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path == text:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    for argv in (("train", text), (text,), ("render", text, "--view", "loss", "--out", tmp_path / "x.png")):
        assert "permission" in rnnviz(*argv).error_line


def test_a_window_longer_than_the_text_is_said(rnnviz: Run, text: Path) -> None:
    said = rnnviz("train", text, "--window", 2000).error_line
    assert "--window" in said or "window" in said


@pytest.mark.parametrize("what", ["changes", "vanishes"])
def test_a_file_that_changes_or_vanishes_while_it_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = tmp_path / "moving.txt"
    path.write_text(SENTENCES * 60, encoding="utf-8")

    def meddle(*_: object) -> None:
        if what == "vanishes":
            path.unlink(missing_ok=True)
        else:
            path.write_text(SENTENCES * 61, encoding="utf-8")

    monkeypatch.setattr("rnnviz.cli.training_report.TextReport.reading", meddle)
    assert main(["train", str(path)]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "while it was being read" in said.err
    assert said.out == ""
