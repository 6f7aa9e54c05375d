"""The one W_hh: every time step sends its share to it, and it moves a little."""

import math

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from rnnviz.gui.theme import color
from rnnviz.gui.views.slow_motion.cards import free_area, paint_card, paint_new_prediction
from rnnviz.gui.views.slow_motion.numbers import word_shares
from rnnviz.gui.views.slow_motion.scene import Scene
from rnnviz.gui.views.slow_motion.stage import ADJUST, COLLECT
from rnnviz.gui.views.tracks.arrows import backward_y
from rnnviz.gui.views.tracks.capsules import layer_rects
from rnnviz.gui.views.tracks.lettering import (
    SMALL,
    TEXT_BOLD,
    TITLE_BOLD,
    baseline,
    formula_width,
    metrics,
    shortened,
    width_of,
    write,
    write_formula,
)
from rnnviz.gui.views.tracks.matrix import MatrixTrack
from rnnviz.gui.views.tracks.shares import hands_on
from rnnviz.gui.views.tracks.states import StatesTrack
from rnnviz.gui.views.tracks.track import LABEL_INDENT
from rnnviz.gui.views.wording import brief, quoted, unit_of
from rnnviz.probes import NO_TARGET

LARGEST, SMALLEST, SPECK = 9.0, 0.8, 1.3
"""Radii of specks: the area is proportional to the norm of the share."""
SLOT = 26.0
SHIFT = 6.0
"""Points by which the box moves when the weights do."""
LINE = 14.0
TALLEST = 110.0
EDGE = 10.0
"""Between the box and its first slot."""


def paint_weights(scene: Scene) -> None:
    """The box of W_hh in the place of the matrix; shares fly into it from every step."""
    if scene.stage.step not in (COLLECT, ADJUST):
        return
    area = _area(scene)
    painter, theme = scene.painter, scene.theme
    painter.fillRect(area.adjusted(0, 1, 0, 0), color(theme.ground))
    _paint_label(scene, area)
    card = free_area(scene)
    if scene.stage.step == ADJUST and card.top() < area.top():
        card.setBottom(area.top() - 6)
        painter.fillRect(card.adjusted(0, 0, 0, 5), color(theme.ground))
        paint_new_prediction(scene, card)
    if not hands_on(scene.before):
        return
    box = _box(scene, area)
    nudge = scene.stage.nudge if scene.stage.step == ADJUST else 0.0
    if nudge > 0:
        old = QPen(color(theme.quiet), 1.2)
        old.setDashPattern([3.0, 3.0])
        painter.setPen(old)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 7, 7)
        box = box.translated(-SHIFT * nudge, SHIFT * nudge)
    paint_card(painter, box, theme)
    painter.setPen(QPen(color(theme.ink), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 7, 7)
    y = baseline(box.top() + 4, 20, TITLE_BOLD)
    middle = box.center().x() - formula_width("W_hh", TITLE_BOLD) / 2
    write_formula(painter, "W_hh", middle, y, TITLE_BOLD, theme.ink)
    painter.setOpacity(1 - 0.7 * nudge)
    _paint_shares(scene, box)
    painter.setOpacity(1)


def _area(scene: Scene) -> QRectF:
    matrix = scene.find(MatrixTrack)
    if matrix is not None:
        return QRectF(scene.rect.left(), matrix.rect.top(), scene.rect.width(), matrix.rect.height())
    card = free_area(scene)
    return QRectF(scene.rect.left(), card.top(), scene.rect.width(), card.height())


def _paint_label(scene: Scene, area: QRectF) -> None:
    """Title and legend in the label column, as a track has them."""
    painter, theme, trace = scene.painter, scene.theme, scene.before
    x, y = area.left() + LABEL_INDENT, area.top() + 3 + metrics(TEXT_BOLD).ascent()
    title = "the one W_hh" if trace.layers == 1 else f"W_hh of layer {scene.cursor.layer + 1}"
    write_formula(painter, title, x, y, TEXT_BOLD, theme.ink)
    if not hands_on(trace):
        write(painter, "this network has none", x, y + LINE, SMALL, theme.quiet)
        return
    times = f"used {trace.length} times" if trace.length > 1 else "used once"
    lines = [f"one matrix, {times}"]
    if scene.record.others:
        lines.append(f"+ {scene.record.others} sequences more")
    for line in lines:
        y += LINE
        write(painter, line, x, y, SMALL, theme.quiet)
    room = scene.axis.left - area.left() - LABEL_INDENT - 24
    t = scene.stage.error_step
    legend = [(f"error of {quoted(trace, brief(str(trace.target_words[t])))}", True)]
    legend = legend if trace.targets[t] != NO_TARGET and word_shares(trace, t, 0) is not None else []
    legend.append((f"errors of all {unit_of(trace, 2)}", False))
    for text, filled in legend:
        y += LINE + 3
        painter.setPen(QPen(color(theme.backward), 1.3))
        painter.setBrush(color(theme.backward) if filled else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(x + 4, y - 4), 4, 4)
        write(painter, shortened(text, room, SMALL), x + 14, y, SMALL, theme.quiet)


def _box(scene: Scene, area: QRectF) -> QRectF:
    """In the middle under the columns, with a slot for every step."""
    axis = scene.axis
    width = min(max(SLOT * scene.before.length + 2 * EDGE, 150.0), 0.72 * (axis.right - axis.left))
    width = max(width, min(150.0, scene.rect.right() - axis.left - 10))
    center = min(max((axis.left + axis.right) / 2, axis.left + width / 2), scene.rect.right() - width / 2 - 8)
    height = min(max(78.0, area.height() * 0.5), TALLEST, area.height() - 22)
    return QRectF(
        center - width / 2, min(area.center().y() - height / 2, area.bottom() - height - 14), width, height
    )


def _paint_shares(scene: Scene, box: QRectF) -> None:
    """Specks of one word's error, filled, and of all errors, as rings: in their slots or on their way."""
    stage, trace, layer, theme = scene.stage, scene.before, scene.cursor.layer, scene.theme
    painter, T = scene.painter, scene.before.length
    one = word_shares(trace, stage.error_step, layer)
    every = scene.record.weight_share[:, layer]
    most = max(float(every.max()), float(one.max()) if one is not None else 0.0)
    if not (most > 0 and math.isfinite(most)):
        return
    collecting = stage.step == COLLECT
    slots = [
        QPointF(box.left() + 10 + (k + 0.5) * (box.width() - 20) / T, box.bottom() - 26) for k in range(T)
    ]
    largest = min(LARGEST, 0.46 * (box.width() - 20) / T if T > 1 else LARGEST)
    sources = _sources(scene)
    _paint_threads(scene, box, sources)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    rings, blank = QPen(color(theme.backward), 1.2), Qt.BrushStyle.NoBrush
    for filled, shares in ((False, every), (True, one)):
        if shares is None:
            continue
        painter.setPen(Qt.PenStyle.NoPen if filled else rings)
        painter.setBrush(color(theme.backward) if filled else blank)
        for k, share in enumerate(shares.tolist()):
            part = 1.0
            if collecting:
                part = stage.share_of_word(k) if filled else stage.share_of_all(k)
            if share <= 0 or part <= 0:
                continue
            at = sources[k] + (slots[k] - sources[k]) * part
            radius = max(largest * math.sqrt(share / most), SMALLEST)
            if radius < SPECK:  # a circle this small looks like a square and costs ten times as much
                painter.fillRect(
                    QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius), color(theme.backward)
                )
            else:
                painter.drawEllipse(at, radius, radius)
    _paint_ends(scene, box, slots)


