"""Slow motion: one real update, as a function of a phase in [0, 7)."""

from rnnviz.gui.views.slow_motion.painting import paint_slow_cards, paint_slow_motion
from rnnviz.gui.views.slow_motion.scene import Scene
from rnnviz.gui.views.slow_motion.sentences import update_headline
from rnnviz.gui.views.slow_motion.stage import Stage, shown_trace, stage_of

__all__ = [
    "Scene",
    "Stage",
    "paint_slow_cards",
    "paint_slow_motion",
    "shown_trace",
    "stage_of",
    "update_headline",
]
