"""What cannot be saved says why, and nothing is lost."""

import errno
import os

import pytest
from PySide6.QtWidgets import QFileDialog

from rnnviz.training import whole_file
from tests.gui.exporting.hand import Hand


# What can go wrong.
def test_a_full_disk_leaves_what_stood_there_and_says_what_to_do(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = hand.names("score.png")
    path.write_bytes(b"before")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(whole_file.os, "write", full)
    hand.exporting.save_picture(hand.view("score"))
    monkeypatch.undo()
    assert "score.png was not saved" in hand.user.said and "another disk" in hand.user.said
    assert path.read_bytes() == b"before" and [p.name for p in hand.folder.glob("*.part")] == []


@pytest.mark.parametrize(
    ("number", "said"), [(errno.EACCES, "not allowed to write"), (errno.EROFS, "not allowed to write")]
)
def test_a_folder_that_cannot_be_written_is_named(
    hand: Hand, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    hand.names("score.csv")

    def refused(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(whole_file.os, "open", refused)
    hand.exporting.save_numbers(hand.view("score"))
    monkeypatch.undo()
    assert said in hand.user.said and str(hand.folder) in hand.user.said


def test_a_folder_that_is_not_there_is_named(hand: Hand) -> None:
    hand.names("nowhere/score.png")
    hand.exporting.save_picture(hand.view("score"))
    assert "There is no folder" in hand.user.said and "nowhere" in hand.user.said


def test_a_name_without_a_kind_gets_the_one_that_was_chosen_and_replaces_nothing(hand: Hand) -> None:
    hand.names("picture", "Drawing (*.svg)")
    hand.exporting.save_picture(hand.view("error"))
    made = (hand.folder / "picture.svg").read_bytes()
    assert made.startswith(b"<?xml")
    hand.window.notice.dismiss()
    hand.exporting.save_picture(hand.view("matrix"))
    assert "exists already and was not replaced" in hand.user.said
    assert (hand.folder / "picture.svg").read_bytes() == made
    hand.window.notice.dismiss()
    hand.names("picture.jpeg")
    hand.exporting.save_picture(hand.view("matrix"))
    assert "End the name in .png or .svg or .pdf." in hand.user.said
    assert not (hand.folder / "picture.jpeg").exists()


def test_a_page_on_which_nothing_was_written_has_no_numbers(hand: Hand) -> None:
    hand.window.inspector.show_tab("sample")
    path = hand.names("sample.csv")
    hand.exporting.save_numbers(hand.view("sample"))
    assert "no numbers yet" in hand.user.said and not path.exists()
    hand.window.inspector.show_written("Napoleon was", " the Emperor")
    table_of = hand.table("sample")
    assert table_of["word"] == ["Napoleon", "was", "the", "Emperor"]
    assert table_of["origin"] == ["passage", "passage", "network", "network"]


def test_a_dialog_that_is_left_writes_nothing(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    hand.exporting.save_picture(hand.view("score"))
    assert hand.user.said == "" and list(hand.folder.glob("score*")) == []
