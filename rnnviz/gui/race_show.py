"""A race as the window runs it: its menu, which lanes are shown, and which one is looked at alone."""

import dataclasses
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from rnnviz.gui.controls import LaneBar
from rnnviz.gui.cursor import CursorState
from rnnviz.gui.run import Message, Run
from rnnviz.gui.series_reader import SeriesReader
from rnnviz.gui.session import Session
from rnnviz.gui.theme import Theme
from rnnviz.gui.views.ghost import Ghost
from rnnviz.gui.views.lanes import Comparison, LaneShown
from rnnviz.gui.views.race import RaceView
from rnnviz.gui.views.race_inspector import RaceInspector
from rnnviz.training import (
    MATCHES,
    MOST_LANES,
    SETTINGS,
    Experiment,
    Frame,
    LaneSettings,
    Match,
    NewestNumbers,
    RunSettings,
    SettingError,
    classic_four,
    lane_titles,
    matched,
    parameter_counts,
)

SHOWN_EVERY = 6
"""Frames between two looks at the logs while training."""
_MATCH_TITLES: dict[Match, str] = {
    "hidden": "As many &units in every lane",
    "parameters": "As many &parameters in every lane",
}


class RaceShow(QObject):
    """Shows a race instead of the score while no lane is opened, and the lanes as buttons while one is."""

    lane_changed = Signal()
    same_start_wanted = Signal()
    repeats_wanted = Signal()

    def __init__(self, session: Session, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.view, self.inspector, self.bar = (
            RaceView(theme=theme),
            RaceInspector(theme=theme),
            LaneBar(theme),
        )
        self.menu = QMenu(parent)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self.fill_menu)
        self._readers: tuple[SeriesReader, ...] = ()
        self._comparison = Comparison((), (), ())
        self._countdown = 0
        self._shown: tuple[Sequence[LaneShown], CursorState] | None = None
        for widget in (self.view, self.inspector, self.bar):
            widget.hide()
        self.view.lane_opened.connect(self.open_lane)
        self.bar.lane_chosen.connect(self.open_lane)
        self.fill_menu()

    @property
    def is_race(self) -> bool:
        """Whether several networks learn side by side."""
        run = self._session.run
        return run is not None and run.experiment.settings.is_race

    @property
    def is_shown(self) -> bool:
        """Whether the lanes stand beside each other now."""
        return self.is_race and self._session.lane is None

    def whose_settings(self) -> str:
        """Which lane the settings that are shown belong to, and which a change reaches; "" without a race."""
        run = self._session.run
        if run is None or not self.is_race:
            return ""
        settings, lane = run.experiment.settings, self._session.lane
        title = lane_titles(settings)[lane or 0]
        if lane is not None:
            return f"of lane {lane + 1}, {title}"
        return f"shown: lane 1, {title}; a change goes to all {len(settings.lanes)} lanes"

    def open_lane(self, lane: int | None) -> None:
        """Look at one lane alone, or at all of them again."""
        run = self._session.run
        if run is None or not self.is_race or lane == self._session.lane:
            return
        self._session.lane = lane
        self.lane_changed.emit()
        self._session.request_trace()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        for part in (self.view, self.inspector, self.bar):
            part.set_theme(theme)

    # -- the menu ---------------------------------------------------------------------------------------

    def fill_menu(self) -> None:
        """What can be raced from where the run stands; its actions change with it."""
        self.menu.clear()
        self._add("&Four cells: tanh RNN, sigmoid RNN, LSTM, GRU", self.race_four)
        self._add("&Same start, but…", self.same_start_wanted.emit, self._why_no_same_start())
        self._add("&Add a lane like this one", self.add_lane, self._why_no_lane())
        self.menu.addSeparator()
        alone = "" if self.is_race else "There is one network only."
        for match in MATCHES:
            self._add(_MATCH_TITLES[match], partial(self.match, match), alone)
        self.menu.addSeparator()
        run = self._session.run
        trained = run is not None and run.experiment.step > 0
        self._add("&Repeat with 5 seeds…", self.repeats_wanted.emit, "" if trained else "Train first.")
        self._add("&Back to one network", self.one_lane, alone)

    def _add(self, text: str, run: object, reason: str = "") -> None:
        action = QAction(text, self.menu)
        action.setEnabled(not reason)
        action.setToolTip(reason)
        assert callable(run)
        action.triggered.connect(lambda _checked=False: run())
        self.menu.addAction(action)

    def _why_no_same_start(self) -> str:
        return "" if self._session.run is not None else "No text is open yet."

    def _why_no_lane(self) -> str:
        full = len(self._session.settings.lanes) >= MOST_LANES
        return f"A race has at most {MOST_LANES} lanes." if full else ""

    def race_four(self) -> None:
        """The classic four, in everything else like the lane that is shown."""
        settings = self._session.settings
        self._build(classic_four(settings.of_lane(self._session.lane or 0)))

    def add_lane(self) -> None:
        """One more lane with the settings of the one that is shown: open it and change it in the rail."""
        settings = self._session.settings
        if not self._why_no_lane():
            self._build(settings.with_lanes([*settings.lanes, settings.lanes[self._session.lane or 0]]))

    def match(self, match: Match) -> None:
        """Give all lanes as many units, or parameters, as the first has."""
        run = self._session.run
        if run is not None:
            self._build(matched(self._session.settings, len(run.experiment.corpus.vocabulary), match))

    def one_lane(self) -> None:
        """The lane that is shown, or the first, alone."""
        self._build(self._session.settings.of_lane(self._session.lane or 0))

    def _build(self, settings: RunSettings) -> None:
        try:
            self._session.build(settings)
        except SettingError as error:
            self._session.message.emit(Message(str(error), severity="warning"))

    # -- what is shown ----------------------------------------------------------------------------------

    def show_run(self, run: Run) -> None:
        """Another run: begin its curves, say what its lanes have in common."""
        experiment = run.experiment
        self._readers = tuple(SeriesReader() for _ in experiment.lanes)
        for lane, reader in enumerate(self._readers):
            reader.follow(run, lane)
        self._countdown = 0
        self.view.set_training_window(experiment.settings.experiment.window)
        self._comparison = comparison_of(experiment)

    def show_moment(
        self, frame: Frame | None, cursor: CursorState, ghosts: Sequence[Ghost | None] = ()
    ) -> None:
        """Bring the lanes up to a frame, under the present cursor; the plots beside them by `show_beside`."""
        race, alone = self.is_shown, self.is_race and self._session.lane is not None
        self.bar.setVisible(alone)
        self._shown = None  # what was shown of another run has other lanes
        if frame is None or not self.is_race:
            self.view.show_moment((), cursor)
            return
        if alone:
            notes = [lane.failure.cause if lane.failure else "" for lane in frame.lanes]
            self.bar.show_lanes([lane.title for lane in frame.lanes], self._session.lane or 0, notes)
        if race:
            self._shown = lanes_shown(frame, ghosts), cursor
            self.view.show_moment(*self._shown)
            if self._session.newest is not None:  # newer than any frame
                self.show_numbers(self._session.newest)
            self._read_logs()

    def show_numbers(self, numbers: NewestNumbers) -> None:
        """Bring the losses up to now, between two pictures."""
        if self._shown is not None and self._session.moment is None:
            self.view.show_losses(numbers.losses)

    def show_beside(self) -> None:
        """Bring the plots beside the lanes up to what the lanes show."""
        if self._shown is not None:
            self.inspector.show_moment(*self._shown, self._comparison)

    def _read_logs(self) -> None:
        self._countdown -= 1
        if self._countdown <= 0 or self._session.state != "running":
            self._countdown = SHOWN_EVERY
            series = tuple(reader.read() for reader in self._readers)
            frame = self._session.last_frame  # the series are of now, whichever moment is shown
            lanes = () if frame is None else frame.lanes
            dropped = frozenset(number for number, lane in enumerate(lanes) if lane.failure is not None)
            self._comparison = dataclasses.replace(self._comparison, series=series, dropped=dropped)


