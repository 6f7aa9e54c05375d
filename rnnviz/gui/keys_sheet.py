"""The sheet "Keys and clicks": everything that keyboard and mouse can do, on one page beside the window."""

from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.labels import label
from rnnviz.gui.theme import SIZE_SMALL, SIZE_TEXT, Theme

if TYPE_CHECKING:  # the window opens its sheet; only its type is needed here
    from rnnviz.gui.window import MainWindow

Group: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]

TRAINING: Group = (
    "Training",
    (
        ("Space, Ctrl+T", "train, pause"),
        ("Ctrl+U", "one update"),
        ("Ctrl+M", "slow motion: one update in seven steps"),
        ("Ctrl+Backspace", "start over from the same first weights"),
        ("Ctrl+Shift+Backspace", "same start, but one thing changed"),
        ("Ctrl+E", "measure the validation loss now"),
        ("Ctrl+Right", "back from the history to live"),
    ),
)
LOOKING: Group = (
    "Looking",
    (
        ("Left, Right, Home, End", "the time step looked at"),
        ("Shift with these", "the word whose error is drawn"),
        ("Up, Down", "the layer in focus"),
        ("L, Ctrl+L", "linear or logarithmic"),
        ("+, −, 0", "zoom the time axis, or all of it"),
        ("1 to 4, Esc", "open a lane of a race, see all again"),
    ),
)
CAUSES: Group = (
    "Changing the cause",
    (
        ("Ctrl+I", "the panel: radius, gates, f′, units"),
        ("Ctrl+Z", "undo the change, or the new network"),
        ("Esc", "let the ghost of before go"),
    ),
)
TEXTS: Group = (
    "Texts and networks",
    (
        ("Ctrl+O, Ctrl+S", "open a text or a network, save"),
        ("Ctrl+K", "ask: watch a passage of your own"),
        ("Ctrl+F", "find in the text"),
        ("Ctrl+C, Ctrl+Shift+S", "copy or save the picture of a view"),
        ("Ctrl+Shift+N", "save the numbers of a view"),
        ("Ctrl+Shift+M", "a memory task"),
        ("Ctrl+Shift+E", "compare cells over distances"),
    ),
)
WINDOW: Group = (
    "Window",
    (
        ("Tab, Menu", "next control, what can be done there"),
        ("Ctrl+D, Ctrl+B", "light or dark, settings rail"),
        ("F11, Ctrl+Q", "full screen, quit"),
        ("F1, ?", "this sheet"),
    ),
)
CLICKS: Group = (
    "Mouse",
    (
        ("a column", "looks at that time step"),
        ("a green word", "draws that word's error"),
        ("all errors", "chooses the word and the step at once"),
        ("a candidate", "makes it the right answer"),
        ("a track's title", "folds it; dragged, moves it"),
        ("the line below a title", "dragged, makes the track taller"),
        ("a valve, dragged", "holds the gate; with Shift at every word"),
        ("a valve, double click", "lets it go"),
        ("right button", "swap a word, hold a gate, silence a unit, copy or save a picture"),
        ("wheel", "scrolls; with Ctrl it zooms"),
        ("the loss curve below", "goes back to any moment"),
        ("a file, dropped", "opens it"),
    ),
)
COLUMNS: tuple[tuple[Group, ...], ...] = ((TRAINING, LOOKING, CAUSES, WINDOW), (CLICKS, TEXTS))
"""As they stand beside each other."""
_KEY_WIDTH, _DOES_WIDTH = 152, 232


class KeysSheet(QDialog):
    """Stays beside the window while its keys are tried."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and clicks")
        self.close_button = Button("Close", theme, role="primary", tip="Close (Esc)")
        self.close_button.clicked.connect(self.close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 12, 20, 14)
        whole.setSpacing(10)
        row = QHBoxLayout()
        row.setSpacing(28)
        for groups in COLUMNS:
            row.addLayout(_column(groups))
        whole.addLayout(row)
        foot = QHBoxLayout()
        foot.addWidget(label("Every number under the mouse stands in the status line.", "quiet"), 1)
        foot.addWidget(self.close_button)
        whole.addLayout(foot)
        whole.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)


def _column(groups: tuple[Group, ...]) -> QGridLayout:
    """Groups below each other: what is pressed at the left, what it does at the right."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(3)
    at = 0
    for title, rows in groups:
        heading = label(title.upper(), "heading", SIZE_SMALL, bold=True)
        heading.setContentsMargins(0, 8 if at else 0, 0, 1)
        grid.addWidget(heading, at, 0, 1, 2)
        for key, does in rows:
            at += 1
            for place, text, bold, width in ((0, key, True, _KEY_WIDTH), (1, does, False, _DOES_WIDTH)):
                words = label(text, "ink", SIZE_TEXT, bold)
                words.setWordWrap(True)
                words.setFixedWidth(width)
                grid.addWidget(words, at, place, Qt.AlignmentFlag.AlignTop)
        at += 1
    grid.setRowStretch(at, 1)
    return grid


def show_keys(window: "MainWindow") -> KeysSheet:
    """Show the sheet, or bring it to the front where it is open already."""
    sheet = window.findChild(KeysSheet)
    if sheet is None:
        sheet = KeysSheet(window.theme, window)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    sheet.show()
    sheet.raise_()
    sheet.activateWindow()
    return sheet
