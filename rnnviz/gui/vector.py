"""The window as SVG: every widget drawn by itself, then put together.

`QWidget.render` into a QSvgGenerator writes the clip paths of nested widgets at the wrong places, since the
generator knows the painter's own transform but not the offset of the widget. Drawn one by one, each at its
own origin, they are right.
"""

import re
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize
from PySide6.QtGui import QPainter, QPalette, QRegion
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from rnnviz.gui.pictures import svg_of
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.plots import Plot
from rnnviz.gui.views.score import Score

if TYPE_CHECKING:  # the window's menu leads here; only its type is needed
    from rnnviz.gui.window import MainWindow

_HEAD = re.compile(r"^.*?<svg[^>]*>", re.DOTALL)
_TITLE = re.compile(r"<title>.*?</desc>", re.DOTALL)
_IDS = re.compile(r'\b(id="|url\(#|xlink:href="#)')


def paint_plot(painter: QPainter, plot: Plot, theme: Theme, size: QSize, at: QPoint | None = None) -> None:
    """A plot by itself, on the panel's colour as in the window."""
    palette = plot.palette()
    for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base):
        palette.setColor(role, color(theme.panel))
    plot.setPalette(palette)
    plot.paint_into(painter, size, at)


def window_svg(window: "MainWindow") -> bytes:
    """The whole window, text as text."""
    width, height = window.width(), window.height()
    body = _Assembly(window).of(window, is_top=True)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">\n'
        f"<title>{escape(window.windowTitle())}</title>\n{body}</svg>\n"
    ).encode()


class _Assembly:
    """Puts the drawings of widgets together; ids are made different from drawing to drawing."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self._n = 0

    def of(self, widget: QWidget, *, is_top: bool = False) -> str:
        """A widget and its children.

        What is scrolled is clipped; words are not, since the fonts of whoever looks may be a little wider.
        """
        self._n += 1
        name = f"w{self._n}"
        is_leaf = isinstance(widget, Plot)
        children = [child for child in widget.children() if isinstance(child, QWidget) and not is_leaf]
        shown = [child for child in children if child.isVisible() and not child.isWindow()]
        parts = [self._drawing(widget, name, is_top), *(self.of(child) for child in shown)]
        place = widget.pos() if not is_top else QPoint(0, 0)
        drawn = "".join(parts)
        if isinstance(widget.parentWidget(), QAbstractScrollArea):
            frame = f'<rect width="{widget.width()}" height="{widget.height()}"/>'
            drawn = f'<clipPath id="{name}">{frame}</clipPath>\n<g clip-path="url(#{name})">\n{drawn}</g>\n'
        return f'<g transform="translate({place.x()},{place.y()})">\n{drawn}</g>\n'

    def _drawing(self, widget: QWidget, name: str, is_top: bool) -> str:
        if isinstance(widget, Score):
            area = QRectF(widget.rect())  # anew: the widget keeps what stays the same as pixels
            svg = svg_of(lambda painter: widget.paint_picture(painter, area), widget.size())
        elif isinstance(widget, Plot):
            svg = self._plot(widget)
        else:
            flags = QWidget.RenderFlag.DrawWindowBackground if is_top else QWidget.RenderFlag(0)

            def paint(painter: QPainter) -> None:
                QWidget.render(widget, painter, QPoint(0, 0), QRegion(), flags)  # a graphics view has its own

            svg = svg_of(paint, widget.size())
        text = _TITLE.sub("", _HEAD.sub("", svg.decode(), count=1), count=1)
        text = text.rsplit("</svg>", 1)[0]
        return _IDS.sub(rf"\g<1>{name}-", text)

    def _plot(self, plot: Plot) -> bytes:
        """A chart in a window has colours that its own painting does not expect: it is drawn alone."""
        alone = plot.twin()
        return svg_of(
            lambda painter: paint_plot(painter, alone, self._window.theme, plot.size()), plot.size()
        )
