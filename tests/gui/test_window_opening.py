"""Opening texts: by dialog, menu, recent files, drag and drop; while learning, in haste, and given up."""

import time

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from rnnviz.text import samples

CONTROL = Qt.KeyboardModifier.ControlModifier
BUTTON, NO_KEYS, COPY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction


def drop(window, urls=(), text=""):
    """Drag files or a text over the window and let go, as a desktop does; whether it was taken."""
    load = QMimeData()
    if urls:
        load.setUrls([QUrl.fromLocalFile(str(url)) if not isinstance(url, QUrl) else url for url in urls])
    if text:
        load.setText(text)
    enter = QDragEnterEvent(QPoint(600, 300), COPY, load, BUTTON, NO_KEYS)
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, QDropEvent(QPointF(600, 300), COPY, load, BUTTON, NO_KEYS))
    return enter.isAccepted()


def shows(user, name):
    """Wait until a text of this name is open and traced."""
    user.until(lambda: user.window.windowTitle() == f"{name} · rnnviz")
    user.until_traced()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A text that takes a second or more to read."""
    path = tmp_path_factory.mktemp("texts") / "large.txt"
    path.write_text("one two three four five six seven eight nine ten\n" * 300_000)
    return path


@pytest.fixture
def dialog(monkeypatch):
    """What the file dialog will answer, and the folders it was opened in."""
    answers, folders = [], []

    def ask(_parent, _title, folder, _kinds):
        folders.append(folder)
        return (str(answers.pop(0)), "") if answers else ("", "")

    monkeypatch.setattr(QFileDialog, "getOpenFileName", ask)
    ask.answers, ask.folders = answers, folders
    return ask


def test_the_open_button_reads_the_chosen_text_and_shows_a_passage_of_it(user, raft, dialog):
    dialog.answers.append(raft)
    user.click(user.window.toolbar.open_button)
    shows(user, "raft.txt")
    assert user.window.session.run.passage.text == "They met on a raft on the river, and"
    assert user.trace.words.tolist() == ["They", "met", "on", "a", "raft", "on", "the", "river", ",", "and"]
    assert user.window.session.state == "ready"
    text = user.window.inspector.plots["text"].text
    assert text.line(0) == raft.read_text().splitlines()[0]


def test_the_keys_for_opening_ask_in_the_folder_of_the_last_text(user, emperors, dialog):
    user.key(Qt.Key.Key_O, CONTROL)
    assert dialog.folders == [str(emperors.parent)]
    assert user.window.windowTitle() == "four emperors.txt · rnnviz"


def test_recent_files_stand_in_the_menu_newest_first_and_open(user, raft, emperors):
    user.window.open_file(raft)
    shows(user, "raft.txt")
    assert user.window.preferences.recent_files == [raft, emperors]
    menu = user.window.toolbar.samples_button.menu()
    texts = [action.text() for action in menu.actions()]
    assert texts[-2:] == ["raft.txt", "four emperors.txt"]
    menu.actions()[-1].trigger()
    shows(user, "four emperors.txt")
    assert user.window.preferences.recent_files == [emperors, raft]


def test_every_example_text_opens_from_the_menu_with_its_passage(user):
    for sample in samples():
        menu = user.window.toolbar.samples_button.menu()
        next(action for action in menu.actions() if action.text() == sample.title).trigger()
        shows(user, sample.file)
        run = user.window.session.run
        assert (run.passage.text, run.passage.answer) == (sample.passage, sample.answer)
        assert user.experiment.corpus.tokenizer.name == sample.tokens
    assert sample.path not in user.window.preferences.recent_files


def test_a_dropped_file_opens(user, raft):
    assert drop(user.window, [raft])
    shows(user, "raft.txt")


def test_of_several_dropped_files_the_first_opens_and_the_window_says_so(user, raft, emperors, tmp_path):
    other = tmp_path / "other.txt"
    other.write_bytes(emperors.read_bytes())
    assert drop(user.window, [raft, other])
    shows(user, "raft.txt")
    assert "raft.txt" in user.said and "one text at a time" in user.said


def test_a_dropped_folder_is_refused_with_a_notice(user, tmp_path):
    assert drop(user.window, [tmp_path])
    user.until(lambda: bool(user.said))
    assert "is a folder" in user.said
    assert user.window.windowTitle() == "four emperors.txt · rnnviz"


def test_a_dropped_link_is_refused_with_a_notice(user):
    passage = user.window.session.run.passage
    drop(user.window, [QUrl("https://example.org/text.txt")], "https://example.org/text.txt")
    assert "Save it as a file" in user.said
    assert user.window.session.run.passage == passage


def test_a_dropped_passage_is_watched(user):
    assert drop(user.window, text=" The Emperor of Russia knew \n")
    user.until(lambda: user.trace.words.tolist() == ["The", "Emperor", "of", "Russia", "knew"])
    assert user.trace.assumed_answer


def test_what_is_neither_text_nor_file_is_not_taken(user):
    assert not drop(user.window)


def test_of_two_texts_opened_in_haste_the_last_one_wins(user, large, raft):
    user.window.open_file(large)
    user.window.open_file(raft)
    shows(user, "raft.txt")
    user.until(lambda: user.window.session.preparing.job is None)
    assert large not in user.window.preferences.recent_files


def test_a_text_opened_while_learning_replaces_the_run_and_its_thread_ends(user, raft):
    user.key(Qt.Key.Key_Space)
    user.until_step(5)
    before = user.window.session.run
    user.window.open_file(raft)
    assert user.window.session.run is before  # until the new one is ready
    shows(user, "raft.txt")
    user.until(lambda: not before.trainer.is_alive())
    assert user.window.rail.pending_bar.text_label.text() == "four emperors.txt kept"
    assert user.window.toolbar.train_button.text().strip() == "Train"
    assert user.step == 0
    user.key(Qt.Key.Key_Space)
    user.until_step(5)


def test_reading_a_large_text_shows_how_far_it_is_and_can_be_given_up(user, large):
    window, run = user.window, user.window.session.run
    window.session.train()
    user.until_step(1)
    window.open_file(large)
    user.until(lambda: window.loading_bar.isVisible() and window.loading_bar.bar.value() > 0)
    assert "large.txt" in window.loading_bar.name_label.whole
    before = user.step
    user.until(lambda: user.step > before)  # learning goes on meanwhile
    user.click(window.loading_bar.cancel_button)
    user.until(lambda: window.loading_bar.isHidden())
    assert window.session.run is run
    assert user.said == ""
    assert large not in window.preferences.recent_files


def test_a_new_network_that_overtakes_a_reading_does_not_name_the_text_that_was_given_up(user, large):
    user.window.open_file(large)
    user.until(lambda: user.window.loading_bar.isVisible())
    user.window.rail_show.apply({"hidden": 12})
    user.until(lambda: user.window.session.settings.lane.hidden == 12)
    assert user.window.windowTitle() == "four emperors.txt · rnnviz"
    assert large not in user.window.preferences.recent_files


def test_a_text_of_one_window_whose_epochs_come_thick_and_fast_leaves_the_window_alive(open_window, tmp_path):
    path = tmp_path / "short.txt"
    path.write_text("a b c d e f g h i j k l m n o p q r s t u v w x y z . " * 23)
    user = open_window(path)
    assert user.experiment.n_windows == 1
    told = []
    trainer = user.window.session.run.trainer

    def on_a_slow_screen(event):
        told.append(event.epoch)
        while trainer.state == "running" and user.experiment.epoch < event.epoch + 3:
            time.sleep(0)  # gives way to the training

    user.window.session.epoch_done.connect(on_a_slow_screen)
    user.key(Qt.Key.Key_Space)
    user.until_step(200)
    assert told == sorted(told) and len(told) < told[-1]
    user.click(user.window.toolbar.train_button)
    user.until_settled()
    user.until(lambda: told[-1] == user.experiment.epoch)


def test_a_passage_of_one_word_is_shown_in_every_view(user):
    user.type_into(user.window.ask_line.passage_field, "Napoleon")
    user.until(lambda: user.trace.length == 1)
    for name in ("decay", "training", "text", "sample"):
        user.window.inspector.show_tab(name)
        user.window.repaint()
    assert "no earlier word to reach" in user.window.score.accessibleDescription()
    assert user.window.inspector.plots["why"].why_empty()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Up):
        user.window.score.setFocus()
        user.key(key)
    assert user.window.ask_line.position_label.text() == "word 1 of 1"


POEM = "The fog comes on little cat feet . It sits looking over harbor and city on silent haunches .\n"


def test_a_small_poem_opens_and_is_learned_and_the_next_text_has_the_batch_of_before(user, raft, tmp_path):
    (tmp_path / "poem.txt").write_text(POEM)
    before = user.window.session.settings
    user.window.open_file(tmp_path / "poem.txt")
    user.until(lambda: user.experiment.corpus.name == "poem.txt" and user.step == 0)
    assert user.experiment.settings.experiment.batch == 1
    assert user.said == "This text is short: it is read in one sequence, not 32."
    user.train_until(5)
    user.window.session.apply({"hidden": 12})
    user.until(lambda: user.experiment.settings.lane.hidden == 12)
    assert user.experiment.settings.experiment.batch == 1 and user.said == ""
    user.window.session.apply({"hidden": before.lane.hidden})
    user.until(lambda: user.experiment.settings.lane.hidden == before.lane.hidden)
    user.window.open_file(raft)
    user.until(lambda: user.experiment.corpus.name == raft.name)
    assert user.window.session.settings == before and user.said == ""
