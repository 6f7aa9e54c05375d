import numpy as np
import pytest

from rnnviz.engine import OPTIMIZERS, ParameterMismatch, clip_gradients
from rnnviz.engine.optimizers import FLUSH_EVERY, SGD, Adam
from tests.engine.networks import network, worked


def one_at_a_time(name, w, gradients, lr):
    """PyTorch's formulas, one number after the other, as its documentation writes them."""
    m = v = total = 0.0
    for t, g in enumerate(gradients, start=1):
        if name == "sgd":
            w -= lr * g
        elif name == "momentum":
            m = 0.9 * m + g
            w -= lr * m
        elif name == "adam":
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            w -= lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        elif name == "adagrad":
            total += g * g
            w -= lr * g / (np.sqrt(total) + 1e-8)
        elif name == "rmsprop":
            v = 0.95 * v + 0.05 * g * g
            w -= lr * g / (np.sqrt(v) + 1e-8)
    return w


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_updates_follow_the_formula(name):
    model = network()
    optimizer = OPTIMIZERS[name](model.parameters)
    rng = np.random.default_rng(0)
    start = model.parameters.values.copy()
    gradients = rng.standard_normal((5, len(start))) * 10.0 ** rng.integers(-9, 2, len(start))
    for gradient in gradients:
        model.parameters.gradients[...] = gradient
        optimizer.step(0.01)
    expected = [one_at_a_time(name, w, g, 0.01) for w, g in zip(start, gradients.T, strict=True)]
    np.testing.assert_allclose(model.parameters.values, expected, rtol=1e-11, atol=1e-15)
    assert optimizer.step_count == 5


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_resumed_optimizer_goes_on_to_the_bit(name, dtype):
    model, other = network(dtype=dtype), network(seed=8, dtype=dtype)
    mine, theirs = OPTIMIZERS[name](model.parameters), OPTIMIZERS[name](other.parameters)
    for seed in range(3):
        worked(model, seed=seed)
        mine.step(0.01)
    other.parameters.load(model.parameters.export())
    theirs.load(mine.export())
    assert theirs.step_count == 3
    for both, optimizer in ((model, mine), (other, theirs)):
        worked(both, seed=9)
        optimizer.step(0.01)
    np.testing.assert_array_equal(model.parameters.values, other.parameters.values)


def test_moments_are_exported_in_pytorchs_layout():
    exported = Adam(network(embedding=4).parameters).export()
    assert exported["m/weight_ih_l0"].shape == (7, 4) and exported["v/embedding"].shape == (11, 4)
    assert exported["step_count"].tolist() == [0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.pop("m/bias_out"), "m/bias_out is missing"),
        (lambda a: a.update({"x/bias_out": np.zeros(11)}), "x/bias_out has no place"),
        (lambda a: a.pop("step_count"), "step_count"),
        (lambda a: a.update(step_count=np.array([-1])), "step_count"),
        (lambda a: a.update(step_count=np.array([1, 2])), "step_count"),
        (lambda a: a.update(step_count=np.array([1.0])), "step_count"),
        (lambda a: a["m/weight_out"].__setitem__((0, 0), np.nan), "m/weight_out holds NaN"),
    ],
)
def test_a_broken_optimizer_state_is_refused_whole(change, message):
    model = network()
    adam = Adam(model.parameters)
    worked(model)
    adam.step(0.01)
    arrays = adam.export()
    change(arrays)
    fresh = Adam(model.parameters)
    with pytest.raises(ParameterMismatch, match=message):
        fresh.load(arrays)
    assert fresh.step_count == 0 and not fresh.slots["m"].any()


def test_a_state_of_before_the_first_update_is_a_state():
    used, model = network(seed=1), network()
    adam = Adam(used.parameters)
    worked(used)
    adam.step(0.01)
    adam.load(Adam(model.parameters).export())
    assert adam.step_count == 0 and not adam.slots["m"].any() and not adam.slots["v"].any()


@pytest.mark.parametrize(
    ("done", "left"), [(FLUSH_EVERY - 2, True), (FLUSH_EVERY - 1, False), (FLUSH_EVERY, True)]
)
def test_what_is_too_small_is_forgotten_at_each_so_many_updates_and_at_no_other(done, left):
    model = network(dtype="float32")
    adam = Adam(model.parameters)
    adam.slots["m"].fill(1.2e-38)  # normal, and denormal soon
    adam.step_count = done
    adam.step(0.01)
    assert adam.slots["m"].any() == left


