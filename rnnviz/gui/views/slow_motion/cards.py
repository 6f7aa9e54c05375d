"""Cards over the empty tracks: the batch that is read, and one prediction compared with what was right."""

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.slow_motion.answers import blind
from rnnviz.gui.views.slow_motion.numbers import Candidate, candidates, missing, probability_of, told_apart
from rnnviz.gui.views.slow_motion.scene import Scene
from rnnviz.gui.views.slow_motion.stage import ADJUST, COMPARE, PREDICT, READ, REMEMBER, ramp
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.lettering import (
    SIGN_SMALL,
    SIGN_SMALL_BOLD,
    SMALL,
    SMALL_BOLD,
    TEXT_BOLD,
    baseline,
    shortened,
    write,
    write_token,
)
from rnnviz.gui.views.tracks.loss import LossTrack
from rnnviz.gui.views.wording import brief, percent, quoted, unit_of
from rnnviz.probes import NO_TARGET

UNDER_LOSS = ("error", "factors", "matrix")
"""Tracks that stand empty until the error walks: the cards have their place."""
FALLBACK = 130.0
"""Height of a card where none of them is open."""
ROW, MOST_ROWS = 23.0, 9
MOST_SEQUENCES = 64
WORD_ROOM, NUMBER_ROOM = 96.0, 64.0
HEAD = 24.0
ABOVE = 5.0
"""Points between a card and the top of the tracks under it."""
SIDE = 5.0
"""Points by which a card is wider than the columns, on each side."""


def free_area(scene: Scene) -> QRectF:
    """Where cards may stand: the tracks under the loss, under the columns."""
    axis = scene.axis
    under = [one for one in scene.placed if not one.folded and one.track.name in UNDER_LOSS]
    last = scene.placed[-1].rect.bottom() if scene.placed else scene.rect.bottom()
    top, bottom = last - FALLBACK, last
    if under:
        lowest = max(under, key=lambda one: one.rect.top())
        top, bottom = lowest.rect.top(), lowest.rect.bottom()
        for one in sorted(under, key=lambda one: -one.rect.top()):
            if abs(one.rect.bottom() - top) < 1:
                top = one.rect.top()
    right = min(axis.left + max(axis.width, 1.0) + SIDE, scene.rect.right() - 2)
    return QRectF(axis.left - SIDE, top + ABOVE, right - axis.left + SIDE, bottom - top - 12)


def paint_card(painter: QPainter, area: QRectF, theme: Theme) -> None:
    """The ground of a card."""
    painter.setPen(QPen(color(theme.line), 1))
    painter.setBrush(color(theme.panel))
    painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)


def paint_cards(scene: Scene) -> None:
    """The card of this step, if it has one."""
    step, t = scene.stage.step, scene.stage.error_step
    if step in (READ, REMEMBER):
        _paint_batch(scene, free_area(scene))
    elif step == PREDICT:
        _paint_prediction(scene, free_area(scene), scene.stage.focus)
    elif step == COMPARE:
        _paint_prediction(scene, free_area(scene), t)


# The batch.


def _paint_batch(scene: Scene, area: QRectF) -> None:
    """A line for each sequence of the batch: all of them are read, step by step, at the same time."""
    painter, theme, axis, trace = scene.painter, scene.theme, scene.axis, scene.before
    paint_card(painter, area, theme)
    sequences, unit = scene.record.others + 1, unit_of(scene.before, 2)
    title = f"One update learns from {sequences} sequences of {trace.length} {unit}, read side by side"
    if sequences == 1:
        title = f"One update learns from this sequence of {trace.length} {unit}"
    room = area.width() - 24
    y = baseline(area.top() + 4, HEAD, TEXT_BOLD)
    write(painter, shortened(title, room, TEXT_BOLD), area.left() + 12, y, TEXT_BOLD, theme.ink)
    wave = scene.stage.words if scene.stage.step == READ else scene.stage.states
    drawn = min(sequences, MOST_SEQUENCES)
    top, bottom = area.top() + HEAD + 8, area.bottom() - 12
    pitch = min((bottom - top) / drawn, 12.0)
    thick = max(min(pitch * 0.62, 6.0), 1.0)
    left, right = axis.left, axis.right
    shown = axis.visible
    begun = sum(wave.part(k) for k in range(shown.start)) + sum(wave.part(k) for k in shown)
    reached = min(max(axis.edges[0] + begun * axis.column_width, left), right)
    ink = theme.quiet if scene.stage.step == READ else theme.forward
    painter.setPen(Qt.PenStyle.NoPen)
    for row in range(drawn):
        own = row == 0
        line = QRectF(left, top + row * pitch, right - left, thick + (1.5 if own else 0))
        painter.setBrush(color(theme.faint))
        painter.drawRect(line)
        painter.setBrush(color(ink, 1.0 if own else 0.4))
        painter.drawRect(QRectF(line.left(), line.top(), max(reached - left, 0), line.height()))
    if drawn < sequences:
        text = f"and {sequences - drawn:,} more"
        write(painter, text, right, y, SMALL, theme.quiet, "right")


