"""Saves by itself: every minute while the network learns, and offers at the next start what a crash left.

The training thread only copies its arrays, the window only passes the copy on: a thread of its own writes.
"""

import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QMenu

from rnnviz.gui.kept import Kept, KeptNetworks
from rnnviz.gui.run import Message, Run
from rnnviz.gui.session import Session
from rnnviz.text import Passage
from rnnviz.training import CheckpointError, Job, Keep, RunCopy, Saved, SnapshotKept, copy_of

INTERVAL_S = 60.0
SHORTEST_S = 10.0
"""Between two copies, however often training is paused."""
WRITING_SHARE = 0.05
"""Of the time at most: a slow disk is written to less often."""
LARGEST_BYTES = 400_000_000
LARGEST_AT_CLOSE_BYTES = 20_000_000
"""What is written while the window closes; more would make it linger."""
CLOSING_PATIENCE_S = 2.0
BRING_BACK, THROW_AWAY = "bring-back", "throw-away"


class Autosave(QObject):
    """Keeps the session's run, one file a run; a run that goes back to its start begins another."""

    restore_wanted = Signal(object)  # Kept

    def __init__(
        self, session: Session, store: KeptNetworks, parent: QObject, interval_s: float = INTERVAL_S
    ) -> None:
        super().__init__(parent)
        self._session, self._store, self._interval_s = session, store, interval_s
        self._path = store.new_path()
        self._step = 0  # of the newest copy taken, or saved by the user
        self._saved_step = -1  # saved by the user
        self._last_copy_s = time.monotonic()
        self._pause_s = interval_s
        self._asked = False  # for a copy; a process that trains hands out others of its own accord
        self._owing = False  # updates have been made that no copy has
        self._job: Job[float] | None = None
        self._next: tuple[RunCopy, Path, Passage] | None = None  # waits for the one that is being written
        self._told = ""  # the last trouble, told once
        self._offered: Kept | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(round(min(interval_s / 2, 1.0) * 1000))
        self._timer.timeout.connect(self.look)
        session.run_replaced.connect(self._on_run)
        session.resumed.connect(self._on_resumed)
        session.state_changed.connect(self._on_state)
        session.heard.connect(self._on_event)
        session.starting_over.connect(self._on_starting_over)
        session.closed.connect(self._on_close)
        if session.run is not None:  # it was there before keeping began, and may be learning already
            self._step = session.run.experiment.step
            self._on_state(session.state)

    # -- keeping ----------------------------------------------------------------------------------------

    def look(self) -> None:
        """On the timer: see how the writing goes, and ask for a copy when it is time."""
        self._poll()
        running = self._session.state == "running"
        if self._owing and self._waited(self._pause_s if running else min(SHORTEST_S, self._interval_s)):
            self._copy_now()
            self._owing = running
        elif not self._owing and self._job is None and self._next is None:
            self._timer.stop()

    def _waited(self, seconds: float) -> bool:
        return time.monotonic() - self._last_copy_s >= seconds

    def _copy_now(self) -> None:
        self._last_copy_s, self._asked = time.monotonic(), True
        self._session.send(Keep())

    def _on_run(self, run: Run) -> None:
        """Another run is kept in another file. An offer is made again: the window has cleared it."""
        self._begin_file(run.experiment.step)
        if self._offered is not None:
            self._offer(self._offered)

    def _begin_file(self, step: int) -> None:
        """What comes is kept in another file; there is nothing to keep yet."""
        self._path, self._step, self._saved_step = self._store.new_path(), step, -1
        self._last_copy_s, self._owing, self._asked = time.monotonic(), False, False

    def _on_state(self, state: str) -> None:
        if state == "running":
            self._owing = True
            self._timer.start()
        elif state == "ready" and self._step > 0:  # it has started over: what was learned stays where it is
            self._begin_file(0)
        elif self._owing:  # paused or failed, with updates that no copy has
            self.look()

    def _on_starting_over(self) -> None:
        """What has been learned for so long that it is worth a file stays, beside what is learned anew."""
        if self._path.exists() or self._waited(self._interval_s):
            self._copy_now()

    def _on_event(self, event: object) -> None:
        match event:
            case SnapshotKept(snapshot=snapshot, settings=settings) if self._asked:
                self._asked = False
                assert self._session.run is not None
                self._take(RunCopy(self._session.run.experiment, settings, snapshot))
            case Saved(step=step) if step >= self._step:
                self._step = self._saved_step = step
                self._next = None
                self._store.remove(self._path)  # its user has it: nothing is lost any more

    def _take(self, copy: RunCopy) -> None:
        step = copy.snapshot.step
        if step == self._step:
            return
        if copy.n_bytes > LARGEST_BYTES:
            self._tell(f"A network of {copy.n_bytes / 1e6:,.0f} MB is too large to be saved by itself.")
            return
        if step < self._step:  # it has gone back, to undo something
            self._begin_file(step)
        assert self._session.run is not None
        self._step = step
        self._next = copy, self._path, self._session.run.passage
        self._poll()
        self._timer.start()

    def _poll(self) -> None:
        """Hear of what is written, and begin to write what waits."""
        if self._job is not None:
            state = self._job.poll()
            if state == "running":
                return
            job, self._job = self._job, None
            if state == "failed":
                self._tell(job.error)
            elif state == "done":
                self._told = ""
                self._pause_s = max(self._interval_s, job.result / WRITING_SHARE)
            if self._saved_step >= self._step:
                self._store.remove(self._path)
        if self._next is not None:
            kept, self._next = self._next, None
            self._job = Job(partial(_write, self._store, *kept))
            self._job.start()

    def _tell(self, trouble: str) -> None:
        if trouble != self._told:
            self._told = trouble
            remedy = "Training goes on. Save the network yourself, with Save network in the File menu."
            self._session.message.emit(Message(trouble, remedy, "warning"))

    def _on_close(self) -> None:
        """The training thread has ended: what it did last is written here, if that takes but a moment."""
        self._timer.stop()
        if self._job is not None:
            self._job.join(CLOSING_PATIENCE_S)
        run = self._session.run
        # Less than an interval's work of a network that was never worth a file is not worth one now.
        if run is not None and not run.trainer.is_alive() and (self._path.exists() or self._next):
            copy = copy_of(run.experiment)
            if copy.n_bytes <= LARGEST_AT_CLOSE_BYTES and copy.snapshot.step > self._saved_step:
                try:
                    self._store.keep(copy, self._path, run.passage)
                except (OSError, CheckpointError):
                    self._told = "what was written before stays"
        self._store.close()

    # -- bringing back ------------------------------------------------------------------------------------

    def offer_lost(self) -> None:
        """Offer the newest network that a crash left, once a text is open; the others are in the menu."""
        lost = self._store.lost()
        if lost:
            self._offered = lost[0]
            if self._session.run is not None:
                self._offer(lost[0])

    def _offer(self, kept: Kept) -> None:
        self._session.message.emit(
            Message(
                f"rnnviz ended before this network was saved: {kept.title}.",
                "It was kept. The File menu has it too, under Kept networks.",
                actions=(("Bring it back", BRING_BACK), ("Throw away", THROW_AWAY)),
            )
        )

    def on_action(self, key: str) -> None:
        """A button of the offer was pressed."""
        if self._offered is None or key not in (BRING_BACK, THROW_AWAY):
            return
        kept, self._offered = self._offered, None
        if key == BRING_BACK:
            self.restore_wanted.emit(kept)
        else:
            self._store.remove(kept.path)

    def _on_resumed(self, path: Path) -> None:
        """A saved network goes on: of a kept one its file is this run's from now on."""
        for kept in self._store.all():
            if kept.path == path and kept.abandoned:
                try:
                    self._path = self._store.adopt(kept)
                except OSError:  # it stays where it is, and the run has the file that it was given
                    return
                return
        self._saved_step = self._step

    def fill_menu(self, menu: QMenu) -> None:
        """The kept networks, newest first, each to be brought back."""
        menu.clear()
        for kept in self._store.all():
            if kept.path != self._path and (kept.abandoned or self._store.is_own(kept.path)):
                menu.addAction(kept.title.replace("&", "&&")).triggered.connect(partial(self._restore, kept))
        if menu.isEmpty():
            menu.addAction("Nothing is kept yet").setEnabled(False)

    def _restore(self, kept: Kept, _checked: bool = False) -> None:
        self.restore_wanted.emit(kept)


def _write(store: KeptNetworks, copy: RunCopy, path: Path, passage: Passage, *_: object) -> float:
    """Saving thread: how many seconds it took."""
    began = time.monotonic()
    try:
        store.keep(copy, path, passage)
    except OSError as error:
        reason = error.strerror or error
        raise CheckpointError(
            f"The network cannot be saved by itself in {store.folder} ({reason})."
        ) from None
    return time.monotonic() - began
