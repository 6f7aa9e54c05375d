"""The tables and arrays that are saved hold the numbers of what is shown."""

import csv
import io

import numpy as np
import pytest
from PySide6.QtCore import Qt

from rnnviz.gui.views.numbers import PLOT_TABLES, TRACK_TABLES, stacked, table
from rnnviz.gui.views.plots import PLOTS
from rnnviz.gui.views.tracks import TRACKS
from rnnviz.probes import derived_numbers
from tests.gui.exporting.hand import Hand, numbers

CONTROL = Qt.KeyboardModifier.ControlModifier
CONTROL_SHIFT = CONTROL | Qt.KeyboardModifier.ShiftModifier


# Numbers.
def test_every_track_and_plot_has_a_table() -> None:
    assert set(TRACK_TABLES) == {track.name for track in TRACKS}
    assert set(PLOT_TABLES) == {kind.name for kind in PLOTS}


def test_the_tables_of_the_tracks_are_the_numbers_of_the_trace(hand: Hand) -> None:
    trace, cursor = hand.user.trace, hand.window.cursor_model.state
    T, t, numbers_of = trace.length, cursor.error_step, derived_numbers(trace)
    for name in ("loss", "target_prob"):
        np.testing.assert_array_equal(numbers(hand.table("loss")[name]), getattr(trace, name))
    score = hand.table("score")
    assert score["word"] == trace.words.tolist() and score["step"] == [str(k + 1) for k in range(T)]
    np.testing.assert_array_equal(numbers(score["slope_factor"]), trace.slope_factor[t, :, 0])
    error = hand.table("error")
    assert error["step"][0] == "0" and set(error["error_of"]) == {str(trace.target_words[t])}
    share = numbers(error["share_left"])
    np.testing.assert_array_equal(share[1:], trace.share_left(t, 0))
    assert share[0] == pytest.approx(numbers_of["initial_share_left"][t, 0])
    states = hand.table("states")
    np.testing.assert_array_equal(
        numbers(states["hidden"]).astype(trace.hidden.dtype), trace.hidden.reshape(-1)
    )
    assert len(states["unit"]) == trace.hidden.size and states["unit"][1] == "2"
    matrix = hand.table("matrix")
    rows, columns = numbers(matrix["error_step"]).astype(int) - 1, numbers(matrix["step"]).astype(int) - 1
    assert len(rows) == T * (T + 1) // 2
    np.testing.assert_allclose(
        numbers(matrix["share_left"]), numbers_of["share_left"][rows, columns, 0], rtol=1e-12
    )
    factors = hand.table("factors")
    np.testing.assert_array_equal(numbers(factors["weight_factor"]), trace.weight_factor[t, : t + 1, 0])
    predicts = hand.table("predicts")
    right = [i for i, flag in enumerate(predicts["is_right"]) if flag == "1"]
    assert [predicts["candidate"][i] for i in right] == trace.target_words.tolist()
    np.testing.assert_allclose(
        numbers([predicts["probability"][i] for i in right]), trace.target_prob, rtol=1e-6
    )
    words = hand.table("words")
    assert words["word"] == trace.words.tolist() and words["token"] == [str(i) for i in trace.tokens]


