"""One who uses the program in whatever home this process has: `attacks.alone` takes network and home away."""

import argparse
import errno
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import QSettings

import rnnviz.one_blas_thread  # noqa: F401  # first: as the program does
from attacks.alone import Findings
from attacks.subject import SMALL, text_file
from attacks.window import wait_for
from rnnviz.gui.app import application, keep_by_itself, show_window
from rnnviz.gui.controls import Message
from rnnviz.gui.kept import KeptNetworks
from rnnviz.gui.not_kept import tell_what_is_not_kept
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.trainers import TrainersApart
from rnnviz.gui.window import MainWindow
from rnnviz.text import Passage
from rnnviz.training import Reserve, RunSettings, copy_of, prepare

KEPT_STEP = 7


class User:
    """Does things one after the other and notes what becomes of them."""

    def __init__(self, work: Path, lived_in: bool) -> None:
        self.found = Findings()
        self._work, self._lived_in = work, lived_in
        self._home = Path.home()
        self._text = text_file(work, 20)
        self._heard: list[Message] = []

    def work(self) -> Findings:
        """Everything."""
        self._is_alone()
        self._commands()
        self._in_the_window()
        return self.found

    def _demand(self, is_so: bool, what: str) -> None:
        (self.found.worked if is_so else self.found.wrong).append(what)

    def _is_alone(self) -> None:
        """Without this the rest proves nothing."""
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        try:
            socket.create_connection(listening.getsockname(), timeout=2).close()
            self.found.wrong.append("there is a network, if only of this machine")
        except OSError as error:
            self.found.worked.append(f"there is no network ({os.strerror(error.errno or 0)})")
        finally:
            listening.close()
        try:
            (self._home / "anything").write_bytes(b"")
            self.found.wrong.append("the home can be written")
        except OSError as error:
            self._demand(error.errno == errno.EROFS, f"the home refuses ({error.strerror})")

    # -- commands ---------------------------------------------------------------------------------------

    def _commands(self) -> None:
        network, picture = self._work / "network.safetensors", self._work / "window.png"
        text, quick = str(self._text), ("--hidden", "8", "--window", "6", "--batch", "4")
        self._works(["train", text, *quick, "--steps", "30", "--save", str(network)], network)
        self._works(["train", text, "--steps", "40", "--resume", str(network), "--workers", "2"], None)
        render = ["render", text, *quick, "--view", "window", "--train", "20", "--out"]
        self._works([*render, str(picture)], picture)
        self._is_refused(["train", text, *quick, "--steps", "5", "--save", str(self._home / "n.safetensors")])
        self._is_refused([*render, str(self._home / "window.png")])

    def _works(self, command: list[str], made: Path | None) -> None:
        done = _rnnviz(command)
        whole = done.returncode == 0 and (made is None or made.stat().st_size > 0)
        self._demand(whole, f"rnnviz {command[0]}" + (f" makes {made.name}" if made else " goes on"))
        if not whole:
            self.found.wrong.append(done.stderr[-500:])

    def _is_refused(self, command: list[str]) -> None:
        done = _rnnviz(command)
        if done.returncode == 0 or str(self._home) not in done.stderr or "Traceback" in done.stderr:
            self.found.wrong.append(f"{' '.join(command)} said only: {done.stderr}")
        else:
            self.found.said.append(done.stderr.strip().rpartition("\n")[2])

    # -- the window ---------------------------------------------------------------------------------------

    def _in_the_window(self) -> None:
        application()
        reserve, networks = Reserve(ahead=True), KeptNetworks()
        window = show_window(self._text, Preferences(), TrainersApart(reserve))
        tell_what_is_not_kept(window, networks)
        keep_by_itself(window, networks, interval_s=0.2)
        try:
            self._use(window)
        finally:
            window.close()
            reserve.close()
        run = window.session.run
        self._demand(run is None or not run.trainer.is_alive(), "the window closes, and training with it")

    def _use(self, window: MainWindow) -> None:
        session = window.session
        self._wait(window, lambda: session.run is not None and session.last_frame is not None)
        self._hears(window, "recent files are forgotten", "what it does not remember is said at the start")
        if self._lived_in:
            self._demand(window.theme.name == "dark", "the theme of last time is found")
            self._demand(self._text in window.preferences.recent_files, "so are the recent files")
            self._bring_back(window)
        before = window.theme.name
        window.toggle_theme()
        self._demand(window.theme.name != before, "the theme changes")
        window.train()
        self._hears(window, "cannot be saved by itself", "a network that is not kept is spoken of")
        self._wait(
            window, lambda: session.last_frame is not None and session.last_frame.step > KEPT_STEP + 20
        )
        window.session.pause()
        self._wait(window, lambda: session.state == "paused")
        self._demand(True, "it trains and pauses")
        session.save(self._home / "mine.safetensors")
        self._hears(window, f"not allowed to write in {self._home}", "saving into the home is refused")
        session.save(self._work / "mine.safetensors")
        self._hears(window, "Saved as", "saving elsewhere works")
        other = self._work / "another.txt"
        other.write_text(self._text.read_text(encoding="utf-8") * 2, encoding="utf-8")
        window.open_file(other)
        self._wait(window, lambda: window.windowTitle().startswith("another"))
        self._demand(
            window.preferences.recent_files[:1] == [other], "a recent file is known while it is open"
        )

    def _bring_back(self, window: MainWindow) -> None:
        """What a killed window left can be read, though not taken over."""
        self._wait(window, lambda: bool(window.notice.action_buttons))
        window.notice.action_buttons[0].click()
        session = window.session
        self._wait(window, lambda: session.run is not None and session.run.experiment.step == KEPT_STEP)
        self._demand(True, "the network that a killed window kept is brought back")

    def _hears(self, window: MainWindow, words: str, what: str) -> None:
        said: list[str] = []

        def is_said() -> bool:
            said[:] = [f"{m.text} {m.remedy}".strip() for m in self._heard if words in m.text]
            return bool(said)

        try:
            self._wait(window, is_said)
        except TimeoutError:
            self.found.wrong.append(f"not so: {what}; heard {self._heard}")
        else:
            self.found.said.append(said[0])

    def _wait(self, window: MainWindow, happened: Callable[[], bool]) -> None:
        """Wait, and close each message, as one does who has read it; an offer stays."""

        def look() -> bool:
            message = window.notice.message
            if message is not None and not message.actions:
                self._heard.append(message)
                window.notice.dismiss()
            return happened()

        wait_for(look)


def move_in(work: Path) -> None:
    """Leave behind what a user does who likes it dark, and a network of a window that was killed."""
    application()
    preferences = Preferences()
    preferences.theme = "dark"
    text = text_file(work, 20)
    preferences.add_recent_file(text)
    QSettings("rnnviz", "rnnviz").sync()
    experiment = prepare(text, RunSettings().with_values(SMALL))
    for _ in range(KEPT_STEP):
        experiment.update()
    networks = KeptNetworks()
    networks.keep(copy_of(experiment), networks.new_path(), Passage("Emperor of"))
    os._exit(0)  # a lock stays, of a process that lives no more


def _rnnviz(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "rnnviz", *command], capture_output=True, text=True)


def main() -> int:
    """Move in, or work; the findings are the last line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--move-in", action="store_true")
    parser.add_argument("--lived-in", action="store_true")
    told = parser.parse_args()
    if told.move_in:
        move_in(told.work)
    print(json.dumps(asdict(User(told.work, told.lived_in).work())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
