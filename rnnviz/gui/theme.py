"""Colours, type sizes and colour tables: colour has meaning, everywhere the same.

Forward is blue and solid, backward is orange and hatched, right is green with a tick; states diverge from
violet to gold around a neutral zero; what can be operated is ink and grey.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication

SIZE_SMALL, SIZE_TEXT, SIZE_TITLE, SIZE_HEADLINE = 11, 13, 15, 20
"""The four type sizes, in points of the design (pixels at 100 %)."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours as `#rrggbb`. Text on its ground has a contrast of at least 4.5 to 1."""

    name: str
    panel: str  # toolbar, rail, inspector
    ground: str  # behind the score
    field: str  # inputs
    line: str  # separators
    faint: str  # grid lines, empty parts of bars
    ink: str  # text, focus, cursor
    quiet: str  # secondary text, icons
    on_ink: str  # text on ink
    forward: str
    forward_soft: str  # bars behind text
    backward: str
    backward_text: str
    right: str
    right_soft: str
    bar: str  # losses of words that are not in focus
    failure: str
    states: tuple[str, ...]  # low, ..., zero, ..., high
    errors: tuple[str, ...]  # little left, ..., all left


LIGHT = Theme(
    name="light", panel="#ffffff", ground="#f7f8f9", field="#eef0f3", line="#dcdfe4", faint="#e5e8eb",
    ink="#1a212b", quiet="#5a6471", on_ink="#ffffff",
    forward="#1f6fb2", forward_soft="#bbd2e6", backward="#c2570c", backward_text="#b04e09",
    right="#1b7f4b", right_soft="#f0f6f3", bar="#a0a7ae", failure="#b3261e",
    states=("#4b2a86", "#7e63b3", "#c0b3d9", "#f3f0ea", "#dbc86c", "#b6a33b", "#94800a"),
    errors=("#fdf3e7", "#f8d3ab", "#e9924a", "#c2570c", "#913e05", "#6e2c00"),
)  # fmt: skip

DARK = Theme(
    name="dark", panel="#1b1f24", ground="#14171b", field="#252b32", line="#343b44", faint="#2e343c",
    ink="#eceff3", quiet="#a0abb8", on_ink="#14171b",
    forward="#5aa9e6", forward_soft="#274053", backward="#f08c3a", backward_text="#f29a52",
    right="#4cc38a", right_soft="#1e2a2b", bar="#616871", failure="#f2827a",
    states=("#b49bf5", "#7f68b8", "#483e68", "#2a2d33", "#7a6e2b", "#af9e3e", "#f0df5c"),
    errors=("#20190f", "#4d2d11", "#8f5216", "#f08c3a", "#f9ba7e", "#ffdcb0"),
)  # fmt: skip

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


@lru_cache(maxsize=64)
def color(name: str, alpha: float = 1.0) -> QColor:
    """A colour of a theme as Qt wants it; `alpha` from 0 to 1. Do not change what is returned."""
    c = QColor(name)
    c.setAlphaF(alpha)
    return c


@lru_cache(maxsize=8)
def color_table(stops: tuple[str, ...]) -> NDArray[np.uint32]:
    """256 colours between evenly spaced stops, as 0xffRRGGBB: (256,)."""
    rgb = np.array([[int(s[i : i + 2], 16) for i in (1, 3, 5)] for s in stops], dtype=np.float64)
    at = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(at, np.arange(len(stops)), rgb[:, i]).round().astype(np.uint32) for i in range(3)]
    table = np.full(256, 0xFF000000, dtype=np.uint32)
    for channel, bits in zip(channels, (16, 8, 0), strict=True):
        table |= np.left_shift(channel, np.uint32(bits), dtype=np.uint32)
    table.setflags(write=False)
    return table


@lru_cache(maxsize=32)
def font(size: int = SIZE_TEXT, bold: bool = False, mono: bool = False) -> QFont:
    """The interface's typeface in one of the four sizes. Do not change what is returned.

    Sizes are pixels at 100 %, so that the layout is the same on every platform; Qt scales them with the
    screen. `mono` is the fixed-width face in which characters are set.
    """
    if mono:
        f = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        f.setStyleHint(QFont.StyleHint.Monospace)
    else:
        f = QFont(
            ["Inter", "Segoe UI", "SF Pro Text", "Cantarell", "Noto Sans", "Liberation Sans", "DejaVu Sans"]
        )
        f.setStyleHint(QFont.StyleHint.SansSerif)
    f.setPixelSize(size)
    f.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return f


def desktop_theme() -> str:
    """The name of the theme that goes with the desktop."""
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return "dark" if dark else "light"
