"""The window saves by itself, and after a crash offers what was lost."""

import os
import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu

from rnnviz.gui.app import keep_by_itself
from rnnviz.gui.autosave import Autosave
from rnnviz.gui.kept import MOST_KEPT, KeptNetworks
from rnnviz.gui.menus import KEPT_MENU
from rnnviz.text import Passage, Task, text_from_string
from rnnviz.training import Experiment, RunSettings, checkpoint, copy_of, prepare
from tests.gui.conftest import PATIENCE_MS, Open, User

OFTEN_S = 0.05
NOTHING = Passage("")


def keeping(user: User, folder: Path, interval_s: float = OFTEN_S) -> Autosave:
    return keep_by_itself(user.window, KeptNetworks(folder), interval_s)


def kept_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def steps_kept(folder: Path) -> list[int]:
    return [checkpoint.updates_in(path) for path in kept_files(folder)]


def crashed(folder: Path, experiment: Experiment, passage: Passage = NOTHING) -> Path:
    """What a window leaves that was killed: a network, its note, and a lock whose owner is dead."""
    store = KeptNetworks(folder)
    path = store.new_path()
    store.keep(copy_of(experiment), path, passage)
    assert store._lock is not None
    store._lock.unlock()  # as good as dead
    return path


def learned_run(source: Path | Task, updates: int = 5, **values: object) -> Experiment:
    experiment = prepare(source, RunSettings().with_values(values), suit=True)
    for _ in range(updates):
        experiment.update()
    return experiment


def press(user: User, label: str) -> None:
    user.click(next(button for button in user.window.notice.action_buttons if button.text() == label))


def test_it_saves_while_training_and_after_a_pause(user: User, tmp_path: Path) -> None:
    keeping(user, tmp_path / "kept")
    user.train_until(30)
    user.until(lambda: steps_kept(tmp_path / "kept") == [user.step])
    read = checkpoint.read(kept_files(tmp_path / "kept")[0])
    assert read.snapshot.step == user.step
    assert not list((tmp_path / "kept").glob(".*"))


def test_a_network_that_learned_before_keeping_began_is_kept_too(user: User, tmp_path: Path) -> None:
    """The window begins to keep a second after it has opened; Train may have been pressed by then."""
    user.click(user.window.toolbar.train_button)
    user.until_state("running")
    keeping(user, tmp_path / "kept")
    user.until(lambda: bool(steps_kept(tmp_path / "kept")))
    assert user.window.session.state == "running"


def test_nothing_is_written_before_there_is_something_to_keep(user: User, tmp_path: Path) -> None:
    keeping(user, tmp_path / "kept", interval_s=3600)
    user.train_until(10)
    user.window.close()
    assert not (tmp_path / "kept").exists()


def test_a_saved_network_is_not_kept_as_well(user: User, tmp_path: Path) -> None:
    keeping(user, tmp_path / "kept")
    user.train_until(10)
    user.until(lambda: steps_kept(tmp_path / "kept") == [user.step])
    user.window.session.save(tmp_path / "mine.safetensors")
    user.until(lambda: kept_files(tmp_path / "kept") == [])


def test_closing_writes_what_was_learned_last_and_offers_nothing(
    open_window: Open, emperors: Path, tmp_path: Path
) -> None:
    user = open_window(emperors)
    autosave = keeping(user, tmp_path)
    user.train_until(5)
    user.until(lambda: steps_kept(tmp_path) == [user.step])
    autosave._interval_s = autosave._pause_s = 3600
    user.train_until(user.step + 20)
    user.window.close()
    assert steps_kept(tmp_path) == [user.experiment.step]
    assert list(tmp_path.glob("*.lock")) == []
    later = KeptNetworks(tmp_path)
    assert later.lost() == []
    assert [kept.step for kept in later.all()] == [user.experiment.step]


