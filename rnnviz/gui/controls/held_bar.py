"""The bar under the picture while something is held or a ghost stands: chips, each with an x."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.interventions import Active
from rnnviz.gui.controls.labels import label
from rnnviz.gui.theme import Theme

HEIGHT = 26
"""As low as its chips allow: the score keeps every track at 1280×720."""
_APART = 6


class HeldBar(QWidget):
    """A chip for each thing that is held, as many as fit, and one for the ghost; hidden without any."""

    lifted = Signal(object)  # Intervention
    ghost_dismissed = Signal()
    more_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", "bottom")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("What is held")
        self._theme = theme
        self._active: tuple[Active, ...] = ()
        self._held_label = label("held", "quiet")
        self.chips: list[Button] = []
        self.more_button = Button("", theme, role="small", tip="Show everything that is held")
        self.ghost_button = Button("", theme, role="small", symbol="close", name="Dismiss the ghost",
                                   tip="Dashed: the picture before. Dismiss it (Esc)")  # fmt: skip
        self.ghost_button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the x stands last
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 0, 8, 0)
        self._row.setSpacing(_APART)
        self._row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        self._row.addWidget(self._held_label)
        self._row.addWidget(self.more_button)
        self._row.addStretch(1)
        self._row.addWidget(self.ghost_button)
        self.more_button.clicked.connect(self.more_clicked)
        self.ghost_button.clicked.connect(self.ghost_dismissed)
        self.hide()

    def show_held(self, active: Sequence[Active], ghost: str) -> None:
        """Show what is held, and the name of the ghost; "" where none stands."""
        if tuple(active) != self._active:
            self._active = tuple(active)
            self._make_chips()
        self.ghost_button.setText(f"{ghost} ")
        self.ghost_button.setVisible(bool(ghost))
        self._held_label.setVisible(bool(active))
        self.setVisible(bool(active) or bool(ghost))
        self._fit()

    def _make_chips(self) -> None:
        for chip in self.chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = []
        for place, one in enumerate(self._active, 1):
            chip = Button(f"{one.text} ".replace("&", "&&"), self._theme, role="small", symbol="close",
                          name=f"Lift: {one.text}", tip="Lift this")  # fmt: skip
            chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
            chip.clicked.connect(lambda _=False, held=one.intervention: self.lifted.emit(held))
            self._row.insertWidget(place, chip)
            self.chips.append(chip)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many chips as fit."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - 22 - self._held_label.sizeHint().width() - _APART
        if not self.ghost_button.isHidden():
            room -= self.ghost_button.sizeHint().width() + _APART
        widths = [chip.sizeHint().width() + _APART for chip in self.chips]
        self.more_button.setText(f"+{len(widths)} more")
        spare = 0 if sum(widths) <= room else self.more_button.sizeHint().width() + _APART
        shown = 0
        while shown < len(widths) and sum(widths[: shown + 1]) <= room - spare:
            shown += 1
        for place, chip in enumerate(self.chips):
            chip.setVisible(place < shown)
        self.more_button.setText(f"+{len(widths) - shown} more" if shown else f"{len(widths)} held")
        self.more_button.setVisible(shown < len(widths))

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        for button in (*self.chips, self.ghost_button, self.more_button):
            button.set_theme(theme)
