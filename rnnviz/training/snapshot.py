"""What an experiment needs, beside its corpus and settings, to go on bit for bit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from rnnviz.text import WordVectors
from rnnviz.training.frame import LaneFailure
from rnnviz.training.interventions import Held


@dataclass(frozen=True, slots=True)
class LaneSnapshot:
    """One lane, its arrays in PyTorch's names and layout."""

    parameters: Mapping[str, NDArray[Any]]
    optimizer: Mapping[str, NDArray[Any]]  # "step_count", and "m/weight_hh_l0" and so on
    state: Mapping[str, NDArray[Any]]  # "hidden" (L, B, H), "cell" for the LSTM
    loss_sum: float  # over the windows of the epoch under way
    n_losses: int
    last_epoch_loss: float  # NaN before the first epoch's end
    dropout: Mapping[str, str]  # where the stream of dropped numbers stands
    failure: LaneFailure | None = None  # it has dropped out of its race
    held: tuple[Held, ...] = ()
    vectors: WordVectors | None = None  # that its embedding started from: to start over needs them

    @property
    def n_bytes(self) -> int:
        """Memory held by the arrays."""
        return sum(
            array.nbytes
            for group in (self.parameters, self.optimizer, self.state)
            for array in group.values()
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of an experiment, between two updates."""

    step: int  # updates done
    epoch: int  # finished
    position: int  # window in the epoch
    resets: Mapping[str, str]  # where the stream of resets stands
    lanes: tuple[LaneSnapshot, ...]

    @property
    def n_bytes(self) -> int:
        """Memory held by the arrays of all lanes."""
        return sum(lane.n_bytes for lane in self.lanes)
