"""Starts the application around the window, and sees to it that no exception is lost or kills it."""

import gc
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMenu

from rnnviz.gui.charts_later import ChartsLater
from rnnviz.gui.collecting import Collecting
from rnnviz.gui.controls import Message
from rnnviz.gui.menus import KEPT_MENU
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.theme import font
from rnnviz.gui.trainers import Trainers, TrainersApart
from rnnviz.gui.window import MainWindow
from rnnviz.shipped import ICONS
from rnnviz.training import Reserve, Trainer
from rnnviz.uncollected import uncollected

if TYPE_CHECKING:  # loaded once the first picture is there
    from rnnviz.gui.autosave import Autosave
    from rnnviz.gui.kept import KeptNetworks

FIRST_SIZE = (1280, 720)
_FRAME = QSize(16, 40)
"""About what a desktop draws around a window; it tells only after the window has been shown."""
FIRST_PICTURE_WITHIN_S = 0.1
"""So long the window waits for a text before it is shown without one."""
KEEPING_BEGINS_MS = 1000
"""After the window: by then its first picture is there, and little has been learned that could be lost."""


def application(arguments: Sequence[str] = ()) -> QApplication:
    """The one QApplication of this process, dressed as rnnviz."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["rnnviz", *arguments])
    app.setApplicationName("rnnviz")
    app.setApplicationDisplayName("rnnviz")
    app.setDesktopFileName("rnnviz")
    app.setWindowIcon(QIcon(str(ICONS / "rnnviz.svg")))
    if app.style().objectName() != "fusion":  # asked again, it would polish every widget there is
        app.setStyle("Fusion")
    app.setFont(font())
    return app


def run_window(path: Path | None, reserve: Reserve) -> int:
    """Show the window on a text (None: the first example) until it is closed; the exit status.

    Training runs in processes of the reserve.
    """
    with uncollected():
        app = application()
        window = make_window(path, Preferences(), TrainersApart(reserve))
        charts = ChartsLater(window)
        read_a_short_text(window)
        window.show()
    gc.freeze()  # the collector need not go through all modules again, which holds the window up
    _catch_everything(window)
    QTimer.singleShot(KEEPING_BEGINS_MS, window, lambda: _begin_keeping(window))
    signal.signal(signal.SIGINT, lambda *_: window.close())  # heard on the clock's next tick
    Collecting(app)
    status = app.exec()
    reserve.close()
    charts.join()
    return status


def _begin_keeping(window: MainWindow) -> None:
    from rnnviz.gui.kept import KeptNetworks  # late: the first picture comes before them
    from rnnviz.gui.not_kept import tell_what_is_not_kept

    networks = KeptNetworks()
    tell_what_is_not_kept(window, networks)  # before the offer of a kept network, which opens that
    keep_by_itself(window, networks)


def keep_by_itself(window: MainWindow, store: "KeptNetworks", interval_s: float | None = None) -> "Autosave":
    """Let the window save its networks in the platform's own place, and offer what a crash has left there."""
    from rnnviz.gui.autosave import INTERVAL_S, Autosave  # late: the first picture comes before it

    interval_s = INTERVAL_S if interval_s is None else interval_s
    autosave = Autosave(window.session, store, window, interval_s)
    opening = window.opening
    autosave.restore_wanted.connect(
        lambda kept: opening.kept_network(kept.path, kept.text, kept.source, kept.passage)
    )
    window.notice.action_chosen.connect(autosave.on_action)
    menu = window.findChild(QMenu, KEPT_MENU)
    assert menu is not None, "the menu bar has a place for them"
    menu.menuAction().setVisible(True)
    menu.aboutToShow.connect(lambda: autosave.fill_menu(menu))
    autosave.offer_lost()
    return autosave


def show_window(path: Path | None, preferences: Preferences, trainers: Trainers = Trainer) -> MainWindow:
    """Make the window and show it at once."""
    window = make_window(path, preferences, trainers)
    window.show()
    return window


def make_window(path: Path | None, preferences: Preferences, trainers: Trainers) -> MainWindow:
    """The window where it stood last, which begins to read the text (None: the first example)."""
    window = MainWindow(preferences, trainers)
    window.resize(*FIRST_SIZE)
    if not window.preferences.geometry.isEmpty():
        window.restoreGeometry(window.preferences.geometry)
    elif not _has_room(window):
        window.setWindowState(Qt.WindowState.WindowMaximized)
    if path is None:
        window.open_first_sample()
    else:
        window.open_file(path)
    return window


def read_a_short_text(window: MainWindow) -> None:
    """Have its network in the first picture, which is laid out and painted once then and not twice.

    A text that takes longer is read behind the window, as ever.
    """
    session, deadline = window.session, time.monotonic() + FIRST_PICTURE_WITHIN_S
    while session.last_frame is None and time.monotonic() < deadline:
        if not session.tick() and session.run is None:  # it could not be read
            return
        time.sleep(0.0005)


def _has_room(window: MainWindow) -> bool:
    """Whether the screen holds the window with its frame: else its status line would hang below the edge."""
    needed, there = window.size() + _FRAME, window.screen().availableSize()
    return needed.width() <= there.width() and needed.height() <= there.height()


def _catch_everything(window: MainWindow) -> None:
    """An exception in the window becomes a message in it, with the report on standard error."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
            return
        sys.stderr.write("".join(traceback.format_exception(kind, error, trace)))
        window.notice.post(
            Message(
                "error",
                f"Something in the window went wrong ({kind.__name__}: {error}).",
                "Training is not affected. If a view looks odd, open the text again; and please report it.",
            )
        )

    sys.excepthook = hook