def lanes_shown(frame: Frame, ghosts: Sequence[Ghost | None] = ()) -> tuple[LaneShown, ...]:
    """The lanes of a frame as the views want them; `ghosts`, one a lane or none at all."""
    ghosts = ghosts or [None] * len(frame.lanes)
    return tuple(
        LaneShown(
            title=lane.title,
            trace=trace,
            loss=lane.loss,
            accuracy=lane.valid_accuracy,
            parameters=lane.parameters,
            failure="" if lane.failure is None else lane.failure.cause,
            ghost=ghost,
        )
        for lane, trace, ghost in zip(frame.lanes, frame.traces, ghosts, strict=True)
    )


def comparison_of(experiment: Experiment) -> Comparison:
    """What the lanes of a race have in common and what not; without the numbers of their updates."""
    settings, corpus = experiment.settings, experiment.corpus
    same, different = what_was_the_same(settings)
    counts = parameter_counts(settings, len(corpus.vocabulary))
    rows = [
        f"{number}  {', '.join([values[0], f'{count:,} parameters', *values[1:]])}"
        for number, (count, values) in enumerate(zip(counts, different.values, strict=True), 1)
    ]
    named = ["parameters", *different.names] if len(set(counts)) > 1 else list(different.names)
    head = f"not the same: {', '.join(named)}" if named else "nothing was different"
    return Comparison((corpus.name, *same), (head, *rows), ())


@dataclasses.dataclass(frozen=True, slots=True)
class Differences:
    """The settings in which lanes differ, and each lane's values in words."""

    names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]


_OFTEN_WITHOUT = frozenset({"forget_bias", "spectral_radius", "vectors_frozen"})
"""Settings whose 0 also means that a lane has nothing of the kind."""


def what_was_the_same(settings: RunSettings) -> tuple[tuple[str, ...], Differences]:
    """The choices that all lanes share, in words, and those in which they differ."""
    shared = settings.experiment
    same = [f"seed {shared.seed}", f"batches of {shared.batch} × {shared.window}"]
    names, values = [], [[title] for title in lane_titles(settings)]
    for field in dataclasses.fields(LaneSettings):
        if field.name in ("cell", "activation", "dtype"):
            continue  # the titles say them
        found = [getattr(lane, field.name) for lane in settings.lanes]
        label = SETTINGS[field.name].label.lower()
        if len(set(found)) == 1:
            if field.name in ("hidden", "layers", "embedding", "optimizer", "lr", "clip", "init"):
                same.append(_in_words(field.name, label, found[0]))
            continue
        names.append(label)
        for row, value in zip(values, found, strict=True):
            if value or field.name not in _OFTEN_WITHOUT:
                row.append(_in_words(field.name, label, value))
    return tuple(same), Differences(tuple(names), tuple(tuple(row) for row in values))


def _in_words(name: str, label: str, value: object) -> str:
    if name == "embedding" and not value:
        return "one-hot input"
    if name == "optimizer":
        return str(value)  # its name says what it is
    return f"{label} {SETTINGS[name].in_words(value)}"
