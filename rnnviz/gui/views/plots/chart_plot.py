"""A plot with a chart of pyqtgraph in it, which is built when there is first something to draw in it.

pyqtgraph takes longer to import than all of rnnviz, and a chart of five panels longer to build than the rest
of the window. So nothing of either is done before it is needed, and the program may hold the charts back
until its first picture has been painted.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rnnviz.gui.views.plots.plot import MARGIN, Plot

if TYPE_CHECKING:
    from rnnviz.gui.views.plots.axes import Chart

RIGHT_MARGIN = 12
"""Room for the half of the last x label that stands beyond the axis."""
ON_ITS_WAY = "The chart will be here in a moment."


class ChartPlot(Plot):
    """One plot with a chart. What a subclass makes in `build` is not there before `is_built`."""

    chart: "Chart"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_built = False
        self._held = False

    def build(self) -> None:
        """Make `chart`, its panels and its curves; called once."""
        raise NotImplementedError

    def hold(self) -> None:
        """Build nothing before `release`, and say so where the chart would be."""
        self._held = True

    def release(self) -> None:
        """Build from now on, at once what is in sight."""
        self._held = False
        if self._stale and self.is_wanted():
            self.refresh()

    def set_chart(self, chart: "Chart", above: int, below: int) -> None:
        """Put the chart in its place, with so many points of room above and below it, and listen to it."""
        self.chart = chart
        chart.pointed.connect(self.point_at)
        chart.left.connect(self._on_left)  # no lambda: it would keep a plot without a parent alive for good
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, above, MARGIN - RIGHT_MARGIN + 4, below)
        layout.addWidget(chart)
        self.is_built = True

    def refresh(self) -> None:
        """Draw the moment now, or as soon as the chart may be built."""
        if not self.is_built and not self.why_empty():
            if self._held:
                self._stale = True
                self._say_why_empty(ON_ITS_WAY)
                return
            self._build_now()
        super().refresh()

    def _build_now(self) -> None:
        self.build()
        self.apply_theme()
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.chart.show()

    def _on_left(self) -> None:
        self.point_at(None)

    def point_at(self, position: QPointF | None) -> None:
        """Before there is a chart there is nothing to point at."""
        super().point_at(position if self.is_built else None)

    def paint_into(self, painter: QPainter, size: QSize, at: QPoint | None = None) -> None:
        """The chart with lines of its own, the rest as in the window."""
        if self.why_empty():
            super().paint_into(painter, size, at)
            return
        # With pyqtgraph, like the charts that it paints.
        from rnnviz.gui.views.plots.chart_painting import paint_chart

        if not self.is_built:
            self._build_now()
        self.resize(size)
        self.ensurePolished()
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.chart.lay_out()
        self.chart.silent = True
        super().paint_into(painter, size, at)
        self.chart.silent = False
        painter.save()
        painter.translate((at or QPoint(0, 0)) + self.chart.mapTo(self, QPoint(0, 0)))
        paint_chart(painter, self.chart)
        painter.restore()


def curve_pen(ink: QColor, width: float, dashes: tuple[float, ...] = ()) -> QPen:
    """A line of so many points, whatever an axis spans."""
    pen = QPen(QBrush(ink), width)
    pen.setCosmetic(True)
    if dashes:
        pen.setDashPattern(list(dashes))
    return pen


NO_PEN = QPen(Qt.PenStyle.NoPen)


def blend(ground: str, ink: str, share: float) -> QColor:
    """`ink` laid thinly on `ground`, but opaque: thousands of strokes over each other stay faint."""
    a, b = ([c.red(), c.green(), c.blue()] for c in (QColor(ground), QColor(ink)))
    return QColor(*(round(a[i] + (b[i] - a[i]) * share) for i in range(3)))
