import pytest
from PySide6.QtCore import Qt

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.views.plots.sample import SamplePlot


@pytest.fixture
def plot(qtbot, make_trace):
    plot = SamplePlot()
    qtbot.addWidget(plot)
    plot.resize(398, 266)
    plot.set_theme(LIGHT)
    plot.show()
    plot.show_moment(make_trace(), CursorState(), None)
    return plot


def test_the_button_asks_for_what_is_set(plot, qtbot):
    plot.amount.setValue(80)
    plot.temperature.setValue(10)
    with qtbot.waitSignal(plot.write_wanted) as wanted:
        qtbot.mouseClick(plot.button, Qt.MouseButton.LeftButton)
    assert wanted.args == [80, pytest.approx(0.5)]


def test_keys_change_the_temperature(plot, qtbot):
    plot.temperature.setFocus()
    before = plot.temperature_value()
    qtbot.keyClick(plot.temperature, Qt.Key.Key_Right)
    assert plot.temperature_value() == pytest.approx(before + 0.05)
    assert plot._temperature_text.text() == f"{before + 0.05:.2f}"


def test_passage_and_continuation_stand_on_one_page(plot):
    plot.show_written("Napoleon was", " the Emperor of France.")
    assert plot.page.toPlainText() == "Napoleon was the Emperor of France."
    plot.show_written("A", "b")
    assert plot.page.toPlainText() == "Ab"


def test_it_says_what_is_counted(plot, make_trace):
    assert plot.amount.suffix() == " words"
    plot.show_moment(make_trace(list("abcab"), "c", vocabulary=9), CursorState(), None)
    assert plot.amount.suffix() == " characters"


def test_without_a_network_nothing_can_be_asked(plot, qtbot):
    plot.show_moment(None, CursorState(), None)
    assert plot._empty.isVisible()
    with qtbot.assertNotEmitted(plot.write_wanted):
        plot.button.click()
