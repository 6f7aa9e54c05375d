"""Slow motion: a function of a phase, showing what has happened by then and nothing else."""

import dataclasses
import itertools
import re

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from rnnviz.gui.cursor import Cursor, CursorState
from rnnviz.gui.views.headline import plain_text
from rnnviz.gui.views.score import Score
from rnnviz.gui.views.score_painting import HEADLINE_HEIGHT, LABEL_WIDTH, axis_for, lay_out
from rnnviz.gui.views.slow_motion import Stage, shown_trace, update_headline
from rnnviz.gui.views.slow_motion.numbers import step_back, word_shares
from rnnviz.gui.views.slow_motion.stage import Walk
from rnnviz.gui.views.tracks import Context
from rnnviz.gui.views.wording import one_in, percent
from rnnviz.gui.window import MainWindow
from rnnviz.probes import UpdateRecord
from rnnviz.probes.trace import NO_TARGET, Trace
from tests.gui.conftest import PATIENCE_MS
from tests.gui.score.painting import painted
from tests.gui.score.reference import Array, Net, make_net, passage, trace_of

WIDTH, HEIGHT = 712, 548
LETTERS = list("Napoleon was the Emperor of France and he knew")
PHASES = (0.0, 0.5, 0.97, 1.3, 1.9, 2.5, 3.1, 3.5, 3.9, 4.05, 4.2, 4.4, 4.6, 4.9, 5.3, 5.9, 6.1, 6.5, 6.99)


def learned_a_little(net: Net) -> Net:
    """The network after a small step of its readout."""
    return dataclasses.replace(net, out=net.out * 1.3)


def record_of(words: list[str], answer: str = "France", others: int = 31, **how: object) -> UpdateRecord:
    """An update from the reference network; the shares of the steps are numbers of the test's own."""
    net = make_net(vocabulary=60, **how)  # type: ignore[arg-type]
    before = trace_of(net, words, answer)
    after = trace_of(learned_a_little(net), words, answer, step=701)
    shares = np.linspace(0.2, 1.0, len(words))[:, None] * np.ones(before.layers)
    return UpdateRecord(before, shares, after, others)


def cursor_at(record: UpdateRecord, phase: float | None, layer: int = 0) -> CursorState:
    last = record.before.length - 1
    return CursorState(
        time_step=last, error_step=max(record.before.last_target_step, 0), phase=phase, layer=layer
    )


def picture(record: UpdateRecord, phase: float, layer: int = 0) -> Array:
    """(height, width, 4) bytes of the score at a phase."""
    cursor, context = cursor_at(record, phase, layer), Context(update_record=record)
    return pixels(painted(record.before, cursor, width=WIDTH, height=HEIGHT, context=context))


def pixels(image: QImage) -> Array:
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width(), :3].copy()


def columns(image: Array) -> Array:
    """What stands under the headline and right of the labels."""
    return image[int(HEADLINE_HEIGHT) :, int(LABEL_WIDTH) :]


def sentence(record: UpdateRecord, phase: float, layer: int = 0) -> str:
    return plain_text(update_headline(record, cursor_at(record, phase, layer)))


@pytest.fixture(scope="module")
def record() -> UpdateRecord:
    return record_of(passage(8))


# A function of the phase.


def test_the_same_phase_gives_the_same_pixels_whatever_was_shown_before(
    live: tuple[Score, Cursor], record: UpdateRecord
) -> None:
    score, _ = live
    score.resize(WIDTH, HEIGHT)

    def shown(phase: float) -> Array:
        score.set_update_record(record)
        score.show_moment(record.before, cursor_at(record, phase))
        return pixels(score.grab().toImage())

    there = {phase: shown(phase) for phase in PHASES}
    back = {phase: shown(phase) for phase in reversed(PHASES)}
    for phase in PHASES:
        assert np.array_equal(there[phase], back[phase])
    assert len({one.tobytes() for one in there.values()}) == len(PHASES), "every phase looks different"


def test_the_same_phase_scrolls_to_the_same_place(live: tuple[Score, Cursor]) -> None:
    score, _ = live
    long = record_of(LETTERS, "n")
    shown: dict[float, list[range]] = {}
    for phase in (*PHASES, *reversed(PHASES)):
        score.set_update_record(long)
        score.show_moment(long.before, cursor_at(long, phase))
        axis = score.axis()
        assert axis is not None
        assert axis.scrolls
        shown.setdefault(phase, []).append(axis.visible)
        assert Stage(phase, long.before.length, long.before.length - 1).focus in axis.visible
    assert all(there == back for there, back in shown.values())


