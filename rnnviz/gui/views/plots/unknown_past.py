"""The updates of a saved network before it was opened: their numbers are in no file, and that is said."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.series import Series
from rnnviz.gui.views.tracks.marks import hatch

if TYPE_CHECKING:
    from rnnviz.gui.views.plots.axes import Panel  # pyqtgraph, not before it is needed

SHORTEST = 0.005
"""Of the updates so far. A log of millions is thinned, and need not begin with the first one either."""
_MARGIN = 6


def words_for_nothing(step: int) -> str:
    """Why there is no curve after so many updates."""
    if step == 0:
        return "Nothing was trained yet: press Train, and every update appears here."
    return (
        f"This network comes from a file, which holds no curves of its {step:,} updates: press Train, and "
        "those that follow appear here."
    )


def unknown_past(series: Series) -> int:
    """The updates before the first one that has numbers; 0 where the run is known from its beginning."""
    if not len(series.step):
        return 0
    before = int(series.step[0]) - 1
    return before if before > SHORTEST * float(series.step[-1]) else 0


def words_for_past(series: Series) -> str:
    """What is said of the updates before the first one that has numbers."""
    return f"updates 1 to {unknown_past(series):,}: no curve in the file"


def paint_unknown_past(
    painter: QPainter, panels: "Sequence[Panel]", series: Series, theme: Theme, head: float
) -> None:
    """Hatch what lies before the first update that has numbers; `head` points of each panel are titles."""
    if not unknown_past(series):
        return
    for panel in panels:
        x, _ = panel.to_pixels(np.array([float(unknown_past(series))]), np.zeros(1))
        area = panel.area().adjusted(0, head, 0, 0)
        area.setRight(float(x[0]))
        hatch(painter, area, theme.faint)
        if panel is panels[0]:
            _say(painter, area, words_for_past(series), theme)


def _say(painter: QPainter, area: QRectF, words: str, theme: Theme) -> None:
    """Words in the middle, where there is room for some."""
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, area.width() - 4 * _MARGIN)
    if len(shown) < len("updates 1 to"):
        return
    width = metrics.horizontalAdvance(shown) + 2 * _MARGIN
    box = QRectF(0, 0, width, metrics.height() + 2)
    box.moveCenter(area.center())
    painter.fillRect(box, color(theme.panel))
    painter.setPen(color(theme.quiet))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), shown)
