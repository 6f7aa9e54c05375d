"""Make every system call of a save fail, each in turn and in every way, while a run trains.

At each fault: the file at the checkpoint's place is the old one or the new one, whole; nothing else is left
there after the next save; training goes on to the bits of an undisturbed run; the message names the file and
says what to do.

    python -m attacks.faults             inside Python: each call of `os` that a save makes
    python -m attacks.faults --system    in the system: `strace` makes the real calls of a process fail
"""

import argparse
import errno
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attacks.subject import bits, small_run
from rnnviz.cli.keeping import Keeper
from rnnviz.training import CheckpointError, Experiment, checkpoint, whole_file

FAULTS = ("ENOSPC", "EIO", "EACCES", "EINTR", "EROFS", "EDQUOT")
SHORT = "a short write"
REMEDIES = {
    "ENOSPC": "Delete what you do not need there",
    "EDQUOT": "Delete what you do not need there",
    "EIO": "The disk has a fault",
    "EACCES": "Choose another folder",
    "EROFS": "Choose another folder",
}
_CALLS = ("open", "write", "fsync", "replace", "close", "unlink", "fstat", "listdir")


class FaultyOs:
    """`os` for one module, of which one call in a row fails, once."""

    def __init__(self, fails_at: int = 0, fault: str = "") -> None:
        """`fails_at` counts from 1; 0: none fails, all are listed in `calls`."""
        self.calls: list[str] = []
        self._fails_at, self._fault = fails_at, fault

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in _CALLS:
            return real

        def call(*arguments: Any, **named: Any) -> Any:
            self.calls.append(name)
            if len(self.calls) != self._fails_at:
                return real(*arguments, **named)
            if self._fault == SHORT:
                return real(arguments[0], arguments[1][:1], *arguments[2:])
            if name == "close":  # the system closes even where it reports a fault
                real(*arguments)
            number = getattr(errno, self._fault)
            raise OSError(number, os.strerror(number))

        return call


@dataclass(slots=True)
class Outcome:
    """How many faults were injected, and what each came to."""

    injected: int = 0
    refused: int = 0  # the save failed, with its message
    survived: int = 0  # the save succeeded in spite of the fault
    wrong: list[str] = field(default_factory=list)
    by_call: dict[str, int] = field(default_factory=dict)

    def judge(self, call: str, fault: str, trouble: str, old: bytes, new: bytes, path: Path) -> None:
        """Count one fault, and look at what it left."""
        self.injected += 1
        self.by_call[call] = self.by_call.get(call, 0) + 1
        self.refused, self.survived = self.refused + bool(trouble), self.survived + (not trouble)
        there = path.read_bytes()
        stands = new if not trouble or "has not confirmed" in trouble else old
        where = f"{fault} at {call}"
        if there != stands:
            self.wrong.append(f"{where}: the file is {'torn' if there not in (old, new) else 'another one'}")
        if trouble and (path.name not in trouble and str(path.parent) not in trouble):
            self.wrong.append(f"{where}: the message names no place: {trouble}")
        expected = REMEDIES.get(fault, "")
        if trouble and "has not confirmed" not in trouble and expected not in trouble:
            self.wrong.append(f"{where}: the message is not right: {trouble}")
        if trouble and fault in ("EINTR", SHORT):
            self.wrong.append(f"{where}: should have been survived: {trouble}")


def attack_in_python(folder: Path, faults: tuple[str, ...] = FAULTS) -> Outcome:
    """Every call of `os` that a save makes fails in every way."""
    outcome, path = Outcome(), folder / "network.safetensors"
    experiment, undisturbed = small_run(3), small_run(3)
    keeper = Keeper(experiment, path, every=1)
    assert not keeper.save()
    for number, fault in _every_fault(experiment, folder, faults):
        old = path.read_bytes()
        for run in (experiment, undisturbed):
            run.update()
        new = _bytes_of(experiment, folder)
        left = folder / f".{path.name}.999999-0.part"  # of a process that was killed: it must be swept
        left.write_bytes(b"left over")
        broken = FaultyOs(number, fault)
        with _instead_of_os(broken):
            trouble = keeper.save()
        outcome.judge(broken.calls[number - 1], fault, trouble, old, new, path)
        _save_again(experiment, path, fault, outcome)
    if bits(experiment) != bits(undisturbed):
        outcome.wrong.append("training did not go on to the same bits")
    return outcome


def _every_fault(experiment: Experiment, folder: Path, faults: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    healthy = FaultyOs()
    (folder / ".listed.999999-0.part").write_bytes(b"left over")
    with _instead_of_os(healthy):
        checkpoint.save(experiment, folder / "listed")
    (folder / "listed").unlink()
    for number, name in enumerate(healthy.calls, 1):
        for fault in faults:
            yield number, fault
        if name == "write":
            yield number, SHORT


def _save_again(experiment: Experiment, path: Path, fault: str, outcome: Outcome) -> None:
    """The next save succeeds and leaves nothing beside its file."""
    try:
        checkpoint.save(experiment, path)
    except CheckpointError as error:
        outcome.wrong.append(f"after {fault}: the next save failed: {error}")
    strays = [entry.name for entry in path.parent.iterdir() if entry.name != path.name]
    if strays:
        outcome.wrong.append(f"after {fault}: left behind: {strays}")


def _bytes_of(experiment: Experiment, folder: Path) -> bytes:
    other = folder / "as it should be"
    checkpoint.save(experiment, other)
    content = other.read_bytes()
    other.unlink()
    return content


class _instead_of_os:  # noqa: N801 - used as a word of a sentence
    def __init__(self, broken: FaultyOs) -> None:
        self._broken = broken

    def __enter__(self) -> None:
        whole_file.os = self._broken  # type: ignore[assignment, attr-defined]

    def __exit__(self, *_: object) -> None:
        whole_file.os = os  # type: ignore[attr-defined]


def report(outcome: Outcome) -> int:
    """Print the counts; the exit status."""
    calls = ", ".join(f"{name} {count}" for name, count in sorted(outcome.by_call.items()))
    print(f"{outcome.injected} faults injected ({calls})")
    print(f"{outcome.refused} saves refused with a message, the old file whole or the new one unconfirmed")
    print(f"{outcome.survived} saves succeeded in spite of the fault")
    print(f"{len(outcome.wrong)} violations")
    for line in outcome.wrong:
        print(f"  {line}")
    return int(bool(outcome.wrong))


def main() -> int:
    """Run one of the two attacks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--system", action="store_true", help="fail real system calls with strace")
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        if arguments.system:
            from attacks.system_faults import attack_in_system  # needs strace, and Linux

            return report(attack_in_system(Path(folder)))
        return report(attack_in_python(Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
