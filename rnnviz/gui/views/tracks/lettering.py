"""Setting text fast: cached widths, one rule of shortening, drawn signs for blanks, labels kept apart."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from rnnviz.gui.theme import SIZE_SMALL, SIZE_TEXT, SIZE_TITLE, color, font
from rnnviz.gui.views.wording import is_blank, is_rare

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Face:
    """A typeface in one of the four sizes."""

    size: int
    bold: bool = False
    mono: bool = False

    @property
    def font(self) -> QFont:
        """The Qt font; do not change it."""
        return font(self.size, self.bold, self.mono)


SMALL, SMALL_BOLD = Face(SIZE_SMALL), Face(SIZE_SMALL, bold=True)
TEXT, TEXT_BOLD = Face(SIZE_TEXT), Face(SIZE_TEXT, bold=True)
TITLE, TITLE_BOLD = Face(SIZE_TITLE), Face(SIZE_TITLE, bold=True)
SIGN, SIGN_BOLD = Face(SIZE_TEXT, mono=True), Face(SIZE_TEXT, bold=True, mono=True)
SIGN_SMALL, SIGN_SMALL_BOLD = Face(SIZE_SMALL, mono=True), Face(SIZE_SMALL, bold=True, mono=True)


@lru_cache(maxsize=16)
def metrics(face: Face) -> QFontMetricsF:
    """Measures of a face."""
    return QFontMetricsF(face.font)


@lru_cache(maxsize=8192)
def width_of(text: str, face: Face) -> float:
    """How wide a text is, in points."""
    return metrics(face).horizontalAdvance(text)


@lru_cache(maxsize=8192)
def shortened(text: str, width: float, face: Face) -> str:
    """The text, or as much of its beginning as fits before "…"."""
    if width_of(text, face) <= width:
        return text
    keep = len(text)
    while keep > 1 and width_of(text[:keep].rstrip() + "…", face) > width:
        keep -= 1
    return text[:keep].rstrip() + "…"


@lru_cache(maxsize=256)
def wrapped(text: str, width: float, face: Face) -> tuple[str, ...]:
    """The text broken at spaces into lines of a width, formulas in it as they are drawn.

    A word that is too wide is shortened.
    """
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and formula_width(longer, face) <= width:
            lines[-1] = longer
        else:
            lines.append(word if formula_width(word, face) <= width else shortened(word, width, face))
    return tuple(lines)


def baseline(top: float, height: float, face: Face) -> float:
    """Where to set a line so that it stands in the middle of a height."""
    m = metrics(face)
    return top + (height + m.ascent() - m.descent()) / 2


_notes: list[list[QRectF]] = []
"""Who wants to know where texts are written, the last one first. Only the GUI thread paints."""


@contextmanager
def noted() -> Iterator[list[QRectF]]:
    """Where level texts have been written meanwhile: boxes around their letters, in points."""
    boxes: list[QRectF] = []
    _notes.append(boxes)
    try:
        yield boxes
    finally:
        _notes.pop()


def note(box: QRectF) -> None:
    """Let whoever asks know of a sign that is drawn and not written."""
    if _notes:
        _notes[-1].append(box)


def letters_box(text: str, x: float, y: float, face: Face) -> QRectF:
    """The box around the letters of a line that begins at x, with its baseline at y."""
    ascent = 0.78 * face.size
    return QRectF(x, y - ascent, width_of(text, face), ascent + 0.16 * face.size)


def write(
    painter: QPainter, text: str, x: float, y: float, face: Face, ink: str, align: Align = "left"
) -> None:
    """Draw one line of text with its baseline at y."""
    if align != "left":
        x -= width_of(text, face) / (2 if align == "center" else 1)
    if _notes and text and not painter.worldTransform().isRotating():
        _notes[-1].append(letters_box(text, x, y, face))
    painter.setFont(face.font)
    painter.setPen(color(ink))
    painter.drawText(QPointF(x, y), text)


_SUBSCRIPT = re.compile(r"_([A-Za-z0-9]+(?:\u2212\d+)?)")
"""What stands lower in a formula: W_hh, h_t, h_t\u22121."""
_LOWER = 2.5
"""Points by which a subscript stands lower; it keeps its size, which is the smallest there is."""


def formula_width(text: str, face: Face) -> float:
    """How wide a formula is, in points: its underscores are not drawn."""
    return width_of(_SUBSCRIPT.sub(r"\1", text), face)


def write_formula(painter: QPainter, text: str, x: float, y: float, face: Face, ink: str) -> None:
    """Draw a line in which "_" sets what follows lower: W_hh, h_t\u22121."""
    for i, part in enumerate(_SUBSCRIPT.split(text)):
        if part:
            write(painter, part, x, y + (_LOWER if i % 2 else 0.0), face, ink)
            x += width_of(part, face)


def write_token(
    painter: QPainter, token: str, x: float, y: float, face: Face, ink: str, align: Align = "center"
) -> None:
    """Draw a token; a blank gets a drawn sign of the width of a letter."""
    if is_blank(token) or (face.mono and is_rare(token)):
        width = width_of("n", face)
        left = x - {"left": 0.0, "center": width / 2, "right": width}[align]
        draw_blank(painter, token, QRectF(left, y - 0.7 * face.size, width, 0.7 * face.size), ink)
    else:
        write(painter, token, x, y, face, ink, align)


def draw_blank(painter: QPainter, token: str, box: QRectF, ink: str) -> None:
    """The sign of a blank: an open box for a space, a bent arrow for a line end, an arrow for a tab."""
    painter.setPen(QPen(color(ink), 1.3))
    left, right, bottom = box.left() + 0.5, box.right() - 0.5, box.bottom() + 0.5
    middle = box.center().y()
    if token == "\n":
        lines = [
            QLineF(right, box.top() + 1, right, middle + 1.5),
            QLineF(right, middle + 1.5, left, middle + 1.5),
            QLineF(left, middle + 1.5, left + 2.8, middle - 1.3),
            QLineF(left, middle + 1.5, left + 2.8, middle + 4.3),
        ]
    elif token == "\t":
        lines = [
            QLineF(left, middle, right - 1.5, middle),
            QLineF(right - 1.5, middle, right - 4, middle - 2.6),
            QLineF(right - 1.5, middle, right - 4, middle + 2.6),
            QLineF(right, middle - 3, right, middle + 3),
        ]
    elif token == " ":
        lines = [
            QLineF(left, bottom - 2.8, left, bottom),
            QLineF(left, bottom, right, bottom),
            QLineF(right, bottom, right, bottom - 2.8),
        ]
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(left, box.top() + 1, right - left, box.height() - 1))
        return
    painter.drawLines(lines)


@dataclass(frozen=True, slots=True)
class Label:
    """A text that wants a place; those with a lower `rank` are placed first."""

    step: int
    text: str
    center: float
    rank: int


def apart(labels: Sequence[Label], face: Face, low: float, high: float, gap: float = 5.0) -> list[Label]:
    """As many labels as stand on one line without touching, each moved inside [low, high]."""
    placed: list[tuple[float, float]] = []
    kept: list[Label] = []
    for label in sorted(labels, key=lambda one: one.rank):
        half = width_of(label.text, face) / 2
        center = min(max(label.center, low + half), high - half)
        if all(center + half + gap <= a or center - half - gap >= b for a, b in placed):
            placed.append((center - half, center + half))
            kept.append(Label(label.step, label.text, center, label.rank))
    return kept
