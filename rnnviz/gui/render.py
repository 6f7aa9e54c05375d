"""Pictures in files: the real window, or one of its views, drawn where nobody looks.

The window is built as for a screen, adopts an experiment, is laid out at the size asked for and painted into
the file. Numbers that depend on the clock (tokens a second) are shown only where somebody measured them, so
that the same network gives the same picture.
"""

import math
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QPoint,
    QRectF,
    QSettings,
    QSize,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QFontDatabase

from rnnviz.gui.app import application
from rnnviz.gui.memory_shown import memory_shown
from rnnviz.gui.pictures import Paint, RenderError, png_of, save_picture, svg_of
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.run import Run
from rnnviz.gui.theme import THEMES
from rnnviz.gui.vector import window_svg
from rnnviz.gui.view_pictures import Subject, view_painter
from rnnviz.gui.views.sheet import paint_sheet
from rnnviz.gui.window import MainWindow
from rnnviz.training import Experiment, Frame, LaneProgress, MemoryResult, ScalarLog, Update
from rnnviz.uncollected import uncollected

ANSWER_PATIENCE_S = 60.0
SPEED_UPDATES = 50
"""The speed shown is the mean of so many updates."""
_UPDATE_COLUMNS = ("step", "loss", "grad_norm", "clip_factor", "tokens_per_s", "accuracy")
SETTLING_ROUNDS = 5
"""Layouts ask for further layouts: after so many rounds of events nothing moves any more."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Which view, where to, and how large."""

    view: str  # "window", or the name of a track or a plot
    out: Path  # .png or .svg
    width: int = 1280  # points
    height: int = 720
    scale: float = 1.0  # pixels a point
    theme: str = "light"

    @property
    def is_vector(self) -> bool:
        """Whether it is to be an SVG."""
        return self.out.suffix.lower() == ".svg"


def draw_memory(picture: Picture, results: Sequence[MemoryResult]) -> None:
    """Draw the results of a memory experiment. Raises RenderError."""
    before = qInstallMessageHandler(_pass_on)
    try:
        _ready_to_paint()
        shown, theme = memory_shown(results), THEMES[picture.theme]
        size = QSize(picture.width, picture.height)
        area = QRectF(0, 0, picture.width, picture.height)
        _write(picture, lambda painter: paint_sheet(painter, shown, area, theme), size)
    finally:
        qInstallMessageHandler(before)


def draw(picture: Picture, subject: Subject) -> None:
    """Draw one picture.

    Raises RenderError.
    """
    before = qInstallMessageHandler(_pass_on)
    try:
        with uncollected():  # no thread that reads or traces is to take widgets apart: see `collecting`
            _draw(picture, subject)
    finally:
        qInstallMessageHandler(before)


def _pass_on(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """What Qt has to say, but for what the offscreen platform says of every window."""
    if "propagateSizeHints" not in message:
        print(message, file=sys.stderr)


def _ready_to_paint() -> None:
    application()
    if not QFontDatabase.families():
        raise RenderError(
            "there are no fonts on this system, every letter would be a box: install some, for example "
            "`sudo apt install fonts-dejavu-core` (Debian, Ubuntu) or `sudo dnf install dejavu-sans-fonts` "
            "(Fedora)."
        )


def _draw(picture: Picture, subject: Subject) -> None:
    _ready_to_paint()
    if picture.view == "window":
        with TemporaryDirectory() as folder, _window(picture, Path(folder)) as window:
            _show_moment(window, subject)
            if picture.is_vector:
                save_picture(picture.out, window_svg(window))
            else:
                _write(picture, lambda painter: window.render(painter, QPoint(0, 0)), window.size())
        return
    size = QSize(picture.width, picture.height)
    _write(picture, view_painter(picture.view, subject, THEMES[picture.theme], size), size)


@contextmanager
def _window(picture: Picture, folder: Path) -> Iterator[MainWindow]:
    """A window without the user's preferences, at its size, closed in the end."""
    preferences = Preferences(QSettings(str(folder / "preferences.ini"), QSettings.Format.IniFormat))
    preferences.theme = picture.theme
    window = MainWindow(preferences)
    try:
        window.session.clock.stop()  # nothing is taken but what is asked for below
        least = window.minimumSize().expandedTo(window.minimumSizeHint())
        if picture.width < least.width() or picture.height < least.height():
            raise RenderError(
                f"--size {picture.width}x{picture.height} is too small for the window, which needs at least "
                f"{least.width()}x{least.height()} points; single views may be smaller."
            )
        window.resize(picture.width, picture.height)
        window.show()
        _settle()
        yield window
    finally:
        window.session.close()  # no thread may be left, whatever happened above
        window.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _settle() -> None:
    for _ in range(SETTLING_ROUNDS):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, 0)


