"""What a memory experiment compares: task, cells, distances, seeds, updates and settings, as a form."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from rnnviz.gui.controls.fields import Choice, Field
from rnnviz.gui.controls.labels import label
from rnnviz.gui.controls.setting_row import FIELD_WIDTH, SettingRow
from rnnviz.gui.controls.switch import Switch
from rnnviz.gui.theme import SIZE_SMALL, Theme
from rnnviz.text import TASK_KINDS
from rnnviz.training import (
    COMPARED,
    SETTINGS,
    USUAL,
    USUAL_FORGET_BIAS,
    CellChoice,
    MemoryPlan,
    SettingError,
    cells_to_compare,
)

WIDTH = 224
INDENT = 8
ROWS = ("hidden", "layers", "optimizer", "lr", "clip", "init", "spectral_radius", "forget_bias")
"""Settings that all networks of the experiment share."""
DISTANCES, SEEDS, UPDATES = "2, 5, 10, 20, 40", "3", "1,500"
MOST_SEEDS, MOST_DISTANCES = 100, 12


class ExperimentForm(QScrollArea):
    """Emits `changed` whenever something else is chosen; `plan` is what is chosen."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reviews = True
        self._chosen: dict[str, Any] = {}  # what the plan was made of
        self._plan: MemoryPlan | None = None
        self.setAccessibleName("What is compared")
        self.kind = Choice(theme)
        self.kind.setAccessibleName("Task")
        for name in TASK_KINDS:
            self.kind.addItem(name.capitalize(), name)
        self.cells: dict[CellChoice, Switch] = {}
        for cell in cells_to_compare():
            box = Switch(theme)
            box.setAccessibleName(cell.title)
            box.setChecked(cell in COMPARED)
            self.cells[cell] = box
        self.distances, self.seeds, self.updates = (Field() for _ in range(3))
        self.rows = {name: SettingRow(SETTINGS[name], theme) for name in ROWS}
        self.problem_label = label("", "failure", SIZE_SMALL)
        self.problem_label.setWordWrap(True)
        self._inside = QWidget()
        self._lay_out()
        self._connect()
        self.show_usual()

    def _lay_out(self) -> None:
        inside = self._inside
        inside.setProperty("panel", "plain")
        column = QVBoxLayout(inside)
        column.setContentsMargins(6, 10, 12, 10)
        column.setSpacing(2)
        _heading(column, "Task")
        column.addWidget(_indented(self.kind))
        _heading(column, "Cells")
        for cell, box in self.cells.items():
            name = label(cell.title)
            name.setBuddy(box)
            column.addWidget(_indented(name, box))
        _heading(column, "How far, how often")
        for title, field, wide in (
            ("Distances", self.distances, 0), ("Seeds", self.seeds, FIELD_WIDTH),
            ("Updates", self.updates, FIELD_WIDTH),
        ):  # fmt: skip
            field.setAccessibleName(title)
            if not wide:  # many distances need the whole width
                column.addWidget(_indented(label(title)))
                column.addWidget(_indented(field))
                continue
            field.setFixedWidth(wide)
            column.addWidget(_indented(label(title), field))
        _heading(column, "Every network")
        for setting in self.rows.values():
            column.addWidget(setting)
        self.problem_label.setContentsMargins(INDENT, 0, 0, 0)
        column.addWidget(self.problem_label)
        column.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedWidth(WIDTH)

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(lambda _: self._review())
        for box in self.cells.values():
            box.toggled.connect(lambda _: self._review())
        for field in (self.distances, self.seeds, self.updates):
            field.finished.connect(lambda _: self._review())
        for row in self.rows.values():
            row.settled.connect(lambda _: self._review())

    # What is chosen.

    def plan(self) -> MemoryPlan:
        """Raises ValueError (SettingError among them) with what to choose instead."""
        cells = tuple(cell for cell, box in self.cells.items() if box.isChecked())
        if not cells:
            raise ValueError("No cell is chosen: tick at least one.")
        given = {name: row.value() for name, row in self.rows.items()}
        if not any(cell.has_forget_bias for cell in cells):
            given.pop("forget_bias")
        chosen: dict[str, Any] = {
            "cells": cells,
            "distances": _whole_numbers(self.distances.text()),
            "seeds": _whole_number(self.seeds.text(), "seeds", MOST_SEEDS),
            "task": str(self.kind.currentData()),
            "steps": _whole_number(self.updates.text(), "updates", 1_000_000),
            "given": given,
        }
        if (
            chosen != self._chosen
        ):  # the plan is asked for at each piece of news: 3 ms, since it tries all runs
            self._plan, self._chosen = MemoryPlan(**chosen), chosen
        assert self._plan is not None
        return self._plan

    def show_plan(self, plan: MemoryPlan) -> None:
        """Show another choice."""
        with self._without_reviews():
            self.kind.setCurrentIndex(self.kind.findData(plan.task))
            for cell, box in self.cells.items():
                box.setChecked(cell in plan.cells)
            self.distances.settle(", ".join(map(str, plan.distances)))
            self.seeds.settle(str(plan.seeds))
            self.updates.settle(f"{plan.steps:,}")
            self._show_settings({**USUAL, "forget_bias": USUAL_FORGET_BIAS, **(plan.given or {})})
        self._review()

    def show_usual(self) -> None:
        """The choice to begin with."""
        with self._without_reviews():
            self.distances.settle(DISTANCES)
            self.seeds.settle(SEEDS)
            self.updates.settle(UPDATES)
            self._show_settings({**USUAL, "forget_bias": USUAL_FORGET_BIAS})
        self._review()

    def show_task(self, kind: str) -> None:
        """Choose another task, the rest as it is."""
        self.kind.setCurrentIndex(self.kind.findData(kind))

    def set_busy(self, busy: bool) -> None:
        """While it runs nothing can be chosen."""
        self._inside.setEnabled(not busy)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self.kind.set_theme(theme)
        for box in self.cells.values():
            box.set_theme(theme)
        for row in self.rows.values():
            row.set_theme(theme)

    def _show_settings(self, values: dict[str, Any]) -> None:
        for name, row in self.rows.items():
            row.show_value(values.get(name, SETTINGS[name].default), keep_edit=False)

    def problem(self) -> str:
        """Why what is chosen cannot be run; "" where it can."""
        try:
            self.plan()
        except ValueError as error:
            text = str(error)
            for setting in sorted(SETTINGS.values(), key=lambda s: -len(s.option)):
                text = text.replace(setting.option, setting.label)
            return text[0].upper() + text[1:]
        return ""

    @contextmanager
    def _without_reviews(self) -> Iterator[None]:
        """Many fields are set one after the other: the whole is looked at when all of them are."""
        self._reviews = False
        try:
            yield
        finally:
            self._reviews = True

    def _review(self) -> None:
        if not self._reviews:
            return
        self.problem_label.setText(self.problem())
        self.changed.emit()


