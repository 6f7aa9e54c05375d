"""Any commands in any order leave what plain updates would have left."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rnnviz.training import (
    ChangeSetting,
    OneUpdate,
    Pause,
    RecordUpdate,
    Save,
    Saved,
    SettingChanged,
    StartOver,
    Train,
    Trainer,
    Updated,
    UpdateRecorded,
    Validate,
    Validated,
    WriteOn,
    Written,
    checkpoint,
)
from tests.training.runs import bits, event, frame, request, small_experiment, small_text, until_state


class AnyCommands(RuleBasedStateMachine):
    """A trainer beside an experiment that only ever makes plain updates."""

    def __init__(self) -> None:
        super().__init__()
        self.plain = small_experiment(reset=0.3)
        self.folder = tempfile.TemporaryDirectory()
        self.trainer = Trainer(small_experiment(reset=0.3))
        self.trainer.start()
        self.generation = 0
        self.rate = self.plain.settings.lane.lr

    def follow(self, n: int) -> None:
        """Wait until the trainer rests, and make the same updates plainly."""
        self.settle()
        for _ in range(n):
            self.plain.update()

    def settle(self) -> None:
        """Wait for an answer, so that all events from before are there, and throw them away."""
        self.trainer.send(Validate())
        event(self.trainer, Validated)
        while not self.trainer.events.empty():
            self.trainer.events.get()

    @rule(n=st.integers(1, 40))
    def train(self, n: int) -> None:
        self.trainer.send(Train(until=self.plain.step + n))
        until_state(self.trainer, "paused")
        self.follow(n)

    @rule()
    def train_until_paused(self) -> None:
        before = self.plain.step
        self.trainer.send(Train())
        until_state(self.trainer, "running")
        self.trainer.send(Pause())
        self.settle()
        self.follow(self.trainer.experiment.step - before)

    @rule()
    def one_update(self) -> None:
        self.trainer.send(OneUpdate())
        event(self.trainer, Updated)
        self.follow(1)

    @rule()
    def record_update(self) -> None:
        self.trainer.send(RecordUpdate())
        event(self.trainer, UpdateRecorded)
        self.follow(1)

    @rule()
    def start_over(self) -> None:
        self.trainer.send(StartOver())
        self.settle()
        self.plain = small_experiment(reset=0.3)
        self.plain.change("lr", self.rate)

    @rule(rate=st.sampled_from([0.001, 0.02, 0.1]))
    def change_rate(self, rate: float) -> None:
        self.trainer.send(ChangeSetting("lr", rate))
        event(self.trainer, SettingChanged)
        self.plain.change("lr", rate)
        self.rate = rate

    @rule(length=st.integers(1, 4))
    def watch(self, length: int) -> None:
        self.generation += 1
        passage = " ".join(["Napoleon", "was", "the", "Emperor"][:length])
        self.trainer.mailbox.post_request(request(self.plain, self.generation, passage))
        shown = frame(self.trainer)
        assert (shown.generation, shown.step) == (self.generation, self.plain.step)

    @rule(seed=st.integers(0, 9))
    def write_on(self, seed: int) -> None:
        self.trainer.send(WriteOn((1, 2), 9, 0.8, seed))
        assert list(event(self.trainer, Written).ids) == self.plain.write_on((1, 2), 9, 0.8, seed)

    @rule()
    def save_and_resume(self) -> None:
        path = Path(self.folder.name) / "x"
        self.trainer.send(Save(path))
        event(self.trainer, Saved)
        self.trainer.close()
        self.trainer.join()
        self.trainer = Trainer(checkpoint.read(path).experiment(small_text()))
        self.trainer.start()

    @invariant()
    def the_bits_are_those_of_plain_updates(self) -> None:
        assert bits(self.trainer.experiment) == bits(self.plain)
        assert self.trainer.state == ("paused" if self.plain.step else "ready")

    def teardown(self) -> None:
        self.trainer.close()
        self.trainer.join(10)
        assert not self.trainer.is_alive()
        self.folder.cleanup()


TestAnyCommands = AnyCommands.TestCase
TestAnyCommands.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