def test_after_a_crash_the_next_start_brings_it_back_to_the_bit(
    open_window: Open, emperors: Path, tmp_path: Path
) -> None:
    undisturbed = learned_run(emperors, 12, hidden=9, dropout=0.2)
    left = crashed(tmp_path, learned_run(emperors, 12, hidden=9, dropout=0.2), Passage("They met", "on"))
    user = open_window(None)
    keeping(user, tmp_path)
    assert "rnnviz ended before this network was saved: four emperors.txt, update 12" in user.said
    press(user, "Bring it back")
    user.until(lambda: user.window.windowTitle().startswith("four emperors") and user.step == 12)
    assert "goes on at update 12" in user.said
    run = user.window.session.run
    assert run is not None
    assert run.passage == Passage("They met", "on")
    assert user.window.session.settings.lane.hidden == 9
    user.train_until(40)
    while undisturbed.step < user.experiment.step:
        undisturbed.update()
    checkpoint.save(user.experiment, tmp_path / "window")
    checkpoint.save(undisturbed, tmp_path / "undisturbed")
    assert (tmp_path / "window").read_bytes() == (tmp_path / "undisturbed").read_bytes()
    assert not left.exists(), "its file is this run's now"
    user.until(lambda: steps_kept(tmp_path) == [user.experiment.step])


def test_what_a_crash_left_can_be_thrown_away(open_window: Open, emperors: Path, tmp_path: Path) -> None:
    crashed(tmp_path, learned_run(emperors))
    user = open_window(emperors)
    keeping(user, tmp_path)
    press(user, "Throw away")
    assert user.said == ""
    assert KeptNetworks(tmp_path).all() == []
    assert [path for path in tmp_path.iterdir() if path.suffix in (".json", ".lock")] == []


def test_an_offer_outlives_the_text_that_opens_at_the_start(
    open_window: Open, emperors: Path, tmp_path: Path
) -> None:
    crashed(tmp_path, learned_run(emperors))
    user = open_window(emperors, until_traced=False)
    keeping(user, tmp_path)
    user.until_traced()
    assert "four emperors.txt, update 5" in user.said


def test_a_memory_task_comes_back_without_a_file(open_window: Open, emperors: Path, tmp_path: Path) -> None:
    crashed(tmp_path, learned_run(Task("recall", 3, 60)))
    user = open_window(emperors)
    keeping(user, tmp_path)
    press(user, "Bring it back")
    user.until(lambda: user.window.windowTitle().startswith("recall, distance 3") and user.step == 5)


