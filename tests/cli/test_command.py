import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnnviz import __version__, cli
from rnnviz.cli import command
from tests.cli.running import Run


def _program(*argv: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "rnnviz", *argv],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | environment,
    )


def test_help_and_version_load_neither_numpy_nor_qt() -> None:
    code = (
        "import sys; from rnnviz.cli import main; "
        "assert main(['--version']) == 0; assert main(['--help']) == 0; "
        "sys.exit(any(name in sys.modules for name in ('numpy', 'PySide6', 'rnnviz.engine')))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60).returncode == 0


def test_the_version_is_printed(rnnviz: Run) -> None:
    assert rnnviz("--version").out == f"rnnviz {__version__}\n"


@pytest.mark.parametrize("verb", command.VERBS)
def test_each_verb_explains_itself(rnnviz: Run, verb: str) -> None:
    outcome = rnnviz(verb, "--help")
    assert outcome.status == 0
    assert outcome.out.startswith(f"usage: rnnviz {verb} ")


def test_the_help_of_a_setting_names_its_choices_and_its_default(rnnviz: Run) -> None:
    out = rnnviz("train", "--help").out
    assert "--cell rnn" in out
    assert "--activation tanh|sigmoid|relu" in out
    assert "the same seed gives the same run (default 1)" in out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("task", "recall"), "--distance, --out is missing"),
        (("experiment", "memory"), "--out is missing"),
        (("trian", "x.txt"), "did you mean `rnnviz train`"),
        (("--hidden", "5"), "belong to a verb"),
        (("train",), "FILE is missing"),
        (("ask", "x"), "PASSAGE is missing"),
        (("render", "x", "--out", "x.png"), "--view is missing"),
        (("trace", "x", "y"), "--out is missing"),
        (("x.txt", "y.txt"), "one argument too many"),
    ],
)
def test_bad_use_is_one_line(rnnviz: Run, argv: tuple[str, ...], said: str) -> None:
    assert said in rnnviz(*argv).error_line


def test_a_text_called_like_a_verb_opens_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rnnviz: Run
) -> None:
    (tmp_path / "train").write_text("too short")
    monkeypatch.chdir(tmp_path)
    assert "FILE is missing" in rnnviz("train").error_line
    assert "train" in rnnviz("./train").error_line
    assert "FILE" not in rnnviz("./train").err


def test_an_unexpected_error_is_one_line_that_says_how_to_report_it(
    rnnviz: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str) -> None:
        raise ZeroDivisionError("a secret\nin two lines")

    monkeypatch.setattr(command, "_verb", fail)
    monkeypatch.delenv("RNNVIZ_TRACEBACK", raising=False)
    said = rnnviz("verify").error_line
    assert "ZeroDivisionError: a secret in two lines" in said
    assert "RNNVIZ_TRACEBACK=1" in said
    monkeypatch.setenv("RNNVIZ_TRACEBACK", "1")
    assert "Traceback" in rnnviz("verify").err


def test_the_command_and_the_module_are_one_program() -> None:
    done = _program("train", "no such file", "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert cli.main is command.main


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes")
def test_a_closed_standard_output_is_quiet() -> None:
    done = subprocess.run(
        f"{sys.executable} -m rnnviz verify | head -c 1",
        shell=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""


def test_a_terminal_that_lacks_letters_shows_others(text: Path, checkpoint: Path) -> None:
    done = _program("ask", str(checkpoint), "Napoleon", "--sample", "3", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell closes them")
def test_streams_that_are_closed_from_the_start_stop_nothing(
    text: Path, checkpoint: Path, tmp_path: Path
) -> None:
    # A text in lower case, so that the note about unknown words has to go to standard error.
    ask = f"{sys.executable} -m rnnviz ask '{checkpoint}' 'napoleon was' --json"
    train = f"{sys.executable} -m rnnviz train '{text}' --hidden 4 --window 5 --batch 4 --steps 2"
    kept = tmp_path / "kept.safetensors"
    for command_line, printed in (
        (f"{ask} >&- 2>&-", ""),
        (f"{ask} 2>&-", '{"passage": ["napoleon", "was"]'),
        (f"{train} --save '{kept}' >&-", ""),
        (f"{train} --json 2>&-", '{"event": "progress", "step": 1,'),
    ):
        done = subprocess.run(command_line, shell=True, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout[: len(printed)]) == (0, printed), command_line
        assert done.stdout or not printed
        assert "Error" not in done.stderr
    assert kept.stat().st_size > 0
