"""Every order of commands to a trainer, up to a length, with delays between them: what it tells must add up.

Of each order: the states are legal and follow each other legally; every command is answered, none is lost;
the thread ends; and every trace that came is whole: its seal says that its arrays are those that were made
together, and from its own updates (`step`) and passage it can be made again, bit for bit, by an experiment
that nobody disturbed.

    python -m attacks.interleavings [--length 4] [--seed 0] [--orders N] [--apart]

`--orders` takes so many at random instead of all; `--apart` has the training done by another process.
"""

import argparse
import itertools
import queue
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from attacks.subject import small_run
from rnnviz.probes import Trace, TraceRequest
from rnnviz.text import Passage
from rnnviz.training import (
    ApartTrainer,
    ChangeSetting,
    Close,
    Command,
    Event,
    Experiment,
    Frame,
    Intervene,
    Intervened,
    InterventionRefused,
    OneUpdate,
    Pause,
    Reserve,
    Save,
    Saved,
    ScaleRecurrent,
    SettingChanged,
    StartOver,
    StateChanged,
    Train,
    Trainer,
    UndoIntervention,
    Validate,
    Validated,
    checkpoint,
    trace_request,
)

COMMANDS = (
    "start",
    "pause",
    "step",
    "reset",
    "load",
    "close",
    "intervene",
    "undo",
    "validate",
    "change",
    "save",
)
PATIENCE_S = 20.0
MOST_UPDATES_REMADE = 400
DELAYS_S = (0.0, 0.0, 0.0002, 0.002, 0.01)
LEGAL = {
    "ready": {"running", "paused", "failed", "closed"},
    "running": {"ready", "paused", "failed", "closed"},
    "paused": {"ready", "running", "failed", "closed"},
    "failed": {"ready", "running", "paused", "closed"},
    "closed": set[str](),
}


Trainers = Callable[[Experiment], Trainer | ApartTrainer]


@dataclass(slots=True)
class Told:
    """What the orders came to."""

    orders: int = 0
    commands: int = 0
    events: int = 0
    traces: int = 0
    traces_remade: int = 0
    ends_compared: int = 0
    wrong: list[str] = field(default_factory=list)


class Undisturbed:
    """The same run by plain updates: its bits and its traces after each."""

    def __init__(self, folder: Path) -> None:
        self._experiment, self._file = small_run(), folder / "undisturbed"
        request = request_of(self._experiment)
        self._request = request
        self._files: list[bytes] = []
        self._traces: list[Trace] = []
        self._note()

    def _note(self) -> None:
        checkpoint.save(self._experiment, self._file)
        self._files.append(self._file.read_bytes())
        self._traces.append(self._experiment.trace(self._request)[0])

    def _reach(self, step: int) -> bool:
        while len(self._files) <= min(step, MOST_UPDATES_REMADE):
            self._experiment.update()
            self._note()
        return step < len(self._files)

    def same_file(self, step: int, file: bytes) -> bool:
        """Whether a checkpoint is what plain updates leave; true of what is too far on to be remade."""
        return not self._reach(step) or self._files[step] == file

    def differences(self, trace: Trace) -> list[str]:
        """Which arrays of a trace are not those of its update."""
        return different(trace, self._traces[trace.step]) if self._reach(trace.step) else []


def request_of(experiment: Experiment) -> TraceRequest:
    """What is watched all the while."""
    request = trace_request(
        experiment.corpus, Passage("Napoleon was the Emperor of", "France"), frozenset(), 1
    )
    assert request is not None, "the text has these words"
    return request


def place_of(frame: Frame) -> tuple[int, int, int]:
    """Which network a frame shows: how often it was started over, how often changed, its updates."""
    return frame.run, frame.change, frame.step


def different(one: Trace, other: Trace) -> list[str]:
    """The names of the arrays that both have and that differ in any bit."""
    names = ("hidden", "loss", "dloss_dhidden", "gradient_matrix", "state_gradient_matrix", "target_prob")
    pairs = ((name, getattr(one, name), getattr(other, name)) for name in names)
    return [name for name, a, b in pairs if a.tobytes() != b.tobytes()]


