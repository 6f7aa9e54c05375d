"""The picture of before stays as a ghost, every change can be taken back, and answers are counted."""

from collections import deque
from itertools import count
from random import Random

import numpy as np
import pytest
from PySide6.QtCore import Qt

from rnnviz.gui.right_answers import RightAnswers
from rnnviz.gui.undoing import Undoing
from rnnviz.gui.views.headline import plain_text
from rnnviz.gui.views.wishes import GiveUpWish, HoldWish
from rnnviz.text import Passage
from rnnviz.training import (
    HoldGate,
    Intervene,
    Intervention,
    InterventionRefused,
    Lift,
    ScaleRecurrent,
    SetForgetBias,
    SilenceUnit,
    UndoIntervention,
    Validation,
)
from tests.gui.conftest import User
from tests.gui.interventions.hands import chips, ghost_stands, held, until_held, with_cell


# -- ghost and undo ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["Esc", "chip"])
def test_the_ghost_stays_until_it_is_dismissed(lstm: User, how: str) -> None:
    window, before = lstm.window, lstm.trace
    window.interventions.intervene(HoldGate("f", 0.0, 3))
    until_held(lstm, HoldGate("f", 0.0, 3))
    ghost = window.score._context.ghost
    assert ghost is not None and ghost.trace is before
    assert all(plot.ghost is ghost for plot in window.inspector.plots.values())
    assert window.interventions.bar.ghost_button.text().strip() == "ghost of update 0"
    with_ghost = window.score.grab().toImage()
    window.train()
    lstm.until_step(5)
    window.session.pause()
    lstm.until_settled()
    assert ghost_stands(lstm)
    if how == "Esc":
        window.focus_picture()
        lstm.key(Qt.Key.Key_Escape)
    else:
        lstm.click(window.interventions.bar.ghost_button)
    assert not ghost_stands(lstm) and window.score._context.ghost is None
    assert "before" not in window.score.accessibleDescription()
    assert held(lstm) == [HoldGate("f", 0.0, 3)] and chips(lstm), "what is held stays held"
    assert window.score.grab().toImage() != with_ghost


def test_a_ghost_of_another_length_is_dropped_with_a_word(lstm: User) -> None:
    lstm.window.interventions.intervene(HoldGate("f", 0.0, 1))
    until_held(lstm, HoldGate("f", 0.0, 1))
    lstm.window.watch(Passage("Napoleon was"))
    lstm.until(lambda: lstm.trace.length == 2)
    assert not ghost_stands(lstm) and "its ghost is gone" in lstm.said


def test_ctrl_z_takes_back_the_last_intervention_and_then_the_new_network(lstm: User) -> None:
    window, before = lstm.window, lstm.trace.state_gradient_matrix
    window.interventions.open(True)
    window.interventions.intervene(ScaleRecurrent(2.0))
    lstm.until(lambda: not np.array_equal(lstm.trace.state_gradient_matrix, before))
    window.interventions.intervene(SilenceUnit(1, 0))
    until_held(lstm, SilenceUnit(1, 0))
    assert "unit 2 silenced" in window.interventions.panel.undo_button.toolTip()
    window.focus_picture()
    lstm.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    until_held(lstm)
    lstm.until(lambda: "W_hh" in window.interventions.undo_words and ghost_stands(lstm))
    ghost = window.score._context.ghost
    assert ghost is not None and ghost.trace.state_gradient_matrix is before, "of before W_hh was scaled"
    lstm.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    lstm.until(lambda: np.array_equal(lstm.trace.state_gradient_matrix, before))
    run = window.session.run
    lstm.until(lambda: window.interventions.undo_words == "")
    lstm.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not ghost_stands(lstm)
    assert window.session.run is not run and window.session.settings.lane.cell == "rnn"


def test_a_refusal_becomes_a_notice_and_leaves_no_ghost(user: User) -> None:
    gru = with_cell(user, cell="gru", hidden=8)
    gru.window.interventions.intervene(SetForgetBias(1.0))
    gru.until(lambda: "forget" in gru.said)
    assert "LSTM" in gru.said and not ghost_stands(gru) and gru.window.interventions.undo_words == ""


