import socket
import sys
from pathlib import Path

import pytest

from rnnviz.cli import display
from rnnviz.cli.display import find_display, missing_packages

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asked on Linux only")


def test_without_a_display_there_is_none_and_it_says_why() -> None:
    found = find_display({})
    assert not found.found
    assert not found.usable
    assert "neither DISPLAY nor WAYLAND_DISPLAY is set" in found.problem


def test_a_display_that_does_not_answer_is_none() -> None:
    found = find_display({"DISPLAY": ":9876"})
    assert not found.found
    assert "DISPLAY=:9876" in found.problem


def test_a_wayland_socket_without_a_listener_is_none(tmp_path: Path) -> None:
    (tmp_path / "wayland-0").touch()
    assert not find_display({"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}).found


def test_a_compositor_that_listens_is_a_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "missing_packages", lambda libraries: "")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "w"))
        server.listen()
        found = find_display({"WAYLAND_DISPLAY": "w", "XDG_RUNTIME_DIR": str(tmp_path), "DISPLAY": ":9876"})
    assert found.usable
    assert found.platform == "wayland", "Qt must not try the X server that does not answer"


def test_a_screenless_platform_counts_as_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "missing_packages", lambda libraries: "")
    for platform in ("offscreen", "minimal", "vnc:size=800x600"):
        assert find_display({"QT_QPA_PLATFORM": platform}).usable


def test_missing_libraries_are_named_by_their_packages() -> None:
    def load(name: str) -> object:
        if "cursor" in name or "icccm" in name:
            raise OSError(name)
        return None

    said = missing_packages(display.X_LIBRARIES, load)
    assert "sudo apt install libxcb-cursor0 libxcb-icccm4`" in said
    assert "sudo dnf install xcb-util-cursor xcb-util-wm`" in said
    assert missing_packages(display.X_LIBRARIES, lambda name: None) == ""


def test_a_display_without_its_libraries_is_found_but_not_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "missing_packages", lambda libraries: "`sudo apt install libxcb-cursor0`")
    monkeypatch.setattr(display, "_x_server_answers", lambda name: True)
    found = find_display({"DISPLAY": ":0"})
    assert found.found
    assert not found.usable
    assert "libxcb-cursor0" in found.problem
