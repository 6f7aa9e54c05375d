"""What a track is: one row of the score, painted under the shared time axis."""

from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import Theme
from rnnviz.gui.views.ghost import Ghost
from rnnviz.gui.views.reading import Reading
from rnnviz.gui.views.time_axis import TimeAxis
from rnnviz.gui.views.tracks.decades import Scale
from rnnviz.gui.views.wishes import HoldWish, Offer
from rnnviz.probes import Trace, UpdateRecord

LABEL_INDENT = 13.0
"""Where titles and captions begin, from the left edge of the score."""
INITIAL_WIDTH, INITIAL_GAP = 23.0, 6.0
"""The column of the initial state, left of the first step, and what parts it from the axis."""

CursorMove: TypeAlias = dict[str, Any]
"""Fields of CursorState to change, as `Cursor.move` takes them."""


@dataclass(frozen=True, slots=True)
class Height:
    """How tall a track wants to be, in points; `grows` is its part of what is left over."""

    minimum: float
    preferred: float
    grows: float = 0.0


@dataclass(frozen=True, slots=True)
class Grip:
    """Something that can be dragged up and down: a valve, held at a value once it is let go of."""

    gate: str
    step: int
    layer: int
    value: float  # how far it is open now, 0 to 1
    held: bool  # locked already


@dataclass(frozen=True, slots=True)
class Context:
    """What a track may know beside trace and cursor."""

    training_window: int | None = None  # steps that truncated BPTT reaches; None: not known
    unit_order: NDArray[np.intp] | None = None  # (H,) of the layer in focus; None: as in the network
    update_record: UpdateRecord | None = (
        None  # slow motion: before, after and the weights' shares; None outside it
    )
    scale: Scale | None = None  # of errors, shared by the lanes of a race; None: each track chooses its own
    matrix_scale: Scale | None = None  # the same for the errors of all words
    ghost: Ghost | None = None  # the picture before something was changed
    dragged: HoldWish | None = None  # a valve in somebody's hand, not let go of yet
    dragged_at: int | None = None  # the step of that valve


NO_CONTEXT = Context()


class Track:
    """One row of the score. Stateless: everything it draws comes in with the call.

    A picture has two parts. The ground depends on passage, layout and theme only and is cached by the
    widget; the moment changes with every trace. `paint` draws both, for screen, PNG, SVG and PDF alike.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()
    """Optional fields of the Trace without which the track cannot be drawn."""
    weight: ClassVar[int] = 0
    """Where room is short the lightest tracks fold first."""
    rows_have_labels: ClassVar[bool] = False
    """Whether the moment, too, writes into the label column."""

    def applies(self, trace: Trace) -> bool:
        """Whether a whole score of this network has the track; drawn alone it says why it is empty."""
        return True

    def heading(self, trace: Trace, cursor: CursorState) -> str:
        """The title as it stands in the label column; it may name the word in question."""
        return self.title

    def caption(self, trace: Trace, cursor: CursorState, context: Context = NO_CONTEXT) -> tuple[str, ...]:
        """The small lines under the title, broken for the label column."""
        return ()

    def height(self, trace: Trace, axis: TimeAxis) -> Height:
        """How tall the track wants to be under this axis."""
        raise NotImplementedError

    def label_key(self, trace: Trace, cursor: CursorState, context: Context) -> object:
        """Whatever the ground shows and may change while the passage stays the same."""
        return (self.heading(trace, cursor), self.caption(trace, cursor, context))

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
        """Paint what stays while the network learns."""

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
        """Paint what this trace says."""

    def paint(
        self,
        painter: QPainter,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        theme: Theme,
        context: Context = NO_CONTEXT,
    ) -> None:
        """Paint the whole track into `rect`, whose columns begin at `axis.left`."""
        self.paint_ground(painter, rect, trace, cursor, axis, theme, context)
        self.paint_moment(painter, rect, trace, cursor, axis, theme, context)

    def reading(
        self,
        pos: QPointF,
        rect: QRectF,
        trace: Trace,
        cursor: CursorState,
        axis: TimeAxis,
        context: Context = NO_CONTEXT,
    ) -> Reading | None:
        """The number under the mouse, or None where there is none."""
        return None

    def click(
        self, pos: QPointF, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis
    ) -> CursorMove | None:
        """What a click moves; by default the step looked at."""
        step = axis.step_at(pos.x())
        return None if step is None else {"time_step": step}

    def grip(
        self, pos: QPointF, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis
    ) -> Grip | None:
        """What can be taken hold of at a point."""
        return None

    def offers(
        self, pos: QPointF, rect: QRectF, trace: Trace, cursor: CursorState, axis: TimeAxis, context: Context
    ) -> tuple[Offer, ...]:
        """What can be changed at a point, for the menu there."""
        return ()


def columns_of(rect: QRectF, axis: TimeAxis) -> QRectF:
    """The part of a track's rectangle that holds the visible columns."""
    return QRectF(axis.left, rect.top(), axis.right - axis.left, rect.height())


def sight_of(rect: QRectF, axis: TimeAxis) -> QRectF:
    """What may be painted on: the visible columns, and the initial state's while it is in sight."""
    initial = initial_state_of(rect, axis)
    left = axis.left if initial is None else initial.left() - 10
    right = axis.right if axis.scrolls else rect.right()
    return QRectF(left, rect.top(), right - left, rect.height())


def initial_state_of(rect: QRectF, axis: TimeAxis) -> QRectF | None:
    """The column of the initial state; None when it is scrolled out of sight."""
    if axis.length and axis.edges[0] < axis.left - 0.5:
        return None
    return QRectF(axis.left - INITIAL_GAP - INITIAL_WIDTH, rect.top(), INITIAL_WIDTH, rect.height())
