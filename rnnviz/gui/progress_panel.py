"""Keeps the status line and the training curves up to the run: how far it is and how it goes."""

from math import isfinite
from typing import get_args

from PySide6.QtCore import QObject

from rnnviz.gui.controls import Progress, StatusLine
from rnnviz.gui.controls.status import RunState
from rnnviz.gui.run import Run
from rnnviz.gui.series_reader import SeriesReader
from rnnviz.gui.session import Session
from rnnviz.gui.views.series import Series
from rnnviz.training import NewestNumbers

_STATE_OF_LINE: dict[str, RunState] = {
    "idle": "empty",
    "ready": "ready",
    "running": "training",
    "paused": "paused",
    "failed": "stopped",
    "closed": "paused",
}
assert set(_STATE_OF_LINE.values()) <= set(get_args(RunState))

SHOWN_EVERY = 6
"""Frames between two looks at the log while training: curves ten times a second are live enough."""


def told_lane(session: Session) -> int:
    """The lane whose numbers stand for the run: the one looked at, or else the first that learns."""
    if session.lane is not None:
        return session.lane
    lanes = session.last_frame.lanes if session.last_frame is not None else ()
    return next((number for number, lane in enumerate(lanes) if lane.failure is None), 0)


class ProgressPanel(QObject):
    """Reads the session, tells the status line."""

    def __init__(self, session: Session, line: StatusLine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._line = line
        self._reader = SeriesReader()
        self._lane = 0  # whose log is read
        self._countdown = 0
        self._series = self._reader.read()

    @property
    def series(self) -> Series:
        """The numbers of every update, as they were at the last look."""
        return self._series

    def show_run(self, run: Run) -> None:
        """Another run, or another lane of it: begin its curves."""
        self._lane = told_lane(self._session)
        self._reader.follow(run, self._lane)
        self._countdown = 0

    def refresh(self, at_once: bool = False) -> None:
        """Bring the line up to what the session shows."""
        session = self._session
        if session.run is None:
            self._line.show_progress(Progress(state=_STATE_OF_LINE[session.state]))
            return
        self._countdown -= 1
        if at_once or self._countdown <= 0 or session.state != "running":
            self._countdown = SHOWN_EVERY
            self._look()

    def show_numbers(self, numbers: NewestNumbers) -> None:
        """Sixty times a second: how far it is, and the newest loss. Nothing else of the line has changed."""
        if self._session.moment is None:
            self._line.show_numbers(numbers.step, numbers.loss_of(self._lane))

    def _look(self) -> None:
        session, run = self._session, self._session.run
        assert run is not None
        lane = told_lane(session)
        if lane != self._lane:  # the one before dropped out of the race
            self.show_run(run)
        self._series = series = self._reader.read()
        live = session.last_frame
        shown = session.shown_frame
        newest = session.newest
        step = run.experiment.step if newest is None else newest.step
        corpus = run.experiment.corpus
        own = shown.lanes[lane] if shown else None
        loss, valid_loss = (own.loss, own.valid_loss) if own else (None, None)
        if session.moment is None:  # the log knows more than the newest frame, of a run taken up again too
            loss = float(series.loss[-1]) if len(series.loss) else loss
            valid_loss = float(series.valid_loss[-1]) if len(series.valid_loss) else valid_loss
            if newest is not None and isfinite(newest.loss_of(lane)):
                loss = newest.loss_of(lane)
        self._line.show_curve(series.step, series.loss)
        self._line.show_history(run.history.steps, step)
        self._line.show_progress(
            Progress(
                state=_STATE_OF_LINE[session.state],
                live_step=step,
                step=session.moment,
                loss=loss,
                valid_loss=valid_loss,
                tokens_per_s=live.progress.tokens_per_s if live and session.state == "running" else None,
                unit="words" if corpus.tokenizer.name == "word" else "characters",
                file_name=corpus.name,
                clip_factor=own.clip_factor if own else None,
                lane=lane + 1 if run.experiment.settings.is_race else None,
                lane_title=own.title if own else "",
            )
        )
