"""Which views stand in the window now, and how each is taken out of it: its picture, its table, its arrays.

What is taken stays as it was at that moment, while the window goes on: a trace is never written again, and
pictures are painted by twins of the widgets.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from rnnviz.gui.pictures import image_of, pdf_of
from rnnviz.gui.vector import paint_plot, window_svg
from rnnviz.gui.views.lanes import LaneShown
from rnnviz.gui.views.numbers import PLOT_TABLES, TRACK_TABLES, race_table, stacked, steps_table
from rnnviz.gui.views.plots import Plot
from rnnviz.gui.views.race_inspector import PARTS
from rnnviz.gui.views.score_painting import HEADLINE_HEIGHT, STRIP_HEIGHT
from rnnviz.gui.views.series import Series
from rnnviz.gui.views.tracks import TRACKS, Track
from rnnviz.probes import Trace, trace_arrays

if TYPE_CHECKING:  # the window's menu leads here, and results come late; only their types are needed
    from rnnviz.gui.results_show import ResultsShow
    from rnnviz.gui.window import MainWindow

Arrays = dict[str, NDArray[Any]]
PICTURE_SCALE = 2.0
"""Pixels a point of a picture that is copied, or saved as PNG."""
WINDOW, SCORE, RACE = "window", "score", "race"
WORDS = TRACKS[0]
_PART_TITLES = {"decay": "What is left, by distance", "loss": "Loss", "accuracy": "Right answers"}


@dataclass(frozen=True, slots=True)
class Taken:
    """A view as it was when it was taken. What it holds is worked out when it is asked for."""

    paint: Callable[[QPainter, QRectF], None]
    csv: Callable[[], str]
    arrays: Callable[[], Arrays] | None = None  # None: it has none
    image: QImage | None = None  # of what cannot be painted later


@dataclass(frozen=True, slots=True)
class View:
    """One view in the window."""

    key: str  # "score", "error", "decay", "lane 2", "window": also in names of files
    title: str
    widget: QWidget  # where it stands
    size: QSize  # in points, as on screen
    take: Callable[[], Taken]
    files: Callable[[], dict[str, bytes]] = dict  # by suffix, what cannot be painted later
    lane: int | None = None  # the only one that it shows of those that stand beside each other


def views_in_sight(window: "MainWindow") -> list[View]:
    """Every view that stands in the window now: the main one first, the window itself last."""
    show = window.pages.shown
    if show is not None:
        views = [_results(show)]
    elif window.race.is_shown:
        views = [*_race(window), *_race_plots(window)]
    else:
        views = [*_score(window), *_plots(window)]
    return [*views, _window(window, views[0])]


def _window(window: "MainWindow", main: View) -> View:
    """The window, painted at once, since it has no twin; its numbers are those of its main view."""

    def paint(painter: QPainter, area: QRectF) -> None:
        window.render(painter, area.topLeft().toPoint())

    size = window.size()
    whole = QRectF(QPointF(0, 0), size.toSizeF())

    def take() -> Taken:
        numbers = main.take()
        image = image_of(lambda painter: paint(painter, whole), size, PICTURE_SCALE)
        return Taken(paint, numbers.csv, numbers.arrays, image)

    def files() -> dict[str, bytes]:
        return {".svg": window_svg(window), ".pdf": pdf_of(lambda painter: paint(painter, whole), size)}

    return View(WINDOW, "the whole window", window, size, take, files)


def _results(show: "ResultsShow") -> View:
    key = "-".join(show.title.lower().split())
    return View(key, show.title, show.page, show.sheet.size(), lambda: Taken(show.paint, show.table))


# The score and its tracks.


def _score(window: "MainWindow") -> Iterator[View]:
    score, trace = window.score, window.score.trace
    yield View(SCORE, "the score", score, score.size(), partial(_take_score, window))
    for track in TRACKS:
        if trace is not None and track.applies(trace):
            title, size = f"the track “{track.title}”", _track_size(window, track, trace)
            yield View(track.name, title, score, size, partial(_take_score, window, track))


def _take_score(window: "MainWindow", track: Track | None = None) -> Taken:
    """The score, or one of its tracks under the words that its columns belong to."""
    twin = window.score.twin()
    tracks = None if track is None else tuple(one for one in TRACKS if one is track or one is WORDS)
    make = steps_table if track is None else TRACK_TABLES.get(track.name, steps_table)
    trace, cursor = twin.trace, twin.cursor_shown
    return Taken(
        paint=partial(twin.paint_picture, tracks=tracks),
        csv=lambda: "" if trace is None else make(trace, cursor).csv(),
        arrays=None if trace is None else partial(trace_arrays, trace),
    )


def _track_size(window: "MainWindow", track: Track, trace: Trace) -> QSize:
    """As wide as the score and as high as on screen; folded away, as high as it likes to be."""
    score, axis = window.score, window.score.axis()
    assert axis is not None, "a score with a trace has an axis"
    rect, least = score.track_rect(track.name), track.height(trace, axis).preferred
    high = max(least, rect.height() if rect is not None else least)
    if track is not WORDS:
        high += WORDS.height(trace, axis).preferred
    strip = STRIP_HEIGHT if axis.scrolls else 0
    return QSize(score.width(), round(HEADLINE_HEIGHT + strip + high) + 2)


# The inspector.


def _plots(window: "MainWindow") -> Iterator[View]:
    for plot in window.inspector.plots.values():
        if plot.isVisible():
            yield View(plot.name, f"the plot “{plot.title}”", plot, plot.size(), partial(_take_plot, plot))


def _take_plot(plot: Plot) -> Taken:
    twin = plot.twin()
    trace, series = twin.trace, twin.series if twin.draws_series else None

    def paint(painter: QPainter, area: QRectF) -> None:
        paint_plot(painter, twin, twin.theme, area.size().toSize(), area.topLeft().toPoint())

    return Taken(
        paint,
        csv=lambda: PLOT_TABLES[twin.name](twin).csv() if twin.name in PLOT_TABLES else "",
        arrays=None if trace is None else lambda: trace_arrays(trace) | _series_arrays(series),
    )


def _series_arrays(series: Series | None) -> Arrays:
    """The numbers of all updates, under "series/" and their names."""
    names = Series.__dataclass_fields__ if series is not None else ()
    found = {name: getattr(series, name) for name in names}
    return {f"series/{name}": array for name, array in found.items() if isinstance(array, np.ndarray)}


# A race.


def _race(window: "MainWindow") -> Iterator[View]:
    view, sheet = window.race.view, window.race.view.sheet()
    yield View(RACE, "the race", view, view.size(), partial(_take_race, window))
    for place in sheet.lanes if sheet is not None else ():
        size = QSize(view.width(), round(sheet.words.bottom() + place.rect.height()) + 4 if sheet else 0)
        number = place.number
        title = f"lane {number + 1}, {view.lanes[number].title}"
        take = partial(_take_race, window, number)
        yield View(f"lane {number + 1}", title, view, size, take, lane=number)


def _take_race(window: "MainWindow", only: int | None = None) -> Taken:
    twin = window.race.view.twin()
    lanes, cursor = list(enumerate(twin.lanes)), twin.cursor_shown
    lanes = lanes if only is None else lanes[only : only + 1]

    def csv() -> str:
        return stacked([(n + 1, lane.title, steps_table(lane.trace, cursor)) for n, lane in lanes]).csv()

    return Taken(partial(twin.paint_picture, only=only), csv, partial(_lane_arrays, lanes, ()))


def _race_plots(window: "MainWindow") -> Iterator[View]:
    inspector = window.race.inspector
    quantity = inspector.shown_quantity
    for part in PARTS:
        name, title = part, _PART_TITLES[part]
        if part == "decay" and quantity is not None:
            name, title = quantity.name, quantity.title.capitalize()
        size = QSize(inspector.width(), inspector.height_of(part))
        key = f"race {name}".replace("_", " ")
        yield View(key, f"the plot “{title}”", inspector, size, partial(_take_race_plot, window, name))


def _take_race_plot(window: "MainWindow", part: str) -> Taken:
    twin, lanes = window.race.inspector.twin((part,)), list(enumerate(window.race.view.lanes))
    series, cursor = twin.series, window.race.view.cursor_shown

    def paint(painter: QPainter, area: QRectF) -> None:
        twin.resize(area.size().toSize())
        twin.render(painter, area.topLeft().toPoint())

    def csv() -> str:
        tables = []
        for number, lane in lanes:
            own = series[number] if number < len(series) else None
            tables.append((number + 1, lane.title, race_table(lane.trace, cursor, own)))
        return stacked(tables).csv()

    return Taken(paint, csv, partial(_lane_arrays, lanes, series))


def _lane_arrays(lanes: Sequence[tuple[int, LaneShown]], series: Sequence[Series]) -> Arrays:
    """Those of one lane by themselves; of several with "lane/0/" before each name, as in a checkpoint."""
    if len(lanes) == 1 and not series:
        return trace_arrays(lanes[0][1].trace)
    found: Arrays = {}
    for number, lane in lanes:
        own = trace_arrays(lane.trace) | _series_arrays(series[number] if number < len(series) else None)
        found |= {f"lane/{number}/{name}": array for name, array in own.items()}
    return found
