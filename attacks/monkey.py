"""A monkey at the window: random clicks, keys, drops, sizes, settings, files; nothing may break or freeze.

Each configuration lives in a process of its own, several lives one after the other, each with the next seed.
What they came to is kept in a state file, so the attack can be stopped and goes on where it was.

    python -m attacks.monkey [--minutes 60] [--seed 0] [--life 300] [--state FILE] [--x11] [--only NAME ...]

With `--x11` the window is shown on a real X server (Xvfb, with openbox if there is one), else offscreen.
A life is measured at rest every few seconds: the same small text, nothing learning. Its memory counts from
the middle of the life on, as the slope of a line through the samples.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CONFIGURATIONS = ("thread", "apart", "race", "task", "large")
LONGEST_STANDSTILL_S = 1.0
STEEPEST_MB_A_MINUTE = 3.0
FEWEST_SAMPLES = 8
"""Before a slope is a slope."""
MOST_HANDLES_MORE = 4
MOST_NONE_LOST_A_THOUSAND = 50
"""References to None lost in a thousand actions: at 6.12.0 it was twelve with every picture."""
SPARE_S = 150.0
"""On top of a life, for its beginning and end on a busy machine."""

Life = dict[str, Any]


def live(configuration: str, seed: int, seconds: float, home: Path, environment: dict[str, str]) -> Life:
    """One life of a window in a process of its own; its findings, with what they lack if it died."""
    folder = home / f"{configuration}{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    own = {name: str(home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
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


def wrong_with(life: Life) -> list[str]:
    """What is not as it should be."""
    name = f"{life['configuration']}, seed {life['seed']}"
    wrong = [f"{name}: {fault}" for fault in life["faults"]]
    if life.get("longest_standstill_s", 0.0) > LONGEST_STANDSTILL_S:
        stood = "\n".join(life["standstills"])
        wrong.append(f"{name}: stood still for {life['longest_standstill_s']:.2f} s\n{stood}")
    if life.get("ended", "well") != "well":
        wrong.append(f"{name}: ended {life['ended']}")
    late = _late(life)
    if len(late) >= FEWEST_SAMPLES and memory_slope(life) > STEEPEST_MB_A_MINUTE:
        wrong.append(f"{name}: memory grows by {memory_slope(life):.2f} MB a minute")
    if late and late[-1]["threads"] > late[0]["threads"]:
        wrong.append(f"{name}: threads went from {late[0]['threads']} to {late[-1]['threads']}")
    if late and late[-1]["handles"] > late[0]["handles"] + MOST_HANDLES_MORE:
        wrong.append(f"{name}: file handles went from {late[0]['handles']} to {late[-1]['handles']}")
    if none_drift(life) < -MOST_NONE_LOST_A_THOUSAND:
        wrong.append(f"{name}: {-none_drift(life):.0f} references to None lost in a thousand actions")
    return wrong


def _late(life: Life) -> list[dict[str, float]]:
    samples: list[dict[str, float]] = life.get("samples", [])
    return samples[len(samples) // 2 :]


def memory_slope(life: Life) -> float:
    """Megabytes a minute, from the middle of the life on: the median slope between all pairs of samples."""
    late = _late(life)
    slopes = [
        60 * (b["resident_mb"] - a["resident_mb"]) / (b["seconds"] - a["seconds"])
        for i, a in enumerate(late)
        for b in late[i + 1 :]
    ]
    return statistics.median(slopes) if slopes else 0.0


def none_drift(life: Life) -> float:
    """References to None gained in a thousand actions; on Python 3.12 and later it cannot change."""
    late = _late(life)
    if len(late) < 2 or sys.version_info >= (3, 12) or late[-1]["actions"] == late[0]["actions"]:
        return 0.0
    return (
        1000
        * (late[-1]["none_references"] - late[0]["none_references"])
        / (late[-1]["actions"] - late[0]["actions"])
    )


def report(lives: Sequence[Life]) -> list[str]:
    """Print a line a configuration and all that went wrong; return the latter."""
    print(
        f"{'':10}{'lives':>6}{'minutes':>9}{'actions':>9}{'faults':>7}{'frozen s':>10}{'MB/min':>8}"
        f"{'threads':>9}{'handles':>9}{'None/1000':>11}"
    )
    wrong: list[str] = []
    for configuration in CONFIGURATIONS:
        own = [life for life in lives if life["configuration"] == configuration]
        if not own:
            continue
        ends = [late[-1] for life in own if (late := _late(life))]
        slopes = [memory_slope(life) for life in own]
        print(
            f"{configuration:10}{len(own):6}{sum(life.get('seconds', 0) for life in own) / 60:9.1f}"
            f"{sum(life.get('actions', 0) for life in own):9}{sum(len(life['faults']) for life in own):7}"
            f"{max(life.get('longest_standstill_s', 0) for life in own):10.2f}"
            f"{statistics.median(slopes):8.2f}"
            f"{_span(ends, 'threads'):>9}{_span(ends, 'handles'):>9}"
            f"{statistics.median(none_drift(life) for life in own):11.1f}"
        )
        wrong += [line for life in own for line in wrong_with(life)]
    complaints = sorted({text for life in lives for text in life.get("complaints", {})})
    for text in complaints:
        print(f"Qt said: {text}")
    print(f"{len(wrong)} violations")
    for line in wrong:
        print(f"  {line}")
    return wrong


def _span(samples: Sequence[dict[str, float]], name: str) -> str:
    values = [int(sample[name]) for sample in samples]
    return f"{min(values)}..{max(values)}" if values else "-"


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
    if shutil.which("openbox"):
        quiet = subprocess.DEVNULL
        started.append(subprocess.Popen(["openbox"], env=environment, stdout=quiet, stderr=quiet))
    try:
        yield environment
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def attack(
    minutes: float, seed: int, life_s: float, state: Path, x11: bool, only: Sequence[str]
) -> list[Life]:
    """Lives until they are so many minutes together, those of before included."""
    lives: list[Life] = json.loads(state.read_text(encoding="utf-8")) if state.exists() else []
    with x_server(x11) as environment, TemporaryDirectory() as home:
        while (left := 60 * minutes - sum(life.get("seconds", life_s) for life in lives)) > 1:
            configuration = only[len(lives) % len(only)]
            seconds = min(life_s, left)
            lives.append(live(configuration, seed + len(lives), seconds, Path(home), environment))
            state.write_text(json.dumps(lives), encoding="utf-8")
            last = lives[-1]
            print(f"{configuration} seed {last['seed']}: {len(wrong_with(last))} violations", flush=True)
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
    told = parser.parse_args(argv)
    print(f"seed {told.seed}, {'X server' if told.x11 else 'offscreen'}")
    with TemporaryDirectory() as folder:
        state = told.state or Path(folder) / "state.json"
        lives = attack(told.minutes, told.seed, told.life, state, told.x11, told.only)
    return int(bool(report(lives)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
