"""Whether a window can be opened, found out without Qt: Qt aborts the process where it cannot.

On Linux a window needs a Wayland or X server that answers, and libraries that PySide6 does not bring along.
Elsewhere the platform always has a display.
"""

import ctypes
import os
import socket
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

SCREENLESS = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs", "vkkhrdisplay", "minimalegl")
"""Qt platforms that show, or pretend to show, a window without a display server."""

PATIENCE_S = 3.0

# What PySide6 takes from the system: library, package of Debian and Ubuntu, package of Fedora.
QT_LIBRARIES = (
    ("libGL.so.1", "libgl1", "libglvnd-glx"),
    ("libEGL.so.1", "libegl1", "libglvnd-egl"),
    ("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    ("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    ("libfreetype.so.6", "libfreetype6", "freetype"),
    ("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
    ("libX11.so.6", "libx11-6", "libX11"),
)
X_LIBRARIES = (
    ("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    ("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    ("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    ("libxcb-image.so.0", "libxcb-image0", "xcb-util-image"),
    ("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil"),
    ("libxcb-util.so.1", "libxcb-util1", "xcb-util"),
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    ("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb"),
    ("libxcb-randr.so.0", "libxcb-randr0", "libxcb"),
    ("libxcb-render.so.0", "libxcb-render0", "libxcb"),
    ("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    ("libxcb-shm.so.0", "libxcb-shm0", "libxcb"),
    ("libxcb-sync.so.1", "libxcb-sync1", "libxcb"),
    ("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb"),
    ("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb"),
)
WAYLAND_LIBRARIES = (
    ("libwayland-client.so.0", "libwayland-client0", "libwayland-client"),
    ("libwayland-cursor.so.0", "libwayland-cursor0", "libwayland-cursor"),
)
Libraries = Iterable[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Display:
    """What there is to show a window on."""

    found: bool
    problem: str = ""  # why there is none, or the command that installs what is missing; ""
    platform: str = ""  # for QT_QPA_PLATFORM; "": what Qt chooses by itself is right

    @property
    def usable(self) -> bool:
        """Whether Qt can open a window here."""
        return self.found and not self.problem


def find_display(environment: Mapping[str, str] | None = None) -> Display:
    """Look for a display as Qt would, without loading Qt."""
    environment = os.environ if environment is None else environment
    if not sys.platform.startswith("linux"):
        return Display(found=True)
    chosen = environment.get("QT_QPA_PLATFORM", "").partition(";")[0].partition(":")[0]
    if chosen in SCREENLESS:
        return Display(found=True, problem=missing_packages(QT_LIBRARIES))
    wayland = "" if chosen == "xcb" else _wayland_socket(environment)
    x_server = "" if chosen == "wayland" else environment.get("DISPLAY", "")
    has_wayland = bool(wayland) and _answers(wayland)
    has_x = bool(x_server) and _x_server_answers(x_server)
    if not (has_wayland or has_x):
        return Display(found=False, problem=_why_none(wayland, x_server))
    lacking = {
        name: missing_packages((*QT_LIBRARIES, *libraries))
        for name, libraries, there in (
            ("wayland", WAYLAND_LIBRARIES, has_wayland),
            ("xcb", X_LIBRARIES, has_x),
        )
        if there
    }
    complete = [name for name, packages in lacking.items() if not packages]
    if not complete:
        return Display(found=True, problem=min(lacking.values(), key=len))
    # Where the other server does not answer or lacks a library Qt must not try it: it would abort.
    return Display(found=True, platform="" if chosen or len(complete) == 2 else complete[0])


def missing_packages(libraries: Libraries, load: Callable[[str], object] = ctypes.CDLL) -> str:
    """The command that installs what is missing; "" if everything is there."""
    debian: list[str] = []
    fedora: list[str] = []
    for library, deb, rpm in libraries:
        try:
            load(library)
        except OSError:
            debian += [deb] * (deb not in debian)
            fedora += [rpm] * (rpm not in fedora)
    if not debian:
        return ""
    apt, dnf = " ".join(debian), " ".join(fedora)
    return f"`sudo apt install {apt}` (Debian, Ubuntu) or `sudo dnf install {dnf}` (Fedora)"


def _why_none(wayland: str, x_server: str) -> str:
    if x_server:
        return f"no X server answers at DISPLAY={x_server}"
    if wayland:
        return f"no Wayland compositor answers at {wayland}"
    return "neither DISPLAY nor WAYLAND_DISPLAY is set"


def _wayland_socket(environment: Mapping[str, str]) -> str:
    name = environment.get("WAYLAND_DISPLAY", "")
    if not name or Path(name).is_absolute():
        return name
    return str(Path(environment.get("XDG_RUNTIME_DIR", "/nonexistent")) / name)


def _answers(path: str) -> bool:
    """Whether somebody listens at a Unix socket; a leading NUL is an abstract name."""
    try:
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as connection:
            connection.settimeout(PATIENCE_S)
            connection.connect(path)
    except (OSError, ValueError):
        return False
    return True


def _x_server_answers(name: str) -> bool:
    """Whether the X server lets this user in: asked through libxcb, as Qt does, else by its socket."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return _x_socket_answers(name)
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(os.fsencode(name), None)
    error = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not error


def _x_socket_answers(name: str) -> bool:
    host, _, rest = name.rpartition(":")
    number = rest.partition(".")[0]
    if not number.isdigit():
        return False
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        return _answers(path) or _answers("\0" + path)
    try:
        socket.create_connection((host, 6000 + int(number)), PATIENCE_S).close()
    except (OSError, ValueError, OverflowError):
        return False
    return True
