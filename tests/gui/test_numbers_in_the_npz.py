"""Each number that a view of a trace shows stands, by its name, in the .npz that `rnnviz trace` writes."""

import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from rnnviz.cli import main
from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.views.headline import headline, plain_text
from rnnviz.gui.views.plots import PLOTS
from rnnviz.gui.views.plots.memory_course import QUANTITIES, in_words
from rnnviz.gui.views.plots.wording import by, share
from rnnviz.gui.views.score_painting import axis_for
from rnnviz.gui.views.series import Series
from rnnviz.gui.views.tracks import TRACKS, Context
from rnnviz.gui.views.tracks.shares import carry_way, hidden_way, initial_share
from rnnviz.gui.views.tracks.valves import opening
from rnnviz.gui.views.wording import LEARNED_LOSS, multiple, one_in, percent
from rnnviz.probes import NEEDS, moment_of, trace_passage
from rnnviz.training import checkpoint

PASSAGE = "Napoleon was the Emperor of"
CELLS = {
    "rnn": ("--layers", "2"),
    "sigmoid": ("--activation", "sigmoid"),
    "lstm": ("--cell", "lstm"),
    "gru": ("--cell", "gru"),
}
SENTENCES = (
    "Napoleon was the Emperor of France . Alexander was the Emperor of Russia . They met on a raft .\n"
)
TEXTS_AND_CURVES = {"text", "sample", "training"}
"""What shows the file, what the network writes, and the run: no numbers of a trace."""


class Subject:
    """A trace as the window has it, and the file of the same one."""

    def __init__(self, folder: Path, cell: str) -> None:
        text, saved, out = folder / "emperors.txt", folder / f"{cell}.safetensors", folder / f"{cell}.npz"
        text.write_text(SENTENCES * 30, encoding="utf-8")
        small = ("--hidden", "8", "--window", "5", "--batch", "4", "--steps", "30", "--json")
        assert main(["train", str(text), *small, *CELLS[cell], "--save", str(saved)]) == 0
        assert main(["trace", str(saved), PASSAGE, "--answer", "France", "--out", str(out)]) == 0
        with np.load(out, allow_pickle=False) as arrays:
            self.file = dict(arrays)
        held = checkpoint.read(saved)
        model, reader = held.model()
        words, ids = reader.encode(PASSAGE)
        self.trace = trace_passage(
            model, tokens=ids, words=words, spelling=reader.vocabulary.tokens, needs=NEEDS, step=held.step,
            answer=int(reader.encode("France")[1][0]), answer_word="France", assume_answer=False,
        )  # fmt: skip

    def cursors(self):
        """Every error at every step in every layer."""
        T = self.trace.length
        return [
            CursorState(time_step=k, error_step=t, layer=layer)
            for layer in range(self.trace.layers) for t in range(T) for k in range(T)
        ]  # fmt: skip

    def last(self, layer=0):
        return CursorState(time_step=0, error_step=self.trace.length - 1, layer=layer)


@pytest.fixture(scope="module", params=CELLS)
def subject(request, tmp_path_factory) -> Subject:
    return Subject(tmp_path_factory.mktemp("npz"), request.param)


# Tracks: the value of a reading at step k, of the error of step t, is the named array's at the same place.

NAMES = {
    "loss": lambda f, t, k, layer: f["loss"][k],
    "error": lambda f, t, k, layer: 100 * f["share_left"][t, k, layer],
    "factors": lambda f, t, k, layer: f["step_factor"][t, k, layer],
    "words": lambda f, t, k, layer: k + 1,
}
"""Track -> its number in the file. The others have several, and tests of their own below."""
OWN_TESTS = {"states", "gates", "predicts", "matrix"}


def readings(subject, track, cursor, rows=7):
    """Everything that can be read in a track of one layer's score, wherever the mouse is."""
    rect, trace = QRectF(0, 0, 1100, 200), subject.trace
    axis = axis_for(trace, rect, 1.0)
    for k in range(trace.length):
        for part in np.linspace(0.05, 0.95, rows):
            at = QPointF(axis.center(k), rect.top() + part * rect.height())
            found = track.reading(at, rect, trace, cursor, axis, Context())
            if found is not None:
                yield found


