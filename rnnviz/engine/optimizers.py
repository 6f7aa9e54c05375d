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

    Those of frozen parameters are neither counted nor scaled. (An optimizer can do the scaling as it reads
    them: see `Optimizer.step`.)

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
    scales_gradients: ClassVar[bool] = False  # clips in a pass that it makes anyway, instead of one before

    def __init__(self, parameters: Parameters, slots: Mapping[str, Floats] | None = None) -> None:
        """`slots` is where its vectors lie, as they are there, for processes that share them."""
        self.parameters = parameters
        self.step_count = 0
        size = len(parameters.values)
        self.slots: dict[str, Floats] = {
            name: aligned_zeros((size,), parameters.dtype) if slots is None else slots[name]
            for name in self.slot_names
        }
        self._scratch = aligned_zeros((min(CHUNK, size),), parameters.dtype)
        self._chunks = self.chunks(parameters.learned)

    def chunks(self, part: slice) -> list[Chunk]:
        """A part of the flat vectors in pieces that stay in the cache.

        Each piece is views of values, gradients and every slot, and as much scratch.
        """
        whole = (self.parameters.values, self.parameters.gradients, *self.slots.values())
        vectors = [vector[part] for vector in whole]
        n = len(vectors[0])
        return [
            (*(vector[a : a + CHUNK] for vector in vectors), self._scratch[: min(CHUNK, n - a)])
            for a in range(0, n, CHUNK)
        ]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(step_count={self.step_count})"

    def step(self, lr: float, factor: float = 1.0) -> None:
        """One update of `parameters.values` from `parameters.gradients`, times the factor of clipping."""
        self.step_count += 1
        self.change(self._chunks, lr, factor)

    def change(self, chunks: Sequence[Chunk], lr: float, factor: float = 1.0) -> None:
        """Make update number `step_count` on some chunks: the same, whoever changes the others."""
        with np.errstate(all="ignore"):
            if factor < 1 and not self.scales_gradients:
                for _, g, *_ in chunks:
                    np.multiply(g, self.parameters.scalar(factor), out=g)
            self._update(chunks, lr, factor)
            if self.step_count % FLUSH_EVERY == 0:
                self._flush(chunks)

    @abstractmethod
    def _update(self, chunks: Sequence[Chunk], lr: float, factor: float) -> None:
        """Change values and slots by the gradients, times `factor` where the class `scales_gradients`."""

    def _flush(self, chunks: Sequence[Chunk]) -> None:
        """Set what will soon be denormal to 0; at the same updates where a run is resumed."""
        smallest = float(np.finfo(self.parameters.dtype).tiny) * SMALLEST_KEPT
        for _, _, *slots, size in chunks:
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
    scales_gradients = True

    def _update(self, chunks: Sequence[Chunk], lr: float, factor: float) -> None:
        for w, g, change in chunks:
            np.multiply(g, self.parameters.scalar(lr * factor), out=change)
            np.subtract(w, change, out=w)


class Momentum(Optimizer):
    """velocity = 0.9 velocity + g; w -= lr velocity (Polyak 1964, in PyTorch's form)."""

    name = "momentum"
    slot_names = ("velocity",)
    momentum = 0.9

    def _update(self, chunks: Sequence[Chunk], lr: float, factor: float) -> None:
        number = self.parameters.scalar
        keep, rate = number(self.momentum), number(lr)
        for w, g, velocity, change in chunks:
            np.multiply(velocity, keep, out=velocity)
            np.add(velocity, g, out=velocity)
            np.multiply(velocity, rate, out=change)
            np.subtract(w, change, out=w)


class Adam(Optimizer):
    """w -= lr m' / (sqrt(v') + eps), moments with betas 0.9 and 0.999, corrected (Kingma and Ba 2015)."""

    name = "adam"
    slot_names = ("m", "v")
    scales_gradients = True
    beta1, beta2 = 0.9, 0.999

    def _update(self, chunks: Sequence[Chunk], lr: float, factor: float) -> None:
        """Twelve passes, all but one over the same few arrays; outputs by position: see `gating`."""
        add, multiply, number = np.add, np.multiply, self.parameters.scalar
        b1, b2, rest = number(self.beta1), number(self.beta2), 1 - self.beta1
        rest1, rest2 = number(rest * factor), number((1 - self.beta2) / rest**2)
        # lr m' / (sqrt(v') + eps) = rate m / (sqrt(v) + eps root): no pass over arrays for the corrections.
        root = float(np.sqrt(1 - self.beta2**self.step_count))
        rate, eps = number(lr * root / (1 - self.beta1**self.step_count)), number(EPS * root)
        for w, g, m, v, a in chunks:
            multiply(g, rest1, a)
            multiply(m, b1, m)
            add(m, a, m)
            multiply(a, a, a)  # of the clipped gradient: the square of another might not be a number
            multiply(a, rest2, a)
            multiply(v, b2, v)
            add(v, a, v)
            np.sqrt(v, a)
            add(a, eps, a)
            np.divide(m, a, a)
            multiply(a, rate, a)
            np.subtract(w, a, w)


class Adagrad(Optimizer):
    """w -= lr g / (sqrt(sum of g^2) + eps) (Duchi et al. 2011)."""

    name = "adagrad"
    slot_names = ("sum",)

    def _update(self, chunks: Sequence[Chunk], lr: float, factor: float) -> None:
        number = self.parameters.scalar
        for w, g, total, a in chunks:
            np.multiply(g, g, out=a)
            np.add(total, a, out=total)
            np.sqrt(total, out=a)
            np.add(a, number(EPS), out=a)
            np.divide(g, a, out=a)
            np.multiply(a, number(lr), out=a)
            np.subtract(w, a, out=w)


class RMSprop(Optimizer):
    """w -= lr g / (sqrt(v) + eps), v a running mean of g^2 with alpha 0.95 (Tieleman and Hinton 2012)."""

    name = "rmsprop"
    slot_names = ("v",)
    alpha = 0.95

    def _update(self, chunks: Sequence[Chunk], lr: float, factor: float) -> None:
        number = self.parameters.scalar
        for w, g, v, a in chunks:
            np.multiply(g, g, out=a)
            np.multiply(a, number(1 - self.alpha), out=a)
            np.multiply(v, number(self.alpha), out=v)
            np.add(v, a, out=v)
            np.sqrt(v, out=a)
            np.add(a, number(EPS), out=a)
            np.divide(g, a, out=a)
            np.multiply(a, number(lr), out=a)
            np.subtract(w, a, out=w)


OPTIMIZERS: dict[str, type[Optimizer]] = {o.name: o for o in (SGD, Momentum, Adam, Adagrad, RMSprop)}
