"""Choosing a memory task: which one, and how far back its answer lies."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.fields import Choice
from rnnviz.gui.controls.labels import label
from rnnviz.gui.controls.slider import Slider
from rnnviz.gui.theme import SIZE_SMALL, Theme
from rnnviz.text import TASK_KINDS, Task

if TYPE_CHECKING:  # the window opens its dialog; only its type is needed here
    from rnnviz.gui.window import MainWindow

LONGEST = 100
"""Time steps: further than any plain network learns, and a passage that the score can still show."""
USUAL_DISTANCE = 10
WIDTH = 440


class TaskDialog(QDialog):
    """The kind of task and a slider for its distance, with an example of what comes of it."""

    chosen = Signal(object)  # Task
    comparison_wanted = Signal(str)  # the kind of task

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Memory task")
        self.setFixedWidth(WIDTH)
        self.kind = Choice(theme)
        self.kind.setAccessibleName("Task")
        for name in TASK_KINDS:
            self.kind.addItem(name.capitalize(), name)
        self.distance = Slider(theme)
        self.distance.setAccessibleName("Distance in time steps")
        self.distance.setPageStep(10)
        self.asks, self.example = label("", "quiet"), label("", "ink", SIZE_SMALL)
        self.figure = label("", "strong")
        for text in (self.asks, self.example):
            text.setWordWrap(True)
        self.open_button = Button("Open", theme, role="primary", tip="Generate the text and open it")
        self.cancel_button = Button("Cancel", theme)
        self.compare_button = Button(
            "Compare cells over distances…", theme, tip="Train several cells on this task, in the background"
        )
        self.open_button.setDefault(True)
        self._lay_out()
        self.kind.currentIndexChanged.connect(lambda _: self._show_kind())
        self.distance.valueChanged.connect(lambda _: self._show_task())
        self.open_button.clicked.connect(self.accept)
        self.cancel_button.clicked.connect(self.reject)
        self.compare_button.clicked.connect(self._compare)
        self.accepted.connect(lambda: self.chosen.emit(self.task))
        self._show_kind()
        self.distance.setValue(USUAL_DISTANCE)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addLayout(_row(label("Task"), self.kind))
        column.addWidget(self.asks)
        column.addLayout(_row(label("Distance"), self.distance, self.figure))
        column.addWidget(self.example)
        column.addSpacing(8)
        buttons = QHBoxLayout()
        buttons.addWidget(self.compare_button)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.open_button)
        column.addLayout(buttons)

    def _compare(self) -> None:
        self.comparison_wanted.emit(self.task.kind)
        self.reject()

    @property
    def task(self) -> Task:
        """What is chosen."""
        return Task(str(self.kind.currentData()), self.distance.value())

    def _show_kind(self) -> None:
        kind = TASK_KINDS[str(self.kind.currentData())]
        self.asks.setText(f"{kind.asks} Guessing is right in {100 / kind.choices:.0f} %.")
        self.distance.setRange(kind.shortest, LONGEST)
        self._show_task()

    def _show_task(self) -> None:
        task = self.task
        steps = "1 time step" if task.distance == 1 else f"{task.distance} time steps"
        self.figure.setText(steps)
        lines = Task(task.kind, task.distance, examples=1).lines()
        next(lines)
        self.example.setText(f"For example: {next(lines)}")
        self.example.setFixedHeight(self.example.heightForWidth(WIDTH - 32))


def choose_task(window: "MainWindow") -> TaskDialog:
    """Ask which memory task to open, without stopping anything meanwhile."""
    dialog = TaskDialog(window.theme, window)
    dialog.chosen.connect(window.opening.task)
    dialog.comparison_wanted.connect(window.pages.show_experiment)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    for widget in widgets:
        row.addWidget(widget, 1 if isinstance(widget, Slider | Choice) else 0)
    return row
