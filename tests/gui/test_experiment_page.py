"""The memory experiment in the window, with real clicks: it runs beside the network, and nothing is lost."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from rnnviz.gui import results_show
from rnnviz.gui.task_dialog import TaskDialog
from rnnviz.gui.views.experiment import MemoryShown
from rnnviz.training import COMPARED, CellChoice, MemoryPlan, read_table

TANH, GRU = CellChoice("rnn", "tanh"), CellChoice("gru")


class Page:
    """Somebody in front of the experiment page."""

    def __init__(self, user):
        self.user, self.window = user, user.window
        self.show = self.window.pages.experiment
        self.page, self.form = self.show.page, self.show.form

    def open(self):
        self.user.key(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        assert self.page.isVisible() and not self.window.score.isVisible()

    def choose(self, distances="1, 2", seeds="1", updates="5"):
        for cell, box in self.form.cells.items():
            if box.isChecked() != (cell in (TANH, GRU)):
                box.click()
        for field, text in (
            (self.form.distances, distances), (self.form.seeds, seeds), (self.form.updates, updates),
            (self.form.rows["hidden"].field, "6"),
        ):  # fmt: skip
            field.setFocus()
            field.selectAll()
            self.user.bot.keyClicks(field, text)
            self.user.bot.keyClick(field, Qt.Key.Key_Return)

    def run(self):
        self.user.click(self.page.run_button)

    def until_done(self, n):
        self.user.until(lambda: len(self.show.results) >= n)

    def until_ended(self):
        self.user.until(lambda: not self.show.background.is_running)

    @property
    def shown(self):
        content = self.show.sheet.content
        assert isinstance(content, MemoryShown)
        return content


@pytest.fixture
def page(user):
    page = Page(user)
    page.open()
    page.choose()
    return page


def test_it_runs_while_the_network_learns_and_survives_the_closing_of_its_page(page):
    assert page.show.said() == "4 networks to train"
    page.run()
    page.user.click(page.window.toolbar.train_button)
    page.user.key(Qt.Key.Key_Escape)
    assert page.window.score.isVisible() and not page.page.isVisible()
    page.until_ended()
    assert page.show.problem == "" and page.user.step > 0
    page.open()
    assert page.page.said_label.whole == "all 4 networks are done"
    assert {(r.cell, r.distance) for r in page.show.results} == {
        ("rnn", 1), ("rnn", 2), ("gru", 1), ("gru", 2),
    }  # fmt: skip
    assert all(r.hidden == 6 and r.updates == 5 for r in page.show.results)
    entry = page.shown.cells[0].entries[0]
    assert entry.seeds == (page.show.results[0].accuracy,) and page.shown.cells[0].name == "tanh RNN"
    assert any("units (6)" in text for text, _ in page.shown.notes)


def test_a_stop_keeps_what_is_done_and_it_goes_on_from_there(page):
    page.choose(seeds="3", updates="100000", distances="1, 60")
    page.run()
    page.until_done(1)
    page.user.click(page.page.stop_button)
    page.user.until(lambda: page.page.run_button.isVisible())
    done = list(page.show.results)
    assert 1 <= len(done) < 12
    assert page.page.run_button.text() == f"Go on ({12 - len(done)} left)"
    page.run()
    page.until_done(len(done) + 1)
    assert page.show.results[: len(done)] == done
    page.user.click(page.page.stop_button)


def test_an_export_while_it_runs_is_told_for_a_while_and_then_how_far_it_is(page, tmp_path, monkeypatch):
    monkeypatch.setattr(results_show, "SAID_MS", 1)
    monkeypatch.setattr(results_show, "PROBLEM_SAID_MS", 1)
    page.choose(seeds="3", updates="100000", distances="1, 60")
    page.run()
    page.until_done(1)
    label = page.page.said_label
    for name, said in (("memory.csv", "Saved as "), ("memory.doc", "is no kind of file")):
        path = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), ""))
        page.page.exports["table"].trigger()
        assert said in label.whole and "left" not in label.whole
        page.user.until(lambda: "of 12 networks are done" in label.whole)
        assert page.show.background.is_running and page.show.problem == ""
    page.user.click(page.page.stop_button)
    assert label.whole.startswith("stopped: ")


def test_closing_the_window_ends_it_and_the_next_start_has_it(page, open_window, emperors):
    page.choose(seeds="2", updates="100000", distances="1, 60")
    page.run()
    page.until_done(1)
    page.window.close()
    assert len(page.show.results) < 12
    again = Page(open_window(emperors))
    assert again.show.results == page.show.results
    again.open()
    assert again.page.run_button.text().startswith("Go on") and again.form.seeds.text() == "2"


def test_what_is_under_way_is_shown_with_how_long_it_takes(page):
    page.choose(distances="60", updates="100000")
    page.run()
    page.user.until(lambda: any(e.now for cell in page.shown.cells for e in cell.entries))
    assert page.page.bar.isVisible() and "0 of 2 networks are done" in page.page.said_label.whole
    assert not page.form.distances.isEnabled()
    page.user.click(page.page.stop_button)
    assert page.form.distances.isEnabled()


def test_what_cannot_be_run_is_said_and_not_run(page):
    for field, text, said in (
        ("distances", "5, x", "Distances are whole numbers with commas"),
        ("distances", "0", "The distance of recall must be from 1"),
        ("seeds", "0", "The number of seeds is a whole number from 1"),
        ("updates", "many", "The number of updates is a whole number"),
    ):
        page.choose(**{field: text})
        assert page.form.problem_label.text().startswith(said)
        assert not page.page.run_button.isEnabled() and said in page.page.run_button.toolTip()
    page.choose()
    for cell in (TANH, GRU):
        page.form.cells[cell].click()
    assert "No cell is chosen" in page.form.problem_label.text()


def test_results_are_read_under_the_mouse_and_exported(page, tmp_path, monkeypatch):
    page.choose(distances="1")
    page.run()
    page.until_ended()
    results = sorted(page.show.results, key=lambda r: r.seed)
    page.show.sheet.grab()
    place, _ = next((p, t) for p, t in page.show.sheet._readings if t.startswith("GRU, distance 1: "))
    page.user.bot.mouseMove(page.show.sheet, place.center().toPoint() + QPoint(1, 1))
    assert page.show.sheet.reading_at(QPointF(place.center())).startswith("GRU, distance 1: ")
    for kind, wish in (("csv", "table"), ("png", "picture"), ("svg", "picture"), ("pdf", "picture")):
        path = tmp_path / f"memory.{kind}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), ""))
        page.page.exports[wish].trigger()
        assert page.page.said_label.whole == f"Saved as {path}."
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "memory.doc"), ""))
    page.page.exports["picture"].trigger()
    assert "is no kind of file that this can be saved as" in page.page.said_label.whole
    assert list(read_table((tmp_path / "memory.csv").read_text())) == results
    assert QImage(str(tmp_path / "memory.png")).width() == 2 * page.show.sheet.width()
    assert "guessing 25 %" in (tmp_path / "memory.svg").read_text()
    page.page.exports["copy table"].trigger()
    assert list(read_table(QGuiApplication.clipboard().text())) == results
    assert (tmp_path / "memory.pdf").read_bytes().startswith(b"%PDF")
    page.page.exports["copy picture"].trigger()
    assert not QGuiApplication.clipboard().image().isNull()


def test_other_settings_begin_a_new_experiment_and_more_seeds_go_on(page):
    page.choose(distances="1")
    page.run()
    page.until_ended()
    assert not page.page.run_button.isVisible()
    page.choose(distances="1", seeds="2")
    assert page.page.run_button.text() == "Go on (2 left)"
    page.choose(distances="1", updates="6")
    assert page.page.run_button.text() == "Run"
    page.user.click(page.page.anew_button)
    assert page.shown.is_empty and not page.page.export_button.isEnabled()


def test_the_dialog_of_memory_tasks_leads_to_it(user):
    action = next(a for a in user.window.findChildren(QAction) if a.text() == "&Memory task…")
    action.trigger()
    dialog = user.window.findChild(TaskDialog)
    dialog.kind.setCurrentIndex(dialog.kind.findData("copy"))
    user.bot.mouseClick(dialog.compare_button, Qt.MouseButton.LeftButton)
    page = Page(user)
    assert page.page.isVisible() and page.form.kind.currentData() == "copy"
    assert page.shown.task == "copy"


def test_a_kept_experiment_that_cannot_be_read_is_as_good_as_none(open_window, emperors, preferences):
    preferences.experiment = {"cells": ["mamba"], "distances": [1], "table": 3}
    assert Page(open_window(emperors)).show.results == []


def test_a_plan_is_made_anew_only_when_something_else_is_chosen(window):
    form = window.pages.experiment.form
    changes = []
    form.changed.connect(lambda: changes.append(1))
    form.show_plan(MemoryPlan(COMPARED, (2, 5), 2))
    assert len(changes) == 1, "all fields are set before the whole is looked at"
    plan = form.plan()
    assert plan.distances == (2, 5) and form.plan() is plan
    form.seeds.settle("3")
    assert form.plan().seeds == 3
