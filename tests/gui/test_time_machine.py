"""The time machine: the slider takes every view back to any kept moment while training goes on."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from rnnviz.gui.views.lanes import reach
from rnnviz.gui.views.plots import PLOTS
from rnnviz.gui.views.plots.memory_course import QUANTITIES
from tests.gui.conftest import User
from tests.gui.test_race import choose


def train_and_look_back(user: User, until: int) -> int:
    """Train on, and look back at a moment in the middle while it does; its update."""
    user.click(user.window.toolbar.train_button)
    user.until_step(until)
    run = user.window.session.run
    assert run is not None
    kept = run.history.steps
    user.window.status_line.history_moved.emit(kept[len(kept) // 2])
    moment = user.window.session.moment
    assert moment == kept[len(kept) // 2] and user.window.session.is_training
    return moment


def stop(user: User) -> None:
    user.click(user.window.toolbar.train_button)
    user.until_state("paused")


def test_every_view_shows_the_moment_looked_at_while_training_goes_on(learned: User) -> None:
    window = learned.window
    for kind in PLOTS:
        window.inspector.show_tab(kind.name)
        assert window.inspector.plots[kind.name].is_wanted()
    moment = train_and_look_back(learned, 120)
    run = window.session.run
    assert run is not None
    kept = run.history.nearest(moment).traces[0]
    live = window.session.last_frame
    assert live is not None
    for kind in PLOTS:
        window.inspector.show_tab(kind.name)
        plot = window.inspector.plots[kind.name]
        assert plot.trace is kept, kind.name
        assert plot.why_empty() == "" or kind.name in ("text", "sample"), (kind.name, plot.why_empty())
    assert window.score._trace is kept
    before = live.step
    learned.until(lambda: window.session.last_frame.step > before + 20)  # type: ignore[union-attr]
    assert all(window.inspector.plots[kind.name].trace is kept for kind in PLOTS), "it stays there"
    stop(learned)


def test_a_view_opened_in_the_past_finds_what_it_needs_though_it_was_closed_then(learned: User) -> None:
    """Spectrum, saturation and memory of a moment at which none of them could be seen."""
    plots = learned.window.inspector.plots
    assert not any(plots[name].is_wanted() for name in ("spectrum", "saturation", "memory"))
    train_and_look_back(learned, 120)
    moment = learned.trace
    for name in ("saturation", "spectrum", "memory"):
        learned.window.inspector.show_tab(name)
        assert plots[name].why_empty() == "", name
    spectrum = plots["spectrum"].spectrum()  # type: ignore[attr-defined]
    assert np.isfinite(spectrum.eigenvalues).all()
    said = plots["spectrum"].small_print()[0]  # type: ignore[attr-defined]
    assert spectrum.step == moment.step or f"of update {spectrum.step:,}, measured nearest" in said
    line = plots["memory"].line()  # type: ignore[attr-defined]
    assert line.moments[0].step == 0, "from update 0"
    assert line.moments[-1].step > moment.step, "to what has come since"
    assert plots["memory"].present().half_life.tolist() == moment.half_life.tolist()  # type: ignore[attr-defined]
    stop(learned)


@pytest.fixture
def race(user: User) -> User:
    choose(user, "Four cells")
    return user


def test_all_lanes_of_a_race_go_back_together_and_one_alone_too(race: User) -> None:
    window = race.window
    moment = train_and_look_back(race, 24)
    run = window.session.run
    assert run is not None
    kept = run.history.nearest(moment).traces
    shown = window.race.view._lanes
    assert [lane.trace for lane in shown] == list(kept)
    cursor = window.cursor_model.state
    assert [reach(lane, cursor) for lane in shown] == [
        pytest.approx(trace.share_left(cursor.error_step, 0)[0], nan_ok=True) for trace in kept
    ]
    window.race.inspector.show_quantity(QUANTITIES[0])
    lines = window.race.inspector.memory_lines()
    assert [line.number for line in lines] == [0, 1, 2, 3]
    assert all(line.moments[0].step == 0 for line in lines)
    window.race.open_lane(2)
    assert window.session.shown_trace is kept[2] and window.score._trace is kept[2]
    stop(race)


def test_the_upper_plot_beside_a_race_is_chosen_with_mouse_and_keys(race: User) -> None:
    inspector = race.window.race.inspector
    from_keys = []
    inspector.setFocus()
    for _ in range(4):
        race.bot.keyClick(inspector, Qt.Key.Key_Right)
        from_keys.append(inspector.shown_quantity)
    assert from_keys == [*QUANTITIES, None]
    for quantity, _, place in inspector.choices():
        race.bot.mouseClick(inspector, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
        assert inspector.shown_quantity is quantity
