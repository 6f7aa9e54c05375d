"""What is measured of a window under attack: standstills, memory, threads, handles, faults."""

import ctypes
import gc
import multiprocessing
import sys
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from PySide6.QtCore import QMessageLogContext, QObject, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

BEAT_MS = 10
LOOK_S = 0.05
SUSPICIOUS_S = 0.5
"""A standstill this long has its stack kept, to see what it was."""
MOST_TOLD = 20
OWN_COMPLAINT = "occurs outside target window"
"""A click aimed at a window that has become smaller meanwhile."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The process at rest: the same small text, opened twice, nothing learning."""

    actions: int
    seconds: float
    resident_mb: float
    allocated_mb: float  # what malloc has given out of it; the rest of what grows are gaps in its heap
    worker_mb: float  # the process that trains; 0 where a thread does
    threads: int
    processes: int  # besides this one
    handles: int
    none_references: int
    kinds: dict[str, int]  # the commonest types of objects
    files: dict[str, int] = field(default_factory=dict)  # what the handles are of
    windows: int = 0  # widgets without a parent, hidden ones too: menus, tips and whatever nobody deleted
    blocks: int = 0  # of memory that Python's own allocator has given out


@dataclass(slots=True)
class Findings:
    """What one life of the window came to."""

    actions: int = 0
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)  # actions by kind
    longest_standstill_s: float = 0.0  # less what this thread waited for a processor
    longest_gap_s: float = 0.0  # on the clock
    longest_busy_s: float = 0.0  # that this thread had a processor, from one beat to the next
    slowest_end_s: float = 0.0  # until the threads and processes of a closed window had ended
    heaviest_load: float = 0.0  # of the machine, by others as well
    samples: list[Sample] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    complaints: dict[str, int] = field(default_factory=dict)  # of Qt, which are no faults of themselves
    standstills: list[str] = field(default_factory=list)
    ended: str = "not"

    def as_dict(self) -> dict[str, Any]:
        """For a JSON file."""
        return asdict(self)


class Faults:
    """Hears every exception that nobody caught, in any thread, every Python warning and Qt's complaints."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        sys.excepthook = self._on_exception
        threading.excepthook = lambda args: self._note("".join(traceback.format_exception(args.exc_value)))
        sys.unraisablehook = lambda args: self._note(
            "".join(traceback.format_exception(args.exc_value)) + f"\n(unraisable, in {args.object!r})"
        )
        warnings.simplefilter("always")
        warnings.showwarning = self._on_warning
        qInstallMessageHandler(self._on_complaint)

    def note(self, what: str) -> None:
        """A fault that was caught, but is one."""
        self._note(what)

    def _note(self, what: str) -> None:
        sys.stderr.write(f"{what}\n")  # at once: the next moment may be the last
        if len(self._findings.faults) < MOST_TOLD:
            self._findings.faults.append(f"action {self._findings.actions}: {what}")

    def _on_exception(
        self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        self._note("".join(traceback.format_exception(error)))

    def _on_warning(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        self._note(f"{category.__name__}: {message} ({filename}:{lineno})")

    def _on_complaint(self, _kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
        if OWN_COMPLAINT in text:
            return
        told = self._findings.complaints
        if text not in told:
            sys.stderr.write(f"Qt said: {text}\n")
        if text in told or len(told) < MOST_TOLD:
            told[text] = told.get(text, 0) + 1


class Heartbeat(QObject):
    """A timer of the GUI thread and a thread that watches it: how long the window ever stood still.

    On a busy machine a thread also stands still because others have the processors; the kernel says for how
    long (`/proc/self/task/*/schedstat`, where there is one), and that is no fault of the program.
    """

    def __init__(self, findings: Findings) -> None:
        super().__init__()
        self._findings = findings
        self._main = threading.main_thread()
        task = Path(f"/proc/self/task/{self._main.native_id}/schedstat")
        self._schedule = task if task.exists() else None
        self._last, (self._ran, self._queued) = time.monotonic(), self._schedule_of_late()
        self._stack = ""
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._beat)
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="heartbeat", daemon=True)

    @property
    def threads(self) -> tuple[threading.Thread, ...]:
        """Those that are no part of a window: the main one and the one that watches it."""
        return (self._main, self._watcher)

    def start(self) -> None:
        """Begin to count."""
        self._last, (self._ran, self._queued) = time.monotonic(), self._schedule_of_late()
        self._timer.start(BEAT_MS)
        self._watcher.start()

    @contextmanager
    def resting(self) -> Iterator[None]:
        """While another window is made, which takes a start's time."""
        self._timer.stop()
        try:
            yield
        finally:
            self._last, (self._ran, self._queued) = time.monotonic(), self._schedule_of_late()
            self._timer.start(BEAT_MS)

    def stop(self) -> None:
        """Count no more."""
        self._timer.stop()
        self._over.set()
        self._watcher.join()

    def _schedule_of_late(self) -> tuple[float, float]:
        """Seconds that the GUI thread ran, and that it was ready to run and had no processor."""
        if self._schedule is None:
            return time.thread_time(), 0.0
        ran, queued, _ = self._schedule.read_text().split()
        return int(ran) / 1e9, int(queued) / 1e9

    def _beat(self) -> None:
        now, (ran, queued) = time.monotonic(), self._schedule_of_late()
        gap = now - self._last
        standstill = gap - (queued - self._queued)
        found = self._findings
        found.longest_busy_s = max(found.longest_busy_s, ran - self._ran)
        self._last, self._ran, self._queued = now, ran, queued
        found.longest_gap_s = max(found.longest_gap_s, gap)
        found.longest_standstill_s = max(found.longest_standstill_s, standstill)
        if standstill > SUSPICIOUS_S and len(found.standstills) < MOST_TOLD:
            found.standstills.append(f"action {found.actions}: {standstill:.2f} s\n{self._stack}")
        self._stack = ""

    def _watch(self) -> None:
        """The watching thread."""
        while not self._over.wait(LOOK_S):
            is_late = self._timer.isActive() and time.monotonic() - self._last > SUSPICIOUS_S / 2
            if is_late and not self._stack:
                frame = sys._current_frames().get(self._main.ident or 0)
                self._stack = "".join(traceback.format_stack(frame)[-8:]) if frame else ""


