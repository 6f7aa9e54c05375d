"""Memory tasks in the window: chosen by a dialog, opened with the settings that suit them, scored live."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from rnnviz.gui.task_dialog import LONGEST, TaskDialog, choose_task
from rnnviz.gui.theme import LIGHT
from rnnviz.text import TASK_KINDS, Task


@pytest.fixture
def dialog(qtbot):
    dialog = TaskDialog(LIGHT)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.mark.parametrize("kind", TASK_KINDS)
def test_the_dialog_offers_every_task_from_its_shortest_distance_on(dialog, kind):
    dialog.kind.setCurrentIndex(list(TASK_KINDS).index(kind))
    assert (dialog.distance.minimum(), dialog.distance.maximum()) == (TASK_KINDS[kind].shortest, LONGEST)
    for distance in (dialog.distance.minimum(), 33, LONGEST):
        dialog.distance.setValue(distance)
        assert dialog.task == Task(kind, distance)
        assert dialog.figure.text() == ("1 time step" if distance == 1 else f"{distance} time steps")
        assert dialog.example.text() == f"For example: {list(Task(kind, distance, 1).lines())[1]}"
    assert TASK_KINDS[kind].asks in dialog.asks.text()


def opened(user, kind="recall", distance=5):
    """Choose a task by menu and dialog, as a person does."""
    action = next(a for a in user.window.findChildren(QAction) if a.text() == "&Memory task…")
    action.trigger()
    dialog = user.window.findChild(TaskDialog)
    dialog.kind.setCurrentIndex(list(TASK_KINDS).index(kind))
    dialog.distance.setValue(distance)
    user.bot.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    user.until(lambda: user.experiment.corpus.task == Task(kind, distance) and user.step == 0)
    return user.experiment


def test_a_task_opens_with_settings_that_suit_it_and_watches_an_example(user):
    experiment = opened(user, "recall", 5)
    shared = user.window.session.settings.experiment
    assert (shared.tokens, shared.loss, shared.window, shared.reset) == ("word", "marked", 16, 0.0)
    assert user.window.windowTitle() == "recall, distance 5 · rnnviz"
    passage = user.window.session.run.passage
    assert passage.answer == passage.text[0] and len(passage.text.split()) == 6
    assert user.trace.length == 6
    assert user.window.rail.rows["loss"].field.currentData() == "marked"
    assert experiment.warning == "" and user.said == ""


def test_the_right_answers_are_shown_live(user):
    opened(user, "recall", 2)
    user.click(user.window.toolbar.train_button)
    series = lambda: user.window.progress_panel.series  # noqa: E731
    user.until(lambda: len(series().valid_accuracy) and series().valid_accuracy[-1] > 0.9)
    user.click(user.window.toolbar.train_button)
    user.until_settled()
    assert series().chance == 0.25 and series().unit == "nats per answer"
    assert series().guessing == pytest.approx(1.386, abs=1e-3)


def test_the_next_text_has_the_settings_of_before(user, raft):
    before = user.window.session.settings
    opened(user, "order", 8)
    assert user.window.session.settings != before
    user.window.open_file(raft)
    user.until(lambda: user.experiment.corpus.name == raft.name and user.step == 0)
    assert user.window.session.settings == before
    assert user.window.progress_panel.series.chance != user.window.progress_panel.series.chance  # NaN


def test_a_window_that_is_made_too_short_is_warned_about(user):
    opened(user, "recall", 12)
    window = user.window
    user.type_into(window.rail.rows["window"].field, "6")
    user.click(window.rail.pending_bar.apply_button)
    user.until(lambda: user.experiment.settings.experiment.window == 6 and user.step == 0)
    assert "cannot be learned, by any cell" in user.said and "at least 13" in user.said


def test_a_task_file_opens_as_what_it_is(open_window, tmp_path):
    path = tmp_path / "copy.txt"
    path.write_text(Task("copy", 7, 2000).text(), encoding="ascii")
    user = open_window(path)
    assert user.experiment.corpus.task == Task("copy", 7, 2000)
    assert user.window.session.settings.experiment.loss == "marked"


def test_a_dialog_that_is_left_opens_nothing(user):
    run = user.window.session.run
    dialog = choose_task(user.window)
    user.bot.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
    assert not dialog.isVisible() and user.window.session.run is run


def test_marked_loss_on_an_ordinary_text_is_refused_in_words(user):
    window, run = user.window, user.window.session.run
    window.session.apply({"loss": "marked"})
    user.until(lambda: "--loss marked needs a text" in user.said)
    assert window.session.run is run
