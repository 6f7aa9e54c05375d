"""From a fresh window to a learned word: real clicks and keys, and the numbers that come to be seen."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from rnnviz.gui.views import score_view as score_module
from rnnviz.gui.views.headline import headline, plain_text
from rnnviz.gui.views.wording import multiple, percent, quoted

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def geometric_mean(values):
    return float(np.exp(np.log(np.asarray(values, dtype=np.float64)).mean()))


@pytest.fixture
def painted_steps(monkeypatch):
    """The updates whose traces have been painted, one entry a painting."""
    steps = []
    paint = score_module.paint_moment

    def paint_and_note(painter, area, sheet, trace, *rest):
        steps.append(trace.step)
        paint(painter, area, sheet, trace, *rest)

    monkeypatch.setattr(score_module, "paint_moment", paint_and_note)
    return steps


def test_the_first_window_has_a_text_and_space_starts_the_learning_without_a_click(open_window):
    user = open_window(None)
    assert user.window.windowTitle() == "emperors.txt · rnnviz"
    assert user.window.ask_line.passage_field.text() == "Napoleon was the Emperor of"
    assert user.window.ask_line.answer_field.text() == "France"
    assert user.window.score.accessibleDescription().startswith("Untrained: the error of France reaches")
    user.key(Qt.Key.Key_Space)
    user.until_step(5)
    user.key(Qt.Key.Key_Space)
    user.until_settled()
    assert user.window.toolbar.train_button.text().strip() == "Train"


def test_training_paints_at_least_twenty_traces_in_two_hundred_updates(user, painted_steps):
    untrained = user.trace
    user.click(user.window.toolbar.train_button)
    user.until(lambda: user.step >= 200 and len(set(painted_steps)) >= 20)
    assert user.window.toolbar.train_button.text().strip() == "Pause"
    user.click(user.window.toolbar.train_button)
    user.until_settled()
    assert painted_steps == sorted(painted_steps), "an older moment was painted after a newer one"
    user.window.repaint()
    assert painted_steps[-1] == user.step == user.experiment.step >= 200
    known = slice(None, -1)  # what stands in the text; the end of it may be learned by heart, and wrongly
    assert user.trace.loss[known].mean() < 0.5 * untrained.loss[known].mean()


def test_what_is_shown_is_the_network_as_it_stands_after_the_pause(learned):
    run = learned.window.session.run
    (again,) = run.experiment.trace(run.trainer.mailbox.request)
    for name in ("hidden", "candidate_probs", "loss", "gradient_matrix", "slope_factor"):
        np.testing.assert_array_equal(getattr(learned.trace, name), getattr(again, name), err_msg=name)


def test_the_arrow_keys_walk_the_cursor_through_the_passage_and_stop_at_its_ends(learned):
    cursor, last = learned.window.cursor_model, learned.trace.length - 1
    assert cursor.state.time_step == last
    for expected in [*range(last - 1, -1, -1), 0]:
        learned.key(Qt.Key.Key_Left)
        assert cursor.state.time_step == expected
        assert learned.window.ask_line.position_label.text() == f"word {expected + 1} of {last + 1}"
    learned.key(Qt.Key.Key_Right)
    assert cursor.state.time_step == 1
    learned.key(Qt.Key.Key_End)
    assert cursor.state.time_step == last
    learned.key(Qt.Key.Key_Home)
    assert cursor.state.time_step == 0


def test_the_buttons_beside_the_passage_walk_it_too(learned):
    ask, cursor = learned.window.ask_line, learned.window.cursor_model
    last = learned.trace.length - 1
    assert not ask.next_button.isEnabled()
    learned.click(ask.previous_button)
    assert cursor.state.time_step == last - 1
    learned.click(ask.first_button)
    assert cursor.state.time_step == 0
    assert not ask.previous_button.isEnabled()
    learned.click(ask.next_button)
    learned.click(ask.last_button)
    assert cursor.state.time_step == last


def test_shift_and_arrows_choose_the_word_whose_error_is_drawn(learned):
    cursor, last = learned.window.cursor_model, learned.trace.length - 1
    assert cursor.state.error_step == last and cursor.state.pinned
    learned.key(Qt.Key.Key_Left, SHIFT)
    assert (cursor.state.error_step, cursor.state.pinned) == (last - 1, False)
    assert quoted(learned.trace, str(learned.trace.words[last])).strip("“”") in (
        learned.window.score.accessibleDescription()
    )


def test_the_bars_of_the_softmax_are_the_probabilities_after_the_word_under_the_cursor(learned):
    plot = learned.window.inspector.plots["softmax"]
    for k in reversed(range(learned.trace.length)):
        trace, rows = learned.trace, plot.rows()
        assert plot.heading() == f"After {quoted(trace, str(trace.words[k]))} the network expects"
        for row in rows:
            if row.right:
                assert row.word == trace.target_words[k]
                assert row.probability == pytest.approx(trace.target_prob[k], rel=1e-6)
                assert row.place == trace.target_place[k]
            else:
                assert row.probability == trace.candidate_probs[k, row.place - 1]
                assert row.word == trace.candidate_words[k, row.place - 1]
        assert sum(row.right for row in rows) == 1
        # A bar is as long as its probability says, on one scale for all.
        per_unit = {plot.bar_width(row) / row.probability for row in rows}
        assert max(per_unit) == pytest.approx(min(per_unit))
        learned.bot.mouseMove(plot, QPoint(3, 3))
        learned.bot.mouseMove(plot, plot.row_rect(0).center().toPoint())
        assert quoted(trace, rows[0].word) in learned.window.status_line.reading_label.text()
        learned.key(Qt.Key.Key_Left)


def test_the_factors_that_say_why_multiply_to_what_is_left(learned):
    plot = learned.window.inspector.plots["why"]
    t = learned.trace.length - 1
    for k in (0, *range(t - 1, 0, -1)):  # at the last word the way goes back to the first
        trace, way = learned.trace, slice(k + 1, t + 1)
        slope, weight = trace.slope_factor[t, way, 0], trace.weight_factor[t, way, 0]
        shown = [bar.factor for bar in plot.bars()]
        assert shown == pytest.approx(
            [geometric_mean(slope), geometric_mean(weight), geometric_mean(slope * weight)], rel=1e-5
        )
        left = trace.state_gradient_matrix[t, k, 0] / trace.state_gradient_matrix[t, t, 0]
        assert plot.fading.left == pytest.approx(left, rel=1e-5)
        assert shown[2] ** (t - k) == pytest.approx(left, rel=1e-3)
        without_slope = trace.counterfactual_matrix[t, k, 0] / trace.counterfactual_matrix[t, t, 0]
        assert plot.fading.counterfactual == pytest.approx(without_slope, rel=1e-5)
        learned.key(Qt.Key.Key_Left)


def test_the_decay_curves_are_the_shares_of_the_trace(learned):
    learned.window.inspector.show_tab("decay")
    plot, trace = learned.window.inspector.plots["decay"], learned.trace
    matrix, T = trace.state_gradient_matrix[:, :, 0].astype(np.float64), trace.length
    focused = 100 * matrix[T - 1, ::-1] / matrix[T - 1, T - 1]
    mean = [100 * np.mean([matrix[t, t - d] / matrix[t, t] for t in range(d, T)]) for d in range(T)]
    np.testing.assert_allclose(10 ** plot.focused.getData()[1], focused, rtol=1e-4)
    np.testing.assert_allclose(10 ** plot.mean.getData()[1], mean, rtol=1e-4)
    assert percent(focused[2] / 100) in plot.reading(2)


def test_the_training_curves_and_the_status_line_are_the_log_of_the_run(learned):
    window = learned.window
    window.inspector.show_tab("training")
    log = window.session.run.trainer.log.since(0)
    plot = window.inspector.plots["training"]
    np.testing.assert_array_equal(plot.series.step, log["step"])
    np.testing.assert_array_equal(plot.series.loss, log["loss"])
    np.testing.assert_array_equal(plot.series.grad_norm, log["grad_norm"])
    assert plot.series.guessing == pytest.approx(np.log(len(learned.experiment.corpus.vocabulary)))
    assert f"{log['grad_norm'][-1]:.3g}" in plot.headings()["grad_norm"]
    status = window.status_line
    assert status.state_label.text() == "paused"
    assert status.update_label.text() == f"update {learned.experiment.step:,}"
    assert status.loss_figure.text() == f"{log['loss'][-1]:.2f}"
    assert status.file_label.whole == "four emperors.txt"


def test_the_headline_names_the_words_and_how_much_of_the_error_is_left(learned):
    window = learned.window
    learned.key(Qt.Key.Key_Left)
    learned.key(Qt.Key.Key_Left)
    trace, cursor = learned.trace, window.cursor_model.state
    t, k = cursor.error_step, cursor.time_step
    said = window.score.accessibleDescription()
    assert said == plain_text(headline(trace, cursor))
    matrix = trace.state_gradient_matrix[:, :, 0].astype(np.float64)
    left = float(matrix[t, k] / matrix[t, t])
    grown = f"{trace.words[k]} gets {multiple(left)} times its strength"
    assert (grown if left > 1.005 else f"{trace.words[k]} with {percent(left)} % of its strength") in said
    assert said.startswith(f"The error of {trace.target_words[t]} ")


def test_validation_now_brings_its_loss_into_the_status_line(learned):
    window, seen = learned.window, []
    window.session.validated.connect(seen.append)
    learned.key(Qt.Key.Key_E, CONTROL)
    learned.until(lambda: bool(seen))
    assert seen[0].tokens > 200
    assert window.status_line.valid_figure.text() == f"{seen[0].loss:.2f}"
    assert window.inspector.plots["training"].series.valid_loss[-1] == seen[0].loss


def test_l_turns_every_gradient_view_to_logarithms_and_back(learned):
    cursor = learned.window.cursor_model
    learned.key(Qt.Key.Key_L)
    assert cursor.state.logarithmic
    learned.key(Qt.Key.Key_L)
    assert not cursor.state.logarithmic


def test_the_keyboard_is_with_the_score_after_every_click_on_a_button(learned):
    toolbar = learned.window.toolbar
    learned.click(toolbar.step_button)
    assert QApplication.focusWidget() is learned.window.score
    learned.click(toolbar.theme_button)
    assert QApplication.focusWidget() is learned.window.score


def test_space_pressed_twice_in_a_row_trains_and_pauses(user):
    user.key(Qt.Key.Key_Space)
    assert user.window.session.is_training
    user.key(Qt.Key.Key_Space)
    assert not user.window.session.is_training
    user.until(lambda: user.window.session.state in ("ready", "paused"))
    user.key(Qt.Key.Key_Space)
    user.until_step(3)


def test_an_answer_typed_in_brackets_takes_the_place_of_the_one_of_before(user):
    before = user.window.session.run.passage.answer
    named = "France" if before == "Russia" else "Russia"
    assert before and named != before
    user.type_into(user.window.ask_line.passage_field, f"Alexander was the Emperor of [{named}]")
    user.until(lambda: str(user.trace.target_words[-1]) == named)
    assert not user.trace.assumed_answer
