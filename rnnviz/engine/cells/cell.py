"""What a cell is: everything that one recurrent layer knows and its model need not.

A cell is one file that subclasses `Cell` and one line in `cells/__init__.py`. It names its gates, state
parts and recurrent blocks, takes one layer through its time steps and back over arrays that the model has
allocated, and names the paths its error takes. What does not depend on the previous state is done by the
model for all steps together: the input projection, the weight gradients, the logits.

How the four cells fit:

- plain RNN: one block, one state part; `dpre` is both the gradient at W_ih x + b_ih and at W_hh h + b_hh.
- LSTM: blocks i f g o, state parts h and c; the error runs along c as well, through the second part of
  `dstate`; `dpre` as above.
- GRU: blocks r z n; b_hn stays inside r * (...), so `input_bias` leaves it out, and `drec` is an array
  of its own beside `dpre` (they differ in block n).
- feedforward: `recurrent` is False, so no W_hh, no b_hh, and nothing is carried from step to step.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import DTypeLike

from rnnviz.engine.activations import Activation
from rnnviz.engine.arrays import Floats, aligned_steps, aligned_zeros
from rnnviz.engine.errors import Stop
from rnnviz.engine.overrides import LayerOverrides
from rnnviz.engine.parameters import Layout, bias_layout, weight_layout


@dataclass(frozen=True, slots=True)
class Equation:
    """One line of a cell's mathematics, with what it means."""

    direction: Literal["forward", "backward"]
    formula: str  # plain Unicode
    meaning: str


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """One layer's parameters in memory layout; absent ones (feedforward) are empty arrays."""

    weight_ih: Floats  # (G, width, H)
    weight_hh: Floats  # (G, H, H), so that h @ weight_hh[g] is block g's recurrent part
    bias_ih: Floats  # (G, H)
    bias_hh: Floats  # (G, H)
    weight_hh_back: Floats  # (G, H, H) copy of weight_hh, transposed: a .T view costs twice as much a step


class LayerRun:
    """One layer's arrays of one window on the way forward.

    `pre` (G, T, B, H) holds the input projection on entry; the cell may turn it into its gates. `state`
    (S, T+1, B, H): row 0 is the initial state, part 0 is h. Both lie in `block` (G+S, T+1, B, H), in which
    row t of a state part is the state *before* step t: a gate and what it multiplies can be one view. Of a
    single sequence (B = 1) all parts of one step lie side by side: see `aligned_steps`.
    """

    def __init__(self, cell: "Cell", T: int, B: int, dtype: DTypeLike) -> None:
        G, S, H = len(cell.block_names), len(cell.state_parts), cell.hidden
        self.block: Floats = aligned_steps(G + S, T + 1, B, H, dtype)
        self.pre: Floats = self.block[:G, :T]
        self.state: Floats = self.block[G:]
        self.extra = cell.forward_arrays(T, B, dtype)
        self.steps = cell.forward_steps(self)