def refusals(user: User) -> list[InterventionRefused]:
    """Fills as they come."""
    came: list[InterventionRefused] = []
    user.window.session.intervention_refused.connect(came.append)
    return came


def ghost_words(user: User) -> str:
    """How the sentence beside the ghost begins."""
    ghost = user.window.score._context.ghost
    return "" if ghost is None else plain_text(ghost.cause)


def test_two_wishes_on_their_way_that_are_both_refused_leave_no_ghost(user: User) -> None:
    gru = with_cell(user, cell="gru", hidden=8)
    came = refusals(gru)
    for bias in (1.0, 2.0):
        gru.window.interventions.intervene(SetForgetBias(bias))
    gru.until(lambda: len(came) == 2)
    gru.window.interventions.intervene(SilenceUnit(1, 0))
    until_held(gru, SilenceUnit(1, 0))
    assert ghost_stands(gru)
    assert gru.window.interventions.undo()
    until_held(gru)
    assert not ghost_stands(gru) and gru.window.score._context.ghost is None, "nothing else was changed"


def test_a_refusal_takes_its_own_ghost_and_not_that_of_a_swap_after_it(user: User) -> None:
    gru = with_cell(user, cell="gru", hidden=8)
    came, before = refusals(gru), gru.trace
    gru.window.interventions.intervene(SetForgetBias(1.0))
    gru.window.interventions.swap(0, "raft")
    gru.until(lambda: bool(came) and gru.trace.words[0] == "raft")
    ghost = gru.window.score._context.ghost
    assert ghost_stands(gru) and ghost is not None and ghost.trace is before
    assert ghost_words(gru) == f"With raft instead of {before.words[0]}"
    assert gru.window.interventions.undo()
    gru.until(lambda: gru.trace.words[0] == before.words[0])
    assert not ghost_stands(gru), "nothing else was changed"


def test_a_valve_that_is_refused_on_its_way_leaves_the_ghost_of_where_it_stands(lstm: User) -> None:
    show, came = lstm.window.interventions, refusals(lstm)
    show.wish(HoldWish("f", 0.0, 3, 0, settled=False))
    until_held(lstm, HoldGate("f", 0.0, 3, 0))
    said = ghost_words(lstm)
    show.wish(HoldWish("f", 7.0, 3, 0))
    lstm.until(lambda: bool(came))
    assert ghost_stands(lstm) and ghost_words(lstm) == said != ""


def test_looking_back_shows_what_was_held_then(lstm: User) -> None:
    window = lstm.window
    lstm.train_until(10)
    middle = lstm.step
    window.interventions.intervene(HoldGate("f", 0.0))
    until_held(lstm, HoldGate("f", 0.0))
    lstm.train_until(middle + 10)
    assert chips(lstm) == ["forget gate f held at 0.00 at every step"]
    window.session.show_moment(0)
    assert chips(lstm) == [] and not lstm.trace.held and not ghost_stands(lstm)
    window.session.show_live()
    assert chips(lstm) and lstm.trace.held["f"].all()


# -- what has no window -----------------------------------------------------------------------------------
def test_right_answers_are_those_of_before_and_after() -> None:
    answers = RightAnswers()
    answers.note(Validation(50, 0.1, 1.0, 100))
    answers.note(Validation(50, 0.1, 0.5, 100, lane=1))
    assert answers.knows([0, 1], 50) and not answers.knows([0, 1], 51) and answers.text([0]) == ""
    answers.change_comes()
    answers.change_came()
    assert answers.text([0]) == "right answers 100 % → …" and not answers.knows([0], 50)
    answers.note(Validation(50, 3.0, 0.26, 100))
    answers.note(Validation(50, 3.0, 0.5, 100, lane=1))
    assert answers.text([0]) == "right answers 100 % → 26 %"
    assert answers.text([0, 1]) == "right answers 1: 100 % → 26 %, 2: 50 % → 50 %"
    assert answers.text([0, 1], brief=True) == "right answers 1: 100 % → 26 %"
    answers.dismiss()
    assert answers.text([0]) == ""


