"""How the monkey's mouse and keyboard reach the window: real ones of an X server, or imitated offscreen.

A press may be the end of the window that it goes to: Alt closes an open menu, and its QWindow with it. Qt's
own `QTest.keyPress(window, key, Alt)` presses Alt, lets the program live, then sends the key to the window
that is no more, and the process ends with a segmentation fault. Real keys cannot do that: the platform looks
for the window when the key comes. So on an X server the keys are real (`attacks.x_input`), and offscreen each
press looks anew for who has the keyboard.
"""

import time
from typing import Protocol

import shiboken6
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from attacks.x_input import XInput

MODIFIER_KEYS = {
    Qt.KeyboardModifier.ShiftModifier: Qt.Key.Key_Shift,
    Qt.KeyboardModifier.ControlModifier: Qt.Key.Key_Control,
    Qt.KeyboardModifier.AltModifier: Qt.Key.Key_Alt,
}
_KEYSYMS = {
    Qt.Key.Key_Space: 0x20, Qt.Key.Key_Left: 0xFF51, Qt.Key.Key_Up: 0xFF52, Qt.Key.Key_Right: 0xFF53,
    Qt.Key.Key_Down: 0xFF54, Qt.Key.Key_Home: 0xFF50, Qt.Key.Key_End: 0xFF57, Qt.Key.Key_Tab: 0xFF09,
    Qt.Key.Key_Return: 0xFF0D, Qt.Key.Key_Escape: 0xFF1B, Qt.Key.Key_Backspace: 0xFF08,
    Qt.Key.Key_Delete: 0xFFFF, Qt.Key.Key_PageUp: 0xFF55, Qt.Key.Key_PageDown: 0xFF56,
    Qt.Key.Key_Shift: 0xFFE1, Qt.Key.Key_Control: 0xFFE3, Qt.Key.Key_Alt: 0xFFE9,
    Qt.Key.Key_Plus: 0xFFAB, Qt.Key.Key_Minus: 0xFFAD,  # those of the number pad, which need no Shift
}  # fmt: skip
_X_BUTTONS = {Qt.MouseButton.LeftButton: 1, Qt.MouseButton.RightButton: 3}
_WHEEL_UP, _WHEEL_DOWN = 4, 5
_CLICK_ANGLE = 120
_ON_ITS_WAY_S = 0.003
"""From the server to Qt, which reads on a thread of its own."""


