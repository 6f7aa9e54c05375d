import threading
import time

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.views.plots.text import LONGEST_SEARCH, TextPlot
from rnnviz.gui.views.plots.text_lines import from_utf16, limited, passage_between, to_utf16
from rnnviz.gui.views.series import Series
from rnnviz.text import ReadingCancelled, text_from_string

STORY = """The Emperor Alexander knew that Napoleon
was the Emperor of France, and that the roads were bad.

“Well,” said the prince, “we don't know what Napoleon wants.”
""" + "\n".join(f"Line number {i} of the long tale." for i in range(5, 400))
CHARACTERS = Series(unit="nats per character")


class Huge:
    """Three million lines that exist only while they are looked at; counts how often that happens."""

    n_lines = 3_000_000

    def __init__(self):
        self.read = 0

    def line(self, i):
        self.read += 1
        return f"This is line {i} of a text of two hundred megabytes, and it is long enough to be wrapped."

    def find(self, text, start_line, forward=True, cancelled=None, *, start_column=0):
        while not cancelled():
            time.sleep(0.001)
        raise ReadingCancelled


@pytest.fixture
def plot(qtbot):
    plot = TextPlot()
    qtbot.addWidget(plot)
    plot.resize(398, 320)
    plot.set_theme(LIGHT)
    plot.show()
    plot.set_text(text_from_string(STORY, "story"))
    plot.show_moment(None, CursorState(), None)
    yield plot
    plot.shut_down()


def point_of(page, place):
    """The point of the viewport at which a place stands."""
    row = page.rows.row_of(place)
    rows = sum(page.rows.rows_of(i) for i in range(page.top()[0], place[0])) - page.top()[1]
    y = (rows + row.lineNumber()) * page.rows.row_height() + page.rows.row_height() // 2
    return QPoint(round(page.gutter() + page.rows.x_of(place)), y)


def drag(qtbot, page, start, end):
    viewport = page.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=point_of(page, start))
    qtbot.mouseMove(viewport, point_of(page, end))
    QApplication.processEvents()
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=point_of(page, end))


def test_a_dragged_passage_is_watched_with_the_next_word_as_answer(plot, qtbot):
    drag(qtbot, plot.page, (0, 32), (1, 18))
    assert plot.page.selected_text() == "Napoleon\nwas the Emperor of"
    assert "should say “France”" in plot.hint.text() and plot.hint.text().startswith("5 words")
    with qtbot.waitSignal(plot.passage_chosen) as chosen:
        qtbot.mouseClick(plot.watch, Qt.MouseButton.LeftButton)
    assert chosen.args == ["Napoleon was the Emperor of", "France"]


def test_a_selection_counts_its_commas_as_the_ask_line_does(plot, qtbot):
    drag(qtbot, plot.page, (0, 32), (1, 30))
    assert plot.page.selected_text() == "Napoleon\nwas the Emperor of France, and"
    assert plot.hint.text().startswith("8 words")


def test_half_words_are_taken_whole(plot, qtbot):
    drag(qtbot, plot.page, (0, 34), (1, 15))
    assert plot.passage().text == "Napoleon was the Emperor"
    assert plot.passage().answer == "of"


def test_characters_are_taken_as_they_are(plot, qtbot):
    plot.show_moment(None, CursorState(), CHARACTERS)
    drag(qtbot, plot.page, (0, 34), (0, 40))
    assert (plot.passage().text, plot.passage().answer) == ("poleon", "\n")
    drag(qtbot, plot.page, (0, 38), (1, 2))
    assert (plot.passage().text, plot.passage().answer) == ("on\nwa", "s")


