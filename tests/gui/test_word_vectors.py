"""Word vectors in the window: chosen in the rail, applied, trained with, taken back; and what goes wrong."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog

from rnnviz.gui.controls.file_choice import CHOOSE, NONE
from tests.text.vector_files import glove, some_vectors, written

COVERED = "Napoleon was the Emperor of France"


def choose(user, monkeypatch, path, entry=CHOOSE):
    """Take a file in the rail and press Apply."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    field = user.window.rail.rows["vectors"].field
    index = field.findText(entry)
    field.setCurrentIndex(index)
    field.activated.emit(index)
    user.click(user.window.rail.pending_bar.apply_button)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, glove(some_vectors(COVERED, 6)))


def test_vectors_chosen_in_the_rail_are_what_the_next_network_starts_from(user, file, monkeypatch):
    window, old = user.window, user.window.session.run
    choose(user, monkeypatch, file)
    user.until(lambda: window.session.run is not old and user.step == 0)
    lane = user.experiment.lanes[0]
    known = user.experiment.corpus.vocabulary
    row = lane.model.parameters.view("embedding")[known.id_of("Napoleon")].copy()
    np.testing.assert_array_equal(row, some_vectors(COVERED, 6)[b"Napoleon"])
    assert window.rail.rows["embedding"].field.text() == "6"
    assert "words met have a vector, 7 of 16" in window.rail.coverage_label.text()
    file.unlink()  # what follows needs it no more
    window.rail.more_button.click()
    window.rail.rows["vectors_frozen"].field.setChecked(True)
    unfrozen = window.session.run
    user.click(window.rail.pending_bar.apply_button)
    user.until(lambda: window.session.run is not unfrozen and user.step == 0)
    user.train_until(5)
    lane = user.experiment.lanes[0]
    np.testing.assert_array_equal(lane.model.parameters.view("embedding")[known.id_of("Napoleon")], row)
    assert "frozen" in window.rail.parameters_label.text()
    user.click(window.rail.pending_bar.undo_button)
    user.until(lambda: window.session.run.experiment is unfrozen.experiment)
    assert "frozen" not in window.rail.parameters_label.text()
    choose(user, monkeypatch, "", NONE)
    user.until(lambda: user.experiment.settings.lane.vectors == "" and user.step == 0)
    assert window.rail.coverage_label.isHidden() and user.experiment.settings.lane.embedding == 6


def test_a_file_that_cannot_be_used_leaves_the_network_as_it_is(user, file, tmp_path, monkeypatch):
    run = user.window.session.run
    choose(user, monkeypatch, written(tmp_path, b"Well, Prince, so Genoa and Lucca\n", "prose.txt"))
    user.until(lambda: "prose.txt holds no word vectors" in user.said)
    assert user.window.session.run is run and user.window.session.state == "ready"
    choose(user, monkeypatch, file)
    user.until(lambda: user.window.session.run is not run)
    user.type_into(user.window.rail.rows["embedding"].field, "9")
    user.click(user.window.rail.pending_bar.apply_button)
    user.until(lambda: "whose vectors are 6 numbers wide" in user.said)


def test_another_kind_of_tokens_lets_go_of_the_vectors(user, file, monkeypatch):
    run = user.window.session.run
    choose(user, monkeypatch, file)
    user.until(lambda: user.window.session.run is not run)
    user.window.session.apply({"tokens": "char"})
    user.until(lambda: user.experiment.settings.experiment.tokens == "char")
    assert user.experiment.settings.lane.vectors == ""
