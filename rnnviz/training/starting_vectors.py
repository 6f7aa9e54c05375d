"""Pretrained word vectors: read once a file for all lanes, held to the settings, put into a network."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from rnnviz.engine.arrays import Floats
from rnnviz.text import (
    Cancelled,
    Progress,
    Vocabulary,
    WordVectors,
    read_vectors,
    shown_name,
    vector_format,
)
from rnnviz.training.settings import LaneSettings, RunSettings, SettingError

VectorsByPath = Mapping[str, WordVectors]
LanesVectors = tuple[WordVectors | None, ...]

_ROWS_AT_ONCE = 4096


def as_wide_as_their_vectors(settings: RunSettings, known: VectorsByPath) -> RunSettings:
    """The settings with each lane's embedding as wide as the vectors in its file, whose beginning is read.

    Raises SettingError where another width was asked for, VectorsError and FileUnreadable.
    """
    return settings.with_lanes([_fitted(lane, known) for lane in settings.lanes])


def _fitted(lane: LaneSettings, known: VectorsByPath) -> LaneSettings:
    if not lane.vectors:
        return lane
    here = known.get(lane.vectors)
    width = here.width if here is not None else vector_format(lane.vectors).width
    if lane.embedding not in (0, width):
        name = shown_name(lane.vectors)
        raise SettingError(
            "embedding",
            f"--embedding {lane.embedding} contradicts {name}, whose vectors are {width:,} numbers wide. Set "
            f"--embedding to {width}, or leave it out.",
        )
    return dataclasses.replace(lane, embedding=width)


def read_lanes_vectors(
    settings: RunSettings,
    vocabulary: Vocabulary,
    known: VectorsByPath,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> LanesVectors:
    """The vectors that each lane starts from, None where it has none; a file is read once for all lanes.

    `known` are those read before for the same vocabulary. Raises VectorsError, FileUnreadable, FileChanged,
    ReadingCancelled.
    """
    read = dict(known)
    for lane in settings.lanes:
        if lane.vectors and lane.vectors not in read:
            read[lane.vectors] = read_vectors(lane.vectors, vocabulary, progress, cancelled)
    return tuple(read[lane.vectors] if lane.vectors else None for lane in settings.lanes)


def start_from(vectors: WordVectors, embedding: Floats) -> None:
    """Put vectors into a freshly drawn embedding (V, E).

    Tokens without a vector keep the row that was drawn, scaled to the root mean square of the file's numbers:
    files differ tenfold in size from each other and from what is drawn, and a word would otherwise be loud or
    faint only for standing in the file or not.
    """
    found = vectors.found.astype(np.bool_)
    if not found.all():
        wanted = _root_mean_square(vectors.rows, found)
        drawn = _root_mean_square(embedding, ~found)
        if wanted and drawn:
            scale = embedding.dtype.type(wanted / drawn)
            np.multiply(embedding, scale, out=embedding, where=~found[:, None])
    np.copyto(embedding, vectors.rows, where=found[:, None])


def _root_mean_square(rows: Floats, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """Of the numbers in the chosen rows of (V, E), summed in float64, some thousand rows at once."""
    total = 0.0
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = rows[start : start + _ROWS_AT_ONCE][chosen[start : start + _ROWS_AT_ONCE]].astype(np.float64)
        total += float(np.sum(part * part))
    return float(np.sqrt(total / max(1, int(chosen.sum()) * rows.shape[1])))