# One prediction.


def _paint_prediction(scene: Scene, area: QRectF, step: int) -> None:
    """p as blue bars, y as a green frame, and what lies between them: p - y, in orange."""
    painter, theme, stage, trace = scene.painter, scene.theme, scene.stage, scene.before
    known = stage.answers.part(step) if trace.targets[step] != NO_TARGET else 0.0
    gap = stage.gap if known > 0 else 0.0
    count = max(min(MOST_ROWS, int((area.height() - HEAD - 26) / ROW)), 2)
    rows = candidates(trace if known > 0 or stage.step == COMPARE else blind(trace), step, count)
    area.setBottom(min(area.bottom(), area.top() + HEAD + 9 + len(rows) * ROW + 24))
    paint_card(painter, area, theme)
    parts = [f"After {quoted(trace, brief(str(trace.words[step])))}:  said p"]
    parts += ["right y"] if known > 0 else []
    parts += ["error p − y"] if gap > 0 else []
    y = baseline(area.top() + 5, HEAD, TEXT_BOLD)
    write(painter, "   ".join(parts), area.left() + 12, y, TEXT_BOLD, theme.ink)
    bars = QRectF(area.left() + WORD_ROOM, area.top() + HEAD + 9, 0, 0)
    bars.setRight(area.right() - 2 * NUMBER_ROOM)
    goal = _goal(scene, area)
    for i, row in enumerate(rows):
        line = QRectF(bars.left(), bars.top() + i * ROW, bars.width(), ROW - 6)
        _paint_row(scene, row, line, stage.predictions.part(step), known)
        if gap > 0:
            _paint_gap(scene, row, line, goal)
    rest = trace.vocabulary_size - len(rows)
    if rest > 0:
        text = f"and {rest:,} more {unit_of(trace, rest)}"
        text += ", each too much by its whole p" if gap > 0 else ""
        y = baseline(bars.top() + len(rows) * ROW - 2, 16, SMALL)
        if y < area.bottom() - 4:
            write(painter, shortened(text, bars.width() + 100, SMALL), bars.left(), y, SMALL, theme.quiet)


def _goal(scene: Scene, area: QRectF) -> QRectF:
    """Where the gap goes: into the loss bar of its word."""
    loss = scene.find(LossTrack)
    t, axis = scene.stage.error_step, scene.axis
    if loss is None or t not in axis.visible:
        return QRectF(area.right() - 20, area.top(), 12, 8)
    assert isinstance(loss.track, LossTrack)
    bar = loss.track.bar(loss.rect, scene.before, t, axis)
    return QRectF(bar.left(), bar.bottom() - 8, bar.width(), 8)


def _paint_word(scene: Scene, row: Candidate, line: QRectF, known: bool) -> None:
    painter, theme = scene.painter, scene.theme
    x = line.left() - 10
    if scene.axis.characters:
        face = SIGN_SMALL_BOLD if known else SIGN_SMALL
        y = baseline(line.top(), line.height(), face)
        write_token(painter, row.token, x, y, face, theme.right if known else theme.ink, "right")
        return
    face = SMALL_BOLD if known else SMALL
    y = baseline(line.top(), line.height(), face)
    text = shortened(brief(row.token), WORD_ROOM - 22, face)
    write(painter, text, x, y, face, theme.right if known else theme.ink, "right")