def take_sample(actions: int, seconds: float, worker: int | None = None) -> Sample:
    """Count what the process holds, after what can be given back has been; `worker` trains for it."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)  # else the gaps that big networks left behind look like a leak
    files = _open_files()
    return Sample(
        actions,
        seconds,
        _resident_mb("self"),
        _allocated_mb(),
        0.0 if worker is None else _resident_mb(str(worker)),
        threading.active_count(),
        len(multiprocessing.active_children()),
        sum(files.values()),
        sys.getrefcount(None),
        dict(Counter(type(thing).__name__ for thing in gc.get_objects()).most_common(40)),
        files,
        len(QApplication.topLevelWidgets()),
        sys.getallocatedblocks(),
    )


def _open_files() -> dict[str, int]:
    """What is open: pipes, sockets, files by name."""
    found: Counter[str] = Counter()
    for handle in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):  # closed meanwhile, such as that of this list itself
            found[str(handle.readlink()).split(":[")[0]] += 1
    return dict(found)


def _resident_mb(process: str) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    line = next((line for line in status.splitlines() if line.startswith("VmRSS")), "VmRSS: 0")
    return int(line.split()[1]) / 1024


_OF_MALLINFO2 = (
    "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
)  # fmt: skip


class _Mallinfo(ctypes.Structure):
    """What glibc's mallinfo2(3) tells, in bytes."""

    _fields_ = [(name, ctypes.c_size_t) for name in _OF_MALLINFO2]


def _allocated_mb() -> float:
    """0 where the C library does not tell."""
    tell = getattr(ctypes.CDLL(None), "mallinfo2", None) if sys.platform == "linux" else None
    if tell is None:
        return 0.0
    tell.restype = _Mallinfo
    told = tell()
    return float(told.uordblks + told.hblkhd) / 2**20


def left_over(
    threads: Sequence[threading.Thread], staying: Callable[[], Sequence[int]], patience_s: float
) -> list[str]:
    """Names of threads and processes that others than these still are when patience is over; none is best."""
    deadline = time.monotonic() + patience_s
    while True:
        left = [thread.name for thread in threading.enumerate() if thread not in threads]
        children, kept = multiprocessing.active_children(), staying()
        left += [f"process {child.name} {child.pid}" for child in children if child.pid not in kept]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.002)
