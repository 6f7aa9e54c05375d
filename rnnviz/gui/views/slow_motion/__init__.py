"""Slow motion: one real update, as a function of a phase in [0, 7)."""

from importlib import import_module
from typing import TYPE_CHECKING

from rnnviz.gui.views.slow_motion.stage import SEND_BACK, Stage, shown_trace, stage_of

if TYPE_CHECKING:  # loaded when they are first asked for, see below
    from rnnviz.gui.views.slow_motion.answers import before_the_error
    from rnnviz.gui.views.slow_motion.painting import paint_slow_cards, paint_slow_motion
    from rnnviz.gui.views.slow_motion.scene import Scene
    from rnnviz.gui.views.slow_motion.sentences import update_headline

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

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    _LATER = {
        "Scene": "scene",
        "before_the_error": "answers",
        "paint_slow_cards": "painting",
        "paint_slow_motion": "painting",
        "update_headline": "sentences",
    }
    """What paints, which waits until an update is shown slowly: 4 ms of the time to the first picture."""

    def __getattr__(name):
        """A name of the modules above, which are loaded when one is asked for (PEP 562)."""
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
