"""Several networks side by side in the window: the button, the lanes, one of them alone."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QRegion
from PySide6.QtWidgets import QApplication

from rnnviz.gui.race_show import what_was_the_same
from rnnviz.gui.views.headline import plain_text
from rnnviz.gui.views.lanes import race_headline, reach
from rnnviz.gui.views.race_curves import plot_in
from rnnviz.gui.views.race_painting import numbers_end, numbers_rect
from rnnviz.gui.views.score_painting import LABEL_WIDTH
from rnnviz.gui.views.wording import percent
from rnnviz.training import NewestNumbers, RunSettings, classic_four
from tests.gui.conftest import User


def choose(user: User, words: str) -> None:
    """Choose what the race button offers, and wait for what it brings."""
    race = user.window.race
    race.menu.aboutToShow.emit()
    action = next(action for action in race.menu.actions() if words in action.text().replace("&", ""))
    assert action.isEnabled(), action.toolTip()
    before = user.window.session.run
    action.trigger()
    user.until(lambda: user.window.session.run is not before)
    user.until_traced()


@pytest.fixture
def race(user: User) -> User:
    """The window with the four classic cells, untrained."""
    choose(user, "Four cells")
    return user


def pixels(user: User) -> np.ndarray:  # type: ignore[type-arg]
    view = user.window.race.view
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), dtype=np.uint32).reshape(image.height(), -1).copy()


def test_the_button_brings_four_lanes_that_are_all_painted_at_1280_by_720(race: User) -> None:
    window = race.window
    window.resize(1280, 720)
    race.until(lambda: window.race.view.width() > 600)
    assert window.toolbar.race_button.isEnabled() and window.toolbar.race_button.isVisible()
    assert window.race.view.isVisible() and window.race.inspector.isVisible()
    assert not window.score.isVisible() and not window.inspector.isVisible()
    sheet = window.race.view.sheet()
    assert sheet is not None and len(sheet.lanes) == 4
    assert sheet.lanes[-1].rect.bottom() <= window.race.view.height()
    picture = pixels(race)
    backward = int(window.theme.backward[1:], 16) | 0xFF000000
    for place in sheet.lanes:
        error = picture[int(place.error.top()) : int(place.error.bottom())]
        assert (error == backward).sum() > 50, "each lane has its error bars"
        states = picture[int(place.states.top()) : int(place.states.bottom()), int(LABEL_WIDTH) :]
        assert len(np.unique(states)) > 30, "and its states"


def test_a_race_takes_the_room_there_is_and_never_makes_the_window_grow(user: User) -> None:
    user.window.resize(1280, 720)
    choose(user, "Four cells")
    assert user.window.size().toTuple() == (1280, 720)
    choose(user, "Back to one")
    assert user.window.size().toTuple() == (1280, 720)


def test_the_numbers_are_those_of_the_traces(race: User) -> None:
    frame = race.window.session.last_frame
    assert frame is not None
    lanes, cursor = race.window.race.view._lanes, race.window.cursor_model.state
    assert [lane.title for lane in lanes] == ["tanh RNN", "sigmoid RNN", "LSTM", "GRU"]
    shares = []
    for lane, trace in zip(lanes, frame.traces, strict=True):
        t = cursor.error_step
        row = trace.state_gradient_matrix[t, :, 0]
        assert reach(lane, cursor) == pytest.approx(row[0] / row[t])
        shares.append(row[0] / row[t])
    text = plain_text(race_headline(lanes, cursor))
    assert f"{percent(max(shares))} %" in text and f"{percent(min(shares))} %" in text
    assert race.window.race.view.accessibleDescription() == text
    curves = race.window.race.inspector.decay_curves()
    for (_, decay), trace in zip(curves, frame.traces, strict=True):
        np.testing.assert_allclose(decay, trace.decay[:, 0], rtol=1e-6)


def test_a_click_on_a_lane_opens_it_and_folds_the_others(race: User) -> None:
    window = race.window
    sheet = window.race.view.sheet()
    assert sheet is not None
    at = QPoint(40, int(sheet.lanes[2].rect.center().y()))
    race.bot.mouseClick(window.race.view, Qt.MouseButton.LeftButton, pos=at)
    assert window.score.isVisible() and window.inspector.isVisible() and not window.race.view.isVisible()
    assert race.trace.cell_name == "lstm"
    assert window.rail._settings.lane.cell == "lstm"
    assert [button.isChecked() for button in window.race.bar.buttons] == [False, False, True, False]
    race.click(window.race.bar.buttons[3])
    assert race.trace.cell_name == "gru"
    race.key(Qt.Key.Key_Escape)
    assert window.race.view.isVisible() and not window.race.bar.isVisible() and not window.score.isVisible()


@pytest.mark.parametrize("key", range(4))
def test_a_number_opens_its_lane(race: User, key: int) -> None:
    race.key(Qt.Key(int(Qt.Key.Key_1) + key))
    assert race.window.session.lane == key


def test_lanes_learn_together_and_the_past_shows_all_of_them(race: User) -> None:
    race.train_until(40)
    frame = race.window.session.last_frame
    assert frame is not None
    assert {trace.step for trace in frame.traces} == {frame.step}
    assert all(math.isfinite(lane.loss) for lane in frame.lanes)
    losses = race.window.race.inspector.loss_curves()
    assert [len(x) > 1 for x, _ in losses] == [True] * 4
    race.window.session.show_moment(0)
    assert {lane.trace.step for lane in race.window.race.view._lanes} == {0}


def test_a_rate_changes_in_the_lane_that_is_open_or_in_all(race: User) -> None:
    window = race.window
    window.toolbar.learning_rate_changed.emit(0.5)
    assert [lane.lr for lane in window.session.settings.lanes] == [0.5] * 4
    race.key(Qt.Key.Key_3)
    window.toolbar.learning_rate_changed.emit(0.1)
    assert [lane.lr for lane in window.session.settings.lanes] == [0.5, 0.5, 0.1, 0.5]
    race.until(lambda: race.experiment.lanes[2].settings.lr == 0.1)


def test_a_lane_that_explodes_becomes_a_strip_with_its_reason(race: User) -> None:
    window = race.window
    run = RunSettings().with_values({"window": 12, "hidden": 40, "batch": 4})
    broken = run.with_values({"activation": "relu", "clip": 0.0, "optimizer": "sgd", "lr": 100.0})
    before = window.session.run
    window.session.build(run.with_lanes([run.lane, broken.lane]))
    race.until(lambda: window.session.run is not before)
    race.until_traced()
    race.train_until(60)
    lanes, sheet = window.race.view._lanes, window.race.view.sheet()
    assert sheet is not None
    assert not lanes[0].failure and "Update" in lanes[1].failure
    assert sheet.lanes[1].rect.height() < sheet.lanes[0].rect.height() / 2
    assert "Lane 2 (relu RNN) dropped out of the race; the others go on." in race.said


def test_the_losses_of_lanes_that_learn_fill_their_plot_though_another_exploded(race: User) -> None:
    window = race.window
    run = RunSettings().with_values({"window": 12, "hidden": 40, "batch": 4})
    broken = run.with_values({"activation": "relu", "clip": 0.0, "optimizer": "sgd", "lr": 100.0})
    before = window.session.run
    window.session.build(run.with_lanes([run.lane, broken.lane]))
    race.until(lambda: window.session.run is not before)
    race.until_traced()
    race.train_until(60)
    inspector = window.race.inspector
    (steps, living), (dropped_steps, dropped) = inspector.loss_curves()
    assert dropped.max() > 3 * living.max(), "or it disturbs nobody"
    alone = living[steps > dropped_steps.max()]  # where no other curve lies
    least = min(living.min(), dropped.min())
    share = (alone.max() - alone.min()) / (living.max() - least)
    assert share > 0.1, "or there is nothing to see"
    for step in (None, 0):  # also while a moment is shown from before it dropped out
        if step is not None:
            window.session.show_moment(step)
            assert not window.race.view._lanes[1].failure
        twin = inspector.twin(["loss"])
        twin.resize(400, 300)
        picture = twin.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        colours = np.frombuffer(picture.constBits(), dtype=np.uint32).reshape(picture.height(), -1)
        plot, ratio = plot_in(QRectF(0, 0, 400, 300 - twin._table_height())), picture.devicePixelRatio()
        first = plot.left() + plot.width() * dropped_steps.max() / steps.max() + 2
        own = colours[:, int(first * ratio) :] == int(window.theme.forward[1:], 16) | 0xFF000000
        rows = np.flatnonzero(own.any(axis=1)) / ratio
        assert rows.max() - rows.min() > 0.7 * share * plot.height()


def test_the_status_line_tells_of_the_first_lane_that_learns_and_names_it(user: User) -> None:
    window, session = user.window, user.window.session
    assert window.status_line.loss_label.text() == "loss", "alone there is nobody to tell it from"
    run = RunSettings().with_values({"window": 12, "hidden": 40, "batch": 4})
    broken = run.with_values({"activation": "relu", "clip": 0.0, "optimizer": "sgd", "lr": 100.0})
    before = session.run
    session.build(run.with_lanes([broken.lane, run.lane]))
    user.until(lambda: session.run is not before)
    user.until_traced()
    line = window.status_line
    assert line.loss_label.text() == "lane 1 loss" and "lane 1, relu RNN" in line.loss_figure.toolTip()
    user.train_until(60)
    frame = session.last_frame
    assert frame is not None and frame.lanes[0].failure is not None
    assert line.loss_label.text() == "lane 2 loss" and "lane 2, tanh RNN" in line.loss_figure.toolTip()
    assert line.loss_figure.text() == f"{frame.lanes[1].loss:.2f}" != f"{frame.lanes[0].loss:.2f}"
    assert len(window.progress_panel.series.loss) == frame.step, "the curve is of the same lane"
    window.progress_panel.show_numbers(NewestNumbers(2, 61, (9.5, 0.25)))
    assert (line.update_label.text(), line.loss_figure.text()) == ("update 61", "0.25")
    user.key(Qt.Key.Key_1)
    assert line.loss_label.text() == "lane 1 loss", "the lane that is open, whatever became of it"
    assert len(window.progress_panel.series.loss) < frame.step


def test_an_update_whose_loss_nobody_knows_yet_is_counted(user: User) -> None:
    line, panel = user.window.status_line, user.window.progress_panel
    panel.show_numbers(NewestNumbers(2, 7, (2.5,)))
    panel.show_numbers(NewestNumbers(4, 8, (math.nan,)))
    assert (line.update_label.text(), line.loss_figure.text()) == ("update 8", "2.50")


def test_slow_motion_waits_for_a_lane_and_then_shows_that_one(race: User) -> None:
    window = race.window
    assert not window.toolbar.slow_button.isEnabled()
    assert "one" in window.toolbar.slow_button.toolTip()
    race.key(Qt.Key.Key_4)
    race.click(window.toolbar.slow_button)
    race.until(lambda: window.slow_motion.record is not None)
    assert window.slow_motion.record is not None
    assert window.slow_motion.record.before.cell_name == "gru"
    assert not window.toolbar.race_button.isEnabled()


def test_slow_motion_that_comes_after_one_has_turned_to_all_lanes_is_not_shown(race: User) -> None:
    window = race.window
    race.key(Qt.Key.Key_4)
    with race.bot.waitSignal(window.session.update_recorded, timeout=15_000):
        window.slow_motion.show()
        window.race.open_lane(None)  # the record of one lane, as long as a training window, is on its way
    assert window.slow_motion.record is None
    race.key(Qt.Key.Key_End)
    trace = window.session.shown_trace
    assert trace is not None
    assert window.cursor_model.state.time_step == trace.length - 1
    assert window.race.is_shown


def test_lanes_are_added_matched_and_taken_back(user: User) -> None:
    choose(user, "Add a lane")
    assert len(user.window.session.settings.lanes) == 2
    user.key(Qt.Key.Key_2)
    before = user.window.session.run
    user.window.session.apply({"cell": "lstm"})
    user.until(lambda: user.window.session.run is not before)
    user.until_traced()
    assert [lane.cell for lane in user.window.session.settings.lanes] == ["rnn", "lstm"]
    choose(user, "As many parameters")
    counts = [lane.model.spec.parameter_count() for lane in user.experiment.lanes]
    assert max(counts) < 1.1 * min(counts)
    choose(user, "Back to one network")
    assert not user.experiment.settings.is_race
    assert user.window.score.isVisible() and not user.window.race.view.isVisible()


def test_a_sweep_of_the_mouse_reads_each_part_of_a_lane(race: User) -> None:
    view = race.window.race.view
    sheet = view.sheet()
    assert sheet is not None
    place, x = sheet.lanes[1], sheet.axis.center(0)

    def read(x: float, y: float) -> str:
        return view.reading_at(QPointF(x, y))

    assert "lane 2, sigmoid RNN: error of" in read(x, place.error.center().y())
    assert ": unit " in read(x, place.states.center().y())
    assert " gets " in read(x, place.probability.center().y())
    assert "look at it alone" in read(30, place.rect.center().y())


def test_what_was_the_same_is_said_and_what_was_not() -> None:
    settings = classic_four(RunSettings()).with_values({"lr": 0.1}, lane=2)
    same, different = what_was_the_same(settings)
    assert "units 48" in same and "seed 1" in same
    assert different.names == ("learning rate",)
    assert different.values[2] == ("LSTM", "learning rate 0.1")
    assert "clip norm off" in what_was_the_same(settings.with_values({"clip": 0.0}))[0]


def test_the_rail_says_whose_settings_it_shows(race: User) -> None:
    label = race.window.rail.whose_label
    assert label.isVisibleTo(race.window)
    assert label.text() == "shown: lane 1, tanh RNN; a change goes to all 4 lanes"
    race.window.race.open_lane(2)
    race.until(lambda: label.text() == "of lane 3, LSTM")
    assert not race.window.rail.rows["activation"].field.isEnabled()
    choose(race, "Back to one network")
    assert not label.isVisibleTo(race.window)


def test_new_losses_are_painted_alone_and_look_as_painted_with_the_rest(race: User) -> None:
    view = race.window.race.view
    QApplication.processEvents()
    view.repaint()
    before, figures = pixels(race), [lane.loss for lane in view.lanes]
    assert all(math.isnan(loss) for loss in figures), "untrained"
    view.show_losses((2.25, 2.5, 10.75, math.nan))
    view.repaint()
    view.show_losses((1.25, 1.5, 0.75, 3.5))
    assert [lane.loss for lane in view.lanes] == [1.25, 1.5, 0.75, 3.5]
    kept = QImage(view.size(), QImage.Format.Format_RGB32)  # as on screen: only what changed is painted
    view.repaint()
    sheet = view.sheet()
    assert sheet is not None
    painter = QPainter(kept)
    painter.drawImage(0, 0, QImage(before.tobytes(), *view.size().toTuple(), QImage.Format.Format_RGB32))
    painter.end()
    regions = [
        numbers_rect(place, lane, race.window.cursor_model.state).toAlignedRect()
        for place, lane in zip(sheet.lanes, view.lanes, strict=True)
    ]
    for rect in regions:
        assert rect.right() < numbers_end(sheet)
        view.render(kept, rect.topLeft(), QRegion(rect))
    painted = np.frombuffer(kept.constBits(), dtype=np.uint32).reshape(kept.height(), -1)
    assert (painted == pixels(race)).all()
    assert (painted != before).any()


def test_the_status_line_has_the_numbers_of_the_lane_that_is_open_looking_back_too(race: User) -> None:
    window, session = race.window, race.window.session
    race.key(Qt.Key.Key_3)
    assert session.lane == 2
    window.toolbar.learning_rate_changed.emit(1e-6)  # or in the end all of them know this text
    race.train_until(20)
    session.validate()
    race.until(lambda: math.isfinite(session.last_frame.lanes[2].valid_loss))  # type: ignore[union-attr]
    session.show_moment(race.step)
    frame = session.shown_frame
    assert frame is not None and session.moment == race.step
    line, own = window.status_line, frame.lanes[2]
    assert float(line.loss_figure.text()) == pytest.approx(own.loss, abs=0.006)
    assert float(line.valid_figure.text()) == pytest.approx(own.valid_loss, abs=0.006)
    assert own.loss > frame.lanes[0].loss + 0.3, "or this proves nothing"


def test_neither_a_picture_nor_the_cursor_takes_the_losses_back(race: User) -> None:
    session, view = race.window.session, race.window.race.view
    session.clock.stop()
    session.newest = NewestNumbers(2, 1, (1.25, 1.5, 0.75, 3.5))
    race.window.show_moment()
    assert [lane.loss for lane in view.lanes] == [1.25, 1.5, 0.75, 3.5]
    assert math.isnan(session.last_frame.lanes[0].loss), "what is drawn is of before"  # type: ignore[union-attr]


def test_a_loss_leaves_nothing_of_a_wider_one_that_stood_there(
    race: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = race.window.race.view
    QApplication.processEvents()
    view.show_losses((9.4, 0.06, 9.4, 0.06))  # two figures and a point
    view.repaint()
    size = view.size().toTuple()
    kept = QImage(pixels(race).tobytes(), *size, QImage.Format.Format_RGB32).copy()
    regions: list[QRegion] = []
    monkeypatch.setattr(view, "update", lambda rect: regions.append(QRegion(rect)))
    view.show_losses((11.0, 0.1, 11.0, 0.1))
    assert len(regions) == 4
    for region in regions:  # as Qt does: what is not to be updated stays as it is on screen
        assert view._shows_numbers_alone(region, view.sheet())
        view.render(kept, region.boundingRect().topLeft(), region)
    painted = np.frombuffer(kept.constBits(), dtype=np.uint32).reshape(kept.height(), -1)
    assert (painted == pixels(race)).all()
