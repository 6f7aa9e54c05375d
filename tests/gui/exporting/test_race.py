"""The pictures and numbers of a race and of its lanes."""

from xml.etree import ElementTree

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication

from rnnviz.gui.exported_files import Export
from rnnviz.gui.exported_views import views_in_sight
from rnnviz.gui.views.race_inspector import PARTS
from rnnviz.gui.views.wording import nats, percent
from rnnviz.training import RunSettings
from tests.gui.conftest import User
from tests.gui.exporting.hand import Hand, numbers, right_click, texts

CONTROL = Qt.KeyboardModifier.ControlModifier
CLIP = QGuiApplication.clipboard


def test_a_race_its_lanes_and_its_plots_are_saved(race: Hand) -> None:
    keys = [view.key for view in views_in_sight(race.window)]
    assert keys == [
        "race", "lane 1", "lane 2", "lane 3", "lane 4", "race decay", "race loss", "race accuracy", "window",
    ]  # fmt: skip
    words = {
        key: "".join(ElementTree.fromstring(Export(race.window, race.view(key)).content(".svg")).itertext())
        for key in keys[:-1]
    }
    assert all(title in words["race"] for title in ("tanh RNN", "sigmoid RNN", "LSTM", "GRU"))
    assert "sigmoid RNN" in words["lane 2"] and "right word" in words["lane 2"]
    assert words["lane 2"].count("300 %") <= words["race"].count("300 %")
    assert "Loss while training" in words["race loss"] and "by distance" not in words["race loss"]
    frame = race.window.session.last_frame
    assert frame is not None
    rows = race.table("race")
    t = race.window.cursor_model.state.error_step
    for number, trace in enumerate(frame.traces):
        own = [i for i, lane in enumerate(rows["lane"]) if lane == str(number + 1)]
        share = numbers([rows["share_left"][i] for i in own])
        np.testing.assert_allclose(share[: t + 1], trace.share_left(t, 0), rtol=1e-12)
    assert set(race.table("lane 3")["network"]) == {"LSTM"}
    path = race.names("race.npz")
    race.exporting.save_numbers(race.view("race"))
    with np.load(path, allow_pickle=False) as saved:
        np.testing.assert_array_equal(saved["lane/2/gate/f"], frame.traces[2].gates["f"])
    race.window.focus_picture()
    race.user.key(Qt.Key.Key_C, CONTROL)
    assert CLIP().image().width() == 2 * race.window.race.view.width()


def test_the_menus_of_a_race_are_about_the_lane_or_plot_under_the_mouse(race: Hand) -> None:
    sheet = race.window.race.view.sheet()
    menu = right_click(race.window.race.view, QPoint(300, int(sheet.lanes[2].rect.center().y())))
    assert texts(menu) == ["Picture of lane 3, LSTM", "Picture of the race"]
    menu.close()
    inspector = race.window.race.inspector
    menu = right_click(inspector, QPoint(100, inspector.height() // 2 - 40))
    assert len(texts(menu)) == len(PARTS) and texts(menu)[0] == "Picture of the plot “Loss”"
    menu.close()


def test_the_numbers_of_every_lane_stand_under_the_mouse(race: Hand) -> None:
    inspector, frame = race.window.race.inspector, race.window.session.last_frame
    assert frame is not None
    inspector.grab()
    plot, _ = inspector._readable[0]
    race.user.bot.mouseMove(inspector, plot.center().toPoint())
    race.user.bot.mouseMove(inspector, QPointF(plot.right() - 6, plot.center().y()).toPoint())
    lag = frame.traces[0].length - 1
    told = [f"lane {n} {percent(float(tr.decay[lag, 0]))} %" for n, tr in enumerate(frame.traces, 1)]
    assert race.window.status_line._reading == f"{lag} words back: {', '.join(told)} left"
    loss, _ = inspector._readable[1]
    said = inspector.reading_at(QPointF(loss.right(), loss.center().y()))  # however many updates there are
    last = race.window.session.run.trainer.logs[2].since(0)["loss"][-1]
    assert said.startswith(f"update {frame.step}: loss (nats per word), lane 1 ")
    assert f", lane 3 {nats(float(last))}, " in said
    quantity = next(one for one, _, _ in inspector.choices() if one is not None and one.name == "half_life")
    inspector.show_quantity(quantity)
    inspector.grab()
    course, _ = inspector._readable[0]
    said = inspector.reading_at(course.center())
    assert ": half-life, lane 1 " in said and "lane 4 " in said
    assert race.view("race half life").title == "the plot “Half-life”"
    assert inspector.reading_at(QPointF(5, inspector.height() - 3)) == ""


def test_the_caption_of_a_race_is_that_of_the_lanes_that_go_on(user: User) -> None:
    window, session = user.window, user.window.session
    run = RunSettings().with_values({"window": 12, "hidden": 40, "batch": 4})
    broken = run.with_values({"activation": "relu", "clip": 0.0, "optimizer": "sgd", "lr": 100.0})
    before = session.run
    session.build(run.with_lanes([broken.lane, run.lane]))
    user.until(lambda: session.run is not before)
    user.until_traced()
    user.train_until(60)
    frame = session.last_frame
    assert frame is not None
    assert frame.lanes[0].failure is not None and frame.traces[0].step < 60 <= frame.step
    captions = {view.key: Export(window, view).caption for view in views_in_sight(window)}
    for key in ("race", "race loss", "window"):
        assert f" · 2 networks · after {frame.step:,} updates · “" in captions[key]
    assert f" · relu RNN · after {frame.traces[0].step} update" in captions["lane 1"]
    assert f" · tanh RNN · after {frame.step:,} updates · “" in captions["lane 2"]
    window.race.open_lane(0)
    user.until(lambda: window.score.isVisible())
    assert (
        f" · relu RNN · after {frame.traces[0].step} update"
        in Export(window, views_in_sight(window)[0]).caption
    )
