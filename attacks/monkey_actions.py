"""What the monkey can do to a window, each chosen by chance: clicks, keys, drops, resizes, settings, files.

Everything is brought in as the platform would bring it, at the level of the window below the widgets, so
that dialogs, menus and the focus take what is theirs.
"""

import random
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QWidget,
)

from rnnviz.gui.window import MainWindow
from rnnviz.text import samples

KEYS = (
    Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home,
    Qt.Key.Key_End, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Return, Qt.Key.Key_Escape,
    Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_L,
    Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_0, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_A,
    Qt.Key.Key_F1, Qt.Key.Key_F11,
)  # fmt: skip
MODIFIERS = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier,
)  # fmt: skip
WORDS = ("Napoleon was the Emperor of", "0.01", "64", "-1", "1e9", "", "ж 中文 ', \t", "France", "x" * 400)
SIZES = ((1280, 720), (1920, 1080), (800, 500), (640, 400), (1600, 900), (300, 200), (1280, 400))
QUIT = "&Quit"


def files_to_open(folder: Path) -> list[Path]:
    """Texts and others, good and bad, one of them missing."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "small.txt": b"Napoleon was the Emperor of France . He knew it .\n" * 60,
        "chinese.txt": "拿破仑是法国皇帝。他知道这一点。\n".encode() * 60,
        "empty.txt": b"",
        "short.txt": b"one word",
        "bytes.bin": bytes(range(256)) * 30,
        "broken.safetensors": b"\x08\0\0\0\0\0\0\0{}      ",
        "lines.txt": b"\n" * 5000,
        "large.txt": "\n".join(f"the word {n % 997} of {n % 89} stands here" for n in range(90_000)).encode(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents] + [folder / "missing.txt", folder]


class Monkey:
    """Does one thing after the other to a window, chosen with a seed."""

    def __init__(self, window: MainWindow, seed: int, folder: Path) -> None:
        self.window = window
        self._chance = random.Random(seed)
        self._folder = folder
        self._files = files_to_open(folder / "texts")
        self._deeds: tuple[tuple[Callable[[], str], float], ...] = (
            (self._click, 30.0), (self._button, 14.0), (self._key, 18.0), (self._drag, 4.0),
            (self._wheel, 6.0), (self._hover, 6.0), (self._write, 4.0), (self._choose, 5.0),
            (self._slide, 5.0), (self._action, 6.0), (self._drop, 2.0), (self._resize, 1.5),
            (self._set_many, 1.5), (self._sample, 0.7),
        )  # fmt: skip

    def act(self) -> str:
        """Do something, and say what it was."""
        top = self.top
        if isinstance(top, QFileDialog):
            return self._file_dialog(top)
        deeds, weights = zip(*self._deeds, strict=True)
        deed: Callable[[], str] = self._chance.choices(deeds, weights)[0]
        return deed()

    @property
    def top(self) -> QWidget:
        """Where clicks and keys go now: the open menu, the dialog, or the window."""
        return (
            QApplication.activePopupWidget()
            or QApplication.activeModalWidget()
            or self._chance.choice(
                [w for w in QApplication.topLevelWidgets() if _is_window(w)] or [self.window]
            )
        )

    def _handle(self) -> tuple[QWidget, QWindow | None]:
        top = self.top
        return top, top.windowHandle()

    def _point(self, top: QWidget) -> QPoint:
        return QPoint(
            self._chance.randrange(max(top.width(), 1)), self._chance.randrange(max(top.height(), 1))
        )

    def _click(self) -> str:
        top, handle = self._handle()
        if handle is None:
            return "nothing to click on"
        at = self._point(top)
        button = self._chance.choice((Qt.MouseButton.LeftButton,) * 6 + (Qt.MouseButton.RightButton,))
        modifier = self._chance.choice(MODIFIERS[:4])
        name = top.metaObject().className()  # now: a click may be the end of what is clicked on
        if self._chance.random() < 0.1:
            _press_and_release(handle, button, modifier, at)
            if _lives(handle):
                _press_and_release(handle, button, modifier, at)  # soon enough to be a double click
        else:
            _press_and_release(handle, button, modifier, at)
        return f"click {name} {at.x()},{at.y()}"

    def _button(self) -> str:
        """A button in sight, so that small ones have their turn as well."""
        top, handle = self._handle()
        buttons = [b for b in top.findChildren(QAbstractButton) if b.isVisible() and b.isEnabled()]
        if not buttons or handle is None:
            return "no button"
        button = self._chance.choice(buttons)
        name = button.text() or button.accessibleName()
        _press_and_release(
            handle,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            button.mapTo(top, button.rect().center()),
        )
        return f"button {name!r}"

    def _key(self) -> str:
        _top, handle = self._handle()
        if handle is None:
            return "no keyboard"
        key, modifier = self._chance.choice(KEYS), self._chance.choice(MODIFIERS)
        _key_down_and_up(handle, key, modifier)
        return f"key {key.name} {modifier.name}"

    def _drag(self) -> str:
        top, handle = self._handle()
        if handle is None:
            return "nothing to drag"
        start, end = self._point(top), self._point(top)
        QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=start)
        for share in (0.3, 0.7, 1.0):
            if _lives(handle):
                QTest.mouseMove(handle, start + (end - start) * share)
        if _lives(handle):
            QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=end)
        return f"drag {start.x()},{start.y()} to {end.x()},{end.y()}"

    def _wheel(self) -> str:
        top, handle = self._handle()
        if handle is None:
            return "nothing to scroll"
        at, turn = self._point(top), self._chance.choice((-480, -120, 120, 480))
        modifier = self._chance.choice(MODIFIERS)
        QTest.wheelEvent(handle, QPointF(at), QPoint(0, turn), stateKey=modifier)
        return f"wheel {turn} at {at.x()},{at.y()}"

    def _hover(self) -> str:
        top, handle = self._handle()
        if handle is None:
            return "nothing to hover over"
        for at in [self._point(top) for _ in range(4)]:
            if _lives(handle):
                QTest.mouseMove(handle, at)
        return "hover"

    def _write(self) -> str:
        """Words into a field in sight, and Enter."""
        top, handle = self._handle()
        fields = [f for f in top.findChildren(QLineEdit) if f.isVisible() and f.isEnabled()]
        if not fields or handle is None:
            return "nowhere to write"
        field, words = self._chance.choice(fields), self._chance.choice(WORDS)
        field.setFocus()
        field.selectAll()
        for sign in words:  # QTest.keyClicks knows no letters beyond Latin
            event = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, sign)
            QApplication.sendEvent(field, event)
        if self._chance.random() < 0.7:
            _key_down_and_up(handle, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
        return f"write {words[:30]!r}"

    def _choose(self) -> str:
        top, _ = self._handle()
        choices = [c for c in top.findChildren(QComboBox) if c.isVisible() and c.isEnabled() and c.count()]
        if not choices:
            return "no choice"
        choice = self._chance.choice(choices)
        index = self._chance.randrange(choice.count())
        said = f"choose {choice.itemText(index)!r} of {choice.accessibleName()!r}"
        choice.setCurrentIndex(index)
        choice.activated.emit(index)
        return said

    def _slide(self) -> str:
        top, _ = self._handle()
        sliders = [s for s in top.findChildren(QAbstractSlider) if s.isVisible() and s.isEnabled()]
        if not sliders:
            return "no slider"
        slider = self._chance.choice(sliders)
        value = self._chance.randint(slider.minimum(), slider.maximum())
        said = f"slide {slider.accessibleName()!r} to {value}"
        slider.setValue(value)
        return said

    def _action(self) -> str:
        if QApplication.activeModalWidget() or QApplication.activePopupWidget():
            return "no action now"
        actions = [a for a in self.window.actions() if a.isEnabled() and a.text() != QUIT]
        action: QAction = self._chance.choice(actions)
        name = action.text()
        action.trigger()
        return f"action {name!r}"

    def _drop(self) -> str:
        """A file, several, a link or a text."""
        if QApplication.activeModalWidget():
            return "no drop now"
        load, chance = QMimeData(), self._chance.random()
        if chance < 0.7:
            load.setUrls([QUrl.fromLocalFile(str(p)) for p in self._chance.choices(self._files, k=1)])
        elif chance < 0.8:
            load.setUrls([QUrl.fromLocalFile(str(p)) for p in self._chance.sample(self._files, 3)])
        elif chance < 0.85:
            load.setUrls([QUrl("https://example.org/text")])
        else:
            load.setText(self._chance.choice(WORDS))
        at, copy = QPoint(40, 40), Qt.DropAction.CopyAction
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(self.window, QDragEnterEvent(at, copy, load, left, none))
        QApplication.sendEvent(self.window, QDropEvent(QPointF(at), copy, load, left, none))
        return f"drop {[u.fileName() for u in load.urls()] or load.text()[:20]}"

    def _resize(self) -> str:
        size = self._chance.choice(SIZES)
        self.window.resize(*size)
        return f"resize {size}"

    def _set_many(self) -> str:
        """Another network, built at once: any cell, any size that learns within a moment."""
        session = self.window.session
        if session.run is None or QApplication.activeModalWidget():
            return "no network to replace"
        cell = self._chance.choice(("rnn", "lstm", "gru", "feedforward"))
        values = {
            "cell": cell,
            "hidden": self._chance.choice((1, 2, 8, 32, 200)),
            "layers": self._chance.choice((1, 1, 2, 3)),
            "embedding": self._chance.choice((0, 1, 16)),
            "optimizer": self._chance.choice(("sgd", "momentum", "adagrad", "rmsprop", "adam")),
            "dropout": self._chance.choice((0.0, 0.3)),
            "seed": self._chance.randrange(5),
        }
        session.apply(values)
        return f"new network {values}"

    def _sample(self) -> str:
        sample = self._chance.choice(samples())
        self.window.opening.sample(sample.file)
        return f"sample {sample.file}"

    def _file_dialog(self, dialog: QFileDialog) -> str:
        """Only names of its own folder: a monkey that runs free in a file dialog deletes what it finds."""
        saving = dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
        if self._chance.random() < 0.4:
            dialog.reject()
            return "file dialog: cancel"
        if saving:
            suffix = {"safetensors": ".safetensors", "csv": ".csv"}.get(dialog.defaultSuffix(), "")
            path = self._folder / f"saved{self._chance.randrange(3)}{suffix or '.safetensors'}"
            path.unlink(missing_ok=True)  # so that nothing asks whether it may be replaced
        else:
            path = self._chance.choice(self._files + list(self._folder.glob("saved*")))
        if path.is_dir() or not (saving or path.exists()):
            dialog.reject()
            return "file dialog: cancel"
        dialog.selectFile(str(path))
        QGuiApplication.processEvents()
        dialog.done(1)
        return f"file dialog: {path.name}"


def _is_window(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isWindow() and widget.windowHandle() is not None


def _lives(handle: QWindow) -> bool:
    """Whether a window is still there: pressing may close it, and Qt's own click lets go all the same."""
    return any(window is handle for window in QGuiApplication.allWindows())


def _press_and_release(
    handle: QWindow, button: Qt.MouseButton, modifier: Qt.KeyboardModifier, at: QPoint
) -> None:
    QTest.mousePress(handle, button, modifier, at)
    if _lives(handle):
        QTest.mouseRelease(handle, button, modifier, at)


def _key_down_and_up(handle: QWindow, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    QTest.keyPress(handle, key, modifier)
    if _lives(handle):
        QTest.keyRelease(handle, key, modifier)
