"""In which order the units of a state stand: as they are, by similarity, or by when they peak."""

import numpy as np
from numpy.typing import NDArray

from rnnviz.probes import Trace

ORDERS = ("network", "similarity", "peak")


def unit_order(trace: Trace, layer: int, name: str) -> NDArray[np.intp]:
    """Which unit stands in each row, from the top: (H,).

    "peak" sorts by the step at which a unit is furthest from its mean. "similarity" puts units side by
    side that rise and fall together: it sorts them by their angle in the plane of the two strongest
    principal components of the unit courses (Friendly 2002, "Corrgrams", section 3).
    """
    courses = trace.hidden[1:, layer, :].astype(np.float64)  # (T, H)
    units = courses.shape[1]
    if name == "network" or not np.isfinite(courses).all():
        return np.arange(units)
    courses = courses - courses.mean(axis=0)
    if name == "peak":
        return np.argsort(np.abs(courses).argmax(axis=0), kind="stable")
    norms = np.linalg.norm(courses, axis=0)
    courses = courses / np.where(norms > 0, norms, 1.0)
    # The loadings of the units are the right singular vectors; the smaller Gram matrix gives them.
    if courses.shape[0] < units:
        _, vectors = np.linalg.eigh(courses @ courses.T)  # (T, T)
        loadings = courses.T @ vectors[:, -2:]  # (H, 2)
    else:
        _, vectors = np.linalg.eigh(courses.T @ courses)  # (H, H)
        loadings = vectors[:, -2:]
    if loadings.shape[1] < 2:
        return np.argsort(loadings[:, 0], kind="stable")
    angles = np.arctan2(loadings[:, 0], loadings[:, 1])
    ranked = np.sort(angles)
    gaps = np.diff(np.append(ranked, ranked[0] + 2 * np.pi))
    start = ranked[(int(gaps.argmax()) + 1) % units]
    return np.argsort((angles - start) % (2 * np.pi), kind="stable")