class Hands(Protocol):
    """A mouse and a keyboard. Points are those of the window `top`."""

    def click(
        self, top: QWidget, at: QPoint, button: Qt.MouseButton, modifier: Qt.KeyboardModifier, times: int
    ) -> None:
        """Press and let go, so many times."""

    def drag(self, top: QWidget, path: list[QPoint]) -> None:
        """Press at the first point, let go at the last."""

    def hover(self, top: QWidget, path: list[QPoint]) -> None:
        """Move the mouse."""

    def wheel(self, top: QWidget, at: QPoint, turn: int, modifier: Qt.KeyboardModifier) -> None:
        """Turn the wheel by eighths of a degree."""

    def key(self, top: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
        """Press and let go of a key, its modifier held."""


def hands() -> Hands:
    """The real ones where there is an X server."""
    return RealHands() if QGuiApplication.platformName() == "xcb" else ImitatedHands()


class RealHands:
    """Of the X server. Whatever is under the mouse, or has the keyboard, gets what they do."""

    def __init__(self) -> None:
        self._x = XInput()

    def click(
        self, top: QWidget, at: QPoint, button: Qt.MouseButton, modifier: Qt.KeyboardModifier, times: int
    ) -> None:
        """Press and let go, so many times: soon enough after each other to be a double click."""
        self._move(top, at)
        self._hold(modifier, True)
        for _ in range(times):
            self._x.button(_X_BUTTONS[button], True)
            self._x.button(_X_BUTTONS[button], False)
        self._hold(modifier, False)
        self._arrive()

    def drag(self, top: QWidget, path: list[QPoint]) -> None:
        """Press at the first point, let go at the last."""
        self._move(top, path[0])
        self._x.button(1, True)
        for at in path[1:]:
            self._arrive()
            if shiboken6.isValid(top):
                self._move(top, at)
        self._x.button(1, False)
        self._arrive()

    def hover(self, top: QWidget, path: list[QPoint]) -> None:
        """Move the mouse."""
        for at in path:
            if shiboken6.isValid(top):
                self._move(top, at)
                self._arrive()

    def wheel(self, top: QWidget, at: QPoint, turn: int, modifier: Qt.KeyboardModifier) -> None:
        """To an X server a wheel is two buttons."""
        self._move(top, at)
        self._hold(modifier, True)
        for _ in range(abs(turn) // _CLICK_ANGLE):
            self._x.button(_WHEEL_UP if turn > 0 else _WHEEL_DOWN, True)
            self._x.button(_WHEEL_UP if turn > 0 else _WHEEL_DOWN, False)
        self._hold(modifier, False)
        self._arrive()

    def key(self, top: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
        """To whatever window has the keyboard."""
        if key is Qt.Key.Key_Backtab:
            key, modifier = Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier
        self._hold(modifier, True)
        self._x.key(_keysym(key), True)
        self._x.key(_keysym(key), False)
        self._hold(modifier, False)
        self._arrive()

    def _move(self, top: QWidget, at: QPoint) -> None:
        there = top.mapToGlobal(at) * top.devicePixelRatio()
        self._x.move(there.x(), there.y())

    def _hold(self, modifier: Qt.KeyboardModifier, down: bool) -> None:
        if modifier in MODIFIER_KEYS:
            self._x.key(_keysym(MODIFIER_KEYS[modifier]), down)

    def _arrive(self) -> None:
        """See that it is done before the next is thought of."""
        self._x.sync()
        time.sleep(_ON_ITS_WAY_S)
        QApplication.processEvents()


class ImitatedHands:
    """For windows that no X server shows."""

    def click(
        self, top: QWidget, at: QPoint, button: Qt.MouseButton, modifier: Qt.KeyboardModifier, times: int
    ) -> None:
        """Press and let go, so many times, while the window is there."""
        handle = top.windowHandle()
        for _ in range(times):
            if lives(handle):
                QTest.mousePress(handle, button, modifier, at)
            if lives(handle):
                QTest.mouseRelease(handle, button, modifier, at)

    def drag(self, top: QWidget, path: list[QPoint]) -> None:
        """Press at the first point, let go at the last."""
        handle = top.windowHandle()
        QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=path[0])
        for at in path[1:]:
            if lives(handle):
                QTest.mouseMove(handle, at)
        if lives(handle):
            QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=path[-1])

    def hover(self, top: QWidget, path: list[QPoint]) -> None:
        """Move the mouse."""
        handle = top.windowHandle()
        for at in path:
            if lives(handle):
                QTest.mouseMove(handle, at)

    def wheel(self, top: QWidget, at: QPoint, turn: int, modifier: Qt.KeyboardModifier) -> None:
        """Turn the wheel by eighths of a degree."""
        QTest.wheelEvent(top.windowHandle(), QPointF(at), QPoint(0, turn), stateKey=modifier)

    def key(self, top: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
        """To whatever widget of the window has the keyboard; looked for anew with each press."""
        held = MODIFIER_KEYS.get(modifier)
        none = Qt.KeyboardModifier.NoModifier
        presses = [(key, modifier, True), (key, modifier, False)]
        if held is not None:
            presses = [(held, none, True), *presses, (held, modifier, False)]
        for pressed, holding, down in presses:
            keyboard = _keyboard_of(top)
            if keyboard is None:
                return
            sign = chr(pressed.value).lower() if pressed.value < 128 and holding == none else ""
            QTest.simulateEvent(keyboard, down, pressed.value, holding, sign, False)
            QApplication.processEvents()


def lives(handle: QWindow | None) -> bool:
    """Whether a window is still there."""
    return handle is not None and any(window is handle for window in QGuiApplication.allWindows())


def _keyboard_of(top: QWidget) -> QWidget | None:
    """The widget that gets the keys, as Qt has it: of the open menu or dialog, else of the window."""
    window: QWidget | None = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    if window is None and shiboken6.isValid(top) and top.isVisible():
        window = top
    return None if window is None else window.focusWidget() or window


def _keysym(key: Qt.Key) -> int:
    """The X server's name of a key: as in X11/keysymdef.h."""
    if Qt.Key.Key_F1.value <= key.value <= Qt.Key.Key_F12.value:
        return 0xFFBE + key.value - Qt.Key.Key_F1.value
    return _KEYSYMS.get(key) or ord(chr(key.value).lower())
