"""spectrum: how the recurrent block can turn and stretch an error, and what dh_t/dh_k makes of it.

Left the eigenvalues of the cell's named recurrent block in the complex plane with the unit circle, and behind
each the way that it came since update 0; right the singular values of dh_t/dh_{t-d}, t the last step, against
the lag d: no error is left with more than the largest of them.

A trace has them only where a view has asked. Looking back at one that has none, the spectrum measured nearest
to it is shown, and it says of which update it is.
"""

import math
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF

from rnnviz.gui.theme import SIZE_SMALL, SIZE_TEXT, color, font
from rnnviz.gui.views.plots.plot import MARGIN, Plot
from rnnviz.gui.views.plots.spectrum_trail import Stretch, behind, nearest_spectrum, trail
from rnnviz.gui.views.plots.wording import by
from rnnviz.probes import Spectrum, Trace, spectrum_of
from rnnviz.probes.trace import Complexes

_TOP, _FOOT, _AXIS, _BETWEEN, _TITLE = 8, 56, 18, 46, 18
_MOST_DECADES, _MOST_LINES = 8.0, 9
_DOT = 2.2
_PALEST, _STRONGEST = 0.22, 0.75


def block_name(trace: Trace) -> str:
    """The named recurrent block: W_hh, or that of the candidate, W_hg or W_hn."""
    return f"W_h{trace.tanh_gates[0]}" if trace.tanh_gates else "W_hh"


