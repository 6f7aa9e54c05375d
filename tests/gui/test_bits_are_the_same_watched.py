"""A run that was watched, sampled and validated ends with the same bits as one that nobody looked at."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from rnnviz.text import Passage
from rnnviz.training import Close, Save, StateChanged, Train, Trainer, prepare

SHIFT = Qt.KeyboardModifier.ShiftModifier


def save_unwatched(text, settings, steps, path):
    """The same run on a trainer of its own, with an empty mailbox, as a checkpoint."""
    trainer = Trainer(prepare(text, settings))
    trainer.start()
    try:
        trainer.send(Train(until=steps))
        state = ""
        while state != "paused":
            event = trainer.events.get(timeout=15)
            state = event.state if isinstance(event, StateChanged) else state
        trainer.send(Save(path))
    finally:
        trainer.send(Close())  # what was to be saved is written before
        trainer.join(15)


def test_a_run_watched_through_the_window_ends_with_the_bits_of_an_unwatched_one(
    user, emperors, tmp_path, monkeypatch
):
    window, session = user.window, user.window.session
    written, validated = [], []
    session.written.connect(written.append)
    session.validated.connect(validated.append)
    user.click(window.toolbar.train_button)
    user.until_step(20)
    session.validate()
    session.write_on(40, 0.8)
    user.until(lambda: bool(written and validated))
    for name in ("decay", "text", "training", "sample"):  # other views want other fields
        window.inspector.show_tab(name)
    session.watch(Passage("They met on a", "raft"))
    user.until_step(user.step + 20)
    user.key(Qt.Key.Key_Left)
    user.key(Qt.Key.Key_Left, SHIFT)
    session.show_moment(3)
    user.click(window.toolbar.train_button)  # pause, in the past
    user.until_settled()
    session.write_on(10, 0.8)
    session.validate()
    user.until(lambda: len(written) == len(validated) == 2)
    user.click(window.toolbar.train_button)
    user.until_step(user.step + 50)
    user.click(window.toolbar.train_button)
    user.until_settled()

    # A checkpoint holds parameters, optimizer, carried state, sums and the place of each random stream.
    seen, alone = tmp_path / "watched.safetensors", tmp_path / "alone.safetensors"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(seen), ""))
    user.key(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    user.until(lambda: "Saved as" in user.said)
    save_unwatched(emperors, session.settings, user.experiment.step, alone)
    assert user.experiment.step > 90 and seen.stat().st_size > 10_000
    assert seen.read_bytes() == alone.read_bytes()
