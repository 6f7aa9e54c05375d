"""A page of results in the place of the score: what is done above, the picture below, a form beside it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QVBoxLayout, QWidget

from rnnviz.gui.controls.buttons import Button
from rnnviz.gui.controls.labels import ElidedLabel, label
from rnnviz.gui.theme import Theme

_FINENESS = 1000
EXPORTS = (
    ("picture", "Save the &picture…"),
    ("table", "Save the &table…"),
    ("copy picture", "&Copy the picture"),
    ("copy table", "Copy the ta&ble"),
)


class ResultsPage(QWidget):
    """Emits what is wanted; is told how it stands."""

    run_clicked = Signal()
    stop_clicked = Signal()
    anew_clicked = Signal()
    closed = Signal()
    export_chosen = Signal(str)  # which of EXPORTS

    def __init__(self, title: str, theme: Theme, picture: QWidget, form: QWidget | None = None) -> None:
        super().__init__()
        self.setProperty("panel", "plain")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title_label = label(title, "strong", bold=True)
        self.said_label = ElidedLabel("quiet")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _FINENESS)
        self.bar.setFixedWidth(120)
        self.bar.setAccessibleName(f"{title}: how far it is")
        self.run_button = Button("Run", theme, role="primary", symbol="play")
        self.stop_button = Button("Stop", theme, symbol="pause", tip="What is done is kept")
        self.anew_button = Button("Start anew", theme, tip="Forget these results and begin again")
        self.export_button = Button(
            "Export", theme, symbol="down", tip="Save or copy the picture or the table"
        )
        self.close_button = Button("Back", theme, tip="Back to the network (Esc); this goes on")
        self.menu = QMenu(self)
        self.exports: dict[str, QAction] = {}
        for kind, text in EXPORTS:
            action = QAction(text, self)
            action.triggered.connect(lambda _checked=False, kind=kind: self.export_chosen.emit(kind))
            self.menu.addAction(action)
            self.exports[kind] = action
        self.export_button.setMenu(self.menu)
        self._lay_out(picture, form)
        self.run_button.clicked.connect(self.run_clicked)
        self.stop_button.clicked.connect(self.stop_clicked)
        self.anew_button.clicked.connect(self.anew_clicked)
        self.close_button.clicked.connect(self.closed)

    def _lay_out(self, picture: QWidget, form: QWidget | None) -> None:
        head = QWidget()
        head.setProperty("panel", "top")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(head)
        row.setContentsMargins(14, 6, 10, 6)
        row.setSpacing(8)
        row.addWidget(self.title_label)
        row.addSpacing(8)
        row.addWidget(self.bar)
        row.addWidget(self.said_label, 1)
        for button in self._buttons():
            row.addWidget(button)
        below = QHBoxLayout()
        below.setSpacing(0)
        if form is not None:
            below.addWidget(form)
        below.addWidget(picture, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addLayout(below, 1)

    def _buttons(self) -> tuple[Button, ...]:
        return (self.run_button, self.stop_button, self.anew_button, self.export_button, self.close_button)

    def show_progress(self, share: float | None, said: str) -> None:
        """How far it is, 0 to 1, and in words; None where nothing is under way."""
        self.bar.setVisible(share is not None)
        self.bar.setValue(round((share or 0.0) * _FINENESS))
        self.said_label.set_whole(said)

    def show_buttons(
        self, *, running: bool, run_text: str, why_not: str, partial: bool, results: bool
    ) -> None:
        """What can be done now. `run_text` "": there is nothing to run."""
        self.run_button.setVisible(not running and bool(run_text))
        self.run_button.setText(run_text)
        self.run_button.setEnabled(not why_not)
        self.run_button.setToolTip(why_not)
        self.stop_button.setVisible(running)
        self.anew_button.setVisible(partial and not running)
        self.export_button.setEnabled(results)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        for button in self._buttons():
            button.set_theme(theme)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the network; other keys are the window's."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