class SpectrumPlot(Plot):
    """Eigenvalues and singular values side by side, sigma_max and spectral radius below."""

    name: ClassVar[str] = "spectrum"
    title: ClassVar[str] = "Spectrum"
    needs: ClassVar[frozenset[str]] = frozenset({"spectrum", "jacobian"})
    draws_series: ClassVar[bool] = True

    def spectrum(self) -> Spectrum | None:
        """What is shown: of the trace, or the one measured nearest to its update."""
        if self.trace is None:
            return None
        return spectrum_of(self.trace) or nearest_spectrum(self._spectra(), self.trace)

    def _spectra(self) -> tuple[Spectrum, ...]:
        """All that were measured and kept."""
        return () if self.series is None else self.series.spectra

    def _shown(self) -> Spectrum:
        """What is shown, where there is something."""
        spectrum = self.spectrum()
        assert spectrum is not None
        return spectrum

    def trail(self) -> list[Stretch]:
        """The way that the eigenvalues came, the oldest stretch first."""
        return trail(self._spectra(), self._shown(), self.layer())

    def why_empty(self) -> str:
        """Nothing traced, no recurrent weights, not asked for yet, or broken."""
        trace = self.trace
        if trace is None:
            return super().why_empty()
        if not trace.recurrent:
            return (
                "This network has no recurrent weights: no state is handed on, so nothing turns or stretches."
            )
        spectrum = self.spectrum()
        if spectrum is None:
            return "The eigenvalues are being worked out: the next trace shows them."
        if not np.isfinite(spectrum.eigenvalues[self.layer()]).all():
            return "The weights are no longer finite: the network has broken."
        return ""

    # Where things stand.

    def plane_rect(self) -> QRectF:
        """The square of the complex plane."""
        side = min(
            (self.width() - 2 * MARGIN - _BETWEEN) * 0.5, self.height() - _TOP - _TITLE - _FOOT - _AXIS
        )
        return QRectF(MARGIN, _TOP + _TITLE, side, side)

    def lag_rect(self) -> QRectF:
        """The room of the singular values."""
        left = self.plane_rect().right() + _BETWEEN
        height = self.height() - _TOP - _TITLE - _FOOT - _AXIS
        return QRectF(left, _TOP + _TITLE, self.width() - MARGIN - left, height)

    def reach(self) -> float:
        """The modulus at the border of the plane: the unit circle is always in sight."""
        greatest = (np.abs(plot._shown().eigenvalues[plot.layer()]).max() for plot in self._on_one_scale())
        return 1.12 * max(1.0, *map(float, greatest))

    def _on_one_scale(self) -> list["SpectrumPlot"]:
        """This one, and those beside it that have something to show."""
        return [self, *(p for p in self.beside if isinstance(p, SpectrumPlot) and not p.why_empty())]

    def points(self) -> list[QPointF]:
        """The eigenvalues on the plane, one point each."""
        return self.places(self._shown().eigenvalues[self.layer()])

    def places(self, values: Complexes) -> list[QPointF]:
        """Where some complex numbers (N,) stand on the plane."""
        center, scale = self.plane_rect().center(), self.plane_rect().width() / 2 / self.reach()
        return [QPointF(center.x() + v.real * scale, center.y() - v.imag * scale) for v in values.tolist()]

    def decades(self) -> tuple[float, float]:
        """Logarithms at the foot and the top of the singular values: the largest ones, 1 among them."""
        measured = [p for p in self._on_one_scale() if p._shown().singular_values is not None]
        lows, highs = zip(*(plot._own_decades() for plot in measured), strict=True)
        return min(lows), max(highs)

    def _own_decades(self) -> tuple[float, float]:
        singular = self._shown().singular_values
        assert singular is not None
        values = singular[:, self.layer(), :]
        known = values[np.isfinite(values) & (values > 0)]
        if not known.size:
            return -1.0, 0.5
        top = max(math.log10(float(known.max())), 0.0)
        largest = values[:, 0][np.isfinite(values[:, 0]) & (values[:, 0] > 0)]
        low = math.log10(float(largest.min())) if largest.size else -1.0
        bottom = min(low - 1.0, -1.0)
        return max(bottom, top - max(_MOST_DECADES, top - low)), top + 0.3

    def lines(self) -> list[tuple[int, QPolygonF]]:
        """Rank (0: the largest) and course of the singular values drawn; below the foot a course ends."""
        shown = self._shown()
        assert shown.singular_values is not None and shown.lags is not None
        values = shown.singular_values[:, self.layer(), :].astype(np.float64)
        lags, rect, (low, high) = shown.lags, self.lag_rect(), self.decades()
        last = max(int(lags[-1]), 1)
        ranks = np.unique(np.linspace(0, values.shape[1] - 1, min(_MOST_LINES, values.shape[1])).round())
        found = []
        for rank in ranks.astype(int).tolist():
            course = values[:, rank]
            points = []
            for lag, value in zip(lags.tolist(), course.tolist(), strict=True):
                if not value > 0 or math.log10(value) < low:
                    break
                y = rect.bottom() - (math.log10(value) - low) / (high - low) * rect.height()
                points.append(QPointF(rect.left() + lag / last * rect.width(), y))
            found.append((rank, QPolygonF(points)))
        return found

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both pictures and the two numbers."""
        if self.trace is None or self.why_empty():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_plane(painter)
        self._paint_lags(painter)
        lines = ((self.numbers(), SIZE_TEXT, self.theme.ink),
                 *((text, SIZE_SMALL, self.theme.quiet) for text in self.small_print()))  # fmt: skip
        top = self.height() - _FOOT + 2.0
        for text, size, ink in lines:
            painter.setFont(font(size, bold=size == SIZE_TEXT))
            painter.setPen(color(ink))
            place = QRectF(MARGIN, top, self.width() - 2 * MARGIN, 18)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
            top += 18 if size == SIZE_TEXT else 15
        painter.end()

    def numbers(self) -> str:
        """Spectral radius and largest singular value of the block; before that the radius that was."""
        trace, layer, shown = self.trace, self.layer(), self._shown()
        assert trace is not None
        radius, sigma = float(shown.spectral_radius[layer]), float(shown.sigma_max[layer])
        return f"{block_name(trace)}: spectral radius {radius:.3g} · σ max {sigma:.3g}"

    def small_print(self) -> list[str]:
        """Of which update it is or since when the trail runs, and what stands at the right."""
        trace, shown = self.trace, self._shown()
        assert trace is not None
        past = behind(self._spectra(), shown)
        lines = []
        if shown.step != trace.step:
            lines.append(f"of update {shown.step:,}, measured nearest to update {trace.step:,}")
        elif past:
            was = float(past[0].spectral_radius[self.layer()])
            lines.append(f"pale: the way since update {past[0].step:,}, where the radius was {was:.3g}")
        if shown.singular_values is None:
            lines.append("right: only measured while this view is open")
        elif trace.cell is None:
            lines.append("right: what h can keep of any error; thick: the most")
        else:
            lines.append("right: along h at a given c; what runs along c comes on top")
        return lines

    def _caption(self, painter: QPainter, rect: QRectF, text: str) -> None:
        painter.setFont(font(SIZE_SMALL))
        painter.setPen(color(self.theme.quiet))
        place = QRectF(rect.left(), rect.top() - _TITLE, rect.width() + 4, _TITLE - 2)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)

    def _paint_plane(self, painter: QPainter) -> None:
        assert self.trace is not None
        rect, theme = self.plane_rect(), self.theme
        center, unit = rect.center(), rect.width() / 2 / self.reach()
        self._caption(painter, rect, f"eigenvalues of {block_name(self.trace)}")
        painter.setPen(QPen(color(theme.faint), 1))
        painter.drawLine(QLineF(rect.left(), center.y(), rect.right(), center.y()))
        painter.drawLine(QLineF(center.x(), rect.top(), center.x(), rect.bottom()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color(theme.quiet), 1.2))
        painter.drawEllipse(center, unit, unit)
        self._paint_trail(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(theme.forward))
        for point in self.points():
            painter.drawEllipse(point, _DOT, _DOT)
        painter.setFont(font(SIZE_SMALL))
        painter.setPen(color(theme.quiet))
        box = QRectF(center.x() + unit - 12, center.y() + 1, 10, 14)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight), "1")

    def _paint_trail(self, painter: QPainter) -> None:
        """The way that each eigenvalue came, paler the longer ago; where it began, a dot."""
        stretches, rect = self.trail(), self.plane_rect()
        for number, stretch in enumerate(stretches):
            strength = _PALEST + (_STRONGEST - _PALEST) * (1 - stretch.age)
            starts, ends = self.places(stretch.starts), self.places(stretch.ends)
            painter.setPen(QPen(color(self.theme.forward, strength), 1.2))
            pairs = zip(starts, ends, strict=True)
            painter.drawLines([QLineF(a, b) for a, b in pairs if rect.contains(a) and rect.contains(b)])
            if not number:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color(self.theme.forward, _PALEST))
                for point in starts:
                    painter.drawEllipse(point, _DOT * 0.7, _DOT * 0.7)

    def _paint_lags(self, painter: QPainter) -> None:
        shown = self._shown()
        if shown.lags is None:
            return
        rect, theme, (low, high) = self.lag_rect(), self.theme, self.decades()
        self._caption(painter, rect, "singular values of dh_t/dh_k".replace("_t", "ₜ").replace("_k", "ₖ"))
        painter.setFont(font(SIZE_SMALL))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        every = max(1, math.ceil((high - low) / max(rect.height() / 20, 1)))
        for decade in range(math.floor(high), math.ceil(low) - 1, -1):
            if decade % every:
                continue
            y = rect.bottom() - (decade - low) / (high - low) * rect.height()
            painter.setPen(QPen(color(theme.quiet if decade == 0 else theme.faint), 1))
            painter.drawLine(QLineF(rect.left(), y, rect.right(), y))
            painter.setPen(color(theme.quiet))
            text = f"{10.0**decade:g}" if -3 <= decade <= 3 else f"1e{decade}".replace("-", "−")
            painter.drawText(QRectF(rect.left() - 44, y - 8, 39, 16), right, text)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for rank, line in reversed(self.lines()):
            painter.setPen(QPen(color(theme.backward, 1.0 if rank == 0 else 0.45), 2.4 if rank == 0 else 1.0))
            painter.drawPolyline(line)
            if line.size() == 1:
                painter.drawEllipse(line.first(), 1.5, 1.5)
        painter.setPen(color(theme.quiet))
        last = int(shown.lags[-1])
        below = QRectF(rect.left(), rect.bottom() + 2, rect.width(), _AXIS - 2)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), "0")
        text = f"{last} {self.noun()}{'' if last == 1 else 's'} back"
        painter.drawText(below, right, text)

    def reading_at(self, position: QPointF) -> str:
        """The eigenvalue, or the singular values of the lag, under a point."""
        if self.trace is None or self.why_empty():
            return ""
        shown = self._shown()
        when = "" if shown.step == self.trace.step else f" at update {shown.step:,}"
        if self.lag_rect().adjusted(-4, -4, 4, 4).contains(position):
            return self._reading_of_lag(position, shown) + when if shown.lags is not None else ""
        apart = [(point - position).manhattanLength() for point in self.points()]
        nearest = int(np.argmin(apart))
        if apart[nearest] > 8:
            return ""
        value = complex(shown.eigenvalues[self.layer(), nearest])
        said = f"eigenvalue {value.real:.3f} {value.imag:+.3f}i, modulus {abs(value):.3f}{when}"
        return said.replace("-", "−")

    def _reading_of_lag(self, position: QPointF, shown: Spectrum) -> str:
        assert shown.lags is not None and shown.singular_values is not None
        rect, lags = self.lag_rect(), shown.lags
        wanted = (position.x() - rect.left()) / max(rect.width(), 1.0) * max(int(lags[-1]), 1)
        row = int(np.abs(lags - wanted).argmin())
        values: NDArray[np.float64] = shown.singular_values[row, self.layer()].astype(np.float64)
        lag = int(lags[row])
        noun = self.noun() + ("" if lag == 1 else "s")
        return f"{lag} {noun} back: at most {by(float(values[0]))}, median {by(float(np.median(values)))}"
