"""The ghost: the picture before something was changed, which stays until it is dismissed."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.theme import Theme, color
from rnnviz.probes import Trace

if TYPE_CHECKING:  # the headline is set from tracks, which know of ghosts
    from rnnviz.gui.views.headline import Runs

LINE = 1.1
SEEN = 1.5
"""Points by which before and now must differ for the ghost to be drawn: what did not change has none."""
DASH, GAP = 2.6, 2.0
"""Lengths of a ghost's outline, in points."""


@dataclass(frozen=True, slots=True)
class Ghost:
    """What the same network did before."""

    trace: Trace
    cause: "Runs"  # what was changed since, as a sentence begins: "With the forget gate shut at", word

    def fits(self, trace: Trace) -> bool:
        """Whether both passages have the same columns."""
        return self.trace.length == trace.length and self.trace.layers == trace.layers


def ghost_pen(theme: Theme) -> QPen:
    """A thin dashed line of ink: an outline, so that it never looks like data of now."""
    pen = QPen(color(theme.ink), LINE)
    pen.setDashPattern([DASH / LINE, GAP / LINE])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setCosmetic(True)  # as thin in a chart, whose units are per cents and words
    return pen


def take_ghost_pen(painter: QPainter, theme: Theme) -> None:
    """Draw outlines of a ghost from now on."""
    painter.setPen(ghost_pen(theme))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def former_probability(ghost: Ghost, step: int, token: int) -> float:
    """The probability that a token had before; NaN where it is not kept, being none of the likeliest."""
    trace = ghost.trace
    if int(trace.targets[step]) == token:
        return float(trace.target_prob[step])
    place = np.flatnonzero(trace.candidates[step] == token)
    return float(trace.candidate_probs[step, place[0]]) if place.size else math.nan
