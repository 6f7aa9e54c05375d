"""What a moment of slow motion is painted from, and which columns of a track have begun."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QRegion

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme
from rnnviz.gui.views.arrangement import Placed
from rnnviz.gui.views.slow_motion.stage import ADJUST, Stage, Wave
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks import Context, Track
from rnnviz.gui.views.tracks.track import sight_of
from rnnviz.probes import Trace, UpdateRecord

PAST = 0.35
"""How strongly the old error is drawn once the weights have moved."""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a moment of slow motion is painted from."""

    painter: QPainter
    rect: QRectF
    placed: Sequence[Placed]
    axis: TimeAxis
    record: UpdateRecord
    stage: Stage
    cursor: CursorState
    theme: Theme
    context: Context

    @property
    def before(self) -> Trace:
        """The sequence before the update."""
        return self.record.before

    @property
    def renewed(self) -> int:
        """How many columns have been predicted anew with the new weights."""
        if self.stage.step != ADJUST or self.record.after is None:
            return 0
        return self.stage.again.done(self.axis.length)

    def find(self, kind: type[Track]) -> Placed | None:
        """The open track of a kind."""
        return next((one for one in self.placed if isinstance(one.track, kind) and not one.folded), None)

    def moment(self, one: Placed, trace: Trace) -> None:
        """A track's moment as it always is."""
        one.track.paint_moment(
            self.painter, one.rect, trace, self.cursor, self.axis, self.theme, self.context
        )

    def sight(self, one: Placed) -> QRectF:
        """What of a track may be painted on: half-seen columns must not run over the labels."""
        if not self.axis.scrolls or one.track.rows_have_labels:
            return self.rect
        return sight_of(one.rect, self.axis)


@contextmanager
def clipped(painter: QPainter, *areas: QRectF) -> Iterator[None]:
    """Paint inside some rectangles only, and inside what was allowed before."""
    region = QRegion()
    for area in areas:
        left, right = round(area.left()), round(area.right())
        top, bottom = round(area.top()), round(area.bottom())
        if right > left and bottom > top:
            region += QRegion(QRect(left, top, right - left, bottom - top))
    painter.save()
    painter.setClipRegion(region, Qt.ClipOperation.IntersectClip)
    yield
    painter.restore()


def columns(rect: QRectF, axis: TimeAxis, first: int, end: int) -> QRectF:
    """The columns `first` to `end` - 1 of a track."""
    left = axis.edges[first]
    right = axis.edges[end] if end < axis.length else max(rect.right(), axis.edges[-1])
    return QRectF(left, rect.top(), right - left if end > first else 0, rect.height())


def begun(rect: QRectF, axis: TimeAxis, wave: Wave, skip: int | None = None) -> list[QRectF]:
    """The columns that are done whole, and those that move from the top down as far as they have come."""
    done = wave.done(axis.length)
    areas = [columns(rect, axis, 0, done)]
    if skip is not None and skip < done:
        areas = [columns(rect, axis, 0, skip), columns(rect, axis, skip + 1, done)]
    for k, part in wave.moving(axis.length):
        if k != skip:
            area = columns(rect, axis, k, k + 1)
            areas.append(QRectF(area.left(), area.top(), area.width(), area.height() * part))
    return areas
