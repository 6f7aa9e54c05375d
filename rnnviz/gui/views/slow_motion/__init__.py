"""Slow motion: one real update, as a function of a phase in [0, 7)."""

from rnnviz.gui.views.slow_motion.answers import before_the_error
from rnnviz.gui.views.slow_motion.painting import paint_slow_cards, paint_slow_motion
from rnnviz.gui.views.slow_motion.scene import Scene
from rnnviz.gui.views.slow_motion.sentences import update_headline
from rnnviz.gui.views.slow_motion.stage import SEND_BACK, Stage, shown_trace, stage_of

__all__ = [
    "SEND_BACK",
    "Scene",
    "Stage",
    "before_the_error",
    "paint_slow_cards",
    "paint_slow_motion",
    "shown_trace",
    "stage_of",
    "update_headline",
]
