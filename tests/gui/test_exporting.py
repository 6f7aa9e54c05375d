"""Every view can be copied and saved, and what is saved is what was shown."""

import csv
import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSettings, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage, QKeySequence
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from rnnviz.gui.app import FIRST_SIZE, application, show_window
from rnnviz.gui.exported_files import Export
from rnnviz.gui.exported_views import View, views_in_sight
from rnnviz.gui.exporting import Exporting
from rnnviz.gui.pictures import svg_of
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.views.numbers import PLOT_TABLES, TRACK_TABLES, stacked, table
from rnnviz.gui.views.plots import PLOTS
from rnnviz.gui.views.race_inspector import PARTS
from rnnviz.gui.views.score_painting import paint_score
from rnnviz.gui.views.tracks import TRACKS, Context
from rnnviz.gui.views.tracks.decades import Scale
from rnnviz.gui.views.wording import nats, percent
from rnnviz.probes import derived_numbers
from rnnviz.training import whole_file
from tests.gui.conftest import User
from tests.gui.test_race import choose

CONTROL = Qt.KeyboardModifier.ControlModifier
CONTROL_SHIFT = CONTROL | Qt.KeyboardModifier.ShiftModifier
CLIP = QGuiApplication.clipboard


class Hand:
    """Somebody who takes views out of the window."""

    def __init__(self, user: User, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.user, self.window, self.folder = user, user.window, folder
        self.exporting = user.window.findChild(Exporting)
        self.proposed = self.filters = ""
        self._monkeypatch = monkeypatch

    def names(self, name: str, chosen: str = "") -> Path:
        """What the dialog will be told."""

        def dialog(_parent: QWidget, _title: str, proposed: str, filters: str) -> tuple[str, str]:
            self.proposed, self.filters = Path(proposed).name, filters
            return str(self.folder / name), chosen

        self._monkeypatch.setattr(QFileDialog, "getSaveFileName", dialog)
        return self.folder / name

    def view(self, key: str) -> View:
        return next(view for view in views_in_sight(self.window) if view.key == key)

    def table(self, key: str) -> dict[str, list[str]]:
        """The table of a view as it is read from its file, by the names of its columns."""
        path = self.names(f"{key}.csv")
        self.exporting.save_numbers(self.view(key))
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
        return {name.split(" [")[0]: [row[i] for row in rows[1:]] for i, name in enumerate(rows[0])}


def numbers(texts: list[str]) -> np.ndarray:  # type: ignore[type-arg]
    return np.array([float(text) if text else np.nan for text in texts])


@contextmanager
def opened(request: pytest.FixtureRequest, path: Path, kept: Path) -> Iterator[User]:
    """One window for many tests, which only look."""
    application()
    window = show_window(path, Preferences(QSettings(str(kept), QSettings.Format.IniFormat)))
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(*FIRST_SIZE)
    user = User(QtBot(request), window)
    user.until_traced()
    yield user
    run = window.session.run
    window.close()
    assert run is None or not run.trainer.is_alive()
    window.deleteLater()


@pytest.fixture(scope="module")
def learned(
    request: pytest.FixtureRequest, emperors: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[User]:
    """A window whose network has learned for a while, paused."""
    with opened(request, emperors, tmp_path_factory.mktemp("one") / "preferences.ini") as user:
        user.train_until(60)
        yield user


@pytest.fixture(scope="module")
def racing(
    request: pytest.FixtureRequest, emperors: Path, learned: User, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[User]:
    """A window with four networks that have learned for a while, paused; the other one out of its way."""
    learned.window.hide()
    with opened(request, emperors, tmp_path_factory.mktemp("four") / "preferences.ini") as user:
        choose(user, "Four cells")
        user.train_until(12)
        yield user


@pytest.fixture
def hand(learned: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hand:
    """At the score, live, with nothing said."""
    window = learned.window
    window.pages.show_network()
    window.session.show_live()
    window.inspector.show_tab("decay")
    window.notice.clear()
    window.show()
    window.activateWindow()
    window.focus_picture()
    return Hand(learned, tmp_path, monkeypatch)


def wide(view: View) -> QSize:
    return QSize(2 * view.size.width(), 2 * view.size.height())


# Copying.


def test_ctrl_c_copies_the_picture_of_the_view_that_has_the_keyboard(hand: Hand) -> None:
    hand.window.score.setFocus()
    hand.user.key(Qt.Key.Key_C, CONTROL)
    score = CLIP().image()
    assert score.width() == wide(hand.view("score")).width()
    assert wide(hand.view("score")).height() < score.height() < wide(hand.view("score")).height() + 100
    said = hand.window.status_line
    assert said._reading == "In the clipboard: the picture of the score"
    hand.user.bot.mouseClick(hand.window.inspector.plots["softmax"], Qt.MouseButton.LeftButton)
    hand.user.key(Qt.Key.Key_C, CONTROL)
    assert CLIP().image().width() == wide(hand.view("softmax")).width() < score.width()


def test_a_view_that_is_walked_to_by_keys_is_the_one_that_is_copied(hand: Hand) -> None:
    hand.window.inspector.plots["decay"].setFocus(Qt.FocusReason.TabFocusReason)
    hand.window.toolbar.train_button.setFocus(Qt.FocusReason.TabFocusReason)  # no view: the last one counts
    hand.user.key(Qt.Key.Key_C, CONTROL)
    assert hand.window.status_line._reading.endswith("the plot “Decay”")
    hand.window.focus_picture()
    assert hand.exporting.view().key == "score"


def test_selected_text_is_copied_as_text(hand: Hand) -> None:
    field = hand.window.ask_line.findChildren(type(hand.window.inspector.plots["text"].field))[0]
    field.setFocus()
    field.selectAll()
    hand.user.key(Qt.Key.Key_C, CONTROL)
    assert CLIP().text() == field.text() != ""
    hand.window.inspector.show_tab("text")
    page = hand.window.inspector.plots["text"].page
    page.setFocus()
    page.select((0, 0), (0, 8))
    hand.user.key(Qt.Key.Key_C, CONTROL)
    assert CLIP().text() == "Napoleon"


def test_a_page_with_nothing_selected_is_copied_as_a_picture(hand: Hand) -> None:
    hand.window.inspector.show_tab("sample")
    page = hand.window.inspector.plots["sample"].page
    page.setFocus()
    hand.user.key(Qt.Key.Key_C, CONTROL)
    assert CLIP().image().width() == wide(hand.view("sample")).width()
    page.selectAll()
    hand.user.key(Qt.Key.Key_C, CONTROL)
    assert CLIP().text() == page.toPlainText() != ""


# Pictures in files.


def test_ctrl_shift_s_saves_png_svg_and_pdf_by_the_name(hand: Hand) -> None:
    hand.window.score.setFocus()
    png, size = hand.names("score.png"), hand.view("score").size
    hand.user.key(Qt.Key.Key_S, CONTROL_SHIFT)
    assert hand.proposed == f"score-four-emperors-update-{hand.user.step}.png"
    assert hand.user.said == f"Saved as {png}."
    image = QImage(str(png))
    assert image.width() == 2 * size.width() and image.height() > 2 * size.height()
    svg = hand.names("score.SVG")
    hand.user.key(Qt.Key.Key_S, CONTROL_SHIFT)
    root = ElementTree.fromstring(svg.read_bytes())
    assert root.tag.endswith("svg") and QSvgRenderer(str(svg)).isValid()
    words = "".join(root.itertext())
    passage = " ".join(hand.user.trace.words.tolist())
    assert f"four emperors.txt · tanh RNN · after {hand.user.step:,} updates · “{passage}”" in words
    pdf = hand.names("score.pdf")
    hand.user.key(Qt.Key.Key_S, CONTROL_SHIFT)
    assert pdf.read_bytes().startswith(b"%PDF-") and pdf.read_bytes().rstrip().endswith(b"%%EOF")
    assert f"[0 0 {size.width()}".encode() in pdf.read_bytes()


def test_every_view_in_sight_has_a_picture_that_is_not_empty(hand: Hand) -> None:
    views = views_in_sight(hand.window)
    assert [view.key for view in views[:2]] == ["score", "words"] and views[-1].key == "window"
    assert {"softmax", "why", "decay", "error", "matrix"} <= {view.key for view in views}
    for view in views:
        image = Export(hand.window, view).image().convertToFormat(QImage.Format.Format_RGB32)
        pixels = np.frombuffer(image.constBits(), dtype=np.uint32)
        assert len(np.unique(pixels)) > 20, view.key
        assert image.width() == max(2 * view.size.width(), 640)


@pytest.mark.parametrize("kind", PLOTS, ids=lambda kind: kind.name)
def test_every_plot_is_drawn_as_it_stands_on_screen(hand: Hand, kind: type) -> None:
    hand.window.inspector.show_tab(kind.name)
    hand.user.until(lambda: hand.window.inspector.plots[kind.name].isVisible())
    plot = hand.window.inspector.plots[kind.name]
    hand.user.until(lambda: not plot._stale)
    words = "".join(
        ElementTree.fromstring(Export(hand.window, hand.view(kind.name)).content(".svg")).itertext()
    )
    assert words.strip()
    if kind.name == "decay":
        assert "to linear" in words
        plot.set_linear(True)
        words = "".join(
            ElementTree.fromstring(Export(hand.window, hand.view("decay")).content(".svg")).itertext()
        )
        assert "to log" in words, "with the scale that was chosen"


def test_the_whole_window_is_saved_from_the_menu(hand: Hand) -> None:
    hand.exporting.menu.aboutToShow.emit()
    whole = next(m for m in hand.exporting.others.findChildren(QMenu) if m.title() == "The whole window")
    for name in ("window.png", "window.svg", "window.pdf"):
        path = hand.names(name)
        next(a for a in whole.actions() if "Save picture" in a.text().replace("&", "")).trigger()
        assert path.stat().st_size > 20_000
    assert QImage(str(hand.folder / "window.png")).size() == 2 * hand.window.size()
    assert "Open text" in "".join(ElementTree.parse(hand.folder / "window.svg").getroot().itertext())


def test_a_view_that_was_taken_stays_as_it_was(hand: Hand) -> None:
    step = hand.user.step
    exports = [Export(hand.window, view) for view in views_in_sight(hand.window)[:-1]]
    before = [export.content(".csv") for export in exports]
    hand.user.train_until(step + 20)
    assert [export.content(".csv") for export in exports] == before
    texts = ["".join(ElementTree.fromstring(one.content(".svg")).itertext()) for one in exports]
    assert all(f"after{step:,}updates" in "".join(text.split()) for text in texts), "it may be on two lines"


def test_looking_back_the_moment_looked_at_is_saved(hand: Hand) -> None:
    hand.window.session.show_moment(10)
    shown = hand.user.trace.step
    assert shown < hand.user.step
    assert set(hand.table("error")["update"]) == {str(shown)}
    assert hand.proposed == f"error-four-emperors-update-{shown}.csv"
    svg = Export(hand.window, hand.view("score")).content(".svg").decode()
    when = f"after {shown:,} update{'' if shown == 1 else 's'}" if shown else "untrained"
    assert f"tanh RNN · {when} · " in svg
    hand.window.session.show_live()


# Numbers.


def test_every_track_and_plot_has_a_table() -> None:
    assert set(TRACK_TABLES) == {track.name for track in TRACKS}
    assert set(PLOT_TABLES) == {kind.name for kind in PLOTS}


def test_the_tables_of_the_tracks_are_the_numbers_of_the_trace(hand: Hand) -> None:
    trace, cursor = hand.user.trace, hand.window.cursor_model.state
    T, t, numbers_of = trace.length, cursor.error_step, derived_numbers(trace)
    for name in ("loss", "target_prob"):
        np.testing.assert_array_equal(numbers(hand.table("loss")[name]), getattr(trace, name))
    score = hand.table("score")
    assert score["word"] == trace.words.tolist() and score["step"] == [str(k + 1) for k in range(T)]
    np.testing.assert_array_equal(numbers(score["slope_factor"]), trace.slope_factor[t, :, 0])
    error = hand.table("error")
    assert error["step"][0] == "0" and set(error["error_of"]) == {str(trace.target_words[t])}
    share = numbers(error["share_left"])
    np.testing.assert_array_equal(share[1:], trace.share_left(t, 0))
    assert share[0] == pytest.approx(numbers_of["initial_share_left"][t, 0])
    states = hand.table("states")
    np.testing.assert_array_equal(
        numbers(states["hidden"]).astype(trace.hidden.dtype), trace.hidden.reshape(-1)
    )
    assert len(states["unit"]) == trace.hidden.size and states["unit"][1] == "2"
    matrix = hand.table("matrix")
    rows, columns = numbers(matrix["error_step"]).astype(int) - 1, numbers(matrix["step"]).astype(int) - 1
    assert len(rows) == T * (T + 1) // 2
    np.testing.assert_allclose(
        numbers(matrix["share_left"]), numbers_of["share_left"][rows, columns, 0], rtol=1e-12
    )
    factors = hand.table("factors")
    np.testing.assert_array_equal(numbers(factors["weight_factor"]), trace.weight_factor[t, : t + 1, 0])
    predicts = hand.table("predicts")
    right = [i for i, flag in enumerate(predicts["is_right"]) if flag == "1"]
    assert [predicts["candidate"][i] for i in right] == trace.target_words.tolist()
    np.testing.assert_allclose(
        numbers([predicts["probability"][i] for i in right]), trace.target_prob, rtol=1e-6
    )
    words = hand.table("words")
    assert words["word"] == trace.words.tolist() and words["token"] == [str(i) for i in trace.tokens]


def test_the_tables_of_the_plots_are_the_numbers_of_the_trace(hand: Hand) -> None:
    trace, k = hand.user.trace, hand.window.cursor_model.state.time_step
    softmax = hand.table("softmax")
    assert set(softmax["step"]) == {str(k + 1)}
    most = len(trace.candidate_probs[k])
    np.testing.assert_array_equal(
        numbers(softmax["probability"])[:most].astype(trace.candidate_probs.dtype), trace.candidate_probs[k]
    )
    decay = hand.table("decay")
    np.testing.assert_array_equal(numbers(decay["decay"]), trace.decay[:, 0])
    why = dict(zip(*(hand.table("why")[name] for name in ("quantity", "value")), strict=True))
    t, derived = hand.window.cursor_model.state.error_step, derived_numbers(trace)
    assert float(why["mean_slope_factor"]) == pytest.approx(derived["mean_slope_factor"][t, 0, 0])
    assert float(why["share_left"]) == pytest.approx(derived["share_left"][t, 0, 0])
    run = hand.window.session.run
    assert run is not None
    hand.window.inspector.show_tab("training")
    training = hand.table("training")
    losses = [v for q, v in zip(training["quantity"], training["value"], strict=True) if q == "loss"]
    np.testing.assert_array_equal(numbers(losses), run.trainer.logs[0].since(0)["loss"])
    hand.window.inspector.show_tab("saturation")
    high = numbers(hand.table("saturation")["saturation_high"])
    assert trace.saturation_high is not None
    np.testing.assert_allclose(high, trace.saturation_high["h"][0], rtol=1e-8)
    hand.window.inspector.show_tab("spectrum")
    plot = hand.window.inspector.plots["spectrum"]
    hand.user.until(lambda: not plot.why_empty())
    spectrum, found = hand.table("spectrum"), plot.spectrum()
    real = [v for q, v in zip(spectrum["quantity"], spectrum["value"], strict=True) if q == "eigenvalues"]
    np.testing.assert_allclose(numbers(real), found.eigenvalues[0].real, rtol=1e-6)
    hand.window.inspector.show_tab("memory")
    memory = hand.table("memory")
    assert memory["update"][-1] == str(trace.step)
    np.testing.assert_allclose(numbers(memory["half_life"])[-1], trace.half_life[0])


def test_the_arrays_are_those_of_the_trace_under_their_names(hand: Hand) -> None:
    path = hand.names("score.npz")
    hand.window.score.setFocus()
    hand.user.key(Qt.Key.Key_N, CONTROL_SHIFT)
    assert "*.npz" in hand.filters
    trace = hand.user.trace
    with np.load(path, allow_pickle=False) as saved:
        assert set(saved) == set(trace.arrays()) | set(derived_numbers(trace))
        np.testing.assert_array_equal(saved["state_gradient_matrix"], trace.state_gradient_matrix)
        np.testing.assert_array_equal(saved["share_left"], derived_numbers(trace)["share_left"])
    hand.window.inspector.show_tab("training")
    path = hand.names("training.npz")
    hand.exporting.save_numbers(hand.view("training"))
    with np.load(path, allow_pickle=False) as saved:
        assert len(saved["series/loss"]) == trace.step and "hidden" in saved


def test_numbers_come_back_as_they_were_and_unknown_ones_as_empty_fields() -> None:
    single = np.array([0.1, 1e-30, np.nan, np.inf], dtype=np.float32)
    double = np.array([0.1, 1 / 3, np.nan, -np.inf])
    made = table(4, ("a", "nats", single), ("b", "", double), ("c", "", ["x", 'q"', "a,b", "line\nend"]))
    rows = list(csv.reader(io.StringIO(made.csv(), newline="")))
    assert rows[0] == ["a [nats]", "b", "c"] and rows[3][:2] == ["", ""]
    assert [row[2] for row in rows[1:]] == ["x", 'q"', "a,b", "line\nend"]
    for back, true in ((0, single), (1, double)):
        column = np.array([float(row[back] or "nan") for row in rows[1:]], dtype=true.dtype)
        np.testing.assert_array_equal(column, true)
    both = stacked([(1, "tanh RNN", made), (2, "LSTM", table(1, ("b", "", 2.5), ("d", "", True)))])
    rows = list(csv.reader(io.StringIO(both.csv(), newline="")))
    assert rows[0] == ["lane", "network", "a [nats]", "b", "c", "d"]
    assert rows[1][:3] == ["1", "tanh RNN", "0.100000001"] and len(rows) == 6
    assert rows[-1] == ["2", "LSTM", "", "2.5", "", "1"]


# What can go wrong.


def test_a_full_disk_leaves_what_stood_there_and_says_what_to_do(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = hand.names("score.png")
    path.write_bytes(b"before")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(whole_file.os, "write", full)
    hand.exporting.save_picture(hand.view("score"))
    monkeypatch.undo()
    assert "score.png was not saved" in hand.user.said and "another disk" in hand.user.said
    assert path.read_bytes() == b"before" and [p.name for p in hand.folder.glob("*.part")] == []


@pytest.mark.parametrize(
    ("number", "said"), [(errno.EACCES, "not allowed to write"), (errno.EROFS, "not allowed to write")]
)
def test_a_folder_that_cannot_be_written_is_named(
    hand: Hand, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    hand.names("score.csv")

    def refused(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(whole_file.os, "open", refused)
    hand.exporting.save_numbers(hand.view("score"))
    monkeypatch.undo()
    assert said in hand.user.said and str(hand.folder) in hand.user.said


def test_a_folder_that_is_not_there_is_named(hand: Hand) -> None:
    hand.names("nowhere/score.png")
    hand.exporting.save_picture(hand.view("score"))
    assert "There is no folder" in hand.user.said and "nowhere" in hand.user.said


def test_a_name_without_a_kind_gets_the_one_that_was_chosen_and_replaces_nothing(hand: Hand) -> None:
    hand.names("picture", "Drawing (*.svg)")
    hand.exporting.save_picture(hand.view("error"))
    made = (hand.folder / "picture.svg").read_bytes()
    assert made.startswith(b"<?xml")
    hand.window.notice.dismiss()
    hand.exporting.save_picture(hand.view("matrix"))
    assert "exists already and was not replaced" in hand.user.said
    assert (hand.folder / "picture.svg").read_bytes() == made
    hand.window.notice.dismiss()
    hand.names("picture.jpeg")
    hand.exporting.save_picture(hand.view("matrix"))
    assert "End the name in .png or .svg or .pdf." in hand.user.said
    assert not (hand.folder / "picture.jpeg").exists()


def test_a_page_on_which_nothing_was_written_has_no_numbers(hand: Hand) -> None:
    hand.window.inspector.show_tab("sample")
    path = hand.names("sample.csv")
    hand.exporting.save_numbers(hand.view("sample"))
    assert "no numbers yet" in hand.user.said and not path.exists()
    hand.window.inspector.show_written("Napoleon was", " the Emperor")
    table_of = hand.table("sample")
    assert table_of["word"] == ["Napoleon", "was", "the", "Emperor"]
    assert table_of["origin"] == ["passage", "passage", "network", "network"]


def test_a_dialog_that_is_left_writes_nothing(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    hand.exporting.save_picture(hand.view("score"))
    assert hand.user.said == "" and list(hand.folder.glob("score*")) == []


# Menus.


def right_click(widget: QWidget, at: QPoint) -> QMenu:
    """The menu that opens."""
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(widget, QContextMenuEvent(reason, at, widget.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def texts(menu: QMenu) -> list[str]:
    return [action.text().replace("&", "") for action in menu.actions() if action.text()]


def test_a_right_click_on_a_plot_offers_its_picture_and_numbers(hand: Hand) -> None:
    chart = hand.window.inspector.plots["decay"].chart
    menu = right_click(chart.viewport(), QPoint(60, 40))
    assert texts(menu) == ["Copy picture", "Save picture…", "Save numbers…"]
    path = hand.names("decay.svg")
    place = menu.actionGeometry(menu.actions()[1]).center()
    hand.user.bot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)
    hand.user.until(path.exists)
    assert hand.proposed.startswith("decay-") and QApplication.activePopupWidget() is None


def test_the_menu_of_a_track_offers_the_track_and_the_score(hand: Hand) -> None:
    score = hand.window.score
    rect = score.track_rect("error")
    menu = score.menu_at(QPointF(300, rect.center().y()))
    pictures = [m for m in menu.findChildren(QMenu) if m.title().startswith("Picture of")]
    assert [m.title() for m in pictures] == ["Picture of the score", "Picture of the track “error”"]
    path = hand.names("error.png")
    pictures[1].actions()[1].trigger()
    assert hand.proposed.startswith("error-")
    assert QImage(str(path)).width() == 2 * score.width() and QImage(str(path)).height() < score.height()
    by_keys = score.menu_at(None)
    found = [m.title() for m in by_keys.findChildren(QMenu) if m.title().startswith("Picture of")]
    assert "Picture of the track “all errors”" in found and len(found) == 8, "a plain RNN has no gates"
    menu.deleteLater()
    by_keys.deleteLater()


def test_the_picture_menu_names_the_view_and_reaches_every_other_one(hand: Hand) -> None:
    menu = hand.exporting.menu
    hand.window.score.setFocus()
    menu.aboutToShow.emit()
    assert texts(menu)[:3] == [
        "Copy picture of the score", "Save picture of the score…", "Save numbers of the score…",
    ]  # fmt: skip
    copying = next(action for action in menu.actions() if action.text().startswith("&Copy"))
    assert copying.shortcut() == QKeySequence(QKeySequence.StandardKey.Copy)
    others = [action.text() for action in hand.exporting.others.actions()]
    assert others[0] == "The score" and others[-1] == "The whole window"
    assert "The plot “Decay”" in others and "The track “loss”" in others
    assert menu.menuAction() in hand.window.toolbar.menu_button.menu().actions()


def test_a_plot_in_a_window_of_its_own_answers_to_the_same_keys(hand: Hand) -> None:
    hand.window.inspector.pull_out("decay")
    plot = hand.window.inspector.plots["decay"]
    hand.user.until(lambda: plot.isVisible())
    plot.window().activateWindow()
    plot.setFocus(Qt.FocusReason.TabFocusReason)
    hand.user.until(lambda: QApplication.focusWidget() is plot)
    hand.user.bot.keyClick(plot, Qt.Key.Key_C, CONTROL)
    assert CLIP().image().width() == 2 * plot.width()
    plot.window().close()


# Pages of results.


def test_a_page_of_results_is_copied_and_saved_by_the_same_keys(hand: Hand) -> None:
    hand.window.pages.show_experiment()
    page = hand.window.pages.experiment
    hand.user.bot.keyClick(page.page, Qt.Key.Key_C, CONTROL)
    assert CLIP().image().width() == 2 * page.sheet.width()
    path = hand.names("memory.svg")
    hand.user.bot.keyClick(page.page, Qt.Key.Key_S, CONTROL_SHIFT)
    assert hand.proposed == "memory-experiment.png"
    assert "How far back can it remember?" in path.read_text(encoding="utf-8")
    assert page.page.said_label.whole == f"Saved as {path}."


# The scale of all errors.


@pytest.mark.parametrize(("top", "bottom"), [(10.0, 0.1), (1.0, 0.01)])
def test_the_legend_marks_where_an_error_is_as_strong_as_it_set_out(
    hand: Hand, top: float, bottom: float
) -> None:
    trace, cursor = hand.user.trace, replace(hand.window.cursor_model.state, logarithmic=True)
    context = Context(matrix_scale=Scale(top, bottom, True))
    tracks = [track for track in TRACKS if track.name == "matrix"]
    area = hand.window.score.rect()

    def paint(painter: object) -> None:
        paint_score(painter, area.toRectF(), trace, cursor, LIGHT, tracks, context, with_headline=False)

    words = "".join(ElementTree.fromstring(svg_of(paint, area.size())).itertext())
    assert ("100 %" in words) == (top > 1)


# A race.


@pytest.fixture
def race(racing: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hand:
    """At the lanes side by side."""
    racing.window.activateWindow()
    racing.window.focus_picture()
    return Hand(racing, tmp_path, monkeypatch)


def test_a_race_its_lanes_and_its_plots_are_saved(race: Hand) -> None:
    keys = [view.key for view in views_in_sight(race.window)]
    assert keys == [
        "race", "lane 1", "lane 2", "lane 3", "lane 4", "race decay", "race loss", "race accuracy", "window",
    ]  # fmt: skip
    words = {
        key: "".join(ElementTree.fromstring(Export(race.window, race.view(key)).content(".svg")).itertext())
        for key in keys[:-1]
    }
    assert all(title in words["race"] for title in ("tanh RNN", "sigmoid RNN", "LSTM", "GRU"))
    assert "sigmoid RNN" in words["lane 2"] and "right word" in words["lane 2"]
    assert words["lane 2"].count("300 %") <= words["race"].count("300 %")
    assert "Loss while training" in words["race loss"] and "by distance" not in words["race loss"]
    frame = race.window.session.last_frame
    assert frame is not None
    rows = race.table("race")
    t = race.window.cursor_model.state.error_step
    for number, trace in enumerate(frame.traces):
        own = [i for i, lane in enumerate(rows["lane"]) if lane == str(number + 1)]
        share = numbers([rows["share_left"][i] for i in own])
        np.testing.assert_allclose(share[: t + 1], trace.share_left(t, 0), rtol=1e-12)
    assert set(race.table("lane 3")["network"]) == {"LSTM"}
    path = race.names("race.npz")
    race.exporting.save_numbers(race.view("race"))
    with np.load(path, allow_pickle=False) as saved:
        np.testing.assert_array_equal(saved["lane/2/gate/f"], frame.traces[2].gates["f"])
    race.window.focus_picture()
    race.user.key(Qt.Key.Key_C, CONTROL)
    assert CLIP().image().width() == 2 * race.window.race.view.width()


def test_the_menus_of_a_race_are_about_the_lane_or_plot_under_the_mouse(race: Hand) -> None:
    sheet = race.window.race.view.sheet()
    menu = right_click(race.window.race.view, QPoint(300, int(sheet.lanes[2].rect.center().y())))
    assert texts(menu) == ["Picture of lane 3, LSTM", "Picture of the race"]
    menu.close()
    inspector = race.window.race.inspector
    menu = right_click(inspector, QPoint(100, inspector.height() // 2 - 40))
    assert len(texts(menu)) == len(PARTS) and texts(menu)[0] == "Picture of the plot “Loss”"
    menu.close()


def test_the_numbers_of_every_lane_stand_under_the_mouse(race: Hand) -> None:
    inspector, frame = race.window.race.inspector, race.window.session.last_frame
    assert frame is not None
    inspector.grab()
    plot, _ = inspector._readable[0]
    race.user.bot.mouseMove(inspector, plot.center().toPoint())
    race.user.bot.mouseMove(inspector, QPointF(plot.right() - 6, plot.center().y()).toPoint())
    lag = frame.traces[0].length - 1
    told = [f"lane {n} {percent(float(tr.decay[lag, 0]))} %" for n, tr in enumerate(frame.traces, 1)]
    assert race.window.status_line._reading == f"{lag} words back: {', '.join(told)} left"
    loss, _ = inspector._readable[1]
    said = inspector.reading_at(QPointF(loss.right() - 6, loss.center().y()))
    last = race.window.session.run.trainer.logs[2].since(0)["loss"][-1]
    assert said.startswith(f"update {frame.step}: loss (nats per word), lane 1 ")
    assert f", lane 3 {nats(float(last))}, " in said
    quantity = next(one for one, _, _ in inspector.choices() if one is not None and one.name == "half_life")
    inspector.show_quantity(quantity)
    inspector.grab()
    course, _ = inspector._readable[0]
    said = inspector.reading_at(course.center())
    assert ": half-life, lane 1 " in said and "lane 4 " in said
    assert race.view("race half life").title == "the plot “Half-life”"
    assert inspector.reading_at(QPointF(5, inspector.height() - 3)) == ""
