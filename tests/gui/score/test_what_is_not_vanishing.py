"""What is not vanishing is not shown as vanishing: each other reason has a mark and a name of its own."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from rnnviz.engine import LanguageModel, ModelSpec
from rnnviz.gui.controls.status import Progress, StatusLine
from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.views.headline import headline, plain_text
from rnnviz.gui.views.score_painting import axis_for
from rnnviz.gui.views.tracks import TRACKS, Context
from rnnviz.gui.views.tracks.shares import fate
from rnnviz.probes import NO_TARGET, Trace, trace_passage
from tests.gui.score.painting import painted
from tests.gui.score.test_honest_drawing import pixels_of

WORDS = ["The", "Emperor", "Alexander", "knew", "that", "Napoleon", "was", "the", "Emperor", "of"]
LAST = CursorState(time_step=9, error_step=9)
TRACK = {track.name: track for track in TRACKS}
RECT = QRectF(0, 0, 712, 120)


def traced(cell: str = "rnn", touch=lambda parameters: None, answer: int | None = 9, **choices) -> Trace:
    model = LanguageModel(
        ModelSpec(40, cell, hidden=24, dtype="float64", **choices), np.random.default_rng(3)
    )
    touch(model.parameters)
    return trace_passage(
        model, tokens=list(range(10)), words=WORDS, spelling=tuple(f"w{i}" for i in range(40)),
        answer=answer, answer_word="France" if answer else None, assume_answer=False, step=100,
    )  # fmt: skip


def scaled(factor: float):
    def touch(parameters) -> None:
        parameters.view("weight_hh_l0")[...] *= factor

    return touch


def shut_at_napoleon(parameters) -> None:
    parameters.view("weight_ih_l0")[:, 5] -= 50


CASES = {
    "underflow": (lambda: traced(touch=scaled(1e-60)), "underflow", 0, "smaller than the computer's numbers"),
    "blocked": (lambda: traced(touch=shut_at_napoleon, activation="relu"), "blocked", 0, "f' = 0"),
    "no path": (lambda: traced("feedforward"), "no path", 0, "hands no state on"),
    "no target": (lambda: traced(answer=None), "no target", 0, "no right answer is known"),
}


@pytest.mark.parametrize("case", CASES)
def test_each_reason_is_told_apart_and_read_by_its_name(case, qapp):
    make, reason, step, said = CASES[case]
    trace = make()
    assert fate(trace, 9, step, 0) == reason
    axis = axis_for(trace, RECT, 1.0)
    for name in ("error", "matrix"):
        track = TRACK[name]
        y = RECT.bottom() - 14 if name == "matrix" else RECT.center().y()
        found = track.reading(QPointF(axis.center(step), y), RECT, trace, LAST, axis, Context())
        assert said in found.text, name
    sentence = plain_text(headline(trace, LAST))
    assert {"underflow": "trillionth", "blocked": "f' = 0", "no path": "hands no state on",
            "no target": "No right answer"}[case] in sentence  # fmt: skip


@pytest.mark.parametrize(
    ("case", "name"), [("underflow", "underflow"), ("blocked", "f' = 0"), ("no path", "no path")]
)
def test_grey_cells_of_all_errors_are_named_by_their_reason(case, name, qapp):
    caption = TRACK["matrix"].caption(CASES[case][0](), LAST)
    assert f"grey: {name}" in caption
    assert not any("grey" in line for line in TRACK["matrix"].caption(traced(), LAST))


def test_each_reason_is_drawn_with_a_mark_of_its_own(qtbot):
    """At the foot of the first column of the error track, where each has nothing left."""
    first = {}
    for case, (make, *_) in CASES.items():
        trace = make()
        pixels = pixels_of(painted(trace, LAST, "words", "error", scale=2, height=200))
        middle = round(2 * axis_for(trace, QRectF(0, 0, 712, 200), 2.0).center(0))
        first[case] = pixels[-60:, middle - 12 : middle + 12]
    names = list(first)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            assert (first[one] != first[other]).any(axis=2).sum() > 20, (one, other)


def test_what_training_never_sends_back_is_out_of_reach_everywhere(qapp):
    trace, context = traced(), Context(training_window=4)
    axis = axis_for(trace, RECT, 1.0)
    for name, y in (("error", RECT.center().y()), ("matrix", RECT.bottom() - 14)):
        read = [
            TRACK[name].reading(QPointF(axis.center(k), y), RECT, trace, LAST, axis, context).text
            for k in (5, 6)
        ]
        assert "beyond the training window of 4" in read[0] and "beyond" not in read[1], name
    assert "hatched: beyond training" in TRACK["matrix"].caption(trace, LAST, context)
    assert "out of training's reach." in plain_text(headline(trace, LAST, 4))
    assert "reach." not in plain_text(headline(trace, LAST, 10))
    assert "out of training" not in plain_text(headline(trace, LAST))


def test_the_states_underline_what_is_out_of_reach(qtbot):
    trace = traced()
    plain, hatched = (
        pixels_of(
            painted(
                trace, LAST, "states", scale=2, context=Context(training_window=window), with_headline=False
            )
        )
        for window in (None, 4)
    )
    axis = axis_for(trace, QRectF(0, 0, 712, 646), 2.0)
    changed = (plain != hatched).any(axis=2)
    columns = np.flatnonzero(changed.any(axis=0))
    assert columns.size and columns.max() <= round(2 * axis.column(5)[1]) + 1


def test_a_dead_unit_is_counted_and_an_open_one_is_not(qapp):
    def kill(parameters) -> None:
        parameters.view("bias_ih_l0")[:6] -= 50

    dead, alive = traced(touch=kill, activation="relu"), traced()
    assert any("of 24 dead" in line for line in TRACK["states"].caption(dead, LAST))
    assert not any("dead" in line for line in TRACK["states"].caption(alive, LAST))


def test_clipping_is_a_factor_of_the_update_and_never_of_the_errors(qtbot):
    line = StatusLine(LIGHT)
    qtbot.addWidget(line)
    line.resize(1400, 31)
    line.show_progress(Progress(state="training", clip_factor=0.25))
    assert line.clip_label.text() == "clipped to 25 %"
    line.show_progress(Progress(state="training", clip_factor=1.0))
    assert line.clip_label.text() == ""


def test_targets_that_training_leaves_out_are_marked_as_left_out(qapp):
    trace = dataclasses.replace(traced(), counted=np.arange(10) == 9)
    axis = axis_for(trace, RECT, 1.0)
    read = {
        name: [
            TRACK[name].reading(QPointF(axis.center(k), RECT.center().y()), RECT, trace, LAST, axis).text
            for k in (3, 9)
        ]
        for name in ("words", "loss")
    }
    for left_out, counted in read.values():
        assert "not counted" in left_out and "not counted" not in counted
    assert "hollow: left out" in TRACK["loss"].caption(trace, LAST)
    third = dataclasses.replace(LAST, error_step=3)
    assert any("not counted" in line for line in TRACK["error"].caption(trace, third))
    assert NO_TARGET not in trace.targets


def test_hollow_bars_stand_where_the_loss_is_left_out(qtbot):
    trace = traced()
    counted, hollow = (
        pixels_of(painted(dataclasses.replace(trace, counted=flags), LAST, "loss", scale=2))
        for flags in (None, np.arange(10) == 9)
    )
    axis = axis_for(trace, QRectF(0, 0, 712, 646), 2.0)
    for step in (2, 5):
        left, right = (round(2 * edge) for edge in axis.column(step))
        assert (counted[:, left:right] != hollow[:, left:right]).any(axis=2).sum() > 100
