"""A moment of slow motion: every track as far as the update has come, and over them what moves."""

from collections.abc import Callable

from rnnviz.gui.views.arrangement import Placed
from rnnviz.gui.views.slow_motion.answers import paint_slow_losses, paint_slow_predictions
from rnnviz.gui.views.slow_motion.cards import paint_cards
from rnnviz.gui.views.slow_motion.reading import paint_slow_gates, paint_slow_states, paint_slow_words
from rnnviz.gui.views.slow_motion.scene import Scene, clipped
from rnnviz.gui.views.slow_motion.walker import paint_passage
from rnnviz.gui.views.slow_motion.way_back import (
    paint_slow_error,
    paint_slow_factors,
    paint_slow_matrix,
    paint_slow_stem,
)
from rnnviz.gui.views.slow_motion.weights import paint_weights
from rnnviz.gui.views.tracks import Track
from rnnviz.gui.views.tracks.error import ErrorTrack
from rnnviz.gui.views.tracks.factors import FactorsTrack
from rnnviz.gui.views.tracks.gates import GatesTrack
from rnnviz.gui.views.tracks.loss import LossTrack
from rnnviz.gui.views.tracks.matrix import MatrixTrack
from rnnviz.gui.views.tracks.predicts import PredictsTrack
from rnnviz.gui.views.tracks.states import StatesTrack
from rnnviz.gui.views.tracks.words import WordsTrack

_PAINTERS: dict[type[Track], Callable[[Scene, Placed], None]] = {
    WordsTrack: paint_slow_words,
    StatesTrack: paint_slow_states,
    GatesTrack: paint_slow_gates,
    PredictsTrack: paint_slow_predictions,
    LossTrack: paint_slow_losses,
    ErrorTrack: paint_slow_error,
    FactorsTrack: paint_slow_factors,
    MatrixTrack: paint_slow_matrix,
}


def paint_slow_motion(scene: Scene) -> None:
    """Every open track as far as the update has come, then the error on its way."""
    for one in scene.placed:
        if one.folded:
            continue
        paint = next((how for kind, how in _PAINTERS.items() if isinstance(one.track, kind)), None)
        with clipped(scene.painter, scene.sight(one)):
            if paint is None:
                scene.moment(one, scene.before)
            else:
                paint(scene, one)
    paint_slow_stem(scene)


def paint_slow_cards(scene: Scene) -> None:
    """What stands over tracks and cursor: the batch, a prediction, the one W_hh."""
    paint_cards(scene)
    paint_passage(scene)
    paint_weights(scene)
