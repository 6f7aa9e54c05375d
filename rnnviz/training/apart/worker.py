"""The worker's side: a trainer, and the two threads that speak to the process it works for."""

import multiprocessing
import queue
import signal
import threading
import time
from collections.abc import MutableSequence
from multiprocessing.connection import Connection
from typing import Any, Final

from rnnviz.training.apart.channel import Channel
from rnnviz.training.apart.messages import Begin, FrameTaken, Kept, Numbers, Watch
from rnnviz.training.commands import Keep
from rnnviz.training.dial import Dial
from rnnviz.training.events import SnapshotKept, StateChanged
from rnnviz.training.experiment import Experiment
from rnnviz.training.failures import failure_of
from rnnviz.training.scalar_log import LogMark, ScalarLog
from rnnviz.training.trainer import Trainer

NUMBERS_EVERY_S: Final = 0.05
KEEP_EVERY_S: Final = 5.0
"""How much training is lost at most when this process dies; rarer where a snapshot is expensive."""
_KEEPING_SHARE = 0.01  # of the time
_FRAME_LEFT: Final = object()


def serve(connection: "Connection[Any, Any]", numbers: MutableSequence[float]) -> None:
    """Wait for an experiment, train it as commanded, end when told to or when the other process is gone.

    `numbers` are the memory of the dial.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl+C in the terminal is for the window to answer
    multiprocessing.current_process().daemon = False  # which may have no processes that help it
    channel = Channel(connection)
    try:
        begin: Begin = channel.receive()
    except (EOFError, OSError):
        return
    try:
        vectors = tuple(lane.vectors for lane in begin.snapshot.lanes)
        experiment = Experiment.create(begin.corpus, begin.settings, vectors=vectors)
        experiment.restore(begin.snapshot)
        experiment.changes.count, experiment.run_number = begin.change, begin.run_number
        experiment.use_workers(begin.workers)
    except Exception as error:  # most likely there is no memory for a second network
        channel.send(failure_of(error, begin.snapshot.step))
        return
    logs = [ScalarLog() for _ in experiment.lanes]
    for log, part in zip(logs, begin.logs, strict=True):
        log.take(part)
    del begin
    _Host(channel, Trainer(experiment, logs, Dial(numbers))).run()


class _Host:
    """Passes on what comes to the trainer and what comes from it."""

    def __init__(self, channel: Channel, trainer: Trainer) -> None:
        self._channel = channel
        self._trainer = trainer
        self._outgoing: queue.SimpleQueue[Any] = trainer.events  # events, and _FRAME_LEFT among them
        self._marks: tuple[LogMark, ...] = tuple(log.mark for log in trainer.logs)
        self._may_send_frame = True
        self._numbered_at = 0.0
        self._kept_at = time.monotonic()
        self._kept_step = trainer.experiment.step
        self._keep_every = KEEP_EVERY_S
        self._asked_to_keep = 0.0

    def run(self) -> None:
        """Until the trainer's end."""
        self._trainer.mailbox.on_frame = lambda: self._outgoing.put(_FRAME_LEFT)
        self._trainer.start()
        threading.Thread(target=self._listen, name="listening", daemon=True).start()
        try:
            while not self._pass_on():
                pass
            self._send_numbers()
            experiment = self._trainer.experiment
            self._channel.send(Kept(experiment.snapshot(), experiment.settings))
            self._channel.send(StateChanged("closed"))
        except OSError:  # the other process is gone: nobody is left to tell
            self._trainer.close()
        self._trainer.join()

    def _listen(self) -> None:
        """A thread of its own: hand what comes to the trainer."""
        trainer = self._trainer
        try:
            while True:
                message = self._channel.receive()
                match message:
                    case Watch(request=request):
                        self._may_send_frame = True
                        trainer.mailbox.post_request(request)
                    case FrameTaken():
                        self._may_send_frame = True
                        self._outgoing.put(_FRAME_LEFT)
                    case _:
                        trainer.send(message)
        except (EOFError, OSError):
            trainer.close()

    def _pass_on(self) -> bool:
        """Send what there is, or wait for it a while; True at the trainer's end."""
        running = self._trainer.state == "running"
        try:
            item = self._outgoing.get(timeout=NUMBERS_EVERY_S if running else None)
        except queue.Empty:
            item = None
        if running:
            self._ask_to_keep()
        if item is None or time.monotonic() - self._numbered_at >= NUMBERS_EVERY_S or item is not _FRAME_LEFT:
            self._send_numbers()  # before the event, which must not speak of updates that nobody heard of
        if item is _FRAME_LEFT:
            self._send_frame()
        elif isinstance(item, SnapshotKept):
            self._send_snapshot(item)
        elif item == StateChanged("closed"):
            return True
        elif item is not None:
            self._channel.send(item)
        return False

    def _send_numbers(self) -> None:
        experiment = self._trainer.experiment
        step = experiment.step
        news = [log.news(mark) for log, mark in zip(self._trainer.logs, self._marks, strict=True)]
        self._marks = tuple(mark for _, mark in news)
        self._numbered_at = time.monotonic()
        parts = tuple(part for part, _ in news)
        place = step, experiment.epoch, experiment.position
        self._channel.send(Numbers(*place, experiment.run_number, parts))

    def _send_frame(self) -> None:
        if not self._may_send_frame:
            return
        frame = self._trainer.mailbox.take()
        if frame is not None:
            self._may_send_frame = False
            self._channel.send(frame)

    def _ask_to_keep(self) -> None:
        now = time.monotonic()
        if now - self._kept_at >= self._keep_every and self._trainer.experiment.step != self._kept_step:
            self._kept_at = self._asked_to_keep = now
            self._trainer.send(Keep())

    def _send_snapshot(self, kept: SnapshotKept) -> None:
        self._kept_step = kept.snapshot.step
        self._channel.send(Kept(kept.snapshot, kept.settings))
        took = time.monotonic() - self._asked_to_keep
        self._keep_every = max(KEEP_EVERY_S, took / _KEEPING_SHARE)