def test_undo_takes_swaps_and_interventions_in_their_order() -> None:
    undoing, first, second = Undoing(), Passage("a b"), Passage("a c")
    undoing.will_do(Intervene(HoldGate("f", 0.5, 1)))
    undoing.done("the gate")
    undoing.will_do(Intervene(HoldGate("f", 0.0, 1)))
    undoing.done("the gate, dragged on")
    undoing.did_swap(first, second, "c instead of b")
    assert undoing.words(second) == "c instead of b" and undoing.take_back(second) == first
    assert undoing.words(first) == "the gate, dragged on"
    assert undoing.take_back(first) == (UndoIntervention(),)
    undoing.done("")
    assert undoing.words(first) == ""
    undoing.did_swap(first, second, "c instead of b")
    assert undoing.words(Passage("quite another")) == "", "a swap that was left behind is none to take back"


Wish = list[Intervention]
Stand = list[Wish | tuple[Passage, Passage]]


class Answerer:
    """The training thread as undo knows it: what it would take back, and what it has not read yet."""

    def __init__(self, undoing: Undoing) -> None:
        self.undoing = undoing
        self.steps: list[Wish] = []
        self.inbox: deque[Intervene | Lift | UndoIntervention] = deque()

    def answer(self, stand: Stand) -> None:
        """Obey the next command or refuse it, and tell so."""
        command = self.inbox.popleft()
        if isinstance(command, UndoIntervention):
            self.steps.pop()
        elif is_refused(one := command.intervention):
            self.undoing.refused()
            forget(one, stand)
            return
        elif self.steps and isinstance(self.steps[-1][-1], HoldGate) and isinstance(one, HoldGate):
            last = self.steps[-1][-1]
            before = next((wish for wish in stand if isinstance(wish, list) and last in wish), None)
            if before is not None and one not in before:  # what lay between the two was refused
                stand.remove(before)
                for wish in stand:
                    if isinstance(wish, list) and one in wish:
                        wish[:0] = before
            self.steps[-1].append(one)
        else:
            self.steps.append([one])
        self.inbox += self.undoing.done(f"{self.steps[-1]}" if self.steps else "")


def is_refused(one: Intervention) -> bool:
    return (isinstance(one, SilenceUnit) and one.layer > 0) or (isinstance(one, HoldGate) and one.value > 1)


def forget(refused: Intervention, stand: Stand) -> None:
    for wish in [wish for wish in stand if isinstance(wish, list) and refused in wish]:
        wish.remove(refused)
        if not wish:
            stand.remove(wish)


@pytest.mark.parametrize("seed", range(60))
def test_undo_takes_back_the_last_wish_whatever_is_on_its_way(seed: int) -> None:
    chance, undoing, watched, number = Random(seed), Undoing(), Passage("0"), count(1)
    trainer, stand = Answerer(undoing), Stand()  # what was wished and not taken back, the last one last

    def do(*wish: Intervention) -> None:
        commands = [Intervene(one) for one in wish]
        undoing.will_do(*commands)
        trainer.inbox += commands
        deeds = [one for one in stand if isinstance(one, list)]
        if deeds and isinstance(wish[0], HoldGate) and isinstance(deeds[-1][0], HoldGate):
            stand.remove(deeds[-1])
            stand.append([*deeds[-1], *wish])
        else:
            stand.append(list(wish))

    def a_unit() -> SilenceUnit:
        return SilenceUnit(next(number), chance.choice((0, 0, 1)))

    for _ in range(40):
        kind = chance.choice(
            ("unit", "gate", "several", "swap", "undo", "undo", "answer", "answer", "answer")
        )
        if kind == "answer" and trainer.inbox:
            trainer.answer(stand)
        elif kind == "swap":
            before, watched = watched, Passage(f"{next(number)}")
            undoing.did_swap(before, watched, "a swap")
            stand.append((before, watched))
        elif kind == "undo" and undoing.has_something(watched):
            back, last = undoing.take_back(watched), stand.pop()
            if isinstance(back, Passage):
                assert last == (back, watched)
                watched = back
            else:
                assert isinstance(last, list)
                trainer.inbox += back
        elif not undoing.owes:  # else the window lets a wish wait
            if kind == "gate":
                do(HoldGate("f", next(number) / 1000 + chance.choice((0, 0, 1)), 2))
            elif kind == "unit":
                do(a_unit())
            elif kind == "several":
                do(a_unit(), a_unit(), a_unit())
    while trainer.inbox:
        trainer.answer(stand)
    assert undoing.has_something(watched) == bool(stand)
    wanted = [one for wish in stand if isinstance(wish, list) for one in wish]
    assert [one for step in trainer.steps for one in step] == wanted


