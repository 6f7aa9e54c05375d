"""The error while it moves: climbing out of the loss, and walking from step to step."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.slow_motion.numbers import StepBack, step_back
from rnnviz.gui.views.slow_motion.scene import Scene
from rnnviz.gui.views.slow_motion.stage import SEND_BACK, Stage
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.decades import scale_for
from rnnviz.gui.views.tracks.error import BAR, WIDEST_BAR, ErrorTrack
from rnnviz.gui.views.tracks.lettering import SMALL_BOLD, baseline, formula_width, write_formula
from rnnviz.gui.views.tracks.shares import shares_left
from rnnviz.gui.views.tracks.stem import FROM_EDGE
from rnnviz.gui.views.wording import factor

BEAD = 4.5


def paint_climber(painter: QPainter, axis: TimeAxis, stage: Stage, y: float, theme: Theme) -> None:
    """The error at the tip of the stem."""
    if stage.error_step not in axis.visible:
        return
    x = axis.column(stage.error_step)[1] - FROM_EDGE - 1
    painter.setPen(QPen(color(theme.ground), 1.2))
    painter.setBrush(color(theme.backward))
    painter.drawEllipse(QPointF(x, y), BEAD, BEAD)


@dataclass(frozen=True, slots=True)
class _Walker:
    """The bar that is on its way, and the step that it takes."""

    bar: QRectF
    move: StepBack


def _walker(scene: Scene, track: ErrorTrack, rect: QRectF) -> _Walker | None:
    """Where the moving bar stands; None where there is none or it is out of sight."""
    stage, axis, layer = scene.stage, scene.axis, scene.cursor.layer
    walk = stage.walk
    if walk is None or walk.over:
        return None
    move = step_back(scene.before, stage.error_step, walk.step, layer)
    if move is None or walk.step not in axis.visible or walk.step - 1 not in axis.visible:
        return None
    top, bottom = track.span(rect)
    scale = scale_for(shares_left(scene.before, stage.error_step, layer), scene.cursor.logarithmic)
    height = float(scale.height(move.at(walk))) * (bottom - top)
    center = axis.center(walk.step)
    center += (axis.center(walk.step - 1) - center) * (walk.step - walk.place)
    width = min(BAR * axis.column_width, WIDEST_BAR) if axis.roomy else max(axis.column_width - 2, 2.0)
    return _Walker(QRectF(center - width / 2, bottom - height, width, height), move)


def paint_walker(scene: Scene, track: ErrorTrack, rect: QRectF) -> None:
    """The bar on its way: it shrinks where it stands through f', and moves on through W_hh."""
    walker, painter, theme = _walker(scene, track, rect), scene.painter, scene.theme
    if walker is None:
        return
    bar = walker.bar
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(theme.ground))
    painter.drawRect(bar)
    painter.setPen(QPen(color(theme.backward), 1.6))
    painter.setBrush(color(theme.backward, 0.55))
    painter.drawRect(bar)
    if bar.height() > 5:
        painter.setPen(marks.hatch_pen(theme.ground))
        painter.drawLines(marks.hatch_rect(bar.adjusted(1.6, 1.6, -1.6, -0.6)))


def paint_passage(scene: Scene) -> None:
    """Beside the moving bar, over everything, what it passes through now."""
    placed, stage = scene.find(ErrorTrack), scene.stage
    if placed is None or stage.step != SEND_BACK or not stage.in_full:
        return
    assert isinstance(placed.track, ErrorTrack)
    walker, walk = _walker(scene, placed.track, placed.rect), stage.walk
    if walker is None or walk is None or not walker.move.in_two:
        return
    painter, theme, bar, move = scene.painter, scene.theme, walker.bar, walker.move
    text = f"f′ × {factor(move.slope)}" if walk.part < 0.5 else f"W_hh × {factor(move.weights)}"
    width = formula_width(text, SMALL_BOLD) + 12
    left = bar.left() - 5 - width
    if left < scene.axis.left:
        left = bar.right() + 5
    top = placed.track.span(placed.rect)[0]
    box = QRectF(left, min(max(bar.top() - 8, top - 12), bar.bottom() - 18), width, 18)
    painter.setPen(QPen(color(theme.backward), 1))
    painter.setBrush(color(theme.panel))
    painter.drawRoundedRect(box, 4, 4)
    y = baseline(box.top(), box.height(), SMALL_BOLD)
    write_formula(painter, text, box.left() + 6, y, SMALL_BOLD, theme.backward_text)
