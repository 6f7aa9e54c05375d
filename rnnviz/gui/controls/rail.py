"""The settings rail, made from the table of settings: some act at once, the others wait under Apply."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.labels import label
from rnnviz.gui.controls.pending_bar import PendingBar
from rnnviz.gui.controls.setting_row import SettingRow
from rnnviz.gui.controls.stylesheet import SCROLL_BAR_WIDTH
from rnnviz.gui.theme import SIZE_SMALL, Theme
from rnnviz.text import Coverage
from rnnviz.training import WORKERS
from rnnviz.training.settings import SETTINGS, RunSettings, SettingError, without_meaning

WIDTH, FOLDED_WIDTH = 170, 26
_RIGHT_MARGIN = 9
_FOLD, _UNFOLD = "Fold the settings away", "Show the settings"
ADVANCED = (
    "vectors_frozen", "lowercase", "valid_fraction", "spectral_radius", "forget_bias", "dropout", "reset",
    "loss", "dtype",
)  # fmt: skip
"""Settings under More."""


@dataclass(frozen=True, slots=True)
class RailFacts:
    """What came of the settings: None where it is not known."""

    rare_share: float | None = None  # share of the text that is the unknown token
    unit: str = "words"  # what a token is, in the plural
    parameters: int | None = None  # that are learned
    frozen: int = 0  # that are not
    coverage: Coverage | None = None  # of the word vectors that the network started from
    whose: str = ""  # of a race: which lane the values are of, and whom a change concerns


class Rail(QWidget):
    """Emits changes; is told the settings of the run and what came of them."""

    changed_now = Signal(str, object)  # name, value of a setting that acts at once
    applied = Signal(dict)  # name -> value of those that need a new network
    workers_changed = Signal(int)  # no setting of the network: it acts at once and is in no checkpoint
    undo_clicked = Signal()
    folded = Signal(bool)
    released = Signal()  # the keyboard may go back to the score

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Settings")
        self._settings = RunSettings()
        self._folded = False
        self._problems: dict[str, str] = {}  # said by the session about the values now in the fields
        self.rows: dict[str, SettingRow] = {}
        self.rare_label = label("", "quiet", SIZE_SMALL)
        self.parameters_label = label("", "quiet", SIZE_SMALL)
        self.coverage_label = label("", "quiet", SIZE_SMALL)
        self.whose_label = label("", "quiet", SIZE_SMALL)
        self.whose_label.setContentsMargins(8, 0, 0, 3)
        for facts in (self.parameters_label, self.coverage_label, self.whose_label):
            facts.setWordWrap(True)
        self.coverage_label.setContentsMargins(8, 0, 0, 2)
        self.fold_button = Button("", theme, role="bare", symbol="fold", name=_FOLD, tip=_FOLD)
        self.more_button = Button("More", theme, role="bare", symbol="right", name="More settings")
        self.more_button.setCheckable(True)
        self._more = QWidget()
        self.workers_row = SettingRow(WORKERS, theme)
        self._scroll = QScrollArea()
        self.pending_bar = PendingBar(theme)
        self._lay_out(theme)
        self._connect()
        self.show_settings(self._settings)
        self.show_facts(RailFacts())

    def _lay_out(self, theme: Theme) -> None:
        inside = QWidget()
        inside.setProperty("panel", "plain")
        column = QVBoxLayout(inside)
        column.setContentsMargins(6, 8, _RIGHT_MARGIN, 8)
        column.setSpacing(0)
        for group, facts in (("Text", self.rare_label), ("Cell", self.parameters_label), ("Training", None),
                             ("What if", None)):  # fmt: skip
            names = [s.name for s in SETTINGS.values() if s.group == group and s.name not in ADVANCED]
            if names:
                self._add_group(column, group, names, theme)
            if facts is not None:
                facts.setContentsMargins(8, 0, 0, 2)
                column.addWidget(facts)
        column.addSpacing(6)
        column.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
        more = QVBoxLayout(self._more)
        more.setContentsMargins(0, 0, 0, 0)
        more.setSpacing(0)
        for name in ADVANCED:
            more.addWidget(self._add_row(name, theme))
        self.workers_row.settled.connect(lambda _: self._settle_workers())
        self.workers_row.released.connect(self.released)
        more.addWidget(self.workers_row)
        self._more.setVisible(False)
        column.addWidget(self._more)
        column.addStretch(1)
        self._scroll.setWidget(inside)
        bar = self._scroll.verticalScrollBar()
        # The scroll bar stands in the margin, so that the fields stay where they are.
        bar.rangeChanged.connect(
            lambda _, end: column.setContentsMargins(
                6, 8, _RIGHT_MARGIN - (SCROLL_BAR_WIDTH if end else 0), 8
            )
        )
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 1, 0)
        whole.setSpacing(0)
        whole.addWidget(self._scroll, 1)
        whole.addWidget(self.pending_bar)
        self.fold_button.setParent(self)  # floats over the first heading's row
        self.fold_button.raise_()
        self.setFixedWidth(WIDTH)

    def _add_group(self, column: QVBoxLayout, group: str, names: list[str], theme: Theme) -> None:
        heading = label(group.upper(), "heading", SIZE_SMALL, bold=True)
        heading.setContentsMargins(8, 0 if group == "Text" else 8, 0, 3)
        column.addWidget(heading)
        if group == "Cell":
            column.addWidget(self.whose_label)
        for name in names:
            column.addWidget(self._add_row(name, theme))
            if name == "vectors":
                column.addWidget(self.coverage_label)

    def _add_row(self, name: str, theme: Theme) -> SettingRow:
        row = SettingRow(SETTINGS[name], theme)
        row.edited.connect(self._edited)
        row.settled.connect(self._settled)
        row.released.connect(self.released)
        self.rows[name] = row
        return row

    def _connect(self) -> None:
        self.more_button.toggled.connect(self._show_more)
        self.pending_bar.apply_clicked.connect(self.apply)
        self.pending_bar.discard_clicked.connect(self.discard)
        self.pending_bar.undo_clicked.connect(self._undo)
        self.fold_button.clicked.connect(lambda: self.set_folded(not self._folded))

    @property
    def settings(self) -> RunSettings:
        """The settings of the run that is shown."""
        return self._settings

    def show_settings(self, settings: RunSettings) -> None:
        """Show a run's settings; changes that are not applied yet stay, unless the run has them now."""
        pending = self.pending()
        self._settings = settings
        # What the session complained of is over when the run has that very value.
        self._problems = {n: text for n, text in self._problems.items() if n in pending}
        problems = self.problems()
        for name, row in self.rows.items():
            value = settings.get(name)
            waits = name in pending and pending[name] != value
            # A wrong learning rate stays to be mended only while somebody is at it.
            wrong = name in problems and (not row.setting.at_once or row.field.hasFocus())
            unfinished = waits or wrong
            row.show_value(value, keep_edit=unfinished)
        self._review()

    def show_workers(self, count: int) -> None:
        """Show how many processes train."""
        self.workers_row.show_value(count, keep_edit=False)

    def show_facts(self, facts: RailFacts) -> None:
        """Show the share of rare words and the number of parameters."""
        rare = facts.rare_share
        sign = {"words": "words", "characters": "signs"}.get(facts.unit, facts.unit)
        self.rare_label.setText("" if rare is None else f"{_percent(rare)} rare {sign}")
        self.rare_label.setToolTip("Share of the text that is the unknown token")
        learned = "" if facts.parameters is None else f"{facts.parameters:,} parameters"
        self.parameters_label.setText(f"{learned},\n{facts.frozen:,} frozen" if facts.frozen else learned)
        self.coverage_label.setText("" if facts.coverage is None else facts.coverage.in_short)
        self.coverage_label.setToolTip("" if facts.coverage is None else f"{facts.coverage}.")
        self.coverage_label.setVisible(facts.coverage is not None)
        self.whose_label.setText(facts.whose)
        self.whose_label.setVisible(bool(facts.whose))
        self.rare_label.setVisible(rare is not None)
        self.parameters_label.setVisible(facts.parameters is not None)

    def show_problem(self, name: str, message: str) -> None:
        """Say beside a field what the session found wrong with it (SettingError.name and its message)."""
        if name not in self.rows:
            return
        for setting in sorted(SETTINGS.values(), key=lambda s: -len(s.option)):
            message = message.replace(setting.option, setting.label)
        self._problems[name] = message
        if name in ADVANCED:
            self.more_button.setChecked(True)
        self._review()
        self._scroll.ensureWidgetVisible(self.rows[name])

    def offer_undo(self, offered: bool, text: str = "Old network kept") -> None:
        """Offer to bring the old network back, or stop offering it."""
        self.pending_bar.offer_undo(offered, text)
        self.pending_bar.setVisible(self.pending_bar.needed and not self._folded)

    def pending(self) -> dict[str, Any]:
        """Checked values of the changed settings that need a new network."""
        changed = {}
        for name, row in self.rows.items():
            if not row.setting.at_once and not row.is_idle:
                try:
                    value = row.value()
                except SettingError:
                    continue
                if value != self._settings.get(name):
                    changed[name] = value
        return changed

    def problems(self) -> dict[str, str]:
        """What is wrong with which field."""
        found = dict(self._problems)
        for name, row in self.rows.items():
            try:
                row.value()
            except SettingError as error:
                found[name] = str(error)
        return found

    def apply(self) -> None:
        """Emit the pending changes, if they can be; they stay pending until the run has them."""
        changes = self.pending()
        if changes and not self.problems():
            self.applied.emit(changes)

    def discard(self) -> None:
        """Back to the settings of the run."""
        self._problems.clear()
        for name, row in self.rows.items():
            row.show_value(self._settings.get(name), keep_edit=False)
        self._review()

    @property
    def is_folded(self) -> bool:
        """Whether only a strip is left of the rail."""
        return self._folded

    def set_folded(self, folded: bool) -> None:
        """Fold the rail to a narrow strip, or open it again."""
        if folded == self._folded:
            return
        self._folded = folded
        self._scroll.setVisible(not folded)
        self.fold_button.set_symbol("unfold" if folded else "fold")
        offer = _UNFOLD if folded else _FOLD
        self.fold_button.setAccessibleName(offer)
        self.fold_button.setToolTip(offer)
        self.setFixedWidth(FOLDED_WIDTH if folded else WIDTH)
        self._review()
        self.folded.emit(folded)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        for row in (*self.rows.values(), self.workers_row):
            row.set_theme(theme)
        self.fold_button.set_theme(theme)
        self.more_button.set_theme(theme)
        self.pending_bar.set_theme(theme)

    def _edited(self, name: str) -> None:
        self._problems.clear()  # what two settings together were refused for may now be right
        self.rows[name].show_problem("")
        self._review(typing=name)

    def _settled(self, name: str) -> None:
        self._problems.clear()
        self._review()
        row = self.rows[name]
        if row.setting.at_once and name not in self.problems():
            value = row.value()
            if value != self._settings.get(name):
                self._settings = self._settings.with_values({name: value})
                row.show_value(value, keep_edit=False)
                self.changed_now.emit(name, value)

    def _settle_workers(self) -> None:
        row = self.workers_row
        try:
            count = row.value()
        except SettingError as error:
            row.show_problem(str(error))
            return
        row.show_problem("")
        if count != row.shown:
            self.show_workers(count)
            self.workers_changed.emit(count)

    def _review(self, typing: str = "") -> None:
        """Marks, problems and the two bars, after anything changed; no complaint while still typing."""
        idle = without_meaning(self.rows["cell"].value(), self.rows["init"].value())
        for name, row in self.rows.items():
            row.set_idle(idle.get(name, ""))
        pending, problems = self.pending(), self.problems()
        for name, row in self.rows.items():
            row.mark(name in pending)
            if name != typing:
                row.show_problem(problems.get(name, ""))
        waiting = {name for name in problems if not SETTINGS[name].at_once}
        count = len(pending.keys() | waiting)
        self.pending_bar.show_pending(count, bool(pending) and not problems)
        self.pending_bar.setVisible(self.pending_bar.needed and not self._folded)

    def _undo(self) -> None:
        self._review()
        self.undo_clicked.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the folding button in its corner."""
        super().resizeEvent(event)
        self.fold_button.adjustSize()
        inset = 2 if self._folded else _RIGHT_MARGIN
        self.fold_button.move(self.width() - self.fold_button.width() - inset, 3)

    def _show_more(self, shown: bool) -> None:
        self._more.setVisible(shown)
        self.more_button.set_symbol("down" if shown else "right")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 or share == 0 else "under 1 %"
