"""Every view can be copied and saved as a picture, and what is saved is what was shown."""

import gc
import weakref
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QMenu

from rnnviz.gui.exported_files import Export
from rnnviz.gui.exported_views import views_in_sight
from rnnviz.gui.pictures import svg_of
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.views.plots import PLOTS, Plot
from rnnviz.gui.views.score_painting import paint_score
from rnnviz.gui.views.tracks import TRACKS, Context
from rnnviz.gui.views.tracks.decades import Scale
from tests.gui.exporting.hand import Hand, wide

CONTROL = Qt.KeyboardModifier.ControlModifier
CONTROL_SHIFT = CONTROL | Qt.KeyboardModifier.ShiftModifier
CLIP = QGuiApplication.clipboard


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


@pytest.mark.parametrize("kind", PLOTS, ids=lambda kind: kind.name)
def test_what_a_picture_was_drawn_from_is_gone_afterwards(
    hand: Hand, monkeypatch: pytest.MonkeyPatch, kind: type[Plot]
) -> None:
    hand.window.inspector.show_tab(kind.name)
    plot = hand.window.inspector.plots[kind.name]
    hand.user.until(lambda: plot.isVisible() and not plot._stale)
    twins = []
    twin_of = kind.twin

    def noted(one: Plot) -> Plot:
        twin = twin_of(one)
        twins.append(weakref.ref(twin))
        return twin

    monkeypatch.setattr(kind, "twin", noted)
    assert Export(hand.window, hand.view(kind.name)).content(".svg")
    gc.collect()
    assert twins
    assert all(twin() in (None, plot) for twin in twins), "but a page that is scrolled gives itself"


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
