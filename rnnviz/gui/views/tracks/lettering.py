"""Setting text fast: cached widths, one rule of shortening, drawn signs for blanks, labels kept apart."""

from collections.abc import Sequence
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
    """The text broken at spaces into lines of a width; a word that is too wide is shortened."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, face) <= width:
            lines[-1] = longer
        else:
            lines.append(shortened(word, width, face))
    return tuple(lines)


def baseline(top: float, height: float, face: Face) -> float:
    """Where to set a line so that it stands in the middle of a height."""
    m = metrics(face)
    return top + (height + m.ascent() - m.descent()) / 2


def write(
    painter: QPainter, text: str, x: float, y: float, face: Face, ink: str, align: Align = "left"
) -> None:
    """Draw one line of text with its baseline at y."""
    if align != "left":
        x -= width_of(text, face) / (2 if align == "center" else 1)
    painter.setFont(face.font)
    painter.setPen(color(ink))
    painter.drawText(QPointF(x, y), text)


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
