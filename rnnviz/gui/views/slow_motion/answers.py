"""What the network says, what was right, and how wrong it was."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPen

from rnnviz.gui.theme import color
from rnnviz.gui.views.arrangement import Placed
from rnnviz.gui.views.slow_motion.scene import Scene, begun, clipped, columns
from rnnviz.gui.views.slow_motion.stage import (
    COMPARE,
    PREDICT,
)
from rnnviz.gui.views.tracks.loss import LossTrack
from rnnviz.probes import NO_TARGET, Trace

VISIBLE = 0.75
"""Points that a bar must have moved by for its old outline to be drawn."""


def blind(trace: Trace) -> Trace:
    """The trace of somebody who has not seen the answers yet."""
    T = trace.length
    return replace(
        trace,
        targets=np.full(T, NO_TARGET),
        target_words=np.full(T, ""),
        target_prob=np.full(T, np.nan),
        target_place=np.zeros(T, dtype=np.int64),
        loss=np.full(T, np.nan),
    )


def before_the_error(trace: Trace) -> Trace:
    """The trace before any error has gone back."""
    return replace(trace, state_gradient_matrix=np.full_like(trace.state_gradient_matrix, np.nan))


def paint_slow_predictions(scene: Scene, one: Placed) -> None:
    """The likeliest words as they are said, with the right ones once these are known."""
    painter, axis, stage, rect = scene.painter, scene.axis, scene.stage, one.rect
    if stage.step < PREDICT:
        return
    if stage.step == PREDICT:
        with clipped(painter, *begun(rect, axis, stage.predictions)):
            scene.moment(one, blind(scene.before))
        return
    known = stage.answers.done(axis.length)
    if known < axis.length:
        with clipped(painter, columns(rect, axis, known, axis.length)):
            scene.moment(one, blind(scene.before))
    if known and scene.renewed < axis.length:
        with clipped(painter, columns(rect, axis, 0, known)):
            scene.moment(one, scene.before)
    _paint_anew(scene, one)


def _paint_anew(scene: Scene, one: Placed) -> None:
    """Over what stood there before the update, what stands there after it."""
    after = scene.record.after
    if not scene.renewed or after is None:
        return
    done = columns(one.rect, scene.axis, 0, scene.renewed)
    inner = done.adjusted(0, 1, 0, -1)
    with clipped(scene.painter, inner):
        scene.painter.fillRect(inner, color(scene.theme.ground))
        one.track.paint_ground(
            scene.painter, one.rect, after, scene.cursor, scene.axis, scene.theme, scene.context
        )
        scene.moment(one, after)


def paint_slow_losses(scene: Scene, one: Placed) -> None:
    """The losses rise with the right answers; that of the error when the gap has come off."""
    painter, axis, stage, rect = scene.painter, scene.axis, scene.stage, one.rect
    if stage.step < COMPARE:
        return
    t = stage.error_step
    areas = begun(rect, axis, stage.answers, skip=t)
    own = columns(rect, axis, t, t + 1)
    rise = own.height() * stage.leaving
    areas.append(QRectF(own.left(), own.bottom() - rise, own.width(), rise))
    if scene.renewed < axis.length:
        with clipped(painter, *areas):
            scene.moment(one, scene.before)
    _paint_anew(scene, one)
    if scene.renewed:
        _paint_ghost_losses(scene, one)


def _paint_ghost_losses(scene: Scene, one: Placed) -> None:
    """The outlines of the losses before the update."""
    assert isinstance(one.track, LossTrack)
    painter, axis = scene.painter, scene.axis
    after = scene.record.after
    pen = QPen(color(scene.theme.quiet), 1)
    pen.setDashPattern([2.0, 2.0])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for k in axis.visible:
        if k >= scene.renewed or after is None or not np.isfinite(scene.before.loss[k]):
            continue
        old, new = (one.track.bar(one.rect, trace, k, axis) for trace in (scene.before, after))
        if abs(old.top() - new.top()) >= VISIBLE:
            painter.drawRect(old.adjusted(-0.5, -0.5, 0.5, 0.5))
