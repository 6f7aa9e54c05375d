"""The networks that are timed, and what their training is to reach beside PyTorch's."""

from dataclasses import dataclass

CELLS = ("rnn", "lstm", "gru")


@dataclass(frozen=True, slots=True)
class Configuration:
    """One layer with an embedding as wide as it: B sequences, T time steps, H units, V tokens."""

    B: int
    T: int
    H: int
    V: int
    goals: tuple[float, float, float]  # times PyTorch's speed, in the order of CELLS, with one worker
    with_two: tuple[float, float, float]  # the same, with two

    def __str__(self) -> str:
        return f"{self.B} {self.T} {self.H} {self.V}"

    @property
    def tokens(self) -> int:
        """Tokens of one update."""
        return self.B * self.T

    def goal(self, cell: str) -> float:
        """What is to be reached with this cell."""
        return self.goals[CELLS.index(cell)]

    def goal_with_two(self, cell: str) -> float:
        """What two workers are to reach with it."""
        return self.with_two[CELLS.index(cell)]


CONFIGURATIONS = (
    Configuration(1, 25, 100, 80, (7.0, 2.7, 5.8), (7.0, 2.7, 5.8)),
    Configuration(16, 32, 128, 80, (2.6, 1.0, 2.2), (3.8, 1.65, 3.4)),
    Configuration(50, 50, 128, 83, (1.45, 0.8, 1.5), (2.95, 1.45, 2.85)),
    Configuration(100, 100, 128, 83, (1.25, 0.8, 1.2), (2.7, 2.0, 2.6)),
    Configuration(100, 100, 512, 83, (0.9, 0.9, 0.95), (1.85, 1.7, 1.75)),
    Configuration(20, 35, 200, 10_000, (0.8, 0.8, 0.8), (1.55, 1.3, 1.4)),
)