def test_the_keys_select_and_enter_watches(plot, qtbot):
    page = plot.page
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    for _ in range(2):
        qtbot.keyClick(
            page, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
        )
    assert page.selected_text() == "The Emperor "
    for _ in range(4):
        qtbot.keyClick(page, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(plot.passage_chosen) as chosen:
        qtbot.keyClick(page, Qt.Key.Key_Return)
    assert chosen.args == ["The Emperor Alexander", "knew"]


def test_up_down_home_and_end_walk_rows(plot, qtbot):
    page = plot.page
    page.setFocus()
    page.select((3, 5), (3, 5))
    qtbot.keyClick(page, Qt.Key.Key_Up)
    assert page.head == (2, 0)
    qtbot.keyClick(page, Qt.Key.Key_Up)
    assert page.head[0] == 1
    qtbot.keyClick(page, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert page.head == (398, len("Line number 399 of the long tale."))
    assert page.top()[0] > 380
    qtbot.keyClick(page, Qt.Key.Key_Home)
    assert page.head == (398, 0)
    for _ in range(60):
        qtbot.keyClick(page, Qt.Key.Key_PageUp)
    assert page.head[0] == 0 and page.top() == (0, 0)


def test_a_double_click_selects_a_word(plot, qtbot):
    at = point_of(plot.page, (0, 7))
    qtbot.mouseDClick(plot.page.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert plot.page.selected_text() == "Emperor"


def test_a_passage_has_a_greatest_length(plot):
    plot.page.select((0, 0), (300, 0))
    assert plot.page.cut_short and "longest passage: 1,500 characters" in plot.hint.text()
    assert len(plot.page.selected_text()) == 1500
    plot.page.select((300, 4), (0, 0))
    assert len(plot.page.selected_text()) == 1500 and plot.page.cut_short
    plot.page.select((0, 0), (1, 3))
    assert not plot.page.cut_short


def searches() -> int:
    """How many threads search."""
    return sum(thread.name == "text search" for thread in threading.enumerate())


def test_nothing_selected_cannot_be_watched(plot, qtbot):
    assert not plot.watch.isEnabled()
    plot.page.setFocus()
    with qtbot.assertNotEmitted(plot.passage_chosen):
        qtbot.keyClick(plot.page, Qt.Key.Key_Return)


def test_search_walks_the_matches_and_goes_round(plot, qtbot):
    plot.field.setFocus()
    with qtbot.waitSignal(plot.search.ended):
        qtbot.keyClicks(plot.field, "Napoleon")
    qtbot.waitUntil(lambda: not plot.search.busy)
    assert plot.page.selection() == ((0, 32), (0, 40))
    with qtbot.waitSignal(plot.search.ended):
        qtbot.keyClick(plot.field, Qt.Key.Key_Return)
    assert plot.page.selection()[0] == (3, 45) and plot.found.text() == ""
    with qtbot.waitSignal(plot.search.ended):
        qtbot.mouseClick(plot.next, Qt.MouseButton.LeftButton)
    assert plot.page.selection()[0] == (0, 32) and plot.found.text() == "from the other end"
    with qtbot.waitSignal(plot.search.ended):
        qtbot.mouseClick(plot.previous, Qt.MouseButton.LeftButton)
    assert plot.page.selection()[0] == (3, 45)
    with qtbot.waitSignal(plot.search.ended):
        qtbot.keyClicks(plot.field, "x")
    qtbot.waitUntil(lambda: plot.found.text() == "not found")


def test_a_far_match_is_brought_into_sight(plot, qtbot):
    with qtbot.waitSignal(plot.search.ended):
        qtbot.keyClicks(plot.field, "number 350")
    qtbot.waitUntil(lambda: plot.page.selected_text() == "number 350")
    at = point_of(plot.page, plot.page.head)
    assert 0 < at.y() < plot.page.viewport().height()


def test_control_f_goes_to_the_search_and_escape_back(plot, qtbot):
    plot.page.setFocus()
    qtbot.keyClick(plot.page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(plot.field.hasFocus)
    qtbot.keyClick(plot.field, Qt.Key.Key_Escape)
    assert plot.page.hasFocus()


def test_two_hundred_megabytes_are_there_at_once(plot, qtbot):
    huge = Huge()
    plot.set_text(huge)
    plot.page.grab()
    plot.page.verticalScrollBar().setValue(1_500_000)
    plot.page.grab()
    plot.page.setFocus()
    qtbot.keyClick(plot.page, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    plot.page.grab()
    assert plot.page.head[0] == 2_999_999
    assert huge.read < 3000, "only what is in sight is read"


def test_a_search_that_finds_nothing_in_a_huge_text_can_be_stopped(plot, qtbot):
    plot.set_text(Huge())
    qtbot.keyClicks(plot.field, "never")
    assert plot.search.busy and plot.found.text() == "searching …"
    qtbot.waitUntil(lambda: searches() == 1)
    qtbot.keyClick(plot.field, Qt.Key.Key_Escape)  # it would go on for ever
    qtbot.waitUntil(lambda: not plot.search.busy)
    assert searches() == 0 and plot.found.text() == ""


def test_a_closed_window_leaves_no_search_behind(plot, qtbot):
    plot.set_text(Huge())
    qtbot.keyClicks(plot.field, "never")
    qtbot.waitUntil(lambda: searches() == 1)
    plot.shut_down()
    assert searches() == 0 and not plot.search.busy


class Stubborn(Huge):
    """A text whose search looks at nothing before it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.sought: list[str] = []

    def find(self, needle, *where, **how):
        self.sought.append(needle)
        assert self.gate.wait(60)


def test_whoever_types_waits_for_no_search_and_the_last_letters_are_sought(plot, qtbot):
    stubborn = Stubborn()
    plot.set_text(stubborn)
    qtbot.keyClicks(plot.field, "a")
    qtbot.waitUntil(lambda: stubborn.sought == ["a"])
    qtbot.keyClicks(plot.field, "nother word")
    assert searches() == 1, "typing went on, and the search of the first letter is still there"
    stubborn.gate.set()
    qtbot.waitUntil(lambda: plot.found.text() == "not found")
    assert set(stubborn.sought) == {"a", "another word"}


def test_lines_of_eight_kilobytes_and_no_line_at_all(plot):
    plot.set_text(text_from_string("word " * 200_000, "one line"))
    last = plot.page.rows.n_lines - 1
    plot.page.grab()
    plot.page.scroll_to((last, 0))
    plot.page.grab()
    assert plot.page.verticalScrollBar().value() == last
    plot.set_text(None)
    assert "open one" in plot.why_empty()
    plot.page.grab()


def test_the_wheel_moves_by_rows_and_stops_at_the_ends(plot):
    page = plot.page
    page.scroll_to(page.rows.walked((0, 0), 3))
    assert page.top() > (0, 0)
    page.scroll_to(page.rows.walked(page.top(), -10))
    assert page.top() == (0, 0)
    page.scroll_to((10_000, 0))
    bottom = page.rows.walked(page.top(), page.rows_in_sight() - 1)
    assert bottom == (398, page.rows.rows_of(398) - 1)


def test_places_survive_signs_beyond_the_basic_plane(plot, qtbot):
    line = "a😀b𝔘c é̂"
    for column in range(len(line) + 1):
        assert from_utf16(line, to_utf16(line, column)) == column
    plot.set_text(text_from_string("😀😀 Napoleon was\nשלום עולם", "signs"))
    drag(qtbot, plot.page, (0, 3), (0, 11))
    assert plot.page.selected_text() == "Napoleon"
    assert plot.page.place_at(QPointF(point_of(plot.page, (1, 2)))) == (1, 2)


def test_passages_at_the_end_have_no_answer():
    text = text_from_string("one two\n\n\nthree", "t")
    assert passage_between(text, (0, 0), (0, 7), "word").answer == "three"
    assert passage_between(text, (3, 0), (3, 5), "word").answer == ""
    assert passage_between(text, (3, 0), (3, 5), "character").answer == ""
    assert limited(text, (0, 0), (3, 5), 100) == (3, 5)
    assert limited(text, (0, 0), (3, 5), 8) == (1, 0)


def test_of_a_page_pasted_into_the_search_its_beginning_is_searched(plot, qtbot):
    plot.field.setFocus()
    QApplication.clipboard().setText("Line number 40" + " of the long tale" * 1_000)
    with qtbot.waitSignal(plot.search.ended, timeout=30_000) as ended:
        qtbot.keyClick(plot.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert plot.field.text() == ("Line number 40" + " of the long tale" * 1_000)[:LONGEST_SEARCH]
    assert ended.args[0].needle == plot.field.text()
