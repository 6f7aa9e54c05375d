"""Tensors and metadata in one `.safetensors` file, written whole or not at all, the same bytes each time.

The format's own writer orders metadata at random, so the file is laid out here: 8 bytes with the header's
length, the header as JSON with sorted keys, then the tensors, the widest numbers first so that each lies at a
multiple of its own size. Reading is left to the format's own library, which checks every offset.
Format: https://github.com/huggingface/safetensors#format
"""

import errno
import itertools
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from rnnviz.training.errors import CheckpointError, NotACheckpoint, NotConfirmed
from rnnviz.training.machine_memory import free_memory
from rnnviz.training.whole_file import Unconfirmed, write_whole

Tensors = dict[str, NDArray[Any]]

_TYPE_NAMES = {"float64": "F64", "float32": "F32", "int64": "I64", "uint8": "U8"}
LENGTH_BYTES = 8
_ALIGNMENT = 8
LARGEST_HEADER = 100_000_000  # bytes; the library's own limit


def write_tensors(path: Path, tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> None:
    """Write the file in place of what stood there, or leave that as it was. Raises CheckpointError."""
    order = sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name))
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    end = 0
    for name in order:
        begin, end = end, end + tensors[name].nbytes
        header[name] = {
            "dtype": _TYPE_NAMES[tensors[name].dtype.name],
            "shape": list(tensors[name].shape),
            "data_offsets": [begin, end],
        }
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % _ALIGNMENT)
    pieces: Iterable[bytes | memoryview] = itertools.chain(
        [len(text).to_bytes(LENGTH_BYTES, "little") + text], (_bytes_of(tensors[name]) for name in order)
    )
    try:
        write_whole(path, pieces)
    except (OSError, ValueError, RuntimeError) as error:  # the last two: an impossible name, a ring of links
        raise _not_saved(path, error) from None


def _bytes_of(tensor: NDArray[Any]) -> memoryview:
    """(n,) bytes in the format's order, little end first."""
    array = np.ascontiguousarray(tensor, dtype=tensor.dtype.newbyteorder("<"))
    return array.reshape(-1).view(np.uint8).data


def read_tensors(path: Path) -> tuple[Tensors, dict[str, str]]:
    """Tensors and metadata of a file that has metadata. Raises NotACheckpoint and CheckpointError."""
    raw, metadata = _read_whole(path)
    try:
        return load(raw), metadata
    except (SafetensorError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise NotACheckpoint(
            f"{path.name} is damaged or holds numbers of an unknown kind ({error}). {ANOTHER}"
        ) from None


ANOTHER = "Choose another checkpoint, or train anew with --save."


def read_metadata(path: Path) -> dict[str, str]:
    """The metadata alone, without the tensors. Raises NotACheckpoint and CheckpointError."""
    with _opened(path) as (file, size):
        return _metadata(path, _header(path, file, size)[LENGTH_BYTES:])


def _read_whole(path: Path) -> tuple[bytes, dict[str, str]]:
    """All bytes, after a look at the header: a large file of another kind is not read to its end."""
    with _opened(path) as (file, size):
        start = _header(path, file, size)
        metadata = _metadata(path, start[LENGTH_BYTES:])
        free = free_memory()
        if free is not None and 2 * size > free:
            raise CheckpointError(
                f"{path.name} has {size / 1e9:,.1f} GB, too much for the {free / 1e9:,.1f} GB of free "
                "memory. Close other programs, or choose a smaller checkpoint."
            )
        return start + file.read(), metadata


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """The file and its size; what the system says against it becomes a CheckpointError."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise NotACheckpoint(f"{path.name or path} is a folder or a device, not a checkpoint. {ANOTHER}")
        with path.open("rb") as file:
            yield file, os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise CheckpointError(f"There is no file {path.name}. Check its name and its folder.") from None
    except PermissionError:
        raise CheckpointError(f"You are not allowed to read {path.name}. Change its permissions.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CheckpointError(
            f"{path.name} cannot be read ({reason}). Check that it is still there."
        ) from None


def _header(path: Path, file: BinaryIO, size: int) -> bytes:
    """The header's length and the header."""
    start = file.read(LENGTH_BYTES)
    length = int.from_bytes(start, "little")
    if len(start) < LENGTH_BYTES or length > min(size - LENGTH_BYTES, LARGEST_HEADER):
        raise NotACheckpoint(f"{path.name} is no .safetensors file. {ANOTHER}")
    return start + file.read(length)


def _metadata(path: Path, header: bytes) -> dict[str, str]:
    try:
        parsed = json.loads(header)
        metadata = parsed.get("__metadata__", {})
    except (ValueError, AttributeError, RecursionError):
        raise NotACheckpoint(f"{path.name} is no .safetensors file. {ANOTHER}") from None
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise NotACheckpoint(f"The description in {path.name} is damaged. {ANOTHER}")
    return metadata


def _not_saved(path: Path, error: Exception) -> CheckpointError:
    """What to say of a file that could not be written."""
    number: int = getattr(error, "errno", None) or 0
    reason = getattr(error, "strerror", None) or error
    if isinstance(error, Unconfirmed):
        return NotConfirmed(
            f"{path.name} is written, but the disk has not confirmed it ({reason}). Save once more to "
            "another disk, and look after this one."
        )
    if not path.parent.is_dir():
        return CheckpointError(f"There is no folder {path.parent} to save to. Make it, or choose another.")
    if isinstance(error, IsADirectoryError):
        return CheckpointError(f"{path} is a folder or a device. Name a file to save to.")
    if isinstance(error, PermissionError) or number == errno.EROFS:
        return CheckpointError(
            f"You are not allowed to write in {path.parent} ({reason}). Choose another folder."
        )
    remedy = _REMEDIES.get(number, "Choose another place.")
    return CheckpointError(f"{path.name} could not be saved ({reason}). {remedy}")


_FULL = "Delete what you do not need there, or choose another disk."
_REMEDIES = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: "Choose another disk, or a smaller network.",
    errno.EIO: "The disk has a fault: choose another one.",
}
