"""The error climbs the stem and walks back: as much of each track as it has reached."""

from PySide6.QtCore import QRectF

from rnnviz.gui.views.arrangement import Placed
from rnnviz.gui.views.slow_motion.cards import ABOVE, free_area
from rnnviz.gui.views.slow_motion.scene import PAST, Scene, clipped
from rnnviz.gui.views.slow_motion.stage import ADJUST, COLLECT, SEND_BACK
from rnnviz.gui.views.slow_motion.walker import paint_climber, paint_walker
from rnnviz.gui.views.tracks.error import TOP, ErrorTrack
from rnnviz.gui.views.tracks.factors import FactorsTrack
from rnnviz.gui.views.tracks.loss import LossTrack
from rnnviz.gui.views.tracks.matrix import MatrixTrack
from rnnviz.gui.views.tracks.states import StatesTrack
from rnnviz.gui.views.tracks.stem import paint_stem
from rnnviz.gui.views.tracks.track import sight_of

NUMBER = 16.0
"""Points by which "100" may stand out of its column, above all other bars."""
NAME = 13.0
"""Height of a row's name, which may be taller than its row."""


def paint_slow_stem(scene: Scene) -> None:
    """The stem as far as the error has climbed."""
    states, loss, stage = scene.find(StatesTrack), scene.find(LossTrack), scene.stage
    if stage.step < SEND_BACK or states is None or loss is None or states.rect.top() > loss.rect.top():
        return
    assert isinstance(states.track, StatesTrack) and isinstance(loss.track, LossTrack)
    painter, axis = scene.painter, scene.axis
    bottom = loss.rect.bottom()
    entry = states.track.entry(states.rect, scene.before, scene.cursor, axis)
    top = bottom - (bottom - entry.y() + 8) * stage.climb
    in_sight = sight_of(scene.rect, axis) if axis.scrolls else scene.rect
    pair = (states.track, states.rect), (loss.track, loss.rect)
    painter.setOpacity(PAST if stage.step == ADJUST else 1.0)
    with (
        clipped(painter, in_sight),
        clipped(painter, QRectF(scene.rect.left(), top, scene.rect.width(), bottom - top)),
    ):
        paint_stem(painter, *pair, scene.before, scene.cursor, axis, scene.theme)
    painter.setOpacity(1)
    if stage.walk is None and stage.climb > 0:
        paint_climber(painter, axis, stage, max(top, entry.y()), scene.theme)


def _is_covered(scene: Scene, one: Placed) -> bool:
    """Whether the card of the new prediction stands here."""
    return scene.stage.step == ADJUST and one.rect.top() >= free_area(scene).top() - ABOVE - 0.5


def paint_slow_error(scene: Scene, one: Placed) -> None:
    """Bars where the error has been, and the one that is on its way."""
    painter, axis, walk = scene.painter, scene.axis, scene.stage.walk
    assert isinstance(one.track, ErrorTrack)
    if walk is None or _is_covered(scene, one):
        return
    rect = one.rect
    left = axis.edges[walk.step] - (0.2 * axis.column_width if axis.roomy else 0.0)
    if walk.over:
        left = rect.left()
    reached = QRectF(left, rect.top(), rect.right() - left, rect.height())
    over_bars = QRectF(reached.left() - NUMBER, reached.top(), reached.width(), TOP - 1)
    with clipped(painter, reached, over_bars):
        scene.moment(one, scene.before)
    paint_walker(scene, one.track, rect)


def paint_slow_factors(scene: Scene, one: Placed) -> None:
    """The factors of the steps that the error has taken."""
    walk, rect = scene.stage.walk, one.rect
    assert isinstance(one.track, FactorsTrack)
    if walk is None or _is_covered(scene, one):
        return
    left = rect.left() if walk.over else scene.axis.center(walk.step)
    with clipped(scene.painter, QRectF(left, rect.top(), rect.right() - left, rect.height())):
        scene.moment(one, scene.before)


def paint_slow_matrix(scene: Scene, one: Placed) -> None:
    """The row of the error as far as it has walked, then those of the other words."""
    stage, rect, axis = scene.stage, one.rect, scene.axis
    track, walk = one.track, stage.walk
    assert isinstance(track, MatrixTrack)
    if walk is None or stage.step >= COLLECT:
        return  # in "collect" W_hh stands here
    edges = track.row_edges(rect, scene.before, axis)
    t = stage.error_step
    top, bottom = edges[t] - 1, edges[t + 1] + 1
    top += (rect.top() - top) * stage.others
    bottom += (rect.bottom() - bottom) * stage.others
    left = axis.left if walk.over else axis.edges[walk.step]
    areas = [QRectF(left, top, rect.right() - left, bottom - top)]
    names = QRectF(rect.left(), top, axis.left - 4 - rect.left(), bottom - top)
    beyond = max(NAME - (edges[t + 1] - edges[t]), 0.0) / 2
    areas.append(names.adjusted(0, -beyond, 0, beyond))
    with clipped(scene.painter, *areas):
        scene.moment(one, scene.before)
