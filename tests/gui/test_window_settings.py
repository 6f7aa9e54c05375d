"""Settings in mid-training, the past, slow motion, and what the program remembers between starts."""

import sys

import pytest
from PySide6.QtCore import QPoint, QSettings, QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication

from rnnviz.gui import app as app_module
from rnnviz.gui.app import application
from rnnviz.gui.layout import NARROWEST_INSPECTOR
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.theme import DARK, LIGHT

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_a_learning_rate_typed_while_training_acts_at_once_and_shows_everywhere(user):
    window, run = user.window, user.window.session.run
    user.key(Qt.Key.Key_Space)
    user.until_step(3)
    user.type_into(window.toolbar.rate.field, "0.02")
    user.until(lambda: run.experiment.settings.lane.lr == 0.02)
    user.until(lambda: window.rail.rows["lr"].field.text() == "0.02")
    user.type_into(window.rail.rows["lr"].field, "0.004")
    user.until(lambda: run.experiment.settings.lane.lr == 0.004)
    user.until(lambda: window.toolbar.rate.value == 0.004)
    assert window.session.run is run and window.session.state == "running"
    user.type_into(window.rail.rows["clip"].field, "1")
    user.until(lambda: run.experiment.settings.lane.clip == 1)


def test_apply_in_mid_training_makes_a_new_network_and_undo_brings_the_old_one_back(user):
    window = user.window
    user.key(Qt.Key.Key_Space)
    user.until_step(30)
    old, passage = window.session.run, window.session.run.passage
    user.type_into(window.rail.rows["hidden"].field, "20")
    assert old.experiment.settings.lane.hidden == 48  # it waits under Apply
    user.click(window.rail.pending_bar.apply_button)
    user.until(lambda: window.session.run is not old and user.step == 0)
    assert user.trace.hidden.shape[2] == 20
    assert window.session.run.passage == passage
    assert window.session.state == "ready"
    user.until(lambda: not old.trainer.is_alive())
    steps, weights = old.experiment.step, old.experiment.lanes[0].model.parameters.values.copy()
    user.click(window.rail.pending_bar.undo_button)
    user.until(lambda: window.session.run.experiment is old.experiment and user.step == steps)
    assert user.trace.hidden.shape[2] == 48
    assert window.rail.rows["hidden"].field.text() == "48"
    assert (old.experiment.lanes[0].model.parameters.values == weights).all()
    assert window.session.run.history.steps[0] < steps  # the past came along
    assert len(window.progress_panel.series.step) == steps
    assert window.status_line.loss_figure.text() == f"{window.progress_panel.series.loss[-1]:.2f}"
    assert window.rail.pending_bar.isHidden() and not window.session.can_undo  # there is nothing more to undo
    user.click(window.toolbar.train_button)
    user.until_step(steps + 5)


def test_another_way_to_cut_the_text_suggests_a_passage_of_its_own(user):
    window = user.window
    tokens = window.rail.rows["tokens"].field
    tokens.setCurrentIndex(tokens.findData("char"))
    user.click(window.rail.pending_bar.apply_button)
    user.until(lambda: user.trace.length > 10 and max(map(len, user.trace.words)) == 1)
    assert window.ask_line.position_label.text().startswith("character ")


def test_start_over_brings_the_first_weights_and_forgets_the_rest(user):
    first = user.experiment.lanes[0].model.parameters.values.copy()
    user.train_until(30)
    user.click(user.window.toolbar.start_over_button)
    user.until(lambda: user.window.session.state == "ready" and user.step == 0)
    assert (user.experiment.lanes[0].model.parameters.values == first).all()
    assert user.window.session.run.history.steps == (0,)
    user.until(lambda: not len(user.window.progress_panel.series.step))


def test_one_update_is_one(user):
    for n in (1, 2, 3):
        user.click(user.window.toolbar.step_button)
        user.until(lambda n=n: user.step >= n)
        user.until_settled()
        assert user.step == n


def test_the_history_slider_goes_back_and_live_again_while_training(learned):
    window, live = learned.window, learned.step
    slider = window.status_line.history
    learned.bot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(slider.step_x(0)), 10))
    assert window.session.moment == 0
    assert learned.trace.step == 0
    assert window.status_line.update_label.text() == "update 0"
    assert window.status_line.live_button.text() == f"live {live:,}"
    assert window.score.accessibleDescription().startswith("Untrained")
    window.session.train()
    learned.until_step(live + 20)
    assert learned.trace.step == 0  # the past stays in sight while the network learns on
    learned.click(window.status_line.live_button)
    assert window.session.moment is None
    assert learned.trace.step == learned.step
    learned.key(Qt.Key.Key_Space)
    learned.until_settled()


