"""Interventions as the window runs them: wishes become commands, the picture of before stays as a ghost."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from rnnviz.gui.cause_shown import cause_shown
from rnnviz.gui.controls import Active, CausePanel, HeldBar, Rail, StatusLine, Toolbar
from rnnviz.gui.cursor import CursorState
from rnnviz.gui.ghost_keeper import Cause, GhostKeeper
from rnnviz.gui.intervention_words import active_in, cause_of, cause_of_lifting, cause_of_swap
from rnnviz.gui.passage_line import PassageLine
from rnnviz.gui.right_answers import RightAnswers
from rnnviz.gui.run import Message, Run
from rnnviz.gui.session import Session
from rnnviz.gui.swap_dialog import SwapDialog, likely_words, swapped
from rnnviz.gui.theme import Theme
from rnnviz.gui.undoing import Undoing
from rnnviz.gui.views.ghost import Ghost
from rnnviz.gui.views.score import Score
from rnnviz.gui.views.wishes import GiveUpWish, HoldWish, LetGoWish, SilenceWish, SwapWish, Wish
from rnnviz.gui.waiting_wishes import WaitingWishes
from rnnviz.text import Passage
from rnnviz.training import (
    Frame,
    HoldGate,
    HoldSlope,
    Intervene,
    Intervened,
    Intervention,
    InterventionRefused,
    Lift,
    SetForgetBias,
    SilenceUnit,
    Validation,
)


class WindowParts(Protocol):
    """What the window gives to be joined."""

    score: Score
    toolbar: Toolbar
    rail: Rail
    status_line: StatusLine
    passage_line: PassageLine

    def show_moment(self) -> None:
        """Bring the views up to date."""

    def focus_picture(self) -> None:
        """The keyboard belongs to what is drawn."""


class InterventionsShow(QObject):
    """Owns panel and bar; sends commands through the session, and says which ghost stands."""

    shown_anew = Signal()  # the views must be brought up to date
    opened = Signal(bool)  # the panel
    answers_changed = Signal(str)  # right answers before and after, for the status line
    swapped = Signal()  # one word of the passage was: the cursor may stay where it is

    def __init__(self, session: Session, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._window, self._theme = session, parent, theme
        self.panel, self.bar = CausePanel(theme), HeldBar(theme)
        self.panel.hide()
        self._ghost = GhostKeeper()
        self._undoing = Undoing()
        self._answers = RightAnswers()
        self._dragged: tuple[object, ...] | None = None  # gate, step and layer of the valve in hand
        self._waiting = WaitingWishes()
        self._change, self._bias = 0, float("nan")
        self._cursor = CursorState()
        self._connect()

    def _connect(self) -> None:
        panel, bar, session = self.panel, self.bar, self._session
        panel.intervened.connect(self.intervene)
        panel.gate_freed.connect(self._free_gate)
        panel.slope_toggled.connect(lambda on: self.intervene(HoldSlope()) if on else self.lift(HoldSlope()))
        panel.unit_silenced.connect(lambda unit: self.intervene(SilenceUnit(unit, self._cursor.layer)))
        panel.undo_clicked.connect(self.undo)
        panel.lift_all_clicked.connect(self.lift_all)
        panel.closed.connect(lambda: self.open(False))
        for part in (panel, bar):
            part.lifted.connect(self.lift)
        bar.ghost_dismissed.connect(self.dismiss_ghost)
        bar.more_clicked.connect(self.open)
        session.intervened.connect(self._on_intervened)
        session.intervention_refused.connect(self._on_refused)
        session.run_replaced.connect(self._on_run)
        session.validated.connect(self._on_validated)
        session.epoch_done.connect(lambda event: self._on_validated(event.validation))
        session.state_changed.connect(lambda _: self._act_unmeasured() if session.state == "failed" else None)
        session.starting_over.connect(self._act_unmeasured)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.panel.set_theme(theme)
        self.bar.set_theme(theme)

    def open(self, is_open: bool = True) -> None:
        """Show the panel in the place of the settings, or the settings again."""
        self.panel.setVisible(is_open)
        self.opened.emit(is_open)
        self._session.request_trace()  # the spectral radius is worked out only while it is seen
        self.shown_anew.emit()

    def attach(self, window: "WindowParts") -> None:
        """Join the parts of the window that say wishes, or show what came of them."""
        window.score.wished.connect(self.wish)
        window.toolbar.cause_toggled.connect(self.open)
        self.opened.connect(window.toolbar.show_cause_open)
        self.opened.connect(lambda is_open: window.rail.setVisible(not is_open))
        self.swapped.connect(window.passage_line.stay)
        self.swapped.connect(window.focus_picture)
        self.answers_changed.connect(window.status_line.show_answers)
        self.shown_anew.connect(window.show_moment)
        self.panel.released.connect(window.focus_picture)

    def needs(self) -> frozenset[str]:
        """The optional fields of a Trace that the panel shows."""
        return frozenset({"spectrum"}) if self.panel.isVisible() else frozenset()

    # -- what is wanted -----------------------------------------------------------------------------------

    def wish(self, wish: Wish) -> None:
        """What a hand on the picture asked for."""
        match wish:
            case HoldWish():
                self._hold(wish)
            case GiveUpWish():
                self._give_up()
            case LetGoWish():
                self._let_go(wish)
            case SilenceWish(unit=unit, layer=layer, silent=silent):
                (self.intervene if silent else self.lift)(SilenceUnit(unit, layer))
            case SwapWish(step=step):
                self.choose_swap(step)

    def intervene(self, intervention: Intervention) -> None:
        """Do it in the lane that is open, or in every lane that can."""
        if isinstance(intervention, SetForgetBias):
            self._bias = intervention.value
        command = Intervene(intervention, self._session.lane)
        self._prepare(lambda trace: cause_of(intervention, trace), [command])

    def _hold(self, wish: HoldWish) -> None:
        """Hold a gate; while its valve is dragged on, the ghost of before the drag stays."""
        held = HoldGate(wish.gate, wish.value, wish.step, wish.layer)
        place = (wish.gate, wish.step, wish.layer)
        goes_on, self._dragged = place == self._dragged, None if wish.settled else place
        command = Intervene(held, self._session.lane)
        self._prepare(lambda trace: cause_of(held, trace), [command], goes_on)

    def _give_up(self) -> None:
        """The valve that was dragged stands again where it stood."""
        if self._dragged is not None:
            self._dragged = None
            self.undo()

    def lift(self, held: Intervention) -> None:
        """Let go of one thing that is held."""
        self._prepare(lambda trace: cause_of_lifting(held, trace), [Lift(held, self._session.lane)])

    def lift_all(self) -> None:
        """Let everything go."""
        commands = [Lift(one.intervention, self._session.lane) for one in self._active()]
        self._prepare(lambda _: [("With nothing held any more", "plain")], commands)

    def _free_gate(self, gate: str) -> None:
        """Let a gate move by itself at every word."""
        self._let_go(LetGoWish(gate, None))

    def _let_go(self, wish: LetGoWish) -> None:
        """Lift what holds a gate: at a word what is held there, at every word all of it."""
        found = []
        for one in self._active():
            held = one.intervention
            if isinstance(held, HoldGate) and held.gate == wish.gate:
                same_layer = held.layer in (None, wish.layer) or wish.layer is None
                if same_layer and (wish.step is None or held.step in (None, wish.step)):
                    found.append(held)
        if found:
            commands = [Lift(held, self._session.lane) for held in found]
            self._prepare(lambda trace: cause_of_lifting(found[-1], trace), commands)

    def _prepare(self, cause: Cause, commands: Sequence[Intervene | Lift], goes_on: bool = False) -> None:
        """Send commands once the right answers of before are known, if this text has any.

        `goes_on`: what they do is more of what was done last, whose ghost stays.
        """
        if self._session.run is None or not commands:
            return
        self._session.show_live()
        self._waiting.add(lambda: self._send(cause, commands, goes_on), goes_on)
        if not self._waiting.measures and not goes_on and self._has_answers_to_measure():
            self._waiting.measures = True
            self._session.validate()
        self._act()

    def _has_answers_to_measure(self) -> bool:
        run, frame = self._session.run, self._session.last_frame
        if run is None or frame is None or run.experiment.corpus.task is None:
            return False
        still = self._session.state in ("ready", "paused")
        return still and not self._answers.knows(self._learning(frame), frame.step)

    def _act(self) -> None:
        """Send what was wished, unless something has to come before it."""
        if not self._waiting.measures and not self._undoing.owes:
            self._waiting.send_all()

    def _act_unmeasured(self) -> None:
        """The right answers of before have come, or none will."""
        self._waiting.measures = False
        self._act()

    def _send(self, cause: Cause, commands: Sequence[Intervene | Lift], goes_on: bool) -> None:
        frame = self._session.last_frame
        wish = self._undoing.will_do(*commands)
        if goes_on:
            self._ghost.say(cause, wish)
        elif frame is not None:
            self._ghost.take(frame, cause, wish, change=max(self._change, frame.change) + 1)
            self._answers.change_comes()
        for command in commands:
            self._session.send(command)

    # -- swapping a word ------------------------------------------------------------------------------

    def choose_swap(self, step: int) -> SwapDialog | None:
        """Ask which word is to be read instead of one of the passage."""
        run, trace = self._session.run, self._session.shown_trace
        if run is None or trace is None or step >= trace.length:
            return None
        corpus = run.experiment.corpus
        before = str(trace.words[step])
        dialog = SwapDialog(
            before,
            likely_words(trace, step, corpus.vocabulary.tokens),
            corpus.vocabulary.tokens[1:],
            trace.token_kind,
            self._theme,
            self._window,
        )
        dialog.chosen.connect(lambda word: self.swap(step, word))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def swap(self, step: int, word: str) -> None:
        """Watch the passage with another word at one step."""
        run, frame = self._session.run, self._session.last_frame
        if run is None or frame is None:
            return
        trace, before = frame.traces[0], run.passage
        passage = swapped(trace, step, word, run.experiment.corpus.tokenizer.join, before.answer)
        old = str(trace.words[step])
        self._watch(passage)
        wish = self._undoing.did_swap(before, passage, f"{word} instead of {old}")
        generation = self._session.generation
        self._ghost.take(frame, lambda now: cause_of_swap(old, word, now), wish, generation=generation)

    def _watch(self, passage: Passage) -> None:
        self._session.watch(passage)
        self.swapped.emit()

    # -- taking back ------------------------------------------------------------------------------------

    @property
    def undo_words(self) -> str:
        """What `undo` would take back; "" for nothing."""
        run = self._session.run
        return self._undoing.words(run.passage) if run is not None else ""

    def undo(self) -> bool:
        """Take back the last intervention or swap, be it on its way; False where there is none."""
        run = self._session.run
        if self._waiting.forget_last():
            return True
        if run is None or not self._undoing.has_something(run.passage):
            return False
        back = self._undoing.take_back(run.passage)
        self._session.show_live()
        self._ghost.go_back(self._undoing.taken_back)
        if isinstance(back, Passage):
            self._watch(back)
        else:
            self._answers.change_comes()
            for command in back:
                self._session.send(command)
        self.shown_anew.emit()
        return True

    def undo_or_new_network(self) -> None:
        """What Ctrl+Z takes back: the last intervention, or else the new network that replaced another."""
        if not self.undo():
            self._session.undo()

    # -- the ghost --------------------------------------------------------------------------------------

    def _drop_ghost(self) -> None:
        self._ghost.drop()
        self._answers.dismiss()

    def dismiss_ghost(self) -> bool:
        """Take the ghost away; False where none stands."""
        stood = self._ghost.stands or self._answers.compares
        self._drop_ghost()
        if stood:
            self.shown_anew.emit()
        return stood

    # -- what is shown ----------------------------------------------------------------------------------

    def lanes(self, frame: Frame) -> tuple[int, ...]:
        """The lanes that are acted upon: the one that is open, or all."""
        lane = self._session.lane
        return tuple(range(len(frame.traces))) if lane is None else (lane,)

    def _learning(self, frame: Frame) -> tuple[int, ...]:
        return tuple(number for number, lane in enumerate(frame.lanes) if lane.failure is None)

    def _active(self) -> tuple[Active, ...]:
        frame = self._session.shown_frame
        return () if frame is None else active_in(frame, self.lanes(frame))

    def show_moment(self, frame: Frame | None, cursor: CursorState) -> tuple[Ghost | None, ...]:
        """Bring panel and bar up to a moment; the ghosts that stand beside it."""
        self._cursor = cursor
        run = self._session.run
        if frame is None or run is None:
            self.bar.show_held((), "")
            return ()
        said = "" if self._session.moment is not None else self._ghost.drop_what_does_not_fit(frame)
        if said:
            self._session.message.emit(Message(said))
        ghosts, lanes = self._ghost.beside(frame), self.lanes(frame)
        active = active_in(frame, lanes)
        if self._dragged is None or not self.bar.isHidden():  # nothing moves under a hand that drags
            self.bar.show_held(active, self._ghost.name if any(ghosts) else "")
        task = run.experiment.corpus.task
        answers = "" if task is None else self._answers.text(lanes)
        chance = "" if task is None else f"chance {100 * task.chance:.0f} %"
        brief = answers and self._answers.text(lanes, brief=True)
        self.answers_changed.emit(f"{brief} ({chance})" if brief else "")
        if self.panel.isVisible():
            shown = cause_shown(frame, lanes, cursor, run.experiment, active)
            self.panel.show_cause(shown.told(self.undo_words, answers, chance, self._bias))
        return ghosts

    # -- what the training thread answers ---------------------------------------------------------------

    def _on_run(self, _run: Run) -> None:
        self._drop_ghost()
        self._answers.clear()
        self._undoing.clear()
        self._waiting.clear()
        self._change, self._bias = 0, float("nan")

    def _on_intervened(self, event: Intervened) -> None:
        for command in self._undoing.done(event.undo, event.asked):
            self._session.send(command)
        self._change = event.change
        self._answers.change_came()
        run = self._session.run
        if run is not None and run.experiment.corpus.task is not None and self._dragged is None:
            self._session.validate()
        self._act()
        self.shown_anew.emit()

    def _on_refused(self, _event: InterventionRefused) -> None:
        self._ghost.give_back(self._undoing.refused())
        self._act()
        self.shown_anew.emit()

    def _on_validated(self, validation: Validation) -> None:
        self._answers.note(validation)
        frame = self._session.last_frame
        if frame is None or validation.lane == max(self._learning(frame), default=0):
            self._act_unmeasured()
        self.shown_anew.emit()
