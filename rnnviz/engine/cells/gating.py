"""What the gated cells share: gates as one tanh, gates held at a value, and the straight path of an error.

sigmoid(x) = tanh(x / 2) / 2 + 1/2, so with the halves folded into copies of the weights all blocks of a step
take one tanh and two cheap passes.

In the loops over time steps, in the plain RNN too, functions are bound to short names and get their output by
position: by name a call takes 0.05 to 0.1 microseconds longer, 2 to 5 % of an update of one sequence.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine.arrays import Floats
from rnnviz.engine.overrides import HeldGate, LayerOverrides

COEFFICIENTS_AT_ONCE = 16384  # numbers of one derivative; more at once leave the cache before they are used


def coefficient_rows(steps: int, batch: int, hidden: int) -> int:
    """For how many time steps the derivatives of the gates are worked out at once."""
    return min(steps, max(1, COEFFICIENTS_AT_ONCE // (batch * hidden)))


def fold_weights(weight_hh: Floats, scale: Floats, extra: dict[str, Floats]) -> None:
    """Fill `extra["weight"]`, the copy of the recurrent weights (G, H, H) that the steps read, times `scale`.

    For a single sequence it is (H, G*H), since one product of a vector costs less a call, `scale` (G*H,), and
    `extra["rows"]` becomes the same without the scale, which the way back reads: transposed copies of the
    blocks and short rows times a number each took 33 microseconds (LSTM, H 100) where these take 10.
    """
    folded = extra["weight"]
    if folded.ndim == 2:
        H, rows = len(folded), extra["rows"]
        np.copyto(rows.reshape(H, -1, H), weight_hh.transpose(1, 0, 2))
        np.multiply(rows, scale, out=folded)
    else:
        np.multiply(weight_hh, scale, out=folded)


def side_by_side(parts: Floats) -> Floats:
    """The parts (n, 1, H) of one step of a single sequence as one vector (n*H,), a view."""
    vector = parts.reshape(-1)
    assert np.may_share_memory(vector, parts), "the parts of a step lie apart: see aligned_steps"
    return vector


class Interventions:
    """One layer's overrides as its steps need them; made for one pass, and only where there are any."""

    def __init__(self, overrides: LayerOverrides, gate_names: Sequence[str]) -> None:
        self._held = [
            (gate_names.index(held.gate), held, self._units(held)) for held in overrides.held
        ]  # (gate, what is held, units)
        self._silenced = list(overrides.silenced)

    @staticmethod
    def _units(held: HeldGate) -> list[int] | slice:
        return slice(None) if held.units is None else list(held.units)

    def hold(self, gates: Floats, step: int) -> None:
        """Put the gates (G, B, H) of one step where they are held."""
        for gate, held, units in self._held:
            sequences = held.sequences(step)
            if sequences is not None:
                gates[gate][_block(sequences, units)] = held.value

    def stop_errors(self, coefficients: Floats, gate: int, step: int) -> None:
        """Set what a gate's error is multiplied by, (B, H), to 0 where the gate is held at one step."""
        for g, held, units in self._held:
            sequences = held.sequences(step) if g == gate else None
            if sequences is not None:
                coefficients[_block(sequences, units)] = 0

    def silence(self, state: Floats) -> None:
        """Set the silenced units of a state or of an error (..., H) to 0."""
        if self._silenced:
            state[..., self._silenced] = 0


def _block(sequences: list[int] | slice, units: list[int] | slice) -> Any:
    """The index of those sequences and units, all pairs, in an array (B, H)."""
    if isinstance(sequences, list) and isinstance(units, list):
        return np.ix_(sequences, units)
    return sequences, units


def straight_path(keep: Floats, total: Floats, first_error: int) -> Floats:
    """What of each error goes back along the carried state alone: (T, N, H).

    `keep` (T, H) is the share that step k's gate lets through (f or z), `total` (T, N, H) the derivative by
    the carried state at k; row n is the error of step t = first_error + n. It is
    keep_{k+1} * ... * keep_t * total_t: all of it at k = t, and 0 at k > t.
    """
    straight = np.zeros_like(total)
    for k in range(len(total) - 1, -1, -1):
        n = k - first_error  # the row whose error sets out here
        if k + 1 < len(total):
            np.multiply(straight[k + 1, max(n + 1, 0) :], keep[k + 1], out=straight[k, max(n + 1, 0) :])
        if 0 <= n < total.shape[1]:
            straight[k, n] = total[k, n]
    return straight


def factor(part: Floats, whole: Floats) -> Floats:
    """part / whole, NaN where the whole is 0."""
    result: Floats = np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
    return result


def reached_steps(length: int, errors: int, first_error: int) -> NDArray[np.bool_]:
    """Which of the N errors have come as far back as step k: (T, N)."""
    return np.arange(length)[:, None] <= first_error + np.arange(errors)