@pytest.mark.parametrize("length", [1, 2, 3, 16, 100])
def test_what_is_revealed_stays_revealed(length: int) -> None:
    stages = [Stage(phase, length, length - 1) for phase in np.arange(0, 7, 0.01)]
    for before, now in itertools.pairwise(stages):
        for name in ("words", "states", "filled", "predictions", "answers", "again"):
            a, b = getattr(before, name), getattr(now, name)
            assert all(a.part(k) <= b.part(k) for k in range(length))
            assert a.done(length) == sum(a.part(k) > 1 - 1e-9 for k in range(length))
        assert before.climb <= now.climb
        assert before.others <= now.others
        if before.walk is not None and now.walk is not None:
            assert before.walk.place >= now.walk.place
        assert all(before.share_of_all(k) <= now.share_of_all(k) for k in range(length))
        assert all(before.share_of_word(k) <= now.share_of_word(k) for k in range(length))
    last = stages[-1]
    assert last.words.done(length) == last.filled.done(length) == last.again.done(length) == length
    assert last.walk is not None
    assert last.walk.over
    assert last.share_of_all(0) == last.others == last.climb == 1


@pytest.mark.parametrize("length", [2, 16, 100])
def test_a_state_begins_when_the_one_before_it_is_full(length: int) -> None:
    for phase in np.arange(1, 2, 0.003):
        stage = Stage(phase, length, length - 1)
        for k in range(1, length):
            if stage.states.part(k) > 0:
                assert stage.filled.part(k - 1) == pytest.approx(1)


def test_the_first_two_steps_back_take_longer_than_any_other() -> None:
    phases = np.arange(4, 5, 0.0005)
    steps = [walk.step for p in phases if (walk := Stage(float(p), 30, 29).walk) and not walk.over]
    spent = [steps.count(k) for k in range(29, 0, -1)]
    assert steps == sorted(steps, reverse=True)
    assert min(spent[:2]) > 5 * max(spent[2:])
    assert spent[2] > spent[-1]


# Nothing is shown before its time.


@pytest.mark.parametrize("phase", [0.5, 1.3, 2.5, 2.99])
def test_the_right_answer_is_not_seen_before_it_is_compared(
    qtbot: QtBot, record: UpdateRecord, phase: float
) -> None:
    known = [*dict.fromkeys(passage(8)), "France", "raft"]
    one, other = (
        dataclasses.replace(
            record, before=trace_of(make_net(vocabulary=60), passage(8), answer, vocabulary=known)
        )
        for answer in ("France", "raft")
    )
    assert np.array_equal(columns(picture(one, phase)), columns(picture(other, phase)))
    assert not np.array_equal(columns(picture(one, 3.6)), columns(picture(other, 3.6)))


def test_states_to_come_are_not_seen(qtbot: QtBot, record: UpdateRecord) -> None:
    hidden = record.before.hidden.copy()
    hidden[6:] = -hidden[6:]
    other = dataclasses.replace(record, before=dataclasses.replace(record.before, hidden=hidden))
    assert np.array_equal(columns(picture(record, 1.4)), columns(picture(other, 1.4)))
    assert not np.array_equal(columns(picture(record, 1.99)), columns(picture(other, 1.99)))


@pytest.mark.parametrize("phase", [0.5, 1.5, 2.5, 3.5, 4.05])
def test_what_is_left_of_the_error_is_not_seen_before_it_has_walked(
    qtbot: QtBot, record: UpdateRecord, phase: float
) -> None:
    matrix = record.before.state_gradient_matrix.copy()
    matrix[7, :7] *= 0.5
    other = dataclasses.replace(
        record, before=dataclasses.replace(record.before, state_gradient_matrix=matrix)
    )
    assert np.array_equal(picture(record, phase), picture(other, phase))
    assert not np.array_equal(picture(record, 4.85), picture(other, 4.85))


# The numbers are those of the record.


@pytest.mark.parametrize("layers", [1, 2])
def test_the_sentences_of_the_way_back_have_the_records_factors(layers: int) -> None:
    record = record_of(passage(8), layers=layers)
    trace, t, heard = record.before, 7, set()
    for phase in np.arange(4.12, 4.5, 0.005):
        walk = Stage(float(phase), 8, t).walk
        assert walk is not None
        if walk.step < 6:
            continue
        text, k = sentence(record, float(phase)), walk.step
        shares = trace.share_left(t, 0)
        if walk.part < 0.5:
            assert trace.slope_factor is not None
            assert f"At {trace.words[k]} f′ lets {percent(float(trace.slope_factor[t, k, 0]))} %" in text
        else:
            assert f"{percent(float(shares[k - 1]))} %" in text or layers == 1
            assert trace.slope_factor is not None
            assert trace.weight_factor is not None
            product = shares[k] * trace.slope_factor[t, k, 0] * trace.weight_factor[t, k, 0]
            assert f"it to {percent(float(product))} %" in text
            assert text.endswith(f"reaches {trace.words[k - 1]}.")
        heard.add((k, walk.part < 0.5))
    assert heard == {(7, True), (7, False), (6, True), (6, False)}


