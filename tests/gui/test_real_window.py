"""The program under a real X server, by its process: seen, started with Space, closed by the desktop."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage

NEEDED = ("Xvfb", "openbox", "xdotool", "import")
MISSING = [program for program in NEEDED if shutil.which(program) is None]
PATIENCE_S = 60.0

pytestmark = [
    pytest.mark.real_window,
    pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)} (ImageMagick's `import`)"),
]


@pytest.fixture
def until(qtbot):
    """Look again and again until there is something: an X server sends no signal to a test."""

    def wait(look):
        found = []
        qtbot.waitUntil(lambda: bool(found.append(look()) or found[-1]), timeout=round(PATIENCE_S * 1000))
        return found[-1]

    return wait


@pytest.fixture
def desktop(until, tmp_path):
    """An X server with a window manager; gives the environment of programs on it."""
    reading, writing = os.pipe()
    with ExitStack() as ending:
        # Without -noreset the server begins anew whenever its last client leaves, and the manager, which may
        # connect at that moment, is thrown out: nobody would hear Alt+F4.
        screen = ["-screen", "0", "1400x900x24", "-nolisten", "tcp", "-noreset"]
        start(ending, ["Xvfb", "-displayfd", str(writing), *screen], pass_fds=[writing])
        os.close(writing)
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        assert number, "Xvfb did not start"
        environment = {
            **os.environ,
            "DISPLAY": f":{number}",
            "QT_QPA_PLATFORM": "xcb",
            "HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path),
        }
        start(ending, ["openbox"], env=environment)
        asking = ["xdotool", "get_desktop"]  # answered once there is a manager
        until(lambda: subprocess.run(asking, env=environment, capture_output=True).returncode == 0)
        yield environment


def start(ending: ExitStack, command: list[str], **how: Any) -> None:
    """Start a program in silence, which ends with the test."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **how)
    ending.callback(process.wait, PATIENCE_S)
    ending.callback(process.terminate)


class RealWindow:
    """The program's window as others on the desktop see it."""

    def __init__(self, environment: dict[str, str], pictures: Path) -> None:
        self._environment = environment
        self._pictures = pictures
        self.id = ""

    def tell(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self._environment, capture_output=True, text=True, timeout=PATIENCE_S
        )
        return done.stdout.strip()

    def find(self, pid: int) -> str:
        self.id = self.tell("search", "--onlyvisible", "--pid", str(pid), "--name", "rnnviz").split("\n")[0]
        return self.id

    def active(self) -> str:
        """The window that gets the keys."""
        return self.tell("getactivewindow")

    def is_active_when_asked(self) -> bool:
        if self.active() != self.id:
            self.tell("windowactivate", self.id)
        return self.active() == self.id

    def title(self) -> str:
        return self.tell("getwindowname", self.id)

    def picture(self) -> QImage:
        path = self._pictures / "window.png"
        subprocess.run(
            ["import", "-window", self.id, str(path)], env=self._environment, check=True, timeout=PATIENCE_S
        )
        return QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)


def differing(a: QImage, b: QImage) -> float:
    """Share of the pixels in which two pictures differ; every fourth row and column is looked at."""
    assert a.size() == b.size()
    places = [(x, y) for x in range(0, a.width(), 4) for y in range(0, a.height(), 4)]
    return sum(a.pixel(x, y) != b.pixel(x, y) for x, y in places) / len(places)


@pytest.mark.parametrize("way_out", ["alt+F4", "ctrl+q"])
def test_the_program_shows_itself_learns_at_a_press_of_space_and_ends_when_closed(
    desktop, until, emperors, tmp_path, way_out
):
    process = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-m", "rnnviz", str(emperors)],
        env=desktop,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    window = RealWindow(desktop, tmp_path)
    try:
        until(lambda: process.poll() is not None or window.find(process.pid))
        until(lambda: window.title().startswith("four emperors.txt"))
        still = until(lambda: still_picture(window))
        until(window.is_active_when_asked)
        window.tell("key", "--window", window.id, "space")
        until(lambda: differing(still, window.picture()) > 0.02)
        first = window.picture()
        until(lambda: differing(first, window.picture()) > 0)
        until(lambda: ended_after(window, way_out, process))
    except BaseException as trouble:
        process.send_signal(signal.SIGABRT)  # where it hangs, it says where
        trouble.add_note(f"active: {window.active()} of {window.id}\n{process.communicate()[1]}")
        raise
    assert process.returncode == 0
    assert process.communicate() == ("", "")


def ended_after(window: RealWindow, way_out: str, process: subprocess.Popen[str]) -> bool:
    """Press the keys and wait.

    The first real key makes the server tell of a new keyboard, upon which the manager lets go of its keys and
    takes hold of them anew. A key that comes in between is lost, as a person's would be, who presses again.
    """
    window.tell("key", way_out)
    try:
        process.wait(PATIENCE_S / 6)
    except subprocess.TimeoutExpired:
        return False
    return True


def still_picture(window: RealWindow) -> QImage | None:
    """The window, once it is drawn and no longer changes."""
    first, second = window.picture(), window.picture()
    colours = {first.pixel(x, y) for x in range(0, first.width(), 9) for y in range(0, first.height(), 9)}
    return second if first == second and len(colours) > 20 else None