def test_looking_back_at_another_passage_the_line_below_shows_that_passage(learned):
    window = learned.window
    before = window.ask_line.passage_field.text()
    learned.type_into(window.ask_line.passage_field, "They met on")
    learned.until(lambda: learned.trace.length == 3)
    window.session.show_moment(0)
    assert learned.trace.length != 3
    assert window.ask_line.passage_field.text() == before
    assert window.ask_line.position_label.text().endswith(f"of {learned.trace.length}")
    window.session.show_live()
    assert window.ask_line.passage_field.text() == "They met on"


def test_a_question_with_an_answer_is_asked_and_a_click_on_a_candidate_answers(learned):
    window = learned.window
    learned.type_into(window.ask_line.answer_field, "France")
    learned.type_into(window.ask_line.passage_field, "Napoleon was the Emperor of")
    learned.until(lambda: learned.trace.words[0] == "Napoleon")
    assert learned.trace.target_words[-1] == "France" and not learned.trace.assumed_answer
    plot = window.inspector.plots["softmax"]
    other = next(i for i, row in enumerate(plot.rows()) if not row.right)
    word = plot.rows()[other].word
    learned.bot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.row_rect(other).center().toPoint())
    learned.until(lambda: learned.trace.target_words[-1] == word)
    assert window.ask_line.answer_field.text() == word


def test_a_passage_selected_in_the_text_is_watched(learned):
    window = learned.window
    window.inspector.show_tab("text")
    text = window.inspector.plots["text"]
    text.page.select((3, 0), (3, len("Napoleon was the Emperor")))
    learned.bot.mouseClick(text.watch, Qt.MouseButton.LeftButton)
    learned.until(lambda: learned.trace.words.tolist() == ["Napoleon", "was", "the", "Emperor"])
    assert learned.trace.target_words[-1] == "of"


def test_write_on_goes_to_its_page_and_writes_words_of_the_text(learned):
    window = learned.window
    learned.click(window.ask_line.write_on_button)
    sample = window.inspector.plots["sample"]
    sample.amount.setValue(12)
    learned.bot.mouseClick(sample.button, Qt.MouseButton.LeftButton)
    passage = window.session.run.passage.text
    learned.until(lambda: sample.page.toPlainText().startswith(passage))
    written = sample.page.toPlainText()
    vocabulary = set(learned.experiment.corpus.vocabulary.tokens)
    words = written[len(passage) :].replace(".", " .").split()
    assert len(words) == 12 and written[len(passage)] in " ."
    assert set(words) <= vocabulary


def test_slow_motion_makes_one_real_update_plays_it_and_is_left_by_escape(learned):
    window, before = learned.window, learned.step
    learned.click(window.toolbar.slow_button)
    learned.until(lambda: window.slow_motion_bar.isVisible())
    assert window.slow_motion_bar.playing and window.toolbar.slow_button.isChecked()
    learned.until(lambda: learned.experiment.step == before + 1)
    learned.until(lambda: window.cursor_model.state.phase > 0.1)
    learned.click(window.slow_motion_bar.play_button)
    held = window.cursor_model.state.phase
    assert not window.slow_motion_bar.playing
    window.slow_motion_bar.slider.setFocus()
    learned.bot.keyClick(window.slow_motion_bar.slider, Qt.Key.Key_End)
    assert window.cursor_model.state.phase > max(held, 6)
    window.score.setFocus()
    learned.key(Qt.Key.Key_Escape)
    assert window.slow_motion_bar.isHidden() and window.cursor_model.state.phase is None
    assert not window.toolbar.slow_button.isChecked()


def test_training_leaves_slow_motion(learned):
    window = learned.window
    learned.click(window.toolbar.slow_button)
    learned.until(lambda: window.slow_motion_bar.isVisible())
    learned.key(Qt.Key.Key_Space)
    learned.until_state("running")
    assert window.slow_motion_bar.isHidden()


