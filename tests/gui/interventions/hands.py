"""Hands on the causes: valves, gates, units, menus, and what can be seen of them."""

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from rnnviz.gui.views.tracks.capsules import capsule, layer_rects
from rnnviz.gui.views.tracks.gates import GatesTrack
from rnnviz.gui.views.tracks.holds import rail_of_valves
from rnnviz.gui.views.tracks.valves import valve_rect
from tests.gui.conftest import User

NONE = Qt.KeyboardModifier.NoModifier


# -- hands on the picture ---------------------------------------------------------------------------------
def valve(user: User, step: int) -> QPoint:
    """The middle of the valve before a step."""
    score = user.window.score
    rect, axis = score.track_rect("states"), score.axis()
    assert rect is not None and axis is not None
    rail = rail_of_valves(rect, user.trace, user.window.cursor_model.state.layer)
    assert rail is not None
    place = valve_rect(step, rail, axis)
    assert place is not None
    return place.center().toPoint()


def drag(user: User, step: int, down: int, modifiers: Qt.KeyboardModifier = NONE, drop: bool = True) -> None:
    """Drag a valve by some points, down to shut it, and let it go."""
    score, start = user.window.score, valve(user, step)
    QTest.mousePress(score, Qt.MouseButton.LeftButton, modifiers, start)
    for part in (0.3, 0.7, 1.0):
        QTest.mouseMove(score, start + QPoint(0, round(part * down)))
    if drop:
        QTest.mouseRelease(score, Qt.MouseButton.LeftButton, modifiers, start + QPoint(0, down))


def gate_place(user: User, gate: str, step: int) -> QPointF:
    """Where a gate's band has a step."""
    rect, axis = user.window.score.track_rect("gates"), user.window.score.axis()
    assert rect is not None and axis is not None
    band = GatesTrack().bands(rect, user.trace, user.window.cursor_model.state, axis)[gate]
    return QPointF(axis.center(step), band.center().y())


def held(user: User) -> list[object]:
    """What is held in the first lane, in what is shown."""
    frame = user.window.session.shown_frame
    assert frame is not None
    return list(frame.lanes[0].held)


def until_held(user: User, *wanted: object) -> None:
    user.until(lambda: held(user) == list(wanted))


def ink_in(user: User, left: float, top: float, width: float, height: float) -> int:
    """How many pixels of ink a part of the score has."""
    image = user.window.score.grab().toImage()
    ratio, ink = image.devicePixelRatio(), QColor(user.window.theme.ink).rgb()
    columns = range(round(left * ratio), round((left + width) * ratio))
    rows = range(round(top * ratio), round((top + height) * ratio))
    return sum(image.pixel(x, y) == ink for x in columns for y in rows)


def choose(user: User, menu: QMenu | None, words: str) -> None:
    """Choose what a menu offers."""
    assert menu is not None
    found = [action for action in menu.actions() if words in action.text()]
    assert found, [action.text() for action in menu.actions()]
    found[0].trigger()
    menu.deleteLater()


def chips(user: User) -> list[str]:
    return [chip.text().strip() for chip in user.window.interventions.bar.chips]


def ghost_stands(user: User) -> bool:
    return user.window.interventions.bar.ghost_button.isVisible()


def with_cell(user: User, **settings: object) -> User:
    """The same text for another network."""
    before = user.window.session.run
    user.window.session.apply(settings)
    user.until(lambda: user.window.session.run is not before)
    user.until_traced()
    return user


# -- units and words --------------------------------------------------------------------------------------
def unit_place(user: User, unit: int) -> tuple[QRectF, QPointF]:
    """The capsule of the third step, and the row of one of its eight units."""
    rect, axis = user.window.score.track_rect("states"), user.window.score.axis()
    assert rect is not None and axis is not None
    box = capsule(2, layer_rects(rect, user.trace, 0)[0], axis)
    return box, QPointF(box.center().x(), box.top() + 3 + (unit + 0.5) / 8 * (box.height() - 6))