class Order:
    """One order of commands to one trainer, or to several where one is replaced."""

    def __init__(self, names: Sequence[str], trainers: Trainers, told: Told, plain: Undisturbed) -> None:
        self._names, self._trainers, self._told, self._plain = names, trainers, told, plain
        self._old: list[Trainer | ApartTrainer] = []
        self._begin()

    def _begin(self) -> None:
        self._trainer = self._trainers(small_run())
        self._is_plain = True  # no weight has been changed but by updates
        self._sent: list[tuple[str, Command]] = []
        self._events: list[Event] = []
        self._state = "ready"
        self._frames: list[Frame] = []
        self._trainer.start()
        self._trainer.mailbox.post_request(request_of(self._trainer.experiment))

    def carry_out(self, chance: random.Random, file: Path) -> None:
        """Give the commands, bring the trainer to rest, end it, and look at everything it told."""
        for name in self._names:
            time.sleep(chance.choice(DELAYS_S))
            self._give(name, file)
            if chance.random() < 0.5:
                self._take_frame()
        if "close" not in [name for name, _ in self._sent]:
            self._bring_to_rest(file)
        self._end()
        for old in self._old:
            old.join(PATIENCE_S)
            if old.is_alive():
                self._note("a trainer that was replaced does not end")
        self._look_at_frames()
        self._look_at_answers()
        self._told.orders += 1

    def _note(self, what: str) -> None:
        self._told.wrong.append(f"{' '.join(self._names)}: {what}")

    def _give(self, name: str, file: Path) -> None:
        self._told.commands += 1
        if name == "load":
            self._drain()
            self._trainer.close()
            self._old.append(self._trainer)
            self._begin()
            return
        command = command_of(name, file)
        self._is_plain = self._is_plain and name not in ("intervene", "undo")
        self._sent.append((name, command))
        if name == "close":
            self._trainer.close()
        else:
            self._trainer.send(command)

    def _take_frame(self) -> None:
        frame = self._trainer.mailbox.take()
        if frame is not None:
            self._frames.append(frame)

    def _drain(self) -> None:
        while True:
            try:
                self._hear(self._trainer.events.get_nowait())
            except queue.Empty:
                return

    def _hear(self, event: Event) -> None:
        self._told.events += 1
        self._events.append(event)
        if isinstance(event, StateChanged):
            if event.state not in LEGAL[self._state]:
                self._note(f"{self._state} became {event.state}")
            self._state = event.state

    def _bring_to_rest(self, file: Path) -> None:
        """Pause and save: an answer to the last command of all says that those before were taken."""
        resting = file.with_name("resting")
        for name, command in (("pause", Pause()), ("save", Save(resting))):
            self._sent.append((name, command))
            self._trainer.send(command)
        deadline = time.monotonic() + PATIENCE_S
        while not any(isinstance(event, Saved) and event.path == resting for event in self._events):
            try:
                self._hear(self._trainer.events.get(timeout=max(deadline - time.monotonic(), 0.001)))
            except queue.Empty:
                self._note("no answer to the last command")
                return
            self._take_frame()
        saved = next(e for e in reversed(self._events) if isinstance(e, Saved) and e.path == resting)
        if self._names[-1] == "reset" and saved.step != 0:
            self._note(f"started over, and stands at update {saved.step}")
        if self._is_plain:
            self._told.ends_compared += 1
            if not self._plain.same_file(saved.step, resting.read_bytes()):
                self._note(f"update {saved.step} is not that of plain updates")
        self._rest_frame(saved.step)
        self._wait_for_validation()

    def _rest_frame(self, step: int) -> None:
        """The frame of the network at rest comes, too."""
        deadline = time.monotonic() + PATIENCE_S
        change = max((e.change for e in self._events if isinstance(e, Intervened)), default=0)
        here = (sum(name == "reset" for name, _ in self._sent), change, step)
        while not self._frames or place_of(self._frames[-1]) != here:
            if time.monotonic() > deadline:
                self._note(f"no trace of update {step} comes at rest")
                return
            self._take_frame()
            time.sleep(0.0002)

    def _end(self) -> None:
        self._trainer.close()
        self._trainer.join(PATIENCE_S)
        if self._trainer.is_alive():
            self._note("does not end")
        self._drain()
        if self._state != "closed" or self._trainer.state != "closed":
            self._note(f"ended as {self._state}")

    def _look_at_frames(self) -> None:
        for frame in self._frames:
            self._told.traces += 1
            if not all(trace.is_whole for trace in frame.traces):
                self._note(f"the trace of update {frame.step} is not as it was made")
            if self._is_plain:
                self._told.traces_remade += 1
                if torn := self._plain.differences(frame.traces[0]):
                    self._note(f"the trace of update {frame.step} is torn: {torn}")
        if self._frames and "close" not in self._names:
            last, experiment = self._frames[-1], self._trainer.experiment
            remade = experiment.trace(request_of(experiment))[0]
            if last.step == experiment.step:
                self._told.traces_remade += 1
                if torn := different(last.traces[0], remade):
                    self._note(f"the last trace, of update {last.step}, is not of the network: {torn}")

    def _look_at_answers(self) -> None:
        """Each command that is always answered is; not what starting over and the end may drop."""
        names = [name for name, _ in self._sent]
        before_end = names[: names.index("close")] if "close" in names else names
        for kind, who in ANSWERS:
            expected = sum(name in who for name in before_end)
            got = sum(isinstance(event, kind) for event in self._events)
            if got < expected:
                self._note(f"{expected} of {who} sent, {got} answered")

    def _wait_for_validation(self) -> None:
        """One that was asked for comes, unless the run was started over meanwhile."""
        names = [name for name, _ in self._sent]
        last_reset = max((i for i, name in enumerate(names) if name == "reset"), default=-1)
        expected = names[last_reset + 1 :].count("validate")
        deadline = time.monotonic() + PATIENCE_S
        while sum(isinstance(event, Validated) for event in self._events) < expected:
            try:
                self._hear(self._trainer.events.get(timeout=max(deadline - time.monotonic(), 0.001)))
            except queue.Empty:
                self._note("a validation was lost")
                return