def _sources(scene: Scene) -> list[QPointF]:
    """Where each step's share comes from: the way into its state, where W_hh is used."""
    states, axis = scene.find(StatesTrack), scene.axis
    y = scene.rect.top() + 40
    if states is not None:
        band = layer_rects(states.rect, scene.before, scene.cursor.layer)[scene.cursor.layer]
        y = backward_y(band, axis)
    aside = 0.0 if axis.roomy else axis.column_width / 2
    # What is out of sight comes from the edge where it is.
    return [QPointF(min(max(axis.edges[k] + aside, axis.left), axis.right), y) for k in range(axis.length)]


def _paint_threads(scene: Scene, box: QRectF, sources: list[QPointF]) -> None:
    """From every step a thread to the same box."""
    stage = scene.stage
    if stage.step != COLLECT:
        return
    lines, end = [], QPointF(box.center().x(), box.top())
    for k in scene.axis.visible:
        part = stage.share_of_word(k)
        if part > 0:
            lines.append(QLineF(sources[k], sources[k] + (end - sources[k]) * part))
    scene.painter.setPen(QPen(color(scene.theme.backward, 0.28), 1))
    scene.painter.drawLines(lines)


def _paint_ends(scene: Scene, box: QRectF, slots: list[QPointF]) -> None:
    """Name the first and the last slot."""
    trace, painter, theme = scene.before, scene.painter, scene.theme
    half = box.width() / 2 - 12
    y = box.bottom() - 5
    ends = [(0, "left")] if trace.length == 1 else [(0, "left"), (trace.length - 1, "right")]
    for k, side in ends:
        text = shortened(quoted(trace, brief(str(trace.words[k]))), half, SMALL)
        width = width_of(text, SMALL)
        x = max(slots[k].x() - width / 2, box.left() + 8) if side == "left" else 0.0
        if side == "right":
            x = min(slots[k].x() - width / 2, box.right() - 8 - width)
        write(painter, text, x, y, SMALL, theme.quiet)
