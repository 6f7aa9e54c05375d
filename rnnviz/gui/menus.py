"""The menu: every action with its words and its key, for mouse, keyboard and the platform's menu bar."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from rnnviz.gui.same_start import choose_same_start
from rnnviz.gui.task_dialog import choose_task

if TYPE_CHECKING:  # the window builds its menu; only its type is needed here
    from rnnviz.gui.window import MainWindow

KEPT_MENU = "kept networks"
"""By this name the menu is found by what keeps networks and fills it."""

Key: TypeAlias = QKeySequence | QKeySequence.StandardKey | str


def build_menu(window: "MainWindow") -> QMenu:
    """The whole menu; its actions are the window's, so that their keys work wherever the focus is."""
    menu = QMenu(window)
    session, cursor = window.session, window.cursor_model

    def add(into: QMenu, text: str, run: Callable[[], object], key: Key | None = None) -> None:
        action = QAction(text, window)
        action.triggered.connect(lambda _checked=False: run())
        if key is not None:
            action.setShortcut(QKeySequence(key))
        into.addAction(action)
        window.addAction(action)

    file_menu = menu.addMenu("&File")
    add(file_menu, "&Open text or network…", window.opening.choose, QKeySequence.StandardKey.Open)
    add(file_menu, "&Memory task…", partial(choose_task, window), "Ctrl+Shift+M")
    compare = window.pages.show_experiment
    add(file_menu, "&Compare cells over distances…", lambda: compare(), "Ctrl+Shift+E")
    add(file_menu, "&Save network…", window.opening.choose_checkpoint, QKeySequence.StandardKey.Save)
    kept = file_menu.addMenu("&Kept networks")
    kept.setObjectName(KEPT_MENU)
    kept.menuAction().setVisible(False)  # until somebody keeps networks
    file_menu.addSeparator()
    add(file_menu, "&Quit", window.close, QKeySequence.StandardKey.Quit)

    train = menu.addMenu("&Train")
    add(train, "&Train / Pause", window.toggle_training, "Ctrl+T")
    add(train, "&One update", session.one_update, "Ctrl+U")
    add(train, "&Start over", session.start_over, "Ctrl+Backspace")
    same_start = partial(choose_same_start, window)
    add(train, "Same start, &but…", same_start, "Ctrl+Shift+Backspace")
    window.race.same_start_wanted.connect(same_start)
    add(train, "Slow &motion", window.slow_motion.show, "Ctrl+M")
    add(train, "&Validate now", session.validate, "Ctrl+E")
    add(train, "&Change the cause", lambda: window.interventions.open(True), "Ctrl+I")
    add(
        train,
        "&Undo the last change, or the new network",
        window.interventions.undo_or_new_network,
        QKeySequence.StandardKey.Undo,
    )

    view = menu.addMenu("&View")
    add(
        view, "&Linear / logarithmic", lambda: cursor.move(logarithmic=not cursor.state.logarithmic), "Ctrl+L"
    )
    add(view, "Back to &live", session.show_live, "Ctrl+Right")
    add(view, "&Ask", window.ask_line.edit, "Ctrl+K")
    add(view, "&Find in the text", window.inspector.find_in_text, QKeySequence.StandardKey.Find)
    order = view.addMenu("&Order of the units")
    for text, name in (
        ("As in the network", "network"),
        ("By similarity", "similarity"),
        ("By when they peak", "peak"),
    ):
        add(order, text, partial(cursor.move, unit_order=name))
    view.addSeparator()
    add(view, "Light / &dark", window.toggle_theme, "Ctrl+D")
    add(view, "&Settings rail", lambda: window.rail.set_folded(not window.rail.is_folded), "Ctrl+B")
    add(
        view,
        "Full &screen",
        lambda: window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen),
        "F11",
    )
    return menu
