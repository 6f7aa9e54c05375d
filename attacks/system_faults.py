"""The same faults in the system itself: `strace` makes the real calls of a training process fail.

A child process trains and saves at each line that it is sent. A first save under strace lists its calls;
then, for each call and each fault, strace is attached anew and told to fail just that one.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from attacks.faults import FAULTS, Outcome
from attacks.subject import bits, small_run
from rnnviz.cli.keeping import Keeper
from rnnviz.training import checkpoint

_CALLS = (
    "openat,newfstatat,fstat,lstat,stat,readlink,write,fsync,rename,renameat,unlink,unlinkat,flock,close,"
    "getdents64"
)
_SEEN = re.compile(r"^(?:\d+ +)?(\w+)\(", re.MULTILINE)


class Child:
    """A process that trains by one update and saves, as often as it is told."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-m", "attacks.system_faults", str(path)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.updates = int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def save_under_strace(self, log: Path, inject: str = "") -> str:
        """One update and one save, with the calls listed in `log`; the trouble it had, or ""."""
        faulty = ["-e", f"inject={inject}"] if inject else []
        pid = str(self._process.pid)
        tracer = subprocess.Popen(
            ["strace", "-p", pid, "-o", str(log), "-e", f"trace={_CALLS}", *faulty],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert tracer.stderr is not None
        attached = tracer.stderr.readline()
        if "attached" not in attached:
            raise RuntimeError(f"strace cannot attach: {attached.strip()}")
        assert self._process.stdin is not None
        self._process.stdin.write("save\n")
        self._process.stdin.flush()
        answer = self._line()
        tracer.terminate()
        tracer.communicate()
        self.updates += 1
        return str(json.loads(answer))

    def close(self) -> bool:
        """End it; whether its run had the bits of an undisturbed one."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait(30) == 0


def attack_in_system(folder: Path) -> Outcome:
    """Every real call of a save fails in every way. Raises RuntimeError without strace."""
    if shutil.which("strace") is None:
        raise RuntimeError("This attack needs strace: install it, or leave --system away.")
    outcome, path, log = Outcome(), folder / "files" / "network.safetensors", folder / "strace.log"
    path.parent.mkdir()
    child, undisturbed = Child(path), small_run(1)
    checkpoint.save(undisturbed, path)
    assert not child.save_under_strace(log), "the save that lists the calls failed"
    undisturbed.update()
    reply_calls = 1  # the answer on standard output is a write too
    seen = _SEEN.findall(log.read_text(encoding="utf-8"))
    counts = Counter(seen)
    counts["write"] -= reply_calls
    for call, times in sorted(counts.items()):
        for occurrence in range(1, times + 1):
            for fault in FAULTS:
                old = path.read_bytes()
                undisturbed.update()
                checkpoint.save(undisturbed, folder / "new")
                trouble = child.save_under_strace(log, f"{call}:error={fault}:when={occurrence}")
                new = (folder / "new").read_bytes()
                outcome.judge(call, fault, trouble, old, new, path)
                _look_beside(path, fault, call, outcome)
    if not child.close() or child.updates != undisturbed.step:
        outcome.wrong.append("training did not go on to the same bits after every fault")
    return outcome


def _look_beside(path: Path, fault: str, call: str, outcome: Outcome) -> None:
    """At most the part that could not be removed just now: the next save sweeps it."""
    strays = [entry.name for entry in path.parent.iterdir() if entry.name != path.name]
    if len(strays) > 1:
        outcome.wrong.append(f"{fault} at {call}: files pile up: {strays}")


def serve(path: Path) -> None:
    """The child: one update and one save for each line read."""
    experiment = small_run(1)
    keeper = Keeper(experiment, path, every=1)
    print(experiment.step, flush=True)
    for _ in sys.stdin:
        experiment.update()
        answer = json.dumps(keeper.save())
        os.write(sys.stdout.fileno(), answer.encode() + b"\n")
    assert bits(experiment) == bits(small_run(experiment.step)), "not the bits of an undisturbed run"


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
