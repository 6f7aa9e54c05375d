import numpy as np
import pytest

from rnnviz.engine import HeldGate, Overrides, next_token_probabilities, sample_continuation
from tests.engine.networks import network


def test_probabilities_are_those_of_the_forward_pass():
    model = network(layers=2)
    tokens = np.array([3, 1, 4, 1])
    ws = model.workspace(4, 1)
    model.forward(ws, tokens[:, None], np.zeros((4, 1), int), model.zero_state(1))
    expected = ws.readout.probabilities(ws.hidden[-1][1:, 0])[-1]
    p = next_token_probabilities(model, tokens)
    assert p.dtype == np.float64 and p.sum() == pytest.approx(1, rel=1e-15)
    np.testing.assert_allclose(p, expected, rtol=1e-12)


def test_temperature_zero_writes_the_likeliest_token_each_time():
    model = network(embedding=4)
    text = [3, 1, 4]
    written = sample_continuation(model, text, 6, 0, np.random.default_rng(0))
    for token in written:
        assert token == next_token_probabilities(model, text).argmax()
        text.append(int(token))


def test_samples_have_the_probabilities_of_their_temperature():
    model = network(vocabulary_size=4, spread=3.0)
    rng = np.random.default_rng(0)
    drawn = [int(sample_continuation(model, [1, 2], 1, 2.0, rng)[0]) for _ in range(4000)]
    flat = np.sqrt(next_token_probabilities(model, [1, 2]))
    np.testing.assert_allclose(np.bincount(drawn, minlength=4) / 4000, flat / flat.sum(), atol=0.03)


def test_the_same_seed_writes_the_same_and_changes_nothing():
    model = network()
    before = model.parameters.values.copy()
    first, second = (sample_continuation(model, [1], 20, 0.8, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert set(first.tolist()) <= set(range(11)) and len(set(first.tolist())) > 1
    np.testing.assert_array_equal(model.parameters.values, before)


def test_writing_on_begins_in_the_state_that_is_given():
    model = network(spread=2.0)
    state = model.zero_state(1)
    state[...] = 0.9
    assert not np.allclose(next_token_probabilities(model, [1]), next_token_probabilities(model, [1], state))


def test_nothing_is_written_where_nothing_is_asked():
    assert sample_continuation(network(), [1], 0, 1.0, np.random.default_rng(0)).shape == (0,)


def test_the_last_drop_of_chance_still_falls_on_the_last_token():
    """A sum of probabilities may round below 1: a draw beyond it is none of a token that there is not."""

    class Brim(np.random.Generator):
        def random(self, *_):
            return 1.0

    written = sample_continuation(network(), [1], 3, 1.0, Brim(np.random.PCG64(0)))
    assert written.tolist() == [10, 10, 10]


@pytest.mark.parametrize("written", [1, 4])
def test_a_unit_that_is_silent_at_one_step_is_so_there_and_nowhere_else(written):
    """Steps are counted from the first word that is read on."""
    model, text = network(cell="gru", spread=3.0), [3, 1, 4]
    free = sample_continuation(model, text, 8, 0, np.random.default_rng(0))
    held = Overrides(held=(HeldGate("z", 1.0, steps=(len(text) + written - 1,)),))
    other = sample_continuation(model, text, 8, 0, np.random.default_rng(0), overrides=held)
    np.testing.assert_array_equal(other[:written], free[:written])
    ws = model.workspace(20, 1)
    so_far = np.array([*text, *other[:-1]])
    model.read(ws, so_far[:, None], model.zero_state(1), overrides=held)
    weight, bias = model.parameters.view("weight_out"), model.parameters.view("bias_out")
    logits = ws.hidden[-1][len(text) : len(so_far) + 1, 0] @ weight.T + bias
    assert other.tolist() == logits.argmax(axis=1).tolist()
    assert free.tolist() != other.tolist()
