"""The window: puts the panels together and connects them. It decides nothing about training or drawing.

Data goes down (session -> window -> views), wishes come up (views and controls -> window -> session).
"""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from rnnviz.gui import controls
from rnnviz.gui.controls import (
    AskLine,
    LoadingBar,
    Notice,
    Rail,
    RailFacts,
    SlowMotionBar,
    StatusLine,
    Toolbar,
)
from rnnviz.gui.cursor import Cursor
from rnnviz.gui.menus import build_menu
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.progress_panel import ProgressPanel
from rnnviz.gui.session import Message, Run, Session
from rnnviz.gui.theme import THEMES, Theme
from rnnviz.gui.views.inspector import Inspector
from rnnviz.gui.views.score import Score
from rnnviz.gui.views.slow_motion import shown_trace
from rnnviz.probes import Trace, UpdateRecord
from rnnviz.text import Passage, samples
from rnnviz.training import SettingError

INSPECTOR_SHARE = 398 / 1280
NARROWEST_INSPECTOR, WIDEST_INSPECTOR = 300, 560
FAR = 10**9
"""Past the end of any passage: the cursor stops at the last step."""


class MainWindow(QMainWindow):
    """The score in the middle, the rail at the left, the inspector at the right."""

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self.preferences = preferences
        self.theme = theme = THEMES[preferences.theme or _desktop_theme()]
        self.setWindowTitle("rnnviz")
        self.setAcceptDrops(True)
        self.cursor_model = Cursor(self)
        self.toolbar, self.rail, self.score = Toolbar(theme), Rail(theme), Score()
        self.ask_line, self.inspector, self.status_line = AskLine(theme), Inspector(), StatusLine(theme)
        self.notice, self.loading_bar, self.slow_motion_bar = (
            Notice(theme),
            LoadingBar(theme),
            SlowMotionBar(theme),
        )
        self.session = Session(lambda: self.score.needs() | self.inspector.needs(), self)
        self.progress_panel = ProgressPanel(self.session, self.status_line, self)
        self._opening: Path | None = None
        self._left_out = 0
        self._fresh_passage = True
        self._record: UpdateRecord | None = None
        self._cursor_before = self.cursor_model.state  # where it stood when slow motion began
        self._shown_passage: tuple[str, str, bool] | None = None  # in the ask line: text, answer, assumed
        self._lay_out()
        self._connect_session()
        self._connect_controls()
        self._connect_views()
        self.toolbar.set_menu(build_menu(self))
        self.toolbar.set_samples([(s.title, s.description, s.file) for s in samples()])
        self.toolbar.set_recent([str(p) for p in preferences.recent_files])
        self.set_theme(theme)
        self._restore_layout()
        self._on_state("idle")
        self.session.clock.start()
        self.score.setFocus()

    # -- layout -------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        middle = _column(self.notice, self.loading_bar, self.score, self.slow_motion_bar, self.ask_line)
        middle.setStretchFactor(self.score, 1)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(middle, 1)
        row.addWidget(self.inspector)
        page = _column(self.toolbar)
        page.addLayout(row, 1)
        page.addWidget(self.status_line)
        central = QWidget()
        central.setLayout(page)
        self.setCentralWidget(central)
        self.slow_motion_bar.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the inspector's share of the width."""
        super().resizeEvent(event)
        share = round(self.width() * INSPECTOR_SHARE)
        self.inspector.setFixedWidth(min(max(NARROWEST_INSPECTOR, share), WIDEST_INSPECTOR))

    def set_theme(self, theme: Theme) -> None:
        """Put on other colours, everywhere at once."""
        self.theme = theme
        self.setPalette(controls.palette(theme))
        self.setStyleSheet(controls.stylesheet(theme))
        for panel in (
            self.toolbar, self.rail, self.score, self.ask_line, self.inspector,
            self.status_line, self.notice, self.loading_bar, self.slow_motion_bar,
        ):  # fmt: skip
            panel.set_theme(theme)

    def toggle_theme(self) -> None:
        """From light to dark and back, remembered for the next start."""
        name = "dark" if self.theme.name == "light" else "light"
        self.preferences.theme = name
        self.set_theme(THEMES[name])

    def _restore_layout(self) -> None:
        layout = self.preferences.layout
        if isinstance(layout.get("score"), dict):
            self.score.set_arrangement(layout["score"])
        self.rail.set_folded(layout.get("rail_folded") is True)

    # -- wires ----------------------------------------------------------------------------------------

    def _connect_session(self) -> None:
        s = self.session
        s.state_changed.connect(self._on_state)
        s.run_replaced.connect(self._on_run)
        s.frame_arrived.connect(self._on_frame)
        s.moment_changed.connect(lambda _: self.show_moment())
        s.passage_changed.connect(self._on_passage)
        s.message.connect(self._on_message)
        s.loading.connect(self._on_loading)
        s.written.connect(self._on_written)
        s.update_recorded.connect(self._on_update_recorded)
        s.validated.connect(lambda _: self._on_validated())
        s.epoch_done.connect(lambda _: self._on_validated())
        s.setting_changed.connect(lambda *_: self._show_settings())
        self.cursor_model.changed.connect(lambda _: self.show_moment())

    def _connect_controls(self) -> None:
        s, bar, ask = self.session, self.toolbar, self.ask_line
        bar.open_clicked.connect(self.choose_file)
        bar.sample_chosen.connect(self.open_sample)
        bar.recent_chosen.connect(lambda path: self.open_file(Path(path)))
        bar.train_clicked.connect(self.train)
        bar.pause_clicked.connect(s.pause)
        bar.step_clicked.connect(s.one_update)
        bar.start_over_clicked.connect(s.start_over)
        bar.slow_motion_toggled.connect(self.show_slow_motion)
        bar.learning_rate_changed.connect(lambda lr: self._change_now("lr", lr))
        bar.theme_clicked.connect(self.toggle_theme)
        self.rail.changed_now.connect(self._change_now)
        self.rail.applied.connect(self._apply)
        self.rail.undo_clicked.connect(s.undo)
        ask.asked.connect(lambda text, answer: self.watch(Passage.written(text, answer)))
        ask.write_on_clicked.connect(lambda: self.inspector.show_tab("sample"))
        ask.first_clicked.connect(lambda: self.cursor_model.move(time_step=0))
        ask.previous_clicked.connect(lambda: self._step_by(-1))
        ask.next_clicked.connect(lambda: self._step_by(1))
        ask.last_clicked.connect(lambda: self.cursor_model.move(time_step=FAR))
        self.status_line.history_moved.connect(s.show_moment)
        self.loading_bar.cancel_clicked.connect(s.cancel_loading)
        self.slow_motion_bar.phase_changed.connect(lambda phase: self.cursor_model.move(phase=phase))
        self.slow_motion_bar.closed.connect(self.leave_slow_motion)
        for panel in (bar, self.rail, ask):
            panel.released.connect(self.score.setFocus)
        self.notice.closed.connect(self.score.setFocus)

    def _connect_views(self) -> None:
        inspector = self.inspector
        for view in (self.score, inspector):
            view.moved.connect(lambda moves: self.cursor_model.move(**moves))
        self.score.hovered.connect(
            lambda reading: self.status_line.show_reading(str(reading) if reading else "")
        )
        inspector.hovered.connect(self.status_line.show_reading)
        inspector.answer_chosen.connect(lambda word, _: self._choose_answer(word))
        inspector.passage_chosen.connect(lambda text, answer: self.watch(Passage(text, answer)))
        inspector.write_wanted.connect(self.session.write_on)
        inspector.needs_changed.connect(self.session.request_trace)

    # -- opening ----------------------------------------------------------------------------------------

    def open_file(self, path: Path, left_out: int = 0) -> None:
        """Read a text beside whatever runs; on success it replaces the run.

        `left_out` is how many more files were dropped with it.
        """
        self._opening, self._left_out = path, left_out
        self.notice.clear()  # what was said of the last attempt is over
        self.session.open(path)

    def open_sample(self, file: str) -> None:
        """Open one of the example texts."""
        self.open_file(next(s.path for s in samples() if s.file == file))

    def open_first_sample(self) -> None:
        """Open the example text that a first start shows."""
        self.open_file(samples()[0].path)

    def choose_file(self) -> None:
        """Ask for a text file."""
        recent = self.preferences.recent_files
        folder = str(recent[0].parent) if recent else str(Path.home())
        path, _ = QFileDialog.getOpenFileName(
            self, "Open a text", folder, "Texts (*.txt *.md);;All files (*)"
        )
        if path:
            self.open_file(Path(path))

    def choose_checkpoint(self) -> None:
        """Ask where to save the network."""
        kinds = "Checkpoints (*.safetensors)"
        path, _ = QFileDialog.getSaveFileName(self, "Save the network", "network.safetensors", kinds)
        if path:
            self.session.save(Path(path))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files, and text as well."""
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the first file dropped; watch a dropped text."""
        load = event.mimeData()
        files = [Path(url.toLocalFile()) for url in load.urls() if url.isLocalFile()]
        if files:
            self.open_file(files[0], left_out=len(files) - 1)
        elif load.hasUrls():
            self._on_message(
                Message(
                    "What was dropped is a link, not a file.", "Save it as a file and drop that.", "warning"
                )
            )
        elif load.text().strip():
            self.watch(Passage.written(load.text().strip()))
        event.acceptProposedAction()

    # -- what the session says ------------------------------------------------------------------------

    def _on_state(self, state: str) -> None:
        still = state in ("ready", "paused")
        reason = {
            "idle": "No text is open yet.",
            "ready": "Nothing has been learned yet.",
            "running": "Pause first.",
            "failed": "Training stopped by itself: start over, or lower the learning rate.",
        }.get(state, "")
        self.toolbar.set_state(
            controls.ToolbarState(
                can_train=still,
                running=state == "running",
                can_step=still,
                can_start_over=state in ("running", "paused", "failed"),
                can_slow=state in ("ready", "running", "paused"),
                slow=self._record is not None,
                train_reason=reason,
                step_reason=reason,
                start_over_reason=reason,
                slow_reason=reason,
            )
        )
        self.ask_line.set_writing_possible(state != "idle", "No text is open yet.")
        self.progress_panel.refresh(at_once=True)

    def _on_run(self, run: Run) -> None:
        experiment = run.experiment
        if self._opening is not None and all(self._opening != sample.path for sample in samples()):
            self.preferences.add_recent_file(self._opening)
            self.toolbar.set_recent([str(p) for p in self.preferences.recent_files])
        self.notice.clear()
        if self._left_out:
            opened = f"{experiment.corpus.name} is open: one text at a time."
            self._on_message(Message(opened, f"Drop the other {self._left_out} one by one."))
        self.leave_slow_motion()
        self.setWindowTitle(f"{experiment.corpus.name} · rnnviz")
        self._show_settings()
        self.rail.show_facts(
            RailFacts(
                rare_share=experiment.corpus.unknown_share,
                unit="words" if experiment.corpus.tokenizer.name == "word" else "characters",
                parameters=experiment.lanes[0].model.spec.parameter_count(),
            )
        )
        self.rail.offer_undo(self.session.can_undo, self.session.kept)
        self.score.set_training_window(experiment.settings.experiment.window)
        self.inspector.set_text(experiment.text)
        self.inspector.set_equations(experiment.equations)
        self.progress_panel.show_run(run)

    def _show_settings(self) -> None:
        self.rail.show_settings(self.session.settings)
        self.toolbar.set_learning_rate(self.session.settings.lane.lr)

    def _on_passage(self, passage: Passage) -> None:
        self.ask_line.show_passage(passage.text, passage.answer, assumed=not passage.answer)
        self._shown_passage = None
        self._fresh_passage = True

    def _on_frame(self, _frame: object) -> None:
        if self.session.moment is None:
            self.show_moment()
        else:
            self.progress_panel.refresh()

    def show_moment(self) -> None:
        """Bring all views to what the session shows, live or past, under the present cursor."""
        record = self._record if self.cursor_model.state.phase is not None else None
        trace = self.session.shown_trace if record is None else record.before
        if trace is not None:
            self._fit_cursor(trace)
        cursor = self.cursor_model.state
        self.progress_panel.refresh()
        self.score.set_update_record(record)
        self.score.show_moment(trace, cursor)
        beside = trace if record is None else shown_trace(record, cursor)
        self.inspector.show_moment(beside, cursor, self.progress_panel.series)
        if trace is not None:
            word = "word" if self.session.settings.experiment.tokens == "word" else "character"
            self.ask_line.show_position(cursor.time_step, trace.length, word)
            self._show_passage(trace)

    def _show_passage(self, trace: Trace) -> None:
        """Put into the ask line what is drawn: looking back, that may be a passage watched earlier."""
        run = self.session.run
        if run is None:
            return
        corpus, passage = run.experiment.corpus, run.passage
        words = trace.words.tolist()
        if words != corpus.encode(passage.text)[0]:
            passage = Passage(corpus.tokenizer.join(words), str(trace.target_words[-1]))
        answer = str(trace.target_words[-1]) if trace.assumed_answer else passage.answer
        shown = (passage.text, answer, trace.assumed_answer)
        if shown != self._shown_passage:
            self._shown_passage = shown
            self.ask_line.show_passage(passage.text, answer, assumed=trace.assumed_answer)

    def _fit_cursor(self, trace: Trace) -> None:
        blocked = self.cursor_model.blockSignals(True)
        self.cursor_model.fit(trace.length, trace.layers, trace.last_target_step)
        if self._fresh_passage:
            self._fresh_passage = False
            self.cursor_model.rewind()
            self.cursor_model.fit(trace.length, trace.layers, trace.last_target_step)
        self.cursor_model.blockSignals(blocked)

    def _on_message(self, message: Message) -> None:
        self.notice.post(controls.Message(message.severity, message.text, message.remedy))

    def _on_loading(self, progress: tuple[float, str] | None) -> None:
        if progress is None:
            self._opening, self._left_out = None, 0
            self.loading_bar.finish()
        else:
            name = self._opening.name if self._opening else "the network"
            share, doing = progress
            self.loading_bar.show_loading(name, share, doing.capitalize() or "Reading")

    def _on_validated(self) -> None:
        self.progress_panel.refresh(at_once=True)
        self.show_moment()

    def _on_written(self, text: str) -> None:
        passage = self.session.run.passage.text if self.session.run else ""
        self.inspector.show_written(passage, text)

    # -- what the user wants -----------------------------------------------------------------------------

    def train(self) -> None:
        """Learn, and look at the present while doing so."""
        self.leave_slow_motion()
        self.session.show_live()
        self.session.train()

    def toggle_training(self) -> None:
        """What Space does."""
        if self.session.state == "running":
            self.session.pause()
        else:
            self.train()

    def watch(self, passage: Passage) -> None:
        """Watch another passage."""
        self.leave_slow_motion()
        self.session.watch(passage)
        self.score.setFocus()

    def _choose_answer(self, word: str) -> None:
        if self.session.run is not None and self._record is None:
            self.session.watch(Passage(self.session.run.passage.text, word))

    def _step_by(self, steps: int) -> None:
        self.cursor_model.move(time_step=self.cursor_model.state.time_step + steps)

    def _change_now(self, name: str, value: Any) -> None:
        try:
            self.session.change_now(name, value)
        except SettingError as error:
            self.rail.show_problem(name, str(error))

    def _apply(self, values: dict[str, Any]) -> None:
        self._opening, self._left_out = None, 0
        try:
            self.session.apply(values)
        except SettingError as error:
            self.rail.show_problem(error.name, str(error))

    # -- slow motion -----------------------------------------------------------------------------------------

    def show_slow_motion(self, on: bool = True) -> None:
        """Make one update and show it step by step, or go back to the score."""
        if on:
            self.session.pause()
            self.session.show_live()
            self.session.record_update()
        else:
            self.leave_slow_motion()

    def _on_update_recorded(self, record: UpdateRecord) -> None:
        self._record, self._cursor_before = record, self.cursor_model.state
        self._fresh_passage = True
        self.slow_motion_bar.show_phase(0.0)
        self.slow_motion_bar.show()
        self._on_state(self.session.state)
        self.cursor_model.move(phase=0.0)
        self.slow_motion_bar.play()

    def leave_slow_motion(self) -> None:
        """Back to the watched passage."""
        if self._record is not None:
            self._record = None
            self.slow_motion_bar.hide()
            self.cursor_model.move(phase=None)
            back = self._cursor_before
            self.cursor_model.move(time_step=back.time_step, error_step=back.error_step, pinned=back.pinned)
            self._on_state(self.session.state)
            self.score.setFocus()

    # -- keys and the end ----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space trains and pauses wherever no text field wants it; Esc leaves slow motion."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.toggle_training()
        elif event.key() == Qt.Key.Key_Escape:
            self.leave_slow_motion()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End every thread, remember the layout."""
        self.preferences.layout = {"score": self.score.arrangement(), "rail_folded": self.rail.is_folded}
        self.preferences.geometry = self.saveGeometry()
        self.inspector.shut_down()
        self.session.close()
        event.accept()


def _column(*widgets: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget)
    return column


def _desktop_theme() -> str:
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return "dark" if dark else "light"
