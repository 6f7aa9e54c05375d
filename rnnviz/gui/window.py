"""The window: puts the panels together and connects them. It decides nothing about training or drawing.

Data goes down (session -> window -> views), wishes come up (views and controls -> window -> session).
"""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QDialog, QMainWindow

from rnnviz.gui import controls
from rnnviz.gui.calm import Calm
from rnnviz.gui.controls import (
    AskLine,
    LoadingBar,
    Notice,
    Rail,
    SlowMotionBar,
    StatusLine,
    Toolbar,
)
from rnnviz.gui.cursor import Cursor
from rnnviz.gui.dress import Dress
from rnnviz.gui.enabled import menu_reasons, toolbar_state
from rnnviz.gui.interventions_show import InterventionsShow
from rnnviz.gui.layout import column_of, fit_inspectors, page_of
from rnnviz.gui.menus import MainMenu
from rnnviz.gui.opening import Opening
from rnnviz.gui.pages import Pages
from rnnviz.gui.passage_line import PassageLine
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.progress_panel import ProgressPanel
from rnnviz.gui.race_show import RaceShow
from rnnviz.gui.rail_show import RailShow
from rnnviz.gui.run import Message, Run
from rnnviz.gui.session import Session
from rnnviz.gui.slow_motion_show import SlowMotionShow
from rnnviz.gui.theme import THEMES, desktop_theme
from rnnviz.gui.trainers import Trainers
from rnnviz.gui.views.inspector import Inspector
from rnnviz.gui.views.score import Score
from rnnviz.text import READING_VECTORS, Passage, samples
from rnnviz.training import Trainer


