"""Words drop in, and states fill from their word and from the state before them."""

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPen

from rnnviz.gui.theme import color
from rnnviz.gui.views.arrangement import Placed
from rnnviz.gui.views.slow_motion.scene import PAST, Scene, begun, clipped
from rnnviz.gui.views.slow_motion.stage import ADJUST, ARRIVED, COMPARE, PREDICT, READ, REMEMBER
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.arrows import FORWARD_AT
from rnnviz.gui.views.tracks.capsules import capsule, carry_rect, layer_rects, paint_outlines, whole_rects
from rnnviz.gui.views.tracks.shares import hands_on
from rnnviz.gui.views.tracks.states import StatesTrack
from rnnviz.gui.views.tracks.track import columns_of, initial_state_of
from rnnviz.gui.views.tracks.words import LONGEST_SLANTED, ROW, WordsTrack

DROP = 22.0
"""Points that a word falls."""


def paint_slow_words(scene: Scene, one: Placed) -> None:
    """Words as they drop in; the right ones only when the network has spoken."""
    painter, axis, stage, theme = scene.painter, scene.axis, scene.stage, scene.theme
    track, rect = one.track, one.rect
    assert isinstance(track, WordsTrack)
    reads, says = track.reads_row(rect, axis), track.should_say_row(rect)
    if stage.step == READ:
        _paint_falling(scene, track, reads)
    if stage.step <= COMPARE:
        known = stage.answers.done(axis.length)
        if known < axis.length:
            left = max(axis.edges[known], axis.left)
            cover = QRectF(left, says.top(), axis.right + 1 - left, says.height())
            painter.fillRect(cover, color(theme.ground))
    shown = []
    if stage.words.part(scene.cursor.time_step) >= 1:
        shown.append(QRectF(rect.left(), rect.top(), rect.width(), says.top() - rect.top()))
    if stage.answers.part(stage.error_step) >= 1:
        shown.append(says)
    with clipped(painter, *shown):
        scene.moment(one, scene.before)


def _paint_falling(scene: Scene, track: WordsTrack, reads: QRectF) -> None:
    """Words that have fallen stand; the others are still above, and fade in as they come."""
    painter, axis, wave = scene.painter, scene.axis, scene.stage.words
    columns = columns_of(reads, axis)
    lean = 0.0 if axis.level_words else LONGEST_SLANTED
    painter.fillRect(columns.adjusted(0, -2, 1, 0), color(scene.theme.ground))
    painter.fillRect(
        QRectF(axis.left - lean, reads.top() - 2, lean, reads.height() - ROW), color(scene.theme.ground)
    )
    with clipped(painter, columns.adjusted(-lean, -DROP, 0, 0)):
        for step in axis.visible:
            part = wave.part(step)
            if part <= 0:
                break
            painter.setOpacity(part)
            row = reads.translated(0, -DROP * (1 - part) ** 2)
            track.paint_read(painter, row, step, str(scene.before.words[step]), axis, scene.theme.ink)
    painter.setOpacity(1)


# States.


def paint_slow_states(scene: Scene, one: Placed) -> None:
    """States as they fill, and the error on its way back through them."""
    painter, axis, stage, theme = scene.painter, scene.axis, scene.stage, scene.theme
    track, rect = one.track, one.rect
    assert isinstance(track, StatesTrack)
    if stage.step <= REMEMBER:
        _paint_unfilled(scene, rect)
    if scene.renewed < axis.length:
        with clipped(painter, *begun(rect, axis, stage.filled), _initial_area(rect, axis)):
            track.paint_states(painter, rect, scene.before, scene.cursor, axis, theme, scene.context)
    if scene.renewed and scene.record.after is not None:
        with clipped(painter, *begun(rect, axis, stage.again), _initial_area(rect, axis)):
            track.paint_states(painter, rect, scene.record.after, scene.cursor, axis, theme, scene.context)
    if stage.step <= PREDICT:
        _paint_arriving(scene, rect)
    if stage.walk is not None:
        left = rect.left() if stage.walk.over else _place_x(scene)
        painter.setOpacity(PAST if stage.step == ADJUST else 1.0)
        with clipped(painter, QRectF(left, rect.top(), rect.right() - left, rect.height())):
            track.paint_error(painter, rect, scene.before, scene.cursor, axis, theme)
        painter.setOpacity(1)


def _place_x(scene: Scene) -> float:
    """Where the error stands, in points."""
    walk = scene.stage.walk
    assert walk is not None
    here = scene.axis.center(walk.step)
    if walk.step == 0:
        return here
    return here + (scene.axis.center(walk.step - 1) - here) * (walk.step - walk.place)


