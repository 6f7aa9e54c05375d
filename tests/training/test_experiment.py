"""Streams, epochs, resets and updates, against a plain loop that follows the definitions word by word."""

import gc
import math
import weakref
import zlib
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from rnnviz.engine import OPTIMIZERS, Interrupted, LanguageModel, clip_factor, gradient_norm
from rnnviz.text import TextTooShort, text_from_string
from rnnviz.training import (
    Diverged,
    DoesNotFit,
    Experiment,
    RunSettings,
    SettingError,
    machine_memory,
    prepare,
)
from rnnviz.training.lane import model_spec
from tests.training.runs import bits, request, small_experiment, small_settings, small_text


def plain_loop(settings: RunSettings, n_updates: int) -> tuple[LanguageModel, list[float], np.ndarray]:
    """Training as design.md section 6 defines it, written out with indices; losses of all updates."""
    shared, lane = settings.experiment, settings.lane
    corpus = prepare(small_text(), settings).corpus
    tokens = corpus.train_ids.astype(int)
    T, B, N = shared.window, shared.batch, len(tokens)
    S = (N - 1) // B

    def stream(purpose: str) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence([shared.seed, zlib.crc32(purpose.encode())]))

    model = LanguageModel(model_spec(settings, len(corpus.vocabulary)), stream("start"))
    optimizer = OPTIMIZERS[lane.optimizer](model.parameters)
    resets = stream("resets")
    losses: list[float] = []
    state = model.zero_state(B)
    while True:
        state = model.zero_state(B)
        for w in range(S // T):
            state = state.copy()
            state[:, :, resets.random(B) < shared.reset] = 0
            read = np.array([[tokens[b * S + w * T + t] for b in range(B)] for t in range(T)])
            wanted = np.array([[tokens[b * S + w * T + t + 1] for b in range(B)] for t in range(T)])
            workspace = model.workspace(T, B)  # a new one each time
            model.forward(workspace, read, wanted, state)
            model.backward(workspace)
            norm = gradient_norm(model.parameters.gradients, model.parameters.scratch)
            optimizer.step(lane.lr, clip_factor(norm, lane.clip))
            losses.append(workspace.mean_loss)
            state = workspace.final_state
            if len(losses) == n_updates:
                at_end = w + 1 == S // T
                return model, losses, model.zero_state(B) if at_end else state


@pytest.fixture
def without_collector() -> Iterator[None]:
    """Python's collector of cycles, which the window's program keeps away from what is there at its start."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
@pytest.mark.parametrize("reset", [0.0, 0.3, 1.0])
def test_updates_follow_the_definition_of_streams_epochs_and_resets(optimizer: str, reset: float) -> None:
    settings = small_settings(optimizer=optimizer, reset=reset, layers=2, clip=0.5)
    experiment = prepare(small_text(), settings)
    n = 2 * experiment.n_windows + 3
    losses = [experiment.update()[0].loss for _ in range(n)]
    model, expected, state = plain_loop(settings, n)
    assert losses == expected
    assert experiment.lanes[0].model.parameters.values.tobytes() == model.parameters.values.tobytes()
    assert experiment.lanes[0].state.tobytes() == np.ascontiguousarray(state).tobytes()
    assert (experiment.epoch, experiment.position) == (2, 3)


def test_an_epoch_ends_with_its_last_whole_window_and_a_zero_state() -> None:
    experiment = small_experiment()
    losses = []
    for _ in range(experiment.n_windows):
        assert not experiment.epoch_done
        losses.append(experiment.update()[0].loss)
    assert experiment.epoch_done
    assert (experiment.epoch, experiment.position) == (1, 0)
    assert not experiment.lanes[0].state.any()
    assert experiment.lanes[0].last_epoch_loss == pytest.approx(np.mean(losses))
    assert experiment.lanes[0].train_loss == experiment.lanes[0].last_epoch_loss
    later = experiment.update()[0].loss
    assert not experiment.epoch_done
    assert experiment.lanes[0].train_loss == later


def test_the_same_draws_are_made_whatever_the_probability_of_a_reset() -> None:
    positions = []
    for reset in (0.0, 0.05, 1.0):
        experiment = small_experiment(reset=reset)
        for _ in range(7):
            experiment.update()
        positions.append(experiment.snapshot().resets)
    assert positions[0] == positions[1] == positions[2]


def test_an_update_tells_what_it_did() -> None:
    experiment = small_experiment(clip=0.1)
    update = experiment.update()[0]
    assert update.step == experiment.step == 1
    assert update.tokens == 12
    assert update.grad_norm > 0.1
    assert update.clip_factor == pytest.approx(0.1 / update.grad_norm, rel=1e-4)
    assert small_experiment(clip=0).update()[0].clip_factor == 1


def test_the_first_loss_is_that_of_guessing() -> None:
    experiment = small_experiment()
    assert experiment.update()[0].loss == pytest.approx(math.log(len(experiment.corpus.vocabulary)), rel=0.1)


def stops_at(n: int) -> Callable[[], bool]:
    """True from the n-th look on."""
    looks = iter(range(10**6))
    return lambda: next(looks) >= n


def test_an_interrupted_update_is_made_again_to_the_same_bits() -> None:
    experiment, other = small_experiment(reset=0.5), small_experiment(reset=0.5)
    for _ in range(5):
        experiment.update()
        other.update()
    before = bits(experiment)
    looks = (4 + 1) + (3 + 4)  # 4 steps and the readout forward, the readout's products and 4 steps back
    for n in range(looks):
        with pytest.raises(Interrupted):
            experiment.update(stops_at(n))
        assert bits(experiment) == before
    experiment.update(stops_at(looks))
    other.update()
    assert bits(experiment) == bits(other)


def test_validation_sees_every_held_back_token_once_and_changes_nothing() -> None:
    experiment = small_experiment(valid_fraction=0.3)
    for _ in range(6):
        experiment.update()
    before = bits(experiment)
    validation = experiment.validate()
    assert bits(experiment) == before
    lane, B = experiment.lanes[0], 3
    ids = experiment.corpus.valid_ids.astype(int)
    S = (len(ids) - 1) // B
    assert validation.tokens == S * B
    whole = lane.model.workspace(S, B)  # one window instead of many
    read = np.array([[ids[b * S + t] for b in range(B)] for t in range(S)])
    wanted = np.array([[ids[b * S + t + 1] for b in range(B)] for t in range(S)])
    lane.model.forward(whole, read, wanted, lane.model.zero_state(B))
    assert validation.loss == pytest.approx(whole.mean_loss, rel=1e-5)
    assert validation.accuracy == pytest.approx(whole.correct / (S * B))
    assert validation.perplexity == pytest.approx(math.exp(whole.mean_loss), rel=1e-5)


def test_an_interrupted_window_of_a_validation_is_read_again() -> None:
    experiment = small_experiment(valid_fraction=0.3)
    quiet = list(experiment.validation())
    looks = iter(range(10**6))
    disturbed = list(experiment.validation(lambda: next(looks) % 7 == 6))
    assert len(disturbed) > len(quiet)
    assert disturbed[-1] == quiet[-1]


def test_a_text_without_a_held_back_part_has_no_validation_loss() -> None:
    validation = small_experiment(valid_fraction=0).validate()
    assert validation.tokens == 0
    assert (
        math.isnan(validation.loss) and math.isnan(validation.accuracy) and math.isnan(validation.perplexity)
    )


def test_an_experiment_goes_with_the_last_who_knows_it_and_its_text_too(
    without_collector: None,
) -> None:
    experiment = small_experiment()
    experiment.update()
    seen = weakref.ref(experiment), weakref.ref(experiment.corpus)
    del experiment
    assert [ref() for ref in seen] == [None, None]


def test_starting_over_is_a_fresh_run_to_the_bit() -> None:
    experiment = small_experiment(init="orthogonal", layers=2)
    fresh = bits(experiment)
    for _ in range(25):
        experiment.update()
    assert bits(experiment) != fresh
    experiment.start_over()
    assert bits(experiment) == fresh
    other = small_experiment(init="orthogonal", layers=2)
    for _ in range(25):
        # By their words: from Python 3.13 on two of them that hold a NaN are never equal.
        assert repr(experiment.update()) == repr(other.update())
    assert bits(experiment) == bits(other)


def test_learning_rate_and_clip_norm_act_from_the_next_update_on() -> None:
    experiment, plain = small_experiment(lr=0.02), small_experiment(lr=0.02)
    experiment.change("lr", 0.5)
    experiment.change("clip", 0.01)
    assert experiment.settings.lane.lr == experiment.lanes[0].settings.lr == 0.5
    changed = experiment.update()[0]
    assert changed.loss == plain.update()[0].loss
    assert changed.clip_factor < 0.1
    assert bits(experiment) != bits(plain)


@pytest.mark.parametrize(("name", "value"), [("lr", math.nan), ("lr", 0), ("hidden", 9), ("speed", 1)])
def test_a_change_that_cannot_be_is_refused_and_changes_nothing(name: str, value: float) -> None:
    experiment = small_experiment()
    before = experiment.settings
    with pytest.raises(SettingError) as error:
        experiment.change(name, value)
    assert error.value.name == name
    assert experiment.settings is before


RELU = {"activation": "relu", "window": 12, "hidden": 40, "clip": 0.0}
BROKEN = [
    {"optimizer": "sgd", "lr": 100.0},
    {"optimizer": "sgd", "lr": 1.5, "window": 40, "hidden": 60, "layers": 2, "batch": 2},
    {"optimizer": "rmsprop", "lr": 100.0},
    {"optimizer": "adam", "lr": 100.0},
    {"optimizer": "adagrad", "lr": 100.0},
    {"optimizer": "rmsprop", "lr": 10.0, "window": 40, "batch": 2, "layers": 2, "dtype": "float64"},
]


@pytest.mark.parametrize("values", BROKEN)
def test_a_run_that_breaks_keeps_the_last_good_network(values: dict[str, object]) -> None:
    experiment = small_experiment(**(RELU | values))
    goods: list[dict[str, bytes]] = []
    with np.errstate(all="raise"), pytest.raises(Diverged) as broken:
        while True:
            goods.append(bits(experiment))
            experiment.update()
    # Either this update could not be made, or the one before is taken back: its parameters and moments.
    now = bits(experiment)
    good = goods[broken.value.step - 1]
    kept = [key for key in now if "/parameters/" in key or "/optimizer/" in key]
    assert [now[key] for key in kept] == [good[key] for key in kept]
    assert broken.value.step in (experiment.step, experiment.step + 1)
    assert experiment.step == len(goods) - 1
    snapshot = experiment.snapshot().lanes[0]
    for array in (*snapshot.parameters.values(), *snapshot.optimizer.values(), *snapshot.state.values()):
        assert np.isfinite(array).all()
    trace = experiment.trace(request(experiment))[0]
    assert trace.step == experiment.step
    assert np.isfinite(trace.loss).all()
    experiment.start_over()
    assert bits(experiment) == goods[0]


def test_a_broken_run_goes_on_with_a_lower_learning_rate() -> None:
    experiment = small_experiment(**(RELU | {"optimizer": "adam", "lr": 100.0}))
    with pytest.raises(Diverged):
        while True:
            experiment.update()
    experiment.change("lr", 0.001)
    losses = [experiment.update()[0].loss for _ in range(60)]
    assert losses[-1] < losses[0] < 10


def test_a_broken_run_names_the_update_and_what_to_try() -> None:
    experiment = small_experiment(**(RELU | {"optimizer": "sgd", "lr": 100.0}))
    with pytest.raises(Diverged) as broken:
        while True:
            experiment.update()
    assert f"Update {broken.value.step:,} broke the network" in broken.value.cause
    assert "learning rate of 100" in broken.value.cause
    for words in ("lower the learning rate to 0.1", "clip norm to 1", "tanh instead of relu", "start over"):
        assert words in broken.value.remedy


def test_an_exploding_gradient_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = small_experiment(clip=0)
    experiment.update()
    before = bits(experiment)
    for norm in (math.inf, math.nan, 1e16):
        monkeypatch.setattr("rnnviz.training.lane.gradient_norm", lambda *_, norm=norm: norm)
        with pytest.raises(Diverged, match=r"Update 2 could not be made: the gradient exploded") as broken:
            experiment.update()
        assert "clipping is off" in broken.value.cause
        assert bits(experiment) == before


def test_the_next_window_is_the_one_that_the_update_reads() -> None:
    experiment, other = small_experiment(reset=0.5), small_experiment(reset=0.5)
    for _ in range(3):
        experiment.update()
        other.update()
    for sequence in range(3):
        window = experiment.next_window(sequence=sequence)
        start = sequence * ((len(experiment.corpus.train_ids) - 1) // 3) + 3 * 4
        assert window.tokens.tolist() == experiment.corpus.train_ids[start : start + 4].tolist()
        assert window.targets.tolist() == experiment.corpus.train_ids[start + 1 : start + 5].tolist()
        assert window.state.shape == (1, 1, 5)
    assert bits(experiment) == bits(other)
    experiment.update()
    other.update()
    assert bits(experiment) == bits(other)


def test_a_recorded_update_is_a_real_one() -> None:
    experiment, other = small_experiment(reset=0), small_experiment(reset=0)
    for _ in range(3):
        experiment.update()
        other.update()
    window = other.next_window()
    record, updates = experiment.record_update()
    assert repr(updates) == repr(other.update())
    assert bits(experiment) == bits(other)
    assert record.after is not None
    assert (record.before.step, record.after.step) == (3, 4)
    assert record.before.tokens.tolist() == record.after.tokens.tolist() == window.tokens.tolist()
    assert record.before.targets.tolist() == window.targets.tolist()
    assert record.before.hidden[0].tolist() == record.after.hidden[0].tolist() == window.state[:, 0].tolist()
    assert record.weight_share.shape == (4, 1)
    assert not np.array_equal(record.before.hidden[1:], record.after.hidden[1:])


def test_a_trace_starts_from_zero_and_changes_nothing() -> None:
    experiment = small_experiment()
    for _ in range(3):
        experiment.update()
    before = bits(experiment)
    trace = experiment.trace(request(experiment, generation=7))[0]
    assert (trace.step, trace.generation) == (3, 7)
    assert not trace.hidden[0].any()
    assert list(trace.target_words) == ["was", "the", "Emperor", "of"]
    assert bits(experiment) == before


def test_writing_on_depends_on_its_seed_alone() -> None:
    experiment = small_experiment()
    ids = experiment.corpus.encode("Napoleon was")[1]
    first = experiment.write_on(tuple(ids), 21, 0.8, seed=4)
    experiment.update()
    assert len(first) == 21
    experiment.start_over()
    assert experiment.write_on(tuple(ids), 21, 0.8, seed=4) == first
    assert experiment.write_on(tuple(ids), 21, 0.8, seed=5) != first
    assert experiment.write_on(tuple(ids), 0, 0.8, seed=4) == []


def test_a_window_longer_than_the_text_is_refused_with_the_remedy() -> None:
    with pytest.raises(TextTooShort, match="lower the batch to"):
        small_experiment(window=200)


def test_a_network_too_large_for_the_memory_is_refused_with_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_memory, "free_memory", lambda: 2_000_000_000)
    corpus = small_experiment().corpus
    with pytest.raises(DoesNotFit, match=r"about [\d.,]+ GB of memory, and 2\.0 GB are free.*Lower --hidden"):
        Experiment.create(corpus, small_settings(hidden=8192, layers=16))
    with pytest.raises(DoesNotFit, match=r"Lower --window"):
        corpus = small_experiment(n_lines=20_000).corpus
        Experiment.create(corpus, small_settings(hidden=2000, window=4000, batch=40))


@pytest.mark.parametrize(("tokens", "kind"), [("word", "word"), ("char", "character")])
def test_a_trace_says_what_its_tokens_are_called(tokens: str, kind: str) -> None:
    experiment = prepare(text_from_string("我 来 了 。 " * 60, "short.txt"), small_settings(tokens=tokens))
    assert experiment.trace(request(experiment, passage="我 来"))[0].token_kind == kind
    record, _ = experiment.record_update()
    assert record.before.token_kind == kind
    assert record.after is not None and record.after.token_kind == kind
