"""Training on memory tasks: masks and borders against a plain loop, silent windows, and that it learns."""

import numpy as np
import pytest

from rnnviz.engine import CELLS
from rnnviz.text import TASK_KINDS, Passage, Task, TextTooShort, text_from_string
from rnnviz.training import Experiment, RunSettings, SettingError, checkpoint, prepare, trace_request

from .runs import bits, small_text

STILL: dict[str, object] = {
    "hidden": 6, "window": 11, "batch": 3, "reset": 0.0, "lr": 1e-30, "clip": 0.0, "dtype": "float64",
    "loss": "marked", "valid_fraction": 0.3,
}  # fmt: skip


def task_text(kind="recall", distance=5, examples=60, seed=1):
    return text_from_string(Task(kind, distance, examples, seed).text(), f"{kind}.txt")


def on_task(kind="recall", distance=5, examples=60, **values) -> Experiment:
    return prepare(task_text(kind, distance, examples), RunSettings().with_values(STILL | values))


def plain_answers(experiment, ids, examples, batch):
    """(place, loss, right) of every answer: each example read by itself, from a zero state, up to it."""
    model, found = experiment.lanes[0].model, []
    S = (len(ids) - 1) // batch
    for b in range(batch):
        for place in range(b * S, (b + 1) * S):
            begun = np.flatnonzero(examples.starts[b * S : place + 1])
            if not examples.marked[place + 1] or not len(begun):
                continue
            tokens = ids[b * S + begun[-1] : place + 1, None].astype(np.intp)
            ws = model.workspace(len(tokens), 1)
            targets = np.full(tokens.shape, -1)
            targets[-1] = ids[place + 1]
            model.forward(ws, tokens, targets, model.zero_state(1))
            found.append((place - b * S, ws.mean_loss, ws.correct))
    return found


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("kind", ["recall", "copy"])
@pytest.mark.parametrize("tokens", ["word", "char"])
def test_losses_are_those_of_the_answers_each_example_read_by_itself(cell, kind, tokens):
    experiment = on_task(kind, cell=cell, tokens=tokens, layers=2)
    T, corpus = 11, experiment.corpus
    answers = plain_answers(experiment, corpus.train_ids, corpus.train_examples, 3)
    for index in range(experiment.n_windows):
        here = [(loss, right) for place, loss, right in answers if index * T <= place < (index + 1) * T]
        if here:  # else it is passed over
            update = experiment.update()[0]
            assert update.loss == pytest.approx(np.mean([loss for loss, _ in here]), rel=1e-12)
            assert update.accuracy == pytest.approx(np.mean([right for _, right in here]), rel=1e-12)
    assert experiment.epoch == 1 and experiment.position == 0


def test_right_answers_are_those_of_the_marked_words_when_all_are_learned_too():
    marked, every = (on_task(loss=loss, examples=200) for loss in ("marked", "all"))
    assert marked.updates_per_epoch == every.updates_per_epoch, "each window has an answer"
    for _ in range(marked.updates_per_epoch):
        one, other = marked.update()[0], every.update()[0]
        assert one.accuracy == other.accuracy and one.loss != other.loss


def test_an_ordinary_text_has_no_right_answers_of_an_update():
    ordinary = prepare(small_text(), RunSettings().with_values({"batch": 4}))
    assert np.isnan(ordinary.update()[0].accuracy)


@pytest.mark.parametrize("loss", ["marked", "all"])
@pytest.mark.parametrize("cell", CELLS)
def test_validation_scores_the_answers_from_zero_states(cell, loss):
    experiment = on_task(cell=cell, loss=loss, seed=4)
    corpus = experiment.corpus
    answers = plain_answers(experiment, corpus.valid_ids, corpus.valid_examples, 3)
    found = experiment.validate()
    assert found.accuracy == np.mean([right for *_, right in answers])
    if loss == "marked":
        assert found.loss == pytest.approx(np.mean([loss for _, loss, _ in answers]), rel=1e-12)
        assert found.tokens == len(answers)
    else:
        assert found.tokens == (len(corpus.valid_ids) - 1) // 3 * 3


def test_a_window_without_answers_makes_no_update_but_leaves_its_state():
    experiment = on_task(distance=9, window=3)
    marks = experiment.corpus.training_streams(3).n_marked(3)
    assert 0 < (marks > 0).sum() < experiment.n_windows == len(marks)
    assert experiment.updates_per_epoch == (marks > 0).sum()
    answers = plain_answers(experiment, experiment.corpus.train_ids, experiment.corpus.train_examples, 3)
    for index in np.flatnonzero(marks):
        here = [loss for place, loss, _ in answers if index * 3 <= place < (index + 1) * 3]
        assert experiment.update()[0].loss == pytest.approx(np.mean(here), rel=1e-12)
    assert (experiment.step, experiment.epoch, experiment.position) == (experiment.updates_per_epoch, 1, 0)
    assert experiment.epoch_done


