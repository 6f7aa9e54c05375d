"""How much memory a run may take, asked before anything is allocated."""

import os
from pathlib import Path

from rnnviz.engine import OPTIMIZERS, ModelSpec
from rnnviz.text import shown_name
from rnnviz.training.errors import DoesNotFit
from rnnviz.training.lane import model_spec
from rnnviz.training.settings import RunSettings
from rnnviz.training.spare import may_overflow

MEMINFO = Path("/proc/meminfo")
CONTROL_GROUP = Path("/sys/fs/cgroup")
GB = 1e9
VECTOR_NUMBER_BYTES = 4
BYTES_OF_TEXT = {"word": 2, "char": 5}
"""In memory for each byte of a text, with its token ids; measured on 66 MB of War and Peace: 1.6 and 4.2."""
SMALL_TEXT_BYTES = 1 << 20


def free_memory() -> int | None:
    """Bytes that can still be had without swapping, by the machine or the container; None where unknown."""
    known = [free for free in (_free_on_machine(), _free_in_container()) if free is not None]
    return min(known, default=None)


def check_text(path: str | os.PathLike[str], tokens: str) -> None:
    """Refuse a text that does not fit, before it is read. Raises DoesNotFit, with the numbers."""
    try:
        size = os.stat(path).st_size  # noqa: PTH116 - a path may hold what Path refuses
    except (OSError, ValueError):
        return  # reading says what is wrong with it
    needed, free = size * BYTES_OF_TEXT.get(tokens, 1), free_memory()
    if size > SMALL_TEXT_BYTES and free is not None and needed > free:
        raise DoesNotFit(
            f"{shown_name(path)} has {size / GB:,.1f} GB. Reading it takes about {needed / GB:,.1f} GB of "
            f"memory, and {free / GB:,.1f} GB are free. Cut it into parts and open one of them."
        )


def check_memory_of_lanes(settings: RunSettings, vocabulary_size: int) -> None:
    """Refuse lanes that do not fit together. Raises DoesNotFit, with the numbers."""
    needed = 0
    for number in range(len(settings.lanes)):
        lane = settings.of_lane(number)
        needed += check_memory(model_spec(lane, vocabulary_size), lane, needed)


def check_memory(spec: ModelSpec, settings: RunSettings, beside: int = 0) -> int:
    """Bytes that a network's parameters and buffers need.

    Raises DoesNotFit, with the numbers, where they and `beside`, which other lanes need, are not free.
    """
    window, batch = settings.experiment.window, settings.experiment.batch
    slots = len(OPTIMIZERS[settings.lane.optimizer].slot_names)
    copies = 1 + slots if may_overflow(spec) else 0
    needed = spec.memory_estimate(window, batch, slots + copies, settings.lane.dropout > 0)
    if settings.lane.vectors:  # kept to start over from
        needed += spec.vocabulary_size * spec.embedding * VECTOR_NUMBER_BYTES
    free = free_memory()
    if free is None or beside + needed <= free:
        return needed
    if beside:
        raise DoesNotFit(
            f"The lanes need more than {(beside + needed) / GB:,.1f} GB of memory together, and "
            f"{free / GB:,.1f} GB are free. Take fewer lanes, or lower --hidden, --batch or --window."
        )
    raise DoesNotFit(
        f"This network needs about {needed / GB:,.1f} GB of memory, and {free / GB:,.1f} GB are free: it "
        f"has {spec.stored_count():,} parameters, and every update keeps {window:,} time steps of "
        f"{batch:,} sequences. Lower {_largest_part(spec, window, batch)}."
    )


def _largest_part(spec: ModelSpec, window: int, batch: int) -> str:
    """The settings that the memory goes into, as they are called on the command line."""
    if spec.stored_count() > window * batch * spec.hidden * spec.layers:
        return "--hidden, --layers or --vocabulary"
    return "--window, --batch or --hidden"


def _free_on_machine() -> int | None:
    try:
        for line in MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return None


def _free_in_container() -> int | None:
    try:
        limit = int((CONTROL_GROUP / "memory.max").read_text(encoding="ascii"))
        used = int((CONTROL_GROUP / "memory.current").read_text(encoding="ascii"))
        return max(limit - used, 0)
    except (OSError, ValueError):  # no control groups, or "max": no limit
        return None
