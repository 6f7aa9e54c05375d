import math

import numpy as np
import pytest

from rnnviz.probes import bound, decay, half_life, lost_per_step, one_percent_lag


def geometric(T, ratio):
    t, k = np.indices((T, T))
    return np.where(k <= t, (t + 1.0) * ratio ** np.abs(t - k), 0)[:, :, None]


def test_decay_of_a_geometric_matrix_is_its_ratio():
    np.testing.assert_allclose(decay(geometric(6, 0.7))[:, 0], 0.7 ** np.arange(6), rtol=1e-14)


def test_rows_with_nothing_setting_out_are_left_out():
    matrix = geometric(5, 0.5)
    matrix[3] = 0
    np.testing.assert_allclose(decay(matrix)[:, 0], 0.5 ** np.arange(5), rtol=1e-14)
    matrix[4] = 0
    assert np.isnan(decay(matrix)[4, 0]) and decay(matrix)[2, 0] == pytest.approx(0.25)


def test_decay_is_a_mean_over_rows_and_not_a_ratio_of_means():
    matrix = np.zeros((3, 3, 1))
    matrix[:, :, 0] = [[1, 0, 0], [2, 10, 0], [0.09, 0.3, 0.1]]
    np.testing.assert_allclose(decay(matrix)[:, 0], [1, (0.2 + 3) / 2, 0.9])


@pytest.mark.parametrize("ratio", [0.9, 0.7, 0.51, 0.3, 0.01])
def test_half_life_of_a_geometric_decay_is_exact(ratio):
    T = 2 + int(math.log(0.5) / math.log(ratio))
    assert half_life(decay(geometric(T, ratio)))[0] == pytest.approx(
        math.log(0.5) / math.log(ratio), rel=1e-12
    )


def test_half_life_is_infinite_where_one_half_is_never_crossed():
    assert half_life(decay(geometric(6, 0.95)))[0] == math.inf
    assert half_life(np.ones((1, 2))).tolist() == [math.inf, math.inf]


def test_only_the_first_crossing_counts():
    assert half_life(np.array([[1.0], [0.25], [0.9], [0.1]]))[0] == pytest.approx(0.5)


def test_an_error_that_dies_at_once_has_a_half_life_of_nothing():
    assert half_life(np.array([[1.0], [0.0], [0.0]]))[0] == 0
    assert half_life(np.array([[np.nan], [np.nan]]))[0] == math.inf


def test_the_bound_is_a_power():
    np.testing.assert_allclose(bound(2.0, 0.25, 4), [1, 0.5, 0.25, 0.125])


def test_the_lag_of_one_percent_is_interpolated_in_the_logarithm_and_never_drawn_out():
    mean = np.array([[1.0, 1.0, 1.0], [0.1, 0.5, 0.5], [0.001, 0.02, 0.0]])
    lags = one_percent_lag(mean)
    assert lags[0] == pytest.approx(1.5) and lags[1] == np.inf and lags[2] == 1


def test_the_loss_per_step_is_that_of_the_far_lags_and_not_of_the_first_few():
    lags = np.arange(20.0)
    learned = np.where(lags < 4, 0.3**lags, 0.3**4 * 0.98 ** (lags - 4))  # an LSTM's: falls, then holds
    growing = 1.1**lags
    found = lost_per_step(np.stack([learned, 0.7**lags, growing], axis=1))
    np.testing.assert_allclose(found, [0.02, 0.3, -0.1], rtol=1e-10)


def test_too_few_lags_or_an_end_in_zero_are_no_ground_for_a_slope():
    assert np.isnan(lost_per_step(0.5 ** np.arange(7.0)[:, None])).all()
    assert lost_per_step(0.5 ** np.arange(8.0)[:, None])[0] == pytest.approx(0.5)
    gone = 0.5 ** np.arange(12.0)
    gone[9:] = 0
    assert lost_per_step(gone[:, None])[0] == pytest.approx(0.5)
    gone[6:] = 0
    assert np.isnan(lost_per_step(gone[:, None])[0])
