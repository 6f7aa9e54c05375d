"""The menu: every action with its words and its key, for mouse, keyboard and the platform's menu bar.

What cannot be done in the present state of the session is greyed, with the reason as its tool tip.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from rnnviz.gui.exporting import Exporting
from rnnviz.gui.keys_sheet import show_keys
from rnnviz.gui.same_start import choose_same_start
from rnnviz.gui.task_dialog import choose_task

if TYPE_CHECKING:  # the window builds its menu; only its type is needed here
    from rnnviz.gui.window import MainWindow

KEPT_MENU = "kept networks"
"""By this name the menu is found by what keeps networks and fills it."""

Key: TypeAlias = QKeySequence | QKeySequence.StandardKey | str


class MainMenu(QMenu):
    """The whole menu; its actions are the window's, so that their keys work wherever the focus is."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._following: list[tuple[QAction, str]] = []
        self._fill_file(self._part("&File"))
        self._fill_train(self._part("&Train"))
        self._fill_view(self._part("&View"))
        self.addMenu(Exporting(window).menu)
        self._add(self._part("&Help"), "&Keys and clicks", partial(show_keys, window), "F1", "?", "Shift+?")

    def follow(self, reasons: Mapping[str, str]) -> None:
        """Grey what cannot be done now; `reasons` say why not, "" where it can be (see `menu_reasons`)."""
        for action, name in self._following:
            action.setEnabled(not reasons[name])
            action.setToolTip(reasons[name])

    def _part(self, title: str) -> QMenu:
        part = self.addMenu(title)
        part.setToolTipsVisible(True)
        return part

    def _add(self, into: QMenu, text: str, run: Callable[[], object], *keys: Key, needs: str = "") -> None:
        """One action; `needs` names the reason that can speak against it."""
        action = QAction(text, self._window)
        action.triggered.connect(lambda _checked=False: run())
        action.setShortcuts([QKeySequence(key) for key in keys])
        into.addAction(action)
        self._window.addAction(action)
        if needs:
            self._following.append((action, needs))

    def _fill_file(self, menu: QMenu) -> None:
        window, add = self._window, partial(self._add, menu)
        task, opening = partial(choose_task, window), window.opening
        add("&Open text or network…", opening.choose, QKeySequence.StandardKey.Open)
        add("&Memory task…", task, "Ctrl+Shift+M")
        window.toolbar.task_wanted.connect(task)
        compare = window.pages.show_experiment
        add("&Compare cells over distances…", lambda: compare(), "Ctrl+Shift+E")
        add("&Save network…", opening.choose_checkpoint, QKeySequence.StandardKey.Save, needs="text")
        kept = menu.addMenu("&Kept networks")
        kept.setObjectName(KEPT_MENU)
        kept.menuAction().setVisible(False)  # until somebody keeps networks
        menu.addSeparator()
        add("&Quit", window.close, "Ctrl+Q")

    def _fill_train(self, menu: QMenu) -> None:
        window, add = self._window, partial(self._add, menu)
        session, interventions = window.session, window.interventions
        add("&Train / Pause", window.toggle_training, "Ctrl+T", needs="train")
        add("&One update", session.one_update, "Ctrl+U", needs="step")
        add("&Start over", session.start_over, "Ctrl+Backspace", needs="start over")
        same_start = partial(choose_same_start, window)
        add("Same start, &but…", same_start, "Ctrl+Shift+Backspace", needs="text")
        window.race.same_start_wanted.connect(same_start)
        add("Slow &motion", window.slow_motion.show, "Ctrl+M", needs="slow motion")
        add("&Validate now", session.validate, "Ctrl+E", needs="validate")
        add("&Change the cause", lambda: interventions.open(True), "Ctrl+I", needs="cause")
        undo = interventions.undo_or_new_network
        add("&Undo the last change, or the new network", undo, QKeySequence.StandardKey.Undo)

    def _fill_view(self, menu: QMenu) -> None:
        window, add = self._window, partial(self._add, menu)
        cursor, find = window.cursor_model, QKeySequence.StandardKey.Find
        add("&Linear / logarithmic", lambda: cursor.move(logarithmic=not cursor.state.logarithmic), "Ctrl+L")
        add("Back to &live", window.session.show_live, "Ctrl+Right")
        add("&Ask", window.ask_line.edit, "Ctrl+K", needs="text")
        add("&Find in the text", window.inspector.find_in_text, find, needs="text")
        order = menu.addMenu("&Order of the units")
        for text, name in (
            ("As in the network", "network"),
            ("By similarity", "similarity"),
            ("By when they peak", "peak"),
        ):
            self._add(order, text, partial(cursor.move, unit_order=name))
        menu.addSeparator()
        add("Light / &dark", window.toggle_theme, "Ctrl+D")
        add("&Settings rail", lambda: window.rail.set_folded(not window.rail.is_folded), "Ctrl+B")
        full = Qt.WindowState.WindowFullScreen
        add("Full &screen", lambda: window.setWindowState(window.windowState() ^ full), "F11")