@pytest.mark.parametrize("done", [1, 5, 11])
def test_a_resumed_task_goes_on_bit_for_bit_across_silent_windows(tmp_path, done):
    values = {"distance": 9, "window": 3, "lr": 0.01, "reset": 0.2, "cell": "lstm", "dropout": 0.2}
    whole, part = on_task(**values), on_task(**values)
    for _ in range(done):
        part.update()
    checkpoint.save(part, tmp_path / "part.safetensors")
    resumed = checkpoint.read(tmp_path / "part.safetensors").experiment(task_text(distance=9))
    while resumed.step < 20:
        resumed.update()
    while whole.step < 20:
        whole.update()
    assert bits(resumed) == bits(whole)


def test_a_task_that_marks_other_tokens_is_another_text(tmp_path):
    # The same examples under another first line: what is learned is not the same.
    letters = Task("recall", 5, 60).text().split("\n", 1)[1]
    other = text_from_string(Task("copy", 2, 60).header + "\n" + letters, "recall.txt")
    assert prepare(other, RunSettings().with_values(STILL)).fingerprint != on_task().fingerprint


def test_marked_loss_is_refused_on_a_text_that_marks_nothing():
    with pytest.raises(SettingError, match="--loss marked needs a text that says which tokens count"):
        prepare(small_text(), RunSettings().with_values({"loss": "marked", "window": 4, "batch": 2}))


def test_too_few_examples_for_the_batch_are_refused():
    with pytest.raises(TextTooShort, match="too few examples"):
        on_task(distance=30, examples=3, batch=5, window=2)


def test_a_window_that_cannot_reach_back_is_warned_about():
    said = on_task(distance=20, window=20).warning
    assert "cannot be learned, by any cell. Choose a window of at least 21; 46 is better." in said
    assert on_task(distance=20, window=21).warning == ""
    assert prepare(small_text(), RunSettings().with_values({"window": 2, "batch": 2})).warning == ""


@pytest.mark.parametrize("kind", TASK_KINDS)
def test_suited_settings_fit_any_task(kind):
    task = Task(kind, 12, 300)
    before = RunSettings().with_values({"tokens": "char", "window": 5, "hidden": 9})
    experiment = prepare(text_from_string(task.text(), "t.txt"), before, suit=True)
    shared = experiment.settings.experiment
    assert (shared.tokens, shared.loss, shared.reset) == ("word", "marked", 0.0)
    assert shared.window >= 2 * task.longest_example and not experiment.warning
    assert experiment.settings.lane.hidden == 9
    experiment.update()


def test_an_ordinary_text_after_a_task_counts_every_token_again():
    after_task = RunSettings().with_values({"loss": "marked", "window": 4, "batch": 2})
    assert prepare(small_text(), after_task, suit=True).settings.experiment.loss == "all"


@pytest.mark.parametrize("kind", TASK_KINDS)
def test_slow_motion_shows_one_whole_example(kind):
    experiment = prepare(task_text(kind, 8, 100), RunSettings().with_values({"hidden": 6}), suit=True)
    record, _ = experiment.record_update()
    task = experiment.corpus.task
    lines = [line.split() for line in list(task.lines())[1:]]
    assert list(record.before.words) in lines
    targets = record.before.targets
    answers = np.flatnonzero(targets >= 0) - len(targets) + 1
    assert answers.tolist() == list(task.answers) and not record.before.hidden[0].any()


def test_a_tanh_network_learns_to_recall_over_five_steps_within_300_updates():
    values = {"hidden": 32, "window": 46, "batch": 32, "lr": 0.01, "loss": "marked", "init": "xavier"}
    text = task_text("recall", 5, 8000)
    for seed in (1, 2, 3):
        experiment = prepare(text, RunSettings().with_values(values | {"seed": seed}))
        assert experiment.validate().accuracy < 0.45
        while experiment.step < 300 and experiment.validate().accuracy < 0.99:
            for _ in range(25):
                experiment.update()
        assert experiment.validate().accuracy >= 0.99, seed


def test_a_trace_says_which_targets_training_counts() -> None:
    task = Task("recall", 4, examples=50)
    counted = {}
    for loss in ("marked", "all"):
        settings = RunSettings().with_values({"hidden": 4, "window": 12, "batch": 2, "loss": loss})
        experiment = prepare(task, settings)
        asked = trace_request(experiment.corpus, Passage("b x y z x", "b"), frozenset())
        assert asked is not None
        counted[loss] = experiment.trace(asked)[0].counted
    assert counted["all"] is None
    assert counted["marked"] is not None
    assert counted["marked"].tolist() == [False] * 4 + [True]
