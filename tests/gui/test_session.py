"""The session without a window."""

import pytest

from rnnviz.gui import session as session_module
from rnnviz.gui.session import Session
from rnnviz.gui.views.score import Score
from rnnviz.gui.views.tracks import TRACKS
from rnnviz.probes import NEEDS
from rnnviz.text import text_from_string
from rnnviz.training import (
    Experiment,
    Intervene,
    NewestNumbers,
    RunSettings,
    ScaleRecurrent,
    StateChanged,
    UndoIntervention,
    prepare,
)
from tests.gui.conftest import User


@pytest.fixture
def experiments() -> list[Experiment]:
    text = text_from_string("The Emperor of France knew the Emperor of Russia . " * 40, "emperors.txt")
    settings = RunSettings().with_values({"hidden": 4, "window": 4, "batch": 2})
    return [prepare(text, settings) for _ in range(2)]


def test_what_was_told_to_the_run_before_is_not_told_to_the_next(
    qapp: object, experiments: list[Experiment]
) -> None:
    session = Session(lambda: frozenset())
    try:
        session.adopt(experiments[0])
        session.train()  # and before the clock has ticked a new network comes
        assert session.is_training
        session.adopt(experiments[1])
        assert session.state == "ready"
        assert not session.is_training
    finally:
        session.close()


def test_undo_waits_for_an_old_network_that_is_not_put_away_yet(
    qapp: object, experiments: list[Experiment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "CLOSING_PATIENCE_S", 0.0)
    session = Session(lambda: frozenset())
    said: list[str] = []
    session.message.connect(lambda message: said.append(message.text))
    try:
        session.adopt(experiments[0])
        first = session.run
        assert first is not None
        with monkeypatch.context() as slow:
            slow.setattr(first.trainer, "is_alive", lambda: True)
            session.adopt(experiments[1])
            session.undo()
            assert session.can_undo and session.run is not first
            assert said == ["The old network is still being put away."]
        first.trainer.join(10.0)
        session.undo()
        assert session.run is not None and session.run.experiment is first.experiment
    finally:
        monkeypatch.undo()
        session.close()


def test_tracks_ask_only_for_what_a_trace_can_leave_out(qapp: object) -> None:
    assert Score().needs() <= NEEDS
    assert frozenset().union(*(track.needs for track in TRACKS)) <= NEEDS


def test_a_run_that_goes_back_takes_the_kept_moments_along(user: User) -> None:
    session = user.window.session
    run = session.run
    assert run is not None
    user.train_until(5)
    step = run.experiment.step
    session.send(Intervene(ScaleRecurrent(1.5)))
    user.until(lambda: session.last_frame is not None and session.last_frame.change == 1)
    user.train_until(step + 10)
    assert run.history.steps[-1] > step
    session.send(UndoIntervention())
    user.until(lambda: session.last_frame is not None and session.last_frame.change == 2)
    assert session.last_frame is not None and session.last_frame.step == step
    assert run.history.steps[-1] == step and run.history.steps[0] == 0
    assert all(moment.step <= step for moment in run.history.course.moments())
    assert f"the run is back at update {step:,}" in user.said


def test_numbers_come_at_every_tick_and_pictures_when_they_can(user: User) -> None:
    window = user.window
    told: list[tuple[int, float]] = []
    window.session.numbers_arrived.connect(lambda r: told.append((r.step, r.loss_of(0))))
    user.click(window.toolbar.train_button)
    user.until(lambda: len(told) > 5)
    steps = [step for step, _ in told]
    assert steps == sorted(steps) and steps[-1] > steps[0]
    shown = int(window.status_line.update_label.text().removeprefix("update ").replace(",", ""))
    assert shown >= steps[-1], "the line never falls behind the dial"
    user.click(window.toolbar.train_button)
    user.until_settled()
    assert window.session.newest is None
    assert window.status_line.update_label.text() == f"update {user.experiment.step:,}"
    log = user.window.session.run.trainer.log.since(0)  # type: ignore[union-attr]
    losses = dict(zip(log["step"].tolist(), log["loss"].tolist(), strict=True))
    assert all(loss == losses[step] for step, loss in told if loss == loss)


def test_numbers_of_the_dial_are_not_shown_once_the_run_rests(user: User) -> None:
    """The dial was read a moment before the last update; the run itself is then further."""
    session = user.window.session
    user.train_until(5)
    trainer = session.run.trainer  # type: ignore[union-attr]
    session.clock.stop()
    session._on_event(StateChanged("running"))
    session.newest = NewestNumbers(2, 1, (9.0, 9.0, 9.0, 9.0))
    trainer.events.put(StateChanged("paused"))
    session.tick()
    assert user.window.status_line.update_label.text() == f"update {user.experiment.step:,}"


def test_a_dial_that_is_just_being_set_takes_no_number_back(user: User) -> None:
    session = user.window.session
    user.train_until(5)
    trainer = session.run.trainer  # type: ignore[union-attr]
    session.clock.stop()
    session._on_event(StateChanged("running"))
    session.tick()
    known = session.newest
    assert known is not None and known.step == user.experiment.step
    told: list[object] = []
    session.numbers_arrived.connect(told.append)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer.dial, "read", lambda: None)
        session.tick()
    assert session.newest is known
    session.tick()
    assert told == [], "it says what it said before"