def test_the_tables_of_the_plots_are_the_numbers_of_the_trace(hand: Hand) -> None:
    trace, k = hand.user.trace, hand.window.cursor_model.state.time_step
    softmax = hand.table("softmax")
    assert set(softmax["step"]) == {str(k + 1)}
    most = len(trace.candidate_probs[k])
    np.testing.assert_array_equal(
        numbers(softmax["probability"])[:most].astype(trace.candidate_probs.dtype), trace.candidate_probs[k]
    )
    decay = hand.table("decay")
    np.testing.assert_array_equal(numbers(decay["decay"]), trace.decay[:, 0])
    why = dict(zip(*(hand.table("why")[name] for name in ("quantity", "value")), strict=True))
    t, derived = hand.window.cursor_model.state.error_step, derived_numbers(trace)
    assert float(why["mean_slope_factor"]) == pytest.approx(derived["mean_slope_factor"][t, 0, 0])
    assert float(why["share_left"]) == pytest.approx(derived["share_left"][t, 0, 0])
    run = hand.window.session.run
    assert run is not None
    hand.window.inspector.show_tab("training")
    training = hand.table("training")
    losses = [v for q, v in zip(training["quantity"], training["value"], strict=True) if q == "loss"]
    np.testing.assert_array_equal(numbers(losses), run.trainer.logs[0].since(0)["loss"])
    hand.window.inspector.show_tab("saturation")
    high = numbers(hand.table("saturation")["saturation_high"])
    assert trace.saturation_high is not None
    np.testing.assert_allclose(high, trace.saturation_high["h"][0], rtol=1e-8)
    hand.window.inspector.show_tab("spectrum")
    plot = hand.window.inspector.plots["spectrum"]
    hand.user.until(lambda: not plot.why_empty())
    spectrum, found = hand.table("spectrum"), plot.spectrum()
    real = [v for q, v in zip(spectrum["quantity"], spectrum["value"], strict=True) if q == "eigenvalues"]
    np.testing.assert_allclose(numbers(real), found.eigenvalues[0].real, rtol=1e-6)
    hand.window.inspector.show_tab("memory")
    memory = hand.table("memory")
    assert memory["update"][-1] == str(trace.step)
    np.testing.assert_allclose(numbers(memory["half_life"])[-1], trace.half_life[0])


def test_the_arrays_are_those_of_the_trace_under_their_names(hand: Hand) -> None:
    path = hand.names("score.npz")
    hand.window.score.setFocus()
    hand.user.key(Qt.Key.Key_N, CONTROL_SHIFT)
    assert "*.npz" in hand.filters
    trace = hand.user.trace
    with np.load(path, allow_pickle=False) as saved:
        assert set(saved) == set(trace.arrays()) | set(derived_numbers(trace))
        np.testing.assert_array_equal(saved["state_gradient_matrix"], trace.state_gradient_matrix)
        np.testing.assert_array_equal(saved["share_left"], derived_numbers(trace)["share_left"])
    hand.window.inspector.show_tab("training")
    path = hand.names("training.npz")
    hand.exporting.save_numbers(hand.view("training"))
    with np.load(path, allow_pickle=False) as saved:
        assert len(saved["series/loss"]) == trace.step and "hidden" in saved


def test_numbers_come_back_as_they_were_and_unknown_ones_as_empty_fields() -> None:
    single = np.array([0.1, 1e-30, np.nan, np.inf], dtype=np.float32)
    double = np.array([0.1, 1 / 3, np.nan, -np.inf])
    made = table(4, ("a", "nats", single), ("b", "", double), ("c", "", ["x", 'q"', "a,b", "line\nend"]))
    rows = list(csv.reader(io.StringIO(made.csv(), newline="")))
    assert rows[0] == ["a [nats]", "b", "c"] and rows[3][:2] == ["", ""]
    assert [row[2] for row in rows[1:]] == ["x", 'q"', "a,b", "line\nend"]
    for back, true in ((0, single), (1, double)):
        column = np.array([float(row[back] or "nan") for row in rows[1:]], dtype=true.dtype)
        np.testing.assert_array_equal(column, true)
    both = stacked([(1, "tanh RNN", made), (2, "LSTM", table(1, ("b", "", 2.5), ("d", "", True)))])
    rows = list(csv.reader(io.StringIO(both.csv(), newline="")))
    assert rows[0] == ["lane", "network", "a [nats]", "b", "c", "d"]
    assert rows[1][:3] == ["1", "tanh RNN", "0.100000001"] and len(rows) == 6
    assert rows[-1] == ["2", "LSTM", "", "2.5", "", "1"]