def test_no_button_in_no_state_does_anything_but_work(user, tmp_path, monkeypatch):
    window = user.window
    monkeypatch.setattr(app_module.QApplication, "quit", lambda: None)
    for dialog in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(f"PySide6.QtWidgets.QFileDialog.{dialog}", lambda *_: ("", ""))

    def press_all():
        for tab in ("decay", "training", "text", "sample"):
            window.inspector.show_tab(tab)
            for button in window.findChildren(QAbstractButton):
                if (
                    button.isVisible()
                    and button.isEnabled()
                    and getattr(button, "menu", lambda: None)() is None
                ):
                    user.bot.mouseClick(button, Qt.MouseButton.LeftButton)
            QApplication.processEvents()

    for state in ("ready", "running", "paused", "failed", "loading"):
        if state == "running":
            window.session.train()
        elif state == "paused":
            window.session.pause()
        elif state == "failed":
            window.session.change_now("lr", 100.0)
            window.session.train()
        elif state == "loading":
            window.open_file(tmp_path)
        press_all()
        QApplication.processEvents()
    for action in window.actions():
        if action.text() not in ("&Quit", "&Save network…", "&Open text…"):
            action.trigger()
    window.inspector.shut_down()
    assert "fault" not in user.said


def test_the_theme_button_changes_every_panel_and_is_remembered(user, open_window, emperors):
    window = user.window
    first = window.theme
    user.click(window.toolbar.theme_button)
    second = window.theme
    assert {first.name, second.name} == {"light", "dark"}
    user.until(window.updatesEnabled)  # in the second of two turns
    background = window.grab().toImage().pixelColor(window.width() // 2, window.height() // 2)
    assert (background.lightness() > 128) == (second is LIGHT)
    window.close()
    assert open_window(emperors).window.theme is second
    assert second in (LIGHT, DARK)


def test_the_window_shrinks_to_a_projector_of_960_by_540_points_in_one_go(window, qtbot):
    window.resize(960, 540)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == (960, 540))
    assert window.status_line.geometry().bottom() < 540
    assert window.inspector.width() >= NARROWEST_INSPECTOR
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: window.inspector.width() == 398)


def test_a_first_window_that_the_screen_cannot_hold_fills_it(qtbot, preferences, emperors):
    application()
    window = app_module.show_window(emperors, preferences)  # the offscreen screen is 800 points wide
    assert window.isMaximized()
    window.close()
    window.deleteLater()


def test_layout_size_and_recent_files_come_back_at_the_next_start(user, open_window, preferences, emperors):
    window = user.window
    window.rail.set_folded(True)
    window.score.fold("loss")
    window.resize(window.minimumSizeHint() + QSize(0, 37))  # the offscreen screen is 800 points wide
    height = window.height()
    window.close()
    again = open_window(None, remembering=preferences).window
    assert again.rail.is_folded
    assert (
        again.score.arrangement() == window.score.arrangement()
        and "loss" in again.score.arrangement()["folded"]
    )
    assert again.height() == height != app_module.FIRST_SIZE[1]
    assert preferences.recent_files == [emperors]


@pytest.mark.parametrize(
    "content",
    [
        b"[General]\ntheme=dark, light\nlayout=[1\nrecent_files={}\ngeometry=nonsense\n",
        b'[General]\nlayout="{\\"score\\": {\\"heights\\": {\\"loss\\": NaN}, \\"order\\": 7}}"\n'
        b'recent_files="[1, null, \\"' + b"x" * 5000 + b'\\"]"\n',
        b'[General]\nlayout="{\\"score\\": {\\"heights\\": {\\"loss\\": 1e308, \\"error\\": -5}}}"\n',
        b"\x00\xff\xfe not a settings file at all \x00" * 50,
    ],
)
def test_a_broken_preferences_file_does_not_stop_a_start(open_window, tmp_path, content):
    path = tmp_path / "broken.ini"
    path.write_bytes(content)
    user = open_window(None, remembering=Preferences(QSettings(str(path), QSettings.Format.IniFormat)))
    user.window.repaint()
    heights = [user.window.score.track_rect(name).height() for name in ("words", "loss", "error", "matrix")]
    assert all(height > 0 for height in heights), heights
    assert user.window.preferences.recent_files == []


def test_a_window_narrower_and_lower_than_its_toolbar_still_works(user):
    window = user.window
    window.resize(200, 150)
    user.key(Qt.Key.Key_Space)
    user.until_step(5)
    window.repaint()
    assert window.width() >= window.toolbar.minimumSizeHint().width()
    for button in (window.toolbar.train_button, window.toolbar.menu_button):
        assert window.rect().contains(button.mapTo(window, button.rect().bottomRight()))


def test_a_fault_in_the_window_becomes_a_notice_and_is_written_to_standard_error(user, monkeypatch, capsys):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    app_module._catch_everything(user.window)
    try:
        raise ZeroDivisionError("planted")
    except ZeroDivisionError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert "ZeroDivisionError: planted" in user.said and "Training is not affected" in user.said
    assert "planted" in capsys.readouterr().err
