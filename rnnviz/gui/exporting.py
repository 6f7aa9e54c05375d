"""Every view can be taken out of the window: its picture copied or saved, its numbers saved.

The keys and the Picture menu are about the view that had the keyboard last; the menus of the views about the
one under the mouse. What draws pictures and writes files is loaded when it is first wanted: with the PDF and
SVG of Qt it takes 3 % of the time to the first window.
"""

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QTextEdit, QWidget

from rnnviz.gui.run import Message
from rnnviz.gui.views.plots.text import TextPlot

if TYPE_CHECKING:  # the window's menu leads here; only its type is needed, and what is loaded late
    from rnnviz.gui.exported_files import Export
    from rnnviz.gui.exported_views import View
    from rnnviz.gui.window import MainWindow

COPY, SAVE_PICTURE, SAVE_NUMBERS = "&Copy picture", "&Save picture…", "Save &numbers…"


class Exporting(QObject):
    """Knows which view is meant, asks where to save it, and tells what came of it."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._place: QWidget | None = None  # where the view stands that had the keyboard last
        self._folder = Path.home()
        self.menu = QMenu("&Picture", window)
        self.others = QMenu("&Another view", window)
        self.actions = (
            self._action(COPY, self.copy, QKeySequence.StandardKey.Copy),
            self._action(SAVE_PICTURE, self.save_picture, "Ctrl+Shift+S"),
            self._action(SAVE_NUMBERS, self.save_numbers, "Ctrl+Shift+N"),
        )
        self.menu.addActions(self.actions)
        self.menu.addSeparator()
        self.menu.addMenu(self.others)
        self.menu.aboutToShow.connect(self._fill_menu)
        self._connect()

    def _action(self, text: str, run: object, key: QKeySequence.StandardKey | str) -> QAction:
        assert callable(run)
        action = QAction(text, self._window)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _checked=False: run())
        self._window.addAction(action)
        return action

    def _connect(self) -> None:
        window = self._window
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus)
        window.score.menu_made.connect(self._fill_score_menu)
        plots = window.inspector.plots.values()
        for widget in (*plots, window.race.view, window.race.inspector):
            self._give_menu(widget)
        window.pages.sheet_made.connect(self._give_menu)
        window.pages.export_chosen.connect(self.take_results)

    def _give_menu(self, widget: QWidget) -> None:
        widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        widget.customContextMenuRequested.connect(partial(self._open_menu, widget))
        for page in widget.findChildren(QTextEdit):
            page.installEventFilter(self)

    # Which view is meant.

    def in_sight(self) -> "list[View]":
        """Every view that can be taken out of the window now: the main one first, the window last."""
        from rnnviz.gui.exported_views import views_in_sight  # late: see above

        return views_in_sight(self._window)

    def view(self) -> "View":
        """The view that had the keyboard last, or else the main one of the page in sight."""
        views = self.in_sight()
        return next((view for view in views if view.widget is self._place), views[0])

    def _places(self) -> list[QWidget]:
        """Every widget that views can stand in; all live as long as the window."""
        window, show = self._window, self._window.pages.shown
        race, plots = window.race, window.inspector.plots.values()
        return [window.score, *plots, race.view, race.inspector, *([] if show is None else [show.page])]

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is None or not self._window.isVisible():
            return
        found = next((place for place in self._places() if _is_in(now, place)), None)
        if found is None:
            return
        self._place, own = found, now.window()
        if own is not self._window and self.actions[0] not in own.actions():
            own.addActions(self.actions)  # a plot in a window of its own answers to the same keys

    # Menus.

    def _fill_menu(self) -> None:
        """Say which view is meant, and offer all others by name."""
        view = self.view()
        for action, text in zip(self.actions, (COPY, SAVE_PICTURE, SAVE_NUMBERS), strict=True):
            words = f"{text.removesuffix('…')} of {_escaped(view.title)}"
            action.setText(words + ("…" if text.endswith("…") else ""))
        self.others.clear()
        for old in self.others.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
            old.deleteLater()  # a menu does not delete the menus that it is cleared of
        for other in self.in_sight():
            self._add_actions(self.others.addMenu(_escaped(_titled(other))), other)

    def _add_actions(self, menu: QMenu, view: "View") -> None:
        for text, run in (
            (COPY, self.copy),
            (SAVE_PICTURE, self.save_picture),
            (SAVE_NUMBERS, self.save_numbers),
        ):
            menu.addAction(text).triggered.connect(lambda _=False, run=run: run(view))

    def _fill_score_menu(self, menu: QMenu, track: str) -> None:
        """Under what can be done with a track: take it, or the score. By the keys, any of the tracks."""
        from rnnviz.gui.exported_views import SCORE  # late: see above

        views = [view for view in self.in_sight() if view.widget is self._window.score]
        menu.addSeparator()
        for view in views:
            if view.key in (SCORE, track) or not track:
                self._add_actions(menu.addMenu(f"Picture of {_escaped(view.title)}"), view)

    def menu_of(self, widget: QWidget, at: QPoint) -> QMenu:
        """The menu of a plot, a race or a page of results, at a point of it."""
        page = _page_of(widget, self._window)
        views = [view for view in self.in_sight() if view.widget is page]
        race, inspector = self._window.race.view, self._window.race.inspector
        menu = QMenu(widget)
        if widget is race and (sheet := race.sheet()) is not None:
            place = sheet.lane_at(at.y())
            views = views[:1] if place is None else [views[1 + place.number], views[0]]
        elif widget is inspector:
            part = inspector.part_at(at.y())
            views = [views[part], *(view for number, view in enumerate(views) if number != part)]
        if len(views) == 1:
            self._add_actions(menu, views[0])
        else:
            for view in views:
                self._add_actions(menu.addMenu(f"Picture of {_escaped(view.title)}"), view)
        return menu

    def _open_menu(self, widget: QWidget, at: QPoint) -> None:
        menu = self.menu_of(widget, at)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(widget.mapToGlobal(at))

    # What is done.

    def copy(self, view: "View | None" = None) -> None:
        """Put the picture into the clipboard; by the key, the selected text where some is selected."""
        from rnnviz.gui.exported_files import Export  # late: see above
        from rnnviz.gui.pictures import RenderError

        text = self._selected_text() if view is None else ""
        clipboard = QGuiApplication.clipboard()
        if text:
            clipboard.setText(text)
            return
        view = view or self.view()
        try:  # an image, since a QMimeData of ours in the clipboard would crash the program at its end
            clipboard.setImage(Export(self._window, view).image())
        except RenderError as error:
            self._tell(Message(str(error).capitalize(), severity="warning"))
            return
        self._window.status_line.say(f"In the clipboard: the picture of {view.title}")

    def save_picture(self, view: "View | None" = None) -> None:
        """Ask for a name, and write the picture as it was when this was asked for."""
        from rnnviz.gui.exported_files import PICTURES  # late: see above

        self._save(view or self.view(), "Save the picture", PICTURES)

    def save_numbers(self, view: "View | None" = None) -> None:
        """The same for the numbers that it shows."""
        from rnnviz.gui.exported_files import NUMBERS  # late: see above

        self._save(view or self.view(), "Save the numbers", NUMBERS)

    def take_results(self, wish: str) -> None:
        """What the Export button of a page of results offers."""
        results = self.in_sight()[0]
        if wish == "copy table":
            QGuiApplication.clipboard().setText(results.take().csv())
            return
        {"copy picture": self.copy, "picture": self.save_picture, "table": self.save_numbers}[wish](results)

    def _save(self, view: "View", title: str, kinds: dict[str, str]) -> None:
        from rnnviz.gui.exported_files import Export  # late: see above
        from rnnviz.gui.pictures import RenderError

        try:
            export = Export(self._window, view, kinds)
        except RenderError as error:
            self._tell(Message(str(error).capitalize(), severity="warning"))
            return
        offered = {suffix: name for suffix, name in kinds.items() if suffix != ".npz" or export.has_arrays}
        filters = ";;".join(f"{name} (*{suffix})" for suffix, name in offered.items())
        proposed = str(self._folder / f"{export.name}{next(iter(offered))}")
        name, chosen = QFileDialog.getSaveFileName(
            self._window, f"{title} of {view.title}", proposed, filters
        )
        if name:
            self._write(export, Path(name), chosen, tuple(offered))

    def _write(self, export: "Export", path: Path, chosen: str, suffixes: tuple[str, ...]) -> None:
        """Write the file that was named; without a suffix, that of the kind that was chosen."""
        from rnnviz.gui.exported_files import NotWrittenError, write  # late: see above
        from rnnviz.gui.pictures import RenderError

        self._folder = path.parent
        if not path.suffix:
            found = re.search(r"\*(\.\w+)", chosen)
            path = path.with_name(path.name + (found[1] if found else suffixes[0]))
            if path.exists():
                text = f"{path.name} exists already and was not replaced."
                self._tell(Message(text, "Choose it by its whole name to replace it.", "warning"))
                return
        suffix = path.suffix.lower()
        if suffix not in suffixes:
            text = f"“{path.suffix}” is no kind of file that this can be saved as."
            self._tell(Message(text, f"End the name in {' or '.join(suffixes)}.", "warning"))
            return
        try:
            content = export.content(suffix)
            if not content.strip():
                self._tell(Message("This view shows no numbers yet, so nothing was saved."))
                return
            write(path, content)
        except NotWrittenError as error:
            self._tell(Message(str(error), error.remedy, "error"))
        except RenderError as error:
            self._tell(Message(str(error).capitalize(), severity="warning"))
        else:
            self._tell(Message(f"Saved as {path}."))

    def _tell(self, message: Message) -> None:
        """In the notice bar; on a page of results, where that is out of sight, in its own line."""
        show = self._window.pages.shown
        if show is None:
            self._window.session.message.emit(message)
        else:
            show.say(f"{message.text} {message.remedy}".strip(), is_problem=message.severity != "note")

    # Text that is selected.

    def _selected_text(self) -> str:
        """What is selected in a page that has the keyboard; fields copy by themselves."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QTextEdit):
            return focus.textCursor().selection().toPlainText()
        plot = self._window.inspector.plots[TextPlot.name]
        assert isinstance(plot, TextPlot)
        passage = plot.passage() if plot.page.hasFocus() else None
        return "" if passage is None else passage.text

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A page with nothing selected leaves the key for copying to the picture."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            copies = event.matches(QKeySequence.StandardKey.Copy)
            if copies and isinstance(watched, QTextEdit) and not watched.textCursor().hasSelection():
                event.ignore()
                return True
        return super().eventFilter(watched, event)


def _is_in(widget: QWidget, view: QWidget) -> bool:
    return widget is view or view.isAncestorOf(widget)


def _page_of(widget: QWidget, window: "MainWindow") -> QWidget:
    """The widget of the view that a widget belongs to: a sheet stands on its page."""
    show = window.pages.shown
    return show.page if show is not None and widget is show.sheet else widget


def _titled(view: "View") -> str:
    return view.title[0].upper() + view.title[1:]


def _escaped(text: str) -> str:
    return text.replace("&", "&&")
