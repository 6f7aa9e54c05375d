"""The number under the mouse, in every track of the score: the trace's own, and shown in the status line."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from rnnviz.gui.views.tracks import TRACKS

TRACKS_BY_NAME = {track.name: track for track in TRACKS}


def shares_of(trace):
    """What is left of each word's error at each step, in per cent: (T, T) of a network of one layer."""
    matrix = trace.state_gradient_matrix[:, :, 0].astype(np.float64)
    return 100 * matrix / np.diag(matrix)[:, None]


@pytest.fixture
def point(learned):
    """Put the mouse on a column of a track; gives the reading that the score emits."""
    window, readings = learned.window, []
    window.resize(1280, 900)
    score = window.score
    score.hovered.connect(readings.append)

    def at(name, step, part=0.5, before=False):
        rect, axis = score.track_rect(name), score.axis()
        readings.clear()
        x = axis.center(step) - (axis.column_width / 2 if before else 0)
        place = QPoint(round(x), round(rect.top() + part * rect.height()))
        learned.bot.mouseMove(score, QPoint(2, 2))
        learned.bot.mouseMove(score, place)
        reading = readings[-1]
        if reading is not None:
            assert window.status_line.reading_label.whole == reading.text
            assert reading.track == name
        return reading

    return at


def test_there_is_a_test_for_every_track():
    here = {"words", "states", "predicts", "loss", "error", "factors", "matrix"}
    assert set(TRACKS_BY_NAME) == here | {"gates"}, "gates: tests/gui/score/test_gates_track.py"


def test_words_are_counted_from_one(learned, point):
    for k in range(learned.trace.length):
        reading = point("words", k)
        assert (reading.step, reading.value) == (k, k + 1)
        assert f"reads “{learned.trace.words[k]}”" in reading.text


def test_a_loss_reads_as_nats(learned, point):
    for k in range(learned.trace.length):
        reading = point("loss", k)
        assert (reading.step, reading.unit) == (k, "nats")
        assert reading.value == learned.trace.loss[k]
        assert f"{reading.value:.3g} nats" in reading.text


def test_an_errors_reading_is_what_is_left_of_it(learned, point):
    t, shares = learned.trace.length - 1, shares_of(learned.trace)
    for k in range(t + 1):
        reading = point("error", k)
        assert (reading.step, reading.unit) == (k, "%")
        assert reading.value == pytest.approx(shares[t, k], rel=1e-5)


def test_the_gap_before_a_word_reads_the_factors_of_the_step_back_from_it(learned, point):
    trace, t = learned.trace, learned.trace.length - 1
    for k in range(1, t + 1):
        reading = point("factors", k, before=True)
        first, second = trace.slope_factor[t, k, 0], trace.weight_factor[t, k, 0]
        assert reading.step == k
        assert reading.value == pytest.approx(first * second, rel=1e-5)
        assert f"f' × {first:.3g}, W_hh × {second:.3g}" in reading.text


def test_a_states_reading_is_the_unit_under_the_mouse(learned, point):
    trace = learned.trace
    units = set()
    for k in range(trace.length):
        for part in (0.3, 0.5, 0.7):
            reading = point("states", k, part)
            unit = int(reading.text.split()[1])
            units.add(unit)
            assert reading.step == k
            assert reading.value == trace.hidden[k + 1, 0, unit - 1]
            assert f"{reading.value:+.3f}".replace("-", "−") in reading.text
    assert len(units) == 3


def test_a_candidates_reading_is_its_probability(learned, point):
    trace, seen = learned.trace, set()
    for k in range(trace.length):
        reading = point("predicts", k, 0.3)
        probabilities = [*trace.candidate_probs[k], trace.target_prob[k]]
        assert np.isclose(100 * np.array(probabilities), reading.value, rtol=1e-5).any()
        seen.add(reading.value)
    assert len(seen) == trace.length


def test_the_matrix_reads_every_pair_of_a_word_and_an_earlier_step(learned, point):
    trace, score, shares = learned.trace, learned.window.score, shares_of(learned.trace)
    rect = score.track_rect("matrix")
    edges = TRACKS_BY_NAME["matrix"].row_edges(rect, trace, score.axis())
    for t in range(trace.length):
        middle = ((edges[t] + edges[t + 1]) / 2 - rect.top()) / rect.height()
        for k in range(trace.length):
            reading = point("matrix", k, middle)
            assert reading.step == k
            if k > t:
                assert np.isnan(reading.value)
            else:
                assert reading.value == pytest.approx(shares[t, k], rel=1e-5), (t, k)


def test_the_reading_goes_when_the_mouse_leaves(learned, point):
    assert point("loss", 1) is not None
    learned.bot.mouseMove(learned.window.score, QPoint(2, 2))
    assert learned.window.status_line.reading_label.whole == ""