@pytest.mark.parametrize("name", NAMES)
def test_what_a_track_reads_is_in_the_file(subject, name, qapp):
    track = next(track for track in TRACKS if track.name == name)
    cursors = {(c.error_step, c.layer): c for c in subject.cursors()}
    read = 0
    for (t, layer), cursor in cursors.items():
        for found in readings(subject, track, cursor, rows=2):
            if not np.isfinite(found.value):
                continue
            expected = NAMES[name](subject.file, t, found.step, layer)
            assert found.value == pytest.approx(expected, rel=1e-5), (name, t, found.step, layer)
            read += 1
    assert read >= 4


def test_states_gates_and_predictions_are_in_the_file(subject, qapp):
    by_name, file, cursor = {track.name: track for track in TRACKS}, subject.file, subject.last()
    for found in readings(subject, by_name["states"], cursor):
        if "cell state" in found.text:
            assert found.value in file["cell"][found.step + 1, 0]
        elif "layer 1" in found.text:
            unit = int(re.search(r"unit (\d+)", found.text)[1]) - 1
            assert found.value == file["hidden"][found.step + 1, 0, unit]
            if "(f')" in found.text:
                assert f"{file['slope'][found.step, 0, unit]:.2g} of an error" in found.text
    for found in readings(subject, by_name["predicts"], cursor):
        known = [*file["candidate_probs"][found.step], file["target_prob"][found.step]]
        assert np.isclose(100 * np.array(known), found.value).any()
        if "right answer" in found.text:
            assert f"place {file['target_place'][found.step]:,} of {file['vocabulary_size']:,}" in found.text
    gates = list(readings(subject, by_name["gates"], cursor, rows=12))
    assert bool(gates) is bool(subject.trace.gates)
    for found in gates:
        means = [file[f"gate_mean/{name}"][found.step, 0] for name in subject.trace.gates]
        assert np.isclose(means, found.value).any()
    if subject.trace.straight_gate:
        for layer in range(subject.trace.layers):
            mean = file[f"gate_mean/{subject.trace.straight_gate}"][:, layer]
            np.testing.assert_allclose(opening(subject.trace, layer), mean)


def test_the_matrix_and_the_headline_are_in_the_file(subject, qapp):
    track, file = next(track for track in TRACKS if track.name == "matrix"), subject.file
    rect, trace = QRectF(0, 0, 1100, 200), subject.trace
    axis = axis_for(trace, rect, 1.0)
    edges = track.row_edges(rect, trace, axis)
    for t in range(trace.length):
        for k in range(t + 1):
            at = QPointF(axis.center(k), (edges[t] + edges[t + 1]) / 2)
            found = track.reading(at, rect, trace, subject.last(), axis, Context())
            assert found.value == pytest.approx(100 * file["share_left"][t, k, 0], rel=1e-5)
            if k == t:
                continue
            M = file["state_gradient_matrix"]
            assert f"({M[t, k, 0]:.3g} of {M[t, t, 0]:.3g})" in found.text
    sentence = plain_text(headline(trace, subject.last()))
    said = [text for text, role in headline(trace, subject.last()) if role == "number"]
    shares = [f"{percent(float(left))} %" for left in file["share_left"][-1, :, 0]]
    if file["loss"][-1] < LEARNED_LOSS:
        assert one_in(float(file["target_prob"][-1])) in sentence
    elif "grows" in sentence:
        grown = [f" {multiple(float(left))} times" for left in file["share_left"][-1, :, 0]]
        assert any(text in sentence for text in grown)
    else:
        assert said, sentence
        assert all(text in shares or "less than" in text for text in said)


def test_the_rails_are_in_the_file(subject):
    trace, file, t = subject.trace, subject.file, subject.trace.length - 1
    for layer in range(trace.layers):
        np.testing.assert_allclose(
            hidden_way(trace, t, layer).arriving, file["hidden_share_left"][t, :, layer]
        )
        assert initial_share(trace, t, layer) == pytest.approx(file["initial_share_left"][t, layer])
        carry = carry_way(trace, t, layer)
        if carry is not None:
            np.testing.assert_allclose(carry.arriving, file["cell_share_left"][t, :, layer])
            np.testing.assert_allclose(carry.leaving[1:], file["carried_share_left"][t, :t, layer])


# Plots.


def shown(qtbot, name, subject, cursor):
    plot = next(kind for kind in PLOTS if kind.name == name)()
    qtbot.addWidget(plot)
    plot.set_theme(LIGHT)
    plot.resize(398, 260)
    plot.show_moment(subject.trace, cursor, Series())
    plot.refresh()
    return plot