class MainWindow(QMainWindow):
    """The score in the middle, the rail at the left, the inspector at the right."""

    def __init__(self, preferences: Preferences, trainers: Trainers = Trainer) -> None:
        super().__init__()
        self.preferences = preferences
        self.theme = theme = THEMES[preferences.theme or desktop_theme()]
        self.setWindowTitle("rnnviz")
        self.setAcceptDrops(True)
        self.cursor_model = Cursor(self)
        self.toolbar, self.rail, self.score = Toolbar(theme), Rail(theme), Score()
        self.ask_line, self.inspector, self.status_line = AskLine(theme), Inspector(), StatusLine(theme)
        self.notice, self.loading_bar = Notice(theme), LoadingBar(theme)
        self.slow_motion_bar = SlowMotionBar(theme)
        self.session = Session(self._needs, self, trainers)
        self.progress_panel = ProgressPanel(self.session, self.status_line, self)
        self._beside = Calm(self._show_beside, self)
        self.opening = Opening(self.session, preferences, self)
        self.slow_motion = SlowMotionShow(self.session, self.cursor_model, self.slow_motion_bar, self)
        self.race = RaceShow(self.session, theme, self)
        self.rail_show = RailShow(self.session, self.rail, self.toolbar, self.race, preferences, self)
        self.passage_line = PassageLine(self.session, self.cursor_model, self.ask_line, self)
        self.interventions = InterventionsShow(self.session, theme, self)
        self.pages = Pages(preferences, self.session, self.cursor_model, theme, self)
        self.race.repeats_wanted.connect(self.pages.show_repeats)
        self._lay_out()
        self._connect_session()
        self._connect_controls()
        self._connect_views()
        self.interventions.attach(self)
        self.menu = MainMenu(self)
        self.toolbar.set_menu(self.menu)
        self.toolbar.set_race_menu(self.race.menu)
        self.toolbar.set_samples([(s.title, s.description, s.file) for s in samples()])
        self.toolbar.set_recent([str(p) for p in preferences.recent_files])
        panels = (
            self.toolbar, self.rail, self.score, self.ask_line, self.inspector, self.status_line, self.notice,
            self.loading_bar, self.slow_motion_bar, self.race, self.interventions, self.pages,
        )  # fmt: skip
        self._dress = Dress(self, panels)
        self._dress.put_on(theme)
        self._restore_layout()
        self._on_state("idle")
        self.session.clock.start()
        self.score.setFocus()

    # -- layout -------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        race = self.race
        middle = column_of(
            self.notice,
            self.loading_bar,
            race.bar,
            self.score,
            race.view,
            self.interventions.bar,
            self.slow_motion_bar,
            self.ask_line,
            growing=(self.score, race.view),
        )
        self._inspectors = (self.inspector, race.inspector)
        rails, bars = (self.rail, self.interventions.panel), (self.toolbar, self.status_line)
        self.setCentralWidget(page_of(bars, rails, middle, self._inspectors, self.pages))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the inspector's share of the width."""
        super().resizeEvent(event)
        fit_inspectors(self._inspectors, self.width())

    def _needs(self) -> frozenset[str]:
        """The optional fields of a Trace that what can be seen draws."""
        needs = self.interventions.needs()
        if self.race.is_shown:
            return needs | self.race.view.needs()
        return needs | self.score.needs() | self.inspector.needs()

    def toggle_theme(self) -> None:
        """From light to dark and back, remembered for the next start."""
        name = "dark" if self.theme.name == "light" else "light"
        self.preferences.theme, self.theme = name, THEMES[name]
        self._dress.change(self.theme)

    def _restore_layout(self) -> None:
        layout = self.preferences.layout
        if isinstance(layout.get("score"), dict):
            self.score.set_arrangement(layout["score"])
        self.rail.set_folded(layout.get("rail_folded") is True)

    # -- wires ----------------------------------------------------------------------------------------

    def _connect_session(self) -> None:
        s = self.session
        s.state_changed.connect(self._on_state)
        s.state_changed.connect(self._on_rest)
        s.run_replaced.connect(self._on_run)
        s.frame_arrived.connect(self._on_frame)
        s.at_leisure.connect(self._beside.at_leisure)
        s.numbers_arrived.connect(self.race.show_numbers)
        s.numbers_arrived.connect(self.progress_panel.show_numbers)  # which paints what both have changed
        s.moment_changed.connect(lambda _: self.show_moment())
        s.message.connect(self._on_message)
        s.loading.connect(self._on_loading)
        s.written.connect(self._on_written)
        self.slow_motion.began.connect(self._on_slow_motion_began)
        self.slow_motion.ended.connect(self._on_slow_motion_ended)
        self.opening.started.connect(self.notice.clear)  # what was said of the last attempt is over
        self.opening.message.connect(self._on_message)
        self.opening.text_dropped.connect(lambda text: self.watch(Passage.written(text)))
        s.validated.connect(lambda _: self._on_validated())
        s.epoch_done.connect(lambda _: self._on_validated())
        self.cursor_model.changed.connect(lambda _: self.show_moment())

    def _connect_controls(self) -> None:
        s, bar, ask = self.session, self.toolbar, self.ask_line
        bar.open_clicked.connect(self.opening.choose)
        bar.sample_chosen.connect(self.opening.sample)
        bar.recent_chosen.connect(lambda path: self.open_file(Path(path)))
        bar.train_clicked.connect(self.train)
        bar.pause_clicked.connect(s.pause)
        bar.step_clicked.connect(s.one_update)
        bar.start_over_clicked.connect(s.start_over)
        bar.slow_motion_toggled.connect(self.slow_motion.show)
        bar.theme_clicked.connect(self.toggle_theme)
        self.rail_show.applying.connect(self.opening.forget)
        ask.asked.connect(lambda text, answer: self.watch(Passage.asked(text, answer)))
        ask.write_on_clicked.connect(lambda: self.inspector.show_tab("sample"))
        self.status_line.history_moved.connect(s.show_moment)
        self.loading_bar.cancel_clicked.connect(s.cancel_loading)
        for panel in (bar, self.rail, ask):
            panel.released.connect(self.focus_picture)
        self.notice.closed.connect(self.focus_picture)
        self.notice.action_chosen.connect(self.opening.on_action)

    def _connect_views(self) -> None:
        inspector = self.inspector
        for view in (self.score, inspector, self.race.view):
            view.moved.connect(lambda moves: self.cursor_model.move(**moves))
        self.score.hovered.connect(
            lambda reading: self.status_line.show_reading(str(reading) if reading else "")
        )
        for part in (inspector, self.race.view, self.race.inspector, self.pages):
            part.hovered.connect(self.status_line.show_reading)
        self.pages.returned.connect(self.focus_picture)
        self.race.lane_changed.connect(self._on_lane)
        inspector.answer_chosen.connect(lambda word, _: self._choose_answer(word))
        inspector.passage_chosen.connect(lambda text, answer: self.watch(Passage(text, answer)))
        inspector.write_wanted.connect(self.session.write_on)
        inspector.needs_changed.connect(self.session.request_trace)

    # -- opening ----------------------------------------------------------------------------------------

    def open_file(self, path: Path) -> None:
        """Read a text beside whatever runs; on success it replaces the run."""
        self.opening.file(path)

    def open_first_sample(self) -> None:
        """Open the example text that a first start shows."""
        self.opening.first_sample()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files, and text as well."""
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open a dropped file, watch a dropped text."""
        self.opening.drop(event.mimeData())
        event.acceptProposedAction()

    # -- what the session says ------------------------------------------------------------------------

    def _on_state(self, state: str) -> None:
        slow = self.slow_motion.record is not None
        bar = toolbar_state(state, race_shown=self.race.is_shown, slow=slow)
        self.toolbar.set_state(bar)
        self.menu.follow(menu_reasons(state, bar))
        self.ask_line.set_writing_possible(state != "idle", "No text is open yet.")
        self.progress_panel.refresh(at_once=True)

    def _on_rest(self, state: str) -> None:
        """No more frames come: what live pictures may leave out for a moment is shown now."""
        if state in ("paused", "failed"):
            self.show_moment()

    def _on_run(self, run: Run) -> None:
        experiment = run.experiment
        self.notice.clear()
        self.opening.succeeded(experiment.corpus.name)
        self.toolbar.set_recent([str(p) for p in self.preferences.recent_files])
        self.slow_motion.leave()
        self.setWindowTitle(f"{experiment.corpus.name} · rnnviz")
        self.score.set_training_window(experiment.settings.experiment.window)
        self.inspector.set_text(experiment.text)
        self.race.show_run(run)
        self._on_lane()

    def _on_lane(self) -> None:
        """One lane of a race is looked at, or all of them; a network that learns alone is lane 0."""
        session, race = self.session, self.race
        assert session.run is not None
        self.slow_motion.leave()
        lane, experiment = session.lane or 0, session.run.experiment
        lanes, alone = (race.view, race.inspector), (self.score, self.inspector)
        going, coming = (alone, lanes) if race.is_shown else (lanes, alone)
        for widget in going:  # first, or there is a moment with room for neither and the window grows
            widget.hide()
        for widget in coming:
            widget.show()
        self.rail_show.show_lane()
        self.inspector.set_equations(experiment.equations_of(lane))
        self.progress_panel.show_run(session.run)
        self._on_state(session.state)
        self.show_moment()
        self.focus_picture()

    def focus_picture(self) -> None:
        """The keyboard belongs to what is drawn."""
        (self.race.view if self.race.is_shown else self.score).setFocus()

    def _on_frame(self, _frame: object) -> None:
        if self.session.moment is None:
            self._show_picture()
            if self.session.state == "running":
                self._beside.soon()
            else:
                self._beside.now()
        else:
            self.progress_panel.refresh()

    def show_moment(self) -> None:
        """Bring all views to what the session shows, live or past, under the present cursor.

        While it learns what stands beside the picture has its own tick: whoever moves the cursor looks there.
        """
        self._show_picture()
        if self.session.state == "running" and self.session.moment is None:
            self._beside.next()
        else:
            self._beside.now()

    def _show_picture(self) -> None:
        """Bring the score, or the lanes of a race, to what the session shows."""
        record = self.slow_motion.shown_record
        trace = self.session.shown_trace if record is None else record.before
        if trace is not None:
            self.passage_line.fit_cursor(trace)
        cursor = self.cursor_model.state
        self.progress_panel.refresh()
        self.score.set_update_record(record)
        ghosts = self.interventions.show_moment(self.session.shown_frame, cursor)
        if not self.race.is_shown:
            for view in (self.score, self.inspector):
                view.set_ghost(ghosts[self.session.lane or 0] if ghosts and record is None else None)
            self.score.show_moment(trace, cursor)
        self.race.show_moment(self.session.shown_frame, cursor, ghosts)
        if trace is not None:
            self.passage_line.show(trace)

    def _show_beside(self) -> None:
        """Bring the plots at the right to the same moment."""
        if self.race.is_shown:
            self.race.show_beside()
            return
        record = self.slow_motion.shown_record
        trace = self.session.shown_trace if record is None else record.before
        cursor, series = self.cursor_model.state, self.progress_panel.series
        self.inspector.show_moment(self.slow_motion.beside(trace), cursor, series)

    def _on_message(self, message: Message) -> None:
        self.notice.post(controls.Message(message.severity, message.text, message.remedy, message.actions))

    def _on_loading(self, progress: tuple[float, str] | None) -> None:
        if progress is None:
            self.opening.forget()
            self.loading_bar.finish()
        else:
            share, doing = progress
            name = "" if doing.startswith(READING_VECTORS) else self.opening.name
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
        self.slow_motion.leave()
        self.session.show_live()
        self.session.train()

    def toggle_training(self) -> None:
        """What Space does."""
        if self.session.is_training:
            self.session.pause()
        else:
            self.train()

    def watch(self, passage: Passage) -> None:
        """Watch another passage."""
        self.slow_motion.leave()
        self.session.watch(passage)
        self.focus_picture()

    def _choose_answer(self, word: str) -> None:
        if self.session.run is not None and self.slow_motion.record is None:
            self.session.watch(Passage(self.session.run.passage.text, word))

    def _on_slow_motion_began(self) -> None:
        self.passage_line.begin_anew()
        self._on_state(self.session.state)

    def _on_slow_motion_ended(self) -> None:
        self._on_state(self.session.state)
        self.focus_picture()

    # -- keys and the end ----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space trains and pauses where no text field wants it; Esc leaves slow motion, ghost or lane."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.toggle_training()
        elif event.key() == Qt.Key.Key_Escape:
            if self.slow_motion.record is None and not self.interventions.dismiss_ghost():
                self.race.open_lane(None)
            self.slow_motion.leave()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End every thread, remember the layout; what stands open beside the window closes with it."""
        for sheet in self.findChildren(QDialog):
            sheet.close()
        self.preferences.layout = {"score": self.score.arrangement(), "rail_folded": self.rail.is_folded}
        self.preferences.geometry = self.saveGeometry()
        self.inspector.shut_down()
        self._beside.stop()
        self.pages.shut_down()
        self.session.close()
        event.accept()
