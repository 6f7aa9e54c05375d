"""The program without a network, in a home that cannot be written: it works, and says what it cannot keep.

    python -m attacks.alone

Linux only: `unshare` gives it a namespace without a network, in which the home is mounted read-only; the
right to do so comes with the namespace. One home is new; in the other somebody has worked before, in the dark
theme, and the window was killed. `train`, `render` and the window, offscreen, run in both.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).resolve().parent.parent
HOMES = ("new", "lived in")
LIMIT_S = 300.0
ISOLATE = 'mount --bind "$HOME" "$HOME" && mount -o remount,ro,bind "$HOME" && exec "$@"'
PLACES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")
"""What would lead the program elsewhere than to its home."""


@dataclass(slots=True)
class Findings:
    """What came of it."""

    worked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)  # of what cannot be kept
    wrong: list[str] = field(default_factory=list)


def is_possible() -> bool:
    """Whether this machine makes such namespaces."""
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None:
        return False
    mount = ["unshare", "-rnm", "sh", "-c", "mount -t tmpfs none /mnt"]
    return subprocess.run(mount, capture_output=True).returncode == 0


def leave_alone(folder: Path, lived_in: bool) -> Findings:
    """Use the program in one such home."""
    home, work = folder / "home", folder / "work"
    home.mkdir()
    work.mkdir()
    own = {"HOME": str(home), "PYTHONPATH": str(PROJECT), "QT_QPA_PLATFORM": "offscreen"}
    surroundings = {name: value for name, value in os.environ.items() if name not in PLACES} | own
    user = [sys.executable, "-B", "-m", "attacks.lonely_user", str(work)]
    if lived_in:
        subprocess.run([*user, "--move-in"], cwd=work, env=surroundings, check=True, timeout=LIMIT_S)
    before = _contents(home)
    done = subprocess.run(
        ["unshare", "-rnm", "sh", "-c", ISOLATE, "sh", *user, *(["--lived-in"] if lived_in else [])],
        cwd=work,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    if done.returncode:
        return Findings(wrong=[f"ended with {done.returncode}: {done.stderr[-2000:]}"])
    found = Findings(**json.loads(done.stdout.splitlines()[-1]))
    if "Traceback" in done.stderr:
        found.wrong.append(f"a traceback: {done.stderr[-2000:]}")
    if _contents(home) != before:
        found.wrong.append("something was written in the home all the same")
    return found


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def main() -> int:
    """Live in both homes; print what worked, what was said, and what is wrong."""
    if not is_possible():
        print("This needs Linux, the command `unshare`, and the right to make namespaces.")
        return 2
    violations = 0
    for home in HOMES:
        with TemporaryDirectory() as folder:
            found = leave_alone(Path(folder), lived_in=home == "lived in")
        print(f"A home that is {home}, read-only, without a network:")
        for title, lines in (("works", found.worked), ("says", found.said), ("WRONG", found.wrong)):
            for line in lines:
                print(f"  {title}: {line.replace(folder, '')}")
        violations += len(found.wrong)
    print(f"{violations} violations")
    return int(violations > 0)


if __name__ == "__main__":
    sys.exit(main())
