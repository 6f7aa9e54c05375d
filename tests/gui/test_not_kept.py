"""A home that cannot be written: the window works, and says once what it cannot keep."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QCloseEvent

from rnnviz.gui.kept import KeptNetworks
from rnnviz.gui.not_kept import tell_what_is_not_kept, what_is_not_kept
from rnnviz.gui.preferences import Preferences
from tests.gui.conftest import Open


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    """A folder that can be neither made nor written, whoever asks: a file is in its way."""
    (tmp_path / "a file").write_text("", encoding="utf-8")
    return tmp_path / "a file" / "folder"


def preferences_in(folder: Path) -> Preferences:
    return Preferences(QSettings(str(folder / "preferences.ini"), QSettings.Format.IniFormat))


def test_a_home_that_can_be_written_is_not_spoken_of(tmp_path: Path) -> None:
    assert what_is_not_kept(preferences_in(tmp_path), KeptNetworks(tmp_path / "to be made" / "kept")) is None


@pytest.mark.parametrize(("choices", "copies"), [(False, False), (False, True), (True, False)])
def test_each_place_that_cannot_be_written_is_named_with_what_is_lost(
    tmp_path: Path, nowhere: Path, choices: bool, copies: bool
) -> None:
    preferences = preferences_in(tmp_path if choices else nowhere)
    networks = KeptNetworks((tmp_path if copies else nowhere) / "kept")
    message = what_is_not_kept(preferences, networks)
    assert message is not None
    assert ("recent files are forgotten" in message.text) is not choices
    assert (f"{nowhere} " in message.text) is not choices
    assert ("not saved by themselves" in message.text) is not copies
    assert (f"{nowhere / 'kept'} " in message.text) is not copies
    assert ("Save network" in message.remedy) is not copies


def test_a_file_in_the_place_of_the_folder_is_no_place_to_write(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("", encoding="utf-8")
    assert not KeptNetworks(tmp_path / "kept").is_writable


def test_the_window_says_it_once_and_remembers_for_as_long_as_it_is_open(
    open_window: Open, emperors: Path, raft: Path, nowhere: Path
) -> None:
    user = open_window(emperors, until_traced=False, remembering=preferences_in(nowhere))
    tell_what_is_not_kept(user.window, KeptNetworks(nowhere))
    user.until_traced()
    assert user.said.startswith("Theme, layout and recent files are forgotten when this window closes")
    before = user.window.theme.name
    user.window.toggle_theme()
    assert user.window.preferences.theme != before
    user.window.open_file(raft)
    user.until(lambda: user.window.windowTitle().startswith("raft"))
    user.until_traced()
    assert user.said == "", "it is said once"
    assert user.window.preferences.recent_files == [raft, emperors]
    user.window.closeEvent(QCloseEvent())
    assert not nowhere.exists()


def test_it_is_said_at_once_where_a_text_is_open_already(
    open_window: Open, emperors: Path, nowhere: Path
) -> None:
    user = open_window(emperors, remembering=preferences_in(nowhere))
    tell_what_is_not_kept(user.window, KeptNetworks(nowhere))
    assert user.said.startswith("Theme, layout and recent files are forgotten")
