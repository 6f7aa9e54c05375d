"""A monkey at the window: random clicks, keys, drops, sizes, settings, files; nothing may break or freeze.

Each configuration lives in a process of its own, several lives one after the other, each with the next seed.
What they came to is kept in a state file, so the attack can be stopped and goes on where it was.

    python -m attacks.monkey [--minutes 60] [--seed 0] [--life 300] [--state FILE] [--x11] [--only NAME ...]
        [--patience 1] [--keep FOLDER]

With `--x11` the window is shown on a real X server (Xvfb, with openbox if there is one) with a real mouse and
keyboard, else offscreen. Now and then the window is closed in the middle of what it does, and another opened:
threads and processes of the closed one must end. A life is measured at rest every few seconds: the same small
text, nothing learning. Its memory, that of the process that trains included, counts from the middle of the
life on, as the median slope between all pairs of samples.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from attacks.monkey_report import CONFIGURATIONS, Life, Limits, report, wrong_with

SPARE_S = 400.0
"""On top of a life, for its beginning and end on a busy machine."""

WINDOW_MANAGER = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew></focus>
  <desktops><number>1</number></desktops>
  <keyboard/>
  <mouse>
    <context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>
  </mouse>
</openbox_config>
"""


def live(configuration: str, seed: int, seconds: float, home: Path, environment: dict[str, str]) -> Life:
    """One life of a window in a process of its own; its findings, with what they lack if it died."""
    folder = home / f"{configuration}{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    own = {name: str(home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    own["MALLOC_PERTURB_"] = "165"  # what is freed is overwritten: whoever still uses it falls at once
    command = [
        sys.executable,
        "-m",
        "attacks.monkey_window",
        configuration,
        str(seed),
        str(seconds),
        str(folder),
    ]
    with (folder / "errors.log").open("w", encoding="utf-8") as errors:
        child = subprocess.Popen(command, env=environment | own, stdout=errors, stderr=errors)
        try:
            status: int | str = child.wait(seconds + SPARE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            status = "no end"
        except KeyboardInterrupt:
            child.kill()
            child.wait()
            raise
    found = folder / "found.json"
    life: Life = json.loads(found.read_text(encoding="utf-8")) if found.exists() else {"faults": []}
    if status != 0:
        last = (folder / "actions.log").read_text(encoding="utf-8").splitlines()[-5:]
        crash = (folder / "crash.log").read_text(encoding="utf-8") if (folder / "crash.log").exists() else ""
        said = (folder / "errors.log").read_text(encoding="utf-8", errors="replace")[-2000:]
        life["faults"].append("\n".join([f"ended with {status} after:", *last, crash, said]))
    return life | {"configuration": configuration, "seed": seed, "status": status}


@contextmanager
def x_server(wanted: bool) -> Iterator[dict[str, str]]:
    """The environment of the lives: offscreen, or a screen of their own. Raises OSError without Xvfb."""
    environment = dict(os.environ)
    if not wanted:
        yield environment | {"QT_QPA_PLATFORM": "offscreen"}
        return
    read, write = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(write),
        "-screen",
        "0",
        "2000x1200x24",
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    started = [subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)]
    os.close(write)
    with os.fdopen(read) as told:
        display = f":{told.readline().strip()}"
    environment |= {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    try:
        with TemporaryDirectory() as folder:
            if shutil.which("openbox"):
                started.append(_window_manager(Path(folder), environment))
            yield environment
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def _window_manager(folder: Path, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """One that gives windows frames and focus, and takes no key and no click for menus of its own."""
    settings = folder / "rc.xml"
    settings.write_text(WINDOW_MANAGER, encoding="utf-8")
    command, quiet = ["openbox", "--config-file", str(settings)], subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)


@contextmanager
def _home(keep: Path | None) -> Iterator[Path]:
    """The folder of the lives; gone afterwards unless it is to be kept."""
    if keep is not None:
        yield keep
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)


def attack(
    minutes: float,
    seed: int,
    life_s: float,
    state: Path,
    x11: bool,
    only: Sequence[str],
    limits: Limits,
    keep: Path | None = None,
) -> list[Life]:
    """Lives until they are so many minutes together, those of before included."""
    lives: list[Life] = json.loads(state.read_text(encoding="utf-8")) if state.exists() else []
    with x_server(x11) as environment, _home(keep) as home:
        while (left := 60 * minutes - sum(life.get("seconds", life_s) for life in lives)) > 1:
            configuration = only[len(lives) % len(only)]
            seconds = min(life_s, left)
            lives.append(live(configuration, seed + len(lives), seconds, home, environment))
            state.write_text(json.dumps(lives), encoding="utf-8")
            last = lives[-1]
            print(
                f"{configuration} seed {last['seed']}: {len(wrong_with(last, limits))} violations", flush=True
            )
    return lives


def main(argv: Sequence[str]) -> int:
    """Run the attack; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--life", type=float, default=300, help="seconds that one window lives")
    parser.add_argument("--state", type=Path, help="what was found is kept here, and gone on with")
    parser.add_argument("--x11", action="store_true", help="on a real X server")
    parser.add_argument("--only", nargs="+", choices=CONFIGURATIONS, default=list(CONFIGURATIONS))
    parser.add_argument(
        "--patience",
        type=float,
        default=Limits().standstill_s,
        help="seconds that a window may stand still or work, waiting for a processor not counted",
    )
    parser.add_argument("--keep", type=Path, help="leave logs and core dumps of the lives in this folder")
    told = parser.parse_args(argv)
    limits = Limits(told.patience, told.patience)
    print(f"seed {told.seed}, {'X server' if told.x11 else 'offscreen'}")
    with TemporaryDirectory() as folder:
        state = told.state or Path(folder) / "state.json"
        lives = attack(told.minutes, told.seed, told.life, state, told.x11, told.only, limits, told.keep)
    return int(bool(report(lives, limits)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