def _paint_row(scene: Scene, row: Candidate, line: QRectF, grown: float, known: float) -> None:
    """One word: its probability, and where it is the right one the frame of y = 1."""
    painter, theme = scene.painter, scene.theme
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(theme.faint))
    painter.drawRoundedRect(line, 3, 3)
    painter.setBrush(color(theme.forward))
    width = max(line.width() * row.said * grown, 1.6)
    painter.drawRoundedRect(QRectF(line.left(), line.top(), width, line.height()), 3, 3)
    _paint_word(scene, row, line, row.right and known > 0)
    y = baseline(line.top(), line.height(), SMALL)
    write(painter, f"{percent(row.said)} %", line.right() + 54, y, SMALL, theme.ink, "right")
    if row.right and known > 0:
        frame = QRectF(line.left() - 1, line.top() - 1, (line.width() + 2) * known, line.height() + 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color(theme.right), 1.8))
        painter.drawRoundedRect(frame, 4, 4)


def _paint_gap(scene: Scene, row: Candidate, line: QRectF, goal: QRectF) -> None:
    """p - y of one word: it opens between p and y, then leaves for the loss."""
    painter, theme, stage = scene.painter, scene.theme, scene.stage
    start, end = (row.said, 1.0) if row.right else (0.0, row.said)
    at_rest = QRectF(
        line.left() + line.width() * start, line.top() + 2,
        line.width() * (end - start) * stage.gap, line.height() - 4,
    )  # fmt: skip
    if row.right:
        at_rest.moveRight(line.right())
    way = stage.leaving
    gap = QRectF(
        at_rest.left() + (goal.left() - at_rest.left()) * way,
        at_rest.top() + (goal.top() - at_rest.top()) * way,
        at_rest.width() + (min(goal.width(), at_rest.width()) - at_rest.width()) * way,
        at_rest.height() + (goal.height() - at_rest.height()) * way,
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(theme.backward))
    painter.drawRect(gap)
    if gap.width() > 5:
        painter.setPen(marks.hatch_pen(theme.panel))
        painter.drawLines(marks.hatch_rect(gap.adjusted(1.2, 1.2, -1.2, -1.2)))
    shown = ramp(stage.gap, 0.5, 1.0) * (1 - way)
    if shown > 0.3:
        sign = "−" if row.gap < 0 else "+"
        y = baseline(line.top(), line.height(), SMALL_BOLD)
        text = f"{sign}{missing(abs(row.gap))} %"
        write(painter, text, line.right() + 118, y, SMALL_BOLD, theme.backward_text, "right")


def paint_new_prediction(scene: Scene, area: QRectF) -> None:
    """After the update: each word's new bar before the outline of the old one."""
    painter, theme, stage, after = scene.painter, scene.theme, scene.stage, scene.record.after
    if stage.step != ADJUST or after is None:
        return
    t = stage.error_step
    grown = stage.again.part(t)
    count = max(min(MOST_ROWS, int((area.height() - HEAD - 6) / ROW)), 2)
    paint_card(painter, area, theme)
    here = quoted(after, brief(str(after.words[t])))
    y = baseline(area.top() + 2, HEAD, TEXT_BOLD)
    write(painter, f"After {here}: before and after", area.left() + 12, y, TEXT_BOLD, theme.ink)
    ghost = QPen(color(theme.quiet), 1.2)
    ghost.setDashPattern([3.0, 2.0])
    for i, row in enumerate(candidates(after, t, count)):
        line = QRectF(area.left() + WORD_ROOM, area.top() + HEAD + 3 + i * ROW, 0, ROW - 6)
        line.setRight(area.right() - 2 * NUMBER_ROOM)
        old = probability_of(scene.before, t, row.token)
        start = old if old is not None else 0.0
        texts = told_apart(start, row.said)
        now = start + (row.said - start) * grown
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(theme.faint))
        painter.drawRoundedRect(line, 3, 3)
        bar = QRectF(line.left(), line.top() + 2, max(line.width() * now, 1.6), line.height() - 4)
        painter.setBrush(color(theme.right if row.right else theme.forward))
        painter.drawRoundedRect(bar, 2, 2)
        _paint_word(scene, row, line, row.right)
        y = baseline(line.top(), line.height(), SMALL)
        if old is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(ghost)
            painter.drawRect(QRectF(line.left(), line.top(), max(line.width() * old, 1.6), line.height()))
            painter.setPen(QPen(color(theme.ink), 1.4))
            x = line.left() + line.width() * old
            painter.drawLine(QLineF(x, line.top() - 1, x, line.bottom() + 1))
            write(painter, f"{texts[0]} %", line.right() + 54, y, SMALL, theme.quiet, "right")
        if grown >= 1:
            text = f"{texts[1]} %"
            write(painter, text, line.right() + 118, y, SMALL_BOLD, theme.ink, "right")