def test_the_moving_bar_has_no_jumps(record: UpdateRecord) -> None:
    shares = record.before.share_left(7, 0)
    for k in range(7, 0, -1):
        move = step_back(record.before, 7, k, 0)
        assert move is not None
        assert move.at(Walk(k, 0.0, over=False)) == pytest.approx(shares[k])
        assert move.at(Walk(k, 0.4999999, over=False)) == pytest.approx(move.let_through)
        assert move.at(Walk(k, 0.5, over=False)) == pytest.approx(move.let_through)
        assert move.at(Walk(k, 1.0, over=False)) == pytest.approx(shares[k - 1])
        assert move.handed_on == pytest.approx(shares[k - 1]), "one layer: nothing comes from above"


def test_one_words_shares_of_the_weights_are_norms_of_outer_products() -> None:
    words, net = passage(6), make_net(vocabulary=60)
    trace = trace_of(net, words, "France")
    probs = np.zeros(60)
    probs[trace.candidates[5]] = trace.candidate_probs[5]
    logits = net.out @ trace.hidden[6, 0].astype(float)
    error = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    error[trace.targets[5]] -= 1
    arriving, expected = net.out.T @ error, np.zeros(6)
    for k in range(5, -1, -1):
        through = (1 - trace.hidden[k + 1, 0].astype(float) ** 2) * arriving
        expected[k] = np.linalg.norm(np.outer(through, trace.hidden[k, 0].astype(float)))
        arriving = net.recurrent[0].T @ through
    shares = word_shares(trace, 5, 0)
    assert shares == pytest.approx(expected, rel=1e-4)
    assert expected[0] == 0, "h_0 is zero: the first step has nothing to send"


def test_other_sentences_name_words_and_numbers(record: UpdateRecord) -> None:
    before, after = record.before, record.after
    assert after is not None
    assert sentence(record, 0.5).endswith("of 8; 31 others run alongside.")
    assert "Update 701 reads " in sentence(record, 0.5)
    assert sentence(record, 1.0) == "The and a state of zeros become the new state."
    assert sentence(record, 1.99) == "the and the state before it become the new state."
    likeliest, p = before.candidate_words[7, 0], float(before.candidate_probs[7, 0])
    assert sentence(record, 2.99) == f"After the the network expects {likeliest} with {one_in(p)}."
    said = float(before.target_prob[7])
    assert f"comes France, to which the network gave {one_in(said)}." in sentence(record, 3.2)
    missing = re.search(r"France got (\S+) % too little", sentence(record, 3.7))
    assert missing is not None
    assert float(missing[1]) == pytest.approx(100 * (1 - said), abs=0.5)
    assert sentence(record, 4.05) == "The error of France (p − y) enters the last state."
    assert "other 7 words walk back" in sentence(record, 4.9)
    assert "used 8 times" in sentence(record, 5.3)
    assert "31 other sequences" in sentence(record, 5.95)
    assert "after" not in sentence(record, 6.1).lower()
    ends = sentence(record, 6.99)
    assert f"France {one_in(float(after.target_prob[7]))}; before the update" in ends
    assert ends.endswith(f"it gave {one_in(said)}.")


def test_one_update_among_few_sequences_says_so() -> None:
    words = passage(4)
    assert sentence(record_of(words, others=0), 0.5).endswith("word 3 of 4.")
    assert sentence(record_of(words, others=1), 0.5).endswith("1 other sequence runs alongside.")
    assert "another sequence adds" in sentence(record_of(words, others=1), 5.9)


# In the end the new stands before the old.


