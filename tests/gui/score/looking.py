"""A score that shows a trace, and what stands under the mouse."""

from PySide6.QtCore import QPoint, QPointF
from pytestqt.qtbot import QtBot

from rnnviz.gui.cursor import Cursor
from rnnviz.gui.views.reading import Reading
from rnnviz.gui.views.score import Score
from rnnviz.probes.trace import Trace

Live = tuple[Score, Cursor]


def show(live: Live, trace: Trace) -> None:
    """Join score and cursor for one trace, as the window does."""
    score, cursor = live
    cursor.fit(trace.length, trace.layers, trace.last_target_step)
    cursor.rewind()
    cursor.fit(trace.length, trace.layers, trace.last_target_step)
    cursor.changed.connect(lambda state: score.show_moment(trace, state))
    score.show_moment(trace, cursor.state)


def spot(score: Score, name: str, step: int, part: float = 0.5) -> QPoint:
    """A pixel in one track's column."""
    rect, axis = score.track_rect(name), score.axis()
    assert rect is not None and axis is not None
    return QPointF(axis.center(step), rect.top() + part * rect.height()).toPoint()


def readings(score: Score, qtbot: QtBot, name: str, step: int, part: float) -> Reading:
    heard: list[object] = []
    score.hovered.connect(heard.append)
    qtbot.mouseMove(score, spot(score, name, step, part))
    score._read(QPointF(spot(score, name, step, part)))
    score.hovered.disconnect(heard.append)
    assert isinstance(heard[-1], Reading)
    return heard[-1]
