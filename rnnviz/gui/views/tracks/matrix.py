"""All errors at once: a row a word, under the same columns; what is impossible is hatched."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme, color
from rnnviz.gui.views.reading import Reading
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import marks
from rnnviz.gui.views.tracks.decades import Scale, scale_for
from rnnviz.gui.views.tracks.label import paint_label, paint_legend
from rnnviz.gui.views.tracks.lettering import (
    SIGN_SMALL,
    SIGN_SMALL_BOLD,
    SMALL,
    SMALL_BOLD,
    baseline,
    metrics,
    shortened,
    write,
    write_token,
)
from rnnviz.gui.views.tracks.shares import fate, spoken_fate
from rnnviz.gui.views.tracks.track import INITIAL_GAP, NO_CONTEXT, Context, Height, Track
from rnnviz.gui.views.wording import brief, percent, unit_of
from rnnviz.probes import NO_TARGET, Trace

TOP, BOTTOM = 8.0, 11.0
LABEL_ROOM = 54.0
TALLEST_ROW = 80.0


def matrix_shares(trace: Trace, layer: int, columns: range | None = None) -> NDArray[np.float64]:
    """`M[t, k] / M[t, t]` of one layer: (T, T), or only some columns k.

    NaN above the diagonal and in rows where nothing sets out.
    """
    first, last = (columns.start, columns.stop) if columns is not None else (0, trace.length)
    matrix = trace.state_gradient_matrix[:, :, layer]
    out = np.diagonal(matrix).astype(np.float64)
    started = (out > 0) & (trace.targets != NO_TARGET)
    shares: NDArray[np.float64] = matrix[:, first:last] / np.where(started, out, np.nan)[:, None]
    shares[np.arange(trace.length)[:, None] < np.arange(first, last)[None, :]] = np.nan
    return shares


class MatrixTrack(Track):
    """The matrix of every pair t >= k, each row in per cent of what set out there."""

    name = "matrix"
    title = "all errors"
    rows_have_labels = True

    def caption(self, trace: Trace, cursor: CursorState, context: Context = NO_CONTEXT) -> tuple[str, ...]:
        """What a row is, and the scale."""
        lines = [f"a row a {unit_of(trace)}", "log" if cursor.logarithmic else "linear"]
        why = reasons_of_zeros(trace, cursor.layer)
        if why:
            lines.append("grey: " + ", ".join(why))
        window = context.training_window
        if window is not None and window < trace.length:
            lines.append("hatched: beyond training")
        return tuple(lines)

    def label_key(self, trace: Trace, cursor: CursorState, context: Context) -> object:
        """The legend shows the scale."""
        scale = self.scale(trace, cursor, context)
        return (super().label_key(trace, cursor, context), scale, context.training_window)

    def height(self, trace: Trace, axis: TimeAxis) -> Height:
        """How tall the track wants to be under this axis."""
        return Height(76, 139, 1.8)

    def scale(self, trace: Trace, cursor: CursorState, context: Context = NO_CONTEXT) -> Scale:
        """The scale of the colours: that of all lanes beside it, or the one that suits this network."""
        if context.matrix_scale is not None:
            return context.matrix_scale
        if cursor.logarithmic:
            return scale_for(matrix_shares(trace, cursor.layer), logarithmic=True)
        # Linear needs no more than the largest share, and this is asked at every frame.
        matrix = trace.state_gradient_matrix[:, :, cursor.layer]
        out, most = np.diagonal(matrix), matrix.max(axis=1)
        started = (out > 0) & (trace.targets != NO_TARGET)
        return scale_for(most[started] / out[started], logarithmic=False)

    def row_edges(self, rect: QRectF, trace: Trace, axis: TimeAxis) -> tuple[float, ...]:
        """The T + 1 borders of the rows; few rows do not grow beyond bounds.

        Rows of words before the first column in sight would be empty: they have no height.
        """
        top, bottom = rect.top() + TOP, rect.bottom() - BOTTOM
        first, last = axis.visible.start, trace.length
        height = min(bottom - top, TALLEST_ROW * (last - first))
        return tuple(
            axis.snap(top + height * max(t - first, 0) / max(last - first, 1)) for t in range(last + 1)
        )

    def paint_ground(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
        context: Context = NO_CONTEXT,
    ) -> None:
        """Label, legend, and the hatching of what is impossible."""
        y = paint_label(painter, rect, self, trace, cursor, axis, theme, context)
        scale = self.scale(trace, cursor, context)
        ends = (percent(scale.bottom) + " %", percent(scale.top) + ("" if scale.top == 1 else " %"))
        # Above 100 % errors have grown: where that begins must be seen.
        whole = (scale.height(1.0), "100 %") if scale.top > 1 else None
        paint_legend(painter, rect, y, theme.errors, ends, axis, theme, whole)
        edges = self.row_edges(rect, trace, axis)
        painter.setPen(QPen(color(theme.line), 0.9))
        lines: list[QLineF] = []
        for area in self._impossible(edges, trace, axis):
            lines += marks.hatch_rect(area, 8.0)
        painter.drawLines(lines)

    def _impossible(self, edges: tuple[float, ...], trace: Trace, axis: TimeAxis) -> list[QRectF]:
        """The part right of the diagonal, as one rectangle a column (or a row where columns are fewer)."""
        areas = []
        for step in axis.visible:
            if step == 0:
                continue
            left, right = axis.column(step)
            left, right = max(left, axis.left), min(right, axis.right)
            areas.append(QRectF(left, edges[0], right - left, edges[step] - edges[0]))
        return areas

    def paint_moment(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
        context: Context = NO_CONTEXT,
    ) -> None:
        """Cells, row labels, and the frame of the row in focus."""
        scale, shown = self.scale(trace, cursor, context), axis.visible
        shares = matrix_shares(trace, cursor.layer, shown)
        cells = marks.quantised(scale.heights(shares), 0.0, 1.0)  # (T, columns in sight)
        cells[shares == 0] = marks.MARKED  # no path, blocked or underflow: not a small number
        edges = self.row_edges(rect, trace, axis)
        ratio, left, right = axis.pixel_ratio, axis.snap(axis.left), axis.snap(axis.right)
        row_gap = 1.0 if edges[-1] - edges[-2] > 6 else 0.0
        rows = marks.pixel_cells(edges, edges[0], edges[-1], ratio, row_gap)
        borders = axis.edges[shown.start : shown.stop + 1]
        columns = marks.pixel_cells(borders, left, right, ratio, 1.0 if axis.roomy else 0.0)
        table = marks.palette(theme.errors, theme.bar)
        marks.draw_cells(painter, cells, rows, columns, left, edges[0], ratio, table)
        self._paint_silent_rows(painter, edges, trace, cursor.layer, axis, theme)
        self._paint_out_of_reach(painter, edges, trace, axis, theme, context)
        self._paint_labels(painter, edges, trace, cursor, axis, theme)
        self._paint_frame(painter, edges, cursor.error_step, axis, theme)

    def _paint_silent_rows(
        self,
        painter: QPainter,
        edges: tuple[float, ...],
        trace: Trace,
        layer: int,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        """A row whose error never sets out is dashed through, not pale."""
        out = np.diagonal(trace.state_gradient_matrix[:, :, layer])
        silent = ~((out > 0) & (trace.targets != NO_TARGET))
        lines = []
        for t in np.flatnonzero(silent).tolist():
            y = (edges[t] + edges[t + 1]) / 2
            lines.append(QLineF(axis.left, y, min(axis.column(t)[1], axis.right), y))
        if lines:
            pen = QPen(color(theme.quiet), 1)
            pen.setDashPattern([2.0, 3.0])
            painter.setPen(pen)
            painter.drawLines([line for line in lines if line.x2() > line.x1()])

    def _paint_out_of_reach(
        self,
        painter: QPainter,
        edges: tuple[float, ...],
        trace: Trace,
        axis: TimeAxis,
        theme: Theme,
        context: Context,
    ) -> None:
        """Pairs further apart than the training window: hatched over their colour."""
        window = context.training_window
        if window is None or window >= trace.length:
            return
        lines: list[QLineF] = []
        for step in axis.visible:
            if step + window >= trace.length:
                break
            left, right = axis.column(step)
            left, right = max(left, axis.left), min(right, axis.right)
            top = edges[step + window]
            lines += marks.hatch_rect(QRectF(left, top, right - left, edges[-1] - top), 6.0)
        painter.setPen(QPen(color(theme.quiet, 0.7), 0.9))
        painter.drawLines(lines)

    def _paint_labels(
        self,
        painter: QPainter,
        edges: tuple[float, ...],
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
    ) -> None:
        """Right words of the rows: all that fit without touching, the one in focus always."""
        x = axis.left - INITIAL_GAP
        line = metrics(SMALL).ascent() + 1
        focus = cursor.error_step
        middles = [(a + b) / 2 for a, b in pairwise(edges)]
        middles = [min(max(m, edges[0] + line / 2), edges[-1] - line / 2) for m in middles]
        first = axis.visible.start
        chosen = [focus] if focus >= first else [first]
        for t, middle in enumerate(middles):
            near = min(abs(middle - middles[chosen[-1]]), abs(middle - middles[focus]))
            if t >= first and near >= line:
                chosen.append(t)
        for t in chosen:
            token = str(trace.target_words[t])
            own = t == focus
            ink = theme.right if own else theme.quiet
            y = baseline(middles[t] - 8, 16, SMALL)
            if axis.characters:
                face = SIGN_SMALL_BOLD if own else SIGN_SMALL
                write_token(painter, token, x, y, face, ink, "right")
            else:
                face = SMALL_BOLD if own else SMALL
                text = shortened(brief(token), LABEL_ROOM, face) if token else "–"
                write(painter, text, x, y, face, ink, "right")

    def _paint_frame(
        self, painter: QPainter, edges: tuple[float, ...], row: int, axis: TimeAxis, theme: Theme
    ) -> None:
        if edges[row + 1] <= edges[row]:
            return  # scrolled out of sight
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color(theme.ink), 1.6))
        box = QRectF(
            axis.left - 1, edges[row] - 1, axis.right - axis.left + 2, edges[row + 1] - edges[row] + 1
        )
        painter.drawRoundedRect(box, 2.5, 2.5)

    def _row_at(self, y: float, edges: tuple[float, ...]) -> int | None:
        row = int(np.searchsorted(np.asarray(edges), y, side="right")) - 1
        return row if 0 <= row < len(edges) - 1 else None

    def reading(
        self,
        pos: QPointF,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        context: Context = NO_CONTEXT,
    ) -> Reading | None:
        """The pair under the mouse."""
        step, row = axis.step_at(pos.x()), self._row_at(pos.y(), self.row_edges(rect, trace, axis))
        if step is None or row is None:
            return None
        value = float(matrix_shares(trace, cursor.layer, range(step, step + 1))[row, 0]) * 100
        text = spoken_fate(trace, row, step, cursor.layer)
        if context.training_window is not None and row - step >= context.training_window:
            text += f"; beyond the training window of {context.training_window}"
        return Reading(self.name, step, value, "%", text)

    def click(
        self, pos: QPointF, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis
    ) -> dict[str, int] | None:
        """A cell chooses its pair: whose error, and where it is looked at."""
        row = self._row_at(pos.y(), self.row_edges(rect, trace, axis))
        step = axis.step_at(pos.x())
        if row is None:
            return None
        if step is None:
            return {"error_step": row} if pos.x() < axis.left else None
        return {"time_step": step, "error_step": row}


NAMES_OF_ZEROS = {"no path": "no path", "blocked": "f' = 0", "underflow": "underflow"}
"""Why exactly nothing is left, in the small print: at a gated cell all gates are shut."""


def reasons_of_zeros(trace: Trace, layer: int) -> list[str]:
    """Why errors that set out are exactly 0 somewhere on their way, each reason once; none where none is."""
    matrix = trace.state_gradient_matrix[:, :, layer]
    started = np.flatnonzero((np.diagonal(matrix) > 0) & (trace.targets != NO_TARGET))
    if int(np.count_nonzero(matrix[started])) == int((started + 1).sum()):
        return []  # asked at every change of the label; the search below is for few traces
    found = set()
    for t in started.tolist():
        gone = np.flatnonzero(matrix[t, : t + 1] == 0)
        if gone.size:
            found.add(fate(trace, t, int(gone[-1]), layer))
    names = NAMES_OF_ZEROS | ({"blocked": "gates shut"} if trace.gates else {})
    return [name for reason, name in names.items() if reason in found]
