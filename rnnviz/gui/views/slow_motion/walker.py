"""The error while it moves: climbing out of the loss, and walking from step to step."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.slow_motion.numbers import step_back
from rnnviz.gui.views.slow_motion.stage import Stage
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.decades import scale_for
from rnnviz.gui.views.tracks.error import BAR, WIDEST_BAR, ErrorTrack
from rnnviz.gui.views.tracks.lettering import SMALL_BOLD, baseline, width_of, write
from rnnviz.gui.views.tracks.shares import shares_left
from rnnviz.gui.views.tracks.stem import FROM_EDGE
from rnnviz.gui.views.wording import factor
from rnnviz.probes.trace import Trace

BEAD = 4.5


def paint_climber(painter: QPainter, axis: TimeAxis, stage: Stage, y: float, theme: Theme) -> None:
    """The error at the tip of the stem."""
    if stage.error_step not in axis.visible:
        return
    x = axis.column(stage.error_step)[1] - FROM_EDGE - 1
    painter.setPen(QPen(color(theme.ground), 1.2))
    painter.setBrush(color(theme.backward))
    painter.drawEllipse(QPointF(x, y), BEAD, BEAD)


def paint_walker(
    painter: QPainter,
    track: ErrorTrack,
    rect: QRectF,
    trace: Trace,
    stage: Stage,
    cursor: CursorState,
    axis: TimeAxis,
    theme: Theme,
) -> None:
    """The bar that is on its way: it shrinks where it stands through f', and moves on through W_hh."""
    walk = stage.walk
    assert walk is not None
    move = step_back(trace, stage.error_step, walk.step, cursor.layer)
    if move is None or walk.step not in axis.visible or walk.step - 1 not in axis.visible:
        return
    shares = shares_left(trace, stage.error_step, cursor.layer)
    top, bottom = track.span(rect)
    scale = scale_for(shares, cursor.logarithmic)
    value = move.at(walk)
    height = float(scale.height(value)) * (bottom - top)
    center = axis.center(walk.step)
    center += (axis.center(walk.step - 1) - center) * (walk.step - walk.place)
    wide = axis.column_width
    width = min(BAR * wide, WIDEST_BAR) if axis.roomy else max(wide - 2, 2.0)
    bar = QRectF(center - width / 2, bottom - height, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(theme.ground))
    painter.drawRect(bar)
    painter.setBrush(color(theme.backward, 0.55))
    painter.drawRect(bar)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color(theme.backward), 1.6))
    painter.drawRect(bar)
    if height > 5:
        painter.setPen(marks.hatch_pen(theme.ground))
        painter.drawLines(marks.hatch_rect(bar.adjusted(1.6, 1.6, -1.6, -0.6)))
    if stage.in_full and move.in_two:
        _paint_factor(painter, walk.part < 0.5, move.slope, move.weights, bar, top, axis, theme)


def _paint_factor(
    painter: QPainter,
    through_slope: bool,
    slope: float,
    weights: float,
    bar: QRectF,
    top: float,
    axis: TimeAxis,
    theme: Theme,
) -> None:
    """Beside the bar, what it passes through now."""
    text = f"f′ × {factor(slope)}" if through_slope else f"W_hh × {factor(weights)}"
    width = width_of(text, SMALL_BOLD)
    right = max(bar.left() - 6, axis.left + width + 6)
    y = min(max(bar.top() - 8, top - 12), bar.bottom() - 17)
    box = QRectF(right - width - 5, y, width + 10, 17)
    painter.setPen(QPen(color(theme.backward), 1))
    painter.setBrush(color(theme.panel))
    painter.drawRoundedRect(box, 4, 4)
    ink = theme.backward_text
    write(painter, text, right - width, baseline(box.top(), box.height(), SMALL_BOLD), SMALL_BOLD, ink)