def test_ctrl_z_takes_back_what_is_still_on_its_way_and_nothing_else(lstm: User) -> None:
    show = lstm.window.interventions
    show.intervene(SilenceUnit(0, 0))
    until_held(lstm, SilenceUnit(0, 0))
    said, come = ghost_words(lstm), []
    lstm.window.session.intervened.connect(come.append)
    show.intervene(SilenceUnit(1, 0))
    assert show.undo()
    lstm.until(lambda: len(come) == 2)
    until_held(lstm, SilenceUnit(0, 0))
    assert ghost_stands(lstm) and ghost_words(lstm) == said != ""
    show.intervene(SilenceUnit(1, 7))  # there is no such layer: it will be refused
    assert show.undo()
    show.intervene(SilenceUnit(2, 0))
    until_held(lstm, SilenceUnit(0, 0), SilenceUnit(2, 0))
    assert show.undo() and show.undo()
    until_held(lstm)


def test_a_word_swapped_while_an_intervention_is_on_its_way_is_taken_back_first(lstm: User) -> None:
    show, first = lstm.window.interventions, lstm.trace.words[0]
    show.intervene(SilenceUnit(0, 0))
    show.swap(1, "raft")
    lstm.until(lambda: lstm.trace.words[1] == "raft")
    until_held(lstm, SilenceUnit(0, 0))
    assert show.undo()
    lstm.until(lambda: lstm.trace.words[1] != "raft")
    assert held(lstm) == [SilenceUnit(0, 0)] and lstm.trace.words[0] == first
    assert show.undo()
    until_held(lstm)


def test_a_valve_let_go_of_before_it_was_held_takes_nothing_else_back(answering: User) -> None:
    show = answering.window.interventions
    show.intervene(SilenceUnit(0, 0))
    until_held(answering, SilenceUnit(0, 0))
    answering.train_until(answering.step + 3)
    answering.until_settled()
    for value in (0.8, 0.4):
        show.wish(HoldWish("f", value, 3, 0, settled=False))
    assert show._waiting.measures, "the right answers of before come first"
    show.wish(GiveUpWish())
    show.intervene(SilenceUnit(1, 0))
    until_held(answering, SilenceUnit(0, 0), SilenceUnit(1, 0))


def test_what_is_told_unasked_answers_no_command() -> None:
    """The process that trained has died, or the run was started over: commands on their way still count."""
    undoing, watched = Undoing(), Passage("a b")
    undoing.will_do(Intervene(SilenceUnit(0, 0)))
    undoing.done("", asked=False)
    undoing.done("unit 1")
    undoing.will_do(Intervene(SilenceUnit(1, 0)), Intervene(SilenceUnit(2, 0)))
    undoing.refused()
    undoing.done("unit 3")
    assert undoing.take_back(watched) == (UndoIntervention(),) and undoing.taken_back == 2
    undoing.done("unit 1")
    assert undoing.take_back(watched) == (UndoIntervention(),) and undoing.taken_back == 1


def test_of_a_wish_of_many_commands_it_is_told_when_all_of_it_came_to_nothing() -> None:
    undoing = Undoing()
    all_refused = undoing.will_do(Intervene(SilenceUnit(1, 0)), Intervene(SilenceUnit(2, 0)))
    assert [undoing.refused(), undoing.refused()] == [0, all_refused]
    undoing.will_do(Intervene(SilenceUnit(1, 0)), Intervene(SilenceUnit(2, 0)))
    undoing.done("unit 2")
    assert undoing.refused() == 0, "part of it was done"
    undoing.take_back(Passage("a b"))
    assert undoing.refused() == 0, "an undo is no wish that has a ghost"
