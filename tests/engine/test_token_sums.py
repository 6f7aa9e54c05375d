import numpy as np
import pytest

from rnnviz.engine import token_sums
from rnnviz.engine.token_sums import TokenSums


def sums(V, tokens, rows, capacity):
    made = TokenSums(V, capacity, rows.shape[1], rows.dtype)
    out = np.full((V, rows.shape[1]), 7.0)
    for _ in range(2):  # nothing of a window is left in the next
        made.sort(tokens[::-1].copy())
        made.add_up(rows, out)
        made.sort(tokens)
        made.add_up(rows, out)
    return out


@pytest.mark.parametrize("one_hot", [True, False])
@pytest.mark.parametrize("at_once", [1, 12, 30, 1 << 17])  # numbers: pieces of 1, 4, 10 rows, and all
@pytest.mark.parametrize(("n", "capacity"), [(1, 1), (7, 40), (40, 40)])
def test_each_token_gets_the_sum_of_its_rows_and_others_nothing(one_hot, at_once, n, capacity, monkeypatch):
    monkeypatch.setattr(token_sums, "ONE_HOT_NUMBERS", 1 << 20 if one_hot else 0)
    monkeypatch.setattr(token_sums, "SORTED_NUMBERS", at_once)
    rng = np.random.default_rng(n)
    tokens, rows = rng.integers(0, 9, n) % 6, rng.normal(size=(n, 3))
    expected = np.zeros((9, 3))
    np.add.at(expected, tokens, rows)
    np.testing.assert_allclose(sums(9, tokens, rows, capacity), expected, rtol=1e-12, atol=1e-15)
