"""One view by itself, a track or a plot, as a function that paints it: of one network or of all lanes."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter

from rnnviz.gui.cursor import Cursor, CursorState
from rnnviz.gui.pictures import Paint
from rnnviz.gui.race_pictures import (
    OVER_EACH_OTHER,
    paint_curves_together,
    paint_lane_plots,
    paint_lane_tracks,
)
from rnnviz.gui.race_show import comparison_of
from rnnviz.gui.theme import Theme
from rnnviz.gui.vector import paint_plot
from rnnviz.gui.views.lanes import LaneShown
from rnnviz.gui.views.plots import PLOTS, Plot
from rnnviz.gui.views.plots.why import WhyPlot
from rnnviz.gui.views.score_painting import paint_score
from rnnviz.gui.views.series import Series
from rnnviz.gui.views.tracks import TRACKS, Context, Track
from rnnviz.probes import Trace, moment_of, spectrum_of
from rnnviz.text import Passage
from rnnviz.training import Course, Experiment, ScalarLog, lane_titles, parameter_counts, trace_request

WORDS = "words"
"""The track that says which column is which word stands above every other one."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is drawn: networks, the passage, and what was noted while they learned."""

    experiment: Experiment
    passage: Passage
    logs: Sequence[ScalarLog]  # one a lane
    course: Course


def view_painter(view: str, subject: Subject, theme: Theme, size: QSize) -> Paint:
    """What paints the view of a name."""
    experiment, logs = subject.experiment, subject.logs
    kinds = {kind.name: kind for kind in PLOTS}
    tracks = {track.name: track for track in TRACKS}
    needs = kinds[view].needs if view in kinds else tracks[view].needs
    request = trace_request(experiment.corpus, subject.passage, needs)
    assert request is not None, "a picture's passage is never empty"
    traces = experiment.trace(request)
    cursor = cursor_of(traces[0])
    context = Context(training_window=experiment.settings.experiment.window)
    rect = QRect(QPoint(0, 0), size)

    def plot_of(lane: int) -> Plot:
        plot = kinds[view]()
        plot.set_theme(theme)
        layer = min(cursor.layer, traces[lane].layers - 1)
        inner = dataclasses.replace(cursor, layer=layer)
        plot.show_moment(traces[lane], inner, _series(subject, lane, traces[lane]))
        if isinstance(plot, WhyPlot):
            plot.set_equations(experiment.equations_of(lane))
        return plot

    if experiment.settings.is_race:
        lanes = _lanes(experiment, traces, logs)
        if view in OVER_EACH_OTHER:
            series = tuple(_series(subject, lane, trace) for lane, trace in enumerate(traces))
            comparison = dataclasses.replace(comparison_of(experiment), series=series)
            return lambda painter: paint_curves_together(
                painter, size, lanes, cursor, theme, view, comparison
            )
        if view in kinds:
            plots = {lane: plot_of(lane) for lane, one in enumerate(lanes) if not one.failure}
            for plot in plots.values():
                plot.refresh()
                plot.beside = tuple(plots.values())
            return lambda painter: paint_lane_plots(painter, QRectF(rect), lanes, theme, plots.__getitem__)
        return lambda painter: paint_lane_tracks(
            painter, QRectF(rect), lanes, cursor, theme, tracks[view], context
        )
    if view in kinds:
        return lambda painter: paint_plot(painter, plot_of(0), theme, size)
    return lambda painter: _paint_track(painter, rect, traces[0], cursor, theme, tracks[view], context)


def _paint_track(
    painter: QPainter,
    rect: QRect,
    trace: Trace,
    cursor: CursorState,
    theme: Theme,
    track: Track,
    context: Context,
) -> None:
    """A track under its words."""
    painter.fillRect(rect, QColor(theme.ground))
    tracks = [one for one in TRACKS if one.name == WORDS or one is track]
    paint_score(painter, QRectF(rect), trace, cursor, theme, tracks, context)


def cursor_of(trace: Trace) -> CursorState:
    """The cursor as it stands when a passage is new."""
    cursor = Cursor()
    cursor.fit(trace.length, trace.layers, trace.last_target_step)
    cursor.rewind()
    cursor.fit(trace.length, trace.layers, trace.last_target_step)
    return cursor.state


def _lanes(
    experiment: Experiment, traces: Sequence[Trace], logs: Sequence[ScalarLog]
) -> tuple[LaneShown, ...]:
    settings = experiment.settings
    counts = parameter_counts(settings, len(experiment.corpus.vocabulary))
    shown = []
    for lane, title, trace, log, count in zip(
        experiment.lanes, lane_titles(settings), traces, logs, counts, strict=True
    ):
        losses, validations = log.since(0)["loss"], log.validations
        shown.append(
            LaneShown(
                title=title,
                trace=trace,
                loss=float(losses[-1]) if len(losses) else math.nan,
                accuracy=validations[-1].accuracy if validations else math.nan,
                parameters=count,
                failure="" if lane.failure is None else lane.failure.cause,
            )
        )
    return tuple(shown)


def _series(subject: Subject, lane: int, trace: Trace) -> Series:
    """The curves of one lane, whose trace is drawn."""
    log, corpus = subject.logs[lane], subject.experiment.corpus
    columns, validations = log.since(0), log.validations
    spectra, present = subject.course.spectra(lane), spectrum_of(trace)
    if present is not None and all(one.step != present.step for one in spectra):
        spectra = (*spectra, present)
    moments = subject.course.moments(lane)
    if all(one.step != trace.step for one in moments):
        moments = (*moments, moment_of(trace))
    radii = [one for one in spectra if math.isfinite(one.spectral_radius[-1])]
    guessing, unit = math.log(len(corpus.vocabulary)), f"nats per {trace.token_kind}"
    if corpus.task is not None and subject.experiment.settings.experiment.loss == "marked":
        guessing, unit = -math.log(corpus.task.chance), "nats per answer"
    return Series(
        step=columns["step"],
        loss=columns["loss"],
        grad_norm=columns["grad_norm"],
        clip_factor=columns["clip_factor"],
        tokens_per_s=columns["tokens_per_s"],
        accuracy=columns["accuracy"],
        valid_step=np.array([v.step for v in validations], dtype=np.float64),
        valid_loss=np.array([v.loss for v in validations]),
        valid_accuracy=np.array([v.accuracy for v in validations]),
        radius_step=np.array([float(one.step) for one in radii]),
        radius=np.array([float(one.spectral_radius[-1]) for one in radii]),
        moments=moments,
        spectra=spectra,
        guessing=guessing,
        chance=math.nan if corpus.task is None else corpus.task.chance,
        unit=unit,
    )
