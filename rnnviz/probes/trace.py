"""The Trace: everything that one passage did to one model at one moment of training.

It is what the views draw, what `rnnviz trace` writes and what the history keeps. Every array is read-only
and shared by nobody who still writes it.

T time steps, L layers, H hidden units, V vocabulary. Row t of a matrix is the step whose loss is asked
about, column k the earlier step where it is felt; column k belongs to row k + 1 of `hidden`, whose row 0
is the initial state.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Complexes = NDArray[np.complexfloating[Any, Any]]
Integers = NDArray[np.signedinteger[Any]]
Flags = NDArray[np.bool_]
Strings = NDArray[np.str_]
TokenKind: TypeAlias = Literal["word", "character"]

MOST_CANDIDATES = 50
NO_TARGET = -1
NEEDS = frozenset({"probs", "counterfactual_matrix", "spectrum", "jacobian"})
"""The optional fields that a request can ask for.

"spectrum" is `sigma_max`, `spectral_radius` and `eigenvalues`; "jacobian" is `jacobian_lags` and
`jacobian_singular_values`.
"""

_NOT_SEALED = frozenset({"probs", "counted"})
"""The history drops the one, and whoever knows the text adds the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One passage through one model. A field that the cell has not, or nobody asked for, is None."""

    # The moment and the passage.
    step: int  # updates done so far
    generation: int  # of the request that this answers; an older one is never drawn
    cell_name: str  # "rnn", "lstm", ...
    activation: str  # "tanh", "sigmoid" or "relu"; "" for a cell that has none to choose
    recurrent: bool = True  # the state is handed on from step to step
    state_equation: str = ""  # "h_t = ...", as the cell writes it: see `Cell.state_equation`
    gate_titles: tuple[str, ...] = ()  # what each of `gates` is called, in their order: "forget gate"
    straight_gate: str = ""  # the gate that the error meets on its direct path; "" where there is none
    tanh_gates: tuple[str, ...] = ()  # those of the gates that lie between -1 and 1, not 0 and 1
    token_kind: TokenKind = "word"  # what a token is called; its length does not tell, as in Chinese
    words: Strings  # (T,) the passage as text
    tokens: Integers  # (T,) ids read
    targets: Integers  # (T,) ids to predict; NO_TARGET where no right answer is known
    target_words: Strings  # (T,) the right answers as text, "" where none is known
    assumed_answer: bool  # the last target is the network's own likeliest word, nobody named it

    # Forward.
    hidden: Floats  # (T+1, L, H)
    cell: Floats | None = None  # (T+1, L, H), LSTM only
    gates: Mapping[str, Floats] = field(default_factory=lambda: MappingProxyType({}))  # name -> (T, L, H)
    slope: Floats | None = None  # (T, L, H) f' at each unit
    probs: Floats | None = None  # (T, V)
    loss: Floats  # (T,) cross-entropy in nats; NaN where no target
    candidates: Integers  # (T, min(V, 50)) ids, likeliest first
    candidate_probs: Floats  # (T, min(V, 50))
    candidate_words: Strings  # (T, min(V, 50)) the same ids as text
    target_prob: Floats  # (T,) probability of the right word, NaN where no target
    counted: Flags | None = None  # (T,) False where training leaves a target out of its loss; None: all count
    target_place: Integers  # (T,) its place, 1 = likeliest; 0 where no target
    vocabulary_size: int  # V

    # Backward.
    dloss_dhidden: Floats  # (T+1, L, H) of the sum over the passage
    dloss_dcell: Floats | None = None  # (T+1, L, H)
    gradient_matrix: Floats  # (T, T, L) norm of dL_t/dh_k
    state_gradient_matrix: Floats  # (T, T, L) what is drawn and compared across cells
    cell_gradient_matrix: Floats | None = None  # (T, T, L)
    cell_carry_matrix: Floats | None = None  # (T, T, L)
    direct_matrix: Floats | None = None  # (T, T, L)
    rest_matrix: Floats | None = None  # (T, T, L)
    slope_factor: Floats | None = None  # (T, T, L) ||f' * g|| / ||g||, the step from k to k-1
    weight_factor: Floats | None = None  # (T, T, L) ||W_hh^T (f' * g)|| / ||f' * g||
    straight_factor: Floats | None = None  # (T, T, L)
    round_factor: Floats | None = None  # (T, T, L)
    from_above: Floats  # (T, T, L) norm of what layer l+1 sends into h_k of layer l
    counterfactual_matrix: Floats | None = None  # (T, T, L) with f' = 1 on the way back
    initial_gradient: Floats  # (T, L) norm of dL_t/dh_0, the initial state: column "-1" of gradient_matrix

    # Interventions under which the passage was read.
    held: Mapping[str, Flags] = field(
        default_factory=lambda: MappingProxyType({})
    )  # gate -> (T, L) held there
    silenced: Flags | None = None  # (L, H) h of this unit is held at 0
    slope_held: bool = False  # f' is held at 1 on the way back; `slope` is what it would have been

    # Numbers.
    sigma_max: Floats | None = None  # (L,) largest singular value of the named recurrent block
    spectral_radius: Floats | None = None  # (L,) largest modulus of the eigenvalues; NaN where no such block
    eigenvalues: Complexes | None = None  # (L, H) of the named recurrent block
    jacobian_lags: Integers | None = None  # (n,) lags d from the last step back, 0 first
    jacobian_singular_values: Floats | None = None  # (n, L, H) of dh_t/dh_{t-d}, t the last step
    saturation_high: Mapping[str, Floats] | None = None  # gate, or "h" -> (L, H) share of steps above 0.9
    saturation_low: Mapping[str, Floats] | None = None  # the same below 0.1 (tanh: below -0.9)
    decay: Floats  # (T, L) mean over t >= d of M[t, t-d] / M[t, t]; NaN where no row counts
    half_life: Floats  # (L,) in steps; inf where one half is never crossed
    one_percent_lag: Floats | None = None  # (L,) in steps; inf where 1 % is never crossed
    lost_per_step: Floats | None = None  # (L,) share lost a step past the first few; NaN: too few steps

    seal: int = 0  # of the arrays as they were when the trace was made: see `is_whole`

    def __post_init__(self) -> None:
        """Lock every array, and seal them: what crosses threads is never written again."""
        for name in _FIELD_NAMES:
            value = getattr(self, name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
            elif not isinstance(value, _PLAIN) and isinstance(value, Mapping):
                for array in value.values():
                    array.setflags(write=False)
                object.__setattr__(self, name, MappingProxyType(dict(value)))
        if not self.seal:
            object.__setattr__(self, "seal", self._fingerprint())

    def __reduce__(self) -> tuple[Any, ...]:
        """Make it anew in another process, its arrays locked there too."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return _rebuilt, ({n: dict(v) if isinstance(v, Mapping) else v for n, v in values.items()},)

    @property
    def is_whole(self) -> bool:
        """Whether all arrays are those that were made together, and nobody has written into one since.

        What crosses from thread to thread and process to process is looked at in this way by the attacks.
        """
        return self.seal == self._fingerprint()

    def _fingerprint(self) -> int:
        sum_ = zlib.crc32(f"{self.step} {self.cell_name}".encode())
        for name, value in self._filled():
            if isinstance(value, np.ndarray) and name not in _NOT_SEALED:
                sum_ = zlib.crc32(np.ascontiguousarray(value).data, zlib.crc32(name.encode(), sum_))
        return 1 << 32 | sum_  # never 0, which is none

    @property
    def length(self) -> int:
        """T, the number of time steps."""
        return len(self.tokens)

    @property
    def layers(self) -> int:
        """L, the number of layers."""
        return int(self.hidden.shape[1])

    @property
    def last_target_step(self) -> int:
        """The last step with a target; -1 where there is none."""
        known = np.flatnonzero(self.targets != NO_TARGET)
        return int(known[-1]) if known.size else -1

    def share_left(self, error_step: int, layer: int) -> Floats:
        """What is left of one word's error at each earlier step, as a share of what set out.

        `M[t, k] / M[t, t]` with M = `state_gradient_matrix` of one layer: (t+1,), in the order of k.
        NaN throughout where nothing sets out (no target, or a loss of exactly zero).
        """
        row = self.state_gradient_matrix[error_step, : error_step + 1, layer].astype(np.float64)
        if not row[-1] > 0:
            return np.full(error_step + 1, np.nan)
        share: Floats = row / row[-1]
        return share

    @property
    def n_bytes(self) -> int:
        """Memory held by the arrays."""
        return sum(value.nbytes for _, value in self._filled() if isinstance(value, np.ndarray))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Every field that is filled, under its name on disk (gates as `gate/i` and so on), as an array."""
        out: dict[str, NDArray[Any]] = {}
        for name, value in self._filled():
            if name != "seal":
                out[name] = np.asarray(value, dtype=np.str_ if isinstance(value, tuple) else None)
                out[name].setflags(write=False)
        return out

    def _filled(self) -> Iterator[tuple[str, Any]]:
        """The fields as they are under their names on disk, what lies in a mapping one by one."""
        for name in _FIELD_NAMES:
            value = getattr(self, name)
            if not isinstance(value, _PLAIN) and isinstance(value, Mapping):
                prefix = "gate" if name == "gates" else name
                yield from ((f"{prefix}/{key}", array) for key, array in value.items())
            elif value is not None:
                yield name, value


_FIELD_NAMES = tuple(f.name for f in fields(Trace))
_PLAIN = (np.ndarray, str, int, tuple, type(None))
"""What most fields are: told at once, a mapping takes a search."""


def _rebuilt(values: dict[str, Any]) -> Trace:
    return Trace(**values)


@dataclass(frozen=True, slots=True)
class TraceRequest:
    """What the window asks the training thread for: a passage, and the fields that its visible views need."""

    tokens: tuple[int, ...]  # ids to read
    words: tuple[str, ...]  # the same as text; an unknown word keeps its own spelling
    answer: int | None  # id of the named answer of the last step; None: take the likeliest and say so
    answer_word: str | None
    needs: frozenset[str]  # names out of NEEDS
    generation: int
