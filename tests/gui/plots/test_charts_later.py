"""Charts of pyqtgraph are built when there is something to draw in them, in a new window after all else."""

import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from rnnviz.gui.app import application, show_window
from rnnviz.gui.charts_later import ChartsLater
from rnnviz.gui.cursor import CursorState
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.views.inspector import Inspector
from rnnviz.gui.views.plots.chart_plot import ON_ITS_WAY
from rnnviz.gui.views.plots.decay import DecayPlot

LAST = CursorState(time_step=9, error_step=9)


def test_the_first_window_is_built_without_pyqtgraph():
    script = (
        "import sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from rnnviz.gui.app import MainWindow, Preferences, application\n"
        "app = application()\n"
        "window = MainWindow(Preferences())\n"
        "window.show()\n"
        "window.close()\n"
        "sys.exit('pyqtgraph' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=60, check=False).returncode == 0


def test_a_chart_is_built_when_there_is_something_to_draw(qtbot, make_trace):
    inspector = Inspector()
    qtbot.addWidget(inspector)
    inspector.show()
    decay, training = inspector.plots["decay"], inspector.plots["training"]
    inspector.show_moment(None, LAST, None)
    assert not decay.is_built
    inspector.show_moment(make_trace(), LAST, None)
    assert decay.is_built and not training.is_built
    inspector.show_tab("training")
    assert training.isVisible() and training.why_empty() and not training.is_built
    inspector.shut_down()


def test_a_held_chart_says_so_and_comes_when_it_is_released(qtbot, make_trace):
    plot = DecayPlot()
    qtbot.addWidget(plot)
    plot.resize(398, 266)
    plot.set_theme(LIGHT)
    plot.show()
    plot.hold()
    plot.show_moment(make_trace(), LAST, None)
    plot.set_linear(True)
    plot.grab()
    assert not plot.is_built and plot._empty.isVisible() and plot._empty.text() == ON_ITS_WAY
    assert plot.reading_at(plot.rect().center().toPointF()) == ""
    plot.release()
    assert plot.is_built and not plot._empty.isVisible() and plot.times_drawn == 1
    assert plot.chart.isVisible() and plot.panel.ticks("left")[0][1].endswith("%")
    assert plot.chart.height() == 266 - 4 - 56


def test_the_charts_of_a_new_window_come_after_the_first_picture(
    qtbot: QtBot, preferences: Preferences, emperors: Path
) -> None:
    application()
    window = show_window(emperors, preferences)
    ChartsLater(window)
    decay = window.inspector.plots["decay"]
    built_at_picture: list[bool] = []

    def look() -> None:
        if window.session.last_frame is not None:
            built_at_picture.append(decay.is_built)

    window.score.painted.connect(look)
    try:
        qtbot.waitUntil(lambda: decay.times_drawn > 0, timeout=20_000)
        assert built_at_picture[0] is False
        assert decay.is_built and not decay._empty.isVisible()
        window.inspector.show_tab("training")
        assert window.inspector.plots["training"].isVisible()
    finally:
        window.close()
        window.deleteLater()
