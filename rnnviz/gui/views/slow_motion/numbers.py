"""The numbers that slow motion shows of one update, all of them taken from its record."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.gui.views.slow_motion.stage import Walk, ease
from rnnviz.gui.views.tracks.shares import hands_on, shares_left
from rnnviz.gui.views.wording import percent
from rnnviz.probes import NO_TARGET, Trace


@dataclass(frozen=True, slots=True)
class StepBack:
    """One word's error on its way from step k to the one before; shares of what set out."""

    arrives: float  # at h_k
    slope: float  # factor of f'; 1 where the cell has no such factor
    weights: float  # factor of W_hh
    reaches: float  # at h_{k-1}, with what comes from the layer above
    in_two: bool  # whether the cell's step back is f' and then W_hh

    @property
    def let_through(self) -> float:
        """Left behind f'."""
        return self.arrives * self.slope

    @property
    def handed_on(self) -> float:
        """Left behind W_hh."""
        return self.let_through * self.weights

    def at(self, walk: Walk) -> float:
        """What is left where the walk stands."""
        if walk.part < 0.5:
            return self.arrives + (self.let_through - self.arrives) * ease(walk.part * 2)
        return self.let_through + (self.reaches - self.let_through) * ease(walk.part * 2 - 1)


def step_back(trace: Trace, error_step: int, step: int, layer: int) -> StepBack | None:
    """The step from k to k - 1; None at k = 0, where nothing arrives or no state is handed on."""
    shares = shares_left(trace, error_step, layer)
    if step < 1 or not shares[step] > 0 or not hands_on(trace):
        return None
    arrives, reaches = float(shares[step]), float(shares[step - 1])
    if trace.slope_factor is None or trace.weight_factor is None:
        return StepBack(arrives, 1.0, reaches / arrives, reaches, in_two=False)
    slope = float(trace.slope_factor[error_step, step, layer])
    weights = float(trace.weight_factor[error_step, step, layer]) if slope > 0 else 0.0
    return StepBack(arrives, slope, weights, reaches, in_two=True)


def word_shares(trace: Trace, error_step: int, layer: int) -> NDArray[np.float64] | None:
    """Norm of each step's part in dL_t/dW_hh, L_t the loss of one word: (T,). None for cells without f'.

    Step k's part is the outer product of f' * dL_t/dh_k and h_{k-1}; its norm is the product of their norms.
    """
    if trace.slope_factor is None:
        return None
    arriving = trace.gradient_matrix[error_step, :, layer] * np.nan_to_num(
        trace.slope_factor[error_step, :, layer]
    )
    before = np.linalg.norm(trace.hidden[:-1, layer].astype(np.float64), axis=1)
    shares: NDArray[np.float64] = np.nan_to_num(arriving * before).astype(np.float64)
    shares[error_step + 1 :] = 0.0
    return shares


@dataclass(frozen=True, slots=True)
class Candidate:
    """One word of a prediction and what was right."""

    token: str
    said: float  # p
    right: bool  # y is 1, else 0

    @property
    def gap(self) -> float:
        """p - y."""
        return self.said - (1.0 if self.right else 0.0)


def candidates(trace: Trace, step: int, count: int) -> list[Candidate]:
    """The likeliest words after a step, likeliest first, the right one among them however unlikely."""
    target = int(trace.targets[step])
    rows = [
        Candidate(str(token), float(said), int(i) == target)
        for i, token, said in zip(
            trace.candidates[step, :count],
            trace.candidate_words[step, :count],
            trace.candidate_probs[step, :count],
            strict=True,
        )
    ]
    if target != NO_TARGET and not any(row.right for row in rows):
        rows[count - 1 :] = []
        rows.append(Candidate(str(trace.target_words[step]), float(trace.target_prob[step]), True))
    return [row for row in rows if math.isfinite(row.said)]


def probability_of(trace: Trace, step: int, token: str) -> float | None:
    """What a trace gives one word after a step; None where it is not among the likeliest fifty."""
    if str(trace.target_words[step]) == token and math.isfinite(float(trace.target_prob[step])):
        return float(trace.target_prob[step])
    found = np.flatnonzero(trace.candidate_words[step] == token)
    return float(trace.candidate_probs[step, found[0]]) if found.size else None


def is_finite(trace: Trace, error_step: int, layer: int) -> bool:
    """Whether the states and this word's errors are numbers at all."""
    row = trace.state_gradient_matrix[error_step, : error_step + 1, layer]
    return bool(np.isfinite(trace.hidden).all() and np.isfinite(row).all())


def missing(gap: float) -> str:
    """What is missing of 1, in per cent: 99.8 and not 100 while anything was given."""
    return percent(gap) if not 0.95 < gap < 0.9995 else f"{gap * 100:.1f}".removesuffix(".0")


def told_apart(old: float, new: float) -> tuple[str, str]:
    """Two probabilities in per cent, with a digit more where they would look the same."""
    texts = percent(old), percent(new)
    if texts[0] != texts[1] or min(old, new) < 1e-5:
        return texts
    return f"{old * 100:.3g}", f"{new * 100:.3g}"
