"""Bad input: one notice says what is wrong and what to do; what was open stays open and goes on learning."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from rnnviz.training import experiment as experiment_module

SAID = {
    "a file that is not there": (r"no file|not there|does not exist", "missing.txt"),
    "a folder": (r"folder", "folder"),
    "an empty file": (r"empty", "empty.txt"),
    "three words": (r"3 words|3 tokens|too short", "three.txt"),
    "one word": (r"nothing to learn", "one.txt"),
    "only blanks": (r"blank", "blanks.txt"),
    "noise": (r"binary", "noise.bin"),
    "NULs": (r"binary", "nul.txt"),
    "control characters": (r"binary", "controls.txt"),
    "one word for ever": (r"same|nothing to learn", "same.txt"),
    "fewer words than the window": (r"window|too short", "short.txt"),
}
REMEDY = re.compile(
    r"\b(Choose|choose|Check|check|Take|take|Open|open|Use|use|Save|save|Set|set|Lower|lower)\b"
)


@pytest.fixture
def bad_files(tmp_path):
    (tmp_path / "folder").mkdir()
    for name, content in {
        "empty.txt": b"",
        "three.txt": b"only three words",
        "one.txt": b"word",
        "blanks.txt": b" \n\t \r\n" * 500,
        "noise.bin": bytes(range(256)) * 200,
        "nul.txt": b"a text with\0NULs in it\n" * 200,
        "controls.txt": b"\x01\x02\x03\x04\x05 words \x06\x07\n" * 200,
        "same.txt": b"word " * 5000,
        "short.txt": b"A text of a few words , and of few more .\n",
    }.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.fixture
def training(user):
    """The window while it learns."""
    user.key(Qt.Key.Key_Space)
    user.until_step(5)
    return user


def check_that_the_run_goes_on(user, run):
    session = user.window.session
    assert session.run is run, "what was open has been replaced"
    assert session.state == "running"
    assert user.window.windowTitle() == "four emperors.txt · rnnviz"
    before = user.step
    user.until_step(before + 5)
    assert user.window.loading_bar.isHidden()
    assert user.window.status_line.file_label.whole == "four emperors.txt"


def test_every_bad_file_gets_one_notice_and_the_run_goes_on(training, bad_files, capfd):
    run = training.window.session.run
    remembered = training.window.preferences.recent_files
    for case, (words, name) in SAID.items():
        training.window.open_file(bad_files / name)
        training.until(lambda: bool(training.said))
        assert re.search(words, training.said), (case, training.said)
        assert REMEDY.search(training.said), (case, training.said)
        assert training.window.notice.waiting == 0
        assert training.window.notice.message.severity == "error"
        assert "Traceback" not in training.said and "\n" not in training.said
        check_that_the_run_goes_on(training, run)
    assert training.window.preferences.recent_files == remembered
    assert "Traceback" not in capfd.readouterr().err


def test_a_file_without_permission_is_refused_with_the_reason(training, tmp_path, monkeypatch):
    path = tmp_path / "secret.txt"
    path.write_text("secret words " * 1000)

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied", str(path))

    run = training.window.session.run
    if os.geteuid() == 0:  # root may read everything: refuse as the system would
        monkeypatch.setattr(Path, "open", refuse)
    else:
        path.chmod(0)
    training.window.open_file(path)
    training.until(lambda: bool(training.said))
    monkeypatch.undo()
    assert re.search(r"permission|may not", training.said), training.said
    check_that_the_run_goes_on(training, run)


def test_a_file_that_vanishes_from_the_recent_ones_is_refused(user, raft, tmp_path):
    path = tmp_path / "fleeting.txt"
    path.write_bytes(raft.read_bytes())
    user.window.open_file(path)
    user.until(lambda: user.window.windowTitle().startswith("fleeting"))
    path.unlink()
    actions = [a for a in user.window.toolbar.samples_button.menu().actions() if a.text() == "fleeting.txt"]
    actions[0].trigger()
    user.until(lambda: bool(user.said))
    assert "fleeting.txt" in user.said
    assert user.window.windowTitle().startswith("fleeting")


def test_a_file_that_changes_while_it_is_read_is_refused(training, tmp_path):
    path = tmp_path / "changing.txt"
    line = "one two three four five six seven eight nine ten\n"
    path.write_text(line * 400_000)
    run = training.window.session.run
    training.window.open_file(path)
    job = training.window.session.preparing.job
    training.until(lambda: job.progress[0] > 0 or job.poll() != "running")
    with path.open("r+") as file:
        file.write("ONE TWO")
        file.truncate(200)
    training.until(lambda: bool(training.said))
    assert re.search(r"chang|short|written", training.said), training.said
    check_that_the_run_goes_on(training, run)


def test_a_second_bad_file_replaces_what_was_said_of_the_first(user, bad_files):
    user.window.open_file(bad_files / "empty.txt")
    user.until(lambda: "empty.txt" in user.said)
    user.window.open_file(bad_files / "three.txt")
    user.until(lambda: "three.txt" in user.said)
    assert user.window.notice.waiting == 0


def test_a_good_file_takes_the_complaint_about_a_bad_one_away(user, bad_files, raft):
    user.window.open_file(bad_files / "noise.bin")
    user.until(lambda: bool(user.said))
    user.window.open_file(raft)
    user.until(lambda: user.window.windowTitle() == "raft.txt · rnnviz")
    assert user.said == ""


def test_escape_closes_a_notice_and_gives_the_keyboard_back(user, bad_files):
    user.window.open_file(bad_files / "empty.txt")
    user.until(lambda: bool(user.said))
    user.click(user.window.notice.close_button)
    assert user.said == ""
    user.key(Qt.Key.Key_Space)
    user.until_step(1)


def test_a_bad_file_leaves_no_trace_among_the_recent_ones_when_a_network_is_made_next(user, bad_files):
    user.window.open_file(bad_files / "noise.bin")
    user.until(lambda: bool(user.said))
    user.window.session.apply({"hidden": 12})
    user.until(lambda: user.trace.hidden.shape[2] == 12)
    assert "noise.bin" not in [path.name for path in user.window.preferences.recent_files]


def test_a_learning_rate_that_cannot_be_is_refused_and_the_old_one_stays(training):
    window, run = training.window, training.window.session.run
    row, bar = window.rail.rows["lr"], window.toolbar.rate
    for typed in ("nan", "inf", "-1", "0", "fast", "1e9", ""):
        for field in (row.field, bar.field):
            training.type_into(field, typed)
            wrong = row.problem_label.text() if field is row.field else field.property("wrong") == "true"
            assert wrong or field.text() == "0.008", typed
        assert window.session.settings.lane.lr == run.experiment.settings.lane.lr == 0.008
    check_that_the_run_goes_on(training, run)


def test_a_setting_that_cannot_be_is_refused_beside_its_field(training):
    rail, run = training.window.rail, training.window.session.run
    for name, typed, words in (
        ("hidden", "0", "at least 1"),
        ("hidden", "two", "whole number"),
        ("window", "0", "at least 1"),
        ("batch", "-3", "at least 1"),
        ("vocabulary", "0", "at least 1"),
        ("seed", "1.5", "whole number"),
        ("clip", "nan", "number"),
    ):
        training.type_into(rail.rows[name].field, typed)
        assert words in rail.rows[name].problem_label.text(), name
        assert not rail.pending_bar.apply_button.isEnabled()
        rail.apply()
        rail.discard()
        assert rail.problems() == {}
    check_that_the_run_goes_on(training, run)


@pytest.mark.parametrize(("name", "typed"), [("window", "9000"), ("batch", "9000"), ("hidden", "8192")])
def test_a_network_that_does_not_fit_the_text_or_the_machine_is_refused(training, monkeypatch, name, typed):
    if name == "hidden":  # a machine that has no memory left

        def full(*_):
            raise MemoryError

        monkeypatch.setattr(experiment_module, "Lane", full)
    window, run = training.window, training.window.session.run
    training.type_into(window.rail.rows[name].field, typed)
    training.click(window.rail.pending_bar.apply_button)
    training.until(lambda: bool(training.said))
    assert re.search(r"memory|window|batch|too short", training.said), training.said
    assert REMEDY.search(training.said), training.said
    check_that_the_run_goes_on(training, run)


def test_an_empty_question_is_refused_under_the_field(training):
    ask, run = training.window.ask_line, training.window.session.run
    passage = run.passage
    training.type_into(ask.passage_field, "   ")
    assert "Type the words" in ask.error_label.text()
    training.type_into(ask.passage_field, " ")  # a question among characters, none among words
    assert training.said == "There is nothing to ask. Type at least one word."
    assert run.passage == passage
    check_that_the_run_goes_on(training, run)


def test_a_question_too_long_to_be_drawn_is_refused(training):
    run, window = training.window.session.run, training.window
    passage = run.passage
    window.ask_line.passage_field.setText("was the Emperor of " * 500)
    window.ask_line.passage_field.returnPressed.emit()
    training.until(lambda: "2,000 tokens" in training.said)
    assert run.passage == passage
    check_that_the_run_goes_on(training, run)


def test_a_question_of_unknown_words_is_answered(user):
    user.type_into(user.window.ask_line.passage_field, "Zzyzx qwertz 山")
    user.until(lambda: user.trace.length == 3)
    assert user.window.score.accessibleDescription()


def test_a_network_that_breaks_says_when_why_and_what_to_try(user):
    window = user.window
    user.window.session.apply({"activation": "relu", "optimizer": "sgd", "clip": 0.0})
    user.until(lambda: user.trace.activation == "relu")
    user.type_into(window.rail.rows["lr"].field, "100")
    user.click(window.toolbar.train_button)
    user.until_state("failed")
    user.until(lambda: bool(user.said))
    assert re.search(r"Update \d", user.said) and "learning rate" in user.said and "Try this" in user.said
    assert window.status_line.state_label.text() == "stopped"
    assert not window.toolbar.train_button.isEnabled()
    user.until(lambda: user.step == user.experiment.step)
    assert not np.isnan(user.trace.loss).any()
    user.type_into(window.rail.rows["lr"].field, "0.01")
    user.click(window.toolbar.start_over_button)
    user.until_state("ready")
    user.click(window.toolbar.train_button)
    user.until_step(20)


def test_a_place_that_cannot_be_written_to_is_told_and_training_goes_on(training, tmp_path):
    run = training.window.session.run
    training.window.session.save(tmp_path / "no such folder" / "network.safetensors")
    training.until(lambda: bool(training.said))
    assert "network.safetensors" in training.said or "folder" in training.said
    check_that_the_run_goes_on(training, run)