def test_moments_of_rows_never_seen_again_do_not_turn_denormal():
    model = network(dtype="float32")
    adam = Adam(model.parameters)
    worked(model)
    adam.step(0.01)
    model.parameters.gradients[...] = 0
    for _ in range(4 * FLUSH_EVERY):
        adam.step(0.0)
        m = np.abs(adam.slots["m"])
        assert not ((m > 0) & (m < np.finfo(np.float32).tiny)).any()
    assert not m.any()
    assert adam.slots["v"].any()  # these fade far more slowly


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_clipping_scales_all_gradients_by_the_global_norm(dtype):
    model = network(layers=2, embedding=4, dtype=dtype)
    worked(model)
    before = model.parameters.gradients.astype(np.float64)
    norm, factor = clip_gradients(model.parameters, 0.1)
    assert norm == pytest.approx(np.sqrt((before**2).sum()), rel=1e-12 if dtype == "float64" else 1e-6)
    assert factor == 0.1 / (norm + 1e-6) < 1
    np.testing.assert_allclose(model.parameters.gradients, before * factor, rtol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("size", [1.0, 1e30])
def test_an_optimizer_clips_as_clipping_before_it_does(name, size):
    """Also where the squares of what is clipped are beyond float32."""
    models = [network(dtype="float32") for _ in range(2)]
    first, second = (OPTIMIZERS[name](model.parameters) for model in models)
    for seed in range(3):
        for model in models:
            worked(model, seed=seed)
            model.parameters.gradients[...] *= size
        _, factor = clip_gradients(models[0].parameters, 0.1)
        assert factor < 1
        first.step(0.01)
        second.step(0.01, factor)
    there = second.slots | {"values": models[1].parameters.values}
    for slot, wanted in (first.slots | {"values": models[0].parameters.values}).items():
        np.testing.assert_allclose(there[slot], wanted, rtol=2e-5, atol=1e-7, err_msg=slot)


@pytest.mark.parametrize("size", [1e-30, 1e-22, 1e17, 1e25])
def test_squares_that_leave_float32_do_not_break_the_norm(size):
    model = network(dtype="float32")
    model.parameters.gradients[...] = size
    norm, _ = clip_gradients(model.parameters, 0)
    assert norm == pytest.approx(size * np.sqrt(len(model.parameters.gradients)), rel=1e-5)


def test_a_norm_within_bounds_or_a_limit_of_zero_clips_nothing():
    model = network()
    worked(model)
    before = model.parameters.gradients.copy()
    norm, factor = clip_gradients(model.parameters, 0)
    assert factor == 1 and clip_gradients(model.parameters, 2 * norm) == (norm, 1.0)
    np.testing.assert_array_equal(model.parameters.gradients, before)


def test_an_infinite_gradient_is_reported_and_left_alone():
    model = network(dtype="float32")
    model.parameters.gradients[3] = np.inf
    assert clip_gradients(model.parameters, 1.0) == (np.inf, 1.0)


def test_a_norm_beyond_float32_is_still_a_number():
    model = network(dtype="float32")
    model.parameters.gradients[:4] = 1e30
    assert clip_gradients(model.parameters, 0)[0] == pytest.approx(2e30, rel=1e-6)


def test_an_optimizer_without_memory_exports_its_count_alone():
    assert set(SGD(network().parameters).export()) == {"step_count"}


@pytest.mark.parametrize("name", ["adam", "adagrad", "rmsprop"])
def test_means_of_squares_below_nought_become_nought_and_learning_goes_on(name):
    model = network()
    optimizer = OPTIMIZERS[name](model.parameters)
    worked(model)
    optimizer.step(0.01)
    arrays = optimizer.export()
    squares = f"{'sum' if name == 'adagrad' else 'v'}/weight_out"
    arrays[squares][0, :2] = -1.0, 0.25
    optimizer.load(arrays)
    assert optimizer.export()[squares][0, :2].tolist() == [0.0, 0.25]
    optimizer.step(0.01)
    assert np.isfinite(model.parameters.values).all()


def test_frozen_gradients_are_neither_counted_nor_scaled():
    parameters = network(embedding=3, frozen_embedding=True).parameters
    for name in parameters.names:
        parameters.view(name, "gradients")[...] = 2.0
    learned = sum(parameters.view(name).size for name in parameters.names if name != "embedding")
    norm, factor = clip_gradients(parameters, 1.0)
    assert norm == pytest.approx(2 * np.sqrt(learned), rel=1e-12)
    assert (parameters.view("embedding", "gradients") == 2).all()
    np.testing.assert_allclose(parameters.view("bias_out", "gradients"), 2 * factor)
