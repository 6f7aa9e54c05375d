"""Charts of pyqtgraph are built when there is something to draw in them, in a new window after all else."""

import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from rnnviz.gui.app import application, make_window, read_a_short_text, show_window
from rnnviz.gui.charts_later import ChartsLater
from rnnviz.gui.cursor import CursorState
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.views.inspector import Inspector
from rnnviz.gui.views.plots.chart_plot import ON_ITS_WAY
from rnnviz.gui.views.plots.decay import DecayPlot
from rnnviz.training import Trainer

LAST = CursorState(time_step=9, error_step=9)


LATE = (
    "rnnviz.gui.views.slow_motion.painting",
    "pyqtgraph",
    "rnnviz.gui.autosave",
    "rnnviz.gui.experiment_show",
    "rnnviz.gui.exported_files",
    "rnnviz.gui.repeats_show",
    "rnnviz.training.memory_experiment",
    "rnnviz.training.repeats",
    "rnnviz.training.workers.team",
)


def test_the_first_window_is_built_without_what_it_does_not_show():
    script = (
        "import sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from rnnviz.gui.app import MainWindow, Preferences, application\n"
        "app = application()\n"
        "window = MainWindow(Preferences())\n"
        "window.show()\n"
        "window.close()\n"
        f"print([name for name in {LATE} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], timeout=60, check=True, stdout=subprocess.PIPE)
    assert done.stdout.strip() == b"[]"


def test_the_keyboard_at_a_plot_loads_nothing_that_exports():
    """Which view is meant is found out once a picture or a table is wanted."""
    script = (
        "import sys\n"
        "from rnnviz.gui.app import MainWindow, Preferences, application\n"
        "from rnnviz.gui.exporting import Exporting\n"
        "app = application()\n"
        "window = MainWindow(Preferences())\n"
        "window.show()\n"
        "plot = window.inspector.plots['decay']\n"
        "plot.setFocus()\n"
        "app.processEvents()\n"
        "late = ['PySide6.QtSvg', 'rnnviz.gui.exported_views', 'rnnviz.gui.pictures']\n"
        "print(plot.hasFocus(), [name for name in late if name in sys.modules])\n"
        "print(window.findChild(Exporting).view().key, [name for name in late if name not in sys.modules])\n"
        "window.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], timeout=60, check=True, stdout=subprocess.PIPE)
    assert done.stdout.decode().split("\n") == ["True []", "decay []", ""]


def test_all_classes_of_qt_are_made_before_the_thread_begins():
    """PySide makes a class when it is first touched; two threads that did so at once crashed."""
    script = (
        "import threading\n"
        "from PySide6 import QtCore, QtGui, QtWidgets\n"
        "import rnnviz.gui.charts_later as later\n"
        "from rnnviz.gui.app import Preferences, application, make_window\n"
        "from rnnviz.training import Trainer\n"
        "modules, missing, begun = (QtCore, QtGui, QtWidgets), [], threading.Event()\n"
        "def load():\n"
        "    missing.extend(name for m in modules for name in dir(m) if name not in vars(m))\n"
        "    begun.set()\n"
        "later._load = load\n"
        "app = application()\n"
        "window = make_window(None, Preferences(), Trainer)\n"
        "print(any(name not in vars(m) for m in modules for name in dir(m)))\n"
        "later.ChartsLater(window)\n"
        "window.show()\n"
        "while not begun.is_set():\n"
        "    app.processEvents()\n"
        "print(missing)\n"
        "window.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], timeout=60, check=True, stdout=subprocess.PIPE)
    assert done.stdout.decode().split("\n") == ["True", "[]", ""]


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


def test_the_first_picture_of_a_short_text_has_its_trace(
    qtbot: QtBot, preferences: Preferences, emperors: Path, monkeypatch
) -> None:
    application()
    monkeypatch.setattr("rnnviz.gui.app.FIRST_PICTURE_WITHIN_S", 20.0)
    window = make_window(emperors, preferences, Trainer)
    traced: list[bool] = []
    window.score.painted.connect(lambda: traced.append(window.session.last_frame is not None))
    try:
        read_a_short_text(window)
        window.show()
        qtbot.waitUntil(lambda: bool(traced))
        assert traced[0] and window.score.trace is not None
    finally:
        window.close()
        window.deleteLater()


def test_a_text_that_cannot_be_read_holds_no_window_up(
    qtbot: QtBot, preferences: Preferences, tmp_path: Path, monkeypatch
) -> None:
    application()
    monkeypatch.setattr("rnnviz.gui.app.FIRST_PICTURE_WITHIN_S", float("inf"))
    window = make_window(tmp_path / "nowhere.txt", preferences, Trainer)
    try:
        read_a_short_text(window)
        window.show()
        assert window.session.run is None and window.notice.isVisible()
    finally:
        window.close()
        window.deleteLater()
