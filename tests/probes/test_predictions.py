import numpy as np
import pytest

from rnnviz.probes.predictions import predict
from rnnviz.probes.trace import MOST_CANDIDATES, NO_TARGET


@pytest.mark.parametrize("vocabulary_size", [5, 3 * MOST_CANDIDATES])
def test_equally_likely_tokens_have_places_in_the_order_of_their_ids(vocabulary_size):
    logits = np.zeros((3, vocabulary_size))
    logits[:, 2] = 1.0
    found = predict(logits, np.array([4, 2, 0]))
    assert found.target_place.tolist() == [5, 1, 2]  # 2 before all others, then 0, 1, 3, 4
    assert found.candidates[:, :5].tolist() == [[2, 0, 1, 3, 4]] * 3
    assert found.candidates.shape == (3, min(vocabulary_size, MOST_CANDIDATES))


def test_the_place_of_a_target_is_where_it_stands_among_the_candidates():
    logits = np.random.default_rng(2).normal(size=(20, 30)).round(1)  # with ties
    targets = np.arange(20)
    found = predict(logits, targets)
    assert [found.candidates[t, found.target_place[t] - 1] for t in range(20)] == targets.tolist()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_error_of_a_word_learned_beyond_rounding_is_small_and_not_nought(dtype):
    found = predict(np.array([[40.0, 0.0, 0.0]], dtype=dtype), np.array([0]))
    assert found.loss[0] == pytest.approx(2 * np.exp(-40), rel=1e-6)
    assert found.dlogits[0].tolist() == pytest.approx([-2 * np.exp(-40), np.exp(-40), np.exp(-40)], rel=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_that_no_exponential_holds_are_probabilities_all_the_same(dtype):
    found = predict(np.array([[1000.0, 999.0, -1000.0]], dtype=dtype), np.array([1]))
    assert found.probs[0].tolist() == pytest.approx([1 / (1 + np.exp(-1)), 1 / (1 + np.e), 0], rel=1e-6)
    assert found.loss[0] == pytest.approx(np.log(1 + np.e), rel=1e-6)
    assert found.target_prob[0] == pytest.approx(1 / (1 + np.e), rel=1e-6)


def test_without_a_target_there_is_no_loss_no_place_and_no_error():
    found = predict(np.array([[1.0, 2.0]]), np.array([NO_TARGET]))
    assert np.isnan(found.loss[0]) and np.isnan(found.target_prob[0])
    assert found.target_place.tolist() == [0]
    assert not found.dlogits.any()