class LayerErrors:
    """One layer's arrays on the way back, for N errors side by side.

    `dstate` (S, T+1, N, H): on entry part 0 holds, in row k+1, the error that enters h_k from above (from the
    loss, or from the next layer), and everything else is 0; after it holds the total derivatives. `dpre`
    (G, T, N, H) is the gradient at the input projection, `drec` that at W_hh h + b_hh (often the same array).
    `carried` (T, N, H) is what step k sends back into h_{k-1} through its weights; one scratch row where
    nobody asks to keep it.

    With `first_error` t0, row n is the error of step t0 + n alone: rows of steps before k are zero at step k
    and are left out. With `reach_initial` the error is carried into the initial state, which training does
    not need. With `over`, for cells that allow it (`overlays`), `dpre` is written over the forward values in
    that run's `pre`, each step over its own: less memory to go through, but the gates are gone afterwards.
    Without `keep_states`, for cells that allow that too (`frees_projection`), `dstate` lies there, and `dpre`
    is written over it: an update of a plain RNN takes a quarter less memory.

    `trains` says that errors lie over a run's values: they go back through the weights of its way forward.

    `at_recurrent` has the errors at W_hh h + b_hh, (blocks, T, N, H), and the blocks that they belong to: all
    of `drec`, or piece by piece where a cell has them in several places.
    """

    def __init__(
        self,
        cell: "Cell",
        T: int,
        N: int,
        dtype: DTypeLike,
        *,
        first_error: int | None = None,
        keep_carried: bool = False,
        reach_initial: bool = False,
        over: LayerRun | None = None,
        keep_states: bool = True,
    ) -> None:
        G, S, H = len(cell.block_names), len(cell.state_parts), cell.hidden
        self.first_error, self.reach_initial = first_error, reach_initial
        self.trains = over is not None
        shares = over is not None and cell.frees_projection and not keep_states
        self.dstate: Floats = over.block[:1] if over and shares else aligned_zeros((S, T + 1, N, H), dtype)
        if over is not None and cell.overlays:
            self.dpre: Floats = self.dstate[:, 1:] if shares else over.pre
            self.extra = cell.backward_arrays_over(over)
        else:
            self.dpre = aligned_steps(G, T, N, H, dtype)
            self.extra = cell.backward_arrays(T, N, dtype)
        self.carried: Floats = aligned_zeros((T if keep_carried else 1, N, H), dtype)
        self.drec: Floats = self.extra.get("drec", self.dpre)
        self.at_recurrent = cell.errors_at_recurrent(self)
        self.steps = cell.backward_steps(self)
        self.slope_views: list[tuple[Floats, ...]] = []  # a cell's, of its scratch, made as it first asks

    def first(self, k: int) -> int:
        """The first of the N rows that step k, which is not after the last error, has anything to do with."""
        if self.first_error is None:
            return 0
        last: int = self.dstate.shape[2] - 1
        return min(max(0, k - self.first_error), last)

    def carried_at(self, k: int) -> Floats:
        """Where step k writes what it sends back."""
        row: Floats = self.carried[k if len(self.carried) > 1 else 0]
        return row


