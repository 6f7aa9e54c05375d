"""Pretrained word vectors in training: where the network starts, what is frozen, and what is kept."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.vectors import learn, race, write_files
from rnnviz.engine import OPTIMIZERS, ModelSpec
from rnnviz.probes import finite_difference_check
from rnnviz.text import NoKnownWord, NotVectors, ReadingCancelled, Task, read_text, samples, text_from_string
from rnnviz.training import (
    DoesNotFit,
    Experiment,
    NotACheckpoint,
    RunSettings,
    SettingError,
    checkpoint,
    lane_titles,
    prepare,
    rebuild,
)
from rnnviz.training.loading import corpus_of
from tests.text.vector_files import glove, some_vectors, word2vec_binary, written
from tests.training.runs import bits, small_experiment, small_settings, small_text

COVERED = "napoleon was the emperor of France , and Russia"
WIDTH = 6


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, glove(some_vectors(COVERED, WIDTH)), "made-up.txt")


def updated(experiment: Experiment, n: int) -> Experiment:
    for _ in range(n):
        experiment.update()
    return experiment


def embedding(experiment: Experiment, lane: int = 0) -> np.ndarray[Any, np.dtype[np.float32]]:
    return experiment.lanes[lane].model.parameters.view("embedding").copy()


def refused(**values: Any) -> SettingError:
    with pytest.raises(SettingError) as caught:
        RunSettings().with_values(values)
    return caught.value


# -- settings -----------------------------------------------------------------------------------------


def test_the_embedding_is_as_wide_as_the_vectors_where_nothing_else_was_asked_for(file: Path) -> None:
    assert small_experiment(vectors=file).settings.lane.embedding == WIDTH
    assert small_experiment(vectors=file, embedding=WIDTH).settings.lane.embedding == WIDTH
    said = r"--embedding 7 contradicts made-up\.txt, whose vectors are 6 numbers wide\. Set --embedding to 6"
    with pytest.raises(SettingError, match=said) as error:
        small_experiment(vectors=file, embedding=7)
    assert error.value.name == "embedding"


def test_what_word_vectors_contradict_is_refused() -> None:
    one_hot = refused(vectors="v.txt", embedding=0)
    assert one_hot.name == "embedding" and "one-hot input, which has no place" in str(one_hot)
    letters = refused(vectors="v.txt", tokens="char")
    assert letters.name == "vectors" and "Choose --tokens word" in str(letters)
    nothing = refused(vectors_frozen=True)
    assert nothing.name == "vectors_frozen" and "Give their file with --vectors" in str(nothing)
    assert "needs the name of a file" in str(refused(vectors=3))
    with pytest.raises(SettingError, match="one-hot"):
        RunSettings().with_values({"vectors": "v.txt"}).with_values({"embedding": "0"})


def test_what_a_change_leaves_without_vectors_follows() -> None:
    run = RunSettings().with_values({"vectors": "v.txt", "embedding": 50, "vectors_frozen": True})
    assert run.with_values({"vectors": "w.txt"}).lane.embedding == 0  # as wide as those of the other file
    assert run.with_values({"hidden": 9}).lane.embedding == 50
    learned = run.with_values({"vectors": ""})
    assert not learned.lane.vectors_frozen and learned.lane.embedding == 50
    letters = run.with_values({"tokens": "char"})
    assert (letters.lane.vectors, letters.lane.vectors_frozen, letters.lane.embedding) == ("", False, 0)
    assert RunSettings.from_dict(run.as_dict()) == run


def test_the_memory_that_the_vectors_take_is_asked_for_first(file: Path, monkeypatch: Any) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the file was read")

    monkeypatch.setattr("rnnviz.training.starting_vectors.read_vectors", never)
    monkeypatch.setattr("rnnviz.training.machine_memory.free_memory", lambda: 1000)
    with pytest.raises(DoesNotFit):
        small_experiment(vectors=file)


def test_a_bad_file_is_refused_before_the_text_is_cut(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("rnnviz.training.loading.corpus_of", None)
    with pytest.raises(NotVectors):
        small_experiment(vectors=written(tmp_path, b"prose and no numbers\n"))


def test_vectors_of_none_of_the_words_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NoKnownWord, match="None of the 20 known words"):
        small_experiment(vectors=written(tmp_path, glove(some_vectors("le la les"))))


# -- where the network starts -------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_words_begin_as_the_file_has_them_and_the_others_as_loud(file: Path, dtype: str) -> None:
    with_file = small_experiment(vectors=file, dtype=dtype)
    without = small_experiment(embedding=WIDTH, dtype=dtype)
    vectors, tokens = some_vectors(COVERED, WIDTH), with_file.corpus.vocabulary.tokens
    rows, drawn = embedding(with_file), embedding(without)
    has = np.array([t.encode() in vectors or t.lower().encode() in vectors for t in tokens])
    assert 5 < has.sum() < len(tokens) - 5
    for i in np.flatnonzero(has):
        vector = vectors.get(tokens[i].encode())
        expected = vectors[tokens[i].lower().encode()] if vector is None else vector
        np.testing.assert_array_equal(rows[i], expected.astype(dtype))
    scale = rows[~has] / drawn[~has]
    np.testing.assert_allclose(scale, scale[0, 0], rtol=1e-5)  # as drawn, all by the same factor

    def spread(part: Any) -> float:
        return float(np.sqrt(np.mean(np.square(part, dtype=np.float64))))

    assert spread(rows[~has]) == pytest.approx(spread(rows[has]), rel=1e-5)


def test_all_other_weights_begin_as_without_the_file(file: Path) -> None:
    ours = small_experiment(vectors=file).snapshot().lanes[0].parameters
    theirs = small_experiment(embedding=WIDTH).snapshot().lanes[0].parameters
    for name in set(ours) - {"embedding"}:
        np.testing.assert_array_equal(ours[name], theirs[name])


def test_both_formats_of_the_same_vectors_give_the_same_run(file: Path, tmp_path: Path) -> None:
    other = written(tmp_path, word2vec_binary(some_vectors(COVERED, WIDTH)), "v.bin")
    assert bits(updated(small_experiment(vectors=file), 5)) == bits(
        updated(small_experiment(vectors=other), 5)
    )


def test_starting_over_brings_the_vectors_back_to_the_bit(file: Path) -> None:
    experiment = small_experiment(vectors=file)
    before = bits(experiment)
    updated(experiment, 7).start_over()
    assert bits(experiment) == before


def test_vectors_made_from_the_text_itself_lower_the_loss_but_not_the_first_one(tmp_path: Path) -> None:
    text, right, wrong = read_text(samples()[0].path), tmp_path / "right.txt", tmp_path / "wrong.txt"
    settings = RunSettings().with_values({"cell": "lstm", "hidden": 32, "window": 12, "batch": 32})
    corpus = corpus_of(text, settings)
    write_files(corpus, 30, right, wrong)
    experiment = prepare(text, race(settings, right, wrong, 30))
    coverage = experiment.coverage(2)
    assert coverage is not None and coverage.covered == coverage.known
    drawn, wrong_words, further, frozen = learn(experiment, 100)
    for first, *_ in (drawn, further, frozen):  # the readout is drawn: nothing can be known yet
        assert first == pytest.approx(np.log(len(corpus.vocabulary)), rel=0.01)
    # Means of updates 1 to 10 and of 91 to 100, nats per word. The wrong words do well too, so the size of
    # the numbers matters; early on what they mean matters as well.
    assert further[1] < wrong_words[1] - 0.03 < drawn[1] - 0.06
    assert further[2] < drawn[2] - 0.04 and further[2] < frozen[2] - 0.2


# -- freezing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_frozen_rows_keep_their_bits_under_every_optimizer(file: Path, optimizer: str) -> None:
    experiment = small_experiment(vectors=file, vectors_frozen=True, optimizer=optimizer)
    before = embedding(experiment)
    trained = experiment.lanes[0].model.parameters.view("weight_ih_l0").copy()
    updated(experiment, 300 if optimizer == "adam" else 20)  # Adam's moments are flushed after 256
    assert embedding(experiment).tobytes() == before.tobytes()
    assert not np.array_equal(experiment.lanes[0].model.parameters.view("weight_ih_l0"), trained)
    learned = updated(small_experiment(vectors=file, optimizer=optimizer), 20)
    assert embedding(learned).tobytes() != before.tobytes()


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_moments_that_another_program_put_into_a_checkpoint_move_no_frozen_row(
    file: Path, optimizer: str
) -> None:
    experiment = updated(small_experiment(vectors=file, vectors_frozen=True, optimizer=optimizer), 2)
    before = embedding(experiment)
    for slot in experiment.lanes[0].optimizer.slots.values():
        slot[: before.size] = 0.5
    assert embedding(updated(experiment, 3)).tobytes() == before.tobytes()


@pytest.mark.parametrize(("cell", "window", "dropout"), [("rnn", 4, 0.0), ("lstm", 12, 0.0), ("gru", 4, 0.3)])
def test_frozen_vectors_leave_the_gradients_of_the_rest_as_they_are(
    file: Path, cell: str, window: int, dropout: float
) -> None:
    values = {"vectors": file, "cell": cell, "window": window, "dropout": dropout, "clip": 0, "lr": 1e-9}
    free, frozen = small_experiment(**values), small_experiment(**values, vectors_frozen=True)
    (all_of_it,), (rest,) = free.update(), frozen.update()
    assert rest.loss == all_of_it.loss
    ours, theirs = (e.lanes[0].model.parameters.export("gradients") for e in (frozen, free))
    assert not ours["embedding"].any() and theirs["embedding"].any()
    for name in set(ours) - {"embedding"}:
        np.testing.assert_array_equal(ours[name], theirs[name])
    squares = sum(float(np.sum(np.square(g, dtype=np.float64))) for g in ours.values())
    assert rest.grad_norm == pytest.approx(np.sqrt(squares), rel=1e-6)
    assert rest.grad_norm < all_of_it.grad_norm


def test_clipping_counts_only_what_is_learned(file: Path) -> None:
    (free,) = small_experiment(vectors=file, clip=1e-3).update()
    (frozen,) = small_experiment(vectors=file, vectors_frozen=True, clip=1e-3).update()
    assert frozen.clip_factor == pytest.approx(1e-3 / frozen.grad_norm, rel=2e-3)
    assert frozen.clip_factor > free.clip_factor


def test_frozen_numbers_are_not_counted_as_learned(file: Path) -> None:
    experiments = [small_experiment(vectors=file, vectors_frozen=frozen) for frozen in (False, True)]
    free, frozen = (experiment.lanes[0].model.spec for experiment in experiments)
    assert free.parameter_count() - frozen.parameter_count() == 21 * WIDTH
    assert free.stored_count() == frozen.stored_count() == free.parameter_count()


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_all_that_is_learned_beside_frozen_vectors_fits_finite_differences(cell: str) -> None:
    spec = ModelSpec(7, cell=cell, hidden=4, layers=2, embedding=3, dtype="float64", frozen_embedding=True)
    checks = {check.parameter: check for check in finite_difference_check(spec)}
    assert set(checks) == set(spec.parameter_shapes())
    assert [name for name, check in checks.items() if not check.passed] == ["embedding"]


# -- what is kept -------------------------------------------------------------------------------------


@pytest.mark.parametrize("frozen", [False, True])
def test_a_run_is_resumed_without_the_file_to_the_bit(file: Path, tmp_path: Path, frozen: bool) -> None:
    values = {"vectors": file, "vectors_frozen": frozen, "cell": "lstm", "dropout": 0.2}
    through = updated(small_experiment(**values), 12)
    half, again = tmp_path / "half.safetensors", tmp_path / "again.safetensors"
    checkpoint.save(updated(small_experiment(**values), 5), half)
    file.unlink()
    read = checkpoint.read(half)
    resumed = read.experiment(small_text())
    checkpoint.save(resumed, again)
    assert half.read_bytes() == again.read_bytes()
    assert bits(updated(resumed, 7)) == bits(through)
    assert resumed.coverage(0) == through.coverage(0)
    resumed.start_over()
    through.start_over()
    assert bits(resumed) == bits(through)
    model, _ = read.model()
    assert model.spec.frozen_embedding is frozen


def test_a_checkpoint_knows_no_folder(file: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    other = tmp_path / "elsewhere" / file.name
    other.write_bytes(file.read_bytes())
    saved = []
    for number, path in enumerate((file, other)):
        saved.append(tmp_path / f"{number}.safetensors")
        checkpoint.save(updated(small_experiment(vectors=path), 2), saved[-1])
    assert saved[0].read_bytes() == saved[1].read_bytes()
    assert checkpoint.read(saved[0]).settings.lane.vectors == "made-up.txt"
    assert str(tmp_path).encode() not in saved[0].read_bytes()


def test_a_checkpoint_without_the_vectors_that_it_began_from_is_refused(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    experiment = small_experiment(vectors=file)
    for lane in experiment.lanes:
        lane.vectors = None
    checkpoint.save(experiment, path)
    with pytest.raises(NotACheckpoint, match="vectors/found is missing"):
        checkpoint.read(path)


def test_another_network_on_the_same_words_needs_the_file_no_more(file: Path, tmp_path: Path) -> None:
    experiment = small_experiment(vectors=file)
    fresh = small_experiment(vectors=file, hidden=9)
    file.unlink()
    wider = rebuild(experiment, experiment.settings.with_values({"hidden": 9}))
    assert bits(wider) == bits(fresh)
    again = written(tmp_path, glove(some_vectors(COVERED, WIDTH)), file.name)
    fewer = rebuild(experiment, experiment.settings.with_values({"vocabulary": 12}))
    assert bits(fewer) == bits(small_experiment(vectors=again, vocabulary=12))


# -- races, tasks, loading ----------------------------------------------------------------------------


def test_lanes_of_a_race_may_differ_in_their_vectors(file: Path, tmp_path: Path) -> None:
    shared = small_settings()
    lanes = [{"embedding": WIDTH}, {"vectors": file}, {"vectors": file, "vectors_frozen": True}, {}]
    race = shared.with_lanes([shared.with_values(values).lane for values in lanes])
    experiment = prepare(small_text(), race)
    assert [lane.vectors is not None for lane in experiment.lanes] == [False, True, True, False]
    assert experiment.lanes[1].vectors is experiment.lanes[2].vectors  # read once
    assert [lane.title for lane in experiment.lanes] == [
        "tanh RNN, embedding 6, no vectors",
        "tanh RNN, embedding 6, vectors",
        "tanh RNN, embedding 6, frozen vectors",
        "tanh RNN, embedding one-hot, no vectors",
    ]
    other = written(tmp_path, file.read_bytes(), "other.txt")
    two = shared.with_lanes([shared.with_values({"vectors": path}).lane for path in (file, other)])
    assert lane_titles(two) == ("tanh RNN, made-up.txt", "tanh RNN, other.txt")
    updated(experiment, 4)
    for number in (1, 2):
        alone = updated(prepare(small_text(), experiment.settings.of_lane(number)), 4)
        assert embedding(alone).tobytes() == embedding(experiment, number).tobytes()
    path = tmp_path / "race.safetensors"
    checkpoint.save(experiment, path)
    assert bits(updated(checkpoint.read(path).experiment(small_text()), 3)) == bits(updated(experiment, 3))


def test_a_memory_task_is_learned_without_vectors(file: Path) -> None:
    task = text_from_string(Task("recall", 5, 100).text(), "task.txt")
    experiment = prepare(task, small_settings(vectors=file, vectors_frozen=True), suit=True)
    assert experiment.settings.lane.vectors == "" and not experiment.settings.lane.vectors_frozen


def test_loading_tells_of_the_vectors_and_can_be_cancelled_in_them(tmp_path: Path) -> None:
    many = glove(some_vectors(" ".join(f"w{i}" for i in range(20_000)) + " was", 4))
    settings = small_settings(vectors=written(tmp_path, many))
    seen: list[tuple[float, str]] = []
    prepare(small_text(), settings, lambda share, doing: seen.append((share, doing)))
    shares = [share for share, _ in seen]
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1)
    of_vectors = [share for share, doing in seen if doing.startswith("reading word vectors")]
    assert len(of_vectors) >= 4 and of_vectors[0] > 0.3
    with pytest.raises(ReadingCancelled):
        prepare(small_text(), settings, lambda s, d: seen.append((s, d)), lambda: "vectors" in seen[-1][1])
