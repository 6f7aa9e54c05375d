"""A file written whole or not at all: beside its place first, then to disk, then under its own name.

Every system call is one of `os`, so that each can be made to fail in its turn: `python -m attacks.faults`.
"""

import errno
import os
import re
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import ParamSpec, TypeVar

try:
    from fcntl import LOCK_EX, LOCK_NB, flock

    _CAN_LOCK = True
except ImportError:  # Windows: there a file that is open cannot be removed, so nothing has to be locked
    _CAN_LOCK = False

LONGEST_STEM = 100
"""Characters of the target's name in that of its part: file systems end at 255 bytes."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_LEFT = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_CANNOT_SYNC_FOLDERS = frozenset({errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.ENOSYS})

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class Unconfirmed(OSError):  # noqa: N818 - the name says what is wrong
    """The file is in place and whole, but its name not confirmed by the disk: a power cut may undo it."""


def write_whole(path: Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Put a file in the place of what stood there, or leave that as it was and nothing beside it.

    Parts that a killed process left beside it are removed. Raises OSError, of which Unconfirmed means that
    the new file stands.
    """
    target = Path(path).resolve()  # of a link, what it leads to is replaced
    if _insist(target.exists) and not _insist(target.is_file):
        raise IsADirectoryError(errno.EISDIR, "it is a folder or a device", str(path))
    remove_stale_parts(target)
    descriptor, part = _new_part(target)
    placed = False
    try:
        try:
            for piece in pieces:
                _write_all(descriptor, memoryview(piece).cast("B"))
            _insist(os.fsync, descriptor)
            if _CAN_LOCK:  # before its lock goes with the descriptor, or it could be swept as stale
                _insist(os.replace, part, target)
                placed = True
        finally:
            _close(descriptor)
        if not placed:
            _insist(os.replace, part, target)
    except BaseException as error:
        _removed(part)
        if placed and isinstance(error, OSError):
            raise Unconfirmed(error.errno, error.strerror, str(target)) from None
        raise
    _sync_folder(target.parent)


def remove_stale_parts(target: Path) -> int:
    """Remove the parts of a file whose writers are gone; how many there were. Never raises OSError."""
    name = re.compile(re.escape(_stem(target)) + r"\.\d+-\d+\.part")
    swept = 0
    with suppress(OSError):
        left = [entry for entry in os.listdir(target.parent) if name.fullmatch(entry)]  # noqa: PTH208
        for entry in left:
            swept += _removed_if_stale(target.parent / entry)
    return swept


def _removed_if_stale(part: Path) -> bool:
    try:
        descriptor = os.open(part, _LEFT)
    except OSError:
        return False
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        if _CAN_LOCK:
            _lock(descriptor)
            os.unlink(part)  # noqa: PTH108 - all system calls here are those of `os`
            return True
    except OSError:  # another process is writing it, or it is somebody else's
        return False
    finally:
        _close(descriptor)
    return _removed(part)


def _stem(target: Path) -> str:
    return f".{target.name[:LONGEST_STEM]}"


def _new_part(target: Path) -> tuple[int, Path]:
    """A file in the target's folder that nobody else writes or sweeps, with the usual permissions."""
    number = 0
    while True:
        part = target.with_name(f"{_stem(target)}.{os.getpid()}-{number}.part")
        number += 1
        try:
            descriptor = _insist(os.open, part, _NEW, 0o666)
        except FileExistsError:
            continue
        try:
            with suppress(OSError):  # a file system without locks, whose parts nobody sweeps
                _lock(descriptor)
            if _insist(os.fstat, descriptor).st_nlink:
                return descriptor, part  # else somebody has swept it before it was locked
        except BaseException:
            _close(descriptor)
            _removed(part)
            raise
        _close(descriptor)


def _lock(descriptor: int) -> None:
    """Lock a part for as long as it is open. Raises OSError where another process has it."""
    if _CAN_LOCK:
        flock(descriptor, LOCK_EX | LOCK_NB)


def _removed(part: Path) -> bool:
    """Whether a part could be removed; if not, the next save tries again."""
    try:
        os.unlink(part)  # noqa: PTH108
    except OSError:
        return False
    return True


def _write_all(descriptor: int, piece: memoryview) -> None:
    """All bytes: one call may write fewer, and never more than 2 GB."""
    while piece:
        piece = piece[_insist(os.write, descriptor, piece) :]


def _insist(call: Callable[Arguments, Answer], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
    """Call once more when a signal came in between: Python itself does so for some calls, not for all."""
    while True:
        try:
            return call(*args, **kwargs)
        except InterruptedError:
            continue


def _close(descriptor: int) -> None:
    with suppress(InterruptedError):  # it is closed all the same
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system lets a folder be synced."""
    try:
        descriptor = _insist(os.open, folder, os.O_RDONLY)
    except OSError:
        return
    try:
        _insist(os.fsync, descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC_FOLDERS:
            raise Unconfirmed(error.errno, error.strerror, str(folder)) from None
    finally:
        with suppress(OSError):
            os.close(descriptor)
