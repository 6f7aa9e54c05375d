"""A window around which all is as `rnnviz` has it, but for its files, which are its own."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QSettings, QTimer

from rnnviz.gui.app import FIRST_SIZE, KEEPING_BEGINS_MS, application, keep_by_itself
from rnnviz.gui.charts_later import ChartsLater
from rnnviz.gui.collecting import Collecting
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.trainers import TrainersApart
from rnnviz.gui.window import MainWindow
from rnnviz.training import Reserve
from rnnviz.uncollected import uncollected


@contextmanager
def own_window() -> Iterator[tuple[MainWindow, Path, Callable[[], None]]]:
    """The window, a folder for files, and what shows the window until it is closed: `gui.app.run_window`."""
    app, reserve = application(), Reserve(ahead=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        # A file of its own: QSettings renames a new file into place, which as root would replace a device.
        store = QSettings(str(folder / "preferences.ini"), QSettings.Format.IniFormat)
        with uncollected():
            window = MainWindow(Preferences(store), TrainersApart(reserve))
            charts = ChartsLater(window)
        window.resize(*FIRST_SIZE)
        collecting = Collecting(app)

        def show() -> None:
            window.show()
            gc.freeze()
            QTimer.singleShot(KEEPING_BEGINS_MS, window, lambda: _begin_keeping(window, folder / "kept"))
            app.exec()

        try:
            yield window, folder, show
        finally:
            reserve.close()
            charts.join()
            collecting.stop()


def _begin_keeping(window: MainWindow, folder: Path) -> None:
    from rnnviz.gui.kept import KeptNetworks  # late, as the program does: loading it is a part of the session

    keep_by_itself(window, KeptNetworks(folder))
