import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnviz.cli import window
from rnnviz.cli.display import Display
from rnnviz.text import Task, TextFile, read_text
from tests.cli.running import Run

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is a display")


def test_without_a_display_it_says_so_learns_and_draws(text: Path, tmp_path: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "QT_SCALE_FACTOR")
    }
    code = (
        "import sys; from rnnviz.cli import main, window; window.LEARNING_TIME_S = 0.5; "
        f"sys.exit(main([{str(text)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    first, *_ = done.stderr.splitlines()
    assert "there is no display here" in first
    assert "rnnviz.png" in first
    assert "rnnviz.png: the window after" in done.stdout
    assert (tmp_path / "rnnviz.png").stat().st_size > 20_000
    assert [path.name for path in tmp_path.iterdir()] == ["rnnviz.png"]


def test_missing_libraries_are_named_before_qt_is_loaded(
    rnnviz: Run, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        window, "find_display", lambda: Display(found=True, problem="`sudo apt install libxcb-cursor0`")
    )
    said = rnnviz(text).error_line
    assert "sudo apt install libxcb-cursor0" in said
    assert "`rnnviz train FILE` works" in said


def test_a_folder_that_cannot_be_written_is_said(
    rnnviz: Run, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "find_display", lambda: Display(found=False, problem="none"))
    monkeypatch.setattr("rnnviz.cli.window.os.access", lambda *_: False)
    outcome = rnnviz(text)
    assert outcome.status == 2
    assert "rnnviz.png cannot be written" in outcome.err


def test_a_display_opens_the_window_on_the_file(
    rnnviz: Run, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path | None] = []

    def run_window(path: Path | None, reserve: object) -> int:
        opened.append(path)
        return 0

    monkeypatch.setattr("rnnviz.gui.app.run_window", run_window)
    monkeypatch.setattr(window, "find_display", lambda: Display(found=True))
    assert rnnviz(text).status == 0
    assert rnnviz().status == 0
    assert opened == [text, None]


def test_a_large_text_is_looked_at_and_not_read(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rnnviz: Run
) -> None:
    large = tmp_path / "large.txt"
    large.write_bytes(text.read_bytes() * 600)  # 5 MB
    read: list[int] = []

    def spy(path: Path, cancelled: Callable[[], bool]) -> TextFile:
        read.append(1)
        return read_text(path, cancelled=cancelled)

    monkeypatch.setattr(window, "read_text", spy)
    monkeypatch.setattr(window, "build_corpus", lambda *_, **__: pytest.fail("the window does that"))
    monkeypatch.setattr(window, "find_display", lambda: Display(found=True))
    monkeypatch.setattr("rnnviz.gui.app.run_window", lambda path, reserve: 0)
    assert rnnviz(large).status == 0
    assert read == [1]


def test_a_small_memory_task_is_usable_with_the_settings_that_suit_it(tmp_path: Path) -> None:
    path = tmp_path / "recall.txt"
    path.write_text(Task("recall", 12, 20).text(), encoding="ascii")
    window._refuse_unusable(path)  # 252 tokens for training: the usual window and batch need 513


def test_a_saved_network_opens_in_the_window_and_nowhere_else(
    rnnviz: Run, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path | None] = []
    monkeypatch.setattr(window, "_open_window", lambda path, display: opened.append(path) or 0)
    monkeypatch.setattr(window, "find_display", lambda: Display(found=True))
    assert rnnviz(checkpoint).status == 0
    assert opened == [checkpoint]
    monkeypatch.setattr(window, "find_display", lambda: Display(found=False, problem="none"))
    assert "`rnnviz ask`, `rnnviz trace` and `rnnviz render`" in rnnviz(checkpoint).error_line