def _show_moment(window: MainWindow, subject: Subject) -> None:
    """Give the window the experiment, and one frame of it with the numbers of the logs."""
    session, experiment, logs = window.session, subject.experiment, subject.logs
    session.adopt(experiment, subject.passage)
    run = session.run
    assert run is not None
    for log, into in zip(logs, run.trainer.logs, strict=True):
        _copy(log, into, experiment.tokens_per_update)
    frame = _with_numbers(_answer(run), experiment, logs)
    session.last_frame = frame
    run.history.course = subject.course
    run.history.append(frame)
    session.tick()
    session.frame_arrived.emit(frame)
    _settle()


def _copy(log: ScalarLog, into: ScalarLog, tokens_per_update: int) -> None:
    columns = log.since(0)
    rows = zip(*(columns[name].tolist() for name in _UPDATE_COLUMNS), strict=True)
    for step, loss, norm, factor, speed, right in rows:
        update = Update(int(step), loss, norm, factor, tokens_per_update, accuracy=right)
        into.append(update, speed)
    for validation in log.validations:
        into.append_validation(validation)


def _with_numbers(frame: Frame, experiment: Experiment, logs: Sequence[ScalarLog]) -> Frame:
    """The frame as it would have come in the midst of training, whose updates the logs have."""
    log = logs[next(iter(experiment.living), 0)]
    if not len(log):
        return frame
    lanes = tuple(_with_last(lane, of_lane) for lane, of_lane in zip(frame.lanes, logs, strict=True))
    columns, validations = log.since(0), log.validations
    speeds = columns["tokens_per_s"][-SPEED_UPDATES:]
    progress = replace(
        frame.progress,
        loss=float(columns["loss"][-1]),
        grad_norm=float(columns["grad_norm"][-1]),
        clip_factor=float(columns["clip_factor"][-1]),
        tokens_per_s=float(speeds.mean()),
        valid_loss=validations[-1].loss if validations else math.nan,
        valid_accuracy=validations[-1].accuracy if validations else math.nan,
    )
    return replace(frame, progress=progress, lanes=lanes)


def _with_last(lane: LaneProgress, log: ScalarLog) -> LaneProgress:
    """A lane's numbers after the updates that its log has."""
    columns, validations = log.since(0), log.validations
    return replace(
        lane,
        loss=float(columns["loss"][-1]) if len(log) else math.nan,
        clip_factor=float(columns["clip_factor"][-1]) if len(log) else math.nan,
        valid_loss=validations[-1].loss if validations else math.nan,
        valid_accuracy=validations[-1].accuracy if validations else math.nan,
    )


def _answer(run: Run) -> Frame:
    """Wait for the training thread's answer to the window's request."""
    deadline = time.monotonic() + ANSWER_PATIENCE_S
    while time.monotonic() < deadline:
        frame = run.trainer.mailbox.take()
        if frame is not None:
            return frame
        time.sleep(0.002)
    raise RenderError(
        "the network did not answer within a minute: choose a smaller one, or a shorter passage."
    )


def _write(picture: Picture, paint: Paint, size: QSize) -> None:
    """Paint into the file. Raises RenderError."""
    data = svg_of(paint, size) if picture.is_vector else png_of(paint, size, picture.scale)
    save_picture(picture.out, data)