def _indented(*widgets: QWidget) -> QWidget:
    """Widgets in a row, in line with the labels of the settings, which have room for a mark before them."""
    whole = QWidget()
    row = QHBoxLayout(whole)
    row.setContentsMargins(INDENT, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget, 1 if isinstance(widget, QLabel) or len(widgets) == 1 else 0)
    return whole


def _heading(column: QVBoxLayout, text: str) -> None:
    heading = label(text.upper(), "heading", SIZE_SMALL, bold=True)
    heading.setContentsMargins(INDENT, 6 if column.count() else 0, 0, 0)
    column.addWidget(heading)


def _whole_numbers(text: str) -> tuple[int, ...]:
    parts = [part for part in re.split(r"[,;\s]+", text.strip()) if part]
    if not parts or not all(part.isdecimal() for part in parts):
        raise SettingError("distances", "Distances are whole numbers with commas between them: 5, 10, 20.")
    numbers = tuple(sorted({int(part) for part in parts}))
    if len(numbers) > MOST_DISTANCES:
        raise SettingError("distances", f"At most {MOST_DISTANCES} distances fit into one picture.")
    return numbers


def _whole_number(text: str, name: str, most: int) -> int:
    digits = text.replace(",", "").strip()
    if not digits.isdecimal() or not 1 <= int(digits) <= most:
        raise SettingError(name, f"The number of {name} is a whole number from 1 to {most:,}.")
    return int(digits)