def test_a_text_that_has_gone_is_asked_for(
    open_window: Open, raft: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = tmp_path / "gone.txt"
    text.write_text("It was here a moment ago , and now it is there .\n" * 100)
    crashed(tmp_path, learned_run(text))
    moved = text.rename(tmp_path / "moved.txt")
    user = open_window(raft)
    keeping(user, tmp_path)
    press(user, "Bring it back")
    user.until(lambda: "Choose its text, as it was then" in user.said)
    chosen = [str(raft), str(moved)]
    monkeypatch.setattr(
        "rnnviz.gui.opening.QFileDialog.getOpenFileName", lambda *_: (chosen.pop(0), "Texts (*.txt)")
    )
    press(user, "Choose its text…")
    user.until(lambda: "was made with another text" in user.said)
    press(user, "Choose its text…")
    user.until(lambda: user.window.windowTitle().startswith("moved.txt") and user.step == 5)


def test_starting_over_keeps_what_was_learned(user: User, tmp_path: Path) -> None:
    keeping(user, tmp_path)
    user.train_until(30)
    before = user.step
    user.until(lambda: steps_kept(tmp_path) == [before])
    user.window.session.start_over()
    user.until(lambda: user.step == 0)
    user.train_until(5)
    user.until(lambda: sorted(steps_kept(tmp_path)) == sorted([before, user.step]))
    menu = user.window.findChild(QMenu, KEPT_MENU)
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    assert [action.text().split(" (")[0] for action in menu.actions()] == [
        f"four emperors.txt, update {before:,}"
    ]
    menu.actions()[0].trigger()
    user.until(lambda: user.step == before)


def test_a_folder_that_cannot_be_written_stops_nothing(user: User, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    keeping(user, tmp_path / "kept")
    user.train_until(10)
    user.until(lambda: "cannot be saved by itself" in user.said)
    assert "Training goes on" in user.said
    user.train_until(user.step + 10)


def test_what_is_kept_is_bounded(emperors: Path, tmp_path: Path) -> None:
    experiment = learned_run(emperors, 1)
    paths = []
    for number in range(MOST_KEPT + 3):
        paths.append(crashed(tmp_path, experiment))
        if paths[-1].exists():
            os.utime(paths[-1], (1000.0 + number, 1000.0 + number))
    assert kept_files(tmp_path) == sorted(paths[-MOST_KEPT:])
    assert len(list(tmp_path.glob("*.json"))) == MOST_KEPT


def test_its_bytes_are_bounded(emperors: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = learned_run(emperors, 1)
    first = crashed(tmp_path, experiment)
    os.utime(first, (1000.0, 1000.0))
    monkeypatch.setattr("rnnviz.gui.kept.MOST_BYTES", 3 * copy_of(experiment).n_bytes // 2)
    second = crashed(tmp_path, experiment)
    assert kept_files(tmp_path) == [second]


def test_what_a_living_window_keeps_is_neither_offered_nor_removed(emperors: Path, tmp_path: Path) -> None:
    experiment = learned_run(emperors, 1)
    living = KeptNetworks(tmp_path)
    theirs = living.new_path()
    living.keep(copy_of(experiment), theirs, Passage(""))
    os.utime(theirs, (1000.0, 1000.0))
    for _ in range(MOST_KEPT + 1):
        crashed_path = KeptNetworks(tmp_path).new_path()
        KeptNetworks(tmp_path).keep(copy_of(experiment), crashed_path, Passage(""))
    assert theirs.exists()
    assert theirs not in [kept.path for kept in KeptNetworks(tmp_path).lost()]
    living.close()


def test_a_damaged_file_or_note_is_left_out_and_harms_nobody(emperors: Path, tmp_path: Path) -> None:
    whole = crashed(tmp_path, learned_run(emperors))
    whole.with_suffix(".json").write_text('{"text": [], "source": {"file": 3}, "passage": ["one"]}')
    (tmp_path / "aaaaaaaaaaaa-1.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{}")
    (tmp_path / "bbbbbbbbbbbb-1.json").write_text("[[[")
    (tmp_path / "not one of ours.safetensors").write_bytes(b"")
    found = KeptNetworks(tmp_path).lost()
    assert [(kept.path, kept.step, kept.source, kept.passage) for kept in found] == [(whole, 5, None, None)]


def test_a_text_from_nowhere_has_no_source(tmp_path: Path) -> None:
    text = text_from_string("one two three four five six seven . " * 30, "pasted")
    path = crashed(tmp_path, prepare(text, RunSettings().with_values({"window": 4, "batch": 2})))
    kept = KeptNetworks(tmp_path).lost()[0]
    assert (kept.path, kept.text, kept.source) == (path, "pasted", None)


def test_saving_does_not_hold_up_the_window(user: User, tmp_path: Path) -> None:
    """The disk answers nothing until the window has gone on learning: whoever waited for it would wait on."""
    begun, disk_answers, done = threading.Event(), threading.Event(), threading.Event()
    write = checkpoint.write

    def on_a_slow_disk(copy: object, path: Path) -> None:
        begun.set()
        assert disk_answers.wait(PATIENCE_MS / 1000)
        write(copy, path)  # type: ignore[arg-type]
        done.set()

    keeping(user, tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnviz.gui.kept.checkpoint.write", on_a_slow_disk)
        user.train_until(30)
        user.until(begun.is_set)
        user.train_until(user.step + 30)
        assert not done.is_set()
        disk_answers.set()
        user.until(done.is_set)
        user.window.close()
