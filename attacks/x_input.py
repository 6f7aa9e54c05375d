"""A real mouse and keyboard of an X server, moved by its XTEST extension (libX11 and libXtst)."""

import ctypes
import ctypes.util

_NOW = 0
_THE_SCREEN_IT_IS_ON = -1


class XInput:
    """Presses and moves, for all windows of the display that `DISPLAY` names. Raises OSError without one."""

    def __init__(self) -> None:
        self._x11, self._test = _library("X11"), _library("Xtst")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        display = self._x11.XOpenDisplay(None)
        if not display:
            raise OSError("no X server answers at DISPLAY")
        self._display = ctypes.c_void_p(display)

    def key(self, keysym: int, down: bool) -> None:
        """Press or let go of the key that bears a sign; KeyError where the keyboard has none."""
        code = self._x11.XKeysymToKeycode(self._display, ctypes.c_ulong(keysym))
        if not code:
            raise KeyError(f"no key bears the sign {keysym:#x}")
        self._test.XTestFakeKeyEvent(self._display, code & 0xFF, down, ctypes.c_ulong(_NOW))

    def button(self, button: int, down: bool) -> None:
        """Press or let go of a button of the mouse."""
        self._test.XTestFakeButtonEvent(self._display, button, down, ctypes.c_ulong(_NOW))

    def move(self, x: int, y: int) -> None:
        """Move the mouse to a pixel of the screen."""
        self._test.XTestFakeMotionEvent(self._display, _THE_SCREEN_IT_IS_ON, x, y, ctypes.c_ulong(_NOW))

    def sync(self) -> None:
        """Wait until the server has done all that."""
        self._x11.XSync(self._display, 0)


def _library(name: str) -> ctypes.CDLL:
    path = ctypes.util.find_library(name)
    if path is None:
        raise OSError(f"lib{name} is not installed")
    return ctypes.CDLL(path)