def test_why_is_in_the_file(subject, qtbot):
    plot = shown(qtbot, "why", subject, subject.last())
    first, second = ("slope", "weight") if "slope_factor" in subject.file else ("straight", "round")
    for cursor in subject.cursors():
        plot.show_moment(subject.trace, cursor, None)
        plot.refresh()
        if plot.fading is None:
            continue
        t, k, layer = plot.fading.error_step, plot.fading.reached_step, cursor.layer
        names = (f"mean_{first}_factor", f"mean_{second}_factor", "mean_step_factor")
        for bar, name in zip(plot.bars(), names, strict=True):
            assert bar.factor == pytest.approx(subject.file[name][t, k, layer], rel=1e-5), (name, t, k)
        assert plot.fading.left == pytest.approx(subject.file["share_left"][t, k, layer])
        if plot.fading.counterfactual is not None:
            would = subject.file["counterfactual_share_left"][t, k, layer]
            assert plot.fading.counterfactual == pytest.approx(would)
        if plot.fading.gate_open is not None:
            assert plot.fading.gate_open == pytest.approx(subject.file["mean_gate_open"][t, k, layer])


def test_decay_and_memory_are_in_the_file(subject, qtbot):
    plot, file, t = shown(qtbot, "decay", subject, subject.last()), subject.file, subject.trace.length - 1
    for distance in range(t + 1):
        said = plot.reading(distance)
        assert f"mean of all {share(float(file['decay'][distance, 0]))} left" in said
        assert f"“France” {share(float(file['share_left'][t, t - distance, 0]))} left" in said
    if "bound_per_step" in file and subject.trace.layers == 1:
        assert by(float(file["bound_per_step"])) in plot.small_print()
    memory, moment = shown(qtbot, "memory", subject, subject.last()), moment_of(subject.trace)
    for quantity in QUANTITIES:
        assert getattr(moment, quantity.name).tolist() == pytest.approx(file[quantity.name], nan_ok=True)
        assert memory.heading(quantity).endswith(in_words(moment, 0, quantity, "word"))
    assert moment.last_lag.tolist() == file["last_lag"].tolist()
    assert moment.last_left.tolist() == pytest.approx(file["last_left"])


def test_saturation_spectrum_and_softmax_are_in_the_file(subject, qtbot):
    file, trace = subject.file, subject.trace
    saturation = shown(qtbot, "saturation", subject, subject.last())
    for name, (high, low) in saturation.strips().items():
        order = saturation.order(name)
        for field, shares in (("high", high), ("low", low)):
            assert shares.tolist() == file[f"saturation_{field}/{name}"][0][order].tolist()
            assert shares.mean() == pytest.approx(file[f"saturation_{field}_mean/{name}"][0])
    spectrum = shown(qtbot, "spectrum", subject, subject.last())
    radius, sigma = file["spectral_radius"][0], file["sigma_max"][0]
    assert f"spectral radius {radius:.3g} · σ max {sigma:.3g}" in spectrum.numbers()
    for unit, point in enumerate(spectrum.points()):
        if sum((point - other).manhattanLength() < 9 for other in spectrum.points()) == 1:
            assert f"modulus {file['eigenvalue_modulus'][0, unit]:.3f}" in spectrum.reading_at(point)
    rect = spectrum.lag_rect()
    for row, lag in enumerate(file["jacobian_lags"].tolist()):
        x = rect.left() + lag / file["jacobian_lags"][-1] * rect.width()
        said = spectrum.reading_at(QPointF(x, rect.center().y()))
        largest, median = file["jacobian_singular_values"][row, 0, 0], file["jacobian_median"][row, 0]
        assert f"at most {by(float(largest))}, median {by(float(median))}" in said
    softmax = shown(qtbot, "softmax", subject, CursorState(time_step=trace.length - 1, error_step=4))
    known = [*file["candidate_probs"][-1], file["target_prob"][-1]]
    assert softmax.rows() and all(np.isclose(known, row.probability).any() for row in softmax.rows())


def test_every_view_of_a_trace_is_asked():
    plots = {"why", "decay", "memory", "saturation", "spectrum", "softmax"}
    assert set(NAMES) | OWN_TESTS == {track.name for track in TRACKS}
    assert plots | TEXTS_AND_CURVES == {kind.name for kind in PLOTS}


def test_numbers_that_only_a_sentence_shows_are_there_too(subject):
    file, trace = subject.file, subject.trace
    assert file["guessing_loss"] == pytest.approx(np.log(trace.vocabulary_size))
    assert file["missing_prob"] == pytest.approx(1 - trace.target_prob)
    if trace.slope is not None:
        assert file["dead_units"].tolist() == (trace.slope == 0).all(axis=0).tolist()
