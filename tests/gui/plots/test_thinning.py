import numpy as np
import pytest

from rnnviz.gui.views.plots.thinning import MOST_BLOCKS, ThinnedSeries


@pytest.mark.parametrize("piece", [1, 7, 1000, 50_000])
def test_blocks_hold_what_the_series_holds(piece):
    rng = np.random.default_rng(1)
    n = 5_003 if piece == 1 else 50_003
    x, y = np.arange(1.0, n + 1), rng.normal(size=n)
    thinned = ThinnedSeries()
    for end in [*range(piece, n, piece), n]:
        thinned.take(x[:end], y[:end])
    assert thinned.seen == n and len(thinned) <= MOST_BLOCKS
    assert thinned.bounds() == (y.min(), y.max())
    edges = np.arange(0, n, thinned.block)
    np.testing.assert_array_equal(thinned.x(), x[edges])
    low, high = thinned.envelope()[1].reshape(-1, 2).T
    np.testing.assert_array_equal(low, np.minimum.reduceat(y, edges))
    np.testing.assert_array_equal(high, np.maximum.reduceat(y, edges))


def test_a_short_series_is_shown_as_it_is():
    thinned = ThinnedSeries()
    thinned.take(np.arange(5), np.array([3.0, 1, np.nan, 1, 5]))
    x, y = thinned.envelope()
    assert x.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(y, [3, 1, np.nan, 1, 5])


def test_smoothing_keeps_a_straight_line():
    thinned = ThinnedSeries()
    thinned.take(np.arange(400.0), np.arange(400.0) * 2)
    x, y = thinned.smoothed(share=0.1)
    np.testing.assert_allclose(y, 2 * x)


def test_unknown_values_are_left_out():
    thinned = ThinnedSeries()
    y = np.ones(4000)
    y[1000:2000] = np.nan
    y[3] = np.inf
    thinned.take(np.arange(4000), y)
    assert thinned.bounds() == (1, 1)
    _, smooth = thinned.smoothed()
    assert np.isnan(smooth).any() and np.nanmax(smooth) == 1


def test_a_shorter_series_is_another_one():
    thinned = ThinnedSeries()
    thinned.take(np.arange(100), np.full(100, 9.0))
    thinned.take(np.arange(10), np.full(10, 1.0))
    assert thinned.seen == 10 and thinned.bounds() == (1, 1)


def test_of_a_million_updates_only_the_new_ones_are_looked_at_and_few_are_drawn():
    x, y = np.arange(1_000_100.0), np.random.default_rng(1).normal(size=1_000_100)
    thinned, looked_at = ThinnedSeries(), []
    thinned.take(x[:1_000_000], y[:1_000_000])

    class Watched(np.ndarray):
        def __getitem__(self, key):
            looked_at.append(key)
            return super().__getitem__(key)

    for end in range(1_000_001, 1_000_101):
        assert thinned.take(x[:end].view(Watched), y[:end].view(Watched)) == 1
        assert len(thinned.smoothed()[0]) <= MOST_BLOCKS and len(thinned.envelope()[0]) <= 2 * MOST_BLOCKS
    assert len(looked_at) == 200 and min(key.start for key in looked_at) >= 1_000_000 - thinned.block
