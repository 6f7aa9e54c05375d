"""Starts the application around the window, and sees to it that no exception is lost or kills it."""

import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from rnnviz.gui.preferences import Preferences
from rnnviz.gui.theme import font
from rnnviz.gui.window import MainWindow
from rnnviz.shipped import ICONS

FIRST_SIZE = (1280, 720)


def application(arguments: Sequence[str] = ()) -> QApplication:
    """The one QApplication of this process, dressed as rnnviz."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["rnnviz", *arguments])
    app.setApplicationName("rnnviz")
    app.setApplicationDisplayName("rnnviz")
    app.setDesktopFileName("rnnviz")
    app.setWindowIcon(QIcon(str(ICONS / "rnnviz.svg")))
    app.setStyle("Fusion")
    app.setFont(font())
    return app


def run_window(path: Path | None, preferences: Preferences | None = None) -> int:
    """Show the window on a text (None: the first example) until it is closed; the exit status."""
    app = application()
    window = MainWindow(preferences or Preferences())
    _catch_everything(window)
    signal.signal(signal.SIGINT, lambda *_: window.close())  # heard on the clock's next tick
    window.resize(*FIRST_SIZE)
    if not window.preferences.geometry.isEmpty():
        window.restoreGeometry(window.preferences.geometry)
    if path is None:
        window.open_first_sample()
    else:
        window.open_file(path)
    window.show()
    return app.exec()


def _catch_everything(window: MainWindow) -> None:
    """An exception in the window becomes a message in it, with the report on standard error."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
            return
        sys.stderr.write("".join(traceback.format_exception(kind, error, trace)))
        window.notice.show_message(
            f"Something in the window went wrong ({kind.__name__}: {error}). Training is not affected; "
            "if a view looks odd, press Start over or open the text again.",
            "error",
        )

    sys.excepthook = hook
