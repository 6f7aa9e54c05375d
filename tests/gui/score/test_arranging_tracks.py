"""Tracks are folded, moved and resized, and give way where room is short."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from rnnviz.gui.cursor import Cursor
from rnnviz.gui.views.arrangement import Arrangement
from rnnviz.gui.views.score import Score
from rnnviz.gui.views.tracks import TRACKS
from rnnviz.gui.views.tracks.error import ErrorTrack
from rnnviz.probes.trace import Trace
from tests.gui.score.looking import show, spot
from tests.gui.score.reference import make_net, passage, trace_of

Live = tuple[Score, Cursor]


def test_folding_makes_room_and_is_remembered(live: Live, trace: Trace, qtbot: QtBot) -> None:
    score, _ = live
    show(live, trace)
    before = score.track_rect("states")
    rect = score.track_rect("matrix")
    assert before is not None and rect is not None
    qtbot.mouseClick(score, Qt.MouseButton.LeftButton, pos=QPoint(30, round(rect.top()) + 10))
    folded = score.track_rect("matrix")
    after = score.track_rect("states")
    assert folded is not None and after is not None
    assert folded.height() < 25 and after.height() > before.height()
    score.fold("factors")
    saved = score.arrangement()
    score.set_arrangement({})
    assert score.track_rect("matrix") == rect
    score.set_arrangement(saved)
    assert score.track_rect("matrix") is not None
    assert score.arrangement()["folded"] == ["factors", "matrix"]
    score.set_arrangement({"order": 3, "heights": "nonsense"})
    assert score.track_rect("matrix") == rect


def test_a_track_folded_for_want_of_room_opens_by_a_click_and_another_folds(
    live: Live, trace: Trace, qtbot: QtBot
) -> None:
    score, _ = live
    score.resize(712, 330)
    show(live, trace)

    def folded() -> set[str]:
        sheet = score.sheet()
        assert sheet is not None
        return {one.track.name for one in sheet.placed if one.folded}

    assert score.arrangement()["folded"] == [] and "factors" in folded()
    rect = score.track_rect("factors")
    assert rect is not None
    qtbot.mouseClick(score, Qt.MouseButton.LeftButton, pos=QPoint(30, round(rect.top()) + 8))
    assert "factors" not in folded() and folded(), "others gave way"
    saved = score.arrangement()
    score.set_arrangement({})
    assert "factors" in folded()
    score.set_arrangement(saved)
    assert "factors" not in folded(), "it is remembered"
    rect = score.track_rect("factors")
    assert rect is not None
    qtbot.mouseClick(score, Qt.MouseButton.LeftButton, pos=QPoint(30, round(rect.top()) + 8))
    assert "factors" in folded() and score.arrangement()["opened"] == []


def test_a_border_can_be_dragged_and_a_title_moved(live: Live, trace: Trace, qtbot: QtBot) -> None:
    score, _ = live
    show(live, trace)
    rect = score.track_rect("states")
    assert rect is not None
    start = QPoint(40, round(rect.bottom()))
    qtbot.mousePress(score, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(score, start + QPoint(0, 30))
    qtbot.mouseRelease(score, Qt.MouseButton.LeftButton, pos=start + QPoint(0, 30))
    taller = score.track_rect("states")
    assert taller is not None and taller.height() > rect.height() + 10
    loss, error = score.track_rect("loss"), score.track_rect("error")
    assert loss is not None and error is not None
    qtbot.mousePress(score, Qt.MouseButton.LeftButton, pos=QPoint(30, round(loss.top()) + 11))
    qtbot.mouseMove(score, QPoint(30, round(error.center().y())))
    qtbot.mouseRelease(score, Qt.MouseButton.LeftButton, pos=QPoint(30, round(error.center().y())))
    order = score.arrangement()["order"]
    assert order.index("loss") == order.index("error") + 1


def test_the_track_names_are_those_of_render() -> None:
    names = [track.name for track in TRACKS]
    assert names == ["words", "states", "gates", "predicts", "loss", "error", "factors", "matrix"]
    assert isinstance(TRACKS[5], ErrorTrack)


def test_where_room_is_short_the_error_is_the_last_to_go(live: Live, trace: Trace) -> None:
    score, _ = live
    show(live, trace)
    score.resize(560, 380)
    open_tracks = {one.track.name for one in score.sheet().placed if not one.folded}  # type: ignore[union-attr]
    assert {"words", "error", "states"} <= open_tracks
    assert "matrix" not in open_tracks
    assert score.arrangement()["folded"] == []


def test_by_the_menu_key_every_track_can_be_folded_and_moved(live: Live) -> None:
    score, _ = live
    show(live, trace_of(make_net(), passage(10), "France"))
    menu = score.tracks_menu(None)
    assert menu is not None
    parts = {part.title(): part for part in menu.findChildren(QMenu)}
    assert set(parts) == {track.title for track in TRACKS if score.track_rect(track.name)}
    actions = {action.text(): action for action in parts["loss"].actions()}
    actions["Fold"].trigger()
    assert score.arrangement()["folded"] == ["loss"]
    actions["Move up"].trigger()
    order = score.arrangement()["order"]
    assert order.index("loss") < order.index("predicts")


def test_a_track_that_another_network_has_not_is_not_moved() -> None:
    arrangement = Arrangement()  # the menu of the gates was open when the network came
    assert arrangement.moved("gates", -1, TRACKS, ["words", "states", "loss"]) == arrangement


def test_the_mouse_gets_the_menu_of_the_track_it_points_at(live: Live) -> None:
    score, _ = live
    show(live, trace_of(make_net(), passage(10), "France"))
    menu = score.tracks_menu(spot(score, "error", 3).y())
    assert menu is not None
    menu.actions()[0].trigger()
    assert score.arrangement()["folded"] == ["error"]


def test_a_track_moves_past_the_next_one_that_is_shown(live: Live) -> None:
    score, _ = live
    show(live, trace_of(make_net(), passage(10), "France"))  # a plain RNN: no gates between the two
    menu = score.tracks_menu(spot(score, "predicts", 3).y())
    assert menu is not None
    next(action for action in menu.actions() if action.text() == "Move up").trigger()
    predicts, states = score.track_rect("predicts"), score.track_rect("states")
    assert predicts is not None and states is not None and predicts.top() < states.top()


def test_a_folded_track_asks_for_nothing(qtbot: QtBot) -> None:
    class Saturation(ErrorTrack):
        name = "saturation"
        needs = frozenset({"saturation"})

    score = Score(tracks=(ErrorTrack(), Saturation()))
    qtbot.addWidget(score)
    assert score.needs() == {"saturation"}
    score.fold("saturation")
    assert score.needs() == frozenset()
