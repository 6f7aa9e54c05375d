"""Tracks: time runs along x, one file a track, all on one time axis."""

from rnnviz.gui.views.tracks.error import ErrorTrack
from rnnviz.gui.views.tracks.factors import FactorsTrack
from rnnviz.gui.views.tracks.gates import GatesTrack
from rnnviz.gui.views.tracks.loss import LossTrack
from rnnviz.gui.views.tracks.matrix import MatrixTrack
from rnnviz.gui.views.tracks.predicts import PredictsTrack
from rnnviz.gui.views.tracks.states import StatesTrack
from rnnviz.gui.views.tracks.track import NO_CONTEXT, Context, Height, Track
from rnnviz.gui.views.tracks.words import WordsTrack

TRACKS: tuple[Track, ...] = (
    WordsTrack(),
    StatesTrack(),
    GatesTrack(),
    PredictsTrack(),
    LossTrack(),
    ErrorTrack(),
    FactorsTrack(),
    MatrixTrack(),
)
"""Every track, from top to bottom. A new one is a file beside these and a line here."""

__all__ = ["NO_CONTEXT", "TRACKS", "Context", "Height", "Track"]
