from pathlib import Path

import pytest

from rnnviz.cli import main
from tests.cli.running import SENTENCES, SMALL, Outcome, Run


@pytest.fixture
def rnnviz(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process."""

    def run(*argv: object) -> Outcome:
        capsys.readouterr()
        status = main([str(argument) for argument in argv])
        said = capsys.readouterr()
        return Outcome(status, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small text: 1,800 words, of which 180 are held back."""
    path = tmp_path_factory.mktemp("text") / "emperors.txt"
    path.write_text(SENTENCES * 60, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def checkpoint(text: Path) -> Path:
    """A network that has done 30 updates on the text."""
    path = text.parent / "network.safetensors"
    assert main(["train", str(text), *SMALL, "--steps", "30", "--json", "--save", str(path)]) == 0
    return path
