"""How gradients become updates, with PyTorch's formulas: eps is added after the root.

Everything runs over the flat vector in chunks that stay in the cache; nothing is allocated by a step.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine.arrays import Floats, aligned_zeros
from rnnviz.engine.errors import ParameterMismatch
from rnnviz.engine.parameters import SCRATCH, Parameters

CHUNK = SCRATCH
Chunk = tuple[Floats, ...]
EPS = 1e-8
SAFE_SQUARES = 1e-20, 1e30  # sums of squares between which float32 has lost nothing that counts
FLUSH_EVERY = 256  # updates
SMALLEST_KEPT = 0.9**-FLUSH_EVERY  # times the smallest normal number: 6e-27 in float32
"""Moments of embedding rows that are never seen again fade by 0.9 an update into denormal numbers and stay
there: Adam then took 1.4 times as long where it was measured, and is said to take 20 times elsewhere.
What would be denormal before the next look is set to 0 at this one."""


def clip_gradients(parameters: Parameters, max_norm: float) -> tuple[float, float]:
    """Scale all gradients so that their global norm is at most `max_norm`; 0 is off.

    Those of frozen parameters are neither counted nor scaled.

    Returns the norm before clipping, right to six digits, and the factor min(1, max_norm / (norm + 1e-6)), as
    PyTorch's `clip_grad_norm_` has it. A norm that is not finite leaves the gradients alone (factor 1).
    """
    gradients = parameters.gradients[parameters.learned]
    norm = gradient_norm(gradients, parameters.scratch)
    factor = clip_factor(norm, max_norm)
    if factor < 1:
        np.multiply(gradients, parameters.scalar(factor), out=gradients)
    return norm, factor


def clip_factor(norm: float, max_norm: float) -> float:
    """What gradients of this norm are multiplied by; 1 where clipping is off or the norm is not finite."""
    if max_norm <= 0 or not np.isfinite(norm):
        return 1.0
    return min(1.0, max_norm / (norm + 1e-6))


def gradient_norm(gradients: Floats, scratch: NDArray[np.float64]) -> float:
    """The norm of (n,): in their own precision within a chunk, the chunks in float64."""
    parts = [gradients[start : start + CHUNK] for start in range(0, len(gradients), CHUNK)]
    # A third of the time of float64 throughout, which is for squares beyond float32's range: the sum tells.
    with np.errstate(over="ignore", under="ignore"):
        total = sum(float(part.dot(part)) for part in parts)
    if not SAFE_SQUARES[0] < total < SAFE_SQUARES[1]:
        total = 0.0
        for part in parts:
            wide = scratch[: len(part)]
            np.copyto(wide, part)
            total += float(wide.dot(wide))
    return float(np.sqrt(total))


class Optimizer(ABC):
    """One optimizer on one network's parameters."""

    name: ClassVar[str]
    slot_names: ClassVar[tuple[str, ...]] = ()  # vectors as long as the parameters that it keeps

    def __init__(self, parameters: Parameters, slots: Mapping[str, Floats] | None = None) -> None:
        """`slots` is where its vectors lie, as they are there, for processes that share them."""
        self.parameters = parameters
        self.step_count = 0
        size = len(parameters.values)
        self.slots: dict[str, Floats] = {
            name: aligned_zeros((size,), parameters.dtype) if slots is None else slots[name]
            for name in self.slot_names
        }
        self._scratch = [aligned_zeros((min(CHUNK, size),), parameters.dtype) for _ in range(2)]
        self._chunks = self.chunks(parameters.learned)

    def chunks(self, part: slice) -> list[Chunk]:
        """A part of the flat vectors in pieces that stay in the cache.

        Each piece is views of values, gradients and every slot, and as much of two arrays of scratch.
        """
        whole = (self.parameters.values, self.parameters.gradients, *self.slots.values())
        vectors = [vector[part] for vector in whole]
        n = len(vectors[0])
        return [
            tuple(v[a : a + CHUNK] for v in vectors) + tuple(s[: min(CHUNK, n - a)] for s in self._scratch)
            for a in range(0, n, CHUNK)
        ]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(step_count={self.step_count})"

    def step(self, lr: float) -> None:
        """One update of `parameters.values` from `parameters.gradients`."""
        self.step_count += 1
        self.change(self._chunks, lr)

    def change(self, chunks: Sequence[Chunk], lr: float) -> None:
        """Make update number `step_count` on some chunks: the same, whoever changes the others."""
        with np.errstate(all="ignore"):
            self._update(chunks, lr)
            if self.step_count % FLUSH_EVERY == 0:
                self._flush(chunks)

    @abstractmethod
    def _update(self, chunks: Sequence[Chunk], lr: float) -> None: ...

    def _flush(self, chunks: Sequence[Chunk]) -> None:
        """Set what will soon be denormal to 0; at the same updates where a run is resumed."""
        smallest = float(np.finfo(self.parameters.dtype).tiny) * SMALLEST_KEPT
        for _, _, *slots, size, _ in chunks:
            for slot in slots:
                np.abs(slot, out=size)
                slot[size < smallest] = 0

    def start_over(self) -> None:
        """Forget all updates."""
        self.step_count = 0
        for slot in self.slots.values():
            slot.fill(0)

    def export(self) -> dict[str, NDArray[Any]]:
        """Copies of all that the next step depends on: "m/weight_hh_l0" ..., and "step_count"."""
        out: dict[str, NDArray[Any]] = {"step_count": np.array([self.step_count], dtype=np.int64)}
        for slot, vector in self.slots.items():
            exported = self.parameters.export_vector(vector)
            out.update({f"{slot}/{name}": array for name, array in exported.items()})
        return out

    def load(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over what `export` gave, all or none; a mean of squares below 0 becomes 0.

        Raises ParameterMismatch.
        """
        slots = {slot: _under(arrays, slot) for slot in self.slots}
        known = {"step_count", *(f"{slot}/{name}" for slot in slots for name in slots[slot])}
        extra = sorted(set(arrays) - known)
        if extra:
            raise ParameterMismatch(f"{extra[0]} has no place in the optimizer {self.name}.")
        count = np.asarray(arrays.get("step_count", np.array([-1])))
        if count.dtype.kind not in "iu" or count.size != 1 or int(count.reshape(-1)[0]) < 0:
            raise ParameterMismatch("step_count is missing or is not one whole number of updates.")
        for slot, named in slots.items():
            self.parameters.check(named, f"{slot}/")
        for slot, named in slots.items():
            self.parameters.load_vector(self.slots[slot], named, f"{slot}/")
            if slot in _SQUARES:  # another program may have left some a little below 0: no root, no update
                np.maximum(self.slots[slot], 0, out=self.slots[slot])
        self.step_count = int(count.reshape(-1)[0])


_SQUARES = frozenset({"v", "sum"})


def _under(arrays: Mapping[str, NDArray[Any]], slot: str) -> dict[str, NDArray[Any]]:
    return {name[len(slot) + 1 :]: a for name, a in arrays.items() if name.startswith(f"{slot}/")}


class SGD(Optimizer):
    """w -= lr g."""

    name = "sgd"

    def _update(self, chunks: Sequence[Chunk], lr: float) -> None:
        for w, g, change, _ in chunks:
            np.multiply(g, self.parameters.scalar(lr), out=change)
            np.subtract(w, change, out=w)


class Momentum(Optimizer):
    """velocity = 0.9 velocity + g; w -= lr velocity (Polyak 1964, in PyTorch's form)."""

    name = "momentum"
    slot_names = ("velocity",)
    momentum = 0.9

    def _update(self, chunks: Sequence[Chunk], lr: float) -> None:
        number = self.parameters.scalar
        keep, rate = number(self.momentum), number(lr)
        for w, g, velocity, change, _ in chunks:
            np.multiply(velocity, keep, out=velocity)
            np.add(velocity, g, out=velocity)
            np.multiply(velocity, rate, out=change)
            np.subtract(w, change, out=w)


class Adam(Optimizer):
    """w -= lr m' / (sqrt(v') + eps), moments with betas 0.9 and 0.999, corrected (Kingma and Ba 2015)."""

    name = "adam"
    slot_names = ("m", "v")
    beta1, beta2 = 0.9, 0.999

    def _update(self, chunks: Sequence[Chunk], lr: float) -> None:
        number = self.parameters.scalar
        b1, b2 = number(self.beta1), number(self.beta2)
        rest1, rest2 = number(1 - self.beta1), number(1 - self.beta2)
        # lr m' / (sqrt(v') + eps) = rate m / (sqrt(v) + eps root): no pass over arrays for the corrections.
        root = float(np.sqrt(1 - self.beta2**self.step_count))
        rate, eps = number(lr * root / (1 - self.beta1**self.step_count)), number(EPS * root)
        for w, g, m, v, a, b in chunks:
            np.multiply(g, rest1, out=a)
            np.multiply(m, b1, out=m)
            np.add(m, a, out=m)
            np.multiply(g, g, out=a)
            np.multiply(a, rest2, out=a)
            np.multiply(v, b2, out=v)
            np.add(v, a, out=v)
            np.sqrt(v, out=a)
            np.add(a, eps, out=a)
            np.divide(m, a, out=b)
            np.multiply(b, rate, out=b)
            np.subtract(w, b, out=w)


class Adagrad(Optimizer):
    """w -= lr g / (sqrt(sum of g^2) + eps) (Duchi et al. 2011)."""

    name = "adagrad"
    slot_names = ("sum",)

    def _update(self, chunks: Sequence[Chunk], lr: float) -> None:
        number = self.parameters.scalar
        for w, g, total, a, b in chunks:
            np.multiply(g, g, out=a)
            np.add(total, a, out=total)
            np.sqrt(total, out=a)
            np.add(a, number(EPS), out=a)
            np.divide(g, a, out=b)
            np.multiply(b, number(lr), out=b)
            np.subtract(w, b, out=w)


class RMSprop(Optimizer):
    """w -= lr g / (sqrt(v) + eps), v a running mean of g^2 with alpha 0.95 (Tieleman and Hinton 2012)."""

    name = "rmsprop"
    slot_names = ("v",)
    alpha = 0.95

    def _update(self, chunks: Sequence[Chunk], lr: float) -> None:
        number = self.parameters.scalar
        for w, g, v, a, b in chunks:
            np.multiply(g, g, out=a)
            np.multiply(a, number(1 - self.alpha), out=a)
            np.multiply(v, number(self.alpha), out=v)
            np.add(v, a, out=v)
            np.sqrt(v, out=a)
            np.add(a, number(EPS), out=a)
            np.divide(g, a, out=b)
            np.multiply(b, number(lr), out=b)
            np.subtract(w, b, out=w)


OPTIMIZERS: dict[str, type[Optimizer]] = {o.name: o for o in (SGD, Momentum, Adam, Adagrad, RMSprop)}