ANSWERS: tuple[tuple[type | tuple[type, ...], tuple[str, ...]], ...] = (
    ((Intervened, InterventionRefused), ("intervene", "undo")),
    ((SettingChanged,), ("change",)),
    ((Saved,), ("save",)),
)


def command_of(name: str, file: Path) -> Command:
    """The command of a name. A learning rate is "changed" to what it is, so that the bits stay the same."""
    rate = small_run_rate()
    commands: dict[str, Command] = {
        "start": Train(),
        "pause": Pause(),
        "step": OneUpdate(),
        "reset": StartOver(),
        "intervene": Intervene(ScaleRecurrent(0.7)),
        "undo": UndoIntervention(),
        "validate": Validate(),
        "change": ChangeSetting("lr", rate),
        "save": Save(file),
        "close": Close(),
    }
    return commands[name]


@lru_cache(maxsize=1)
def small_run_rate() -> float:
    """The learning rate of the run."""
    return small_run().settings.lane.lr


def explore(length: int, seed: int, trainers: Trainers, folder: Path, orders: int | None = None) -> Told:
    """All orders up to a length, or so many of them by chance."""
    chance, told, plain = random.Random(seed), Told(), Undisturbed(folder)
    every = [names for n in range(1, length + 1) for names in itertools.product(COMMANDS, repeat=n)]
    if orders is not None:
        every = chance.sample(every, min(orders, len(every)))
    for names in every:
        Order(names, trainers, told, plain).carry_out(chance, folder / "saved")
    return told


def main(argv: Sequence[str]) -> int:
    """Explore, print the counts; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--length", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--orders", type=int, help="so many by chance instead of all")
    parser.add_argument("--apart", action="store_true", help="training in another process")
    said = parser.parse_args(argv)
    print(f"seed {said.seed}, {'another process' if said.apart else 'a thread'}")
    reserve = Reserve(ahead=True)
    trainers: Trainers = (lambda experiment: ApartTrainer(experiment, (), reserve)) if said.apart else Trainer
    with TemporaryDirectory() as folder:
        told = explore(said.length, said.seed, trainers, Path(folder), said.orders)
    reserve.close()
    print(f"{told.orders} orders of up to {said.length}: {told.commands} commands, {told.events} events")
    print(
        f"{told.traces} traces, {told.traces_remade} made again; {told.ends_compared} ends equal to the bit"
    )
    print(f"{len(told.wrong)} violations")
    for line in told.wrong[:40]:
        print(f"  {line}")
    return int(bool(told.wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
