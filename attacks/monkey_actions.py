"""What the monkey can do to a window, each chosen by chance: clicks, keys, drops, resizes, settings, files.

Mouse and keyboard come as the platform brings them (`attacks.monkey_hands`), so that dialogs, menus and the
focus take what is theirs. Drops are brought to the window by an event of Qt's.
"""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import shiboken6
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QWidget,
)

from attacks.monkey_hands import hands
from attacks.monkey_wishes import QUIT, WISHES, Wish
from rnnviz.gui.window import MainWindow

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
NOTHING = "nothing there"
FILE_DIALOG = "file dialog"


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
    """Does one thing after the other to a window, chosen with a seed, and counts what it did."""

    def __init__(self, window: MainWindow, seed: int, folder: Path) -> None:
        self.window = window
        self.counts: Counter[str] = Counter()
        self._chance = random.Random(seed)
        self._folder = folder
        self._files = files_to_open(folder / "texts")
        self._hands = hands()
        self._deeds: dict[str, tuple[float, Callable[[], str]]] = {
            "click": (30.0, self._click), "button": (14.0, self._button), "key": (18.0, self._key),
            "drag": (4.0, self._drag), "wheel": (6.0, self._wheel), "hover": (6.0, self._hover),
            "write": (4.0, self._write), "choose": (5.0, self._choose), "slide": (5.0, self._slide),
            "action": (6.0, self._action), "drop": (2.0, self._drop),
        }  # fmt: skip
        for kind, (weight, wish) in WISHES.items():
            self._deeds[kind] = (weight, self._wished(wish))

    def choose(self) -> str:
        """The kind of what is done next."""
        if isinstance(self.top, QFileDialog):
            return FILE_DIALOG
        weights = [weight for weight, _ in self._deeds.values()]
        return self._chance.choices(list(self._deeds), weights)[0]

    def act(self, kind: str) -> str:
        """Do something of a kind, and say what it was."""
        if kind == FILE_DIALOG:
            top = self.top
            said = self._file_dialog(top) if isinstance(top, QFileDialog) else ""
        else:
            said = self._deeds[kind][1]()
        self.counts[kind if said else NOTHING] += 1
        return said or f"no {kind}"

    def _wished(self, wish: Wish) -> Callable[[], str]:
        return lambda: wish(self.window, self._chance)

    @property
    def top(self) -> QWidget:
        """Where clicks and keys go now: the open menu, the dialog, or one of the windows."""
        return (
            QApplication.activePopupWidget()
            or QApplication.activeModalWidget()
            or self._chance.choice(
                [w for w in QApplication.topLevelWidgets() if _is_window(w)] or [self.window]
            )
        )

    def _point(self, top: QWidget) -> QPoint:
        return QPoint(
            self._chance.randrange(max(top.width(), 1)), self._chance.randrange(max(top.height(), 1))
        )

    def _click(self) -> str:
        top = self.top
        if not _is_window(top):
            return ""
        at = self._point(top)
        button = self._chance.choice((Qt.MouseButton.LeftButton,) * 6 + (Qt.MouseButton.RightButton,))
        modifier = self._chance.choice(MODIFIERS[:4])
        name = _name(top)  # now: a click may be the end of what is clicked on
        self._hands.click(top, at, button, modifier, 2 if self._chance.random() < 0.1 else 1)
        return f"{name} {at.x()},{at.y()}"

    def _button(self) -> str:
        """A button in sight, so that small ones have their turn as well."""
        top = self.top
        buttons = [b for b in top.findChildren(QAbstractButton) if b.isVisible() and b.isEnabled()]
        if not buttons or not _is_window(top):
            return ""
        button = self._chance.choice(buttons)
        name = button.text() or button.accessibleName() or "button"
        at = button.mapTo(top, button.rect().center())
        self._hands.click(top, at, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, 1)
        return name

    def _key(self) -> str:
        top = self.top
        key, modifier = self._chance.choice(KEYS), self._chance.choice(MODIFIERS)
        if not _is_window(top):
            return ""
        name = _name(top)
        self._hands.key(top, key, modifier)
        return f"{key.name} {modifier.name} {name}"

    def _drag(self) -> str:
        top = self.top
        if not _is_window(top):
            return ""
        start, end = self._point(top), self._point(top)
        self._hands.drag(top, [start + (end - start) * share for share in (0.0, 0.3, 0.7, 1.0)])
        return f"{start.x()},{start.y()} to {end.x()},{end.y()}"

    def _wheel(self) -> str:
        top = self.top
        if not _is_window(top):
            return ""
        at, turn = self._point(top), self._chance.choice((-480, -120, 120, 480))
        self._hands.wheel(top, at, turn, self._chance.choice(MODIFIERS))
        return f"{turn} at {at.x()},{at.y()}"

    def _hover(self) -> str:
        top = self.top
        if not _is_window(top):
            return ""
        path = [self._point(top) for _ in range(4)]
        self._hands.hover(top, path)
        return f"to {path[-1].x()},{path[-1].y()}"

    def _write(self) -> str:
        """Words into a field in sight, and Enter."""
        top = self.top
        fields = [f for f in top.findChildren(QLineEdit) if f.isVisible() and f.isEnabled()]
        if not fields or not _is_window(top):
            return ""
        field, words = self._chance.choice(fields), self._chance.choice(WORDS)
        field.setFocus()
        field.selectAll()
        for sign in words:  # no keyboard has all these letters
            if shiboken6.isValid(field):
                event = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, sign)
                QApplication.sendEvent(field, event)
        if self._chance.random() < 0.7:
            self._hands.key(top, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
        return repr(words[:30])

    def _choose(self) -> str:
        top = self.top
        choices = [c for c in top.findChildren(QComboBox) if c.isVisible() and c.isEnabled() and c.count()]
        if not choices:
            return ""
        choice = self._chance.choice(choices)
        index = self._chance.randrange(choice.count())
        said = f"{choice.itemText(index)!r} of {choice.accessibleName()!r}"
        choice.setCurrentIndex(index)
        choice.activated.emit(index)
        return said

    def _slide(self) -> str:
        top = self.top
        sliders = [s for s in top.findChildren(QAbstractSlider) if s.isVisible() and s.isEnabled()]
        if not sliders:
            return ""
        slider = self._chance.choice(sliders)
        value = self._chance.randint(slider.minimum(), slider.maximum())
        said = f"{slider.accessibleName()!r} to {value}"
        slider.setValue(value)
        return said

    def _action(self) -> str:
        if QApplication.activeModalWidget() or QApplication.activePopupWidget():
            return ""
        actions = [a for a in self.window.actions() if a.isEnabled() and a.text() != QUIT]
        action: QAction = self._chance.choice(actions)
        name = action.text()
        action.trigger()
        return repr(name)

    def _drop(self) -> str:
        """A file, several, a link or a text."""
        if QApplication.activeModalWidget():
            return ""
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
        return f"{[u.fileName() for u in load.urls()] or load.text()[:20]}"

    def _file_dialog(self, dialog: QFileDialog) -> str:
        """Only names of its own folder: a monkey that runs free in a file dialog deletes what it finds."""
        saving = dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
        if self._chance.random() < 0.4:
            dialog.reject()
            return "cancel"
        if saving:
            suffix = {"safetensors": ".safetensors", "csv": ".csv"}.get(dialog.defaultSuffix(), "")
            path = self._folder / f"saved{self._chance.randrange(3)}{suffix or '.safetensors'}"
            path.unlink(missing_ok=True)  # so that nothing asks whether it may be replaced
        else:
            path = self._chance.choice(self._files + list(self._folder.glob("saved*")))
        if path.is_dir() or not (saving or path.exists()):
            dialog.reject()
            return "cancel"
        dialog.selectFile(str(path))
        QGuiApplication.processEvents()
        if shiboken6.isValid(dialog):
            dialog.done(1)
        return path.name


def _is_window(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isWindow() and widget.windowHandle() is not None


def _name(widget: QWidget) -> str:
    return widget.metaObject().className()
