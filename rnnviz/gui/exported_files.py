"""A view that was taken as a file: a picture with a line that says what it shows and when, or its numbers."""

import errno
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, QSize
from PySide6.QtGui import QImage, QPainter

from rnnviz.gui.exported_views import PICTURE_SCALE, WINDOW, Taken, View
from rnnviz.gui.pictures import as_png, image_of, pdf_of, svg_of
from rnnviz.gui.theme import color
from rnnviz.gui.views.plots import Plot
from rnnviz.gui.views.race_inspector import RaceInspector
from rnnviz.gui.views.tracks import lettering
from rnnviz.gui.views.tracks.lettering import SMALL, baseline, wrapped
from rnnviz.probes import npz_of
from rnnviz.training import whole_file

if TYPE_CHECKING:  # the window's menu leads here; only its type is needed
    from rnnviz.gui.window import MainWindow

PICTURES = {".png": "Picture", ".svg": "Drawing", ".pdf": "Page"}
NUMBERS = {".csv": "Table", ".npz": "Arrays"}
CAPTION_LINE, CAPTION_MARGIN, CAPTION_INDENT = 15, 4, 15.0
MOST_CAPTION_LINES = 4
LEAST_SIZE = QSize(320, 60)
LONGEST_NAME = 60
"""Characters of the text's name in that of a file."""


class NotWrittenError(Exception):
    """A file could not be written; `remedy` says what to do."""

    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text)
        self.remedy = remedy


class Export:
    """One view, taken now: later files of it show this moment, whatever the window shows by then."""

    def __init__(self, window: "MainWindow", view: View, kinds: Collection[str] = ()) -> None:
        """Take it for files of some suffixes, or none for the clipboard alone. Raises RenderError."""
        self._view, self._theme = view, window.theme
        self.caption = caption_of(window, view)
        self._ground = self._theme.ground
        if isinstance(view.widget, Plot | RaceInspector):
            self._ground = self._theme.panel
        if isinstance(view.widget, Plot) and self.caption:
            self.caption = f"{view.widget.title} · {self.caption}"  # which stands on its tab only
        self.name = name_of(window, view)
        self._taken: Taken = view.take()
        self._files = view.files() if set(kinds) & set(PICTURES) else {}

    @property
    def has_arrays(self) -> bool:
        """Whether there are arrays for an `.npz`."""
        return self._taken.arrays is not None

    def image(self) -> QImage:
        """The picture for the clipboard. Raises RenderError."""
        if self._taken.image is not None:
            return self._taken.image
        paint, size = self._painted()
        return image_of(paint, size, PICTURE_SCALE)

    def content(self, suffix: str) -> bytes:
        """What a file of that suffix holds. Raises RenderError."""
        if suffix in self._files:
            return self._files[suffix]
        if suffix == ".csv":
            return self._taken.csv().encode()
        if suffix == ".npz":
            assert self._taken.arrays is not None, "not offered where there are none"
            return npz_of(self._taken.arrays())
        if suffix == ".png":
            return as_png(self.image())
        paint, size = self._painted()
        return svg_of(paint, size) if suffix == ".svg" else pdf_of(paint, size)

    def _painted(self) -> tuple[Callable[[QPainter], None], QSize]:
        """What paints the view with its caption below, and the size of both; the window needs no caption."""
        view, theme, size = self._view, self._theme, self._view.size.expandedTo(LEAST_SIZE)
        text = "" if view.key == WINDOW else self.caption
        lines = wrapped(text, size.width() - 2 * CAPTION_INDENT, SMALL) if text else []
        if len(lines) > MOST_CAPTION_LINES:
            lines = [*lines[: MOST_CAPTION_LINES - 1], f"{lines[MOST_CAPTION_LINES - 1]} …"]
        below = CAPTION_LINE * len(lines) + 2 * CAPTION_MARGIN if lines else 0
        whole = QSize(size.width(), size.height() + below)

        def paint(painter: QPainter) -> None:
            painter.fillRect(QRect(QPoint(0, 0), whole), color(self._ground))
            painter.save()
            self._taken.paint(painter, QRectF(QRect(QPoint(0, 0), size)))
            painter.restore()
            for row, line in enumerate(lines):
                top = size.height() + CAPTION_MARGIN + row * CAPTION_LINE
                y = baseline(top, CAPTION_LINE, SMALL)
                lettering.write(painter, line, CAPTION_INDENT, y, SMALL, theme.quiet)

        return paint, whole


def caption_of(window: "MainWindow", view: View) -> str:
    """Of which text and network, when, and the passage; "" for a page of results, which says so itself."""
    run, frame = window.session.run, window.session.shown_frame
    if run is None or frame is None or window.pages.shown is not None:
        return ""
    lane = window.session.lane if view.lane is None else view.lane
    alone = 0 if len(frame.lanes) == 1 else lane
    network = f"{len(frame.lanes)} networks" if alone is None else frame.lanes[alone].title
    record = window.slow_motion.shown_record
    traces = frame.traces if alone is None else [frame.traces[alone]]
    trace = max(traces, key=lambda trace: trace.step)  # that of a lane which dropped out stays behind
    step = trace.step if record is None else record.before.step
    when = "untrained" if step == 0 else f"after {step:,} update{'' if step == 1 else 's'}"
    passage = run.experiment.corpus.tokenizer.join([str(word) for word in trace.words])
    watched = f"“{' '.join(passage.split())}”" if record is None else "one update in slow motion"
    return " · ".join([run.experiment.corpus.name, network, when, watched])


def name_of(window: "MainWindow", view: View) -> str:
    """The name of a file without its suffix: view, text, update."""
    run, frame = window.session.run, window.session.shown_frame
    parts = [view.key]
    if run is not None and frame is not None and window.pages.shown is None:
        parts += [Path(run.experiment.corpus.name).stem[:LONGEST_NAME], f"update {frame.step}"]
    return re.sub(r"[^\w]+", "-", " ".join(parts)).strip("-")


def write(path: Path, content: bytes) -> None:
    """Put a file in its place whole, or leave what stood there. Raises NotWrittenError."""
    try:
        whole_file.write_whole(path, [content])
    except OSError as error:
        raise _trouble(path, error) from error


def _trouble(path: Path, error: OSError) -> NotWrittenError:
    reason = error.strerror or str(error)
    if isinstance(error, whole_file.Unconfirmed):
        text = f"{path.name} is written, but the disk has not confirmed it ({reason})."
        return NotWrittenError(text, "Save it once more to another disk, and look after this one.")
    text, remedy = f"{path.name} was not saved ({reason}).", "Choose another place."
    if not path.parent.is_dir():
        text, remedy = f"There is no folder {path.parent} to save to.", "Make it, or choose another."
    elif isinstance(error, IsADirectoryError):
        remedy = f"{path} is a folder or a device: name a file."
    elif isinstance(error, PermissionError) or error.errno == errno.EROFS:
        remedy = f"You are not allowed to write in {path.parent}: choose another folder."
    elif error.errno in (errno.ENOSPC, errno.EDQUOT):
        remedy = "Delete what you do not need there, or choose another disk."
    return NotWrittenError(text, remedy)
