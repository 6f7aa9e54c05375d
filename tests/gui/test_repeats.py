"""Repeating the lanes of a race with other seeds, from its menu: a page of dots."""

import pytest
from PySide6.QtCore import Qt

from rnnviz.gui.views.repeats import RepeatsShown, summed_up
from rnnviz.training import ScaleRecurrent
from tests.gui.conftest import User


@pytest.fixture
def repeating(user: User) -> User:
    """A network that has learned a little and is being repeated."""
    user.train_until(3)
    choose(user, "Repeat with 5 seeds")
    assert user.window.pages.repeats.page.isVisible()
    return user


def choose(user: User, words: str) -> None:
    user.window.race.menu.aboutToShow.emit()
    actions = user.window.race.menu.actions()
    next(action for action in actions if words in action.text().replace("&", "")).trigger()


def shown(user: User) -> RepeatsShown:
    content = user.window.pages.repeats.sheet.content
    assert isinstance(content, RepeatsShown)
    return content


def test_nothing_untrained_is_repeated(user: User) -> None:
    user.window.race.menu.aboutToShow.emit()
    action = next(a for a in user.window.race.menu.actions() if "5 seeds" in a.text())
    assert not action.isEnabled() and action.toolTip() == "Train first."


def test_five_seeds_are_trained_to_the_present_update_and_drawn_as_dots(repeating: User) -> None:
    show, step = repeating.window.pages.repeats, repeating.experiment.step
    repeating.until(lambda: not show.background.is_running)
    assert show.problem == "" and show.page.said_label.whole == "all 5 runs are done"
    assert [r.seed for r in sorted(show.results, key=lambda r: r.seed)] == [1, 2, 3, 4, 5]
    assert all(r.updates == step and r.valid_loss > 0 and r.share_left > 0 for r in show.results)
    content = shown(repeating)
    assert [len(m.values[0]) for m in content.measures] == [5, 5, 5]
    assert "±" in summed_up(content.measures[0], 0) and "±" not in summed_up(content.measures[2], 0)
    assert content.measures[2].name == "error of “Russia” left at “Alexander”"
    own = next(r for r in show.results if r.seed == 1)
    layer, trace = 0, repeating.trace
    error_step = repeating.window.cursor_model.state.error_step
    assert own.share_left == pytest.approx(float(trace.share_left(error_step, layer)[0]), rel=1e-6)
    show.sheet.grab()
    assert "loss" in show.sheet._readings[0][1]
    assert show.table().count("\n") == 6


def test_a_stop_keeps_what_is_done_and_the_page_can_be_left(repeating: User) -> None:
    show = repeating.window.pages.repeats
    repeating.until(lambda: len(show.results) >= 1)
    if show.background.is_running:
        repeating.click(show.page.stop_button)
    repeating.until(lambda: not show.background.is_running)
    assert show.results
    repeating.key(Qt.Key.Key_Escape)
    assert repeating.window.score.isVisible()
    done = list(show.results)
    choose(repeating, "Repeat with 5 seeds")
    assert show.results == done, "the page shows what it had"
    repeating.click(show.page.anew_button)
    repeating.until(lambda: show.background.is_running)
    assert show.results == []


def test_it_is_said_that_interventions_are_not_repeated(user: User) -> None:
    user.train_until(2)
    session = user.window.session
    user.window.interventions.intervene(ScaleRecurrent(0.5))
    user.until(lambda: session.last_frame is not None and session.last_frame.change > 0)
    choose(user, "Repeat with 5 seeds")
    user.click(user.window.pages.repeats.page.stop_button)
    assert "Interventions were not repeated." in shown(user).notes
