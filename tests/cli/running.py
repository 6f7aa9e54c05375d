"""What the tests of the command line share: a small text, small settings, and what a command came to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

SENTENCES = (
    "Napoleon was the Emperor of France . Alexander was the Emperor of Russia . "
    "The Emperor of Russia knew the Emperor of France . They met on a raft .\n"
)
SMALL: Sequence[str] = ("--hidden", "8", "--window", "5", "--batch", "4")


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str

    @property
    def error_line(self) -> str:
        """The one line that a refusal is."""
        assert self.status == 2, self
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("rnnviz: ")
        assert "Traceback" not in self.err
        return self.err


Run = Callable[..., Outcome]