def test_the_end_shows_the_prediction_after_the_update(qtbot: QtBot) -> None:
    record = record_of(passage(5))
    assert record.after is not None
    trace, rect_of = record.before, {}
    from_score = painted(trace, cursor_at(record, 6.99), width=WIDTH, height=HEIGHT,
                         context=Context(update_record=record))  # fmt: skip
    ordinary = painted(record.after, cursor_at(record, None), width=WIDTH, height=HEIGHT)
    before = painted(trace, cursor_at(record, None), width=WIDTH, height=HEIGHT)
    area = from_score.rect().toRectF()
    for one in lay_out(trace, area, axis_for(trace, area, 1.0)).placed:
        rect_of[one.track.name] = one.rect
    rect = rect_of["predicts"]
    rows = slice(int(rect.top()) + 2, int(rect.bottom()) - 2)
    inside = slice(int(LABEL_WIDTH) + 2, WIDTH - 150)  # left of the stem and the cursor's frame
    new, after, old = (pixels(one)[rows, inside] for one in (from_score, ordinary, before))
    assert np.array_equal(new, after)
    assert not np.array_equal(new, old)


def test_views_beside_show_the_network_after_the_update_only_in_the_end(record: UpdateRecord) -> None:
    for phase in (0.0, 3.5, 6.5):
        assert shown_trace(record, cursor_at(record, phase)) is record.before
    assert shown_trace(record, cursor_at(record, 6.99)) is record.after


# Whatever comes.


def without_target(record: UpdateRecord) -> UpdateRecord:
    net = make_net(vocabulary=60)
    return dataclasses.replace(record, before=trace_of(net, passage(1), ""), after=None)


def broken(trace: Trace) -> Trace:
    hidden = trace.hidden.copy()
    hidden[3:] = np.nan
    return dataclasses.replace(trace, hidden=hidden)


ODD = {
    "one word": record_of(passage(1)),
    "two words": record_of(passage(2)),
    "no answer at the end": record_of(passage(5), ""),
    "no answer at all": without_target(record_of(passage(1))),
    "two layers": record_of(passage(6), layers=2),
    "three layers, scrolling": record_of(LETTERS, "n", layers=3),
    "relu with dead ways": record_of(passage(6), activation="relu", units=3),
    "not known afterwards": dataclasses.replace(record_of(passage(5)), after=None),
    "broken": dataclasses.replace(record_of(passage(5)), before=broken(record_of(passage(5)).before)),
    "nothing to collect": dataclasses.replace(record_of(passage(5)), weight_share=np.zeros((5, 1))),
    "no way back": dataclasses.replace(
        record_of(passage(5)),
        before=trace_of(make_net(vocabulary=60), passage(5), "France", cell_name="feedforward"),
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_records_are_drawn_at_every_phase(qtbot: QtBot, name: str) -> None:
    record = ODD[name]
    for phase in PHASES:
        for layer in range(record.before.layers):
            assert picture(record, phase, layer).std() > 1
            said = sentence(record, phase, layer)
            assert said.endswith(".")
            assert "nan" not in said.lower().split()


def test_without_an_answer_no_error_is_claimed() -> None:
    record = ODD["no answer at all"]
    assert record.before.targets[0] == NO_TARGET
    for phase in (3.5, 4.3, 5.5, 6.9):
        assert "no error sets out" in sentence(record, phase)
    assert "hands no state on" in sentence(ODD["no way back"], 4.3)
    assert "broken" in sentence(ODD["broken"], 4.3)
    assert "not known" in sentence(ODD["not known afterwards"], 6.9)


# In the window.


def test_slow_motion_in_the_window_shows_the_update_and_gives_everything_back(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.cursor_model.move(time_step=1)
    before, words = window.cursor_model.state, window.session.shown_trace.words.tolist()  # type: ignore[union-attr]
    window.slow_motion.show()
    qtbot.waitUntil(lambda: window.cursor_model.state.phase is not None, timeout=PATIENCE_MS)
    window.slow_motion_bar.pause()
    window.slow_motion_bar.slider.setValue(4 * 200 + 40)
    assert window.cursor_model.state.phase == pytest.approx(4.2)
    length = window.session.settings.experiment.window
    axis = window.score.axis()
    assert axis is not None
    assert axis.length == length
    assert window.cursor_model.state.error_step == window.cursor_model.state.time_step == length - 1
    assert re.search(r"f′ lets|W_hh", window.score.accessibleDescription())
    shown = window.inspector.plots["softmax"].trace
    assert shown is not None
    assert shown.length == length
    assert shown.step == 0
    window.slow_motion_bar.slider.setValue(7 * 200 - 1)
    assert window.inspector.plots["softmax"].trace.step == 1  # type: ignore[union-attr]
    qtbot.keyClick(window.score, Qt.Key.Key_Escape)
    assert window.cursor_model.state == dataclasses.replace(before, phase=None)
    assert window.slow_motion_bar.isHidden()
    axis = window.score.axis()
    assert axis is not None
    assert axis.length == len(words)
    assert "Update" not in window.score.accessibleDescription()
