"""Files of every version of the format keep opening; those of later versions and of others are refused."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from rnnviz.text import TextFile, text_from_string
from rnnviz.training import NotACheckpoint, RunSettings, WrongCheckpoint, checkpoint, prepare
from rnnviz.training.checkpoint import FORMAT
from rnnviz.training.settings import NEWER_SETTINGS
from tests.training.runs import small_text

FOLDER = Path(__file__).parent / "checkpoints"
FILES = sorted(FOLDER.glob("*.safetensors"))
SENTENCES = "Napoleon was the Emperor of France . Alexander was the Emperor of Russia .\n"
VALUES: dict[str, Any] = {
    "cell": "lstm", "hidden": 3, "window": 4, "batch": 2, "vocabulary": 8, "dropout": 0.2,
}  # fmt: skip


def the_text() -> TextFile:
    return text_from_string(SENTENCES * 12, "emperors.txt")


def with_metadata(path: Path, to: Path, **changed: str) -> Path:
    """A copy of a file with other metadata."""
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + length])
    header["__metadata__"].update(changed)
    text = json.dumps(header).encode()
    to.write_bytes(struct.pack("<Q", len(text)) + text + raw[8 + length :])
    return to


def test_there_is_a_file_of_each_version() -> None:
    assert [path.stem for path in FILES] == ["format-1-first", "format-1-vectors"]
    assert FORMAT == "rnnviz-checkpoint-1", "keep a file of the new format here, and go on reading the old"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_of_an_earlier_version_opens_and_goes_on(path: Path) -> None:
    """It has 5 updates; whether the arithmetic of another machine gives the same bits is not its affair."""
    read = checkpoint.read(path)
    assert read.step == checkpoint.updates_in(path) == 5
    assert read.settings == RunSettings().with_values(VALUES)
    model, reader = read.model()
    assert reader.encode("Napoleon was")[0] == ["Napoleon", "was"]
    experiment = read.experiment(the_text())
    experiment.update()
    assert experiment.step == 6
    fresh = prepare(the_text(), RunSettings().with_values(VALUES))
    assert model.spec == fresh.lanes[0].model.spec


def test_a_race_of_an_earlier_version_goes_on_as_it_would_have_then() -> None:
    """An RNN and a GRU of 7 updates; that version's summed losses after 20 are written here."""
    experiment = checkpoint.read(FOLDER / "race" / "format-1-first.safetensors").experiment(small_text())
    assert [lane.vectors for lane in experiment.settings.lanes] == ["", ""]
    for _ in range(13):
        experiment.update()
    losses = [lane.loss_sum for lane in experiment.lanes]
    assert losses == pytest.approx([56.03636889, 59.73184052], rel=1e-6)


def test_every_newer_setting_is_a_setting() -> None:
    assert set(RunSettings().as_dict()) >= NEWER_SETTINGS


def test_a_newer_version_is_refused_by_its_name(tmp_path: Path) -> None:
    newer = with_metadata(FILES[-1], tmp_path / "x", format="rnnviz-checkpoint-2")
    with pytest.raises(NotACheckpoint, match=r"format rnnviz-checkpoint-2, .*Take the version of rnnviz"):
        checkpoint.read(newer)


def test_a_setting_of_a_newer_version_is_refused_by_its_name(tmp_path: Path) -> None:
    settings = RunSettings().as_dict() | {"attention": True}
    newer = with_metadata(FILES[-1], tmp_path / "x", settings=json.dumps(settings))
    with pytest.raises(NotACheckpoint, match="attention"):
        checkpoint.read(newer)


@pytest.mark.parametrize("name", ["", "pt", "rnnvis-checkpoint-1"])
def test_a_file_of_another_program_is_refused(name: str, tmp_path: Path) -> None:
    other = with_metadata(FILES[-1], tmp_path / "x", format=name)
    with pytest.raises(NotACheckpoint, match="of another program, not a checkpoint"):
        checkpoint.read(other)


def test_another_vocabulary_is_refused(tmp_path: Path) -> None:
    tokens = list(checkpoint.read(FILES[-1]).vocabulary.tokens)
    tokens[1], tokens[2] = tokens[2], tokens[1]
    swapped = with_metadata(FILES[-1], tmp_path / "x", vocabulary=json.dumps(tokens))
    with pytest.raises(WrongCheckpoint, match="made with another text"):
        checkpoint.read(swapped).experiment(the_text())
    shorter = with_metadata(FILES[-1], tmp_path / "y", vocabulary=json.dumps(tokens[:-1]))
    with pytest.raises(NotACheckpoint, match="shape"):
        checkpoint.read(shorter)


def test_another_text_is_refused_with_both_sizes(tmp_path: Path) -> None:
    with pytest.raises(WrongCheckpoint, match=r"it has \d+ tokens, other.txt has \d+"):
        checkpoint.read(FILES[-1]).experiment(text_from_string(SENTENCES * 13, "other.txt"))