class Cell(ABC):
    """One layer of a recurrent network; holds no parameters and no state of its own."""

    name: ClassVar[str]
    title: ClassVar[str]  # as the interface calls it
    block_names: ClassVar[tuple[str, ...]]  # in the order in which PyTorch stacks them
    gate_names: ClassVar[tuple[str, ...]] = ()  # those that a Trace shows
    gate_titles: ClassVar[tuple[str, ...]] = ()  # what each of them is called: "forget gate"
    tanh_gates: ClassVar[tuple[str, ...]] = ()  # those of them between -1 and 1, not 0 and 1
    state_parts: ClassVar[tuple[str, ...]] = ("hidden",)
    named_block: ClassVar[int] = 0  # the recurrent block whose spectrum is shown
    forget_block: ClassVar[int | None] = None  # the block that --forget-bias sets
    straight_gate: ClassVar[str] = ""  # the gate that the error meets on its direct path, if there is one
    overlays: ClassVar[bool] = False  # the way back may write `dpre` over the gates
    frees_projection: ClassVar[bool] = False  # it does not look at `pre`, and may write `dpre` over `dstate`
    kept_arrays: ClassVar[int] = 0  # (T, B, H), of `forward_arrays`, for the way back
    kept_of_one: ClassVar[int] = 0  # (T, 1, H), as many more where there is a single sequence
    reads_forth_alone: ClassVar[bool] = False  # training one sequence it does not need `weight_hh_back`
    recurrent: ClassVar[bool] = True
    has_activation: ClassVar[bool] = False

    def __init__(self, hidden: int, activation: Activation, dtype: DTypeLike) -> None:
        self.hidden = hidden
        self.activation = activation
        self.dtype = np.dtype(dtype)

    @classmethod
    def layouts(cls, layer: int, width: int, hidden: int) -> tuple[Layout, ...]:
        """The parameters of one layer that reads vectors of `width`, PyTorch's names and order."""
        G = len(cls.block_names)
        weights = [weight_layout(f"weight_ih_l{layer}", G, width, hidden, "input")]
        biases = [bias_layout(f"bias_ih_l{layer}", G, hidden)]
        if cls.recurrent:
            weights.append(weight_layout(f"weight_hh_l{layer}", G, hidden, hidden, "recurrent"))
            biases.append(bias_layout(f"bias_hh_l{layer}", G, hidden))
        return (*weights, *biases)

    @property
    @abstractmethod
    def equations(self) -> tuple[Equation, ...]:
        """The cell's mathematics, forward and backward, with the chosen activation."""

    @property
    @abstractmethod
    def state_equation(self) -> str:
        """What stands beside the drawn states: how h_t comes from the word and the state before.

        "_" sets the rest of a name lower, "~" is a space at which no line breaks, ", " begins a new line.
        """

    def input_bias(self, weights: LayerWeights, out: Floats) -> None:
        """What is added to the input projection, (G, H): both biases, where they simply add up."""
        np.add(weights.bias_ih, weights.bias_hh, out=out)

    def scale_projection(self, projection: Floats) -> None:  # noqa: B027 - most cells leave it as it is
        """Bring the input projection (G, n, H), bias included, into the form that `forward` reads."""

    def forward_arrays(self, T: int, B: int, dtype: DTypeLike) -> dict[str, Floats]:
        """Further arrays that the way forward needs."""
        return {}

    def backward_arrays(self, T: int, N: int, dtype: DTypeLike) -> dict[str, Floats]:
        """Further arrays that the way back needs; `drec` (G, T, N, H) if it is not `dpre`."""
        return {}

    def backward_arrays_over(self, run: LayerRun) -> dict[str, Floats]:
        """The same where errors lie over a run's forward values; some more of these may be written over."""
        T, B = run.pre.shape[1:3]
        return self.backward_arrays(T, B, self.dtype)

    def errors_at_recurrent(self, errors: LayerErrors) -> tuple[tuple[slice, Floats], ...]:
        """See `LayerErrors.at_recurrent`."""
        return ((slice(None), errors.drec),)

    @abstractmethod
    def forward_steps(self, run: LayerRun) -> list[tuple[Floats, ...]]:
        """The views of each time step, made once: indexing in the loop would cost as much as a product."""

    @abstractmethod
    def backward_steps(self, errors: LayerErrors) -> list[tuple[Floats, ...]]:
        """The views of each time step on the way back."""

    @abstractmethod
    def forward(
        self,
        weights: LayerWeights,
        run: LayerRun,
        length: int,
        stop: Stop | None,
        overrides: LayerOverrides | None,
        begin: int = 0,
    ) -> None:
        """Take the layer through steps begin ... length-1. Raises Interrupted once `stop()` is true."""

    @abstractmethod
    def backward(
        self,
        weights: LayerWeights,
        run: LayerRun,
        errors: LayerErrors,
        length: int,
        stop: Stop | None,
        overrides: LayerOverrides | None,
        begin: int = 0,
    ) -> None:
        """Take the errors back through steps length-1 ... begin. Raises Interrupted once `stop()` is true.

        B of `run` is N of `errors`, or 1: then all N errors go back through the same passage. `errors` and
        `weights` may be float64 where `run` is float32. A silenced unit gets no error, a held gate none.
        """

    def gates(self, run: LayerRun, length: int) -> dict[str, Floats]:
        """The gates' values, name -> (T, B, H)."""
        return {}

    def slope(self, run: LayerRun, length: int) -> Floats | None:
        """f' at each unit, (T, B, H), for cells that have one activation on their only path."""
        return None

    def paths(self, run: LayerRun, errors: LayerErrors, length: int, arrives: Floats) -> dict[str, Floats]:
        """Norms of what the error of each row met at each step: name of a Trace field -> (T, N).

        Made from a backward pass with `keep_carried` and `reach_initial`; `arrives` (T, N) are the norms of
        dL/dh_k. 0 or NaN where the row's step is before k. A cell whose state is more than h
        gives `state_gradient_matrix` here too.
        """
        return {}

    def describe_overrides(self, overrides: LayerOverrides) -> None:
        """Refuse to hold a gate that the cell does not have. Raises ValueError."""
        for held in overrides.held:
            if held.gate not in self.gate_names:
                there_is = ", ".join(self.gate_names) or "none"
                raise ValueError(f"The {self.title} has no gate {held.gate!r} to hold; it has: {there_is}.")

    def __repr__(self) -> str:
        details: list[Any] = [f"hidden={self.hidden}"]
        if self.has_activation:
            details.append(self.activation.name)
        return f"{type(self).__name__}({', '.join(map(str, details))})"
