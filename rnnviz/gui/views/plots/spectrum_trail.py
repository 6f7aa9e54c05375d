"""Where the eigenvalues have been: a trail behind each, fading into the past.

Eigenvalues have no names, and those of two moments can only be told apart by how near they lie. Two of
neighbouring moments are joined where each is the other's nearest; where that is not so, no line claims it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnviz.probes import Spectrum, Trace, passage_of

MOST_STRETCHES = 24
"""Stretches that a trail is drawn in: more cannot be told apart, and cost time."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The trail between two neighbouring moments, as N pairs of points in the complex plane."""

    starts: NDArray[np.complex128]  # (N,)
    ends: NDArray[np.complex128]  # (N,)
    age: float  # 0 for the newest, 1 for the oldest


def nearest_spectrum(spectra: Sequence[Spectrum], trace: Trace) -> Spectrum | None:
    """The one measured nearest to a trace's update, of two equally near the earlier; None: there is none.

    Eigenvalues are the network's; singular values are those of a passage, and of another one are left out.
    """
    found = min(spectra, key=lambda spectrum: abs(spectrum.step - trace.step), default=None)
    if found is None or found.passage == passage_of(trace):
        return found
    return replace(found, lags=None, singular_values=None)


def behind(spectra: Sequence[Spectrum], shown: Spectrum) -> list[Spectrum]:
    """Of the moments up to the one shown so many that a trail can show, evenly spread, the first always."""
    past = [
        one for one in spectra if one.step < shown.step and one.eigenvalues.shape == shown.eigenvalues.shape
    ]
    chosen = np.unique(np.linspace(0, len(past) - 1, min(len(past), MOST_STRETCHES)).round().astype(int))
    return [past[i] for i in chosen.tolist()]


def trail(spectra: Sequence[Spectrum], shown: Spectrum, layer: int) -> list[Stretch]:
    """The stretches that led one layer's eigenvalues to where they stand in `shown`, the oldest first."""
    moments = [one.eigenvalues[layer] for one in (*behind(spectra, shown), shown)]
    moments = [values for values in moments if np.isfinite(values).all()]
    count = len(moments) - 1
    stretches = []
    for number, (before, after) in enumerate(pairwise(moments)):
        starts, ends = neighbours(before, after)
        stretches.append(Stretch(starts, ends, (count - 1 - number) / max(count - 1, 1)))
    return stretches


def neighbours(
    before: NDArray[np.complexfloating], after: NDArray[np.complexfloating]
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Of two sets of points (H,) the pairs in which each is the other's nearest: (N,) twice."""
    apart = np.abs(before[:, None] - after[None, :])
    nearest = apart.argmin(axis=1)
    mutual = apart.argmin(axis=0)[nearest] == np.arange(len(before))
    return before[mutual].astype(np.complex128), after[nearest[mutual]].astype(np.complex128)
