"""A saved network opens in the window as a text does, and goes on where it stopped."""

from pathlib import Path

import pytest

from rnnviz.text import samples
from rnnviz.training import RunSettings, checkpoint, is_checkpoint, prepare
from tests.gui.conftest import Open, User


def saved_network(text: Path, path: Path, updates: int = 7, **values: object) -> Path:
    experiment = prepare(text, RunSettings().with_values(values))
    for _ in range(updates):
        experiment.update()
    checkpoint.save(experiment, path)
    return path


def test_a_network_saved_in_the_window_opens_again_with_its_text(
    user: User, raft: Path, tmp_path: Path, open_window: Open
) -> None:
    user.train_until(20)
    path, step = tmp_path / "mine.safetensors", user.step
    user.window.session.save(path)
    user.until(lambda: path.exists() and "Saved as" in user.said)
    before = path.read_bytes()
    user.window.open_file(raft)
    user.until(lambda: user.window.windowTitle().startswith("raft"))
    user.window.open_file(path)
    user.until(lambda: user.window.windowTitle().startswith("four emperors") and user.step == step)
    user.window.session.save(tmp_path / "again.safetensors")
    user.until(lambda: (tmp_path / "again.safetensors").exists())
    assert (tmp_path / "again.safetensors").read_bytes() == before


def test_a_network_of_the_command_line_opens_with_the_text_that_is_open(user: User, tmp_path: Path) -> None:
    text = user.experiment.text
    assert text is not None and text.origin is not None
    path = saved_network(text.origin, tmp_path / "a name without an ending", hidden=11)
    user.window.open_file(path)
    user.until(lambda: user.step == 7)
    assert user.experiment.settings.lane.hidden == 11
    assert user.window.session.settings.lane.hidden == 11
    assert "goes on at update 7" in user.said


def test_a_network_of_an_example_text_opens_whatever_is_open(user: User, tmp_path: Path) -> None:
    user.window.open_file(saved_network(samples()[0].path, tmp_path / "x.safetensors", batch=4))
    user.until(lambda: user.step == 7)
    assert user.window.windowTitle().startswith("emperors.txt")


def test_a_race_opens_as_a_race(user: User, tmp_path: Path, emperors: Path) -> None:
    settings = RunSettings()
    race = settings.with_lanes([settings.lanes[0], settings.with_values({"cell": "gru"}).lanes[0]])
    experiment = prepare(emperors, race)
    experiment.update()
    checkpoint.save(experiment, tmp_path / "race.safetensors")
    user.window.open_file(tmp_path / "race.safetensors")
    user.until(lambda: user.step == 1 and user.window.race.is_shown)
    assert user.window.race.view.isVisible()


def test_a_damaged_network_is_refused_and_what_is_open_stays(user: User, tmp_path: Path) -> None:
    path = saved_network(samples()[0].path, tmp_path / "x.safetensors")
    path.write_bytes(path.read_bytes()[:-100])
    user.window.open_file(path)
    user.until(lambda: "x.safetensors is damaged" in user.said)
    assert user.window.windowTitle().startswith("four emperors")
    user.train_until(5)


@pytest.mark.parametrize(
    "content", [b"", b"\x02\0\0\0\0\0\0\0", b"{}", b"a text\n" * 9, b"\xff" * 20, b"\x08" + b"\0" * 20]
)
def test_what_does_not_begin_as_a_network_is_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(content)
    assert not is_checkpoint(tmp_path / "x")
    assert not is_checkpoint(tmp_path)
    assert not is_checkpoint(tmp_path / "nothing")
    assert not is_checkpoint(Path("a\0b"))