def _initial_area(rect: QRectF, axis: TimeAxis) -> QRectF:
    initial = initial_state_of(rect, axis)
    return QRectF() if initial is None else initial


def _rails(scene: Scene, rect: QRectF) -> list[QRectF]:
    """The rail of h in every layer, and that of c where there is one."""
    focus = scene.cursor.layer
    carry = carry_rect(rect, scene.before, focus)
    return [*layer_rects(rect, scene.before, focus), *([] if carry is None else [carry])]


def paint_slow_gates(scene: Scene, one: Placed) -> None:
    """The gates of the steps that have been read; the others do not exist yet."""
    axis, done = scene.axis, scene.stage.states.done(scene.axis.length)
    right = axis.right + 2 if done >= axis.length else max(axis.edges[done], axis.left - 2)
    left = one.rect.left() if scene.cursor.time_step < done else axis.left  # its mean stands in the label
    known = QRectF(left, one.rect.top(), right - left, one.rect.height())
    with clipped(scene.painter, known):
        scene.moment(one, scene.before)


def _paint_unfilled(scene: Scene, rect: QRectF) -> None:
    """Cover the arrows of states that do not exist yet; their empty outlines stay."""
    axis, done = scene.axis, scene.stage.states.done(scene.axis.length)
    if done >= axis.length:
        return
    bands = _rails(scene, rect)
    initial = initial_state_of(rect, axis)
    left = axis.edges[done]
    if axis.roomy:
        left = capsule(done - 1, bands[0], axis).right() if done else (initial or rect).right()
    left = max(left, axis.left - 6.0)
    area = QRectF(left, rect.top() + 1, axis.right + 2 - left, rect.height() - 2)
    with clipped(scene.painter, area):
        scene.painter.fillRect(area, color(scene.theme.ground))
        for band in bands:
            paint_outlines(scene.painter, rect, band, axis, scene.theme)


def _paint_arriving(scene: Scene, rect: QRectF) -> None:
    """The arrows from x_t and h_{t-1} into the state that is about to fill; those of x_t stay for a while."""
    painter, axis, stage = scene.painter, scene.axis, scene.stage
    words = scene.find(WordsTrack)
    band = whole_rects(rect, scene.before, scene.cursor.layer)[0]
    if words is None or words.rect.top() > rect.top() or stage.phase < REMEMBER:
        return
    assert isinstance(words.track, WordsTrack)
    start = words.track.reads_row(words.rect, axis).bottom() + 1
    strength = 1.0 if stage.step == REMEMBER else max(1 - stage.part * 6, 0.0)
    if strength <= 0:
        return
    painter.setClipping(False)
    painter.setOpacity(strength)
    lines, heads = [], []
    end = band.top() - (0 if axis.roomy else 4)
    for k in axis.visible:
        part = min(stage.states.part(k) / ARRIVED, 1.0)
        if part > 0:
            tip = start + (end - start) * part
            x = axis.center(k)
            lines.append(QLineF(x, start, x, tip - 4))
            heads.append(marks.arrow_head(QPointF(x, tip), 5, "down"))
    painter.setPen(QPen(color(scene.theme.forward), 1.8))
    painter.drawLines(lines)
    marks.fill(painter, heads, scene.theme.forward)
    _paint_handed_on(scene, rect)
    painter.setOpacity(1)


def _paint_handed_on(scene: Scene, rect: QRectF) -> None:
    """The arrow from h_{t-1}, in every layer, growing beside that of x_t."""
    if not hands_on(scene.before):
        return
    axis, painter = scene.axis, scene.painter
    bands = _rails(scene, rect)
    initial = initial_state_of(rect, axis)
    lines, heads = [], []
    for k, part in scene.stage.states.moving(axis.length):
        if k not in axis.visible:
            continue
        for band in bands:
            box = capsule(k, band, axis)
            start = capsule(k - 1, band, axis).right() if k else (initial.right() if initial else box.left())
            y = band.top() + FORWARD_AT * band.height() if axis.roomy else band.top() - 2.5
            end = box.left() if axis.roomy else box.right()
            tip = start + (end - start) * min(part / ARRIVED, 1.0)
            lines.append(QLineF(start, y, tip - 3, y))
            heads.append(marks.arrow_head(QPointF(tip, y), 5, "right"))
    painter.setPen(QPen(color(scene.theme.forward), 1.8))
    painter.drawLines(lines)
    marks.fill(painter, heads, scene.theme.forward)
